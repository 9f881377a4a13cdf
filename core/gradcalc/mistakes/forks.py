"""Mistakes at a fork: a node that is used more than once, whose gradients add."""

from __future__ import annotations

from collections.abc import Iterator

from ..replay import Change, Edge, Rule
from .mutant import Mutant, Place

MOST = 12  # branches that are listed in words
MANY = 24


def fork_mistakes(place: Place, j: int) -> Iterator[Mutant]:
    """At node j: only one branch arrives (`=` for `+=`), or one is lost."""
    edges = place.replay.uses.get(j, ())
    if len(edges) < 2:
        return
    node = place.word(j)
    where = f"the fork {node}"
    words = branches(place, edges)
    for k, kept in enumerate(edges):
        if len(edges) > MANY and 0 < k < len(edges) - 1:
            continue  # of many branches the first or the last one is left
        others: dict[Edge, Rule | None] = {edge: None for edge in edges if edge != kept}
        lost = listed([words[n] for n in range(len(edges)) if n != k])
        plural = len(edges) > 2
        text = (
            f"when only the branch through {words[k]} arrives at the fork {node}; "
            f"the branch{'es' * plural} through {lost} {'are' if plural else 'is'} lost"
        )
        yield Mutant("branch lost", text, where, 0.9, Change(rules=others))
    if len(edges) > 2:
        for k, edge in enumerate(edges):
            left = len(edges) - 1
            text = f"when the branch through {words[k]} is lost at the fork {node}; the other {left} arrive"
            yield Mutant("branch lost", text, where, 1.0, Change(rules={edge: None}))


def branches(place: Place, edges: tuple[Edge, ...]) -> list[str]:
    """Each branch by the node that it comes from; one that comes twice by its place there."""
    users = [i for i, _ in edges]
    ordinals = ("first", "second", "third", "fourth")
    return [
        place.word(i)
        if users.count(i) == 1
        else f"the {ordinals[position] if position < 4 else f'{position + 1}th'} input of {place.word(i)}"
        for i, position in edges
    ]


def listed(words: list[str]) -> str:
    """a, b and c."""
    if len(words) > MOST:
        words = [*words[: MOST - 1], f"{len(words) - MOST + 1} others"]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
