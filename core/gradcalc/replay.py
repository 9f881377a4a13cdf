"""The two passes run again with something done differently, and only where that makes a difference.

A wrong answer is mostly a right calculation with one wrong step in it, so this is what mistakes,
follow-through and roundings are made of: rules, gates, values or gradients that are not the true ones.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from math import isfinite
from typing import NamedTuple

import numpy as np

from .errors import GradcalcError
from .gate import Array, Gate, as_value, downstream, unbroadcast
from .graphs import CONSTANT, Graph

# What gates raise where numbers or shapes do not fit them.
UNFIT = (GradcalcError, ValueError, IndexError, TypeError, ArithmeticError)

Edge = tuple[int, int]  # a node and the position of one of its inputs
Rule = Callable[[Array, Array, tuple[Array, ...]], Array]  # (dz, z, xs) -> what goes down this edge


class Change(NamedTuple):
    """What is done differently.

    `rules` replace the chain rule on an edge (None: nothing comes back), `gates` and `inputs` what a node
    is, in both passes; `values` and `upstreams` are pinned to numbers from elsewhere. `late` is a node
    that is computed only just before the node beside it, for inputs that stand between the two.
    """

    rules: Mapping[Edge, Rule | None] = {}
    gates: Mapping[int, Gate] = {}
    inputs: Mapping[int, tuple[int, ...]] = {}
    values: Mapping[int, Array] = {}
    upstreams: Mapping[int, Array] = {}
    late: tuple[int, int] | None = None


class Replayed(NamedTuple):
    """The values and upstream gradients that came out different, by node."""

    values: dict[int, Array]
    upstreams: dict[int, Array]


class Replay:
    """A graph whose two passes have run, ready to run them again."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.values = graph.values
        self.upstreams = graph.upstreams
        self.nodes = [i for i in range(graph.output + 1) if self.is_reached(i)]
        self.uses = uses_of(graph, graph.inputs)
        self.terms: dict[Edge, Array] = {}
        self.higher: dict[int, set[int]] = {}

    def is_reached(self, i: int) -> bool:
        return self.upstreams[i] is not None and self.graph.gates[i] is not CONSTANT

    def above(self, node: int) -> set[int]:
        """The nodes that the gradient of `node` comes from."""
        found = self.higher.get(node)
        if found is None:
            found = self.higher[node] = set()
            todo = [node]
            while todo:
                for i, _ in self.uses.get(todo.pop(), ()):
                    if i not in found:
                        found.add(i)
                        todo.append(i)
        return found

    def run(self, change: Change) -> Replayed:
        """Both passes with `change`. Raises UNFIT where numbers or shapes do not fit a gate."""
        with np.errstate(all="ignore"):
            values = self.forward(change)
            return Replayed(values, self.backward(change, values))

    def forward(self, change: Change) -> dict[int, Array]:
        """The values that are different."""
        if not (change.gates or change.inputs or change.values):
            return {}
        graph, found = self.graph, {i: as_value(value) for i, value in change.values.items()}
        first = min((*change.gates, *change.inputs, *change.values))
        for i in ordered(range(first, len(graph)), change.late):
            ins = change.inputs.get(i) or graph.inputs[i]
            if not ins or i in change.values:
                continue
            if i in change.gates or i in change.inputs or any(j in found for j in ins):
                gate = change.gates.get(i) or graph.gates[i]
                value = as_value(gate.forward(*[found.get(j, self.values[j]) for j in ins]))
                if i in change.gates or i in change.inputs or not equal(value, self.values[i]):
                    found[i] = value
        return found

    def backward(self, change: Change, values: Mapping[int, Array]) -> dict[int, Array]:
        """The upstream gradients that are different, given the values that are."""
        graph, found = self.graph, dict[int, Array]()
        uses = (
            uses_of(graph, {**dict(enumerate(graph.inputs)), **change.inputs}) if change.inputs else self.uses
        )
        dirty = {i for i, _ in change.rules} | change.gates.keys() | change.inputs.keys() | values.keys()
        if values:
            dirty |= {i for j in values for i, _ in uses.get(j, ())}
        last = max((*dirty, *change.upstreams), default=-1)
        # Edges that a change took away leave their former inputs with less.
        orphans = {j for i in change.inputs for j in graph.inputs[i]}
        nodes = self.nodes if values else self.nodes[: bisect_right(self.nodes, last)]
        for j in reversed(ordered(nodes, change.late)):
            if j in change.upstreams:
                found[j] = as_value(change.upstreams[j])
            elif j == graph.output:
                if j in values and np.shape(values[j]) != np.shape(self.values[j]):
                    found[j] = as_value(np.ones(np.shape(values[j])))
            elif j in values or j in orphans or any(i in found or i in dirty for i, _ in uses.get(j, ())):
                total = self.total(j, uses.get(j, ()), change, values, found, dirty)
                if j in values or not equal(total, self.upstreams[j]):
                    found[j] = total
        return found

    def total(
        self,
        j: int,
        uses: tuple[Edge, ...],
        change: Change,
        values: Mapping[int, Array],
        found: Mapping[int, Array],
        dirty: set[int],
    ) -> Array:
        """What all uses of node j send back to it."""
        total: Array = None
        for edge in uses:
            i = edge[0]
            if i not in found and i not in dirty:
                term = self.term(edge)
            else:
                dz = found.get(i, self.upstreams[i])
                rule = change.rules.get(edge)
                if dz is None or (rule is None and edge in change.rules):
                    continue
                gate = change.gates.get(i) or self.graph.gates[i]
                ins = change.inputs.get(i) or self.graph.inputs[i]
                z = values.get(i, self.values[i])
                xs = tuple([values.get(k, self.values[k]) for k in ins])
                term = rule(dz, z, xs) if rule else careful(gate, edge[1], dz, z, xs)
            total = term if total is None else total + term
        return as_value(np.zeros(np.shape(values.get(j, self.values[j])))) if total is None else total

    def term(self, edge: Edge) -> Array:
        """What one use sends back when nothing is different."""
        found = self.terms.get(edge)
        if found is None:
            i, position = edge
            xs = tuple([self.values[k] for k in self.graph.inputs[i]])
            found = careful(self.graph.gates[i], position, self.upstreams[i], self.values[i], xs)
            self.terms[edge] = found
        return found


