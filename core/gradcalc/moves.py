"""The three ways to move a node: complex steps, real steps, and random directions."""

from __future__ import annotations

import numpy as np

from .gate import Array
from .judge import AGREE, Checked, Task, difference, judge
from .numeric import Slope, differentiate
from .probe import LARGER, TINY, moved_values, slopes
from .verdicts import Verdict

LARGER_STEP = 2.0**40
LARGEST_STEP = 2.0**40 * LARGER / TINY
LEFT_BEHIND = 1e-48  # a slope so small may be nothing but a power of the step
LANE_ELEMENTS = 2_000_000  # values held at once by one batch of moves


def by_complex_step(task: Task, nodes: list[int]) -> dict[int, Checked]:
    """Move every entry of these nodes by a complex step, many lanes at once."""
    rights, lefts, jumped = _complex_slopes(task, nodes, 1.0)
    found, at = {}, 0
    for i in nodes:
        n = np.size(task.graph.values[i])
        here = slice(at, at + n)
        at += n
        mine, other = [r[here] for r in rights], [x[here] for x in lefts]
        found[i] = judge(task, i, mine, other, None, jumped[here])
        if found[i].verdict is Verdict.FAIL or _left_behind(found[i]):
            # Before anything is said: a slope that hangs on the size of the step is not a slope.
            wide = [np.zeros(n) for _ in task.seeds]
            for gain in (LARGER_STEP, LARGEST_STEP):
                right, left, _ = _complex_slopes(task, [i], gain)
                for k, (a, b, c, d) in enumerate(zip(mine, other, right, left, strict=True)):
                    gap = np.maximum(np.abs(a - c), np.abs(b - d))
                    if gain == LARGEST_STEP:  # x^4 at 0 leaves the step's cube behind, and no slope
                        gap = np.where(np.maximum(np.abs(a), np.abs(b)) < LEFT_BEHIND, gap, 0.0)
                    wide[k] = np.fmax(wide[k], gap)
            found[i] = judge(task, i, mine, other, wide, jumped[here])
        if found[i].verdict is Verdict.FAIL and found[i].error > 1e-3 and n <= 64 and not task.tied:
            # A complex step can underflow among tiny values; differences on their scale can't.
            second = by_differences(task, i)
            found[i] = second if second.verdict is Verdict.PASS else found[i]
    return found


def _left_behind(found: Checked) -> bool:
    """Whether a kink is so slight that it may be nothing but a power of the step, as of abs(x)^3 at 0."""
    sides = np.asarray([found.left, found.right]) if found.verdict is Verdict.KINK else np.ones(1)
    return bool(np.all(np.abs(sides) < LEFT_BEHIND))


