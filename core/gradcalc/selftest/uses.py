"""Uses of a gate at random points of its domain: where a planted fault must show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..build import build
from ..errors import GradcalcError
from ..gate import Gate
from ..gates import GATES
from ..generate import call
from ..graphs import CONSTANT, INPUT, Graph
from ..syntax import parse

NAMES = "abcdefgh"
UPSTREAM = "[1, -2, 3, 0.5, -1, 2]"
LANES = 6  # as many as UPSTREAM has
SPREAD = 0.25  # how far an example's numbers are moved, as a share of each


class Use(NamedTuple):
    """A program that uses a gate, its inputs, and the upstream gradient of its output."""

    text: str
    inputs: dict[str, Any]
    upstream: Any

    def graph(self, gates: Mapping[str, Gate] = GATES) -> Graph:
        """The graph with both passes run; raises GradcalcError where the point is outside a domain."""
        graph = build(parse(self.text, bound=tuple(self.inputs)), self.inputs, gates=gates)
        graph.forward()
        if self.upstream is None:
            shape = np.shape(graph.values[graph.output])
            graph.backward(np.random.default_rng(1).uniform(0.5, 2, shape))
        else:
            graph.backward(self.upstream)
        return graph


def missing(gate: Gate) -> bool:
    """Whether the gate needs an extra that is not installed; an order, as of polygamma, is a whole number."""
    try:
        with np.errstate(all="ignore"):
            gate.forward(*[np.float64(1.0)] * len(gate.inputs))
    except GradcalcError as error:
        return error.kind == "missing"
    except (TypeError, ValueError, AttributeError, IndexError):
        return False
    return False


def points(gate: Gate, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Values for each input of an elementwise gate, inside its domain, away from kinks by chance."""
    sample = gate.domain.sample if gate.domain else {}
    xs = [rng.uniform(*sample.get(n, (-3.0, 3.0)), 4 * count) for n in gate.inputs]
    if gate.domain is not None:
        inside = np.broadcast_to(gate.domain.holds(*xs), xs[0].shape)
        xs = [x[inside] for x in xs]
    return [x[:count] for x in xs]


def use(gate: Gate, rng: np.random.Generator) -> Use:
    """An elementwise gate at random points, its first input broadcast, each lane under its own upstream."""
    xs = points(gate, LANES, rng)
    while any(len(x) < LANES for x in xs):
        xs = [np.concatenate(pair)[:LANES] for pair in zip(xs, points(gate, LANES, rng), strict=True)]
    if gate.name == "polygamma":
        xs[0] = np.ones(LANES)  # the order is a whole number
    elif len(xs) > 1:
        first = np.full(1, xs[0][0])
        with np.errstate(all="ignore"):
            if gate.domain is None or np.all(gate.domain.holds(first, *xs[1:])):
                xs[0] = first
    text = f"{call(gate, list(NAMES[: len(xs)]))} * {UPSTREAM}"
    return Use(text, dict(zip(NAMES, xs, strict=False)), [1, 2, 3, 4, 5, 6])


def moving(text: str) -> Use:
    """An example of a gate with its literal numbers turned into inputs, as far as they may move."""
    program = parse(text)
    root = program.items[-1]
    gate_args = [j for j in root.args if j >= 0][: max(1, len(root.args) - len(root.keys))]
    pieces, at = "", root.start
    inputs: dict[str, Any] = {}
    for letter, j in zip(NAMES, gate_args, strict=False):
        item = program.items[j]
        part = text[item.start : item.end]
        if root.kind == "call" and letter == "a" and text[item.start] in "\"'":
            continue
        try:
            inside = build(parse(part), {})
            value = np.asarray(inside.values[-1], dtype=float)
        except (GradcalcError, IndexError, TypeError, ValueError):
            continue
        pieces += text[at : item.start] + letter
        at = item.end
        inputs[letter] = value
    return Use(pieces + text[at:], inputs, None)


def elsewhere(example: Use, rng: np.random.Generator) -> Use:
    """The same use with every number that has a derivative moved at random, kept inside the domain."""
    graph = build(parse(example.text, bound=tuple(example.inputs)), example.inputs)
    names = {i: n for n, i in graph.names.items() if graph.gates[i] is INPUT}
    gate, output = graph.gates[graph.output], graph.output
    free = {
        names[j]
        for position, j in enumerate(graph.inputs[output])
        if j in names and graph.gates[j] is not CONSTANT and gate.derivative(position) is not None
    }
    for spread in (SPREAD, SPREAD / 10):
        inputs = {
            n: x * (1 + spread * rng.uniform(-1, 1, np.shape(x))) if n in free else x
            for n, x in example.inputs.items()
        }
        moved = example._replace(inputs=inputs)
        try:
            moved.graph()
        except GradcalcError:
            continue
        return moved
    return example


def uses(gate: Gate, rng: np.random.Generator, count: int) -> Iterator[Use]:
    """`count` uses of a gate at random points, or as many for each of its examples where it has a vjp."""
    if gate.local:
        for _ in range(count):
            yield use(gate, rng)
        return
    for text in gate.examples:
        example = moving(text)
        for _ in range(count):
            yield elsewhere(example, rng)
