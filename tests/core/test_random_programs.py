"""Random programs of scalars over all gates: the backward pass against the complex step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pytest

from gradcalc import GATES, Gate
from gradcalc.faults import factor
from gradcalc.generate import scalar_gates, scalar_program
from gradcalc.graphs import Graph, steady
from gradcalc.probe import complex_ok, slopes

AGREE = 1e-10  # of the sum of |path contributions|
PROGRAMS = 500  # in each of twenty parts


class Compared(NamedTuple):
    """What many programs come to: gradients compared, the worst error in shares of paths, the gates in use.

    `kinks` are the gradients that were left out, as the slopes left and right of them differ.
    """

    gradients: int
    worst: float
    kinks: int
    gates: frozenset[str]


def paths(graph: Graph) -> list[float]:
    """For each node the sum of |product of local gradients| over all its paths to the output."""
    total = [0.0] * len(graph)
    total[graph.output] = 1.0
    for i in range(graph.output, -1, -1):
        xs = [graph.values[j] for j in graph.inputs[i]]
        for position, j in enumerate(graph.inputs[i]):
            derivative = graph.gates[i].derivative(position)
            if derivative is not None:
                total[j] += total[i] * abs(float(derivative.code(graph.values[i], *xs)))
    return total


def moved(graph: Graph, i: int, side: float) -> float:
    """The output's slope on one side of node i, by a complex step."""
    slope = slopes(graph, {i: np.array([side])}, 1).slope
    return 0.0 if slope is None else side * float(slope[0])


def compare(seed: int, count: int, gates: Mapping[str, Gate] = GATES) -> Compared:
    """Both witnesses on every input of `count` programs."""
    rng = np.random.default_rng(seed)
    compared, kinks, worst, seen = 0, 0, 0.0, set[str]()
    for _ in range(count):
        with steady():
            graph = scalar_program(rng, size=int(rng.integers(2, 16)), gates=gates).graph
            gradients, applies, sizes = graph.backward(), complex_ok(graph), paths(graph)
            seen |= {gate.name for gate in graph.gates}
            for name, i in graph.variables.items():
                if not applies[i]:
                    continue
                right, left = moved(graph, i, 1.0), moved(graph, i, -1.0)
                if right != left:
                    kinks += 1
                    continue
                gap = abs(float(gradients[name]) - right)
                compared += 1
                worst = max(worst, gap / sizes[i] if sizes[i] else gap)
    return Compared(compared, worst, kinks, frozenset(seen))


@pytest.mark.parametrize("part", range(20))
def test_backward_is_what_complex_steps_say(part: int) -> None:
    """To 1e-10 of the sum of |path contributions|, on every input where complex steps apply."""
    found = compare(part, PROGRAMS)
    assert found.worst < AGREE
    assert set(scalar_gates()) == found.gates & set(scalar_gates())
    assert found.gradients > PROGRAMS
    assert found.kinks < PROGRAMS / 100


@pytest.mark.parametrize("name", ["mul", "sigmoid", "sin"])
def test_a_slope_that_is_off_by_little_is_seen(name: str) -> None:
    """A factor of 1.0000001 is far outside."""
    gate = GATES[name]
    broken = factor(gate, gate.inputs[0], 1 + 1e-7)
    assert compare(0, PROGRAMS, {**GATES, name: broken}).worst > AGREE
