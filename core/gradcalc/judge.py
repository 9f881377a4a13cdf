"""The verdict on one node: both numeric slopes and the analytic gradient, weighed by their error bars."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .gate import Array, as_value
from .graphs import Graph
from .jitter import Bars
from .numeric import Slope, differentiate
from .probe import moved_values
from .verdicts import Verdict

AGREE = 10.0  # a difference of up to so many bars is agreement
UNDECIDED = 1e-3  # a bar above this share of the value decides nothing
CLOSE = 1e-4  # witnesses that differ by more of the value do not agree, however wide the bar
NOTHING = 1e-9  # a bar below this share of what might have been tells zero from noise
EPS = float(np.finfo(float).eps)
OUTSIDE = "moving it leaves the domain, so there is no slope"
JUMPS = "a jump: the value itself changes at once here, so there is no slope"
FLOOR = 1e-310  # what underflow leaves uncertain


class Checked(NamedTuple):
    """What the check found at one node.

    `numeric` has the node's shape (None where only directions were tried), `error` is
    max|a-n| / max(|a|, |n|), `bar` the largest error bar of both sides together; `left` and `right` are
    the one-sided slopes where they differ; `evidence` is one sentence for verdicts other than pass.
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


class Task(NamedTuple):
    """What the judges of all nodes share."""

    graph: Graph
    seeds: list[Array]
    analytic: list[list[Array]]  # for each seed, each node's gradient
    bars: list[Bars]  # for each seed, each node's error bar of the analytic side
    tied: bool
    step: float | None


class Sides(NamedTuple):
    """What moving a node says, entry by entry: one-sided slopes for each seed, and which entries jump.

    `wide` is the numeric side's error bar where that is not rounding alone, `near` the steepest slope that
    was seen nearby (both for each seed, or None).
    """

    right: list[Array]
    left: list[Array]
    jumped: Array
    wide: list[Array] | None = None
    near: list[Array] | None = None


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
    lost = ~finite & ~jumped
    if lost.any():
        e = int(np.flatnonzero(lost)[0])
        if np.isnan([a[e], right[e], left[e]]).all():
            verdict, words = Verdict.DOMAIN, OUTSIDE
        else:
            verdict, words = _not_finite(task, i, e, float(a[e]), task.seeds[k])
        return base._replace(verdict=verdict, evidence=_at(task, i, e) + words, error=np.inf)
    if (wrong & ~jumped).any():
        e = int(np.flatnonzero(wrong & ~jumped)[np.argmax(gap[wrong & ~jumped])])
        words = f"{_at(task, i, e)}the backward pass says {a[e]:.12g}, moving it says {numeric[e]:.12g}"
        if kinked[e]:
            words = (
                f"{_at(task, i, e)}a kink: slope {left[e]:.6g} on the left, {right[e]:.6g} on the right, "
                f"and {a[e]:.6g} is not between them"
            )
        return base._replace(verdict=Verdict.FAIL, evidence=words, left=left, right=right)
    if (noisy & ~jumped).any():
        e = int(np.flatnonzero(noisy & ~jumped)[0])
        words = (
            f"{_at(task, i, e)}rounding hides the answer: {a[e]:.4g} and {numeric[e]:.4g}, "
            f"give or take {bar[e]:.2g}"
        )
        return base._replace(verdict=Verdict.NOISE, evidence=words)
    if jumped.any():
        e = int(np.flatnonzero(jumped)[0])
        words = _at(task, i, e) + JUMPS
        return base._replace(verdict=Verdict.JUMP, evidence=words)
    if kinked.any():
        e = int(np.flatnonzero(kinked)[0])
        words = (
            f"{_at(task, i, e)}a kink: slope {left[e]:.6g} on the left, {right[e]:.6g} on the right; "
            f"{a[e]:.6g} lies between them"
        )
        return base._replace(verdict=Verdict.KINK, evidence=words, left=left, right=right)
    return base


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


def _at(task: Task, i: int, e: int) -> str:
    shape = np.shape(task.graph.values[i])
    if not shape:
        return ""
    where = ", ".join(str(int(k)) for k in np.unravel_index(e, shape))
    return f"entry [{where}]: "


def _not_finite(task: Task, i: int, e: int, a: float, seed: Array) -> tuple[Verdict, str]:
    """Why an analytic gradient is infinite or undefined: domain, a steep slope, or a fault."""
    slope = difference(task._replace(step=None), i, e, seed)
    if slope.side == "":
        return Verdict.DOMAIN, OUTSIDE
    unit = abs(float(np.asarray(task.graph.values[i]).reshape(-1)[e])) or 1.0
    steep = [difference(task._replace(step=unit * 10.0**-p), i, e, seed) for p in (3, 6, 9)]
    if _jumps([s.right for s in steep]) or _jumps([s.left for s in steep]):
        return Verdict.JUMP, JUMPS
    sizes = [abs(s.right) if np.isfinite(s.right) else abs(s.left) for s in steep]
    settled = np.isfinite(sizes[2]) and abs(sizes[2] - sizes[1]) <= 1e-2 * max(sizes[1], sizes[2], 1e-12)
    same = abs(steep[2].right - steep[2].left) <= 1e-2 * sizes[2]
    if settled and same and slope.side == "both":
        return Verdict.FAIL, f"the backward pass says {a:g}, but the slope is {slope.value:.6g}"
    if np.isnan(a) and slope.side != "both":
        return Verdict.DOMAIN, "moving it leaves the domain on one side"
    return Verdict.NONFINITE, f"the slope is {a:g} here"


def _jumps(quotients: list[float]) -> bool:
    """Whether steps that shrink a thousandfold leave the same difference of values."""
    sizes = np.abs(quotients)
    return bool(sizes[0] > 0 and np.all(np.abs(sizes[1:] / sizes[:-1] - 1e3) <= 10.0))


def difference(task: Task, i: int, e: int, seed: Array) -> Slope:
    graph = task.graph
    base = np.asarray(graph.values[i])

    def f(points: Array) -> Array:
        lanes = np.repeat(base[None], len(points), axis=0)
        lanes.reshape(len(points), -1)[:, e] = points
        return (moved_values(graph, i, lanes) * seed).reshape(len(points), -1).sum(axis=1)

    return differentiate(f, float(base.reshape(-1)[e]), step=task.step)
