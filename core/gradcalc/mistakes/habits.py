"""A mistake as a habit: the same one wherever it can be made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..graphs import CONSTANT
from ..replay import Change, Edge, Rule
from .edges import is_rule
from .mutant import Mutant, Place

COST = 0.25  # more than making it once
MOST_RULES = 400  # of one habit: enough for any circuit on paper
OWN_VALUE = "its own value instead of the other's"
HABITS = {
    "upstream forgotten": "when the upstream gradient is forgotten at every gate",
    "sign lost": "when every minus sign is lost on the way back",
    "inputs swapped": "when each input of every product gets its own value instead of the other's",
    "both inputs credited": "when both inputs are credited at every max and min",
}


def habits(place: Place, mistakes: Sequence[Mutant]) -> Iterator[Mutant]:
    """From the mistakes of single gates, those that are made at two or more of them."""
    found: dict[str, list[Mutant]] = {}
    for mutant in mistakes:
        if mutant.change is not None and is_habit(place, mutant):
            found.setdefault(mutant.name, []).append(mutant)
    for name, those in found.items():
        rules: dict[Edge, Rule | None] = {}
        for mutant in those:
            assert mutant.change is not None
            rules |= mutant.change.rules
        if len({i for i, _ in rules}) > 1 and len(rules) <= MOST_RULES:
            text = HABITS.get(name) or f"{each(those)}, wherever it can be"
            if is_rule(name):
                text = f"with the rule {name}, at every such gate"
            yield Mutant(
                name, text, "a step that comes more than once", those[0].cost + COST, Change(rules=rules)
            )
    yield from forks_overwritten(place)


def each(those: Sequence[Mutant]) -> str:
    """What is done at each of these places, without the place: "with the factor 2 forgotten"."""
    words = dict.fromkeys(m.text.partition(": ")[0].partition(", at ")[0] for m in those)
    return " and ".join(list(words)[:2])


def is_habit(place: Place, mutant: Mutant) -> bool:
    """Whether people make this mistake again and again."""
    assert mutant.change is not None
    gates = [place.graph.gates[i] for i, _ in mutant.change.rules]
    if mutant.name in ("sign lost", "upstream forgotten"):
        return mutant.cost < 1.25 and len(gates) == 1
    if mutant.name == "inputs swapped":
        return gates[0].name == "mul"
    if mutant.name == OWN_VALUE:
        return False  # at both inputs it is "inputs swapped"
    return mutant.name in HABITS or any(m.text == mutant.name for gate in gates for m in gate.mistakes)


def forks_overwritten(place: Place) -> Iterator[Mutant]:
    """`=` for `+=` at every fork: everywhere the last branch is left, or the first one."""
    uses = place.replay.uses
    forks = {j: edges for j, edges in uses.items() if len(edges) > 1 and place.graph.gates[j] is not CONSTANT}
    if len(forks) < 2 or sum(map(len, forks.values())) > MOST_RULES:
        return
    for kept, word in ((-1, "last"), (0, "first")):
        lost: dict[Edge, Rule | None] = {}
        for edges in forks.values():
            lost |= {edge: None for edge in edges if edge != edges[kept]}
        text = f"when only the {word} branch arrives at every fork"
        yield Mutant("branch lost", text, "the forks", 1.1, Change(rules=lost))
