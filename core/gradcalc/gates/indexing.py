"""The gates that pick entries, and the reading of whole numbers, axes and indices that others share."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import GradcalcError
from ..gate import Array, Pattern, gate
from . import growth

# --- whole numbers, axes and shapes, as the language hands them over (2.0, arrays of floats) ---------


def shown(shape: Sequence[int]) -> str:
    """A shape as people write it: (2,3), (3,), ()."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({','.join(str(n) for n in shape)})"


def rank(value: Any) -> int:
    """How many axes a parameter's value has; rows of different lengths count as two."""
    try:
        return np.ndim(value)
    except ValueError:
        return 2


def plain(value: Any) -> str:
    """A parameter's value in a message: 1.5, 'abc', or what it is."""
    if isinstance(value, str):
        return repr(value)
    if rank(value):
        try:
            return f"an array of shape {shown(np.shape(value))}"
        except ValueError:
            return "rows of different lengths"
    if isinstance(value, (int, float)) and abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def whole(value: Any, what: str) -> int:
    """`value` as an int, whether it comes as 2, 2.0 or np.float64(2.0); `what` names it in the refusal."""
    try:
        return operator.index(value)
    except TypeError:
        pass
    if isinstance(value, (float, np.floating, np.bool_, np.ndarray)) and np.ndim(value) == 0:
        number = float(value)
        if number.is_integer():
            return int(number)
    raise GradcalcError(f"{what} must be a whole number, not {plain(value)}", kind="value")


def wholes(value: Any, what: str) -> tuple[int, ...]:
    """One whole number, or a tuple, list or array of them, as a tuple of ints."""
    if isinstance(value, (tuple, list)):
        if len(value) == 1 and rank(value[0]):
            return wholes(value[0], what)
    elif rank(value) != 1:
        value = (value,)
    return tuple(whole(v, what) for v in value)


def axis_of(value: Any, shape: Sequence[int], what: str = "axis") -> int:
    """An axis of `shape`, counted from the front."""
    axis = whole(value, what)
    if not -len(shape) <= axis < len(shape):
        have = "1 axis" if len(shape) == 1 else f"{len(shape) or 'no'} axes"
        raise GradcalcError(f"{what} {axis} is out of range: shape {shown(shape)} has {have}", kind="value")
    return axis % len(shape)


def axes_of(value: Any, shape: Sequence[int], what: str = "axis") -> tuple[int, ...]:
    """Axes of `shape`, each at most once, counted from the front; all of them for None."""
    if value is None:
        return tuple(range(len(shape)))
    axes = tuple(axis_of(v, shape, what) for v in wholes(value, what))
    if len(set(axes)) < len(axes):
        twice = next(a for a in axes if axes.count(a) > 1)
        raise GradcalcError(f"{what} {twice} is named twice", kind="value")
    return axes


# --- indices -----------------------------------------------------------------------------------------


def key_part(value: Any, mask: bool = False) -> Any:
    """One part of a subscript as numpy takes it: an int, a slice, None, ..., whole numbers, a mask.

    >>> key_part(2.0), key_part(slice(None, 3.0))
    (2, slice(None, 3, None))
    >>> key_part(np.array([1.0, 0.0]), mask=True)
    array([ True, False])
    """
    if value is None or value is Ellipsis:
        return value
    if isinstance(value, slice):
        return slice(*(None if v is None else whole(v, "the bound of a slice")
                       for v in (value.start, value.stop, value.step)))
    if rank(value) and isinstance(value, (tuple, list)):
        value = _rows(value)
    array = np.asarray(value)
    if mask or array.dtype.kind == "b":
        return (array != 0)[()]
    if array.ndim == 0:
        return whole(value, "an index")
    if array.dtype.kind == "f":
        odd = array[~(np.isfinite(array) & (np.floor(array) == array))]
        if odd.size:
            whole(odd.flat[0], "an index")
        array = np.clip(array, -(2.0**62), 2.0**62)
    return array.astype(np.intp)


def _rows(value: Any) -> Array:
    try:
        return np.array(value, dtype=np.float64)
    except (ValueError, TypeError):
        raise GradcalcError(f"an index must be a whole number, not {plain(value)}", kind="value") from None


def _is_mask(part: object) -> bool:
    return isinstance(part, (bool, np.bool_)) or (isinstance(part, np.ndarray) and part.dtype.kind == "b")


def _refusal(error: Exception, shape: tuple[int, ...], key: tuple[Any, ...]) -> GradcalcError:
    """Numpy's refusal of x[key], in our words where it can be told what is wrong."""
    taken = [np.ndim(p) if _is_mask(p) else int(not (p is None or p is Ellipsis)) for p in key]
    if sum(taken) > len(shape):
        have = "1 axis" if len(shape) == 1 else f"{len(shape)} axes"
        message = "a number has no entries to pick" if not shape else (
            f"too many indices: shape {shown(shape)} has {have}, {sum(taken)} are indexed")
        return GradcalcError(message, kind="shape")
    axis = 0
    for part, width in zip(key, taken, strict=True):
        here = shape[axis:axis + width]
        if part is Ellipsis:
            axis += len(shape) - sum(taken)
        elif _is_mask(part):
            if np.shape(part) != here:
                return GradcalcError(f"a mask of shape {shown(np.shape(part))} does not fit entries of "
                                     f"shape {shown(here)}", kind="shape")
        elif isinstance(part, (int, np.integer, np.ndarray)):
            array = np.asarray(part)
            wrong = array[(array < -here[0]) | (array >= here[0])]
            if wrong.size:
                return GradcalcError(f"index {wrong.flat[0]} is out of range for axis {axis} with size "
                                     f"{here[0]}", kind="value")
        axis += width
    return GradcalcError(f"these indices do not go together: {error}", kind="shape")


