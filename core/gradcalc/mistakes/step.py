"""One step of the way back: from a gate to one of its inputs, in code and in words."""

from __future__ import annotations

import numpy as np

from ..gate import Array, unbroadcast
from ..graphs import CONSTANT
from ..replay import Change, Edge, Rule, careful
from .mutant import Mutant, Place


class Step:
    """The step along one edge: what is right there, and how a mistake of it is written down."""

    def __init__(self, place: Place, edge: Edge) -> None:
        graph = place.graph
        self.place, self.edge = place, edge
        self.node, self.position = edge
        self.inputs = graph.inputs[self.node]
        self.input = self.inputs[self.position]
        self.gate = graph.gates[self.node]
        derivative = self.gate.derivative(self.position)
        assert derivative is not None
        self.text = derivative.text
        self.shape, self.out = np.shape(graph.values[self.input]), np.shape(graph.values[self.node])
        self.gate_word, self.to = place.word(self.node), place.word(self.input)
        way = f", on the way to {self.to}" if len(set(self.inputs)) > 1 or self.to[0] != "`" else ""
        self.at = f"at {self.gate_word}{way}"

    @property
    def constant(self) -> str:
        """The constant factor of a product, as it is written, or ""."""
        graph = self.place.graph
        others = [j for j in self.inputs if graph.gates[j] is CONSTANT]
        return graph.text(others[0]) if self.gate.name == "mul" and others else ""

    def mutant(self, name: str, text: str, cost: float, rule: Rule | None) -> Mutant:
        """The mistake of following `rule` here."""
        where = f"the step from {self.gate_word} to {self.to}"
        return Mutant(name, text, where, cost, Change(rules={self.edge: rule}))

    def right(self, dz: Array, z: Array, xs: tuple[Array, ...]) -> Array:
        """The chain rule."""
        return careful(self.gate, self.position, dz, z, xs)

    def times(self, factor: float) -> Rule:
        """The chain rule with a factor too many."""
        return lambda dz, z, xs: factor * self.right(dz, z, xs)

    def fitted(self, dx: Array) -> Array:
        """A gradient summed, or stretched, to the input's shape."""
        return unbroadcast(dx, self.shape)
