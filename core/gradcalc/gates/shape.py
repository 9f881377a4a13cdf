"""The gates that rearrange entries without changing them: reshape, stack, pad, roll, diag and friends."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import GradcalcError
from ..gate import Array, Mistake, Pattern, gate, unbroadcast
from . import growth
from .indexing import axes_of, axis_of, plain, scatter, shown, whole, wholes


def like(dz: Array, x: Array) -> Array:
    """`dz` in the shape of x."""
    return np.reshape(dz, np.shape(x))[()]


def _needed(value: Any, what: str) -> tuple[int, ...]:
    if value is None:
        raise GradcalcError(f"{what} is missing", kind="value")
    return wholes(value, what)


# --- another shape -----------------------------------------------------------------------------------


@gate("reshape(x, shape)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "identity"},
      names=("view",), frameworks="np.reshape, torch.reshape",
      examples=("reshape([1, 2, 3, 4, 5, 6], (2, 3))", "reshape([[1, 2], [3, 4]], -1)"),
      vjp={"x": ("dz in the shape of x", lambda dz, z, x, shape=None: like(dz, x))})
def reshape(x: Array, *, shape: Any = None) -> Array:
    """Each entry gets the upstream gradient of the place that it was moved to."""
    new = _needed(shape, "the shape of reshape")
    try:
        if min(new, default=0) < -1:
            raise ValueError
        return np.reshape(x, new)[()]
    except ValueError:
        size = np.size(x)
        raise GradcalcError(f"cannot reshape {size} {'entry' if size == 1 else 'entries'} of shape "
                            f"{shown(np.shape(x))} to {shown(new)}", kind="shape") from None


def _span(shape: tuple[int, ...], start: Any, end: Any) -> tuple[int, ...]:
    if not shape:
        return (1,)
    first, last = axis_of(start, shape, "start_dim"), axis_of(end, shape, "end_dim")
    if first > last:
        raise GradcalcError(f"start_dim {first} comes after end_dim {last}", kind="value")
    return (*shape[:first], math.prod(shape[first:last + 1]), *shape[last + 1:])


@gate("ravel(x)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "identity"},
      names=("flatten",), frameworks="np.ravel, torch.flatten", examples=("ravel([[1, 2], [3, 4]])",),
      vjp={"x": ("dz in the shape of x", lambda dz, z, x, start_dim=0, end_dim=-1: like(dz, x))})
def ravel(x: Array, *, start_dim: Any = 0, end_dim: Any = -1) -> Array:
    """Each entry gets the upstream gradient of the place that it was moved to."""
    return np.reshape(x, _span(np.shape(x), start_dim, end_dim))


@gate("squeeze(x)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "identity"},
      frameworks="np.squeeze, torch.squeeze", examples=("squeeze([[1, 2, 3]])",),
      vjp={"x": ("dz in the shape of x", lambda dz, z, x, axis=None: like(dz, x))})
def squeeze(x: Array, *, axis: Any = None) -> Array:
    """Only the shape changes: each entry gets its own upstream gradient."""
    shape = np.shape(x)
    axes = axes_of(axis, shape) if axis is not None else tuple(k for k, n in enumerate(shape) if n == 1)
    for k in axes:
        if shape[k] != 1:
            raise GradcalcError(f"cannot squeeze axis {k} of shape {shown(shape)}: its size is {shape[k]}, "
                                "not 1", kind="shape")
    return np.reshape(x, tuple(n for k, n in enumerate(shape) if k not in axes))[()]


@gate("expand_dims(x, axis)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "identity"},
      names=("unsqueeze",), frameworks="np.expand_dims, torch.unsqueeze",
      examples=("expand_dims([1, 2, 3], 0)", "expand_dims([1, 2, 3], -1)"),
      vjp={"x": ("dz in the shape of x", lambda dz, z, x, axis=0: like(dz, x))})
def expand_dims(x: Array, *, axis: Any = 0) -> Array:
    """Only the shape changes: each entry gets its own upstream gradient."""
    new = wholes(axis, "axis")
    shape: list[int] = list(np.shape(x))
    for k in sorted(axes_of(new, (*shape, *(1,) * len(new)))):
        shape.insert(k, 1)
    return np.reshape(x, shape)


@gate("atleast_1d(x)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "identity"},
      frameworks="np.atleast_1d, torch.atleast_1d", examples=("atleast_1d(5)",),
      vjp={"x": ("dz in the shape of x", lambda dz, z, x: like(dz, x))})
def atleast_1d(x: Array) -> Array:
    """Only the shape changes: each entry gets its own upstream gradient."""
    return np.atleast_1d(x)


@gate("atleast_2d(x)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "identity"},
      frameworks="np.atleast_2d, torch.atleast_2d", examples=("atleast_2d([1, 2, 3])",),
      vjp={"x": ("dz in the shape of x", lambda dz, z, x: like(dz, x))})
def atleast_2d(x: Array) -> Array:
    """Only the shape changes: each entry gets its own upstream gradient."""
    return np.atleast_2d(x)


# --- another order -----------------------------------------------------------------------------------


def _order(axes: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    if axes is None:
        return tuple(range(len(shape)))[::-1]
    order = axes_of(axes, shape, "axis")
    if len(order) != len(shape):
        raise GradcalcError(f"transpose of shape {shown(shape)} needs {len(shape)} axes, not {len(order)}",
                            kind="value")
    return order


@gate("x.T", pattern=Pattern.SELECTOR, symbol=".T", complex=True, structure={"x": "selection"},
      names=("permute", "permute_dims"), frameworks="np.transpose, torch.permute",
      examples=("[[1, 2, 3], [4, 5, 6]].T", "transpose([[[1, 2]], [[3, 4]]], (1, 0, 2))"),
      vjp={"x": ("dz.T", lambda dz, z, x, axes=None: np.transpose(
          dz, np.argsort(_order(axes, np.shape(x)))))})
def transpose(x: Array, *, axes: Any = None) -> Array:
    """Each entry gets the upstream gradient of its mirror place: dz, transposed back."""
    return np.transpose(x, _order(axes, np.shape(x)))


def _swapped(x: Array, axis1: Any, axis2: Any) -> Array:
    return np.swapaxes(x, axis_of(axis1, np.shape(x), "axis1"), axis_of(axis2, np.shape(x), "axis2"))


@gate("swapaxes(x, axis1, axis2)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "selection"},
      names=("swapdims",), frameworks="np.swapaxes, torch.swapaxes",
      examples=("swapaxes([[1, 2, 3], [4, 5, 6]], 0, 1)",),
      vjp={"x": ("dz with the same two axes swapped back",
                 lambda dz, z, x, axis1=0, axis2=1: _swapped(dz, axis1, axis2))})
def swapaxes(x: Array, *, axis1: Any = 0, axis2: Any = 1) -> Array:
    """Each entry gets the upstream gradient of its mirror place: dz, with the two axes swapped back."""
    return _swapped(x, axis1, axis2)


def _moved(x: Array, source: Any, destination: Any) -> Array:
    old = axes_of(_needed(source, "source"), np.shape(x), "source")
    new = axes_of(_needed(destination, "destination"), np.shape(x), "destination")
    if len(old) != len(new):
        raise GradcalcError(f"moveaxis: {len(old)} axes cannot go to {len(new)} places", kind="value")
    return np.moveaxis(x, old, new)


@gate("moveaxis(x, source, destination)", pattern=Pattern.SELECTOR, complex=True,
      structure={"x": "selection"}, names=("movedim",), frameworks="np.moveaxis, torch.movedim",
      examples=("moveaxis([[[1, 2]], [[3, 4]]], 0, -1)",),
      vjp={"x": ("dz with the axes moved back",
                 lambda dz, z, x, source=None, destination=None: _moved(dz, destination, source))})
def moveaxis(x: Array, *, source: Any = None, destination: Any = None) -> Array:
    """Each entry gets the upstream gradient of the place that it was moved to."""
    return _moved(x, source, destination)


def _rolled(x: Array, shift: Any, axis: Any, sign: int) -> Array:
    steps = [sign * s for s in wholes(shift, "shift")]
    if axis is None:
        size = np.size(x)
        return np.reshape(np.roll(np.ravel(x), sum(steps) % size if size else 0), np.shape(x))[()]
    axes = [axis_of(a, np.shape(x)) for a in wholes(axis, "axis")]
    if len(steps) not in (1, len(axes)) and len(axes) != 1:
        raise GradcalcError(f"roll: {len(steps)} shifts for {len(axes)} axes", kind="value")
    return np.roll(x, steps if len(steps) > 1 else steps[0], axes)


@gate("roll(x, shift)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "selection"},
      frameworks="np.roll, torch.roll",
      examples=("roll([1, 2, 3, 4], 1)", "roll([[1, 2], [3, 4]], 1, axis=0)"),
      mistakes=(Mistake("x", "rolled on, not back",
                        lambda dz, z, x, shift=1, axis=None: _rolled(dz, shift, axis, 1)),),
      vjp={"x": ("roll(dz, -shift)", lambda dz, z, x, shift=1, axis=None: _rolled(dz, shift, axis, -1))})
def roll(x: Array, *, shift: Any = 1, axis: Any = None) -> Array:
    """Each entry gets the upstream gradient of the place that it was rolled to: dz, rolled back."""
    return _rolled(x, shift, axis, 1)


def _flipped(x: Array, axis: Any) -> Array:
    return np.flip(x, axes_of(axis, np.shape(x)))[()] if np.ndim(x) else x


@gate("flip(x)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "selection"},
      frameworks="np.flip, torch.flip", examples=("flip([1, 2, 3])", "flip([[1, 2], [3, 4]], axis=1)"),
      vjp={"x": ("flip(dz)", lambda dz, z, x, axis=None: _flipped(dz, axis))})
def flip(x: Array, *, axis: Any = None) -> Array:
    """Each entry gets the upstream gradient of the place that it was moved to: dz, flipped back."""
    return _flipped(x, axis)


@gate("flipud(x)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "selection"},
      frameworks="np.flipud, torch.flipud", examples=("flipud([[1, 2], [3, 4]])",),
      vjp={"x": ("flipud(dz)", lambda dz, z, x: _flipped(dz, 0))})
def flipud(x: Array) -> Array:
    """The rows are turned upside down, and so is the upstream gradient on its way back."""
    return _flipped(x, 0)


@gate("fliplr(x)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "selection"},
      frameworks="np.fliplr, torch.fliplr", examples=("fliplr([[1, 2], [3, 4]])",),
      vjp={"x": ("fliplr(dz)", lambda dz, z, x: _flipped(dz, 1))})
def fliplr(x: Array) -> Array:
    """Each row is reversed, and so is the upstream gradient on its way back."""
    return _flipped(x, 1)


# --- several arrays into one -------------------------------------------------------------------------


def _joined(xs: tuple[Array, ...], axis: Any, caller: str) -> Array:
    if not xs:
        raise GradcalcError(f"{caller} needs at least one array", kind="shape")
    if axis is None:
        return np.concatenate([np.ravel(x) for x in xs])
    first = np.shape(xs[0])
    if not first:
        raise GradcalcError(f"{caller} cannot join numbers along an axis", kind="shape",
                            hint="stack makes a vector of them")
    k = axis_of(axis, first)
    for x in xs:
        here = np.shape(x)
        if len(here) != len(first) or here[:k] + here[k + 1:] != first[:k] + first[k + 1:]:
            rule = "the other sizes to agree" if len(here) == len(first) else "as many axes in each"
            raise GradcalcError(f"{caller} along axis {k} needs {rule}: {shown(first)} and {shown(here)}",
                                kind="shape")
    return np.concatenate(xs, axis=k)


def _piece(dz: Array, xs: tuple[Array, ...], position: int, axis: Any) -> Array:
    """What of dz belongs to the input at `position` of a concatenation."""
    k = 0 if axis is None else axis_of(axis, np.shape(xs[0]))
    sizes = [np.size(x) if axis is None else np.shape(x)[k] for x in xs[:position + 1]]
    start = sum(sizes[:-1])
    return dz[(slice(None),) * k + (slice(start, start + sizes[-1]),)]


def _concatenate_back(dz: Array, z: Array, *xs: Array, position: int, axis: Any = 0) -> Array:
    return like(_piece(dz, xs, position, axis), xs[position])


@gate("concatenate([x, y, ...])", pattern=Pattern.SELECTOR, complex=True, grows=growth.together,
      structure={"*xs": "selection"},
      names=("concat", "cat"), frameworks="np.concatenate, torch.cat",
      examples=("concatenate([[1, 2], [3, 4, 5]])", "concatenate([[[1], [2]], [[3], [4]]], axis=1)"),
      vjp={"*xs": ("its own stretch of dz", _concatenate_back)})
def concatenate(*xs: Array, axis: Any = 0) -> Array:
    """The upstream gradient is cut where the arrays were joined; each input gets its own stretch."""
    return _joined(xs, axis, "concatenate")


def _stack_back(dz: Array, z: Array, *xs: Array, position: int, axis: Any = 0) -> Array:
    return dz[(slice(None),) * axis_of(axis, np.shape(dz)) + (position,)]


@gate("stack([x, y, ...])", pattern=Pattern.SELECTOR, complex=True, grows=growth.together,
      structure={"*xs": "selection"},
      frameworks="np.stack, torch.stack",
      examples=("stack([1, 2, 3])", "stack([[1, 2], [3, 4]], axis=1)"),
      vjp={"*xs": ("its own slice of dz", _stack_back)})
def stack(*xs: Array, axis: Any = 0) -> Array:
    """Each input gets its own slice of the upstream gradient."""
    if not xs:
        raise GradcalcError("stack needs at least one input", kind="shape")
    first = np.shape(xs[0])
    k = axis_of(axis, (*first, 1))
    for x in xs:
        if np.shape(x) != first:
            raise GradcalcError(f"stack needs inputs of one shape: {shown(first)} and {shown(np.shape(x))}",
                                kind="shape")
    return np.stack(xs, axis=k) if first else np.array(xs)


def _vstack_back(dz: Array, z: Array, *xs: Array, position: int) -> Array:
    return like(_piece(dz, tuple(np.atleast_2d(x) for x in xs), position, 0), xs[position])


@gate("vstack([x, y, ...])", pattern=Pattern.SELECTOR, complex=True, grows=growth.together,
      structure={"*xs": "selection"},
      names=("row_stack",), frameworks="np.vstack, torch.vstack",
      examples=("vstack([[1, 2], [3, 4]])",), vjp={"*xs": ("its own rows of dz", _vstack_back)})
def vstack(*xs: Array) -> Array:
    """Each input gets its own rows of the upstream gradient."""
    return _joined(tuple(np.atleast_2d(x) for x in xs), 0, "vstack")


def _beside(xs: tuple[Array, ...]) -> tuple[tuple[Array, ...], int]:
    xs = tuple(np.atleast_1d(x) for x in xs)
    return xs, 0 if xs and xs[0].ndim == 1 else 1


def _hstack_back(dz: Array, z: Array, *xs: Array, position: int) -> Array:
    arrays, axis = _beside(xs)
    return like(_piece(dz, arrays, position, axis), xs[position])


@gate("hstack([x, y, ...])", pattern=Pattern.SELECTOR, complex=True, grows=growth.together,
      structure={"*xs": "selection"},
      frameworks="np.hstack, torch.hstack",
      examples=("hstack([[[1], [2]], [[3], [4]]])",), vjp={"*xs": ("its own columns of dz", _hstack_back)})
def hstack(*xs: Array) -> Array:
    """Each input gets its own columns of the upstream gradient."""
    arrays, axis = _beside(xs)
    return _joined(arrays, axis, "hstack")


# --- more entries than before ------------------------------------------------------------------------


@gate("broadcast_to(x, shape)", pattern=Pattern.SELECTOR, complex=True, grows=growth.broadcast_to,
      structure={"x": "selection"},
      names=("expand",), frameworks="np.broadcast_to, torch.broadcast_to",
      examples=("broadcast_to([1, 2, 3], (2, 3))",),
      vjp={"x": ("dz, summed over the axes that x was stretched along",
                 lambda dz, z, x, shape=None: unbroadcast(dz, np.shape(x)))})
def broadcast_to(x: Array, *, shape: Any = None) -> Array:
    """Each entry gets the sum of the upstream gradients of all its copies."""
    old, new = np.shape(x), _needed(shape, "the shape of broadcast_to")
    extra = len(new) - len(old)
    try:  # as in torch, -1 keeps a size
        full = tuple(old[k - extra] if n == -1 and k >= extra else n for k, n in enumerate(new))
        return np.broadcast_to(x, full)[()]
    except ValueError:
        raise GradcalcError(f"cannot broadcast shape {shown(old)} to {shown(new)}", kind="shape") from None


def _counts(repeats: Any, size: int, axis: Any) -> Any:
    """How often each entry along an axis of `size` is repeated."""
    counts = _needed(repeats, "repeats")
    if min(counts, default=0) < 0:
        raise GradcalcError(f"repeats cannot be negative: {min(counts)}", kind="value")
    if len(counts) not in (1, size):
        where = "entries" if axis is None else f"entries along axis {axis}"
        raise GradcalcError(f"repeat: {len(counts)} counts for {size} {where}", kind="shape")
    return counts[0] if len(counts) == 1 else np.array(counts)


def _repeat_back(dz: Array, z: Array, x: Array, repeats: Any = None, axis: Any = None) -> Array:
    shape, k = ((np.size(x),), 0) if axis is None else (np.shape(x), axis_of(axis, np.shape(x)))
    origin = np.repeat(np.arange(shape[k]), _counts(repeats, shape[k], axis))
    return like(scatter(dz, (slice(None),) * k + (origin,), shape), x)


@gate("repeat(x, repeats)", pattern=Pattern.SELECTOR, complex=True, grows=growth.repeat,
      structure={"x": "selection"},
      names=("repeat_interleave",), frameworks="np.repeat, torch.repeat_interleave",
      examples=("repeat([1, 2, 3], 2)", "repeat([[1, 2], [3, 4]], [1, 2], axis=0)"),
      vjp={"x": ("dz, summed over the copies of each entry", _repeat_back)})
def repeat(x: Array, *, repeats: Any = None, axis: Any = None) -> Array:
    """Each entry gets the sum of the upstream gradients of all its copies."""
    if axis is None:
        return np.repeat(x, _counts(repeats, np.size(x), None))
    k = axis_of(axis, np.shape(x))
    return np.repeat(x, _counts(repeats, np.shape(x)[k], k), axis=k)


def _tile_back(dz: Array, z: Array, x: Array, reps: Any = None) -> Array:
    counts, shape = _needed(reps, "reps"), np.shape(x)
    axes = max(len(counts), len(shape))
    counts, shape = (1,) * (axes - len(counts)) + counts, (1,) * (axes - len(shape)) + shape
    folded = np.reshape(dz, [n for pair in zip(counts, shape, strict=True) for n in pair])
    return like(folded.sum(axis=tuple(range(0, 2 * axes, 2))), x)


@gate("tile(x, reps)", pattern=Pattern.SELECTOR, complex=True, grows=growth.tile,
      structure={"x": "selection"},
      frameworks="np.tile, torch.tile", examples=("tile([1, 2], 3)", "tile([[1, 2], [3, 4]], (2, 1))"),
      vjp={"x": ("dz, summed over the tiles", _tile_back)})
def tile(x: Array, *, reps: Any = None) -> Array:
    """Each entry gets the sum of the upstream gradients of all its copies."""
    counts = _needed(reps, "reps")
    if min(counts, default=0) < 0:
        raise GradcalcError(f"reps cannot be negative: {min(counts)}", kind="value")
    return np.tile(x, counts)[()]


MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


def _widths(pad_width: Any, shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """How many entries are put before and after along each axis, in any of numpy's ways to say it."""
    if pad_width is None:
        raise GradcalcError("pad_width is missing", kind="value")
    try:
        pairs = np.broadcast_to(np.asarray(pad_width, dtype=np.float64), (len(shape), 2))
    except (ValueError, TypeError):
        raise GradcalcError(f"this pad_width does not fit shape {shown(shape)}", kind="value",
                            hint="one number, (before, after), or one such pair for each axis") from None
    widths = [(whole(b, "pad_width"), whole(a, "pad_width")) for b, a in pairs]
    if any(n < 0 for pair in widths for n in pair):
        raise GradcalcError(f"pad_width cannot be negative: {min(min(w) for w in widths)}", kind="value")
    return widths


