"""The two passes told in order: what each gate makes of its inputs, and what it sends back to them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from .diagnose import renamed
from .errors import GradcalcError
from .gate import Array, Pattern
from .report import Report, Row
from .writer import Term

FUNCTION = "is a function: what goes back has gone through its body, from the result to the arguments"


class Share(NamedTuple):
    """What a gate sends back to one of its inputs.

    `formula` is the local gradient, or with `local` None the whole share in terms of the upstream gradient,
    whose operands have the shapes `shapes`. `product` is in the input's shape; `summed` says that it was
    summed over broadcast axes, `stopped` why a slope that is not finite counts for nothing.
    """

    to: str
    formula: str
    local: Array | None
    product: Array
    summed: bool
    shapes: tuple[tuple[str, tuple[int, ...]], ...]
    stopped: str = ""


class Sum(NamedTuple):
    """A node that all its users have sent something back to: the `parts`, in forward order, and their sum."""

    label: str
    parts: tuple[Array, ...]
    total: Array


class Stage(NamedTuple):
    """One gate of the backward pass: what arrives (`upstream`), and what goes to each input.

    `sums` are the nodes whose gradient is complete with this gate.
    """

    label: str
    equation: str
    gate: str
    pattern: str
    sentence: str
    value: Array
    upstream: Array
    shares: tuple[Share, ...]
    sums: tuple[Sum, ...]


class Told(NamedTuple):
    """The inputs and gates with their values, in forward order, and the gates again from the output back.

    `still` are inputs without a gradient: an index, a label, a condition.
    """

    output: str
    seed: Array
    inputs: tuple[tuple[str, Array], ...]
    forward: tuple[tuple[str, Array], ...]
    backward: tuple[Stage, ...]
    still: tuple[str, ...]


def explain(report: Report, wrt: Collection[str] = ()) -> Told:
    """The story of a report; with `wrt` only what leads to these inputs is told.

    Raises GradcalcError for a name that is no input with a gradient.

    >>> from .session import Question, answer
    >>> told = explain(answer(Question("(x+y)*z", {"x": -2, "y": 5, "z": -4}), check=False))
    >>> [(s.label, [(t.to, t.formula, float(t.product)) for t in s.shares]) for s in told.backward]
    [('f', [('q', 'z', -4.0), ('z', 'q', 3.0)]), ('q', [('x', '1', -4.0), ('y', '1', -4.0)])]
    """
    for name in wrt:
        if name not in report.gradients:
            raise GradcalcError(
                f"--wrt: {name} is not an input that can be differentiated",
                kind="name",
                hint=f"there are {', '.join(report.gradients)}",
            )
    rows = [row for row in report.rows if row.gate != "constant"]
    wanted = toward(rows, wrt) if wrt else {row.id for row in rows}
    labels = {row.id: row.label for row in report.rows}
    out = next(row for row in report.rows if row.id == report.output)
    return Told(
        output=out.label,
        seed=report.seed,
        inputs=tuple((row.label, row.value) for row in rows if not row.inputs),
        forward=tuple((row.equation, row.value) for row in rows if row.inputs),
        backward=tuple(stages(rows, wanted, labels)),
        still=tuple(row.label for row in rows if row.parameter),
    )


def toward(rows: list[Row], names: Collection[str]) -> set[str]:
    """The nodes that a change of these inputs moves."""
    found = {row.id for row in rows if row.label in names}
    for row in rows:
        if found.intersection(row.inputs):
            found.add(row.id)
    return found


def stages(rows: list[Row], wanted: set[str], labels: dict[str, str]) -> list[Stage]:
    """The gates from the output back, as far as something arrives at them."""
    shares: dict[str, list[tuple[Row, Term]]] = {}
    for row in rows:
        for term in row.terms:
            if row.id in wanted:
                shares.setdefault(term.into, []).append((row, term))
    values = {row.label: row.value for row in rows}
    left = {row.id: len(row.terms) for row in rows}
    found = []
    for row in reversed(rows):
        if row.id not in shares or row.upstream is None:
            continue
        sent = shares[row.id]
        done = []
        for target, _ in sent:
            left[target.id] -= 1
            if not left[target.id] and len(target.terms) > 1 and target.upstream is not None:
                done.append(Sum(target.label, tuple(t.product for t in target.terms), target.upstream))
        known = {**values, f"d{row.label}": row.upstream}
        order = {key: k for k, key in enumerate(row.inputs)}
        sent.sort(key=lambda pair: order.get(pair[0].id, 0))
        found.append(
            Stage(
                row.label, row.equation, row.gate, row.pattern, sentence(row), row.value, row.upstream,
                tuple(share(target, term, row.label, known) for target, term in sent), tuple(done),
            )
        )  # fmt: skip
    return found


def sentence(row: Row) -> str:
    """What the gate does with an upstream gradient, in the words of the course: `passes ...`."""
    known = {p.word: p.sentence for p in Pattern}
    said = known.get(row.pattern, FUNCTION)
    kink = row.kink
    if kink is None:
        return said
    writer, i = row.writer, row.index
    inputs = {name: label for name, label in writer.operands(i) if name in writer.graph.gates[i].inputs}
    return f"{said}; here {renamed(f'{kink.where}, where {kink.rule}', inputs)}"


def share(target: Row, term: Term, label: str, known: dict[str, Array]) -> Share:
    """One term of a node, as the gate sees it that sends it."""
    formula = term.formula
    shapes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    if term.local is None:
        formula = re.sub(r"(?<!\w)dz(?!\w)", f"d{label}", formula)
        words = dict.fromkeys(re.findall(r"[^\W\d]\w*", formula))
        shapes = tuple((word, np.shape(known[word])) for word in words if word in known)
    return Share(target.label, formula, term.local, term.product, term.summed, shapes, term.stopped)
