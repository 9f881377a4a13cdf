"""How a check spends its budget: every input is moved, in directions where its entries cost too much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc import GATES
from gradcalc.build import build
from gradcalc.checks import check
from gradcalc.effort import Price, plan
from gradcalc.faults import factor
from gradcalc.graphs import Graph
from gradcalc.probe import complex_ok
from gradcalc.syntax import parse
from gradcalc.verdicts import Verdict

LAYERS = """\
h = tanh(x @ W1 + b1)
s = h @ W2 + b2
cross_entropy(s, [0, 2, 1, 1])
"""
INPUTS = {
    name: np.random.default_rng(1).normal(size=shape)
    for name, shape in {"x": (4, 5), "W1": (5, 30), "b1": (30,), "W2": (30, 3), "b2": (3,)}.items()
}


def layers(gates: dict[str, gradcalc.Gate] | None = None) -> Graph:
    """A network of two layers, both passes run."""
    graph = build(parse(LAYERS, bound=tuple(INPUTS)), INPUTS, gates=gates or GATES)
    graph.forward()
    graph.backward()
    return graph


def test_everything_entry_by_entry_where_it_is_cheap() -> None:
    """Small programs are moved entry by entry, every node of them."""
    found = check(layers())
    assert {c.checked for c in found.nodes.values()} == {"entries"}
    assert found.notes == ()


@pytest.mark.parametrize("budget", [1_000, 10_000, 100_000])
def test_inputs_are_moved_in_directions_where_entries_cost_too_much(budget: int) -> None:
    """However small the budget, no input of arrays stays unchecked; the rest is sampled, and said so."""
    graph = layers()
    found = check(graph, budget=budget)
    inputs = [found.nodes[i] for i in graph.variables.values()]
    assert all(c.verdict is Verdict.PASS for c in inputs)
    assert "directions" in {c.checked for c in inputs}
    assert found.nodes[graph.output].verdict is Verdict.PASS
    assert "were not checked one by one" in found.notes[0]


@pytest.mark.parametrize("part", [1e-6, 1e-9])
def test_directions_find_a_fault_of_any_gate(part: float) -> None:
    """A derivative that is off by one part in a billion shows in a direction, and its gate is named."""
    found = check(layers({**GATES, "matmul": factor(GATES["matmul"], "b", 1 + part)}), budget=1_000)
    assert (found.verdict, found.guilty) == (Verdict.FAIL, ("matmul",))


def test_prices_follow_what_stands_behind() -> None:
    """A node costs what is run again when it moves: the later the cheaper, and nothing behind the output."""
    graph = layers()
    price = Price(graph)
    costs = [price.directions(graph.names[name], True) for name in ("x", "h", "s")]
    assert costs == sorted(costs, reverse=True)
    assert price.work[graph.output] == 0
    assert price.directions(graph.names["x"], False) > price.directions(graph.names["x"], True)


def test_scalars_are_never_moved_in_directions() -> None:
    """A direction of one number is that number, and dearer."""
    text = "; ".join(["s0 = x"] + [f"s{k + 1} = s{k}*y{k % 40}" for k in range(400)])
    inputs: dict[str, Any] = {"x": 0.5, **{f"y{k}": 1.0 + k / 100 for k in range(40)}}
    graph = gradcalc.graph(text, **inputs)
    graph.forward()
    graph.backward()
    nodes = list(range(len(graph)))
    inputs_at = list(graph.variables.values())
    effort = plan(graph, nodes, inputs_at, complex_ok(graph), max_items=1000, budget=10_000)
    assert effort.directions == []
    assert 0 < len([i for i in effort.entries if i in inputs_at]) < len(inputs_at)
