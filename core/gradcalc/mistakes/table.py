"""Every mistake of one circuit at one point, and the numbers that it gives for what is asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from ..gate import Array, as_value
from ..graphs import CONSTANT
from ..quantities import Quantity
from ..replay import Replay
from .edges import edge_mistakes
from .forks import fork_mistakes
from .forward import gate_mistakes
from .habits import habits
from .linear import Linear
from .mutant import Mutant, Place
from .product import product_mistakes
from .reading import reading_mistakes
from .slips import slips
from .step import Step
from .whole import node_mistakes

SAME = 1e-9  # two numbers that are nearer than this, relative, are one
BUDGET = 400_000  # nodes run again in all, twice: a few seconds
ELEMENTS = 400  # entries of an array cost as much as a node
FORWARD, BACKWARD = 4, 16  # mistakes at a node, about
FEWEST = 1  # nodes that are always looked at


class Row(NamedTuple):
    """A mistake, and the numbers that it gives where they are not the right ones; None: it has no opinion."""

    mutant: Mutant
    numbers: dict[Quantity, Array | None]


class Lane(NamedTuple):
    """All predictions of one shape for one quantity: `rows[k]` gives `numbers[k]`."""

    rows: Array
    numbers: Array


class Table:
    """The mistakes for some quantities: `rows`, and by quantity and shape the numbers that they give."""

    def __init__(self, place: Place, asked: Mapping[Quantity, Array]) -> None:
        self.place = place
        self.asked = dict(asked)
        self.note = ""
        self.linear = Linear(place.replay) if place.graph.scalar else None
        self.rows = [row for mutant in self.mutants() if (row := self.row(mutant)) is not None]
        self.rows.sort(key=lambda row: row.mutant.cost)
        self.costs = np.array([row.mutant.cost for row in self.rows])
        self.lanes = {q: lanes(self.rows, q) for q in asked}
        self.speaks = {q: speaks(self.rows, q) for q in asked}
        self.kinds: dict[tuple[Quantity, ...], Array] = {}

    def first_of_their_kind(self, quantities: tuple[Quantity, ...]) -> Array:
        """The rows with numbers for all of these, but for those with the same ones as a likelier row."""
        found = self.kinds.get(quantities)
        if found is None:
            seen = set[tuple[tuple[str, ...], ...]]()
            found = self.kinds[quantities] = np.zeros(len(self.rows), dtype=bool)
            for k, row in enumerate(self.rows):
                numbers = [row.numbers.get(q) for q in quantities]
                known = [np.ravel(number)[:8].tolist() for number in numbers if number is not None]
                if len(known) == len(quantities):
                    key = tuple(tuple(f"{x:.9g}" for x in number) for number in known)
                    found[k] = key not in seen
                    seen.add(key)
        return found

    def mutants(self) -> Iterator[Mutant]:
        """Every mistake at every node; in a large graph, at the nodes nearest to what is asked."""
        place = self.place
        graph, nodes = place.graph, place.replay.nodes
        size = sum(np.size(graph.values[i]) for i in nodes) / max(len(nodes), 1)
        each = len(nodes) * (1 + size / ELEMENTS)
        for i in self.nearest(FORWARD * 2 * each):
            yield from gate_mistakes(place, i)
            yield from reading_mistakes(place, i)
            yield from product_mistakes(place, i, self.asked)
        back: list[Mutant] = []
        for i in self.nearest(BACKWARD * (len(self.asked) if self.linear else each)):
            yield from fork_mistakes(place, i)
            for position, j in enumerate(graph.inputs[i]):
                if graph.gates[j] is not CONSTANT and graph.gates[i].derivative(position) is not None:
                    back += edge_mistakes(Step(place, (i, position)))
            back += node_mistakes(place, i)
        yield from back
        yield from habits(place, back)
        yield from slips(place, self.asked)

    def nearest(self, cost: float) -> list[int]:
        """As many nodes as the budget allows at this cost, those first that a gradient passes last."""
        replay = self.place.replay
        most = max(int(BUDGET / cost), FEWEST)
        if most >= len(replay.nodes):
            return replay.nodes
        self.note = (
            f"mistakes were looked for at the {most:,} nodes nearest to the answers, "
            f"of {len(replay.nodes):,}: all would take too long"
        )
        order = dict.fromkeys(q.node for q in self.asked)
        todo = deque(order)
        while todo:
            for i, _ in replay.uses.get(todo.popleft(), ()):
                if i not in order:
                    order[i] = None
                    todo.append(i)
        known = set(replay.nodes)
        return sorted([i for i in dict.fromkeys([*order, *replay.nodes]) if i in known][:most])

    def row(self, mutant: Mutant) -> Row | None:
        """The numbers of one mistake; None where it changes nothing that is asked."""
        found: dict[Quantity, Array | None] = dict(mutant.given)
        if mutant.change is not None:
            try:
                found = self.replayed(mutant)
            except (ValueError, IndexError, TypeError, ArithmeticError):
                return None  # shapes that do not fit: nobody gets a number out of this
        numbers = {
            q: None if v is None else as_value(v)
            for q, v in found.items()
            if q in self.asked and (v is None or not same(v, self.asked[q]))
        }
        if not any(v is not None for v in numbers.values()):
            return None
        if any(v is not None and not np.all(np.isfinite(v)) for v in numbers.values()):
            return None
        return Row(mutant, numbers)

    def replayed(self, mutant: Mutant) -> dict[Quantity, Array | None]:
        """What the two passes give with this mistake in them."""
        change = mutant.change
        assert change is not None
        replay = self.place.replay
        found: dict[Quantity, Array | None] = {}
        if self.linear is not None and self.linear.can(change):
            with np.errstate(all="ignore"):
                found = {q: self.linear.effect(change, q.node) for q in self.asked if q.kind == "gradient"}
                return found | {q: slope(replay, mutant, q, {}) for q in self.asked if q.kind == "local"}
        values, upstreams = replay.run(change)
        for q in self.asked:
            if q.node in mutant.blind:
                found[q] = None
            elif q.kind == "value" and q.node in values:
                found[q] = values[q.node]
            elif q.kind == "gradient" and q.node in upstreams:
                found[q] = upstreams[q.node]
            elif q.kind == "local":
                found[q] = slope(replay, mutant, q, values)
        return found


def slope(replay: Replay, mutant: Mutant, q: Quantity, values: Mapping[int, Array]) -> Array:
    """A gate's own slope, with a mistake in its rule or in the values."""
    change, i = mutant.change, q.node
    assert change is not None
    gate = change.gates.get(i) or replay.graph.gates[i]
    z = values.get(i, replay.values[i])
    xs = tuple([values.get(j, replay.values[j]) for j in replay.graph.inputs[i]])
    with np.errstate(all="ignore"):
        rule = change.rules.get((i, q.position))
        if rule is not None:
            return rule(np.ones(np.shape(z)), z, xs)
        return gate.local[gate.input_name(q.position)].code(z, *xs)


def same(a: Array, b: Array) -> bool:
    """Whether two results are one but for rounding."""
    if type(a) is type(b) is np.float64:
        return bool(a == b or abs(a - b) <= SAME * max(abs(a), abs(b)))
    if np.shape(a) != np.shape(b):
        return False
    with np.errstate(all="ignore"):
        gap, scale = np.abs(a - b), np.maximum(np.abs(a), np.abs(b))
        return bool(np.all((gap <= SAME * scale) | (gap <= 1e-300)))


def lanes(rows: list[Row], q: Quantity) -> dict[tuple[int, ...], Lane]:
    """The predictions for one quantity, stacked by their shape."""
    found: dict[tuple[int, ...], list[int]] = {}
    for k, row in enumerate(rows):
        number = row.numbers.get(q)
        if number is not None:
            found.setdefault(np.shape(number), []).append(k)
    return {
        shape: Lane(
            np.array(ks), np.array([rows[k].numbers[q] for k in ks], dtype=np.float64).reshape(len(ks), -1)
        )
        for shape, ks in found.items()
    }


def speaks(rows: list[Row], q: Quantity) -> Array:
    """Which rows have a number of their own for this quantity."""
    return np.array([row.numbers.get(q) is not None for row in rows], dtype=bool)
