"""Whether a function has a kink at a point, by values alone. Needs numpy only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any
EPS = float(np.finfo(np.float64).eps)
STEPS = 0.05 * 8.0 ** -np.arange(8.0)
SMALLER = 0.05 * 8.0 ** -np.arange(14.0)


def kink(
    f: Callable[[Array], Array], x: float, eps: float = EPS, noise: float = 0.0
) -> tuple[float, float, float] | None:
    """The slopes left and right of x and their bar where they really differ, or None where f is smooth.

    The gap between one-sided slopes over ever smaller steps: it shrinks with the step where f is smooth,
    and stays where it is at a kink.
    """
    scale = abs(x) or 1.0
    t = STEPS * scale
    values = np.asarray(f(np.concatenate([[x], x + t, x - t])), dtype=float)
    here, plus, minus = values[0], values[1 : len(t) + 1], values[len(t) + 1 :]
    up, down = (x + t) - x, x - (x - t)
    with np.errstate(all="ignore"):
        right, left = (plus - here) / up, (here - minus) / down
        floor = (16 * eps * np.maximum(np.maximum(np.abs(plus), np.abs(minus)), abs(here)) + 4 * noise) / t
        gap = right - left
    seen = np.isfinite(gap) & (np.abs(gap) > 20 * floor) & (np.abs(gap) > 1e-6 * np.abs(right))
    last = -1
    for k in range(len(t) - 1):
        if seen[k] and seen[k + 1] and abs(gap[k] - gap[k + 1]) < 0.1 * abs(gap[k + 1]) + floor[k + 1]:
            last = k + 1
        elif last >= 0:
            break
    if last < 0 or (last + 1 < len(t) and not _stays(gap, floor, last)):
        return None
    bar = abs(right[last] - right[last - 1]) + abs(left[last] - left[last - 1]) + floor[last]
    return float(left[last]), float(right[last]), float(bar)


def _stays(gap: Array, floor: Array, last: int) -> bool:
    """Whether below the last clear step there is nothing but rounding to say otherwise."""
    rest, noise = gap[last + 1 :], floor[last + 1 :]
    return bool(np.all(~np.isfinite(rest) | (np.abs(rest - gap[last]) < 0.2 * abs(gap[last]) + 30 * noise)))


def steep(f: Callable[[Array], Array], x: float, eps: float = EPS) -> tuple[float, float] | None:
    """The slopes left and right of x where one of them is not finite, or None where both are.

    Such a one-sided difference quotient grows with every step that is smaller, as those of sqrt and cbrt at 0
    do, and by less than the step shrinks: else it is a jump. `nan` stands for a side without values.
    """
    t = SMALLER * (abs(x) or 1.0)
    values = np.asarray(f(np.concatenate([[x], x + t, x - t])), dtype=float)
    here, plus, minus = values[0], values[1 : len(t) + 1], values[len(t) + 1 :]
    slopes = []
    with np.errstate(all="ignore"):
        for moved, steps in ((minus, (x - t) - x), (plus, (x + t) - x)):
            sure = np.abs(moved - here) > 100 * eps * np.maximum(np.abs(moved), abs(here))
            count = len(t) if sure.all() else int(np.argmin(sure))
            quotients = ((moved - here) / steps)[:count]
            growth = np.abs(quotients[1:] / quotients[:-1])
            endless = count > 6 and bool(np.all((growth > 1.05) & (growth < 7.5)))
            last = quotients[-1] if count else 0.0 if np.isfinite(moved).all() else np.nan
            slopes.append(float(np.copysign(np.inf, last)) if endless else float(last))
    return (slopes[0], slopes[1]) if np.isinf(slopes).any() else None
