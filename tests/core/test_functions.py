"""Functions: groups that are one row until opened, and declared local gradients that are checked."""

from __future__ import annotations

from typing import Any

import pytest

import gradcalc
from gradcalc.errors import GradcalcError
from gradcalc.report import Report
from gradcalc.session import Question, answer

NEURON = "neuron(w, x, b) = sigmoid(w*x + b); a = neuron(u, x, b); neuron(v, a, b)"
POINT = {"u": 1, "x": 2, "b": 0.5, "v": -1}


def labels(report: Report) -> list[str]:
    """The labels of all rows."""
    return [row.label for row in report.rows]


def test_a_call_is_one_row() -> None:
    """Two calls of a function are two rows, whose terms multiply out."""
    report = answer(Question(NEURON, POINT))
    assert labels(report) == ["u", "x", "b", "v", "a", "f"]
    a = report.rows[4]
    assert (a.gate, a.inputs) == ("neuron", ("n0", "n1", "n2"))
    for row in report.rows:
        for term in row.terms:
            assert float(term.upstream) * float(term.local or 0) == pytest.approx(
                float(term.product), rel=1e-14
            )
        if row.terms:
            assert sum(float(t.product) for t in row.terms) == pytest.approx(
                float(row.upstream or 0), rel=1e-14
            )


def test_every_way_in_is_a_term() -> None:
    """An outer name used in a body, and one value given for two parameters, are terms that sum up."""
    for text in ("f(x) = w*x; f(a) + b*w", "f(x, y) = x*y + x; f(a, a) + b + w"):
        report = answer(Question(text, {"w": 2, "a": 3, "b": 1}))
        for row in report.rows:
            if row.terms:
                total = sum(float(t.product) for t in row.terms)
                assert total == float(row.upstream or 0), row.label
        assert all(row.terms for row in report.rows if row.gate == "input")


def test_expand_opens_the_body() -> None:
    """With expand, the rows of the bodies are there, and the gradients are the same."""
    closed, opened = answer(Question(NEURON, POINT)), answer(Question(NEURON, POINT), expand=("neuron",))
    assert len(opened.rows) == len(closed.rows) + 4
    assert {k: float(v) for k, v in opened.gradients.items()} == {
        k: float(v) for k, v in closed.gradients.items()
    }
    assert answer(Question(NEURON, POINT), expand=("*",)).rows[-1].gate == "sigmoid"


def test_declared_gradients_are_used_and_checked() -> None:
    """A right declaration passes; a wrong one fails and is named."""
    right = "sigma(t) = 1/(1 + exp(-t)) with dt = (1 - sigma)*sigma; sigma(2*x)"
    assert gradcalc.check(right, x=0.3).verdict == "pass"
    wrong = gradcalc.check(right.replace("1 - sigma", "1 + sigma"), x=0.3)
    assert wrong.verdict == "fail"
    assert "sigma in sigma(2*x) answers" in str(wrong)


def test_declared_gradients_of_arrays() -> None:
    """A function that sums inside is a gate like any other; its declaration is checked too."""
    text = "n(v) = sum(v^2) with dv = 2*v; n(x)*y"
    assert gradcalc.check(text, x=[1, 2], y=3).verdict == "pass"
    assert gradcalc.check(text.replace("2*v", "3*v"), x=[1, 2], y=3).verdict == "fail"


def test_a_kink_inside_a_declared_function() -> None:
    """A router inside the body makes the function's tie a kink."""
    assert gradcalc.check("r(t) = relu(t) with dt = t > 0; r(x)", x=0).verdict == "kink"


def test_only_parameters_in_declared_functions() -> None:
    """A declared function that uses an outer name is refused with the reason."""
    with pytest.raises(GradcalcError) as caught:
        gradcalc.graph("g(a) = a*w with da = w; g(x)", x=2, w=3)
    assert caught.value.hint == "a function with declared gradients uses its parameters only"


def test_the_slide_s_own_line() -> None:
    """A program that ends in a definition and its values evaluates it, under its own name."""
    report = answer(Question("f(x,y,z) = (x+y)z, x=-2, y=5, z=-4"))
    assert labels(report) == ["x", "y", "z", "q", "f"]
    assert {k: float(v) for k, v in report.gradients.items()} == {"x": -4, "y": -4, "z": 3}


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("f(x,y,z) = (x+y)z", {"x": -2, "y": 5, "z": -4}),
        ("f(x,y,z) = (x+y)z, z=-4", {"x": -2, "y": 5}),
        ("f(x,y,z) = (x+y)z, x=-2, y=5, z=-4", {}),
    ],
)
def test_a_definition_takes_its_parameters_from_outside(text: str, given: dict[str, Any]) -> None:
    """The slide's line, with its values beside it or on the command line."""
    graph = gradcalc.graph(text, **given)
    assert float(graph.forward()) == -12
    assert {name: float(g) for name, g in graph.backward().items()} == {"x": -4, "y": -4, "z": 3}
    with pytest.raises(GradcalcError, match="the expression does not use w"):
        gradcalc.graph(text, **given, w=1)
