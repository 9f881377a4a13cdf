"""Which nodes a check moves, and how: as much as a budget of moved values allows, inputs first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from .graphs import Graph
from .moves import LANE_ELEMENTS

GATE_COST = 400  # a gate call costs as much as so many values
DIRECTIONS = 4  # two directions, and both sides of each
BY_DIFFERENCES = 16  # so many times more values move where there is no complex step
FOR_ARRAYS = 400  # times the budget is what inputs that are arrays may take: a minute or two
MANY = 5000


class Effort(NamedTuple):
    """The nodes that are moved entry by entry, and those moved in random directions, each in order."""

    entries: list[int]
    directions: list[int]


def plan(
    graph: Graph,
    nodes: Sequence[int],
    inputs: Sequence[int],
    by_complex: Sequence[bool] | np.ndarray,
    *,
    max_items: int,
    budget: int,
) -> Effort:
    """All nodes where the budget allows it; else the inputs, and an even sample of the rest.

    Arrays of more than `max_items` entries are moved in directions, and so are smaller inputs whose
    entries would cost more than the budget: every input that is an array is moved somehow, unless even
    that would take many minutes.
    """
    price = Price(graph)
    effort = Effort([], [])
    spent = aside = 0

    def ways(i: int) -> list[tuple[int, list[int]]]:
        together = price.directions(i, bool(by_complex[i])), effort.directions
        small = np.size(graph.values[i]) <= max_items
        return [(price.entries(i), effort.entries), together] if small else [together]

    for i in inputs:
        (cost, chosen), *_ = found = ways(i)
        if spent + cost <= budget:
            spent += cost
            chosen.append(i)
            continue
        cost, chosen = min(found, key=lambda way: way[0])
        worth = np.size(graph.values[i]) > 1 and aside + cost <= FOR_ARRAYS * budget
        if worth or not any(effort):
            aside += cost
            chosen.append(i)
    first = set(inputs)
    rest = [i for i in nodes if i not in first]
    total = sum(ways(i)[0][0] for i in rest) if len(rest) < MANY else budget + 1
    if rest and spent + total > budget:
        few = max(1, (budget - spent) // max(1, ways(rest[len(rest) // 2])[0][0]))
        rest = rest[::-1][:: max(1, len(rest) // few + 1)]
    for i in rest:
        ways(i)[0][1].append(i)
    return Effort(sorted(effort.entries), sorted(effort.directions))


class Price:
    """What moves of a node cost, in values that are moved: those of the gates that stand behind it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        sizes = [np.size(v) for v in graph.values]
        work, lanewise, calls = [], [], []
        for i, (gate, ins) in enumerate(zip(graph.gates, graph.inputs, strict=True)):
            structural = bool(ins) and not gate.elementwise
            # A product is as much work as its factors are large.
            work.append((sizes[i] + (sum(sizes[j] for j in ins) if structural else 0)) if ins else 0)
            lanewise.append(GATE_COST if structural else 0)
            calls.append(GATE_COST if ins else 0)
        self.sizes, self.total = sizes, sum(sizes)
        self.work, self.lanewise, self.calls = _after(work), _after(lanewise), _after(calls)

    def entries(self, i: int) -> int:
        """Every entry moved on its own, many in one batch."""
        lanes = self.sizes[i]
        batches = max(1.0, lanes * self.total / LANE_ELEMENTS) / 64
        return int(lanes * (self.work[i] + self.lanewise[i]) + batches * self.calls[i]) + 1

    def directions(self, i: int, by_complex: bool) -> int:
        """All entries moved together, a few times."""
        lanes = DIRECTIONS * (1 if by_complex else BY_DIFFERENCES)
        return lanes * (self.work[i] + self.calls[i] + self.sizes[i]) + 1


def _after(costs: list[int]) -> list[int]:
    """For each node the sum of the costs of all nodes behind it."""
    sums = list(accumulate(reversed(costs)))[::-1]
    return [*sums[1:], 0]
