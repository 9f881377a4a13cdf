"""The way back is linear: among scalars, a wrong step reaches an answer through one number each."""

from __future__ import annotations

import numpy as np

from ..gate import Array
from ..replay import Change, Replay, careful

CANCELLED = 1e-13  # what is left of a difference by rounding, relative to its terms


class Linear:
    """How far each scalar gradient moves when a step above it is wrong: no pass is run again."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.tangents: dict[int, list[float]] = {}
        self.slopes: list[tuple[tuple[int, float], ...]] = []

    def can(self, change: Change) -> bool:
        """Whether a change is one of rules that do not work on each other."""
        inputs = self.replay.graph.inputs
        alone = len({i for i, _ in change.rules}) == 1 or len({inputs[i][p] for i, p in change.rules}) == 1
        return alone and not (change.gates or change.inputs or change.values or change.upstreams)

    def effect(self, change: Change, node: int) -> Array:
        """The gradient of `node` when these rules hold; they change no forward value."""
        replay, tangent = self.replay, self.tangent(node)
        total = true = replay.upstreams[node]
        size = abs(true)
        for edge, rule in change.rules.items():
            i, position = edge
            ins = replay.graph.inputs[i]
            reach = tangent[ins[position]]
            if reach:
                new = 0.0
                if rule is not None:
                    new = rule(replay.upstreams[i], replay.values[i], tuple([replay.values[k] for k in ins]))
                move = (new - replay.term(edge)) * reach
                total = total + move
                size += abs(move)
        return np.float64(0.0) if abs(total) <= CANCELLED * size and total != true else np.float64(total)

    def tangent(self, node: int) -> list[float]:
        """d(value of each node)/d(value of `node`), forward from it."""
        found = self.tangents.get(node)
        if found is None:
            if not self.slopes:
                self.slopes = [self.slopes_of(i) for i in range(len(self.replay.graph))]
            found = [0.0] * len(self.slopes)
            found[node] = 1.0
            for i in range(node + 1, len(found)):
                found[i] = sum([slope * found[j] for j, slope in self.slopes[i] if found[j]])
            self.tangents[node] = found
        return found

    def slopes_of(self, i: int) -> tuple[tuple[int, float], ...]:
        """The own slopes of node i, with the inputs that they are for."""
        replay, graph = self.replay, self.replay.graph
        if replay.upstreams[i] is None:
            return ()
        xs = tuple([replay.values[k] for k in graph.inputs[i]])
        one = np.float64(1.0)
        return tuple(
            (j, careful(graph.gates[i], position, one, replay.values[i], xs))
            for position, j in enumerate(graph.inputs[i])
            if replay.is_reached(j)
        )