def _origins(shape: tuple[int, ...], widths: list[tuple[int, int]], mode: str) -> tuple[Any, ...]:
    """For every place of the padded array, which entry it repeats: a key into the array of `shape`."""
    if mode not in MODES:
        raise GradcalcError(f"pad has no mode {mode!r}: it knows {', '.join(MODES)}", kind="value")
    for k, (size, width) in enumerate(zip(shape, widths, strict=True)):
        if size == 0 and any(width):
            raise GradcalcError(f"pad: axis {k} has no entry to repeat", kind="shape")
    every: Any = np.pad  # its stubs want a literal mode
    return np.ix_(*(every(np.arange(n), w, mode=mode) for n, w in zip(shape, widths, strict=True)))


def _pad_back(dz: Array, z: Array, x: Array, pad_width: Any = None, mode: str = "constant",
              constant_values: Any = 0) -> Array:
    shape = np.shape(x)
    widths = _widths(pad_width, shape)
    if mode == "constant":
        return dz[tuple(slice(b, b + n) for (b, _), n in zip(widths, shape, strict=True))]
    return scatter(dz, _origins(shape, widths, mode), shape)


@gate("pad(x, pad_width)", pattern=Pattern.SELECTOR, complex=True, grows=growth.pad,
      structure={"x": "selection"},
      frameworks="np.pad, torch.nn.functional.pad",
      examples=("pad([1, 2, 3], 1)", "pad([[1, 2], [3, 4]], ((0, 1), (2, 0)), constant_values=9)"),
      vjp={"x": ("the inner part of dz; in other modes also what their copies got", _pad_back)})
