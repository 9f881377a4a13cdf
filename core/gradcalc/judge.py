"""The verdict on one node: both numeric slopes and the analytic gradient, weighed by their error bars."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .gate import Array, as_value
from .lost import JUMPS, KINK, Lost, not_finite, outside
from .task import Task
from .verdicts import Verdict

AGREE = 10.0  # a difference of up to so many bars is agreement
UNDECIDED = 1e-3  # a bar above this share of the value decides nothing
CLOSE = 1e-4  # witnesses that differ by more of the value do not agree, however wide the bar
MOST_LOST = 16  # entries without a finite gradient that are looked into
NOTHING = 1e-9  # a bar below this share of what might have been tells zero from noise
EPS = float(np.finfo(float).eps)
FLOOR = float(np.finfo(float).tiny)  # what underflow leaves uncertain


class Checked(NamedTuple):
    """What the check found at one node.

    `numeric` has the node's shape (None where only directions were tried), `error` is
    max|a-n| / max(|a|, |n|), `bar` the largest error bar of both sides together; `left` and `right` are
    the one-sided slopes where they differ; `evidence` is one sentence for verdicts other than pass. `entry`
    is the entry (flat) that decided, or where both differ most, `bars` there the analytic and the numeric
    side's, `slopes` the left and the right one, `step` that of central differences, None for complex steps.
    """

    node: int
    numeric: Array | None
    error: float
    bar: float
    verdict: Verdict
    checked: str
    evidence: str = ""
    left: Array | None = None
    right: Array | None = None
    entry: int = 0
    bars: tuple[float, float] = (0.0, 0.0)
    slopes: tuple[float, float] | None = None
    step: float | None = None


class Sides(NamedTuple):
    """What moving a node says, entry by entry: one-sided slopes for each seed, and which entries jump.

    `wide` is the numeric side's error bar where that is not rounding alone, `near` the steepest slope that
    was seen nearby (both for each seed, or None), `steps` those of central differences.
    """

    right: list[Array]
    left: list[Array]
    jumped: Array
    wide: list[Array] | None = None
    near: list[Array] | None = None
    steps: Array | None = None


def judge(task: Task, i: int, sides: Sides) -> Checked:
    """The verdict on one node from what moving it says."""
    graph = task.graph
    shape = np.shape(graph.values[i])
    entries: list[Checked] = []
    for k in range(len(task.seeds)):
        gradient = task.analytic[k][i]
        a = np.zeros(sides.right[k].shape) if gradient is None else gradient
        a = np.asarray(a, dtype=float).reshape(-1)
        own = task.bars[k].bar[i]
        bar = np.zeros(a.shape) if own is None else np.asarray(own, dtype=float).reshape(-1)
        entries.append(_judge_entries(task, i, k, a, bar, sides))
    decisive = min(entries, key=lambda c: list(Verdict).index(c.verdict))
    shown = as_value(np.asarray(entries[0].numeric).reshape(shape))
    return decisive._replace(
        numeric=shown,
        error=entries[0].error if decisive.verdict is Verdict.PASS else max(c.error for c in entries),
    )


def _judge_entries(task: Task, i: int, k: int, a: Array, own: Array, sides: Sides) -> Checked:
    right, left, jumped = sides.right[k], sides.left[k], sides.jumped
    wide = None if sides.wide is None else sides.wide[k]
    if a.shape != right.shape:
        words = f"the gradient has {a.size} entries, the node {right.size}"
        return Checked(i, right, np.inf, 0.0, Verdict.FAIL, "entries", words)
    a, right, left = a + 0.0, right + 0.0, left + 0.0  # no negative zeros in what people read
    near = 0.0 if sides.near is None else sides.near[k]
    numeric, size, bar, kinked, inside, gap, noisy, wrong = weigh(
        a, right, left, own, wide, _size(task, i, k), _scale(task, i, k), near
    )
    with np.errstate(all="ignore"):
        gaps, largest_value = np.where(kinked & inside, 0.0, np.abs(a - numeric)), np.max(size, initial=0.0)
        worst = float(np.nanmax(gaps, initial=0.0) / largest_value) if largest_value > 0 else 0.0
    finite = np.isfinite(a)
    largest = float(np.nanmax(np.where(finite, bar, 0.0), initial=0.0))
    base = Checked(i, numeric, worst, largest, Verdict.PASS, "entries")

    def conclude(verdict: Verdict, e: int, words: str = "") -> Checked:
        where = located(task, i, e) if words else ""
        mine = 2 * float(own[e])
        return base._replace(
            verdict=verdict,
            evidence=where + words,
            entry=e,
            bars=(mine, max(0.0, float(bar[e]) - mine)),
            slopes=(float(left[e]), float(right[e])),
            step=None if sides.steps is None else float(sides.steps[e]),
        )

    def first(which: Array) -> int:
        return int(np.flatnonzero(which)[0])

    lost, wrong, noisy = ~finite & ~jumped, wrong & ~jumped, noisy & ~jumped

    def why(e: int) -> Checked:
        """The verdict on an entry whose gradient is not finite."""
        found = (
            Lost(Verdict.DOMAIN, outside(task.graph, i, e))
            if np.isnan([a[e], right[e], left[e]]).all()
            else not_finite(task, i, e, float(a[e]), task.seeds[k])
        )
        if found.slopes is not None:
            left[e], right[e] = found.slopes
            numeric[e] = (left[e] + right[e]) / 2
        return conclude(found.verdict, e, found.words)._replace(error=np.inf, left=left, right=right)

    corner = None
    if lost.any():
        causes = [why(int(e)) for e in np.flatnonzero(lost)[:MOST_LOST]]
        corner = min(causes, key=lambda c: list(Verdict).index(c.verdict))
        if corner.verdict is not Verdict.KINK:
            return corner
    if wrong.any():
        e = int(np.flatnonzero(wrong)[np.argmax(gap[wrong])])
        words = f"the backward pass says {a[e]:.12g}, moving it says {numeric[e]:.12g}"
        if kinked[e]:
            words = f"{KINK.format(left[e], right[e])}, and {a[e]:.6g} is not between them"
        return conclude(Verdict.FAIL, e, words)._replace(left=left, right=right)
    if noisy.any():
        e = first(noisy)
        words = f"rounding hides the answer: {a[e]:.4g} and {numeric[e]:.4g}, give or take {bar[e]:.2g}"
        return conclude(Verdict.NOISE, e, words)
    if jumped.any():
        return conclude(Verdict.JUMP, first(jumped), JUMPS)
    if corner is not None:
        return corner
    if kinked.any():
        e = first(kinked)
        words = f"{KINK.format(left[e], right[e])}; {a[e]:.6g} lies between them"
        return conclude(Verdict.KINK, e, words)._replace(left=left, right=right)
    return conclude(Verdict.PASS, int(np.argmax(gaps))) if a.size else base


class Weighed(NamedTuple):
    """Both witnesses on each entry: what they say, the joint error bar, and what follows from it."""

    numeric: Array
    size: Array
    bar: Array
    kinked: Array  # the one-sided slopes differ
    inside: Array  # the analytic value lies between them, or on them
    gap: Array
    noisy: Array
    wrong: Array


def weigh(
    a: Array,
    right: Array,
    left: Array,
    path: Array,
    wide: Array | None,
    paths: Array,
    scale: Array = 0.0,
    near: Array = 0.0,
) -> Weighed:
    """Analytic gradients `a` against one-sided slopes, entry by entry.

    `path` is the analytic side's error bar, `wide` the numeric side's where that is not rounding alone,
    `paths` the sum of |all paths| into each gradient, `scale` what else tells a tiny gradient from noise,
    `near` the steepest slope that was seen nearby: what tells a slope of 0 from a flat function.

    A wide bar decides nothing: under it a wrong gradient would pass as well. Unless all that it leaves
    open is whether a tiny sum of large terms is zero, or both witnesses came to the same number and the bar
    is that of a slope which is nothing beside the value (sin at pi/2).
    """
    steepest = np.maximum(np.abs(right), np.abs(left))
    numeric = np.where(right == left, right, (right + left) / 2)
    size = np.maximum(np.abs(a), steepest)
    bar = 2 * path + 8 * EPS * np.where(np.isfinite(steepest), steepest, 0.0) + FLOOR
    if wide is not None:
        bar = bar + wide
    bar = np.where(np.isnan(bar), np.inf, bar)
    kinked = np.abs(right - left) > AGREE * bar
    inside = (a >= np.minimum(right, left) - AGREE * bar) & (a <= np.maximum(right, left) + AGREE * bar)
    gap = np.where(kinked & inside, 0.0, np.abs(a - numeric))
    finite, certain = np.isfinite(a), np.isfinite(bar)
    close = gap <= CLOSE * size
    decided = close & ((bar <= UNDECIDED * size) | (bar <= NOTHING * scale))
    decided |= (size <= 100 * bar) & (bar <= NOTHING * paths)
    decided |= (size == 0) & ((0.0 if wide is None else wide) <= NOTHING * np.maximum(paths, near) + FLOOR)
    noisy = finite & ~(decided & certain) & ~(kinked & certain)
    wrong = finite & certain & ~(gap <= AGREE * bar)
    return Weighed(numeric, size, bar, kinked, inside, gap, noisy, wrong)


def _size(task: Task, i: int, k: int) -> Array:
    """The sum of |all paths| into this gradient, entry by entry: tells a tiny sum from noise."""
    paths = task.bars[k].size[i]
    return 0.0 if paths is None else np.asarray(paths, dtype=float).reshape(-1)


def _scale(task: Task, i: int, k: int) -> Array:
    """The output's value over this node's, entry by entry: a slope far below it is nothing."""
    graph = task.graph
    x = np.abs(np.asarray(graph.values[i], dtype=float).reshape(-1))
    total = float(np.sum(np.abs(graph.values[graph.output] * task.seeds[k])))
    with np.errstate(all="ignore"):
        return np.where(x > 0, total / x, 0.0)


def located(task: Task, i: int, e: int) -> str:
    """An entry of a node, as the start of a sentence about it; nothing for a number."""
    shape = np.shape(task.graph.values[i])
    if not shape:
        return ""
    where = ", ".join(str(int(k)) for k in np.unravel_index(e, shape))
    return f"entry [{where}]: "
