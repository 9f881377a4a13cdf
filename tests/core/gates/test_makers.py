"""zeros, arange, randn and their relatives: constants that flow nowhere back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcalc.errors import GradcalcError
from gradcalc.gates.makers import MAKERS


def make(name: str, *args: Any, seed: int = 0, **params: Any) -> Any:
    """Call a maker with a fresh generator."""
    return MAKERS[name].make(np.random.default_rng(seed), *args, **params)


def refused(name: str, *args: Any, **params: Any) -> GradcalcError:
    """The error that a maker answers with."""
    with pytest.raises(GradcalcError) as caught:
        make(name, *args, **params)
    return caught.value


SHAPED = ["zeros", "ones", "rand", "randn"]


@pytest.mark.parametrize("name", SHAPED)
@pytest.mark.parametrize(
    ("args", "want"),
    [
        ((3.0,), (3,)),
        ((3.0, 4.0), (3, 4)),
        (((3.0, 4.0),), (3, 4)),
        ((np.array([3.0, 4.0]),), (3, 4)),
        (([2, 1, 3],), (2, 1, 3)),
        (((),), ()),
        ((0.0, 4.0), (0, 4)),
    ],
)
def test_shapes_are_written_in_many_ways(name: str, args: tuple[Any, ...], want: tuple[int, ...]) -> None:
    """zeros(3, 4), zeros((3, 4)) and zeros([3, 4]) are the same; a scalar is np.float64."""
    made = make(name, *args)
    assert np.shape(made) == want
    assert made.dtype == np.float64
    assert isinstance(made, np.float64 if want == () else np.ndarray)


def test_filled_arrays() -> None:
    """Zeros, ones, and any other value."""
    assert make("zeros", 2).tolist() == [0.0, 0.0]
    assert make("ones", shape=(1, 2)).tolist() == [[1.0, 1.0]]
    assert make("full", (2.0, 2.0), 7.0).tolist() == [[7.0, 7.0], [7.0, 7.0]]
    assert make("full", 2.0, fill_value=7.0).tolist() == [7.0, 7.0]
    assert make("full", (2, 2), np.array([1.0, 2.0])).tolist() == [[1.0, 2.0], [1.0, 2.0]]
    assert make("full", (), 7.0) == 7.0
    x = np.array([[5.0, 6.0]])
    assert make("zeros_like", x).tolist() == [[0.0, 0.0]]
    assert make("ones_like", x).tolist() == [[1.0, 1.0]]
    assert make("full_like", x, 3.0).tolist() == [[3.0, 3.0]]
    assert isinstance(make("zeros_like", np.float64(3.0)), np.float64)
    assert make("zeros", 2, dtype="float32").dtype == np.float64


@pytest.mark.parametrize(
    ("args", "params"), [((3.0,), {}), ((2.0, 4.0), {}), ((3, 4), {"k": 1.0}), ((3,), {"k": -1})]
)
def test_eye_and_tri(args: tuple[Any, ...], params: dict[str, Any]) -> None:
    """As numpy's."""
    sizes: tuple[int, ...] = tuple(int(a) for a in args)
    k = int(params.get("k", 0))
    np.testing.assert_array_equal(make("eye", *args, **params), np.eye(sizes[0], sizes[-1], k=k))
    np.testing.assert_array_equal(make("tri", *args, **params), np.tri(sizes[0], sizes[-1], k=k))


def test_one_hot() -> None:
    """A row for each label, as many columns as classes (or as the largest label needs)."""
    assert make("one_hot", np.array([2.0, 0.0])).tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    assert make("one_hot", np.array([1.0]), 2.0).tolist() == [[0.0, 1.0]]
    assert make("one_hot", 1.0, num_classes=3.0).tolist() == [0.0, 1.0, 0.0]
    assert make("one_hot", (1.0, 0.0), -1.0).tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert make("one_hot", np.zeros((2, 2)), 3.0).shape == (2, 2, 3)
    assert make("one_hot", np.zeros(0), 3.0).shape == (0, 3)


@pytest.mark.parametrize(
    "args",
    [(5.0,), (2.0, 5.0), (5.0, 2.0), (0.0, 1.0, 0.3), (5.0, 0.0, -2.0), (0.0, 5.0, -1.0), (-1.0,), (2.5,)],
)
def test_arange(args: tuple[float, ...]) -> None:
    """As numpy's; a range that runs the wrong way is empty."""
    np.testing.assert_array_equal(make("arange", *args), np.arange(*args))


@pytest.mark.parametrize(
    ("args", "params"),
    [
        ((0.0, 1.0), {}),
        ((0.0, 1.0, 5.0), {}),
        ((3.0, 1.0, 1.0), {}),
        ((0, 1, 0), {}),
        ((0.0, 1.0, 4.0), {"endpoint": False}),
    ],
)
def test_linspace_and_logspace(args: tuple[Any, ...], params: dict[str, Any]) -> None:
    """As numpy's, with 50 points unless told."""
    whole = (*args[:2], *(int(n) for n in args[2:]))
    np.testing.assert_array_equal(make("linspace", *args, **params), np.linspace(*whole, **params))
    np.testing.assert_allclose(make("logspace", *args, **params), np.logspace(*whole, **params), rtol=1e-15)
    assert make("logspace", 0.0, 3.0, 4.0, base=2.0).tolist() == [1.0, 2.0, 4.0, 8.0]