def pad(x: Array, *, pad_width: Any = None, mode: str = "constant", constant_values: Any = 0) -> Array:
    """The padding is cut off the upstream gradient again; copies at the edge return theirs as well."""
    widths = _widths(pad_width, np.shape(x))
    if mode != "constant":
        return x[_origins(np.shape(x), widths, mode)]
    if np.ndim(constant_values):
        raise GradcalcError(f"constant_values must be one number, not {plain(constant_values)}", kind="value")
    return np.pad(x, widths, constant_values=constant_values) if widths else x


# --- diagonals and triangles -------------------------------------------------------------------------


def _diagonal_key(
    shape: tuple[int, ...], offset: Any, axis1: Any, axis2: Any, caller: str
) -> tuple[Any, Any, int, int]:
    """Rows and columns of a diagonal, and the two axes they count along."""
    if len(shape) < 2:
        raise GradcalcError(f"{caller} needs a matrix, not shape {shown(shape)}", kind="shape")
    one, two = axes_of((axis1, axis2), shape)
    k = whole(offset, "the offset of a diagonal")
    rows = np.arange(max(0, -k), max(0, -k, min(shape[one], shape[two] - k)))
    return rows, rows + k, one, two


def from_diagonal(x: Array, offset: Any, axis1: Any, axis2: Any, caller: str) -> Array:
    """The entries of x along a diagonal, as the last axis."""
    rows, columns, one, two = _diagonal_key(np.shape(x), offset, axis1, axis2, caller)
    return np.moveaxis(x, (one, two), (-2, -1))[..., rows, columns]


