"""The digits that are written are the tolerance: is this number right?"""

from __future__ import annotations

import numpy as np

from .gate import Array

TIGHTEST = 1e-12
COARSE = 0.05
SLACK = 1 + 1e-9  # half a unit, whatever binary makes of it,
ULPS = 2**-50  # and of a number that stands just between two, relative to it
BARE = 0.5  # half a unit of a 0 without decimals: it claims a true zero


def by_digits(value: float, half: float, true: float, bar: float = 0.0) -> str:
    """Whether a number written to half a unit `half` is "right", "wrong", or has too few "digits" to tell.

    Right when the true value rounds to the digits written and lies within 5 % of them, when it is exact
    (to 1e-12, or to the rounding error `bar` of the true value itself). A bare 0 is right only for a true
    zero: one within its own rounding error, as sin(pi) is.

    >>> by_digits(-0.53, 0.005, -0.5344), by_digits(4.0, 0.5, 3.6), by_digits(0.0, 0.5, 0.3)
    ('right', 'digits', 'wrong')
    """
    if value == true or (value != value and true != true):
        return "right"
    gap = abs(value - true)
    size = abs(true)
    if not gap < float("inf"):
        return "wrong"
    if gap <= TIGHTEST * size or gap <= bar:
        return "right"
    if gap <= half * SLACK + ULPS * size and not (value == 0 and half >= BARE):
        return "right" if gap <= COARSE * size else "digits"
    return "wrong"


def all_by_digits(value: Array, half: Array, true: Array, bar: Array) -> tuple[str, Array]:
    """The verdict over the entries of an array, each by its own digits, and the entries that have it."""
    with np.errstate(all="ignore"):
        gap, size = np.abs(value - true), np.abs(true)
        exact = (value == true) | (np.isnan(value) & np.isnan(true))
        exact |= (gap < np.inf) & ((gap <= TIGHTEST * size) | (gap <= bar))
        rounds = (gap < np.inf) & (gap <= half * SLACK + ULPS * size) & ~((value == 0) & (half >= BARE))
        right = exact | (rounds & (gap <= COARSE * size))
    for verdict, where in (("wrong", ~right & ~rounds), ("digits", ~right)):
        if where.any():
            return verdict, where
    return "right", right
