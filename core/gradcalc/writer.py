"""What is said of a graph's nodes: labels, equations, derivatives, and what each use sends back."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple, overload

import numpy as np

from .formulas import put_in
from .gate import Array, Pattern, as_value, downstream
from .graphs import CONSTANT, Graph, Group, local_gradients
from .groups import closed, hidden, one_line, through
from .labels import labels


class Local(NamedTuple):
    """One derivative of a node's own gate: with respect to `input` (a node id).

    `value` is None for gates with a vjp; `formula` is its text with the node's labels put in.
    """

    input: str
    value: Array | None
    formula: str


class Term(NamedTuple):
    """What one use of a node sends back to it: upstream (of the user) x local = product.

    `into` is the id of the using node; `local` is None where only the vjp's `formula` speaks.
    `product` is in this node's shape: for broadcast inputs it is summed back, `summed` says so. Where a
    zero upstream gradient stops a slope that is not finite, `stopped` says why there is none.
    """

    into: str
    upstream: Array
    local: Array | None
    formula: str
    product: Array
    summed: bool
    stopped: str = ""


class Writer:
    """Says what there is to say of each node of one graph; holds the labels that all of them share."""

    def __init__(self, graph: Graph, expand: Container[str] = ()) -> None:
        self.graph = graph
        self.groups = closed(graph, expand)
        self.hidden = hidden(graph, expand)
        self.labels = labels(graph, self.hidden)
        self.uses: dict[int, list[tuple[int, int]]] = {}
        for i, ins in enumerate(graph.inputs):
            if i not in self.hidden and i not in self.groups:
                for position, j in enumerate(ins):
                    self.uses.setdefault(j, []).append((i, position))
        self.calls: dict[int, list[tuple[Group, str]]] = {}
        for group in self.groups.values():
            for param, j in group.args:
                self.calls.setdefault(j, []).append((group, param))

    def label(self, i: int) -> str:
        """The node's label; for a constant, its text."""
        if i in self.labels:
            return self.labels[i]
        text = self.graph.text(i)
        value = self.graph.values[i]
        if np.ndim(value) or (text.isascii() and np.isfinite(value)):
            return text
        # A superscript is no operand of a formula, nor is a bound that nobody wrote.
        return _plain(float(value))

    def equation(self, i: int) -> str:
        """`q = x+y`: the gate's operation on its inputs' labels."""
        if i in self.groups:
            return f"{self.label(i)} = {one_line(self.graph, self.groups[i])}"
        if not self.graph.inputs[i]:
            return self.label(i)
        return f"{self.label(i)} = {self.operation(i)}"

    def operation(self, i: int) -> str:
        """`x+y`: what node i's gate does, in labels."""
        gate, ins = self.graph.gates[i], self.graph.inputs[i]
        if gate.name == "index":
            text = self.graph.text(i)
            return text if len(text) < 40 else f"{self.label(ins[0])}[...]"
        if gate.variadic:
            return f"{gate.name}({', '.join(self.label(j) for j in ins)})"
        if gate.symbol or gate.name == "reciprocal":
            return put_in(gate.formula, self.operands(i), short=False)
        text = f"{gate.name}({', '.join(self.label(j) for j in ins)})"
        named = [f"{key}={_plain(value)}" for key, value in gate.bound.items() if _is_plain(value)]
        return f"{text[:-1]}, {', '.join(named)})" if named else text

    def formula(self, text: str, i: int) -> str:
        """A formula of node i's gate with the labels of its inputs put in, made short.

        What stands behind a semicolon is about parameters other than the usual ones.
        """
        gate = self.graph.gates[i]
        usual, _, _ = text.partition(";")
        return put_in(text if gate.bound else usual, self.operands(i))

    def operands(self, i: int) -> tuple[tuple[str, str], ...]:
        """What the names in a formula of node i's gate stand for: inputs, value, upstream, parameters."""
        gate, ins = self.graph.gates[i], self.graph.inputs[i]
        names = {gate.input_name(k): self.label(j) for k, j in enumerate(ins)}
        names |= {"z": self.label(i), "dz": f"d{self.label(i)}"}
        for key, value in {**gate.params, **gate.bound}.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                names.setdefault(key, _plain(value))
        return tuple(names.items())

    def locals(self, i: int) -> tuple[Local, ...]:
        """The derivatives of node i's own gate."""
        graph = self.graph
        if i in self.groups:
            group = self.groups[i]
            own = through(graph, group, None)
            return tuple(Local(f"n{j}", own.get(j), f"d{group.name}/d{p}") for p, j in group.args)
        gate = graph.gates[i]
        values = local_gradients(graph, i)
        result = []
        for position, j in enumerate(graph.inputs[i]):
            derivative = gate.derivative(position)
            if derivative is not None and graph.gates[j] is not CONSTANT:
                result.append(Local(f"n{j}", values[position], self.formula(derivative.text, i)))
        return tuple(result)

    def terms(self, i: int) -> Terms:
        """What the uses of node i send back to it."""
        graph = self.graph
        uses: list[tuple[int, int] | tuple[Group, str]] = [
            (user, position)
            for user, position in self.uses.get(i, ())
            if graph.upstreams[user] is not None and graph.gates[user].derivative(position) is not None
        ]
        uses += [call for call in self.calls.get(i, ()) if graph.upstreams[call[0].result] is not None]
        return Terms(self, i, uses)

    def of_gate(self, user: int, position: int) -> Term:
        """What the gate of node `user` sends back to its input at `position`."""
        graph = self.graph
        gate, dz, z = graph.gates[user], graph.upstreams[user], graph.values[user]
        derivative = gate.derivative(position)
        assert derivative is not None
        xs = tuple(graph.values[j] for j in graph.inputs[user])
        with np.errstate(all="ignore"):
            product = downstream(gate, position, dz, z, xs)
            local = as_value(derivative.code(z, *xs)) if gate.local else None
        stopped = ""
        if local is not None and not np.all(np.isfinite(local)):
            product = as_value(np.where(np.equal(dz, 0), 0.0, product))
            if np.any(np.equal(dz, 0) & ~np.isfinite(local)):
                stopped = "not taken" if self.untaken(user) else "stopped by 0"
        summed = gate.elementwise and np.shape(product) != np.shape(z)
        return Term(f"n{user}", dz, local, self.formula(derivative.text, user), product, summed, stopped)

    def untaken(self, i: int) -> bool:
        """Whether every way from node i to the output leads through a router: a branch not chosen."""
        graph, ahead, seen = self.graph, [i], {i}
        while ahead:
            here = ahead.pop()
            if here == graph.output:
                return False
            for user, _ in self.uses.get(here, ()):
                if user not in seen and graph.gates[user].pattern is not Pattern.ROUTER:
                    seen.add(user)
                    ahead.append(user)
        return True

    def of_call(self, i: int, group: Group, param: str) -> Term:
        """What a call that is shown as one node sends back to its argument, node i."""
        graph = self.graph
        dz = graph.upstreams[group.result]
        product = as_value(through(graph, group, dz).get(i, np.zeros(np.shape(graph.values[i]))))
        local = through(graph, group, None).get(i)
        return Term(f"n{group.result}", dz, local, f"d{group.name}/d{param}", product, False)


class Terms(Sequence[Term]):
    """The terms of one node, each worked out when it is asked for: a fork may have a million."""

    def __init__(
        self, writer: Writer, index: int, uses: Sequence[tuple[int, int] | tuple[Group, str]]
    ) -> None:
        self.writer = writer
        self.node = index
        self.uses = uses

    def __len__(self) -> int:
        return len(self.uses)

    @overload
    def __getitem__(self, at: int) -> Term: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Term]: ...
    def __getitem__(self, at: int | slice) -> Term | Sequence[Term]:
        if isinstance(at, slice):
            return Terms(self.writer, self.node, self.uses[at])
        user, which = self.uses[at]
        if isinstance(user, int) and isinstance(which, int):
            return self.writer.of_gate(user, which)
        assert isinstance(user, Group)
        return self.writer.of_call(self.node, user, str(which))

    def __iter__(self) -> Iterator[Term]:
        return (self[at] for at in range(len(self)))


def _is_plain(value: object) -> bool:
    return isinstance(value, (int, float, str))


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
