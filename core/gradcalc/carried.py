"""A second mistake, made on top of one's own numbers: found by taking these for granted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .follow import Pins, fits, matters, predicted, readings
from .gate import Array
from .mistakes import Candidate, Given, Mutant, Place
from .mistakes.edges import edge_mistakes
from .mistakes.forks import fork_mistakes
from .mistakes.slips import single
from .mistakes.step import Step
from .mistakes.table import same
from .mistakes.whole import node_mistakes
from .replay import Edge

MOST_EDGES = 40
RARE = 0.05


def carried(place: Place, target: Given, others: Sequence[Given]) -> Candidate | None:
    """The likeliest mistake that gives `target` from the others' wrong numbers, if chance seldom does."""
    replay = place.replay
    for pins in readings(replay, target.quantity, others):
        number = predicted(replay, pins.change, target.quantity)
        if number is None or target.quantity.kind != "gradient":
            continue
        names = tuple(g.name for g in pins.given if not g.right and matters(replay, pins, g, target, number))
        if not names:
            continue
        found: list[tuple[Mutant, Array]] = []
        odds, seen = 0.0, list[Array]()
        for mutant, result in sorted(results(place, target, pins, number), key=lambda pair: pair[0].cost):
            if not any(same(result, other) for other in seen):
                seen.append(result)
                odds += likely(result, target, number)
            if fits(target.written, result, 0.0) and (not found or same(result, found[0][1])):
                found.append((mutant, result))
                if len(found) == 1:
                    first = odds
        if found and first < RARE:
            also = tuple(mutant for mutant, _ in found[1:])
            return Candidate(found[0][0], also, (target.name,), first, given=names)
    return None


def results(place: Place, target: Given, pins: Pins, number: Array) -> Iterator[tuple[Mutant, Array]]:
    """Each mistake between the target and what is pinned, and what it gives."""
    edges = between(place, target.quantity.node, pins)
    if len(edges) > MOST_EDGES:
        return
    graph = place.graph
    mutants: list[Mutant] = []
    for i in sorted({target.quantity.node, *(graph.inputs[i][p] for i, p in edges)}):
        mutants += fork_mistakes(place, i)
    for edge in edges:
        mutants += edge_mistakes(Step(place, edge))
    for i in sorted({i for i, _ in edges}):
        mutants += [m for m in node_mistakes(place, i) if m.name not in ("sign lost", "upstream forgotten")]
    for mutant in mutants:
        if mutant.change is not None:
            change = pins.change._replace(rules=mutant.change.rules)
            result = predicted(place.replay, change, target.quantity)
            if result is not None and not same(result, number):
                yield mutant, result
    for mutant in single(place, target.quantity, number):
        if mutant.name in ("sign lost", "decimal point"):
            yield mutant, mutant.given[target.quantity]


def between(place: Place, node: int, pins: Pins) -> list[Edge]:
    """The edges from a node up to the nearest nodes whose gradients are pinned."""
    found: list[Edge] = []
    todo = [node]
    while todo and len(found) <= MOST_EDGES:
        for edge in place.replay.uses.get(todo.pop(), ()):
            if edge not in found:
                found.append(edge)
                if edge[0] not in pins.change.upstreams:
                    todo.append(edge[0])
    return found


def likely(result: Array, target: Given, number: Array) -> float:
    """The probability that a random answer is written like this result."""
    size = 2 * np.maximum(np.abs(result), np.abs(number))
    odds = np.minimum(np.maximum(target.written.half, 1e-9) / np.maximum(size, 1e-300), 1.0)
    return float(np.prod(np.where(np.isclose(result, number), 1.0, odds)))