def _parts(key: Any) -> tuple[Any, ...]:
    return tuple(np.asarray(p) if isinstance(p, list) else p
                 for p in (key if isinstance(key, tuple) else (key,)))


def pick(x: Array, key: Any) -> Array:
    """x[key], an np.float64 where one entry is left."""
    key = _parts(key)
    try:
        return x[key][()]
    except (IndexError, ValueError) as error:
        raise _refusal(error, np.shape(x), key) from None


def scatter(dz: Array, key: Any, shape: tuple[int, ...]) -> Array:
    """Zeros of `shape` with dz added at `key`: what came from one place more than once is summed."""
    key = _parts(key)
    out = np.zeros(shape)
    if any(isinstance(p, np.ndarray) and p.dtype.kind in "iu" and p.size > 1 for p in key):
        np.add.at(out, key, dz)
    else:  # neither slices nor masks meet an entry twice
        out[key] = dz
    return out[()]


@gate("x[key]", pattern=Pattern.SELECTOR, complex=True, grows=growth.indexed, structure={"x": "selection"},
      frameworks="x[...] in numpy and torch",
      examples=("[[1, 2], [3, 4]][:, 1]", "[3, 1, 4, 1, 5][range(0, 5, 2)]"),
      vjp={"x": ("dz at the places that were picked, 0 elsewhere",
                 lambda dz, z, x, key=(): scatter(dz, key, np.shape(x)))})
def index(x: Array, *, key: Any = ()) -> Array:
    """The picked entries get their upstream gradient (picked twice: both, added); all others get zero."""
    return pick(np.float64(x) if isinstance(x, float) else x, key)


def _take_key(x: Array, indices: Any, axis: Any) -> tuple[Any, ...]:
    if indices is None:
        raise GradcalcError("take needs indices: take(x, [0, 2], axis=0)", kind="value")
    part = key_part(indices)
    if axis is None:
        return (part,)
    return (*(slice(None),) * axis_of(axis, np.shape(x)), part)


def _take_back(dz: Array, z: Array, x: Array, indices: Any = None, axis: Any = None) -> Array:
    inside = np.shape(x) if axis is not None else (np.size(x),)
    return np.reshape(scatter(dz, _take_key(x, indices, axis), inside), np.shape(x))[()]


@gate("take(x, indices)", pattern=Pattern.SELECTOR, complex=True, grows=growth.rows_of,
      structure={"x": "selection"},
      frameworks="np.take, torch.take",
      examples=("take([3, 1, 4], [0, 0, 2])", "take([[1, 2], [3, 4]], 1, axis=1)"),
      vjp={"x": ("dz at the places that were taken, 0 elsewhere", _take_back)})
def take(x: Array, *, indices: Any = None, axis: Any = None) -> Array:
    """The taken entries get their upstream gradient (taken twice: both, added); all others get zero."""
    return pick(np.ravel(x) if axis is None else x, _take_key(x, indices, axis))


def _along_key(x: Array, indices: Any, axis: Any, caller: str) -> tuple[Any, ...]:
    """The key that picks along one axis, and at its own place along every other."""
    if indices is None or axis is None:
        raise GradcalcError(f"{caller} needs an axis and indices", kind="value")
    part, shape = np.asarray(key_part(indices)), np.shape(x)
    along = axis_of(axis, shape)
    fits = part.ndim == len(shape) and all(
        k == along or n in ((size,) if caller == "take_along_axis" else range(size + 1))
        for k, (n, size) in enumerate(zip(part.shape, shape, strict=False)))
    if not fits:
        raise GradcalcError(f"{caller} along axis {along} of shape {shown(shape)} cannot use indices of "
                            f"shape {shown(part.shape)}: all other axes must agree", kind="shape")
    grid = np.ogrid[tuple(slice(n) for n in part.shape)]
    return tuple(part if k == along else g for k, g in enumerate(grid))


@gate("take_along_axis(x, indices)", pattern=Pattern.SELECTOR, complex=True,
      structure={"x": "selection"}, frameworks="np.take_along_axis, torch.take_along_dim",
      names=("take_along_dim",), examples=("take_along_axis([[3, 1], [4, 1]], [[1], [0]], axis=1)",),
      vjp={"x": ("dz at the places that were taken, 0 elsewhere",
                 lambda dz, z, x, indices=None, axis=-1: scatter(
                     dz, _along_key(x, indices, axis, "take_along_axis"), np.shape(x)))})
def take_along_axis(x: Array, *, indices: Any = None, axis: Any = -1) -> Array:
    """The taken entries get their upstream gradient (taken twice: both, added); all others get zero."""
    return pick(x, _along_key(x, indices, axis, "take_along_axis"))


@gate("gather(x, dim, index)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "selection"},
      frameworks="torch.gather", examples=("gather([[3, 1], [4, 1]], 1, [[1], [0]])",),
      vjp={"x": ("dz at the places that were gathered, 0 elsewhere",
                 lambda dz, z, x, dim=None, index=None: scatter(
                     dz, _along_key(x, index, dim, "gather"), np.shape(x)))})
def gather(x: Array, *, dim: Any = None, index: Any = None) -> Array:
    """The gathered entries get their upstream gradient (gathered twice: both, added); others get zero."""
    return pick(x, _along_key(x, index, dim, "gather"))
