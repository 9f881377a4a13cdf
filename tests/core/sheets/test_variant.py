"""Numbers of one's own: drawn from the name alone, always the same, and at points that teach something."""

from __future__ import annotations

import numpy as np
import pytest

from gradcalc.session import prepare
from gradcalc.sheets.assignment import Assignment, parse_assignment
from gradcalc.sheets.variant import variant

NAMES = [f"s{k:03}" for k in range(40)]


def sheet(expression: str, inputs: str, more: str = "") -> Assignment:
    """An assignment of one problem with numbers of one's own."""
    return parse_assignment(
        f"variant = 'student'\n[[problem]]\nexpression = '{expression}'\ninputs = {{{inputs}}}\n{more}"
    )


def drawn(asked: Assignment, name: str) -> dict[str, str]:
    """A student's inputs."""
    return {key: str(value) for key, value in variant(asked, asked.problems[0], name).inputs.items()}


def test_each_name_has_its_numbers() -> None:
    """However it is spelt, and other names have others."""
    asked = sheet("(x+y)*z", "x = -2, y = 5.5, z = -4")
    assert drawn(asked, "ada") == drawn(asked, " ADA ")
    assert len({tuple(drawn(asked, name).values()) for name in NAMES}) > 20


@pytest.mark.parametrize(
    ("expression", "inputs"),
    [
        ("(x+y)*z", "x = -2, y = 5, z = -4"),
        ("a/(b-c)", "a = 4, b = 3, c = 5"),
        ("max(a*b, c)*a", "a = 3, b = -2, c = 4"),
        ("sum(x^2)*y", "x = [1, 2, 3], y = 0.5"),
        ("sigmoid(w*x + b)", "w = 0.5, x = -1.2, b = 2"),
    ],
)
def test_points_that_teach(expression: str, inputs: str) -> None:
    """Signs and decimals stay; nothing on the way is 1 or -1, no array is one number, no gradient is 0."""
    asked = sheet(expression, inputs)
    question = asked.problems[0].question
    assert question is not None
    base = prepare(question)
    for name in NAMES:
        graph = prepare(variant(asked, asked.problems[0], name))
        for key, index in graph.variables.items():
            value, before = graph.values[index], base.values[index]
            assert np.array_equal(np.sign(value), np.sign(before)), key
            assert np.array_equal(np.round(value, 1), value)
            assert np.any(graph.gradients[key]) or not np.any(base.gradients[key])
        for value, before in zip(graph.values, base.values, strict=True):
            assert not np.all(np.abs(value) == 1) or np.all(np.abs(before) == 1)
            assert np.size(value) == 1 or np.ptp(value) > 0


def test_what_is_fixed_or_data_stays() -> None:
    """Named inputs, and numbers with many decimals."""
    asked = sheet("a*x + b", "a = 3, x = 1.23456, b = 7", "fixed = ['b']\n")
    for name in NAMES[:10]:
        found = drawn(asked, name)
        assert (found["x"], found["b"]) == ("1.23456", "7")


def test_where_no_point_is_better_a_poor_one_will_do() -> None:
    """x/x is 1 wherever one stands."""
    asked = sheet("x/x*y - y/x", "x = 3, y = 2")
    for name in NAMES[:10]:
        graph = prepare(variant(asked, asked.problems[0], name))
        assert 1.0 in [float(value) for value in graph.values]
        assert set(drawn(asked, name)) == {"x", "y"}
