"""Numeric derivatives of any callable, each with an error bar. Needs numpy only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = Any
EPS = float(np.finfo(np.float64).eps)
FACTOR = 4.0
LADDER = 16
CLOSER = 7  # rungs more where all those are too large; below them x itself is rounded too much
WILD = 1e-2
ZERO = 1e-7  # of the steepest difference quotient


class Slope(NamedTuple):
    """A numeric derivative: its value, its error bar, both one-sided slopes, and how it was found.

    `bar` bounds the error of `value` as far as the samples tell (truncation and round-off). `left` and
    `right` are the one-sided slopes at the smallest trusted step; `side` is "both", "left" or "right":
    the sides on which the function had finite values; "" where there were none (value nan). `scale` is the
    largest difference quotient that was seen: what counts as zero here is measured by it.
    """

    value: float
    bar: float
    left: float
    right: float
    side: str
    step: float
    scale: float = 0.0

    def settled(self) -> Slope:
        """The same with 0 for a value that its bar can't tell from 0, if slopes nearby dwarf the bar.

        The differences of x·|x| at 0 are as small as their steps, and never 0.
        """
        if self.side == "both" and abs(self.value) <= 10 * self.bar <= ZERO * self.scale:
            return self._replace(value=0.0)
        return self


def differentiate(
    f: Callable[[Array], Array], x: float, *, step: float | None = None, eps: float = EPS, floor: float = 0.0
) -> Slope:
    """The derivative of `f` at `x` by differences over a ladder of steps.

    `f` maps an array of points, shape (n,), to as many values. Two ladders are tried, one on the scale
    of |x| and one on the scale of 1; of all estimates that with the smallest error bar wins. A bar is the
    larger of round-off (eps·max|f|/h) and the disagreement with the neighbouring steps, so it holds
    under cancellation and for noisy functions alike. With `step` only that step is used (and a quarter
    of it, for the bar). `eps` is the relative precision in which `f` computes,
    `floor` an absolute noise in its values beyond that.
    """
    scales = sorted({abs(x) or 1.0, 1.0} if step is None else {step})
    found = []
    for scale in scales:
        slope = _ladder(
            f, x, 0.25 * scale if step is None else step, LADDER if step is None else 2, eps, floor
        )
        if step is None and slope.side == "both" and np.isinf(slope.bar):
            slope = _ladder(f, x, slope.step, CLOSER, eps, floor)
        found.append(slope)
    near, far = found[0], found[-1]
    if _better(near, far) or (
        near.bar <= 1e-3 * abs(near.value) and abs(near.value - far.value) > 10 * far.bar
    ):
        return near  # steps that are too large see nothing of what is small, and are sure of it
    return far


def _better(a: Slope, b: Slope) -> bool:
    if np.isnan(a.value) or np.isnan(b.value):
        return bool(np.isnan(b.value) and not np.isnan(a.value))
    return a.bar < b.bar


def _ladder(f: Callable[[Array], Array], x: float, top: float, rungs: int, eps: float, floor: float) -> Slope:
    steps = top * FACTOR ** -np.arange(rungs, dtype=float)
    above, below = x + steps, x - steps
    up, down = above - x, x - below  # the steps that the floats really took
    points = np.concatenate([[x], above, below])
    with np.errstate(all="ignore"):
        values = np.asarray(f(points), dtype=float)
        here, plus, minus = values[0], values[1 : rungs + 1], values[rungs + 1 :]
        right, left = (plus - here) / up, (here - minus) / down
        both = (plus - minus) / (up + down)
        size = np.maximum(np.maximum(abs(plus), abs(minus)), abs(here))
        if eps > EPS:  # then x is rounded on its way into f too
            size = size + abs(x) * np.nan_to_num(np.abs(both), posinf=0.0)
        noise = 4 * eps * size + floor
    ok_right, ok_left = np.isfinite(right), np.isfinite(left)
    if (ok_right & ok_left).sum() >= min(2, rungs):
        value, bar, k = _pick(both, noise, up, 2)
        side = "both"
    elif ok_right.sum() >= 2:
        value, bar, k = _pick(right, noise, up, 1)
        side = "right"
    elif ok_left.sum() >= 2:
        value, bar, k = _pick(left, noise, down, 1)
        side = "left"
    else:
        return Slope(np.nan, np.inf, np.nan, np.nan, "", float(steps[-1]))
    quotients = np.abs(np.concatenate([right[ok_right], left[ok_left]]))
    scale = float(quotients.max(initial=0.0))
    if side == "both" and rungs > 2 and _wild(plus, minus, here, noise, steps > 16 * np.spacing(abs(x))):
        return Slope(value, np.inf, float(left[k]), float(right[k]), side, float(steps[-1]), scale)
    return Slope(value, bar, float(left[k]), float(right[k]), side, float(steps[k]), scale)


def _wild(plus: Array, minus: Array, here: Array, noise: Array, real: Array) -> bool:
    """Whether the values differ at the smallest steps as they do at the largest.

    Then no step is small beside what happens there (a wave shorter than all of them, a pole), and that
    larger steps agree on a flatter slope says nothing. `real` are the steps that x does not swallow.
    """
    with np.errstate(all="ignore"):
        spread = np.maximum(np.abs(plus - here), np.abs(minus - here))
    spread = np.where(np.isfinite(spread), spread, 0.0)[real]
    if not spread.size:
        return True
    least = float(np.median(spread[-4:]))
    return least > WILD * float(spread.max()) and least > 100 * float(np.median(noise[real][-4:]))


def _pick(estimates: Array, noise: Array, steps: Array, order: int) -> tuple[float, float, int]:
    """The rung with the smallest error bar, after one Richardson step (which removes the h^order term)."""
    gain = FACTOR**order
    with np.errstate(all="ignore"):
        better = estimates.copy()
        better[1:] = estimates[1:] + (estimates[1:] - estimates[:-1]) / (gain - 1)
        gap = np.abs(np.diff(better))
        bar = np.full(len(better), np.inf)
        # An estimate must agree with the next larger and the next smaller step.
        bar[1:-1] = np.maximum(gap[:-1], gap[1:])
        if len(better) == 2:
            bar[1] = gap[0]
        bar += noise / steps
    bar[~np.isfinite(bar) | ~np.isfinite(better)] = np.inf
    k = int(np.argmin(bar))
    if not np.isfinite(bar[k]):
        finite = np.flatnonzero(np.isfinite(estimates))
        k = int(finite[-1])
        return float(estimates[k]), np.inf, k
    return float(better[k]), float(bar[k]), k
