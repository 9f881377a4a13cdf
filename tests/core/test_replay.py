"""The passes run again with something different agree with a graph that was built that way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradcalc
from circuits import CIRCUITS, Circuit
from gradcalc.gates import GATES
from gradcalc.graphs import CONSTANT, Graph
from gradcalc.mistakes.linear import Linear
from gradcalc.mistakes.reading import turned
from gradcalc.replay import Change, Replay


def run(text: str, **inputs: Any) -> Graph:
    """A graph, both passes run."""
    graph = gradcalc.graph(text, **inputs)
    graph.forward()
    graph.backward()
    return graph


def after(graph: Graph, change: Change) -> dict[str, float]:
    """The inputs' gradients with a change."""
    replay = Replay(graph)
    _, upstreams = replay.run(change)
    return {name: float(upstreams.get(i, graph.upstreams[i])) for name, i in graph.variables.items()}


def named(graph: Graph, text: str) -> int:
    """The last node with this text."""
    return next(i for i in reversed(range(len(graph))) if graph.text(i) == text)


POINT = {"x": 1.3, "y": -0.7, "z": 2.1}


def test_another_gate() -> None:
    """x-y read as x+y, in both passes."""
    graph = run("sin(x-y)*z + x", **POINT)
    change = Change(gates={named(graph, "x-y"): GATES["add"]})
    assert after(graph, change) == pytest.approx(run("sin(x+y)*z + x", **POINT).gradients)


def test_other_brackets() -> None:
    """The two nodes of x*y+3*z exchange their places, though 3*z is computed between them."""
    graph = run("x*y+exp(z)", **POINT)
    i, j = graph.output, named(graph, "x*y")
    (a, b), other = graph.inputs[j], graph.inputs[i][1]
    assert after(graph, turned(graph, i, j, (b, other), (a, j))) == pytest.approx(
        run("x*(y+exp(z))", **POINT).gradients
    )


def test_another_value() -> None:
    """A pinned input is another input."""
    graph = run("sin(x-y)*z + x", **POINT)
    change = Change(values={graph.names["x"]: np.float64(0.4)})
    assert after(graph, change) == pytest.approx(run("sin(x-y)*z + x", **{**POINT, "x": 0.4}).gradients)


def test_a_pinned_gradient() -> None:
    """What lies below a pinned gradient follows from it; what does not stays."""
    graph = run("q = x*y; q*z + x", **POINT)
    found = after(graph, Change(upstreams={graph.names["q"]: np.float64(10.0)}))
    assert found == pytest.approx({"x": 10 * -0.7 + 1, "y": 10 * 1.3, "z": 1.3 * -0.7})


@pytest.mark.parametrize("one", CIRCUITS, ids=lambda one: one.text.strip()[:30])
def test_no_change_changes_nothing(one: Circuit) -> None:
    """Every rule that is the right one leaves every number as it is, to the last bit."""
    graph = one.key().graph
    replay = Replay(graph)
    for edges in replay.uses.values():
        for i, position in edges:
            gate = graph.gates[i]
            change = Change(gates={i: gate}, rules={})
            values, upstreams = replay.run(change)
            assert all(np.array_equal(v, graph.values[k]) for k, v in values.items()), position
            assert all(np.allclose(u, graph.upstreams[k], rtol=1e-13) for k, u in upstreams.items())


SCALARS = [one for one in CIRCUITS if one.key().graph.scalar]


@given(st.sampled_from(SCALARS), st.data())
def test_the_linear_way_agrees_with_the_passes(one: Circuit, data: st.DataObject) -> None:
    """A wrong step moves a gradient as far as both passes say, run again."""
    graph = one.key().graph
    replay = Replay(graph)
    j = data.draw(st.sampled_from(sorted(replay.uses)))
    edge = data.draw(st.sampled_from(replay.uses[j]))
    factor = data.draw(st.sampled_from([-1.0, 0.5, 2.0, 0.0]))
    change = Change(rules={edge: lambda dz, z, xs: np.float64(factor) * dz})
    linear, (_, upstreams) = Linear(replay), replay.run(change)
    for i in replay.nodes:
        if graph.gates[i] is not CONSTANT:
            expected = upstreams.get(i, graph.upstreams[i])
            assert linear.effect(change, i) == pytest.approx(expected, rel=1e-9, abs=1e-12)
