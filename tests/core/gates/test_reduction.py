"""The gates that make few numbers of many: values, gradients, ties, extreme sizes, empty arrays, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from elementwise import f
from gradcalc.errors import GradcalcError
from gradcalc.gate import Gate
from gradcalc.gates.reduction import (
    argmax,
    argmin,
    cumprod,
    cumsum,
    logsumexp,
    max_,
    mean,
    median,
    min_,
    norm,
    prod,
    ptp,
    std,
    sum_,
    var,
)

inf, nan = np.inf, np.nan
H = 1e-100
REDUCTIONS = [sum_, mean, prod, max_, min_, ptp, median, norm, var, std, logsumexp, argmax, argmin]
RUNNING = [cumsum, cumprod]


def gradient(gate: Gate, x: object, dz: object = None, **params: object) -> Any:
    """What goes down to x, with an upstream gradient of ones unless given."""
    z = gate.forward(f(x), **params)
    dz = np.ones(np.shape(z)) if dz is None else f(dz)
    return gate.backward(dz, z, f(x), **params)["x"]


def moved(gate: Gate, x: object, v: object, h: float = H, **params: Any) -> Any:
    """The slope of the output along v, by a complex step far below the smallest entry."""
    size = np.abs(f(x))
    h *= np.min(size, where=size > 0, initial=1.0)
    function: Any = gate.forward if gate.complex is True else gate.complex
    return np.imag(function(f(x) + 1j * (h * f(v)), **params)) / h


def margin(gate: Gate, x: object, **params: object) -> Any:
    """The distance to the kink."""
    assert gate.kink is not None
    return gate.kink.margin(gate.forward(f(x), **params), f(x), **params)


def agree(gate: Gate, x: Any, **params: Any) -> None:
    """Upstream times slope along v is the same by the gradient and by the complex step."""
    rng = np.random.default_rng(0)
    z = gate.forward(f(x), **params)
    for _ in range(3):
        dz, v = rng.normal(size=np.shape(z)), rng.normal(size=np.shape(x))
        terms = gradient(gate, x, dz, **params) * v
        expected = np.sum(dz * moved(gate, x, v, **params))
        assert abs(np.sum(terms) - expected) <= 1e-13 * np.sum(np.abs(terms)), gate.name


X = np.array([[1.5, -2.0, 0.25, 3.0], [-0.75, 4.0, 2.0, -1.25], [2.5, 0.5, -3.0, 1.0]])
CUBE = np.sin(np.arange(24.0)).reshape(2, 3, 4)


# --- values and gradients against each other, and against numpy ---


@pytest.mark.parametrize("keepdims", [False, True, 1.0])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, 1.0, (0, 1), (-1, 0), (1.0,), ()], ids=str)
@pytest.mark.parametrize("gate", [g for g in REDUCTIONS if g not in (argmax, argmin)], ids=str)
def test_reductions_as_numpy_has_them(gate: Gate, axis: Any, keepdims: Any) -> None:
    """Value and shape are numpy's for every axis, the gradient has x's shape and agrees with the step."""
    whole = tuple(int(a) for a in axis) if isinstance(axis, tuple) else axis if axis is None else int(axis)
    z = gate.forward(X, axis=axis, keepdims=keepdims)
    flat = {
        "norm": lambda x, **how: np.sqrt((x * x).sum(**how)),
        "logsumexp": lambda x, **how: np.log(np.exp(x).sum(**how)),
    }
    expected = flat.get(gate.name) or getattr(np, gate.name)
    if not (whole == () and gate.name in ("ptp", "median")):  # numpy has no such thing
        z_numpy = expected(X, axis=whole, keepdims=bool(keepdims))
        np.testing.assert_allclose(z, z_numpy, rtol=1e-15, atol=1e-15)
    assert np.shape(gradient(gate, X, axis=axis, keepdims=keepdims)) == X.shape
    agree(gate, X, axis=axis, keepdims=keepdims)


@pytest.mark.parametrize("axis", [0, 1, 2, -3, (0, 2), (2, 0), (1, 2), None], ids=str)
@pytest.mark.parametrize("gate", REDUCTIONS, ids=str)
def test_three_axes(gate: Gate, axis: Any) -> None:
    """Axes come back to their own places."""
    if gate in (argmax, argmin) and isinstance(axis, tuple):
        return
    agree(gate, CUBE, axis=axis)
    agree(gate, np.moveaxis(CUBE, 0, 2), axis=axis)


@pytest.mark.parametrize("gate", REDUCTIONS, ids=str)
def test_scalars_and_single_entries(gate: Gate) -> None:
    """A scalar is reduced to a scalar; one entry to itself (or its size, or a spread of 0)."""
    flat = gate in (ptp, var, std, argmax, argmin)
    expected, slope = (0.0, 0.0) if flat else (2.5, -1.0) if gate is norm else (-2.5, 1.0)
    for x in (f(-2.5), f([-2.5]), f([[-2.5]])):
        z, g = gate.forward(x), gradient(gate, x, 3.0)
        assert type(z) is np.float64
        assert z == expected
        assert type(g) is type(x)
        assert np.shape(g) == np.shape(x)
        assert np.sum(g) == 3.0 * slope
    kept = gate.forward(f([-2.5]), keepdims=True)
    assert kept.shape == (1,)
    assert type(gate.forward(f(-2.5), keepdims=True)) is np.float64


@pytest.mark.parametrize("gate", [*REDUCTIONS, *RUNNING], ids=str)
def test_the_complex_version_has_the_same_value(gate: Gate) -> None:
    """Its real part is the value, for what comes after it."""
    function: Any = gate.forward if gate.complex is True else gate.complex
    np.testing.assert_allclose(np.real(function(X + 1j * H, axis=1)), gate.forward(X, axis=1), rtol=2e-15)
    np.testing.assert_allclose(np.real(function(f([0, -40]) + 0j)), gate.forward(f([0, -40])), rtol=2e-15)


@pytest.mark.parametrize("gate", RUNNING, ids=str)
def test_running_totals_as_numpy_has_them(gate: Gate) -> None:
    """Along an axis, or over all entries in one line."""
    for x in (X, CUBE, f([2.0]), f(3.0)):
        for axis in [None, *range(-np.ndim(x), np.ndim(x))]:
            np.testing.assert_array_equal(gate.forward(x, axis=axis), getattr(np, gate.name)(x, axis=axis))
            agree(gate, x, axis=axis)
            assert np.shape(gradient(gate, x, axis=axis)) == np.shape(x)
    assert type(gradient(gate, f(3.0))) is np.float64
    assert gate.forward(np.zeros(0)).shape == gradient(gate, np.zeros(0)).shape == (0,)
    assert gradient(gate, np.zeros((0, 3)), axis=1).shape == (0, 3)


# --- totals ---


def test_sum_and_mean_by_hand() -> None:
    """Every entry gets the upstream gradient of its own total, or its share of it."""
    np.testing.assert_array_equal(gradient(sum_, [[1, 2], [3, 4]], [10, 20], axis=0), [[10, 20], [10, 20]])
    np.testing.assert_array_equal(gradient(sum_, [[1, 2], [3, 4]], [10, 20], axis=1), [[10, 10], [20, 20]])
    np.testing.assert_array_equal(gradient(mean, [1, 2, 3, 6], 8.0), [2, 2, 2, 2])
    np.testing.assert_array_equal(gradient(mean, [[1, 2], [3, 4]], [10, 20], axis=-1), [[5, 5], [10, 10]])


PRODUCTS = [
    ([2, 3, 4], [12, 8, 6]),
    ([2, 0, 4], [0, 8, 0]),
    ([0, 0, 4], [0, 0, 0]),
    ([0, 3], [3, 0]),
    ([0], [1]),
    ([1e80, 1e-80, 5], [5e-80, 5e80, 1]),
]


@pytest.mark.parametrize(("x", "dx"), PRODUCTS)
def test_prod_with_zeros(x: list[float], dx: list[float]) -> None:
    """The product of the others, without dividing, and the complex step sees the same."""
    np.testing.assert_allclose(gradient(prod, x), dx, rtol=1e-15, atol=0)
    steps = [moved(prod, x, v) for v in np.eye(len(x))]
    np.testing.assert_allclose(steps, dx, rtol=1e-15, atol=0)


def test_prod_with_zeros_along_an_axis() -> None:
    """Rows without, with one and with two zeros side by side; columns likewise."""
    x = f([[2, 3, 4], [2, 0, 4], [0, 5, 0]])
    expected = f([[12, 8, 6], [0, 8, 0], [0, 0, 0]])
    np.testing.assert_array_equal(gradient(prod, x, axis=1), expected)
    np.testing.assert_array_equal(gradient(prod, x.T, axis=0, keepdims=True), expected.T)
    agree(prod, x, axis=1)


# --- extremes ---


@pytest.mark.parametrize(
    ("gate", "x", "z", "dx", "gap"),
    [
        (max_, [3, -1, 2], 3, [1, 0, 0], 1),
        (max_, [3, 3, 2], 3, [0.5, 0.5, 0], 0),
        (max_, [1, 1, 1, 1], 1, [0.25] * 4, 0),
        (min_, [3, -1, 2], -1, [0, 1, 0], 3),
        (min_, [-1, -1, 2], -1, [0.5, 0.5, 0], 0),
        (ptp, [3, -1, 2], 4, [1, -1, 0], 1),
        (ptp, [3, 3, 0], 3, [0.5, 0.5, -1], 0),
        (ptp, [1, 1], 0, [0, 0], 0),
        (median, [3, -1, 2], 2, [0, 0, 1], 1),
        (median, [3, -1, 2, 7], 2.5, [0.5, 0, 0.5, 0], 3),
        (median, [5, 5], 5, [0.5, 0.5], inf),
        (median, [2, 2, 9], 2, [0.5, 0.5, 0], 0),
        (median, [1, 2, 2, 4], 2, [0, 0.5, 0.5, 0], 1),
        (argmax, [3, -1, 7], 2, [0, 0, 0], 4),
        (argmax, [3, 7, 7], 1, [0, 0, 0], 0),
        (argmin, [3, -1, 7], 1, [0, 0, 0], 4),
        (argmin, [-1, -1, 7], 0, [0, 0, 0], 0),
    ],
    ids=str,
)
def test_extremes(gate: Gate, x: list[float], z: float, dx: list[float], gap: float) -> None:
    """The winner takes all, k tied entries a k-th each; the margin is the lead over the runner-up."""
    assert gate.forward(f(x)) == z
    np.testing.assert_array_equal(gradient(gate, x, 2.0), 2 * f(dx))
    assert margin(gate, x) == gap


@pytest.mark.parametrize("gate", [max_, min_, ptp, median, argmax, argmin], ids=str)
def test_margins_have_the_shape_of_the_output(gate: Gate) -> None:
    """Also with kept axes, so that they line up entry by entry."""
    x = f([[1, 1, 5, 5], [1, 2, 4, 8]])
    for keepdims in (False, True):
        z = gate.forward(x, axis=1, keepdims=keepdims)
        assert margin(gate, x, axis=1, keepdims=keepdims).shape == z.shape
    tied = 0 if gate is not median else 4
    assert margin(gate, x if gate is not median else f([[1, 5, 5, 9]]), axis=1)[0] == tied


@pytest.mark.parametrize(
    ("gate", "v", "slope"),
    [
        (max_, [1, 2, -3], 2),
        (max_, [-1, -2, -3], -1),
        (min_, [1, 2, -3], -3),
        (min_, [1, 2, 3], 1),
        (ptp, [1, 2, -3], 5),
        (median, [1, 2, -3], 1),
    ],
    ids=str,
)
def test_ties_follow_the_side_moved_to(gate: Gate, v: list[float], slope: float) -> None:
    """The one-sided slope along v where all three entries are equal."""
    assert moved(gate, [4, 4, 4], v) == slope


def test_argmax_beside_a_tie() -> None:
    """The entry that gets ahead is the answer; without a move the first is."""
    assert argmax.forward(f([4, 4]) + 1j * H * f([0, 1])) == 1
    assert argmax.forward(f([4, 4]) - 1j * H * f([0, 1])) == 0
    assert argmin.forward(f([4, 4]) - 1j * H * f([0, 1])) == 1
    assert argmin.forward(f([4, 4])) == 0
    np.testing.assert_array_equal(argmax.forward(X, axis=0, keepdims=True), [[2, 1, 1, 0]])


def test_extremes_with_infinite_and_missing_numbers() -> None:
    """An infinite upstream gradient stays with the winner; nan wins as numpy has it."""
    np.testing.assert_array_equal(gradient(max_, [1, 2], inf), [0, inf])
    np.testing.assert_array_equal(gradient(max_, [-inf, 2]), [0, 1])
    np.testing.assert_array_equal(gradient(max_, [inf, inf]), [0.5, 0.5])
    assert margin(max_, [inf, inf]) == 0
    assert np.isnan(max_.forward(f([1, nan])))
    assert np.isnan(median.forward(f([1, 2, nan])))


# --- norms ---

NORMS = [
    ([3, 4], None, 5, [0.6, 0.8]),
    ([3, -4], 2, 5, [0.6, -0.8]),
    ([3, -4], 2.0, 5, [0.6, -0.8]),
    ([3, -4], "fro", 5, [0.6, -0.8]),
    ([3, -4, 0], 1, 7, [1, -1, 0]),
    ([3, -4], inf, 4, [0, -1]),
    ([3, -4], -inf, 3, [1, 0]),
    ([4, -4], inf, 4, [0.5, -0.5]),
    ([4, -9], 0.5, 25, [2.5, -5 / 3]),
    ([1, -2, 2], 3, 17 ** (1 / 3), [17 ** (-2 / 3), -4 * 17 ** (-2 / 3), 4 * 17 ** (-2 / 3)]),
    ([0, 0], None, 0, [0, 0]),
    ([0, 0], 1, 0, [0, 0]),
    ([0, 0], inf, 0, [0, 0]),
    ([0, 0], 3, 0, [0, 0]),
    ([0, 5], 3, 5, [0, 1]),
    ([0, 4], 0.5, 4, [0, 1]),
    ([3e200, 4e200], None, 5e200, [0.6, 0.8]),
    ([3e-200, 4e-200], None, 5e-200, [0.6, 0.8]),
    ([5e-324, 0], None, 5e-324, [1, 0]),
    ([1e308, 1e308], 3, 2 ** (1 / 3) * 1e308, [2 ** (-2 / 3)] * 2),
]


@pytest.mark.parametrize(("x", "p", "z", "dx"), NORMS, ids=str)
def test_norms(x: list[float], p: Any, z: float, dx: list[float]) -> None:
    """By hand: ties, zeros, and sizes whose squares overflow or vanish."""
    np.testing.assert_allclose(norm.forward(f(x), ord=p), z, rtol=1e-15)
    np.testing.assert_allclose(gradient(norm, x, ord=p), dx, rtol=1e-15)


def test_the_2_norm_is_exact_where_squares_are() -> None:
    """Scaling by a power of two rounds nothing: 5-12-13 and 8-15-17 come out exactly."""
    np.testing.assert_array_equal(norm.forward(f([[5, 12], [8, 15], [0, 0]]), axis=1), [13, 17, 0])


@pytest.mark.parametrize("p", [None, 1, 2, inf, -inf, 3, 0.5, 1.5, 7.3], ids=str)
@pytest.mark.parametrize("size", [1e-150, 1e-12, 1.0, 1e12, 1e200])
def test_norms_agree_with_the_complex_step(p: Any, size: float) -> None:
    """At every size, for a vector and along each axis of a matrix."""
    agree(norm, size * X[0], ord=p)
    for axis in (0, 1, -1):
        agree(norm, size * X, ord=p, axis=axis, keepdims=True)


@pytest.mark.parametrize(("p", "length"), [(None, 5.0), (1, 7.0), (inf, 4.0), (3, 91 ** (1 / 3))])
def test_a_zero_vector_lengthens_whichever_way_it_moves(p: Any, length: float) -> None:
    """The slope along v at 0 is |v|, also along -v; rows that are not 0 do not mind."""
    for sign in (1, -1):
        assert moved(norm, [0, 0], [3, -4], h=sign * H, ord=p) * sign == pytest.approx(length, rel=1e-15)
    both = moved(norm, [[0, 0], [3, 4]], [[3, 4], [5, 0]], axis=1, ord=p)
    assert both[0] == pytest.approx(length, rel=1e-15)
    assert both[1] == pytest.approx(gradient(norm, [3, 4], ord=p)[0] * 5, rel=1e-15)


def test_the_kinks_of_norms() -> None:
    """The zero vector; for ord 1 every zero entry; for inf a tie of sizes."""
    assert margin(norm, [3, 4]) == 5
    assert margin(norm, [0, 0]) == 0
    np.testing.assert_array_equal(margin(norm, [3, 0, -2], ord=1), [3, 0, 2])
    assert margin(norm, [3, 0, -2], ord=3) > 0
    assert margin(norm, [3, -3, 1], ord=inf) == 0
    assert margin(norm, [3, -2, 1], ord=inf) == 1
    assert margin(norm, [0], ord=inf) == 0
    assert margin(norm, [2], ord=inf) == 2
    assert margin(norm, [3, -1, 1], ord=-inf) == 0
    np.testing.assert_array_equal(margin(norm, [[0, 0], [3, 4]], axis=1, keepdims=True), [[0], [5]])


@pytest.mark.parametrize(
    ("x", "params", "message"),
    [
        ([1, 2], {"ord": 0}, "norm has no ord=0"),
        ([1, 2], {"ord": -1.0}, "norm has no ord=-1"),
        ([1, 2], {"ord": nan}, "norm has no ord=nan"),
        ([1, 2], {"ord": "nuc"}, "norm has no ord='nuc'"),
        (
            [[1, 2]],
            {"ord": 2},
            "ord=2 has two readings for shape (1,2): a matrix norm, or the norm of all entries",
        ),
    ],
    ids=str,
)
def test_norms_that_are_refused(x: list[float], params: dict[str, Any], message: str) -> None:
    """Orders that are no norms, and the matrix norms, which differ between libraries."""
    with pytest.raises(GradcalcError) as caught:
        norm.forward(f(x), **params)
    assert (caught.value.kind, caught.value.message) == ("value", message)
    assert caught.value.hint


# --- spread ---


def test_var_and_std_by_hand() -> None:
    """[1, 2, 6] has mean 3 and squared deviations 4, 1, 9."""
    np.testing.assert_allclose(var.forward(f([1, 2, 6])), 14 / 3)
    np.testing.assert_allclose(gradient(var, [1, 2, 6]), [-4 / 3, -2 / 3, 2])
    np.testing.assert_allclose(gradient(var, [1, 2, 6], ddof=1), [-2, -1, 3])
    expected = f([-1, -0.5, 1.5]) / np.sqrt(7)
    np.testing.assert_allclose(gradient(std, [1, 2, 6], ddof=1.0), expected, rtol=1e-15)
    agree(std, X, axis=1, ddof=1)
    agree(var, X, ddof=2.0, keepdims=True)


def test_std_of_equal_entries() -> None:
    """Exactly 0 with slope 0, a kink; any move spreads them. 0.1 three times has no rounded variance."""
    assert np.std([0.1, 0.1, 0.1]) > 0
    assert std.forward(f([0.1, 0.1, 0.1])) == var.forward(f([0.1, 0.1, 0.1])) == 0
    np.testing.assert_array_equal(gradient(std, [0.1, 0.1, 0.1]), [0, 0, 0])
    assert margin(std, [0.1, 0.1, 0.1]) == 0
    assert margin(std, [1, 3]) == 1
    np.testing.assert_array_equal(margin(std, [[2, 2], [1, 3]], axis=1), [0, 1])
    for h in (H, -H):
        assert moved(std, [0.1, 0.1], [1, -1], h=h) == pytest.approx(np.sign(h), rel=1e-15)
    assert moved(var, [0.1, 0.1], [1, -1]) == 0


@pytest.mark.parametrize("size", [1e-150, 1e-12, 1e12, 1e150])
def test_spread_at_every_size(size: float) -> None:
    """Scaled entries, and for std also where the squares overflow."""
    if size > 1e-100:  # else the tiny step itself vanishes in the squares
        agree(var, size * X, axis=1)
    agree(std, size * X, axis=1)
    np.testing.assert_allclose(std.forward(f([1e200, 3e200])), 1e200)


def test_spread_far_from_zero() -> None:
    """Deviations keep their digits beside a large mean."""
    assert var.forward(f([1e9, 1e9 + 1, 1e9 + 2])) == pytest.approx(2 / 3, rel=1e-15)
    agree(std, 1e9 + X)


# --- logsumexp ---


@pytest.mark.parametrize(
    ("x", "z", "dx"),
    [
        ([0, 0], np.log(2), [0.5, 0.5]),
        ([1000, 1000], 1000 + np.log(2), [0.5, 0.5]),
        ([-1000, -1000], -1000 + np.log(2), [0.5, 0.5]),
        ([1000, 0], 1000, [1, 0]),
        ([0, -40], np.exp(-40), [1, np.exp(-40)]),
        ([-1000, 1000, 960], 1000, [0, 1, np.exp(-40)]),
        ([5], 5, [1]),
        ([2, -inf], 2, [1, 0]),
    ],
    ids=str,
)
def test_logsumexp(x: list[float], z: float, dx: list[float]) -> None:
    """Nothing overflows, nothing small is lost beside 0, and the gradient is the softmax."""
    np.testing.assert_allclose(logsumexp.forward(f(x)), z, rtol=1e-15)
    np.testing.assert_allclose(gradient(logsumexp, x), dx, rtol=2e-15)
    steps = [moved(logsumexp, x, v) for v in np.eye(len(x))]
    np.testing.assert_allclose(steps, dx, rtol=2e-15, atol=1e-300)


def test_logsumexp_along_axes_and_at_infinity() -> None:
    """Rows of very different sizes at once; a row of -inf is -inf, one with +inf is +inf."""
    x = f([[1000, 999, 998], [-1000, -1001, 3], [0, 1, 2]])
    for axis in (0, 1, -1, None):
        agree(logsumexp, x, axis=axis)
    np.testing.assert_array_equal(logsumexp.forward(f([[-inf, -inf], [inf, 0]]), axis=1), [-inf, inf])


# --- running products ---


@pytest.mark.parametrize(
    ("x", "dz", "dx"),
    [
        ([2, 3, 4], [1, 1, 1], [16, 10, 6]),
        ([2, 0, 4], [1, 1, 1], [1, 10, 0]),
        ([0, 0, 4], [1, 10, 100], [1, 0, 0]),
        ([0, 3, 4], [1, 10, 100], [1231, 0, 0]),
        ([5], [7], [7]),
    ],
)
def test_cumprod_with_zeros(x: list[float], dz: list[float], dx: list[float]) -> None:
    """By hand: the sum over all products that an entry is in, of the product without it."""
    np.testing.assert_array_equal(gradient(cumprod, x, dz), dx)
    steps = [np.sum(f(dz) * moved(cumprod, x, v)) for v in np.eye(len(x))]
    np.testing.assert_allclose(steps, dx, rtol=1e-15, atol=0)


def test_cumsum_by_hand() -> None:
    """The first entry is in every total, the last in one."""
    np.testing.assert_array_equal(gradient(cumsum, [1, 2, 3], [1, 10, 100]), [111, 110, 100])
    columns = gradient(cumsum, [[1, 2], [3, 4]], [[1, 2], [3, 4]], axis=0)
    np.testing.assert_array_equal(columns, [[4, 6], [3, 4]])
    rows = gradient(cumsum, [[1, 2], [3, 4]], [1, 10, 100, 1000])
    np.testing.assert_array_equal(rows, [[1111, 1110], [1100, 1000]])


# --- nothing, and errors ---


def test_empty_totals() -> None:
    """The sum, the norm and the product of nothing are 0, 0 and 1, with an empty gradient."""
    for gate, z in ((sum_, 0), (norm, 0), (prod, 1)):
        assert gate.forward(np.zeros(0)) == z
        assert gradient(gate, np.zeros(0)).shape == (0,)
        np.testing.assert_array_equal(gate.forward(np.zeros((0, 3)), axis=0), [z, z, z])
        assert gradient(gate, np.zeros((0, 3)), axis=0).shape == (0, 3)


@pytest.mark.parametrize("gate", REDUCTIONS, ids=str)
def test_no_results_are_no_trouble(gate: Gate) -> None:
    """Reducing the axis of size 3 of a (0,3) array gives no values at all, which is fine."""
    x = np.zeros((0, 3))
    assert gate.forward(x, axis=1).shape == (0,)
    assert gradient(gate, x, axis=1).shape == (0, 3)
    if gate.kink is not None:
        assert np.size(margin(gate, x, axis=1)) == 0


@pytest.mark.parametrize("gate", [g for g in REDUCTIONS if g not in (sum_, prod, norm)], ids=str)
@pytest.mark.parametrize(("shape", "axis"), [((0,), None), ((0, 3), 0), ((2, 0), -1)])
def test_nothing_has_no_extreme(gate: Gate, shape: tuple[int, ...], axis: Any) -> None:
    """Said in words."""
    with pytest.raises(GradcalcError) as caught:
        gate.forward(np.zeros(shape), axis=axis)
    assert caught.value.kind == "shape"
    assert caught.value.message == f"{gate.name} of an empty array has no value"


def test_the_infinite_norm_of_nothing() -> None:
    """It is a maximum too."""
    with pytest.raises(GradcalcError, match=r"^norm with ord=inf of an empty array has no value\n"):
        norm.forward(np.zeros(0), ord=inf)


@pytest.mark.parametrize("gate", [*REDUCTIONS, *RUNNING], ids=str)
@pytest.mark.parametrize(
    ("shape", "axis", "message"),
    [
        ((2, 3), 2, "axis 2 is out of range: shape (2,3) has 2 axes"),
        ((2, 3), -3.0, "axis -3 is out of range: shape (2,3) has 2 axes"),
        ((3,), 1, "axis 1 is out of range: shape (3,) has 1 axis"),
        ((), 0, "axis 0 is out of range: shape () has no axes"),
        ((2, 3), 1.5, "axis must be a whole number, not 1.5"),
        ((2, 3), "rows", "axis must be a whole number, not 'rows'"),
    ],
)
def test_bad_axes(gate: Gate, shape: tuple[int, ...], axis: Any, message: str) -> None:
    """Refused with the shape that they do not fit."""
    with pytest.raises(GradcalcError) as caught:
        gate.forward(f(np.ones(shape)), axis=axis)
    assert (caught.value.kind, caught.value.message) == ("value", message)


def test_an_axis_twice_and_too_many_axes() -> None:
    """The same axis counted from both ends is one axis; argmax takes one only."""
    with pytest.raises(GradcalcError, match=r"^axis 1 is named twice$"):
        sum_.forward(X, axis=(1, -1))
    with pytest.raises(GradcalcError, match=r"^argmax takes one axis, not 2$"):
        argmax.forward(X, axis=(0, 1))


@pytest.mark.parametrize(
    ("gate", "n", "ddof", "message"),
    [
        (var, 1, 1, "var with ddof=1 needs more than 1 entry, not 1"),
        (std, 2, 2.0, "std with ddof=2 needs more than 2 entries, not 2"),
    ],
)
def test_too_few_entries_for_ddof(gate: Gate, n: int, ddof: float, message: str) -> None:
    """Nothing to divide by."""
    with pytest.raises(GradcalcError) as caught:
        gate.forward(np.ones(n), ddof=ddof)
    assert (caught.value.kind, caught.value.message) == ("shape", message)


def test_binding_parameters() -> None:
    """A gate with its parameters fixed answers as one that is told them each time, kink and mistakes too."""
    bound = std.bind(axis=1, ddof=1.0, keepdims=True)
    z = bound.forward(X)
    np.testing.assert_array_equal(z, std.forward(X, axis=1, ddof=1, keepdims=True))
    expected = gradient(std, X, z, axis=1, ddof=1, keepdims=True)
    np.testing.assert_array_equal(bound.vjp["x"].code(z, z, X), expected)
    assert bound.kink is not None
    np.testing.assert_array_equal(bound.kink.margin(z, X), z)


@pytest.mark.parametrize("gate", [*REDUCTIONS, *RUNNING], ids=str)
def test_mistakes_differ_from_the_truth(gate: Gate) -> None:
    """A planted mistake gives a gradient of the right shape and of another value."""
    params: dict[str, Any] = {"axis": 1} if gate in RUNNING else {"axis": 1, "keepdims": True}
    z = gate.forward(X, **params)
    dz = np.cos(np.arange(np.size(z))).reshape(np.shape(z))
    right = gradient(gate, X, dz, **params)
    for mistake in gate.mistakes:
        wrong = mistake.code(dz, z, X, **params)
        assert wrong.shape == X.shape
        assert np.abs(wrong - right).max() > 1e-3
