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
