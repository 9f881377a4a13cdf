"""Help in stages for somebody who should find it alone: where, then what kind, then the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .answers import Marked
from .gate import Array
from .key import Key
from .writer import Term, Writer


class Hint(NamedTuple):
    """Help with the answers `names`, where something goes wrong first.

    `places` say where to look, `kinds` what was done there; both are empty where no known mistake gives
    these numbers.
    """

    names: tuple[str, ...]
    places: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class Step(NamedTuple):
    """A right answer and how it comes about: for a value its `equation`, for a gradient its `terms`.

    `uses` are the labels of the nodes that the terms come from, `legend` the equations of the unnamed ones.
    """

    name: str
    value: Array
    equation: str
    uses: tuple[str, ...] = ()
    terms: Sequence[Term] = ()
    legend: tuple[str, ...] = ()


def hints(marked: Marked) -> tuple[Hint, ...]:
    """A hint for every group of answers that is first wrong; what follows from them needs none."""
    found: dict[tuple[str, ...], Hint] = {}
    for mistake in marked.mistakes:
        hint = found.get(mistake.answers, Hint(mistake.answers))
        places = tuple(dict.fromkeys((*hint.places, mistake.where)))
        found[mistake.answers] = Hint(mistake.answers, places, (*hint.kinds, mistake.kind))
    explained = {name for names in found for name in names}
    alone = tuple(Hint((name,)) for name in marked.first_wrong if name not in explained)
    return (*found.values(), *alone)


def step(key: Key, name: str) -> Step:
    """How the right answer called `name` comes about."""
    quantity = key.quantity(name)
    writer = Writer(key.graph)
    value, i = key.true[quantity], quantity.node
    if quantity.kind == "gradient":
        terms = writer.terms(i)
        users = [int(term.into[1:]) for term in terms]
        legend = (
            writer.equation(j) for j in dict.fromkeys((*users, *key.graph.inputs[i])) if is_unnamed(key, j)
        )
        uses = tuple(writer.label(j) for j in users)
        return Step(name, value, "", uses, terms, tuple(legend))
    if quantity.kind == "local":
        derivative = key.graph.gates[i].derivative(quantity.position)
        return Step(name, value, writer.formula(derivative.text, i) if derivative else "")
    return Step(name, value, writer.equation(i).partition(" = ")[2])


def is_unnamed(key: Key, node: int) -> bool:
    """Whether a node's label stands nowhere in the expression."""
    return bool(key.graph.inputs[node]) and node not in key.graph.names_by_index
