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


def judge(
    task: Task, i: int, rights: list[Array], lefts: list[Array], wide: list[Array] | None, jumped: Array
) -> Checked:
    """The verdict on one node from both one-sided numeric slopes of each entry, for each seed."""
    graph = task.graph
    shape = np.shape(graph.values[i])
    entries: list[Checked] = []
    for k in range(len(task.seeds)):
        gradient = task.analytic[k][i]
        a = np.zeros(rights[k].shape) if gradient is None else np.asarray(gradient, dtype=float).reshape(-1)
        own = task.bars[k].bar[i]
        bar = np.zeros(a.shape) if own is None else np.asarray(own, dtype=float).reshape(-1).copy()
        entries.append(
            _judge_entries(task, i, k, a, rights[k], lefts[k], bar, None if wide is None else wide[k], jumped)
        )
    decisive = min(entries, key=lambda c: list(Verdict).index(c.verdict))
    shown = as_value(np.asarray(entries[0].numeric).reshape(shape))
    return decisive._replace(
        numeric=shown,
        error=entries[0].error if decisive.verdict is Verdict.PASS else max(c.error for c in entries),
    )


def _judge_entries(
    task: Task,
    i: int,
    k: int,
    a: Array,
    right: Array,
    left: Array,
    bar: Array,
    wide: Array | None,
    jumped: Array,
) -> Checked:
    if a.shape != right.shape:
        words = f"the gradient has {a.size} entries, the node {right.size}"
        return Checked(i, right, np.inf, 0.0, Verdict.FAIL, "entries", words)
    a, right, left = a + 0.0, right + 0.0, left + 0.0  # no negative zeros in what people read
    numeric, size, bar, kinked, inside, gap, noisy, wrong = weigh(
        a, right, left, bar, wide, _size(task, i, k)
    )
    with np.errstate(all="ignore"):
        gaps, largest_value = np.where(kinked & inside, 0.0, np.abs(a - numeric)), np.max(size, initial=0.0)
        worst = float(np.nanmax(gaps, initial=0.0) / largest_value) if largest_value > 0 else 0.0
    finite = np.isfinite(a)
    largest = float(np.nanmax(np.where(finite, bar, 0.0), initial=0.0))
    base = Checked(i, numeric, worst, largest, Verdict.PASS, "entries")
    if not finite.all():
        e = int(np.flatnonzero(~finite)[0])
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
    if noisy.any():
        e = int(np.flatnonzero(noisy)[0])
        words = (
            f"{_at(task, i, e)}rounding hides the answer: {a[e]:.4g} and {numeric[e]:.4g}, "
            f"give or take {bar[e]:.2g}"
        )
        return base._replace(verdict=Verdict.NOISE, evidence=words)
    if jumped.any():
        e = int(np.flatnonzero(jumped)[0])
        words = f"{_at(task, i, e)}a jump: the value itself changes at once here, so there is no slope"
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


def weigh(a: Array, right: Array, left: Array, path: Array, wide: Array | None, paths: Array) -> Weighed:
    """Analytic gradients `a` against one-sided slopes, entry by entry.

    `path` is the analytic side's error bar, `wide` the numeric side's where that is not rounding alone,
    `paths` the sum of |all paths| into each gradient.
    """
    eps = np.finfo(float).eps
    numeric = np.where(right == left, right, (right + left) / 2)
    size = np.maximum(np.abs(a), np.maximum(np.abs(right), np.abs(left)))
    bar = 2 * path + 8 * eps * np.maximum(np.abs(right), np.abs(left)) + 1e-300
    if wide is not None:
        bar = bar + wide
    kinked = np.abs(right - left) > AGREE * bar
    inside = (a >= np.minimum(right, left) - AGREE * bar) & (a <= np.maximum(right, left) + AGREE * bar)
    gap = np.where(kinked & inside, 0.0, np.abs(a - numeric))
    finite = np.isfinite(a)
    # A wide bar decides nothing, unless all it leaves open is whether a tiny sum of large terms is zero.
    noisy = (bar > UNDECIDED * size) & ~((size <= 100 * bar) & (path <= 1e-9 * paths))
    noisy &= (size > 0) & finite & ~kinked
    wrong = finite & ~(gap <= AGREE * bar)
    if wide is not None:
        noisy |= ~np.isfinite(bar) & finite
        wrong &= np.isfinite(bar)
    return Weighed(numeric, size, bar, kinked, inside, gap, noisy, wrong)


def _size(task: Task, i: int, k: int) -> Array:
    """The sum of |all paths| into this gradient, entry by entry: tells a tiny sum from noise."""
    paths = task.bars[k].size[i]
    return 0.0 if paths is None else np.asarray(paths, dtype=float).reshape(-1)


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
        return Verdict.DOMAIN, "moving it leaves the domain, so there is no slope"
    steep = [difference(task._replace(step=10.0**-p), i, e, seed) for p in (3, 6, 9)]
    sizes = [abs(s.right) if np.isfinite(s.right) else abs(s.left) for s in steep]
    settled = np.isfinite(sizes[2]) and abs(sizes[2] - sizes[1]) <= 1e-2 * max(sizes[1], sizes[2], 1e-12)
    same = abs(steep[2].right - steep[2].left) <= 1e-2 * sizes[2]
    if settled and same and slope.side == "both":
        return Verdict.FAIL, f"the backward pass says {a:g}, but the slope is {slope.value:.6g}"
    if np.isnan(a) and slope.side != "both":
        return Verdict.DOMAIN, "moving it leaves the domain on one side"
    return Verdict.NONFINITE, f"the slope is {a:g} here"


def difference(task: Task, i: int, e: int, seed: Array) -> Slope:
    graph = task.graph
    base = np.asarray(graph.values[i])

    def f(points: Array) -> Array:
        lanes = np.repeat(base[None], len(points), axis=0)
        lanes.reshape(len(points), -1)[:, e] = points
        return (moved_values(graph, i, lanes) * seed).reshape(len(points), -1).sum(axis=1)

    return differentiate(f, float(base.reshape(-1)[e]), step=task.step)
