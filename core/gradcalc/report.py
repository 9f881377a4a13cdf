"""The two passes and their check as one record: what every view shows, and no view computes."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from .checks import Check
from .gate import Array, Kink
from .graphs import CONSTANT, INPUT, Graph
from .judge import Checked
from .probe import on_kink
from .writer import Local, Term, Writer

if TYPE_CHECKING:
    from .proof import Proof


class Row:
    """One node with all that is known of it; what takes work is worked out when it is asked for."""

    def __init__(self, writer: Writer, index: int, checked: Checked | None) -> None:
        self.writer = writer
        self.index = index
        self.found = checked

    @property
    def id(self) -> str:
        return f"n{self.index}"

    @property
    def name(self) -> str | None:
        """The name that the program or the command line gave to the node, if any."""
        return self.writer.graph.names_by_index.get(self.index)

    @property
    def label(self) -> str:
        """Unique, and valid wherever a name is; a constant's is its text."""
        return self.writer.label(self.index)

    @property
    def text(self) -> str:
        """The node as its author wrote it."""
        return self.writer.graph.text(self.index)

    @cached_property
    def equation(self) -> str:
        """`q = x+y` in labels; for inputs just the label."""
        return self.writer.equation(self.index)

    @property
    def gate(self) -> str:
        """The gate's name; the function's for a call that is shown as one node."""
        group = self.writer.groups.get(self.index)
        return group.name if group else self.writer.graph.gates[self.index].name

    @property
    def kink(self) -> Kink | None:
        """The kink or jump that the node's gate stands on exactly, with at least one entry."""
        graph, i = self.writer.graph, self.index
        return graph.gates[i].kink if i not in self.writer.groups and on_kink(graph, i) else None

    @property
    def pattern(self) -> str:
        """How the gate treats the upstream gradient, in one word."""
        graph = self.writer.graph
        if self.index in self.writer.groups:
            return "function"
        return graph.gates[self.index].pattern.word if graph.inputs[self.index] else ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The ids of the nodes that went in."""
        group = self.writer.groups.get(self.index)
        ins = [j for _, j in group.args] if group else self.writer.graph.inputs[self.index]
        return tuple(f"n{j}" for j in ins)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.writer.graph[self.index].shape

    @property
    def value(self) -> Array:
        return self.writer.graph.values[self.index]

    @cached_property
    def local(self) -> tuple[Local, ...]:
        """The derivatives of the node's own gate."""
        return self.writer.locals(self.index)

    @property
    def moved(self) -> bool:
        """Whether the node has a gradient: parameters, constants and what nobody asked for have none."""
        graph, i = self.writer.graph, self.index
        gate = graph.gates[i]
        if graph.wanted is not None and not graph.wanted[i] and i != graph.output:
            return False
        return (gate is not INPUT or i not in graph.parameters) and (
            gate is not CONSTANT or i == graph.output
        )

    @property
    def upstream(self) -> Array | None:
        """d(output)/d(value); None for parameters (inputs that are never moved) and what nobody asked for."""
        return self.writer.graph[self.index].upstream if self.moved else None

    @property
    def parameter(self) -> bool:
        """Whether this is an input that is never moved: an index, a label, a condition."""
        return self.writer.graph.gates[self.index] is INPUT and self.index in self.writer.graph.parameters

    @property
    def silent(self) -> bool:
        """Whether the output uses the node only where no gradient passes: as a condition or an index."""
        writer, graph = self.writer, self.writer.graph
        used = any(graph.upstreams[user] is not None for user, _ in writer.uses.get(self.index, ()))
        return used and not self.terms

    @cached_property
    def terms(self) -> Sequence[Term]:
        """What each use sends back; they sum to `upstream`."""
        return self.writer.terms(self.index) if self.moved else ()

    @property
    def numeric(self) -> Array | None:
        """The numeric gradient, None without one."""
        return self.found.numeric if self.found else None

    @property
    def error(self) -> float | None:
        """max|a-n| / max(|a|, |n|), None where nothing was compared."""
        return self.found.error if self.found and self.found.checked else None

    @property
    def verdict(self) -> str | None:
        return str(self.found.verdict) if self.found else None

    @property
    def checked(self) -> str:
        """How: "entries", "directions" or "" (unchecked)."""
        return self.found.checked if self.found else ""

    @property
    def evidence(self) -> str:
        """A sentence for verdicts other than pass."""
        return self.found.evidence if self.found else ""

    @cached_property
    def proof(self) -> Proof | None:
        """What the verdict rests on, in numbers; None where no entry was moved by itself."""
        from .proof import proof

        return proof(self.writer.graph, self.found) if self.found else None

    @property
    def bar(self) -> float | None:
        """The error bar of both sides at the entry that decided, None where nothing was compared."""
        return sum(self.found.bars) if self.found and self.found.checked == "entries" else None


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
    `notes` are about the question itself; the check has its own.
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
    writer = Writer(graph, expand)
    found = check.nodes if check else {}
    shown = [
        i
        for i, gate in enumerate(graph.gates)
        if i not in writer.hidden and (gate is not CONSTANT or i in writer.uses or i == graph.output)
    ]
    return Report(
        expression=graph.source,
        output=f"n{graph.output}",
        rows=tuple(Row(writer, i, found.get(i)) for i in shown),
        gradients=graph.gradients,
        seed=graph.upstreams[graph.output],
        default_seed=default_seed,
        check=None if check is None else summary(check, writer),
        notes=(),
    )


def summary(check: Check, writer: Writer) -> Summary:
    """What the check concludes over the nodes that are shown."""
    worst = check.worst
    nodes = [c for i, c in check.nodes.items() if i not in writer.hidden]
    return Summary(
        verdict=str(check.verdict),
        method=check.method,
        worst_node=None if worst is None else writer.label(worst[0]),
        worst_error=0.0 if worst is None else worst[1],
        agree=sum(c.verdict == "pass" for c in nodes),
        total=len(nodes),
        notes=check.notes,
    )
