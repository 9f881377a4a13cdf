"""Pin a node, move it, run the rest forward: the moves of a graph that the numeric witness is made of.

Many moves run at once, as lanes: a leading axis in front of each value. Slopes come from the complex
step, gate by gate: a gate is handed x + ih·dx with a tiny h, and the imaginary part of its answer over h
is the slope in that direction, with nothing cancelled (Squire and Trapp, SIAM Review 40, 1998). No
derivative of any gate's record is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .gate import Array, Gate, Pattern
from .graphs import Graph

TINY = 2.0**-332
LARGER = 2.0**-84  # for values so small that the tiny step's share of them underflows
SMALLEST = 1e-280


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
            t, v = _through(gates[i], ins, graph.values, tangents, values, count, graph.values[i], gain)
            if t is not None:
                tangents[i] = t
            if v is not None:
                values[i] = v
        if i in moves:
            tangents[i] = moves[i] + tangents[i] if i in tangents else moves[i]
    return Lanes(tangents.get(last), values.get(last))


def _through(
    gate: Gate,
    ins: tuple[int, ...],
    nominal: list[Any],
    tangents: Mapping[int, Array],
    values: Mapping[int, Array],
    count: int,
    z: Array,
    gain: float = 1.0,
) -> tuple[Array | None, Array | None]:
    """One gate in all lanes: the tangent of its output, and its value where that leaves the nominal one."""
    function: Any = gate.forward if gate.complex is True else gate.complex
    rank = max((np.ndim(nominal[j]) for j in ins), default=0)
    step = gain * _step([(nominal[j], tangents[j]) for j in ins if j in tangents], count)
    if gate.elementwise:
        xs = [_lifted(nominal[j], tangents.get(j), values.get(j), step, rank, count) for j in ins]
        out = np.asarray(function(*xs))
        shape = (count, *np.shape(z))
        out = np.broadcast_to(out, shape) if out.shape != shape else out
    else:
        rows = []
        for k in range(count):
            xs = []
            for j in ins:
                x = values[j][k] if j in values else nominal[j]
                xs.append(x + 1j * step[k] * tangents[j][k] if j in tangents else x)
            rows.append(np.asarray(function(*xs)))
        out = np.stack(rows)
    tangent = out.imag / step.reshape(count, *(1,) * np.ndim(z)) if np.iscomplexobj(out) else None
    if tangent is not None and gain < LARGER / TINY and _underflowed(gate, out.imag):
        larger = _through(gate, ins, nominal, tangents, values, count, z, LARGER / TINY)[0]
        if larger is not None:
            tangent = np.where(np.abs(out.imag) < SMALLEST, larger, tangent)
    jumps = gate.kink is not None and gate.kink.jump
    value = None
    if jumps or any(j in values for j in ins):
        real = np.array(out.real, dtype=np.float64)
        if jumps and not any(j in values for j in ins):
            # Only entries exactly on the jump leave the nominal value.
            assert gate.kink is not None
            margin = gate.kink.margin(z, *[nominal[j] for j in ins])
            real = np.where(np.broadcast_to(np.asarray(margin) == 0, np.shape(z)), real, z)
        if np.any(real != z):
            value = real
    return tangent, value


def _underflowed(gate: Gate, imag: Array) -> bool:
    """Whether a slope times the tiny step may have been too small for a float."""
    return gate.pattern in (Pattern.SCALER, Pattern.MIXER, Pattern.SWITCHER) and bool(
        np.any(np.abs(imag) < SMALLEST)
    )


def _lifted(
    nominal: Array, tangent: Array | None, value: Array | None, step: Array, rank: int, count: int
) -> Array:
    """An input in all lanes, its own axes aligned to the right so that broadcasting stays numpy's."""
    if tangent is None and value is None:
        return nominal
    ndim = np.ndim(nominal)
    shape = (count, *(1,) * (rank - ndim), *np.shape(nominal))
    x = nominal if value is None else value.reshape(shape)
    return x if tangent is None else x + 1j * (step.reshape(count, *(1,) * rank) * tangent.reshape(shape))


def _step(moved: list[tuple[Array, Array]], count: int) -> Array:
    """For each lane an h so small that h times any tangent vanishes beside the value it is added to."""
    largest, smallest = np.zeros(count), 1.0
    for value, tangent in moved:
        sizes = np.abs(tangent).reshape(count, -1).max(axis=1, initial=0.0)
        largest = np.maximum(largest, np.where(np.isfinite(sizes), sizes, 0.0))
        sizes = np.abs(value)
        if np.ndim(sizes):
            sizes = sizes[sizes > 0].min(initial=1.0)
        if sizes > 0:
            smallest = min(smallest, float(sizes))
    step = max(TINY * smallest, min(1e-250, smallest * 2.0**-60)) / np.where(largest > 0, largest, 1.0)
    return np.ldexp(1.0, np.frexp(step)[1])  # a power of two: scaling by it rounds nothing


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
            xs = [_lifted(graph.values[j], None, lanes.get(j), np.zeros(count), rank, count) for j in ins]
            out = np.asarray(gate.forward(*xs))
            lanes[i] = np.broadcast_to(out, (count, *np.shape(graph.values[i])))
        else:
            lanes[i] = np.stack(
                [
                    np.asarray(gate.forward(*[lanes[j][k] if j in lanes else graph.values[j] for j in ins]))
                    for k in range(count)
                ]
            )
    if graph.output not in lanes:
        return np.broadcast_to(graph.values[graph.output], (count, *np.shape(graph.values[graph.output])))
    return lanes[graph.output]


def ties(graph: Graph) -> list[int]:
    """The nodes whose gate stands exactly on a kink or a jump with at least one entry."""
    found = []
    for i, gate in enumerate(graph.gates):
        if gate.kink is not None and i <= graph.output:
            xs = [graph.values[j] for j in graph.inputs[i]]
            if np.any(np.asarray(gate.kink.margin(graph.values[i], *xs)) == 0):
                found.append(i)
    return found