def equal(a: Array, b: Array) -> bool:
    """Whether two results are the same, entry by entry."""
    if type(a) is type(b) is np.float64:
        return bool(a == b)
    return bool(np.array_equal(a, b))


def careful(gate: Gate, position: int, dz: Array, z: Array, xs: tuple[Array, ...]) -> Array:
    """What goes downstream; a zero upstream gradient stops a slope that is not finite."""
    if not gate.local:
        return downstream(gate, position, dz, z, xs)
    if type(z) is type(xs[position]) is np.float64:
        dx = dz * gate.local[gate.input_name(position)].code(z, *xs)
        if isfinite(dx):
            return dx
    dx = downstream(gate, position, dz, z, xs)
    if not np.all(np.isfinite(dx)):
        slope = gate.local[gate.input_name(position)].code(z, *xs)
        product = np.where(np.equal(dz, 0), 0.0, np.multiply(dz, slope))
        return unbroadcast(as_value(product), np.shape(xs[position]))
    return dx


def uses_of(
    graph: Graph, inputs: Mapping[int, tuple[int, ...]] | list[tuple[int, ...]]
) -> dict[int, tuple[Edge, ...]]:
    """The edges on which gradients come back to each node, in the order in which they are added."""
    found: dict[int, list[Edge]] = {}
    for i in range(graph.output, -1, -1):
        if graph.upstreams[i] is None:
            continue
        gate = graph.gates[i]
        for position, j in enumerate(inputs[i]):
            if graph.gates[j] is not CONSTANT and gate.derivative(position) is not None:
                found.setdefault(j, []).append((i, position))
    return {j: tuple(edges) for j, edges in found.items()}


def ordered(nodes: range | list[int], late: tuple[int, int] | None) -> list[int] | range:
    """The nodes in order, the first of `late` put off until just before the second."""
    if late is None:
        return nodes
    moved, before = late
    return [k for i in nodes if i != moved for k in ((moved, i) if i == before else (i,))]
