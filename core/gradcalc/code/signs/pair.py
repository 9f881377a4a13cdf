"""A wrong gradient beside the right one, and all that may explain the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ...gate import Array

Again = Callable[[Sequence[Array]], Mapping[str, Array]]
Slopes = Callable[[str, Sequence[Sequence[Array]]], "Array | None"]


class Clues(NamedTuple):
    """What the code was called with and gave.

    `values` are its inputs, `outputs` and `upstreams` go together, `numeric` and `analytic` are the gradients
    by input, `params` numbers that are no inputs, `integers` the inputs that are labels or indices. `again`
    asks the backward once more for other upstream gradients, `slopes` the numeric side for several sets of
    them. `eps` is that of the precision that the code computes in.
    """

    values: Mapping[str, Any]
    outputs: Sequence[Array]
    upstreams: Sequence[Array]
    numeric: Mapping[str, Array]
    analytic: Mapping[str, Array]
    params: Mapping[str, Any]
    integers: frozenset[str]
    again: Again
    slopes: Slopes
    seeded: bool
    eps: float


class Pair:
    """The gradient of one input, `a` as given and `n` as it is; `n` is nan where it was not looked at."""

    def __init__(self, clues: Clues, name: str, a: Array, n: Array, bars: Array | None = None) -> None:
        self.clues = clues
        self.name = name
        self.a = np.asarray(a, dtype=float)
        self.n = np.asarray(n, dtype=float)
        self.bars = bars

    @cached_property
    def known(self) -> Array:
        return np.isfinite(self.n)

    @cached_property
    def scale(self) -> float:
        """The size of the larger gradient."""
        return float(max(np.nanmax(np.abs(self.n), initial=0.0), np.max(np.abs(self.a), initial=0.0)))

    @cached_property
    def slack(self) -> Array:
        """How far equal entries may lie apart: far less than what is to be explained."""
        coarse = max(1e-7, 1e3 * self.clues.eps) * self.scale
        if self.bars is None:
            return np.broadcast_to(coarse, self.n.shape)
        bars = np.where(np.isfinite(self.bars), self.bars, 0.0)
        if self.a.shape == self.n.shape:
            coarse = min(coarse, 1e-2 * float(np.nanmax(np.abs(self.a - self.n), initial=0.0)))
        return np.broadcast_to(np.maximum(20.0 * bars, coarse), self.n.shape)

    @cached_property
    def wrong(self) -> Array:
        """Which known entries differ."""
        return self.known & (np.abs(self.a - self.n) > self.slack)

    @cached_property
    def rank(self) -> int:
        """How many entries speak: known ones that are not zero in either gradient."""
        return int((self.known & (np.maximum(np.abs(self.a), np.abs(self.n)) > self.slack)).sum())

    def is_numeric(self, guess: Array) -> bool:
        """Whether `guess` is the right gradient."""
        if np.shape(guess) != self.n.shape:
            return False
        with np.errstate(all="ignore"):
            gap = np.abs(guess - self.n)
            return bool(np.all((gap <= self.slack)[self.known])) and bool(self.known.any())

    def is_given(self, guess: Array) -> bool:
        """Whether `guess` is the gradient that was given, where the right one is known."""
        if np.shape(guess) != self.a.shape or self.a.shape != self.n.shape:
            return False
        with np.errstate(all="ignore"):
            return bool(np.all((np.abs(guess - self.a) <= self.slack)[self.known]))
