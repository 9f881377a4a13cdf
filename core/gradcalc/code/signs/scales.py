"""Mistakes of the whole array at once: a constant factor, a sign, another order, another input's gradient."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from ..record import Mistake
from .pair import Pair


def zero(p: Pair) -> Iterator[Mistake]:
    """Nothing comes back at all."""
    if p.a.size and not np.any(p.a):
        yield Mistake("zero", f"d{p.name} is zero everywhere: nothing arrives at {p.name}")


def constant(p: Pair) -> Iterator[Mistake]:
    """One factor for all entries."""
    if p.a.shape != p.n.shape or not np.any(p.a):
        return
    a, n = p.a[p.known], p.n[p.known]
    if not np.any(n):
        return
    c = float(np.sum(a * n) / np.sum(n * n))
    if c == 0 or not np.all(np.abs(a - c * n) <= p.slack[p.known] * max(1.0, abs(c))):
        return
    if near(c, 1.0):
        return
    said = reading(p, c)
    if said is not None:
        yield said
    elif p.rank >= 3:
        yield Mistake("factor", f"d{p.name} is {c:.6g} times the true gradient, in every entry")


def reading(p: Pair, c: float) -> Mistake | None:
    """What a constant factor usually means, or None where it means nothing to anybody."""
    if near(c, -1.0):
        return Mistake("sign", f"d{p.name} has the wrong sign, in every entry")
    size = abs(c)
    start = f"d{p.name} has the wrong sign, and is" if c < 0 else f"d{p.name} is"
    for words, number in lengths(p):
        if near(size, 1.0 / number) and number > 2:
            said = f"divided by {words}, {number}, once too often (a mean where a sum belongs)"
            return Mistake("averaged", f"{start} 1/{number} of the true gradient: {said}")
        if near(size, number) and number > 2:
            return Mistake(
                "factor", f"{start} {number} times the true gradient: not divided by {words}, {number}"
            )
    for word, value in numbers(p):
        forms = {word: value, f"1/{word}": _inverse(value), f"(1 - {word})": 1.0 - value}
        forms[f"1/(1 - {word})"] = _inverse(1.0 - value)
        for form, other in forms.items():
            if other and not near(abs(other), 1.0) and near(size, abs(other)):
                return Mistake("factor", f"{start} the true gradient times {form} = {other:.6g}")
    ratio = Fraction(size).limit_denominator(12) if np.isfinite(size) else None
    if ratio and near(size, float(ratio)):
        return Mistake("factor", f"{start} exactly {ratio} times the true gradient")
    return None


def near(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-5 * abs(b)


def _inverse(x: float) -> float:
    return 1.0 / x if x else 0.0


def lengths(p: Pair) -> Iterator[tuple[str, int]]:
    """Sizes that people divide by: the lengths of axes, and the number of entries."""
    seen = set()
    arrays = [(n, v) for n, v in p.clues.values.items() if np.ndim(v)]
    arrays += [("the output", o) for o in p.clues.outputs if np.ndim(o)]
    for name, array in arrays:
        of = f"the length of {name}" if np.ndim(array) == 1 else f"axis {{}} of {name}"
        for axis, number in enumerate(np.shape(array)):
            if number not in seen:
                seen.add(number)
                yield of.format(axis), number
    for name, array in arrays:
        number = int(np.size(array))
        if number not in seen:
            seen.add(number)
            yield f"the number of entries of {name}", number


def numbers(p: Pair) -> Iterator[tuple[str, float]]:
    """The parameters that are numbers."""
    for name, value in p.clues.params.items():
        if (isinstance(value, (int, float)) and not isinstance(value, bool) and value) or (
            isinstance(value, np.generic) and value.dtype.kind in "fiu" and value
        ):
            yield name, float(value)


def order(p: Pair) -> Iterator[Mistake]:
    """The right numbers at other places."""
    if p.a.shape != p.n.shape or p.rank < 2:
        return
    name, a = p.name, p.a
    if a.ndim == 2 and p.is_numeric(a.T):
        yield Mistake("transposed", f"d{name} is transposed")
        return
    for axes in itertools.permutations(range(a.ndim)) if 2 < a.ndim <= 4 else ():
        if axes != tuple(range(a.ndim)) and p.is_numeric(np.transpose(a, axes)):
            yield Mistake(
                "transposed",
                f"d{name} has its axes in another order: transpose({', '.join(map(str, axes))}) fits",
            )
            return
    for count in range(1, a.ndim + 1):
        for axes in itertools.combinations(range(a.ndim), count):
            if p.is_numeric(np.flip(a, axes)):
                yield Mistake("flipped", f"d{name} is reversed along {_axes(axes)}")
                return
    for axis in range(a.ndim):
        for shift in (1, -1):
            if p.is_numeric(np.roll(a, shift, axis)):
                yield Mistake("permuted", f"d{name} is shifted by one along axis {axis}")
                return
    yield from _shifted(p) or _permuted(p)


def _shifted(p: Pair) -> list[Mistake]:
    """The right numbers a place or two beside, along the last axes: cut out of something larger elsewhere."""
    deep = min(2, p.a.ndim)
    for steps in itertools.product((0, 1, -1, 2, -2), repeat=deep):
        mine = tuple(slice(max(s, 0), min(s, 0) or None) for s in steps)
        true = tuple(slice(max(-s, 0), min(-s, 0) or None) for s in steps)
        a, n, slack = (v[(..., *cut)] for v, cut in ((p.a, mine), (p.n, true), (p.slack, true)))
        known = np.isfinite(n)
        if not any(steps) or 2 * a.size < p.a.size or int((known & (np.abs(n) > slack)).sum()) < 4:
            continue
        if np.all(np.abs(a - n)[known] <= slack[known]):
            axes = [k for k, s in zip(range(p.a.ndim - deep, p.a.ndim), steps, strict=True) if s]
            by = " and ".join(f"{s:+d}" for s in steps if s)
            return [Mistake("permuted", f"d{p.name} is shifted by {by} along {_axes(tuple(axes))}")]
    return []


def _permuted(p: Pair) -> Iterator[Mistake]:
    if not p.known.all():
        return
    words = ("rows", "columns") if p.a.ndim == 2 else ("entries",) if p.a.ndim == 1 else ()
    for axis, word in enumerate(words):
        mine = np.moveaxis(p.a, axis, 0).reshape(p.a.shape[axis], -1)
        true = np.moveaxis(p.n, axis, 0).reshape(p.a.shape[axis], -1)
        slack = float(p.slack.max())
        gaps = np.abs(mine[:, None, :] - true[None, :, :]).max(axis=2) if len(mine) <= 200 else None
        if gaps is None or not np.all(gaps.min(axis=1) <= slack):
            continue
        if np.array_equal(np.sort(gaps.argmin(axis=1)), np.arange(len(mine))):
            yield Mistake("permuted", f"the {word} of d{p.name} are the right ones in another order")
            return
    if p.a.ndim > 1 and np.allclose(
        np.sort(p.a, axis=None), np.sort(p.n, axis=None), rtol=0, atol=p.slack.max()
    ):
        yield Mistake(
            "permuted", f"d{p.name} has the right numbers at other places: a reshape in another order"
        )


def _axes(axes: tuple[int, ...]) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else "axes " + " and ".join(map(str, axes))


def exchanged(p: Pair) -> Iterator[Mistake]:
    """The gradient of another input."""
    for other, n in p.clues.numeric.items():
        if other == p.name or np.shape(n) != p.a.shape or not np.any(p.a):
            continue
        if np.all(np.abs(p.a - n)[np.isfinite(n)] <= max(1e-7, 1e3 * p.clues.eps) * np.nanmax(np.abs(n))):
            back = p.clues.analytic.get(other)
            both = (
                back is not None
                and np.shape(back) == np.shape(p.n)
                and p.is_numeric(np.asarray(back, dtype=float))
            )
            said = (
                f"d{p.name} and d{other} are exchanged" if both else f"d{p.name} is the gradient of {other}"
            )
            yield Mistake("swapped", said)


def upstream(p: Pair) -> Iterator[Mistake]:
    """The upstream gradient is not used, or used twice."""
    clues = p.clues
    if not clues.seeded or not np.any(p.a):
        return
    other = _ask(p, [-2.0 * np.flip(u) + 0.25 for u in clues.upstreams])
    if other is not None and np.allclose(other, p.a, rtol=1e-9, atol=0):
        yield Mistake(
            "upstream-ignored",
            f"d{p.name} does not change with the upstream gradient: it is not multiplied by it",
        )
        return
    double = _ask(p, [2.0 * u for u in clues.upstreams])
    if double is not None and np.allclose(double, 4.0 * p.a, rtol=1e-6, atol=0):
        yield Mistake(
            "extra-factor",
            f"d{p.name} grows with the square of the upstream gradient: it is multiplied by it twice",
        )


def _ask(p: Pair, upstreams: list[Any]) -> Any:
    found = p.clues.again(upstreams).get(p.name)
    return found if found is not None and np.shape(found) == p.a.shape else None
