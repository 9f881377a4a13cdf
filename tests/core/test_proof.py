"""The evidence for a verdict: slopes, error bars, the nearest kink with the safe step, a domain that ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcalc.build import build
from gradcalc.checks import check
from gradcalc.graphs import Graph
from gradcalc.proof import Proof, proof
from gradcalc.syntax import parse


def graph_of(text: str, **inputs: Any) -> Graph:
    """The graph with both passes run."""
    graph = build(parse(text, bound=tuple(inputs)), inputs)
    graph.forward()
    graph.backward()
    return graph


def proven(text: str, name: str = "x", **inputs: Any) -> tuple[Graph, Proof]:
    """The graph, and the evidence for the verdict on one input."""
    graph = graph_of(text, **inputs)
    found = proof(graph, check(graph).nodes[graph.names[name]])
    assert found is not None
    return graph, found


def test_both_slopes_at_a_kink() -> None:
    """At a kink the slopes are those of both sides, and there is no room to move."""
    _, found = proven("relu(x)", x=0)
    assert found.slopes == (0.0, 1.0)
    assert found.nearest is not None
    assert (found.nearest.where, found.nearest.margin, found.nearest.safe) == ("x = 0", 0.0, 0.0)


@pytest.mark.parametrize("x", [-3.0, 0.2, 0.49, 0.51, 7.0])
@pytest.mark.parametrize("rate", [0.01, 2.0, -300.0])
def test_the_safe_step_reaches_the_kink(x: float, rate: float) -> None:
    """A step just shorter changes no side, and one just longer does."""
    text = "abs(w*(x - 0.5)) + relu(x + 100)"
    graph, found = proven(text, x=x, w=rate)
    assert found.nearest is not None
    assert graph.text(found.nearest.node) == "abs(w*(x - 0.5))"
    assert found.nearest.margin == abs(rate * (x - 0.5))
    assert found.nearest.safe == pytest.approx(abs(x - 0.5), rel=1e-5)


def test_the_nearest_of_many_entries() -> None:
    """Of the routers' entries that one input reaches, the one that is reached first."""
    w = np.array([1.0, -2.0, 5.0])
    _, found = proven("sum(relu(w*x - 1))", x=1.0, w=w)
    assert found.nearest is not None
    assert found.nearest.safe == pytest.approx(min(abs(1.0 - 1 / k) if k != 1 else 0.0 for k in w))


def test_no_kink_no_margin() -> None:
    """A smooth program has no nearest kink, and one that an input does not reach is not near."""
    assert proven("sin(x)", x=1.0)[1].nearest is None
    assert proven("sin(x) + relu(y)", x=1.0, y=2.0)[1].nearest is None


def test_the_first_node_that_leaves_its_domain() -> None:
    """Named for every input that stands on a border, whatever the verdict."""
    graph, found = proven("log(sqrt(x) + 1)", x=0)
    assert found.outside is not None
    assert graph.text(found.outside) == "sqrt(x)"
    assert proven("log(sqrt(x) + 1)", x=1)[1].outside is None


def test_the_words_name_the_node() -> None:
    """A domain that ends is told with the gate's need, an infinite slope with the gate."""
    graph = graph_of("x^n + 1", x=-2, n=3)
    assert check(graph).nodes[graph.names["n"]].evidence == (
        "moving it leaves the domain of x^n (pow needs a base > 0, 0 with an exponent >= 0, or a negative "
        "one with a whole exponent), so there is no slope"
    )
    graph = graph_of("sqrt(x*2) + x", x=0)
    words = check(graph).nodes[graph.names["x"]].evidence
    assert words == "the slope is inf here: sqrt(x*2) is infinitely steep"


@pytest.mark.parametrize("method", ["auto", "central"])
@pytest.mark.parametrize("text", ["sin(x)*exp(x)", "x^3 - 2*x", "log(x)/x"])
def test_the_bars_hold(text: str, method: str) -> None:
    """The difference of both witnesses is within ten times the bars of both sides, and the step is told."""
    graph = graph_of(text, x=1.3)
    found = check(graph, method=method).nodes[graph.names["x"]]
    assert found.numeric is not None
    assert abs(found.numeric - graph.upstreams[0]) <= 10 * sum(found.bars)
    assert (found.step is None) == (method == "auto")
