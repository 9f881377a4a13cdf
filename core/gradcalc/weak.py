"""Weak points: numbers at which mistakes give the right gradients too, by accident; and better ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from .errors import GradcalcError
from .gate import Array, Pattern, downstream
from .graphs import CONSTANT, Graph
from .key import Key
from .probe import ties
from .session import Question, prepare
from .telling import ALIKE, GRIDS, NUDGE, alike, numbers

INSTEAD = "is given instead of the gradient of"
LARGEST = 60  # nodes of a circuit whose mistakes are worked out
TRIES = 24  # other points that are tried
LISTED = 2
LONGEST = 40
FEW = 0.05  # a smaller share of them is no matter
TINY = 1e-12  # of what went into it: a sum that cancels


class Weak(NamedTuple):
    """What a point can't show: sentences, and a better point by input (empty where none was found)."""

    notes: tuple[str, ...] = ()
    better: Mapping[str, str] = {}


def weak(question: Question, graph: Graph) -> Weak:
    """What can't be seen at the point of a question; `graph` is that question's, both passes run.

    A mistake that gives the right gradients here, but not a little beside it, can't be seen here; nor can
    one that is made where no gradient arrives.

    >>> asked = Question("x^2", {"x": "2"})
    >>> for note in weak(asked, prepare(asked)).notes:
    ...     print(note)
    this point hides 2 of 13 common mistakes: the value of f is given instead of the gradient of x; ...
    all of them show at -x 3
    """
    notes = list(_still(graph))
    if len(graph) <= LARGEST and graph.scalar and not ties(graph) and graph.variables:
        said = _accidents(question, graph)
        notes += [said] if said else []
    better = _better(question, graph) if notes and graph.scalar else {}
    if better:
        listed = " ".join(f"-{name} {value}" for name, value in better.items())
        notes.append(f"{'all of them' if 'mistakes:' in notes[-1] else 'mistakes'} show at {listed}")
    return Weak(tuple(notes), better)


def _still(graph: Graph) -> Iterator[str]:
    """The inputs that no gradient reaches, by what keeps it away."""
    by_cause: dict[str, list[str]] = {}
    for name, i in graph.variables.items():
        up = graph.upstreams[i]
        if up is None or i in graph.parameters or i == graph.output or not np.size(up):
            continue
        if np.ndim(graph.values[graph.output]) and _cancels(graph, i):
            cause = "an upstream gradient of all ones cancels; --upstream chooses another"
        else:
            cause = "" if np.any(up) else _barrier(graph, i)
        if cause:
            by_cause.setdefault(cause, []).append(name)
    for cause, names in by_cause.items():
        yield f"{' = '.join(f'd{name}' for name in names)} = 0 at this point: {cause}"


def _barrier(graph: Graph, i: int) -> str:
    """Which gates let nothing through to node i here; "" where paths cancel or nothing ever passes."""
    causes = set[str]()
    todo, seen = [i], {i}
    while todo:
        j = todo.pop()
        for k, ins in enumerate(graph.inputs):
            if j not in ins or k > graph.output or graph.upstreams[k] is None or k in seen:
                continue
            if not np.any(graph.upstreams[k]):
                seen.add(k)
                todo.append(k)
                continue
            gate = graph.gates[k]
            rivals = [n for n in ins if n != j and graph.gates[n] is not CONSTANT]
            if gate.pattern is Pattern.STOPPER or (gate.pattern is Pattern.ROUTER and rivals and j == i):
                continue  # that a router leaves an input out is what it is for
            xs = tuple(graph.values[n] for n in ins)
            sent = [downstream(gate, p, graph.upstreams[k], graph.values[k], xs)
                    for p, n in enumerate(ins) if n == j]  # fmt: skip
            if any(np.any(s) for s in sent):
                return ""
            causes.add(_short(graph.text(k)))
    listed = " and ".join(sorted(causes)[:LISTED])
    verb = "let" if len(causes) > 1 else "lets"
    return f"{listed} {verb} no gradient through, so no mistake behind shows" if causes else ""


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _cancels(graph: Graph, i: int) -> bool:
    """Whether an input's gradient is rounding beside what another upstream gradient gives."""
    seed = graph.upstreams[graph.output]
    if not np.all(seed == 1):
        return False
    other = np.where(np.arange(seed.size).reshape(seed.shape) % 2, 1.5, -0.5)
    size = np.max(np.abs(graph.rerun_backward(other)[i]), initial=0.0)
    return bool(np.max(np.abs(graph.upstreams[i]), initial=0.0) <= TINY * size)


def _accidents(question: Question, graph: Graph) -> str:
    """The common mistakes that give the right gradients here and not nearby, in a sentence."""
    try:
        nearby = prepare(_nearby(question, graph))
        here, near = numbers(Key(graph)), numbers(Key(nearby))
    except (GradcalcError, ValueError, ArithmeticError):
        return ""
    count = len(near) - 1
    found = unseen(here, near)
    few = len(found) < FEW * count or (len(found) == 1 and len(found) < 2 * FEW * count)
    value = len(graph.variables) == 1 and any(INSTEAD in text for _, text in found)
    if not found or (few and not value):
        return ""
    by_name = dict(found)
    listed = "; ".join(text.removeprefix("when ") for text in list(by_name.values())[:LISTED])
    more = "; ..." if len(found) > min(LISTED, len(by_name)) else ""
    return f"this point hides {len(found)} of {count} common mistakes: {listed}{more}"


def unseen(
    here: Mapping[tuple[str, str], Array], near: Mapping[tuple[str, str], Array]
) -> list[tuple[str, str]]:
    """The mistakes, by name and text, whose gradients are right here and wrong nearby."""
    found = [key for key in near if key not in here]
    both = [key for key in here if key in near and key != ("", "")]
    if not both:
        return found
    right = alike(np.array([here[k] for k in both]), here["", ""], ALIKE)
    wrong = ~alike(np.array([near[k] for k in both]), near["", ""], ALIKE)
    return found + [both[int(k)] for k in np.flatnonzero(right & wrong)]


def _nearby(question: Question, graph: Graph) -> Question:
    rng = np.random.default_rng(0)
    moved = {
        name: graph.values[i] * (1 + NUDGE * rng.uniform(0.2, 1.0)) + NUDGE * 0.1
        for name, i in graph.variables.items()
        if i not in graph.parameters
    }
    return question._replace(inputs={**question.inputs, **moved})


def _better(question: Question, graph: Graph) -> dict[str, str]:
    """Other small numbers for the inputs, at which every common mistake shows; {} where none were found."""
    names = [name for name, i in graph.variables.items() if i not in graph.parameters]
    if len(graph) > LARGEST or not names:
        return {}
    rng = np.random.default_rng(1)
    for attempt in range(TRIES):
        grid = GRIDS[0 if attempt < TRIES // 2 else 2]
        drawn = {name: f"{grid[int(rng.integers(len(grid)))]:g}" for name in names}
        sizes = {abs(float(v)) for v in drawn.values()}
        if len(sizes) < min(len(drawn), len(grid) // 2) or 1.0 in sizes:
            continue
        other = question._replace(inputs={**question.inputs, **drawn})
        try:
            found = prepare(other)
        except GradcalcError:
            continue
        finite = all(g == 0 or 1e-3 < abs(float(g)) < 1e4 for g in found.gradients.values())
        if finite and not ties(found) and not [*_still(found)] and not _accidents(other, found):
            return drawn
    return {}
