"""One question from beginning to end: text and values in, a report out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from .build import MAX_NODES, Limits, Names, build
from .build.names import binds
from .checks import check as check_graph
from .diagnose import refuse_infinite
from .dots import DOTS, refuse_dots
from .errors import GradcalcError, nearest
from .files import Stdin, read_file, read_many
from .gate import Array, Gate, as_value
from .gates import GATES
from .graphs import MAX_ELEMENTS, Graph
from .groups import hidden
from .labels import labels
from .report import Report, report
from .syntax import Program, parse
from .values import read_value, within
from .verdicts import Verdict

MAX_TEXT = 64 * 2**20


class Question(NamedTuple):
    """What is asked: an expression or program, the values of its inputs, and what to look at.

    `inputs` maps names to numbers, arrays, or texts as they are typed (`"pi/2"`, `"@data.npy"`); `loads`
    maps names to `FILE[:KEY]`, and `many` is a file of many inputs, which these override; `stdin` reads
    standard input, which `@-` stands for. `of` is the node to take as the output (a name or a label), `wrt`
    the names to differentiate, `upstream` the output's upstream gradient, `tie` a rule of tie.RULES for kinks
    (each gate's own by default).
    """

    text: str
    inputs: Mapping[str, Any] = {}
    origin: str | None = None
    loads: Mapping[str, str] = {}
    seed: int = 0
    of: str | None = None
    wrt: tuple[str, ...] = ()
    upstream: Any = None
    max_nodes: int = MAX_NODES
    max_elements: int = MAX_ELEMENTS
    max_text: int = MAX_TEXT
    max_depth: int = 200
    many: str | None = None
    stdin: Stdin | None = None
    tie: str = ""


def prepare(question: Question, *, gates: Mapping[str, Gate] = GATES) -> Graph:
    """The graph of a question, both passes run."""
    limits = Limits(question.max_nodes, question.max_elements)
    try:
        program, inputs = read(question, limits, gates=gates)
        graph = build(program, inputs, gates=gates, seed=question.seed, limits=limits)
        if question.of is not None:
            graph.output = find(graph, question.of, "--of")
        graph.forward()
        refuse_infinite(graph)
        if any(dot in question.text for dot in DOTS):
            refuse_dots(graph, question.text)
        if question.tie:
            from .tie import retie

            retie(graph, question.tie)
        if question.wrt:
            graph.want(_wrt(graph, question.wrt))
        graph.backward(1.0 if question.upstream is None else upstream(question, limits))
        return graph
    except GradcalcError as error:
        raise error.located(question.text, question.origin) from None


def read(
    question: Question, limits: Limits, *, also: tuple[str, ...] = (), gates: Mapping[str, Gate] = GATES
) -> tuple[Program, dict[str, Any]]:
    """The program of a question, and the values that it gives; `also` are names that get theirs elsewhere."""
    many = {} if question.many is None else read_many(question.many)
    bound = (*question.inputs, *question.loads, *many, *also)
    program = parse(question.text, bound=bound, max_text=question.max_text, max_depth=question.max_depth)
    given = {**_wanted_of(many, program, question, gates), **question.inputs}
    inputs = {
        name: read_value(name, value, seed=question.seed, limits=limits, stdin=question.stdin)
        if isinstance(value, str)
        else value
        for name, value in given.items()
        if name not in question.loads
    }
    for name, place in question.loads.items():
        inputs[name] = within(read_file(place, stdin=question.stdin), name, limits)
    return program, inputs


def _wanted_of(
    many: dict[str, Any], program: Program, question: Question, gates: Mapping[str, Gate]
) -> dict[str, Any]:
    """Of a file's inputs those that the program takes; a name that looks misspelt is refused."""
    if not many:
        return {}
    taken, free = wanted(program, tuple(many))
    free -= {*question.inputs, *question.loads}
    for name in many.keys() - taken:
        near = nearest(name, free)
        if near is not None:
            raise GradcalcError(
                f"{question.many}: the expression does not use {name}",
                kind="unused",
                hint=f"did you mean {near}?",
            )
    return {name: value for name, value in many.items() if name in taken}


def wanted(program: Program, names: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """Which of these names the program takes as inputs; and its further inputs."""
    bound = {statement.name for statement in binds(program.statements)}
    found = Names(program, set(names) - bound)
    inputs = {*found.inputs, *found.unbound}
    return inputs & set(names), inputs - set(names)


def uses(text: str, names: tuple[str, ...]) -> set[str]:
    """Which of these names an expression takes as inputs."""
    return wanted(parse(text, bound=names), names)[0]


def _wrt(graph: Graph, names: tuple[str, ...]) -> list[int]:
    """The inputs that --wrt names."""
    variables = graph.variables
    found = [variables[name] if name in variables else find(graph, name, "--wrt") for name in names]
    for name, i in zip(names, found, strict=True):
        if i not in variables.values():
            raise GradcalcError(
                f"--wrt: {name} is not an input that can be differentiated",
                kind="name",
                hint=f"there are {', '.join(variables)}" if variables else "there is none",
            )
    return found


def upstream(question: Question, limits: Limits) -> Array:
    value = question.upstream
    return (
        read_value(
            "upstream",
            value,
            seed=question.seed,
            limits=limits,
            stdin=question.stdin,
            option="--upstream",
        )
        if isinstance(value, str)
        else as_value(value)
    )


def find(graph: Graph, name: str, option: str) -> int:
    """The node that a name or a label means."""
    known = {label: i for i, label in labels(graph, hidden(graph)).items()} | graph.names
    if name not in known:
        near = nearest(name, known)
        shown = ", ".join(list(known)[:12]) + (" ..." if len(known) > 12 else "")
        there = f"there are {shown}" if known else "there are only numbers here"
        raise GradcalcError(
            f"{option}: there is no node {name}",
            kind="name",
            hint=f"did you mean {near}?" if near else there,
        )
    return known[name]


def answer(
    question: Question,
    *,
    check: bool = True,
    method: str = "auto",
    step: float | None = None,
    max_items: int = 1000,
    expand: Collection[str] = (),
    gates: Mapping[str, Gate] = GATES,
) -> Report:
    """Build the graph, run both passes and the check, and report."""
    graph = prepare(question, gates=gates)
    return reported(
        graph, question, check=check, method=method, step=step, max_items=max_items, expand=expand
    )


def reported(
    graph: Graph,
    question: Question,
    *,
    check: bool = True,
    method: str = "auto",
    step: float | None = None,
    max_items: int = 1000,
    expand: Collection[str] = (),
) -> Report:
    """Check the graph of a question that is prepared, and report."""
    unknown = [name for name in expand if name != "*" and name not in graph.functions]
    if unknown:
        near = nearest(unknown[0], graph.functions)
        there = f"it defines {', '.join(sorted(graph.functions))}" if graph.functions else "it defines none"
        raise GradcalcError(
            f"--expand: the program has no function {unknown[0]}",
            kind="name",
            hint=f"did you mean {near}?" if near else there,
        )
    wrt = _wrt(graph, question.wrt)
    found = (
        check_graph(graph, method=method, step=step, seed=question.seed, max_items=max_items, wrt=wrt or None)
        if check
        else None
    )
    result = report(graph, found, default_seed=question.upstream is None, expand=expand)
    if found is not None and any(c.verdict is Verdict.KINK for c in found.nodes.values()):
        from .tie import convention

        said = convention(graph, question.tie)
        result = result._replace(notes=(*result.notes, said)) if said else result
    if wrt:
        keep = {name: g for name, g in result.gradients.items() if graph.variables[name] in wrt}
        result = result._replace(gradients=keep)
    return result


def quantity(result: Report, name: str) -> Array:
    """What `--get NAME` prints: a node's value by name or label, `output`, or `dNAME`, its gradient."""
    by_label = {r.label: r for r in result.rows if r.gate != "constant" or r.id == result.output}
    if name in by_label:
        return by_label[name].value
    if name == "output":
        return next(row.value for row in result.rows if row.id == result.output)
    if name.startswith("d") and name[1:] in result.gradients:  # an input may have got a new value since
        return result.gradients[name[1:]]
    row = by_label.get(name[1:]) if name.startswith("d") else None
    if row is None:
        known = [*by_label, *(f"d{label}" for label in by_label), "output"]
        near = nearest(name, known)
        raise GradcalcError(
            f"there is no {name} here" if name else "--get needs the name of a value",
            kind="name",
            hint=f"did you mean {near}?" if near else f"there are {', '.join(known[:12])}",
        )
    if row.parameter:
        raise GradcalcError(
            f"{row.label} has no gradient: it is used only as an index, a label or a condition", kind="name"
        )
    if row.upstream is None or (row.gate == "input" and row.name not in result.gradients):
        asked = ",".join(result.gradients)
        raise GradcalcError(
            f"{name} is not asked for: --wrt {asked} differentiates nothing else",
            kind="name",
            hint=f"add it to --wrt: {asked},{row.name}" if row.gate == "input" else "leave out --wrt",
        )
    return row.upstream


def is_default_seed(report: Report) -> bool:
    """Whether an array output was seeded with all ones because nobody said otherwise."""
    return report.default_seed and np.ndim(report.seed) > 0