def test_random_makers_draw_from_the_given_generator() -> None:
    """The same seed gives the same values, another seed others, and their distribution is the named one."""
    for name, args in (("rand", (1000.0,)), ("randn", (1000.0,)), ("uniform", (2.0, 5.0, 1000.0)),
                       ("normal", (3.0, 0.5, 1000.0)), ("randint", (0.0, 10.0, 1000.0)),
                       ("rand_like", (np.zeros(1000),)), ("randn_like", (np.zeros(1000),))):  # fmt: skip
        made = make(name, *args)
        assert MAKERS[name].random
        assert made.shape == (1000,)
        assert made.dtype == np.float64
        np.testing.assert_array_equal(made, make(name, *args))
        assert (made != make(name, *args, seed=1)).any()
    assert not any(m.random for m in MAKERS.values() if m.name.split("_")[0] in ("zeros", "ones", "arange"))
    rng = np.random.default_rng(0)
    assert make("randn", 3.0).tolist() == rng.standard_normal(3).tolist()
    even = make("uniform", 2.0, 5.0, 1000.0)
    assert (even.min() >= 2.0, even.max() < 5.0, abs(even.mean() - 3.5) < 0.1) == (True, True, True)
    bell = make("normal", 3.0, 0.5, 1000.0)
    assert abs(bell.mean() - 3.0) < 0.1
    assert abs(bell.std() - 0.5) < 0.05
    assert sorted(set(make("randint", 3.0, size=1000.0).tolist())) == [0.0, 1.0, 2.0]
    assert sorted(set(make("randint", -1.0, 1.0, 1000.0).tolist())) == [-1.0, 0.0]


def test_random_numbers_and_shapes() -> None:
    """Without a size one number; with size= or a tuple an array; torch's randint(10, (2, 3)) too."""
    for name in ("rand", "randn", "uniform", "normal"):
        assert isinstance(make(name), np.float64)
        assert make(name, size=(2.0, 3.0)).shape == (2, 3)
    assert isinstance(make("randint", 10.0), np.float64)
    assert make("randint", 10.0, (2.0, 3.0)).shape == (2, 3)
    assert make("randint", 2.0, 10.0, (2.0, 3.0)).shape == (2, 3)


@pytest.mark.parametrize(
    ("name", "args", "said", "number"),
    [
        ("zeros", (100000.0, 100000.0), "zeros(100000,100000)", "10,000,000,000"),
        ("ones", ((1e5, 1e5),), "ones(100000,100000)", "10,000,000,000"),
        ("full", ((1e5, 1e5), 2.5), "full((100000,100000),2.5)", "10,000,000,000"),
        ("eye", (1e5,), "eye(100000)", "10,000,000,000"),
        ("tri", (1e5, 1e6), "tri(100000,1000000)", "100,000,000,000"),
        ("rand", (1e9,), "rand(1000000000)", "1,000,000,000"),
        ("randn", (1e9,), "randn(1000000000)", "1,000,000,000"),
        ("uniform", (0.0, 1.0, 1e9), "uniform(0,1,(1000000000,))", "1,000,000,000"),
        ("normal", (0.0, 1.0, 1e9), "normal(0,1,(1000000000,))", "1,000,000,000"),
        ("randint", (0.0, 9.0, 1e9), "randint(0,9,(1000000000,))", "1,000,000,000"),
        ("arange", (1e9,), "arange(1000000000)", "1,000,000,000"),
        ("arange", (0.0, 1.0, 1e-9), "arange(0,1,1e-09)", "1,000,000,000"),
        ("arange", (-1e308, 1e308, 1e-300), "arange(-1e+308,1e+308,1e-300)", "about 1e300"),
        ("linspace", (0.0, 1.0, 1e9), "linspace(0,1,1000000000)", "1,000,000,000"),
        ("logspace", (0.0, 1.0, 1e9), "logspace(0,1,1000000000)", "1,000,000,000"),
        ("one_hot", (np.array([3e9]),), "one_hot(labels,3000000001)", "3,000,000,001"),
        ("zeros", (1e300, 1e300), "zeros(1e+300,1e+300)", "about 1e600"),
    ],
)
def test_too_large_is_refused_before_it_is_allocated(
    name: str, args: tuple[Any, ...], said: str, number: str
) -> None:
    """The error names the call, its size, the limit and the option."""
    error = refused(name, *args)
    assert error.message == f"{said} has {number} entries, more than the limit of 200,000,000"
    assert (error.kind, error.hint) == ("limit", "--max-elements raises the limit")


