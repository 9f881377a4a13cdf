"""What a mistake is: a name, words for a person, and what is done differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from ..gate import Array
from ..graphs import CONSTANT, INPUT
from ..quantities import Names, Quantity
from ..replay import Change, Replay

LONGEST = 40


class Mutant(NamedTuple):
    """One single mistake at one place.

    `text` completes "dx = -3 is what you get ..."; it names nodes by their text and holds no results.
    `where` is the place in a few words, for a first hint. `cost` orders mistakes: the lower, the more
    often people make it. The mistake is a `change` of the two passes, or the answers themselves are
    `given` otherwise than they came out. It says nothing about the nodes in `blind`, which it does not have.
    """

    name: str
    text: str
    where: str
    cost: float
    change: Change | None = None
    given: Mapping[Quantity, Array] = {}
    blind: frozenset[int] = frozenset()


class Place:
    """A graph with its names and its two passes: what the lists of mistakes are made from."""

    def __init__(self, names: Names, replay: Replay) -> None:
        self.names = names
        self.graph = names.graph
        self.replay = replay

    @cached_property
    def twins(self) -> Counter[str]:
        """How many nodes have the same text."""
        graph = self.graph
        return Counter(graph.text(i) for i in range(len(graph)) if graph.gates[i] is not CONSTANT)

    def word(self, i: int) -> str:
        """A node in a sentence: its name, else its text in backticks, with its label where needed."""
        graph, label = self.graph, self.names.label.get(i)
        if graph.gates[i] is INPUT or (label is not None and i in graph.names_by_index):
            return label or graph.text(i)
        text = graph.text(i)
        if len(text) > LONGEST and label is not None:
            return label
        text = text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
        return f"`{text}` ({label})" if self.twins[graph.text(i)] > 1 and label else f"`{text}`"
