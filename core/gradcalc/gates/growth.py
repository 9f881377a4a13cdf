"""How many entries a gate's output will have, from shapes alone: known before there is memory for it."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

Shape = tuple[int, ...]


def broadcast(*shapes: Shape) -> int:
    """All of them, stretched to their common shape."""
    return math.prod(np.broadcast_shapes(*shapes))


def every_pair(a: Shape, b: Shape) -> int:
    """Each entry of the one with each of the other."""
    return math.prod(a) * math.prod(b)


def product(a: Shape, b: Shape) -> int:
    """A product of matrices, of batches of them, of vectors."""
    batch = np.broadcast_shapes(a[:-2], b[:-2])
    return math.prod(batch) * math.prod(a[-2:-1]) * (b[-1] if len(b) > 1 else 1)


def dot(a: Shape, b: Shape) -> int:
    """The last axis of a against the last but one of b."""
    if not a or not b:
        return every_pair(a, b)
    return math.prod(a[:-1]) * math.prod(b[:-2]) * (b[-1] if len(b) > 1 else 1)


def inner(a: Shape, b: Shape) -> int:
    """The last axes against each other."""
    return math.prod(a[:-1]) * math.prod(b[:-1])


def einsum(*shapes: Shape, subscripts: str) -> int:
    """The product of the sizes of the letters that are left."""
    ins, arrow, out = subscripts.replace(" ", "").partition("->")
    if "..." in subscripts:
        return 0
    terms = zip(ins.split(","), shapes, strict=True)
    sizes = {letter: n for term, shape in terms for letter, n in zip(term, shape, strict=True)}
    once = [letter for letter, n in Counter(ins.replace(",", "")).items() if n == 1]
    return math.prod(sizes[letter] for letter in (out if arrow else once))


def together(*shapes: Shape, axis: Any = 0) -> int:
    """All of them side by side."""
    return sum(math.prod(shape) for shape in shapes)


def broadcast_to(x: Shape, *, shape: Any) -> int:
    """The shape that is asked for; -1 keeps a size."""
    new = [int(n) for n in np.ravel(shape)]
    old = [1] * (len(new) - len(x)) + list(x)
    return math.prod(m if n == -1 else n for m, n in zip(old, new, strict=True))


def repeat(x: Shape, *, repeats: Any, axis: Any = None) -> int:
    """Each entry, or each slice, so many times."""
    if np.ndim(repeats) == 0:
        return math.prod(x) * int(repeats)
    along = math.prod(x) if axis is None else x[int(axis)]
    return math.prod(x) // max(along, 1) * int(sum(repeats))


def tile(x: Shape, *, reps: Any) -> int:
    """The whole, so many times along each axis."""
    return math.prod(x) * math.prod(int(n) for n in np.ravel(reps))


def pad(x: Shape, *, pad_width: Any, **_: Any) -> int:
    """Each axis longer by what is put before and behind it."""
    widths = np.broadcast_to(np.asarray(pad_width, dtype=float), (len(x), 2)).tolist()
    return math.prod(n + int(before) + int(behind) for n, (before, behind) in zip(x, widths, strict=True))


def diag(x: Shape, *, k: Any = 0) -> int:
    """A vector becomes a square."""
    return (x[0] + abs(int(k))) ** 2 if len(x) == 1 else min(x)


def rows_of(x: Shape, *, indices: Any, axis: Any = None) -> int:
    """A slice for each index."""
    count = int(np.size(indices))
    return count if axis is None else count * math.prod(x) // max(x[int(axis)], 1)


def embedding(idx: Shape, w: Shape) -> int:
    """A row for each index."""
    return math.prod(idx) * math.prod(w[1:])


def linear(x: Shape, w: Shape, b: Shape = ()) -> int:
    """For each example as many as there are rows of w."""
    return math.prod(x[:-1]) * w[0]


def affine(x: Shape, w: Shape, b: Shape = ()) -> int:
    """For each example as many as there are columns of w."""
    return x[0] * w[-1] if len(x) > 1 else w[-1]


def tensordot(a: Shape, b: Shape, *, axes: Any = 2) -> int:
    """What is left of a, with what is left of b."""
    if np.ndim(axes):
        return 0
    return math.prod(a[: len(a) - int(axes)]) * math.prod(b[int(axes) :])


def indexed(x: Shape, *, key: tuple[Any, ...] = ()) -> int:
    """Slices by their lengths, arrays of places by their common shape."""
    axes = sum(np.ndim(k) if mask(k) else 1 for k in key if k is not None and k is not Ellipsis)
    rest = [slice(None)] * (len(x) - axes)
    at = next((n for n, k in enumerate(key) if k is Ellipsis), len(key))
    count, axis, places = 1, 0, []
    for part in [*key[:at], *rest, *key[at + 1 :]]:
        if part is None:
            continue
        if isinstance(part, slice):
            count *= len(range(*part.indices(x[axis])))
        else:
            places.append((int(np.count_nonzero(part)),) if mask(part) else np.shape(part))
        axis += np.ndim(part) if mask(part) else 1
    return count * math.prod(np.broadcast_shapes(*places))


def mask(part: Any) -> bool:
    """Whether a part of a key is an array of yes and no."""
    return isinstance(part, np.ndarray) and part.dtype == bool


def convolved(
    x: Shape, w: Shape, b: Shape = (), *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, **_: Any
) -> int:
    """A picture for each filter, as wide as it has places for the kernel."""
    count = math.prod(x[: -len(w) + 1]) * w[0]
    for n, k, s, p, d in by_axis(x, w, stride, padding, dilation):
        count *= max((n + 2 * p - d * (k - 1) - 1) // s + 1, 0)
    return count


def spread_out(
    x: Shape, w: Shape, b: Shape = (), *, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
    output_padding: Any = 0, groups: Any = 1,
) -> int:  # fmt: skip
    """The way back from a convolution."""
    count = math.prod(x[: -len(w) + 1]) * w[1] * int(groups)
    for (n, k, s, p, d), more in zip(
        by_axis(x, w, stride, padding, dilation), np.broadcast_to(output_padding, len(w) - 2), strict=True
    ):
        count *= max((n - 1) * s - 2 * p + d * (k - 1) + int(more) + 1, 0)
    return count


def by_axis(x: Shape, w: Shape, *params: Any) -> list[tuple[int, ...]]:
    """For each axis of a picture its size, the kernel's, and the parameters."""
    axes = len(w) - 2
    wide = [np.broadcast_to(np.asarray(p, dtype=float), axes).astype(int).tolist() for p in params]
    return list(zip(x[-axes:], w[2:], *wide, strict=True))
