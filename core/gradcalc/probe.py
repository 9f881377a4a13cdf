"""Pin a node, move it, run the rest forward: the moves of a graph that the numeric witness is made of.

Many moves run at once, as lanes: a leading axis in front of each value. Slopes come from the complex
step, gate by gate (see tangents.py). No derivative of any gate's record is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from .errors import GradcalcError
from .gate import Array, Gate
from .graphs import Graph
from .tangents import lifted, through


class Lanes(NamedTuple):
    """The output of many moves at once, lanes first: its slope, and its value where that is not nominal.

    `value` is None unless something jumped: then it is the output's limit on the side moved to.
    """

    slope: Array | None
    value: Array | None


def complex_ok(graph: Graph) -> np.ndarray:
    """For each node, whether every gate between it and the output takes complex input (a bool array)."""
    ok = np.ones(len(graph), dtype=bool)
    leads = np.zeros(len(graph), dtype=bool)  # also through inputs that have no derivative
    leads[graph.output] = True
    for i in range(graph.output, -1, -1):
        if leads[i]:
            mine = ok[i] and graph.gates[i].complex is not False
            for j in graph.inputs[i]:
                leads[j] = True
                ok[j] &= mine
    return ok


def slopes(graph: Graph, moves: Mapping[int, Array], count: int, gain: float = 1.0) -> Lanes:
    """The output's slope in `count` lanes.

    `moves` maps a node to its tangents, shape (count, *its shape): in a lane where that is zero the node
    follows its inputs, elsewhere it is pinned and moves. Every gate on the way must take complex input.
    `gain` makes the step larger: a slope that hangs on the step is no slope.
    """
    tangents: dict[int, Array] = {}
    values: dict[int, Array] = {}  # only where lanes have left the nominal values, behind a jump
    gates, inputs = graph.gates, graph.inputs
    last = graph.output
    for i in range(min(moves, default=last), last + 1):
        ins = inputs[i]
        moved = [j for j in ins if j in tangents or j in values]
        if moved:
            t, v = through(gates[i], ins, graph.values, tangents, values, count, graph.values[i], gain)
            if t is not None:
                tangents[i] = t
            if v is not None:
                values[i] = v
        if i in moves:
            tangents[i] = moves[i] + tangents[i] if i in tangents else moves[i]
    return Lanes(tangents.get(last), values.get(last))


def tangents_along(graph: Graph, node: int, direction: Array) -> dict[int, Array]:
    """How every node below moves when `node` does along a direction; only what moves is in it."""
    found: dict[int, Array] = {node: direction[None]}
    for i in range(node + 1, graph.output + 1):
        gate, ins = graph.gates[i], graph.inputs[i]
        if gate.complex is not False and any(j in found for j in ins):
            tangent, _ = through(gate, ins, graph.values, found, {}, 1, graph.values[i])
            if tangent is not None:
                found[i] = tangent
    return {i: tangent[0] for i, tangent in found.items()}


def moved_values(graph: Graph, node: int, values: Array) -> Array:
    """The output with `node` pinned to each of `values` (lanes first), everything else at its place.

    Plain real arithmetic, lane by lane where a gate is not elementwise; non-finite values flow on.
    """
    lanes: dict[int, Array] = {node: values}
    count = len(values)
    for i in range(node + 1, graph.output + 1):
        ins = graph.inputs[i]
        if not any(j in lanes for j in ins):
            continue
        gate = graph.gates[i]
        if gate.elementwise:
            rank = max(np.ndim(graph.values[j]) for j in ins)
            xs = [lifted(graph.values[j], None, lanes.get(j), np.zeros(1), rank, count) for j in ins]
            out = _or_nan(gate, xs, ())
            lanes[i] = np.broadcast_to(out, (count, *np.shape(graph.values[i])))
        elif gate.lanes is not None:
            out = gate.lanes(*[lanes[j] if j in lanes else np.asarray(graph.values[j])[None] for j in ins])
            lanes[i] = np.broadcast_to(np.asarray(out), (count, *np.shape(graph.values[i])))
        else:
            rows = [[lanes[j][k] if j in lanes else graph.values[j] for j in ins] for k in range(count)]
            lanes[i] = np.stack([_or_nan(gate, xs, np.shape(graph.values[i])) for xs in rows])
    if graph.output not in lanes:
        return np.broadcast_to(graph.values[graph.output], (count, *np.shape(graph.values[graph.output])))
    return lanes[graph.output]


def _or_nan(gate: Gate, xs: list[Array], shape: tuple[int, ...]) -> Array:
    """A gate's answer; nan where it refuses, as cholesky does next to the last positive matrix."""
    try:
        return np.asarray(gate.forward(*xs))
    except (GradcalcError, np.linalg.LinAlgError):
        return np.full(shape, np.nan)


def ties(graph: Graph) -> list[int]:
    """The nodes whose gate stands exactly on a kink or a jump with at least one entry."""
    return [i for i in range(graph.output + 1) if on_kink(graph, i)]


def on_kink(graph: Graph, i: int) -> bool:
    """Whether the gate of a node stands exactly on a kink or a jump with at least one entry."""
    kink = graph.gates[i].kink
    if kink is None:
        return False
    xs = [graph.values[j] for j in graph.inputs[i]]
    return bool(np.any(np.asarray(kink.margin(graph.values[i], *xs)) == 0))


def on_jump(graph: Graph, i: int) -> bool:
    """Whether the gate of a node stands exactly on a jump with at least one entry."""
    kink = graph.gates[i].kink
    return kink is not None and kink.jump and on_kink(graph, i)


def above_jumps(graph: Graph) -> set[int]:
    """The nodes that lead to a gate that stands exactly on a jump."""
    above: set[int] = set()
    for i in range(graph.output, -1, -1):
        if i in above or on_jump(graph, i):
            above.update(graph.inputs[i])
    return above


def unseen(graph: Graph, node: int, entry: int) -> bool:
    """Whether a gate on a jump hangs on this entry, though no slope moves any of the gate's inputs."""
    direction = np.zeros(np.shape(graph.values[node]))
    direction.reshape(-1)[entry] = 1.0
    tangents = tangents_along(graph, node, direction)
    reached = {node}
    for i in range(node + 1, graph.output + 1):
        ins = graph.inputs[i]
        if reached.isdisjoint(ins):
            continue
        reached.add(i)
        if on_jump(graph, i) and not any(np.any(tangents.get(j, 0.0)) for j in ins):
            return True
    return False
