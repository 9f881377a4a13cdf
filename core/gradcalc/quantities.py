"""What an answer is for: a node's gradient or value, or a gate's own slope; by any name people write."""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import GradcalcError, nearest
from .gate import Array, as_value
from .graphs import Graph
from .groups import hidden
from .labels import labels
from .syntax.characters import plain

# What people call the final output, where no node is called so.
FINAL = {"f", "F", "L", "J", "E", "C", "loss", "Loss", "cost", "y", "z", "out", "output", "err", "error"}
WORD = r"[^\W\d]\w*"
FRACTION = re.compile(rf"[d∂δ]({WORD})/[d∂δ]({WORD})")
GRAD = re.compile(rf"({WORD})\.grad|grad_({WORD})|∂({WORD})")
WRITTEN = re.compile(rf"[d∂δ]{WORD}/[d∂δ]{WORD}|{WORD}\.grad|∂{WORD}")  # what no name of an expression can be
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


class Quantity(NamedTuple):
    """What is asked: `kind` is "gradient", "value" or "local", a slope of the node's own gate."""

    kind: str
    node: int
    position: int = 0


class Names:
    """The names that the nodes of one graph answer to."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.label = labels(graph, hidden(graph))
        self.node = {label: i for i, label in self.label.items()} | graph.names

    def quantity(self, name: str) -> Quantity:
        """The quantity that `name` means; a node that is really called so wins.

        `q` is a value and `dq` a gradient; so are `df/dq`, `∂L/∂q`, `q.grad` and `grad_q`. `dq/dx`, for a
        q that is not the output, is the slope of q's own gate. Raises GradcalcError for anything else.
        """
        name = plain(name).translate(SUBSCRIPTS)
        if name in self.node:
            return Quantity("value", self.node[name])
        if name == "output":
            return Quantity("value", self.graph.output)
        fraction = FRACTION.fullmatch(name)
        if fraction is not None:
            return self.slope(name, fraction[1], fraction[2])
        grad = GRAD.fullmatch(name)
        target = next(filter(None, grad.groups())) if grad else name[1:] if name[:1] == "d" else ""
        if target not in self.node:
            raise self.unknown(name)
        return self.gradient(target)

    def gradient(self, name: str) -> Quantity:
        """d(output)/d(name): of an input that the program gives a new value, the input's."""
        node = self.graph.variables.get(name, self.node[name])
        if node in self.graph.parameters:
            raise GradcalcError(
                f"{name} has no gradient: it is used only as an index, a label or a condition", kind="name"
            )
        return Quantity("gradient", node)

    def slope(self, name: str, above: str, below: str) -> Quantity:
        """`da/db`: a gradient where a is the output, else the own slope of the gate a."""
        graph = self.graph
        if below not in self.node:
            raise self.unknown(name, below)
        top = self.node.get(above)
        if top is None and above not in FINAL:
            raise self.unknown(name, above)
        if top is None or top == graph.output:
            return self.gradient(below)
        node, inputs = self.node[below], graph.inputs[top]
        if node in inputs and inputs.count(node) == 1 and graph.gates[top].local:
            return Quantity("local", top, inputs.index(node))
        takes = ", ".join(self.label[j] for j in inputs if j in self.label)
        raise GradcalcError(
            f"{name} is no step of this circuit: {above} takes {takes or 'no node'}",
            kind="name",
            hint=f"d{below} is the gradient of the output",
        )

    def unknown(self, name: str, part: str | None = None) -> GradcalcError:
        """The refusal of a name, with the nearest one that there is."""
        known = [*self.node, *(f"d{label}" for label in self.node)]
        near = nearest(part or name, known)
        listed = ", ".join(known[:12])
        hint = f"did you mean {near}?" if near else f"there are {listed}"
        inside = f", so {name} is nothing" if part else ""
        return GradcalcError(f"there is no {part or name} here{inside}", kind="name", hint=hint)

    def spell(self, quantity: Quantity) -> str:
        """The quantity as this house writes it: `dq`, `q`, `dq/dx`."""
        label = self.shown(quantity.node)
        if quantity.kind == "local":
            return f"d{label}/d{self.shown(self.graph.inputs[quantity.node][quantity.position])}"
        return f"d{label}" if quantity.kind == "gradient" else label

    def shown(self, node: int) -> str:
        """The node's label; inside a function and for constants, its text."""
        return self.label.get(node) or self.graph.text(node)


def true_value(graph: Graph, quantity: Quantity) -> Array:
    """What is right, once both passes have run."""
    kind, i, position = quantity
    if kind == "value":
        return graph.values[i]
    if kind == "gradient":
        return graph[i].upstream
    gate, xs = graph.gates[i], [graph.values[j] for j in graph.inputs[i]]
    return as_value(gate.local[gate.input_name(position)].code(graph.values[i], *xs))


def is_written_gradient(name: str) -> bool:
    """Whether `name` is a gradient in a spelling that can't be a variable: `df/dx`, `x.grad`."""
    return WRITTEN.fullmatch(plain(name)) is not None
