"""Who is to blame for a failed check: each gate's own derivative, at its own values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .errors import NOWHERE
from .gate import Array, Gate, downstream
from .graphs import CONSTANT, Graph
from .limits import EXPONENTS, Limit, limit
from .numeric import differentiate
from .probe import slopes

SHARED = 1e-9  # how far the shares at a tie may be off
TOGETHER = "when what is tied moves together its slope is another than that of the shares"


def guilty(graph: Graph, rng: np.random.Generator, *, asked: bool = False) -> dict[int, str]:
    """The nodes whose gate answers a wrong derivative here, each with a sentence that says so.

    On a kink whose rule was asked for nothing is the gate's fault: these are looked at where `asked`, and no
    others, with the reason why the rule gives no slope.
    """
    found: dict[int, str] = {}
    for i in range(graph.output + 1):
        ins = graph.inputs[i]
        gate = graph.gates[i]
        if asked != (gate.kink is not None and gate.kink.asked):
            continue
        if not np.isfinite(graph.values[i]).all():
            continue  # a `where` below discards it
        for position, j in enumerate(ins):
            idle = graph.gates[j] is CONSTANT or gate.derivative(position) is None
            if idle or i in found or (graph.wanted and not graph.wanted[j]):
                continue
            words = _wrong(graph, i, position, rng)
            if words:
                found[i] = TOGETHER if asked else words
        if i not in found and gate.kink is not None:
            words = _wrong_together(graph, i, rng)
            if words:
                head = f"{gate.name} in {graph.text(i)} hands out shares at its tie that make no slope: "
                found[i] = words if asked else head + words
    return found


def _alone(graph: Graph, i: int, rng: np.random.Generator) -> tuple[Graph, tuple[int, ...], Array]:
    """One gate by itself at its own values, its leaves, and an upstream gradient for it."""
    single, z = Graph(), graph.values[i]
    leaves = tuple(single.add(CONSTANT, (), NOWHERE, graph.values[j]) for j in graph.inputs[i])
    single.output = single.add(graph.gates[i], leaves, NOWHERE, z)
    return single, leaves, rng.uniform(0.5, 1.5, np.shape(z)) * rng.choice([-1.0, 1.0], np.shape(z))


def _wrong_together(graph: Graph, i: int, rng: np.random.Generator) -> str:
    """Whether a router at a tie hands out more than arrives: each input alone can't tell.

    At a tie any convex combination of the inputs' slopes is right, so when all inputs move together the
    sum of their shares must lie between the slopes of that move, entry by entry of the output.
    """
    gate, z = graph.gates[i], graph.values[i]
    xs = tuple(graph.values[j] for j in graph.inputs[i])
    moved = [
        k
        for k, j in enumerate(graph.inputs[i])
        if gate.derivative(k) is not None and graph.gates[j] is not CONSTANT
    ]
    if gate.kink is None or gate.kink.jump or len(moved) < 2 or not gate.local or gate.complex is False:
        return ""
    tied = np.asarray(gate.kink.margin(z, *xs)) == 0
    if not tied.any():
        return ""
    single, leaves, _ = _alone(graph, i, rng)
    for first in (1.0, *rng.uniform(0.5, 1.5, 2)):
        shares = {k: first if k == moved[0] else 1.0 for k in moved}
        claimed = sum(u * gate.local[gate.input_name(k)].code(z, *xs) for k, u in shares.items())
        sides = []
        for sign in (1.0, -1.0):
            moves = {leaves[k]: np.full((1, *np.shape(xs[k])), sign * u) for k, u in shares.items()}
            slope = slopes(single, moves, 1).slope
            sides.append(np.zeros(np.shape(z)) if slope is None else sign * slope[0])
        low, high = np.minimum(*sides) - SHARED, np.maximum(*sides) + SHARED
        wrong = np.broadcast_to(tied & ((claimed < low) | (claimed > high)), np.shape(z))
        if wrong.any():
            e = np.unravel_index(int(np.argmax(wrong)), np.shape(z)) if np.shape(z) else ()
            told, true = np.broadcast_to(claimed, np.shape(z))[e], high[e] - SHARED
            return f"when its inputs move together its slope is {true:.6g}, and the shares come to {told:.6g}"
    return ""


def _wrong(graph: Graph, i: int, position: int, rng: np.random.Generator) -> str:
    gate, ins = graph.gates[i], graph.inputs[i]
    xs = [graph.values[j] for j in ins]
    shape, z = np.shape(xs[position]), graph.values[i]
    single, leaves, dz = _alone(graph, i, rng)
    claimed = downstream(gate, position, dz, z, tuple(xs))
    name, text = gate.input_name(position).lstrip("*"), graph.text(i)
    if np.shape(claimed) != shape:
        return f"the derivative of {gate.name} in {text} with respect to {name} has the wrong shape"
    for u in _directions(shape, rng):
        parts = np.where(np.equal(u, 0), 0.0, claimed * u)
        if np.count_nonzero(~np.isfinite(parts)) > 1:
            continue  # infinite slopes of both signs add up to nothing that a gate answers for
        a, size = float(np.sum(parts)), float(np.sum(np.abs(parts)))
        for steps in (EXPONENTS[:1], EXPONENTS):  # with care only before anybody is accused
            low, high, bar = _numeric(single, leaves[position], u, dz, steps)
            slack = 1e-13 * (size + float(np.sum(np.abs(dz)))) + 10 * bar
            if np.isfinite(a) and low - slack <= a <= high + slack:
                break
        if not np.isfinite(a) and np.isfinite([low, high, bar]).all() and not _on_a_jump(gate, z, xs):
            return f"{gate.name} in {text} answers {a:g} for d/d{name}, where the slope is finite"
        if low - slack <= a <= high + slack or not np.isfinite(a) or np.isnan([low, high, bar]).any():
            continue
        if not shape and not np.shape(z):
            return (
                f"{gate.name} in {text} answers {a / float(dz) / float(u):.10g} for d/d{name}, "
                f"but its slope is {high / float(dz) / float(u):.10g}"
            )
        return f"the derivative of {gate.name} in {text} with respect to {name} is wrong"
    return ""


def _on_a_jump(gate: Gate, z: Array, xs: list[Array]) -> bool:
    kink = gate.kink
    return kink is not None and kink.jump and bool(np.any(np.asarray(kink.margin(z, *xs)) == 0))


def _directions(shape: tuple[int, ...], rng: np.random.Generator) -> Iterator[Array]:
    """All together, a few at random, then single entries: at a tie one may hide what another shows."""
    yield np.ones(shape)
    for _ in range(3):
        yield np.asarray(rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape))
    n = int(np.prod(shape))
    for e in range(min(n, 8) if shape else 0):
        yield np.eye(1, n, e).reshape(shape)


def _numeric(
    single: Graph, leaf: int, u: Array, dz: Array, steps: tuple[int, ...]
) -> tuple[float, float, float]:
    """Between what a gate's slope along `u` may lie, and the error bar.

    At ties of several entries of the output each has a choice between its own two one-sided slopes.
    """
    gate = single.gates[single.output]
    if gate.complex is not False:
        sides = []
        for sign in (1.0, -1.0):
            rungs = [slopes(single, {leaf: sign * u[None]}, 1, 2.0**k).slope for k in steps]
            parts = np.stack([np.ravel(dz * 0.0 if s is None else sign * s[0] * dz) for s in rungs])
            sides.append(limit(parts) if len(steps) > 1 else Limit(parts[0], np.zeros(1)))
        right, left = sides
        low, high = np.minimum(right.value, left.value).sum(), np.maximum(right.value, left.value).sum()
        return float(low), float(high), float(np.maximum(right.bar, left.bar).sum())
    xs = [single.values[j] for j in single.inputs[single.output]]
    position = single.inputs[single.output].index(leaf)

    def f(points: Array) -> Array:
        moved = [[x + t * u if k == position else x for k, x in enumerate(xs)] for t in points]
        return np.array([float(np.sum(gate.forward(*m) * dz)) for m in moved])

    slope = differentiate(f, 0.0)
    return slope.value, slope.value, slope.bar


def conventions(graph: Graph, tied: list[int]) -> str:
    """What to say when every gate is right, and yet conventions at ties add up to no slope there is."""
    rules = {graph.gates[i].name: graph.gates[i].kink for i in tied}
    listed = "; ".join(f"{name}: {kink.rule}" for name, kink in rules.items() if kink is not None)
    return f"cause: conventions at a tie ({listed}) add up to a value that the function does not have"
