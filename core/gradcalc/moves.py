"""The three ways to move a node: complex steps, real steps, and random directions."""

from __future__ import annotations

import numpy as np

from .gate import Array
from .judge import AGREE, EPS, Checked, Sides, judge, located, weigh
from .kinks import kink
from .limits import EXPONENTS, limit
from .lost import JUMPS, KINK, leaps
from .numeric import differentiate
from .probe import above_jumps, moved_values, slopes, tangents_along, ties, unseen
from .task import Task, along, difference, entry
from .verdicts import Verdict

START = 2.0**300
SUBNORMAL = 1e-290
LOST = 1e-100  # a slope so small may have underflowed inside a gate
LEFT_BEHIND = 1e-40  # a slope so small, or its inverse, may be nothing but a power of the step
MOST_BY_VALUES = 64  # entries of an array above a jump that are looked at by their values
LANE_ELEMENTS = 2_000_000  # values held at once by one batch of moves


Slopes = tuple[list[Array], list[Array], Array]


def by_complex_step(task: Task, nodes: list[int]) -> dict[int, Checked]:
    """Move every entry of these nodes by a complex step, many lanes at once."""
    rights, lefts, jumped = _complex_slopes(task, nodes)
    above = above_jumps(task.graph) if task.tied else set()
    found, at = {}, 0
    for i in nodes:
        n = np.size(task.graph.values[i])
        here = slice(at, at + n)
        at += n
        sides = Sides([r[here] for r in rights], [x[here] for x in lefts], jumped[here])
        found[i] = judge(task, i, sides)
        if found[i].verdict is not Verdict.PASS and not _plain(found[i]):
            found[i] = _with_care(task, i)
        if found[i].verdict in (Verdict.PASS, Verdict.KINK, Verdict.JUMP) and i in above:
            found[i] = _by_values(task, found[i])
    return found


def _by_values(task: Task, found: Checked) -> Checked:
    """What was found above a jump, unless the values say otherwise.

    x² does not leave 0 along a slope, so sign(x²) leaps and x²>0 turns true unseen by a complex step; and
    where(x==0, 1, sin(x)/x) does not leap, though sin(x)/x has no value to compare with.
    """
    graph, i = task.graph, found.node
    n = np.size(graph.values[i])
    if n > MOST_BY_VALUES:
        return found
    if found.verdict is Verdict.JUMP:
        if all(np.isfinite(v).all() for v in graph.values):
            return found
    elif not any(unseen(graph, i, e) for e in range(n)):
        return found
    for e in range(n):
        if any(leaps(task, i, e, seed) for seed in task.seeds):
            return found._replace(verdict=Verdict.JUMP, evidence=located(task, i, e) + JUMPS)
    differences = by_differences(task, i)
    smooth = found.verdict is Verdict.JUMP and np.isfinite(differences.bar)
    return differences if smooth or differences.verdict is Verdict.FAIL else found


def _plain(found: Checked) -> bool:
    """Whether the slopes at a kink or a jump are of a size that no power of the tiny step has."""
    if found.verdict is Verdict.JUMP:
        return bool(np.all(np.abs(np.asarray(found.numeric)) < 1 / LEFT_BEHIND))
    if found.verdict is not Verdict.KINK:
        return False
    sides = np.abs(np.asarray([found.left, found.right]))
    return bool(np.any(sides > LEFT_BEHIND) and np.all(sides < 1 / LEFT_BEHIND))


def _with_care(task: Task, i: int) -> Checked:
    """A second look before anything is said: at steps of many sizes, then by differences."""
    ladder = [_complex_slopes(task, [i], 2.0**k) for k in EXPONENTS]
    if not all(np.isfinite(side).all() for side in (*ladder[0][0], *ladder[0][1])):
        other = [_complex_slopes(task, [i], 2.0**k, 1 / START) for k in EXPONENTS]
        ladder = [_patched(a, b) for a, b in zip(ladder, other, strict=True)]
    normal = not any(np.any((v != 0) & (np.abs(v) < SUBNORMAL)) for v in task.graph.values)
    slopes_, bars = [], []
    for side in (0, 1):
        found = [
            limit(np.stack([rung[side][k] for rung in ladder]), normal=normal) for k in range(len(task.seeds))
        ]
        slopes_.append([one.value for one in found])
        bars.append([one.bar for one in found])
    wide = [np.maximum(a, b) for a, b in zip(*bars, strict=True)]
    second = judge(task, i, Sides(slopes_[0], slopes_[1], ladder[0][2], wide))
    doubtful = second.verdict is Verdict.NOISE or (second.verdict is Verdict.FAIL and second.error > 1e-3)
    if doubtful and not task.tied and np.size(task.graph.values[i]) <= 64:
        # A complex step can underflow among tiny values; differences on their scale can't.
        third = by_differences(task, i)
        if third.verdict is Verdict.PASS and np.all(third.numeric != 0):
            return third
        lost = np.abs(np.asarray(task.analytic[0][i], dtype=float)) < LOST
        if third.verdict is Verdict.NOISE and np.all(lost | (second.numeric != 0)) and np.any(lost):
            return third
    return second


