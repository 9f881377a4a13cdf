"""What slopes over a ladder of complex steps settle on as the step shrinks: a number, zero or infinity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .gate import Array

EXPONENTS = (0, 40, 248, 288)  # each step is so many powers of two above the smallest
SETTLED = 1e-9  # two steps that agree to this have found the slope
LEAP = 0.9995
APART = 1e3  # a slope that changes so much from step to step hangs on the step


class Limit(NamedTuple):
    """The limit of each entry, and how far it may be off: infinite where the steps settle on nothing."""

    value: Array
    bar: Array


def limit(slopes: Array, *, normal: bool = True) -> Limit:
    """The limit of slopes, shape (steps, entries), at steps that grow by EXPONENTS.

    Where two neighbouring steps agree on a number other than 0 that is the slope (smaller steps may have
    underflowed). One that shrinks with the step is 0: x³ at 0 leaves the step's square behind. One that
    grows as the step shrinks is infinite, like that of √x at 0. `normal` is False where values are so small
    that no step is small beside them: then little is concluded from large ones.
    """
    with np.errstate(all="ignore"):
        sizes = np.abs(slopes)
        value, bar = slopes[0].copy(), np.max(np.abs(slopes - slopes[0]), axis=0)
        bar = np.where(np.isfinite(bar), bar, np.inf)
        first, second, third = sizes[:3]
        fades = (first * APART <= second) & (second * APART <= third) & np.isfinite(third)
        value, bar = np.where(fades, 0.0, value), np.where(fades, 0.0, bar)
        rates = [np.log2(sizes[k] / sizes[k + 1]) / (EXPONENTS[k + 1] - EXPONENTS[k]) for k in (0, 1)]
        # One that grows as fast as the step shrinks is the same leap at every step, and no slope.
        grows = (np.abs(rates[0] - rates[1]) <= 1e-3) & (rates[0] > 0.01) & (rates[0] < LEAP)
        bar = np.where(~grows & ~fades & (first >= APART * second), np.inf, bar)
        grows |= _like_a_logarithm(slopes)
        grows &= (np.sign(slopes[0]) == np.sign(slopes[1])) & ~np.isnan(first)
        value = np.where(grows, np.copysign(np.inf, slopes[0]), value)
        bar = np.where(grows, 0.0 if normal else np.inf, bar)
        for k in reversed(range(len(slopes) - 1)):
            gap, size = np.abs(slopes[k] - slopes[k + 1]), np.maximum(sizes[k], sizes[k + 1])
            settled = (gap <= SETTLED * size) & (size > 0) & np.isfinite(size)
            settled &= normal or k < 2
            value, bar = np.where(settled, slopes[k], value), np.where(settled, gap, bar)
    return Limit(value, bar)


def _like_a_logarithm(slopes: Array) -> Array:
    """Where the slope grows by as much with every power of two, as that of x·log(x) does at 0."""
    rises = [
        (slopes[k] - slopes[k + 1]) / (EXPONENTS[k + 1] - EXPONENTS[k]) for k in range(len(EXPONENTS) - 1)
    ]
    size = np.abs(rises[0])
    same = (np.abs(rises[1] - rises[0]) <= 1e-3 * size) & (np.abs(rises[2] - rises[0]) <= 1e-3 * size)
    return np.asarray(same & (size > 1e-3 * np.abs(slopes[0] / 1024)))
