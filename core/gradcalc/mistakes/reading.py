"""Mistakes of reading: precedence not heeded, brackets overlooked."""

from __future__ import annotations

from collections.abc import Iterator

from ..graphs import Graph
from ..replay import Change
from .mutant import Mutant, Place

SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "^"}
LOOSE = {"add": 1, "sub": 1, "mul": 2, "div": 2, "reciprocal": 2, "neg": 3, "pow": 4}
BEFORE = {"neg": "-", "reciprocal": "1/"}


def reading_mistakes(place: Place, i: int) -> Iterator[Mutant]:
    """The ways to read node i and one of its operands otherwise: x+y*z as (x+y)*z, (x+y)*z as x+y*z."""
    graph = place.graph
    outer = graph.gates[i].name
    if outer not in LOOSE:
        return
    for position, j in enumerate(graph.inputs[i]):
        inner = graph.gates[j].name
        if inner not in SIGNS or len(place.replay.uses.get(j, ())) != 1 or j in graph.names_by_index:
            continue
        a, b = graph.inputs[j]
        brackets = bracketed(graph, j)
        if outer in BEFORE:  # -x^2 as (-x)^2, 1/(x+y) as 1/x+y
            first = f"{BEFORE[outer]}{wrap(graph, a, outer, right=True)}"
            read = f"{first if brackets else f'({first})'}{SIGNS[inner]}{wrap(graph, b, inner, right=True)}"
            yield mutant(place, i, read, brackets, turned(graph, i, j, (a,), (j, b)))
            continue
        other = graph.inputs[i][1 - position]
        if position == 0:  # (a . b) o c  ->  a . (b o c)
            change = turned(graph, i, j, (b, other), (a, j))
            inside = f"{wrap(graph, b, outer)}{SIGNS[outer]}{wrap(graph, other, outer, right=True)}"
            left = wrap(graph, a, inner)
            read = f"{left}{SIGNS[inner]}{inside}" if brackets else f"{left}{SIGNS[inner]}({inside})"
        else:  # c o (a . b)  ->  (c o a) . b
            change = turned(graph, i, j, (other, a), (j, b))
            inside = f"{wrap(graph, other, outer)}{SIGNS[outer]}{wrap(graph, a, outer, right=True)}"
            right = wrap(graph, b, inner, right=True)
            read = f"{inside}{SIGNS[inner]}{right}" if brackets else f"({inside}){SIGNS[inner]}{right}"
        yield mutant(place, i, read, brackets, change)


def mutant(place: Place, i: int, read: str, brackets: bool, change: Change) -> Mutant:
    """The mistake of reading node i as something else."""
    name = "brackets overlooked" if brackets else "precedence"
    text = f"when {place.word(i)} is read as `{read}`"
    return Mutant(name, text, f"reading {place.word(i)}", 1.6, change, blind=frozenset(change.inputs) - {i})


def turned(graph: Graph, i: int, j: int, inside: tuple[int, ...], outside: tuple[int, ...]) -> Change:
    """Nodes i and j with their gates exchanged: j is computed first, with the gate that i had."""
    return Change(gates={j: graph.gates[i], i: graph.gates[j]}, inputs={j: inside, i: outside}, late=(j, i))


def bracketed(graph: Graph, j: int) -> bool:
    """Whether node j is written in brackets."""
    start, end = graph.span(j)
    return graph.source[:start].rstrip().endswith("(") and graph.source[end:].lstrip().startswith(")")


def wrap(graph: Graph, j: int, sign: str, right: bool = False) -> str:
    """A node's text as an operand of `sign`."""
    mine = LOOSE.get(graph.gates[j].name, 9)
    text = graph.text(j)
    return (
        f"({text})"
        if mine < LOOSE[sign] or (right and mine == LOOSE[sign] and sign in ("sub", "div"))
        else text
    )
