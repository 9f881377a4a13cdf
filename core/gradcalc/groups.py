"""Calls of functions shown as one node: which nodes are inside, and what goes through them."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np

from .gate import Array, downstream
from .graphs import CONSTANT, Graph, Group


def closed(graph: Graph, expand: Container[str] = ()) -> dict[int, Group]:
    """The calls that are shown as one node, by their result; a call inside another closed one is not."""
    found: dict[int, Group] = {}
    covered = 0
    # Calls are recorded when they end, so an outer call stands behind those inside it.
    for group in sorted(graph.groups, key=lambda g: (g.start, -g.stop)):
        if group.name in expand or "*" in expand or group.start < covered:
            continue
        found[group.result] = group
        covered = group.stop
    return found


def hidden(graph: Graph, expand: Container[str] = ()) -> frozenset[int]:
    """The nodes inside closed calls, but for their results."""
    return frozenset(
        i
        for group in closed(graph, expand).values()
        for i in range(group.start, group.stop)
        if i != group.result
    )


def through(graph: Graph, group: Group, dz: Array | None) -> dict[int, Array]:
    """What the call sends back to each of its arguments for the upstream gradient `dz` of its result.

    With None it is the call's own local gradient, where result and argument are scalars (else left out).
    """
    local = dz is None
    if local and np.ndim(graph.values[group.result]):
        return {}
    up: dict[int, Any] = {group.result: np.float64(1.0) if dz is None else dz}
    with np.errstate(all="ignore"):
        for i in range(group.result, group.start - 1, -1):
            ins = graph.inputs[i]
            if i not in up or not ins:
                continue
            gate = graph.gates[i]
            xs = tuple(graph.values[j] for j in ins)
            for position, j in enumerate(ins):
                if graph.gates[j] is CONSTANT or gate.derivative(position) is None:
                    continue
                dx = downstream(gate, position, up[i], graph.values[i], xs)
                up[j] = dx if j not in up else up[j] + dx
    found = {j: up[j] for _, j in group.args if j in up}
    return {j: v for j, v in found.items() if not local or not np.ndim(v)}


def one_line(graph: Graph, group: Group) -> str:
    """The call as it is written."""
    start, end = group.span
    return " ".join(graph.source[start:end].split())