def _complex_slopes(task: Task, nodes: list[int], gain: float) -> tuple[list[Array], list[Array], Array]:
    """For each seed the right and left slopes of all entries of the nodes, in a row; and which jumped."""
    graph = task.graph
    size = sum(np.size(v) for v in graph.values) or 1
    batch = max(1, min(4096, LANE_ELEMENTS // size))
    entries = [(i, e) for i in nodes for e in range(np.size(graph.values[i]))]
    rights = [np.zeros(len(entries)) for _ in task.seeds]
    lefts = [np.zeros(len(entries)) for _ in task.seeds]
    jumped = np.zeros(len(entries), dtype=bool)
    for start in range(0, len(entries), batch):
        part = entries[start : start + batch]
        rows = slice(start, start + len(part))
        moves: dict[int, Array] = {}
        for lane, (i, e) in enumerate(part):
            if i not in moves:
                moves[i] = np.zeros((len(part), *np.shape(graph.values[i])))
            moves[i].reshape(len(part), -1)[lane, e] = 1.0
        for sign, out in ((1.0, rights), (-1.0, lefts)):
            if sign < 0 and not task.tied:
                for right, left in zip(rights, lefts, strict=True):
                    left[rows] = right[rows]
                break
            lanes = slopes(graph, {i: sign * m for i, m in moves.items()}, len(part), gain)
            for seed, result in zip(task.seeds, out, strict=True):
                if lanes.slope is not None:
                    result[rows] = sign * (lanes.slope * seed).reshape(len(part), -1).sum(axis=1)
            if lanes.value is not None:
                jumped[rows] |= (lanes.value != graph.values[graph.output]).reshape(len(part), -1).any(axis=1)
    return rights, lefts, jumped


def by_differences(task: Task, i: int) -> Checked:
    """Move every entry of a node by real steps."""
    graph = task.graph
    value = graph.values[i]
    n = np.size(value)
    rights, lefts = [np.zeros(n) for _ in task.seeds], [np.zeros(n) for _ in task.seeds]
    wide = [np.zeros(n) for _ in task.seeds]
    for e in range(n):
        for k, seed in enumerate(task.seeds):
            slope = difference(task, i, e, seed)
            kinked = task.tied and _split(slope)
            rights[k][e] = slope.right if kinked else slope.value
            lefts[k][e] = slope.left if kinked else slope.value
            wide[k][e] = slope.bar if np.isfinite(slope.bar) else 0.0 if kinked else np.inf
            if kinked:
                wide[k][e] = max(abs(slope.right), abs(slope.left)) * 1e-6
    return judge(task, i, rights, lefts, wide, np.zeros(n, dtype=bool))


def _split(slope: Slope) -> bool:
    scale = max(abs(slope.left), abs(slope.right))
    return bool(np.isfinite(scale) and abs(slope.left - slope.right) > 1e-4 * scale)


def by_directions(task: Task, i: int, rng: np.random.Generator, by_complex: bool) -> Checked:
    """Move a large array in random directions, no component of which is nearly zero."""
    graph = task.graph
    shape = np.shape(graph.values[i])
    worst = Checked(i, None, 0.0, 0.0, Verdict.PASS, "directions")
    for _ in range(2):
        u = rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)
        for k, seed in enumerate(task.seeds):
            gradient = task.analytic[k][i]
            a = 0.0 if gradient is None else float(np.sum(gradient * u))
            scale = 0.0 if gradient is None else float(np.sum(np.abs(gradient * u)))
            wide = task.bars[k].bar[i]
            bar = 8 * np.finfo(float).eps * scale + (0.0 if wide is None else float(np.sum(np.abs(wide * u))))
            if by_complex:
                right = slopes(graph, {i: u[None]}, 1).slope
                r = 0.0 if right is None else float((right[0] * seed).sum())
                left = slopes(graph, {i: -u[None]}, 1).slope if task.tied else None
                n_left = r if not task.tied or left is None else -float((left[0] * seed).sum())
            else:
                base = graph.values[i]

                def along(points: Array, base: Array = base, u: Array = u, seed: Array = seed) -> Array:
                    lanes = [moved_values(graph, i, (base + t * u)[None])[0] for t in points]
                    return np.array([float((lane * seed).sum()) for lane in lanes])

                slope = differentiate(along, 0.0, step=task.step)
                r = n_left = slope.value
                bar += slope.bar
            numeric = (r + n_left) / 2
            largest = max(abs(a), abs(numeric))
            error = abs(a - numeric) / largest if largest else 0.0
            low, high = min(r, n_left) - AGREE * bar, max(r, n_left) + AGREE * bar
            verdict = Verdict.PASS if low <= a <= high else Verdict.FAIL
            kinked = abs(r - n_left) > AGREE * (bar + 1e-14 * scale)
            if verdict is Verdict.PASS and kinked:
                verdict = Verdict.KINK
            if verdict is Verdict.PASS:
                error = (
                    error if abs(a - numeric) > AGREE * bar else min(error, bar / largest if largest else 0.0)
                )
            if error > worst.error or verdict is not Verdict.PASS:
                words = (
                    ""
                    if verdict is Verdict.PASS
                    else f"along a random direction: {a:.10g}, numerically {numeric:.10g}"
                )
                worst = Checked(i, None, max(error, worst.error), bar, verdict, "directions", words)
                if verdict is Verdict.FAIL:
                    return worst
    return worst
