"""--wrt: only what leads to the inputs that were asked for is differentiated."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc import GATES
from gradcalc.build import build
from gradcalc.checks import check
from gradcalc.errors import GradcalcError
from gradcalc.graphs import Graph
from gradcalc.session import Question, answer, quantity
from gradcalc.syntax import parse
from gradcalc.verdicts import Verdict

TEXT = "h = tanh(X @ W); s = h @ V; sum(s*s) + sum(exp(Z))"
GIVEN: dict[str, Any] = {
    name: np.random.default_rng(2).normal(size=shape)
    for name, shape in {"X": (4, 3), "W": (3, 5), "V": (5, 2), "Z": (6,)}.items()
}


def counting(calls: Counter[str]) -> dict[str, gradcalc.Gate]:
    """The gates, with a count of the derivatives that are worked out."""

    def counted(gate: gradcalc.Gate, name: str) -> gradcalc.Gate:
        def change(code: Any) -> Any:
            def run(*args: Any, **params: Any) -> Any:
                calls[f"{gate.name}.{name}"] += 1
                return code(*args, **params)

            return run

        return gate.break_(name, change)

    found = dict(GATES)
    for gate, name in (("matmul", "a"), ("matmul", "b"), ("exp", "x"), ("tanh", "x")):
        found[gate] = counted(found[gate], name)
    return found


@pytest.mark.parametrize(
    ("names", "calls"),
    [
        ("V", {"matmul.b": 1}),
        ("W", {"matmul.a": 1, "matmul.b": 1, "tanh.x": 1}),
        ("X", {"matmul.a": 2, "tanh.x": 1}),
        ("Z", {"exp.x": 1}),
        ("XWVZ", {"matmul.a": 2, "matmul.b": 2, "tanh.x": 1, "exp.x": 1}),
    ],
)
def test_nothing_else_is_worked_out(names: str, calls: dict[str, int]) -> None:
    """Derivatives on the way to other inputs are never called, and the gradients are the same ones."""
    found: Counter[str] = Counter()
    graph = build(parse(TEXT, bound=tuple(GIVEN)), GIVEN, gates=counting(found))
    graph.forward()
    graph.want([graph.names[name] for name in names])
    gradients = graph.backward()
    assert found == calls
    whole = gradcalc.graph(TEXT, **GIVEN)
    whole.forward()
    true = whole.backward()
    assert set(gradients) == set(names)
    assert all(np.array_equal(gradients[name], true[name]) for name in names)


def broken(want: str) -> Graph:
    """The graph with a wrong derivative of exp, which only Z meets."""
    gates = {**GATES, "exp": GATES["exp"].break_("x", lambda code: lambda *xs: 2 * code(*xs))}
    graph = build(parse(TEXT, bound=tuple(GIVEN)), GIVEN, gates=gates)
    graph.forward()
    graph.want([graph.names[want]])
    graph.backward()
    return graph


def test_the_check_looks_at_what_was_asked() -> None:
    """A wrong derivative on the way to another input is not this question's."""
    fine, wrong = check(broken("W")), check(broken("Z"))
    assert (fine.verdict, wrong.verdict) == (Verdict.PASS, Verdict.FAIL)
    assert {broken("W").text(i) for i in fine.nodes} >= {"W", "h @ V"}
    assert not {"Z", "V", "exp(Z)"} & {broken("W").text(i) for i in fine.nodes}


def test_a_report_says_what_was_not_asked_for() -> None:
    """Rows off the way keep their value and have no gradient; they are no parameters."""
    found = answer(Question("a = x*y; b = y*y; a + b", {"x": 2, "y": 3}, wrt=("x",)))
    rows = {row.label: row for row in found.rows}
    assert {label: row.upstream for label, row in rows.items()} == {
        "x": 3.0, "y": None, "a": 1.0, "b": None, "f": 1.0,
    }  # fmt: skip
    assert (rows["b"].value, rows["y"].parameter, list(found.gradients)) == (9.0, False, ["x"])


@pytest.mark.parametrize(("name", "hint"), [("dy", "add it to --wrt: x,y"), ("db", "leave out --wrt")])
def test_asking_for_it_after_all(name: str, hint: str) -> None:
    """--get of a gradient that --wrt leaves out is refused."""
    found = answer(Question("a = x*y; b = y*y; a + b", {"x": 2, "y": 3}, wrt=("x",)))
    with pytest.raises(GradcalcError, match=f"{name} is not asked for: --wrt x") as error:
        quantity(found, name)
    assert error.value.hint == hint