@pytest.mark.parametrize("name", ["zeros_like", "ones_like", "rand_like", "randn_like"])
def test_the_limit_is_the_callers(name: str) -> None:
    """Exactly the limit is allowed, one more is not."""
    assert make(name, np.zeros(6), max_elements=6).shape == (6,)
    assert refused(name, np.zeros(7), max_elements=6).message == (
        f"{name}(7) has 7 entries, more than the limit of 6")  # fmt: skip
    assert make("zeros", 2, 3, max_elements=6).shape == (2, 3)


@pytest.mark.parametrize(
    ("name", "args", "params", "message"),
    [
        ("zeros", (), {}, "zeros: the shape is missing, as in zeros(2,3)"),
        ("zeros", (1.5,), {}, "zeros: a size must be a whole number, not 1.5"),
        ("zeros", (np.nan,), {}, "zeros: a size must be a whole number, not nan"),
        ("zeros", (np.inf,), {}, "zeros: a size must be a whole number, not inf"),
        ("zeros", ("a",), {}, "zeros: a size must be a whole number, not 'a'"),
        ("zeros", (-1.0,), {}, "zeros: a size cannot be negative: -1"),
        ("zeros", (np.zeros((2, 2)),), {}, "zeros: a shape is a row of sizes, not an array of shape (2,2)"),
        ("zeros", (((1, 2), (3,)),), {}, "zeros: a shape is a row of sizes, not rows of different lengths"),
        ("zeros", (2,), {"shape": 3}, "zeros: the shape is given twice"),
        ("zeros", (1,) * 33, {}, "zeros: an array has at most 32 axes, not 33"),
        ("zeros", (2,), {"order": "C"}, "zeros is called as zeros(2, 3) or zeros((2, 3))"),
        ("full", (2,), {}, "full is called as full((2, 3), value)"),
        ("full", ((2, 3), np.array([1.0, 2.0])), {},
         "full: an array of shape (2,) does not fill shape (2,3)"),
        ("full", (2, "a"), {}, "full: 'a' does not fill shape (2,)"),
        ("eye", (2, 2), {"k": 0.5}, "eye: k must be a whole number, not 0.5"),
        ("arange", (np.nan,), {}, "arange: the stop must be finite, not nan"),
        ("arange", (0.0, np.inf), {}, "arange: the stop must be finite, not inf"),
        ("arange", (0.0, 1.0, 0.0), {}, "arange: the step cannot be 0"),
        ("arange", (np.array([1.0, 2.0]),), {},
         "arange: the stop must be a number, not an array of shape (2,)"),
        ("arange", (0.0, 1.0, "a"), {}, "arange: the step must be a number, not 'a'"),
        ("arange", (), {},
         "arange is called as arange(stop), arange(start, stop) or arange(start, stop, step)"),
        ("linspace", (0.0, 1.0, 2.5), {}, "linspace: the number of points must be a whole number, not 2.5"),
        ("linspace", (0.0, 1.0, -2.0), {}, "linspace: the number of points cannot be negative: -2"),
        ("linspace", (0.0, np.nan), {}, "linspace: the stop must be finite, not nan"),
        ("logspace", (0.0, 1.0), {"base": None}, "logspace: the base must be a number, not None"),
        ("normal", (0.0, -1.0), {}, "normal: the standard deviation cannot be negative: -1"),
        ("uniform", (0.0, np.inf), {}, "uniform: high must be finite, not inf"),
        ("randint", (5.0, 3.0), {}, "randint: low must be below high, not 5 and 3"),
        ("randint", (0.0,), {}, "randint: low must be below high, not 0 and 0"),
        ("randint", (0.5, 3.0), {}, "randint: low must be a whole number, not 0.5"),
        ("randint", (1e17,), {}, "randint: whole numbers are exact up to 2^53 only"),
        ("one_hot", (np.array([0.0, 5.0]), 3.0), {}, "one_hot: label 5 is not one of 0 to 2"),
        ("one_hot", (np.array([-1.0]), 3.0), {}, "one_hot: label -1 is not one of 0 to 2"),
        ("one_hot", (np.array([0.5]), 3.0), {}, "an index must be a whole number, not 0.5"),
        ("one_hot", (np.array([0.0]), "a"), {},
         "one_hot: the number of classes must be a whole number, not 'a'"),
    ],
)  # fmt: skip
def test_refusals(name: str, args: tuple[Any, ...], params: dict[str, Any], message: str) -> None:
    """What makes no array is refused in words."""
    assert refused(name, *args, **params).message == message


def test_the_records() -> None:
    """Every maker says how it is called and what it makes; no spelling is taken twice."""
    spellings = [s for m in MAKERS.values() for s in (m.name, *m.names)]
    assert len(set(spellings)) == len(spellings)
    for name, record in MAKERS.items():
        assert record.name == name
        assert record.signature.startswith(f"{name}(")
        assert record.doc.endswith(".")
    assert {"range", "identity", "random", "standard_normal"} <= set(spellings)


def test_makers_that_draw_nothing_need_no_generator() -> None:
    """rng may be None for them."""
    assert MAKERS["zeros"].make(None, 2).tolist() == [0.0, 0.0]
    assert MAKERS["arange"].make(None, 2).tolist() == [0.0, 1.0]
