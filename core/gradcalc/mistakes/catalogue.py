"""Every mistake at every node of one circuit, and the numbers that each gives for any quantity."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from ..gate import Array, as_value
from ..graphs import CONSTANT
from ..quantities import Quantity, true_value
from ..replay import UNFIT, Change, Replay
from .edges import edge_mistakes
from .forks import fork_mistakes
from .forward import gate_mistakes
from .habits import habits
from .linear import Linear
from .mutant import Mutant, Place
from .product import product_mistakes
from .reading import reading_mistakes
from .step import Step
from .whole import node_mistakes

BUDGET = 400_000  # nodes run again in all, twice: a few seconds
ELEMENTS = 400  # entries of an array cost as much as a node
FORWARD, BACKWARD = 4, 16  # mistakes at a node, about
FEWEST = 1  # nodes that are always looked at

Numbers = dict[Quantity, Array | None]  # None: the mistake has no opinion


class Catalogue:
    """The mistakes of a circuit; in a large one those at the nodes nearest to `asked`, as `note` then says.

    `columns[q][k]` is the number that mistake k gives for q, where it has been asked for.
    """

    def __init__(self, place: Place, asked: Iterable[Quantity]) -> None:
        self.place = place
        self.linear = Linear(place.replay) if place.graph.scalar else None
        self.note = ""
        self.mutants = list(self.made(tuple(asked)))
        self.columns: dict[Quantity, list[Array | None]] = {}

    def learn(self, quantities: Iterable[Quantity]) -> None:
        """Work out the numbers for these quantities, where they are not known yet."""
        new = [q for q in quantities if q not in self.columns]
        if not new:
            return
        true = {q: true_value(self.place.graph, q) for q in new}
        self.columns.update({q: [] for q in new})
        for mutant in self.mutants:
            try:
                found = self.numbers(mutant, new)
            except UNFIT:
                found = {}  # nobody gets a number out of this
            for q in new:
                number = found.get(q, true[q])
                self.columns[q].append(None if number is None else as_value(number))

    def numbers(self, mutant: Mutant, quantities: Iterable[Quantity]) -> Numbers:
        """What comes out for these quantities with this mistake in the two passes, where it is different."""
        change, replay = mutant.change, self.place.replay
        if change is None:
            return dict(mutant.given)
        if self.linear is not None and self.linear.can(change):
            with np.errstate(all="ignore"):
                found: Numbers = {
                    q: self.linear.effect(change, q.node) for q in quantities if q.kind == "gradient"
                }
                return found | {q: slope(replay, change, q, {}) for q in quantities if q.kind == "local"}
        values, upstreams = replay.run(change)
        found = {q: values[q.node] for q in quantities if q.kind == "value" and q.node in values}
        found |= {q: upstreams[q.node] for q in quantities if q.kind == "gradient" and q.node in upstreams}
        found |= {q: slope(replay, change, q, values) for q in quantities if q.kind == "local"}
        return found | {q: None for q in quantities if q.node in mutant.blind}

    def made(self, asked: tuple[Quantity, ...]) -> Iterator[Mutant]:
        """The mistakes, node by node."""
        place = self.place
        graph, nodes = place.graph, place.replay.nodes
        size = sum(np.size(graph.values[i]) for i in nodes) / max(len(nodes), 1)
        each = len(nodes) * (1 + size / ELEMENTS)
        for i in self.nearest(asked, FORWARD * 2 * each):
            yield from gate_mistakes(place, i)
            yield from reading_mistakes(place, i)
            yield from product_mistakes(place, i)
        back: list[Mutant] = []
        for i in self.nearest(asked, BACKWARD * (len(graph.variables) if self.linear else each)):
            yield from fork_mistakes(place, i)
            for position, j in enumerate(graph.inputs[i]):
                if graph.gates[j] is not CONSTANT and graph.gates[i].derivative(position) is not None:
                    back += edge_mistakes(Step(place, (i, position)))
            back += node_mistakes(place, i)
        yield from back
        yield from habits(place, back)

    def nearest(self, asked: tuple[Quantity, ...], cost: float) -> list[int]:
        """As many nodes as the budget allows at this cost, those first that a gradient passes last."""
        replay = self.place.replay
        most = max(int(BUDGET / max(cost, 1.0)), FEWEST)
        if most >= len(replay.nodes):
            return replay.nodes
        self.note = (
            f"mistakes were looked for at the {most:,} node{'s' * (most > 1)} nearest to the answers, "
            f"of {len(replay.nodes):,}: all would take too long"
        )
        order = dict.fromkeys(q.node for q in asked)
        todo = deque(order)
        while todo:
            for i, _ in replay.uses.get(todo.popleft(), ()):
                if i not in order:
                    order[i] = None
                    todo.append(i)
        known = set(replay.nodes)
        return sorted([i for i in dict.fromkeys([*order, *replay.nodes]) if i in known][:most])


def slope(replay: Replay, change: Change, q: Quantity, values: Mapping[int, Array]) -> Array:
    """A gate's own slope, with a mistake in its rule or in the values."""
    i = q.node
    gate = change.gates.get(i) or replay.graph.gates[i]
    z = values.get(i, replay.values[i])
    xs = tuple([values.get(j, replay.values[j]) for j in replay.graph.inputs[i]])
    with np.errstate(all="ignore"):
        rule = change.rules.get((i, q.position))
        if rule is not None:
            return rule(np.ones(np.shape(z)), z, xs)
        return gate.local[gate.input_name(q.position)].code(z, *xs)
