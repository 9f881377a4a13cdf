"""Picking entries, and reading whole numbers, axes and indices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcalc.errors import GradcalcError
from gradcalc.gates import indexing
from structural import assert_backward, refused, sample


@pytest.mark.parametrize(
    ("shape", "key"),
    [
        ((3,), (1,)),
        ((3,), (-1,)),
        ((3,), 2),
        ((2, 3), (1,)),
        ((2, 3), (1, 2)),
        ((2, 3), (slice(None), 1)),
        ((2, 3), (..., 0)),
        ((3,), (..., 0)),
        ((2, 3), (None, slice(None, None, -1), None, 1)),
        ((6,), (slice(1, None, 2),)),
        ((6,), (slice(4, 1),)),
        ((2, 3, 4), (1, ..., slice(1, 3))),
        ((3,), (np.array([0, 0, 2, -1]),)),
        ((3,), ([0, 0],)),
        ((3,), (np.array([], dtype=int),)),
        ((3, 4), (np.array([0, 1, 2]), np.array([3, 0, 3]))),
        ((3, 4), (np.array([[0], [2]]), np.array([1, 1]))),
        ((3, 4), (slice(None), np.array([1, 1, 0]))),
        ((2, 3, 4), (np.array([0, 0]), slice(None), np.array([1, 1]))),
        ((3,), (np.array([True, False, True]),)),
        ((2, 2), (np.array([[True, False], [True, True]]),)),
        ((2, 3), (slice(None), np.array([False, True, True]))),
        ((2, 3), (np.array([True, True]), np.array([2, 2]))),
        ((2,), (np.array([False, False]),)),
        ((), ()),
        ((), (...,)),
        ((), (None,)),
        ((), (np.True_,)),
        ((), (np.False_,)),
        ((0, 3), (slice(None), 1)),
    ],
)
def test_index(shape: tuple[int, ...], key: Any) -> None:
    """Whatever numpy takes as a key picks as in numpy, and the gradient goes back to where it was taken."""
    x = sample(shape)
    want = np.asarray(x)[key]
    z = indexing.index.forward(x, key=key)
    assert np.shape(z) == np.shape(want)
    np.testing.assert_array_equal(z, want)
    assert_backward(indexing.index, x, key=key)


def test_an_entry_picked_twice_gets_both_gradients() -> None:
    """x[[0, 0, 2]] sends back the sum for entry 0."""
    x, key = np.array([3.0, 1.0, 4.0]), (np.array([0, 0, 2]),)
    z = indexing.index.forward(x, key=key)
    down = indexing.index.backward(np.array([1.0, 10.0, 100.0]), z, x, key=key)
    assert down["x"].tolist() == [11.0, 0.0, 100.0]


@pytest.mark.parametrize(
    ("shape", "key", "kind", "message"),
    [
        ((3,), (5,), "value", "index 5 is out of range for axis 0 with size 3"),
        ((3,), (-4,), "value", "index -4 is out of range for axis 0 with size 3"),
        ((3,), (3,), "value", "index 3 is out of range for axis 0 with size 3"),
        ((2, 3), (slice(None), 3), "value", "index 3 is out of range for axis 1 with size 3"),
        ((2, 3), (..., 7), "value", "index 7 is out of range for axis 1 with size 3"),
        ((2, 3), (None, 2), "value", "index 2 is out of range for axis 0 with size 2"),
        ((2, 3), (0, np.array([0, 9, 8])), "value", "index 9 is out of range for axis 1 with size 3"),
        ((2, 2, 3), (np.ones((2, 2), bool), 3), "value", "index 3 is out of range for axis 2 with size 3"),
        ((0,), (0,), "value", "index 0 is out of range for axis 0 with size 0"),
        ((2, 3), (0, 0, 0), "shape", "too many indices: shape (2,3) has 2 axes, 3 are indexed"),
        ((2,), (0, ..., 0), "shape", "too many indices: shape (2,) has 1 axis, 2 are indexed"),
        ((), (0,), "shape", "a number has no entries to pick"),
        ((3,), (np.array([True, False]),), "shape",
         "a mask of shape (2,) does not fit entries of shape (3,)"),
        ((2, 3), (0, np.array([True, False])), "shape",
         "a mask of shape (2,) does not fit entries of shape (3,)"),
    ],
)  # fmt: skip
def test_index_refusals(shape: tuple[int, ...], key: Any, kind: str, message: str) -> None:
    """What can't be picked is refused with the axis and its size."""
    error = refused(indexing.index, sample(shape), key=key)
    assert (error.kind, error.message) == (kind, message)


