"""Both witnesses on people's code, weighed by their error bars: by entries, and along directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..gate import Array
from ..numeric import Slope
from ..verdicts import Verdict
from .record import Argument, Worst
from .witness import Entries

AGREE = 10.0
UNDECIDED = 1e-3
CLOSE = 1e-4  # witnesses that differ by more of the value do not agree, however wide the bar


def undecided(eps: float) -> float:
    """The share of a value from which on a bar decides nothing: wider where the code itself is coarse."""
    return max(UNDECIDED, min(200 * float(np.cbrt(eps)) ** 2, 0.1))


class Direction(NamedTuple):
    """What moving along one direction says."""

    verdict: Verdict
    error: float
    analytic: float
    numeric: float
    bar: float


def weigh_direction(slope: Slope, gradient: Array, own: Array, u: Array, eps: float) -> Direction:
    """The analytic gradient along `u` against the slope along it."""
    a = float(np.sum(gradient * u))
    terms = float(np.sum(np.abs(gradient * u)))
    underflow = 5e-324 * float(np.sum(np.abs(u)))
    bar = slope.bar + float(np.sqrt(np.sum((own * u) ** 2))) + 8 * eps * terms + underflow
    low, high = min(slope.left, slope.right), max(slope.left, slope.right)
    n = slope.value
    if slope.side == "":
        return Direction(Verdict.DOMAIN, 0.0, a, n, bar)
    if not np.isfinite(bar):
        return Direction(Verdict.NOISE, 0.0, a, n, bar)
    size = max(abs(a), abs(n))
    error = abs(a - n) / size if size else 0.0
    split = high > low
    if low - AGREE * bar <= a <= high + AGREE * bar:
        wide = bar > undecided(eps) * max(size, 1e-3 * terms)
        verdict = Verdict.KINK if split else Verdict.NOISE if wide and size else Verdict.PASS
        return Direction(verdict, 0.0 if split else error, a, n, bar)
    return Direction(Verdict.FAIL, error, a, n, bar)


def weigh_entries(
    base: Argument,
    gradient: Array,
    entries: Entries,
    own: Array,
    directions: Sequence[Direction],
    together: Sequence[Direction] = (),
    eps: float = 2.0**-52,
    typical: float = 0.0,
    beneath: Array | float = 0.0,
) -> Argument:
    """The verdict on an argument whose entries were all moved.

    An entry agrees within ten bars of both sides; at a kink, between the one-sided slopes. A direction that
    fails where all entries agree fails the whole: something hides from single moves. `together` are moves of
    all entries that stand on a kink, `eps` is the precision that the code computes in,
    `typical` the size of the gradient nearby, and what differs by less than `beneath` is lost in the
    rounding of the value itself.
    """
    a = np.asarray(gradient, dtype=float).reshape(-1) + 0.0
    right, left, n = entries.right + 0.0, entries.left + 0.0, entries.numeric + 0.0
    bar = entries.bar + 2 * np.asarray(own, dtype=float).reshape(-1)
    with np.errstate(all="ignore"):
        split = np.abs(right - left) > AGREE * bar
        low, high = np.minimum(right, left) - AGREE * bar, np.maximum(right, left) + AGREE * bar
        inside = (a >= low) & (a <= high)
        gap = np.where(split & inside, 0.0, np.abs(a - n))
        size = np.maximum(np.abs(a), np.abs(n))
        scale = float(np.nanmax(size, initial=0.0))
        known = np.isfinite(bar) & np.isfinite(n)
        wrong = known & ~inside
        apart = gap > max(CLOSE, 100 * eps) * size
        negligible = bar <= max(1e-6, eps**0.5) * max(scale, typical)
        if a.size == 1:  # there is no larger entry beside which it would be nothing
            negligible &= ~apart
        lost = wrong & (gap <= beneath)
        wrong &= ~lost
        noisy = ~known | lost | (((bar > undecided(eps) * size) | apart) & ~negligible & (size > 0) & ~split)
    shape = base.shape if int(np.prod(base.shape)) == a.size else (a.size,)
    at = int(np.argmax(np.where(wrong, gap / np.maximum(bar, 1e-300), -1))) if wrong.any() else 0
    if not wrong.any() and a.size:
        at = int(np.nanargmax(np.where(known, gap, -1.0))) if known.any() else 0
    index = tuple(int(k) for k in np.unravel_index(at, shape)) if shape else ()
    worst = Worst(index, float(a[at]), float(n[at]), float(bar[at])) if a.size else None
    verdict, notes = Verdict.PASS, list(base.notes)
    along = [d for d in directions if d.verdict is Verdict.FAIL]
    if wrong.any():
        verdict = Verdict.FAIL
    elif along and a.size > 1 and not (split.any() or lost.any()):
        verdict = Verdict.FAIL
        d = along[0]
        notes.append(
            f"every entry agrees, but along a random direction it is {d.analytic:.8g}, "
            f"numerically {d.numeric:.8g}"
        )
    elif any(d.verdict is Verdict.FAIL for d in together):
        verdict = Verdict.FAIL
        d = next(d for d in together if d.verdict is Verdict.FAIL)
        notes.append(
            f"at a tie each entry lies between its slopes, but not their sum: moved together they give "
            f"{d.analytic:.6g}, numerically {d.numeric:.6g} (more is handed out than arrives)"
        )
    elif (np.isinf(left) | np.isinf(right)).any():
        k = int(np.flatnonzero(np.isinf(left) | np.isinf(right))[0])
        verdict = Verdict.NONFINITE
        place = tuple(int(j) for j in np.unravel_index(k, shape)) if shape else ()
        where = f" at {list(place)}" if place else ""
        notes.append(
            f"the slope{where} is not finite: differences grow without end "
            f"as the step shrinks ({left[k]:g} on the left, {right[k]:g} on the right); {a[k]:.6g} is given"
        )
    elif noisy.any():
        k = int(np.flatnonzero(noisy)[0])
        verdict = Verdict.NOISE
        notes.append(f"rounding hides the answer: {a[k]:.4g} and {n[k]:.4g}, give or take {bar[k]:.2g}")
    elif split.any():
        k = int(np.flatnonzero(split)[0])
        place = tuple(int(j) for j in np.unravel_index(k, shape)) if shape else ()
        verdict = Verdict.KINK
        count = int(split.sum())
        more = f" ({count} entries stand on a kink)" if count > 1 else ""
        notes.append(
            f"a kink{' at ' + str(list(place)) if place else ''}: slope {left[k]:.6g} on the left, "
            f"{right[k]:.6g} on the right; {a[k]:.6g} lies between them{more}"
        )
    with np.errstate(all="ignore"):
        error = float(np.nanmax(np.where(known, gap, 0.0), initial=0.0) / scale) if scale else 0.0
        limit = AGREE * float(np.max(bar, initial=0.0, where=known)) / scale if scale else None
    return base._replace(
        verdict=str(verdict), checked="entries", worst=worst, notes=tuple(notes), error=error,
        numeric=n.reshape(shape), wrong=wrong.reshape(shape), bars=bar.reshape(shape), limit=limit,
    )  # fmt: skip
