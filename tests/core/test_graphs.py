"""Graphs and their two passes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc.errors import GradcalcError
from gradcalc.graphs import CONSTANT


def gradients(text: str, **inputs: Any) -> dict[str, Any]:
    """The gradients of a text, as plain numbers and lists."""
    graph = gradcalc.graph(text, **inputs)
    graph.forward()
    return {name: np.asarray(g).tolist() for name, g in graph.backward().items()}


def value(text: str, **inputs: Any) -> object:
    """The value of a text."""
    return np.asarray(gradcalc.graph(text, **inputs).forward()).tolist()


def test_the_circuit_of_the_lecture() -> None:
    """(x+y)*z at -2, 5, -4."""
    graph = gradcalc.graph("(x+y)*z", x=-2, y=5, z=-4)
    assert graph.forward() == -12
    assert {k: float(v) for k, v in graph.backward().items()} == {"x": -4, "y": -4, "z": 3}
    assert [node.gate.name for node in graph.nodes] == ["input", "input", "input", "add", "mul"]
    assert [node.text for node in graph.nodes] == ["x", "y", "z", "x+y", "(x+y)*z"]


CASES = [
    ("x*x + 2*x", {"x": 3}, {"x": 8}),  # a fork adds
    ("(x+y)*x", {"x": 3, "y": -4}, {"x": 2, "y": 3}),
    ("max(x, y)", {"x": 1, "y": 1}, {"x": 0.5, "y": 0.5}),
    ("max(x, x)", {"x": 1}, {"x": 1}),
    ("x^2", {"x": 0}, {"x": 0}),
    ("x^0", {"x": 0}, {"x": 0}),
    ("x^3", {"x": -2}, {"x": 12}),
    ("prod(x)", {"x": [0, 2, 3]}, {"x": [6, 0, 0]}),
    ("prod(x)", {"x": [0, 2, 0]}, {"x": [0, 0, 0]}),
    ("sum(x + y)", {"x": [[1, 2], [3, 4]], "y": [10, 20]}, {"x": [[1, 1], [1, 1]], "y": [2, 2]}),
    ("sum(x * y)", {"x": [[1], [2]], "y": [[3, 4]]}, {"x": [[7], [7]], "y": [[3, 3]]}),
    ("where(x > 0, log(x), 0)", {"x": -1}, {"x": 0}),
    ("0*sqrt(x) + x", {"x": 0}, {"x": 1}),  # a zero upstream gradient stops an infinite slope
    ("x[1] * x[1:].sum()", {"x": [1, 2, 3]}, {"x": [0, 7, 2]}),
    ("np.sum(np.maximum(0, x))", {"x": [-1, 2]}, {"x": [0, 1]}),
    ("x.dot(y)", {"x": [1, 2], "y": [3, 4]}, {"x": [3, 4], "y": [1, 2]}),
    ("sum([x, y, 2] * [1, 2, 3])", {"x": 1, "y": 2}, {"x": 1, "y": 2}),
    ("sum(W.T @ x)", {"W": [[1, 2], [3, 4]], "x": [1, 1]}, {"W": [[1, 1], [1, 1]], "x": [3, 7]}),
    ("a = 2; b = a*x; b*b", {"x": 3}, {"a": 36, "x": 24}),
    ("s[i]", {"s": [5, 6, 7], "i": 1}, {"s": [0, 1, 0]}),  # i is a parameter
    ("where(c, x, y)", {"c": 1, "x": 2, "y": 3}, {"x": 1, "y": 0}),
    ("x = 3; for t in range(3): x = x*w", {"w": 2}, {"w": 36, "x": 8}),
    ("f(a, b) = a*b + a; f(x, x)", {"x": 3}, {"x": 7}),
    ("f(x,y,z) = (x+y)z, x=-2, y=5, z=-4", {}, {"x": -4, "y": -4, "z": 3}),
]


@pytest.mark.parametrize(("text", "inputs", "expected"), CASES, ids=[c[0] for c in CASES])
def test_gradients(text: str, inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    """The gradients of small programs are exactly these."""
    assert gradients(text, **inputs) == expected


def test_an_upstream_gradient_for_an_array() -> None:
    """backward(upstream) takes the output's shape, and refuses another."""
    graph = gradcalc.graph("x*y", x=[1, 2], y=3)
    graph.forward()
    assert graph.backward([10, 100])["y"] == 210
    with pytest.raises(GradcalcError, match=r"the upstream gradient has shape \(3,\)"):
        graph.backward([1, 2, 3])


