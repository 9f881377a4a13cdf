"""A gradient of another shape than its input: what would make it fit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from ...diagnose import word
from ..record import Mistake
from .pair import Pair


def misshapen(p: Pair) -> Iterator[Mistake]:
    """What the shape tells, checked against the slopes where they are known."""
    name, a, want = p.name, p.a, p.n.shape
    if a.shape == want:
        return
    if a.shape == want[::-1] and a.ndim == 2:
        yield Mistake(
            "transposed", f"d{name} is transposed: d{name}.T has the shape of {name}{_right(p, a.T)}"
        )
        return
    if a.size == int(np.prod(want)) and a.ndim != 0:
        what = f"the shape {word(want)}"
        if p.is_numeric(a.reshape(want)):
            yield Mistake("shape", f"d{name} has the right numbers, but not {what}: reshape it like {name}")
            return
    for axes in _reductions(a.shape, want):
        summed = a.sum(axis=axes).reshape(want)
        if p.is_numeric(summed):
            yield Mistake("not-summed", f"d{name} is not summed back: summed over {_axes(axes)} it is right")
            return
    for axes in _reductions(a.shape, want):
        if p.is_numeric(a.mean(axis=axes).reshape(want)):
            yield Mistake("not-summed", f"d{name} is not averaged back: its mean over {_axes(axes)} is right")
            return
    for axes in _reductions(a.shape, want):
        yield Mistake(
            "not-summed", f"d{name} is {word(a.shape)}: summed over {_axes(axes)} it would fit {name}"
        )
        return
    for axes in _reductions(want, a.shape):
        if p.known.all() and np.allclose(
            p.n.sum(axis=axes).reshape(a.shape), a, rtol=1e-6, atol=p.scale * 1e-7
        ):
            yield Mistake("not-summed", f"d{name} is summed over {_axes(axes)}, which {name} has of its own")
            return
    for other, n in p.clues.numeric.items():
        if (
            other != name
            and np.shape(n) == a.shape
            and np.allclose(n, a, rtol=1e-6, atol=1e-9, equal_nan=True)
        ):
            yield Mistake(
                "swapped", f"d{name} is the gradient of {other}: the gradients come back in another order"
            )
            return
    yield Mistake("shape", f"d{name} is {word(a.shape)}, where {name} is {word(want)}")


def _right(p: Pair, turned: object) -> str:
    return ", and the right numbers" if p.is_numeric(turned) else ""


def _reductions(have: tuple[int, ...], want: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The axes over which a sum makes `want` of `have`, ones aside."""
    bare = tuple(n for n in want if n != 1)
    for count in range(1, len(have) + 1):
        for axes in itertools.combinations(range(len(have)), count):
            left = tuple(n for k, n in enumerate(have) if k not in axes)
            if tuple(n for n in left if n != 1) == bare and len(have) <= 5:
                yield axes


def _axes(axes: tuple[int, ...]) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else "axes " + " and ".join(map(str, axes))
