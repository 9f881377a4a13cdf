"""Slots: what the items of a program have become, and how they turn into nodes and constants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..calls import Later, Slot
from ..errors import GradcalcError, Spanned
from ..gate import Array, Gate, as_value
from ..graphs import CONSTANT, INPUT, MAX_ELEMENTS, Graph
from ..syntax import Program

MAX_NODES = 2_000_000


class Limits(NamedTuple):
    """How large a graph may become; each error names the option that raises it."""

    nodes: int = MAX_NODES
    elements: int = MAX_ELEMENTS


class Slots:
    """One program on its way to a graph: a slot for each item (see calls.Slot), and the nodes so far."""

    def __init__(self, program: Program, gates: Mapping[str, Gate], limits: Limits) -> None:
        self.program = program
        self.items = program.items
        self.slots: list[Slot] = [None] * len(program.items)
        self.graph = Graph(program.source, max_elements=limits.elements)
        self.gates = gates
        self.limits = limits

    def apply(self, gate: Gate, slots: list[Slot], args: tuple[int, ...], k: int) -> Slot:
        """A node of `gate` over these slots; where all of them are constants, its value at once."""
        items, graph = self.items, self.graph
        values = [slot if type(slot) is int else self.value(slot, k) for slot in slots]
        places = [items[j] for j in args[: len(values)]]
        places += [items[k]] * (len(values) - len(places))
        if int not in map(type, values):
            return self.fold(gate, values, items[k], places)
        inputs = tuple(
            [
                v if type(v) is int else graph.add(CONSTANT, (), place, v)
                for v, place in zip(values, places, strict=True)
            ]
        )
        return graph.add(gate, inputs, items[k])

    def fold(self, gate: Gate, values: list[Array], span: Spanned, spans: Sequence[Spanned]) -> Array:
        """The value of a gate over constants; `spans` are theirs."""
        single = Graph(self.program.source, max_elements=self.limits.elements)
        ins = tuple(single.add(CONSTANT, (), own, v) for own, v in zip(spans, values, strict=True))
        single.output = single.add(gate, ins, span)
        return as_value(single.forward())

    def value(self, slot: Slot, k: int) -> Slot:
        """A node or a constant; a list becomes an array, or a stack of nodes."""
        if not isinstance(slot, Later):
            return slot
        if slot.kind == "word" and slot.value is not None:
            return np.float64(slot.value)
        if slot.kind != "list":
            what = {"text": "a text", "word": "None"}.get(slot.kind, "a slice")
            raise GradcalcError(f"{what} is no number", kind="value", span=self.items[k].span)
        entries = [self.value(entry, k) for entry in slot.value]
        span = self.items[k].span
        if all(type(v) is not int for v in entries):
            try:
                return as_value(np.array(entries, dtype=np.float64))
            except ValueError:
                raise GradcalcError(
                    "the rows of this list differ in length", kind="shape", span=span
                ) from None
        nodes = tuple(v if type(v) is int else self.graph.add(CONSTANT, (), span, v) for v in entries)
        return self.graph.add(self.gates["stack"], nodes, span)

    def node(self, slot: Slot, k: int) -> int:
        """The slot as a node: a constant becomes a leaf."""
        value = self.value(slot, k)
        return value if type(value) is int else self.graph.add(CONSTANT, (), self.items[k].span, value)

    def static(self, slot: Slot) -> Any:
        """What a slot is worth while the graph is built: a size, an axis, an index.

        Inputs that it hangs on become parameters: they are never moved.
        """
        if isinstance(slot, Later):
            if slot.kind == "list":
                return tuple(self.static(entry) for entry in slot.value)
            return slot.value
        if type(slot) is not int:
            return slot
        graph, todo, needed = self.graph, [slot], set()
        while todo:
            i = todo.pop()
            if i in needed:
                continue
            needed.add(i)
            if graph.gates[i] is INPUT:
                graph.static.add(i)
            todo.extend(graph.inputs[i])
        for i in sorted(needed):
            if graph.inputs[i]:
                xs = [graph.values[j] for j in graph.inputs[i]]
                graph.values[i] = graph.gates[i].forward(*xs)
        return graph.values[slot]

    def check_size(self, nodes: int) -> None:
        if nodes > self.limits.nodes:
            raise GradcalcError(
                f"the graph has more than {self.limits.nodes:,} nodes",
                kind="limit",
                hint="--max-nodes raises the limit",
            )