@pytest.mark.parametrize("key", [(..., ...), (slice(0, 3, 0),), (np.array([0, 1]), np.array([0, 1, 2]))])
def test_index_refusals_in_numpys_words(key: Any) -> None:
    """What is left is told with numpy's own reason."""
    error = refused(indexing.index, sample((3, 3)), key=key)
    assert error.message.startswith("these indices do not go together: ")
    assert len(error.message) > len("these indices do not go together: ")


def test_key_part_reads_the_languages_numbers() -> None:
    """Whole floats become ints, masks become booleans, the rest passes."""
    assert type(indexing.key_part(np.float64(2.0))) is int
    assert indexing.key_part(-1.0) == -1
    assert indexing.key_part(None) is None
    assert indexing.key_part(...) is ...
    assert indexing.key_part(slice(1.0, None, np.float64(-2.0))) == slice(1, None, -2)
    part = indexing.key_part(np.array([[2.0, 0.0]]))
    assert part.dtype == np.intp
    assert part.tolist() == [[2, 0]]
    assert indexing.key_part((0.0, 2.0)).tolist() == [0, 2]
    assert indexing.key_part(np.array([])).dtype == np.intp
    mask = indexing.key_part(np.array([2.0, 0.0]), mask=True)
    assert mask.dtype == bool
    assert mask.tolist() == [True, False]
    assert indexing.key_part(np.array([True, False])).tolist() == [True, False]
    assert isinstance(indexing.key_part(1.0, mask=True), np.bool_)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, "an index must be a whole number, not 1.5"),
        (np.array([0.0, 1.5]), "an index must be a whole number, not 1.5"),
        (np.array([0.0, np.nan]), "an index must be a whole number, not nan"),
        (np.inf, "an index must be a whole number, not inf"),
        ("x", "an index must be a whole number, not 'x'"),
        (((0.0, 1.0), (2.0,)), "an index must be a whole number, not rows of different lengths"),
        (slice(0.5, 2), "the bound of a slice must be a whole number, not 0.5"),
    ],
)
def test_key_part_refusals(value: Any, message: str) -> None:
    """What is no whole number is no index."""
    with pytest.raises(GradcalcError) as caught:
        indexing.key_part(value)
    assert (caught.value.kind, caught.value.message) == ("value", message)


def test_a_huge_index_is_out_of_range() -> None:
    """An index of 1e300 is refused like any other that is too large."""
    for key in (1e300, np.array([1e300])):
        error = refused(indexing.index, sample(3), key=(indexing.key_part(key),))
        assert error.message.endswith(" is out of range for axis 0 with size 3")


@pytest.mark.parametrize(
    ("shape", "indices", "axis"),
    [
        ((3,), 1.0, None),
        ((3,), np.array([0.0, 0.0, 2.0]), None),
        ((2, 3), np.array([[5.0, 0.0], [-1.0, 5.0]]), None),
        ((2, 3), np.array([1.0, 1.0]), 0.0),
        ((2, 3), np.array([[2.0], [2.0]]), -1),
        ((2, 3), 2.0, 1),
        ((2, 3, 2), np.array([0.0]), 1),
        ((), 0.0, None),
    ],
)
def test_take(shape: tuple[int, ...], indices: Any, axis: Any) -> None:
    """From the flattened array, or along an axis."""
    x = sample(shape)
    want = np.take(x, np.asarray(indices, dtype=int), axis=None if axis is None else int(axis))
    np.testing.assert_array_equal(indexing.take.forward(x, indices=indices, axis=axis), want)
    assert_backward(indexing.take, x, indices=indices, axis=axis)