def test_a_million_nodes() -> None:
    """A chain of a million gates is a loop over a list."""
    graph = gradcalc.graph("+".join(["x*y"] * 500_000), x=1.0, y=0.5)
    assert len(graph) == 1_000_001
    assert graph.forward() == 250_000
    assert graph.backward() == {"x": 250_000, "y": 500_000}


def test_constants_fold() -> None:
    """A constant expression is one leaf, and 1/x is one gate."""
    graph = gradcalc.graph("2*pi*x + 1/x", x=1)
    assert [n.text for n in graph.nodes if n.gate is CONSTANT] == ["2*pi"]
    assert "reciprocal" in [n.gate.name for n in graph.nodes]


def test_a_default_is_overridden() -> None:
    """The first binding to a constant is an input with a default."""
    assert value("x = 2; x*10") == 20
    assert value("x = 2; x*10", x=3) == 30


def test_random_inputs_do_not_hang_on_each_other() -> None:
    """Each random input draws from a stream of its own name, the same for the same seed."""
    one = value("a = randn(3); b = randn(3); a", seed=5)
    assert one == value("b = randn(3); c = randn(9); a = randn(3); a", seed=5)
    assert one != value("a = randn(3); a", seed=6)


ERRORS = [
    ("log(x)", {"x": -1}, "domain", "log(x) is not defined here: log needs x > 0, and x = -1"),
    ("log(a-b)", {"a": 1, "b": 2}, "domain", "log(a-b) is not defined here: log needs a-b > 0, and a-b = -1"),
    ("sqrt(a>b) + log(a>b)", {"a": 1, "b": 2}, "domain",
     "log(a>b) is not defined here: log needs (a>b) > 0, and (a>b) = 0"),
    ("y^n", {"y": -2, "n": 0.5}, "domain",
     "y^n is not defined here: pow needs a base > 0, 0 with an exponent >= 0, or a negative one with a whole "
     "exponent, and y = -2, n = 0.5"),
    ("1 + (x-y)/(x-y)", {"x": 1, "y": 1}, "domain",
     "(x-y)/(x-y) is not defined here: div needs a denominator other than 0, and x-y = 0"),
    ("y % 0", {"y": 3}, "domain", "y % 0 is not defined here: mod needs a divisor other than 0, and y = 3"),
    ("exp(a*b)", {"a": 50, "b": 20}, "overflow",
     "exp(a*b) overflows: exp at a*b = 1000 is beyond the largest number, 1.8e308"),
    ("exp(x)", {"x": 1000}, "overflow",
     "exp(x) overflows: exp at x = 1000 is beyond the largest number, 1.8e308"),
    ("x + y", {"x": [1, 2, 3], "y": [1, 2]}, "shape",
     "+ does not fit: x has shape (3,) and y has shape (2,)"),
    ("snh(x)", {"x": 1}, "name", "there is no function snh"),
    ("x + 1", {"x": 1, "w": 2}, "unused", "the expression does not use w"),
    ("(x+y)*z", {"x": 1}, "name", "y and z have no value"),
    ("sin(x, 2, 3)", {"x": 1}, "arity", "sin takes one input, not 3"),
    ("q = x*2; q", {"x": 1, "q": 5}, "name", "q is computed by the program, so -q can't set it"),
    ("f(x) = f(x) + 1; f(2)", {}, "recursion", "f calls itself: a function can't be recursive"),
    ("[[1, 2], [3]] + x", {"x": 1}, "shape", "the rows of this list differ in length"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "inputs", "kind", "message"), ERRORS, ids=[e[0] for e in ERRORS])
def test_errors(text: str, inputs: dict[str, Any], kind: str, message: str) -> None:
    """Each bad question has its kind and its sentence."""
    with pytest.raises(GradcalcError) as caught:
        gradcalc.graph(text, **inputs).forward()
    assert (caught.value.kind, caught.value.message) == (kind, message)


@pytest.mark.parametrize("value", [None, object(), [[1, 2], [3]], 1j, ["a"], 10**400])
def test_an_input_is_made_of_numbers(value: Any) -> None:
    """Anything else that comes from Python is refused by the name of the input."""
    with pytest.raises(GradcalcError, match=r"^x needs a number or an array of numbers"):
        gradcalc.graph("x*2", x=value)


def test_each_pass_runs_what_it_needs() -> None:
    """Gradients may be asked for at once."""
    assert gradcalc.graph("norm(x)*y", x=[3.0, 4.0], y=2.0).backward()["y"] == 5
    assert gradcalc.graph("(x+y)*z", x=-2, y=5, z=-4).gradients == {"x": -4, "y": -4, "z": 3}