def to_diagonal(
    values: Array, shape: tuple[int, ...], offset: Any = 0, axis1: Any = 0, axis2: Any = 1, caller: str = ""
) -> Array:
    """Zeros of `shape` but for `values` along a diagonal."""
    rows, columns, one, two = _diagonal_key(shape, offset, axis1, axis2, caller)
    out = np.zeros(shape, dtype=np.asarray(values).dtype)
    np.moveaxis(out, (one, two), (-2, -1))[..., rows, columns] = values
    return out


def _diag(x: Array, k: Any) -> Array:
    if np.ndim(x) == 1:
        size = len(x) + abs(whole(k, "k"))
        return to_diagonal(x, (size, size), k)
    if np.ndim(x) == 2:
        return from_diagonal(x, k, 0, 1, "diag")
    raise GradcalcError(f"diag needs a vector or a matrix, not shape {shown(np.shape(x))}", kind="shape")


def _diag_back(dz: Array, z: Array, x: Array, k: Any = 0) -> Array:
    return _diag(dz, k) if np.ndim(x) == 1 else to_diagonal(dz, np.shape(x), k)


@gate("diag(x)", pattern=Pattern.SELECTOR, complex=True, grows=growth.diag,
      structure={"x": "selection"},
      frameworks="np.diag, torch.diag",
      examples=("diag([1, 2, 3])", "diag([[1, 2], [3, 4]])"),
      vjp={"x": ("diag(dz): from the diagonal for a vector, onto it for a matrix", _diag_back)})