def test_take_refusals() -> None:
    """Missing indices, an axis or an index out of range."""
    x = sample((2, 3))
    assert refused(indexing.take, x).message == "take needs indices: take(x, [0, 2], axis=0)"
    assert refused(indexing.take, x, indices=3.0, axis=1).message == (
        "index 3 is out of range for axis 1 with size 3")  # fmt: skip
    assert refused(indexing.take, x, indices=6.0).message == (
        "index 6 is out of range for axis 0 with size 6")  # fmt: skip
    assert refused(indexing.take, x, indices=0.0, axis=2).message == (
        "axis 2 is out of range: shape (2,3) has 2 axes")  # fmt: skip


@pytest.mark.parametrize(
    ("indices", "axis"), [([[2.0], [0.0]], 1), ([[2.0, 2.0], [0.0, -1.0]], -1), ([[1.0, 0.0, 1.0]], 0.0)]
)
def test_take_along_axis_and_gather(indices: Any, axis: Any) -> None:
    """A place for each row (or column): the scores of the right classes, say."""
    x, places = sample((2, 3)), np.array(indices)
    want = np.take_along_axis(x, places.astype(int), int(axis))
    np.testing.assert_array_equal(indexing.take_along_axis.forward(x, indices=places, axis=axis), want)
    np.testing.assert_array_equal(indexing.gather.forward(x, dim=axis, index=places), want)
    assert_backward(indexing.take_along_axis, x, indices=places, axis=axis)
    assert_backward(indexing.gather, x, dim=axis, index=places)


def test_gather_may_leave_out_rows() -> None:
    """torch's gather takes an index with fewer rows; take_along_axis does not."""
    x, places = sample((3, 3)), np.array([[2.0, 2.0]])
    np.testing.assert_array_equal(indexing.gather.forward(x, dim=1, index=places), [[x[0, 2], x[0, 2]]])
    assert_backward(indexing.gather, x, dim=1, index=places)
    assert refused(indexing.take_along_axis, x, axis=1, indices=places).message == (
        "take_along_axis along axis 1 of shape (3,3) cannot use indices of shape (1,2): all other axes must "
        "agree")  # fmt: skip
    assert refused(indexing.gather, x, dim=1).message == "gather needs an axis and indices"
    assert refused(indexing.gather, x, dim=1, index=np.array([[3.0]])).message == (
        "index 3 is out of range for axis 1 with size 3")  # fmt: skip


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (2, 2),
        (2.0, 2),
        (np.float64(-3.0), -3),
        (True, 1),
        (np.int64(4), 4),
        (np.array(5.0), 5),
        (1e20, 10**20),
    ],
)
def test_whole(value: Any, want: int) -> None:
    """Every way in which a whole number arrives gives an int."""
    got = indexing.whole(value, "axis")
    assert (type(got), got) == (int, want)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.5"),
        (np.nan, "nan"),
        ("2", "'2'"),
        (None, "None"),
        (np.array([1.0]), "an array of shape (1,)"),
        ((1.0, 2.0), "an array of shape (2,)"),
    ],
)
def test_not_whole(value: Any, text: str) -> None:
    """Everything else is refused by the name of the parameter."""
    with pytest.raises(GradcalcError) as caught:
        indexing.whole(value, "axis")
    assert (caught.value.kind, caught.value.message) == (
        "value", f"axis must be a whole number, not {text}")  # fmt: skip


def test_wholes_and_axes() -> None:
    """One number or several, counted from the front."""
    assert indexing.wholes(3.0, "shape") == (3,)
    assert indexing.wholes((2.0, -1), "shape") == (2, -1)
    assert indexing.wholes(((2.0, 3.0),), "shape") == (2, 3)
    assert indexing.wholes((np.array([2.0, 3.0]),), "shape") == (2, 3)
    assert indexing.wholes(np.array([2.0, 3.0]), "shape") == (2, 3)
    assert indexing.wholes((), "shape") == ()
    assert indexing.axes_of(None, (2, 3)) == (0, 1)
    assert indexing.axes_of((-1.0, 0), (2, 3, 4)) == (2, 0)
    with pytest.raises(GradcalcError, match=r"^axis 1 is named twice$"):
        indexing.axes_of((1, -1), (2, 3))
    with pytest.raises(GradcalcError, match=r"^axis 0 is out of range: shape \(\) has no axes$"):
        indexing.axis_of(0, ())
    with pytest.raises(GradcalcError, match=r"^axis -2 is out of range: shape \(3,\) has 1 axis$"):
        indexing.axis_of(-2, (3,))