def _patched(first: Slopes, second: Slopes) -> Slopes:
    """The first, with the second's finite slopes where it has none."""

    def patch(a: Array, b: Array) -> Array:
        return np.where(np.isfinite(a), a, b)

    return (
        [patch(a, b) for a, b in zip(first[0], second[0], strict=True)],
        [patch(a, b) for a, b in zip(first[1], second[1], strict=True)],
        first[2],
    )


def _complex_slopes(task: Task, nodes: list[int], gain: float = 1.0, length: float = START) -> Slopes:
    """For each seed the right and left slopes of all entries of the nodes, in a row; and which jumped.

    The moves begin with this length, so that slopes far below the smallest number do not vanish on
    the way.
    """
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
            moves[i].reshape(len(part), -1)[lane, e] = length
        ways = (1.0, -1.0) if task.tied else (1.0,)
        sides = []
        for sign in ways:
            lanes = slopes(graph, {i: sign * m for i, m in moves.items()}, len(part), gain)
            still = np.zeros((len(part), *np.shape(graph.values[graph.output])))
            sides.append(still if lanes.slope is None else sign / length * lanes.slope)
            if lanes.value is not None:
                jumped[rows] |= (lanes.value != graph.values[graph.output]).reshape(len(part), -1).any(axis=1)
        for k, seed in enumerate(task.seeds):
            ends = [(side * seed).reshape(len(part), -1) for side in (sides[0], sides[-1])]
            if k and task.tied:
                # Each entry of the output has a convention of its own, whatever sign was drawn for it.
                ends = [np.maximum(*ends), np.minimum(*ends)]
            rights[k][rows], lefts[k][rows] = (end.sum(axis=1) for end in ends)
    return rights, lefts, jumped


def by_differences(task: Task, i: int) -> Checked:
    """Move every entry of a node by real steps."""
    graph = task.graph
    value = graph.values[i]
    n = np.size(value)
    rights, lefts = [np.zeros(n) for _ in task.seeds], [np.zeros(n) for _ in task.seeds]
    wide, near = [np.zeros(n) for _ in task.seeds], [np.zeros(n) for _ in task.seeds]
    steps = np.zeros(n)
    for e in range(n):
        for k, seed in enumerate(task.seeds):
            slope = difference(task, i, e, seed)
            near[k][e], steps[e] = slope.scale, slope.step
            rights[k][e] = lefts[k][e] = slope.value
            wide[k][e] = slope.bar
            sides = kink(along(task, i, e, seed), entry(task, i, e)) if task.tied else None
            if sides is not None:
                lefts[k][e], rights[k][e], wide[k][e] = sides
    return judge(task, i, Sides(rights, lefts, np.zeros(n, dtype=bool), wide, near, steps))


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
            path = task.bars[k].bar[i]
            own = 4 * EPS * scale + (0.0 if path is None else float(np.sum(np.abs(path * u))) / 2)
            wide = 0.0
            if by_complex:
                right = slopes(graph, {i: u[None]}, 1).slope
                r = 0.0 if right is None else float((right[0] * seed).sum())
                left = slopes(graph, {i: -u[None]}, 1).slope if task.tied else None
                n_left = r if not task.tied or left is None else -float((left[0] * seed).sum())
            else:
                base = graph.values[i]

                def value(points: Array, base: Array = base, u: Array = u, seed: Array = seed) -> Array:
                    lanes = [moved_values(graph, i, (base + t * u)[None])[0] for t in points]
                    return np.array([float((lane * seed).sum()) for lane in lanes])

                slope = differentiate(value, 0.0, step=task.step)
                r = n_left = slope.value
                wide = slope.bar
            sizes = task.bars[k].size[i]
            paths = scale if sizes is None else max(scale, float(np.sum(np.abs(sizes * u))))
            w = weigh(*(np.array([x]) for x in (a, r, n_left, own, wide, paths)))
            numeric, size, bar = float(w.numeric[0]), float(w.size[0]), float(w.bar[0])
            error = abs(a - numeric) / size if size else 0.0
            verdict, words = Verdict.PASS, f"along a random direction: {a:.10g}, numerically {numeric:.10g}"
            if w.kinked[0] and abs(a - numeric) <= room(task, i, k, u) + AGREE * bar:
                verdict, error = Verdict.KINK, 0.0
                words = f"along a random direction {KINK.format(n_left, r)}; {a:.6g} is a choice at the ties"
            elif w.wrong[0]:
                verdict = Verdict.FAIL
            elif w.noisy[0]:
                verdict = Verdict.NOISE
            if error > worst.error or verdict is not Verdict.PASS:
                words = "" if verdict is Verdict.PASS else words
                worst = Checked(i, None, max(error, worst.error), bar, verdict, "directions", words)
                if verdict is Verdict.FAIL:
                    return worst
    return worst


def room(task: Task, i: int, k: int, u: Array) -> float:
    """How far conventions at ties may move the slope along a direction from the mean of both sides.

    Each entry that is tied has a choice of its own between its two sides, and sends it on with its own
    upstream gradient: the sum of choices need not lie between the two slopes of the sum.
    """
    graph = task.graph
    right, left = tangents_along(graph, i, u), tangents_along(graph, i, -u)
    total = 0.0
    for t in ties(graph):
        dz = task.analytic[k][t]
        if t in right and t in left and dz is not None:
            total += float(np.sum(np.abs(dz * (right[t] + left[t]))))
    return total / 2