def diag(x: Array, *, k: Any = 0) -> Array:
    """A vector gets the diagonal of the upstream gradient; a matrix gets it on the diagonal, else zero."""
    return _diag(x, k)


@gate("diagonal(x)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "selection"},
      frameworks="np.diagonal, torch.diagonal", examples=("diagonal([[1, 2], [3, 4]])",),
      vjp={"x": ("dz on the diagonal, zero elsewhere",
                 lambda dz, z, x, offset=0, axis1=0, axis2=1: to_diagonal(
                     dz, np.shape(x), offset, axis1, axis2))})
def diagonal(x: Array, *, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Array:
    """The entries on the diagonal get their upstream gradient, all others zero."""
    return from_diagonal(x, offset, axis1, axis2, "diagonal")


def _triangle(x: Array, k: Any, caller: str) -> Array:
    if np.ndim(x) < 2:
        raise GradcalcError(f"{caller} needs a matrix, not shape {shown(np.shape(x))}", kind="shape")
    return (np.tril if caller == "tril" else np.triu)(x, whole(k, "k"))


@gate("tril(x)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "diagonal"},
      frameworks="np.tril, torch.tril", examples=("tril([[1, 2], [3, 4]])",),
      vjp={"x": ("tril(dz)", lambda dz, z, x, k=0: _triangle(dz, k, "tril"))})
def tril(x: Array, *, k: Any = 0) -> Array:
    """The entries on and below the diagonal get their upstream gradient, those above get zero."""
    return _triangle(x, k, "tril")


@gate("triu(x)", pattern=Pattern.SELECTOR, complex=True, structure={"x": "diagonal"},
      frameworks="np.triu, torch.triu", examples=("triu([[1, 2], [3, 4]])",),
      vjp={"x": ("triu(dz)", lambda dz, z, x, k=0: _triangle(dz, k, "triu"))})
def triu(x: Array, *, k: Any = 0) -> Array:
    """The entries on and above the diagonal get their upstream gradient, those below get zero."""
    return _triangle(x, k, "triu")
