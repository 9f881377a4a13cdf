"""The two passes and their check as one record: what every view shows, and no view computes."""

from __future__ import annotations

import functools
import re
from collections.abc import Container
from typing import NamedTuple

import numpy as np

from .checks import Check
from .errors import GradcalcError
from .gate import Array, as_value, downstream
from .graphs import CONSTANT, Graph, Group, local_gradients
from .groups import closed, hidden, one_line, through
from .labels import labels
from .syntax import Bind, parse, simplify, write


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
    `product` is in this node's shape: for broadcast inputs it is summed back, `summed` says so.
    """

    into: str
    upstream: Array
    local: Array | None
    formula: str
    product: Array
    summed: bool


class Row(NamedTuple):
    """One node with all that is known of it.

    `label` is unique and valid wherever a name is; `equation` is "q = x+y" in labels (for inputs just
    the label); `upstream` is d(output)/d(value), None for parameters (inputs that are never moved);
    `numeric`, `error`, `verdict` come from the check (None without one); `checked` is "entries",
    "directions" or "" (unchecked); `evidence` is a sentence for verdicts other than pass.
    """

    id: str
    name: str | None
    label: str
    text: str
    equation: str
    gate: str
    pattern: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    value: Array
    local: tuple[Local, ...]
    upstream: Array | None
    terms: tuple[Term, ...]
    numeric: Array | None
    error: float | None
    verdict: str | None
    checked: str
    evidence: str


class Summary(NamedTuple):
    """What the check concludes over all nodes: `worst_node` is the label with the largest error."""

    verdict: str
    method: str
    worst_node: str | None
    worst_error: float
    agree: int
    total: int
    notes: tuple[str, ...]


class Report(NamedTuple):
    """An expression, its value, every node's row in forward order (inputs first), and the check.

    `output` is the id of the output's row. `gradients` has every differentiable input by name.
    `seed` is the upstream gradient of the output, `default_seed` whether nobody chose it.
    Constants are rows with the gate "constant" where a row uses them; tables leave them out.
    """

    expression: str
    output: str
    rows: tuple[Row, ...]
    gradients: dict[str, Array]
    seed: Array
    default_seed: bool
    check: Summary | None
    notes: tuple[str, ...]


def report(
    graph: Graph, check: Check | None = None, *, default_seed: bool = True, expand: Container[str] = ()
) -> Report:
    """The record of a graph whose forward and backward pass have run, and of its check.

    A call of a function is one row, unless the function's name is in `expand` (or "*" is): then its
    body's rows are shown.
    """
    return Writer(graph, check, expand).report(default_seed)


class Writer:
    """Writes the rows of one graph; holds the labels that all of them share."""

    def __init__(self, graph: Graph, check: Check | None, expand: Container[str] = ()) -> None:
        self.graph = graph
        self.check = check
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

    def report(self, default_seed: bool) -> Report:
        graph = self.graph
        shown = [
            i
            for i in range(len(graph))
            if i not in self.hidden
            and (graph.gates[i] is not CONSTANT or i in self.uses or i == graph.output)
        ]
        rows = tuple(self.row(i) for i in shown)
        return Report(
            expression=graph.source,
            output=f"n{graph.output}",
            rows=rows,
            gradients=graph.gradients,
            seed=graph.upstreams[graph.output],
            default_seed=default_seed,
            check=self.summary(),
            notes=self.check.notes if self.check else (),
        )

    def summary(self) -> Summary | None:
        check = self.check
        if check is None:
            return None
        worst = check.worst
        nodes = [c for i, c in check.nodes.items() if i not in self.hidden]
        return Summary(
            verdict=str(check.verdict),
            method=check.method,
            worst_node=None if worst is None else self.label(worst[0]),
            worst_error=0.0 if worst is None else worst[1],
            agree=sum(c.verdict == "pass" for c in nodes),
            total=len(nodes),
            notes=check.notes,
        )

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

    def row(self, i: int) -> Row:
        graph = self.graph
        node = graph[i]
        gate = node.gate
        group = self.groups.get(i)
        checked = self.check.nodes.get(i) if self.check else None
        moved = i not in graph.parameters and (gate is not CONSTANT or i == graph.output)
        return Row(
            id=node.id,
            name=node.name,
            label=self.label(i),
            text=node.text,
            equation=self.equation(i),
            gate=group.name if group else gate.name,
            pattern="function" if group else gate.pattern.word if node.inputs else "",
            inputs=tuple(f"n{j}" for _, j in group.args) if group else tuple(n.id for n in node.inputs),
            shape=node.shape,
            value=node.value,
            local=self.locals(i),
            upstream=node.upstream if moved else None,
            terms=self.terms(i) if moved else (),
            numeric=checked.numeric if checked else None,
            error=checked.error if checked and checked.checked else None,
            verdict=str(checked.verdict) if checked else None,
            checked=checked.checked if checked else "",
            evidence=checked.evidence if checked else "",
        )

    def equation(self, i: int) -> str:
        """`q = x+y`: the gate's operation on its inputs' labels."""
        if i in self.groups:
            return f"{self.label(i)} = {one_line(self.graph, self.groups[i])}"
        if not self.graph.inputs[i]:
            return self.label(i)
        return f"{self.label(i)} = {self.operation(i)}"

    def operation(self, i: int) -> str:
        gate, ins = self.graph.gates[i], self.graph.inputs[i]
        if gate.name == "index":
            text = self.graph.text(i)
            return text if len(text) < 40 else f"{self.label(ins[0])}[...]"
        if gate.variadic:
            return f"{gate.name}({', '.join(self.label(j) for j in ins)})"
        if gate.symbol or gate.name == "reciprocal":
            return self.formula(gate.formula, i)
        text = f"{gate.name}({', '.join(self.label(j) for j in ins)})"
        named = [f"{key}={_plain(value)}" for key, value in gate.bound.items() if _is_plain(value)]
        return f"{text[:-1]}, {', '.join(named)})" if named else text

    def formula(self, text: str, i: int) -> str:
        """A formula of node i's gate with the labels of its inputs put in, made short."""
        gate, ins = self.graph.gates[i], self.graph.inputs[i]
        names = {gate.input_name(k): self.label(j) for k, j in enumerate(ins)}
        names["z"] = self.label(i)
        for key, value in gate.bound.items():
            if _is_plain(value) and isinstance(value, (int, float)):
                names[key] = _plain(value)
        return put_in(text, tuple(names.items()))

    def locals(self, i: int) -> tuple[Local, ...]:
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

    def terms(self, i: int) -> tuple[Term, ...]:
        graph = self.graph
        result = []
        for user, position in self.uses.get(i, ()):
            gate, dz = graph.gates[user], graph.upstreams[user]
            derivative = gate.derivative(position)
            if derivative is None or dz is None:
                continue
            xs = tuple(graph.values[j] for j in graph.inputs[user])
            z = graph.values[user]
            with np.errstate(all="ignore"):
                product = downstream(gate, position, dz, z, xs)
                local = as_value(derivative.code(z, *xs)) if gate.local else None
            if local is not None and not np.all(np.isfinite(product)):
                product = as_value(np.where(np.equal(dz, 0), 0.0, product))
            summed = gate.elementwise and np.shape(product) != np.shape(z)
            result.append(Term(f"n{user}", dz, local, self.formula(derivative.text, user), product, summed))
        for group, param in self.calls.get(i, ()):
            dz = graph.upstreams[group.result]
            if dz is not None:
                product = as_value(through(graph, group, dz).get(i, np.zeros(np.shape(graph.values[i]))))
                local = through(graph, group, None).get(i)
                formula = f"d{group.name}/d{param}"
                result.append(Term(f"n{group.result}", dz, local, formula, product, False))
        return tuple(result)


@functools.cache
def put_in(text: str, names: tuple[tuple[str, str], ...]) -> str:
    """A formula with names replaced and constants folded; prose is left as it is."""
    table = {name: value for name, value in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)}
    try:
        program = parse(text)
        (statement,) = program.statements
        if not isinstance(statement, Bind):
            return text
        replaced = write(program.items, statement.value.root, table)
        program = parse(replaced)
        (statement,) = program.statements
        assert isinstance(statement, Bind)
        return write(*simplify(program.items, statement.value.root))
    except (GradcalcError, ValueError, AssertionError):
        return text


def _is_plain(value: object) -> bool:
    return isinstance(value, (int, float, str))


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
