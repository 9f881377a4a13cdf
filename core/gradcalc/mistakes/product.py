"""The product rule and the quotient rule as people wish they were: u'v' and u'/v'."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np

from ..gate import Array
from ..graphs import CONSTANT, careful_backward
from ..quantities import Quantity
from .mutant import Mutant, Place


def product_mistakes(place: Place, i: int) -> Iterator[Mutant]:
    """At a scalar product or quotient i: what reaches a node that stands in both operands."""
    graph = place.graph
    name, ins = graph.gates[i].name, graph.inputs[i]
    if name not in ("mul", "div") or any(graph.gates[j] is CONSTANT for j in ins) or ins[0] == ins[1]:
        return
    if any(np.ndim(graph.values[j]) for j in (i, *ins)):
        return
    u, v = (graph.values[j] for j in ins)
    in_u, in_v = (slopes_of(place, j) for j in ins)
    dz = graph.upstreams[i]
    given: dict[Quantity, Array] = {}
    with np.errstate(all="ignore"):
        for j in in_u.keys() & in_v.keys():
            du, dv = in_u[j], in_v[j]
            if not np.ndim(du) and du and dv:
                right = du * v + u * dv if name == "mul" else (du * v - u * dv) / (v * v)
                wrong = du * dv if name == "mul" else du / dv
                given[Quantity("gradient", j)] = graph.upstreams[j] + dz * (wrong - right)
    if given:
        rule, wrong = ("product rule", "u'*v'") if name == "mul" else ("quotient rule", "u'/v'")
        node = place.word(i)
        yield Mutant(
            rule, f"when the derivative of {node} is taken as {wrong}", f"the gate {node}", 1.2, given=given
        )


def slopes_of(place: Place, node: int) -> dict[int, Array]:
    """d(node)/d(each node before it)."""
    other = copy.copy(place.graph)
    other.output = node
    with np.errstate(all="ignore"):
        found = careful_backward(other, np.float64(1.0))
    return {i: up for i, up in enumerate(found) if up is not None}
