"""The record that views show: nothing in it is worked out before it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from gradcalc import writer
from gradcalc.formulas import put_in
from gradcalc.report import Report
from gradcalc.session import Question, answer


def reported(text: str, **inputs: float) -> Report:
    """The report of an expression, without its check."""
    return answer(Question(text, inputs), check=False)


def test_rows_are_worked_out_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values and gradients of a large sum need no formula; one term of a fork needs one."""
    asked: list[str] = []

    def counted(text: str, names: tuple[tuple[str, str], ...], *, short: bool = True) -> str:
        asked.append(text)
        return put_in(text, names, short=short)

    monkeypatch.setattr(writer, "put_in", counted)
    report = reported("+".join(["x*y"] * 500), x=2.0, y=3.0)
    x = report.rows[0]
    assert (x.value, x.upstream, len(x.terms)) == (2.0, 1500.0, 500)
    assert sum(row.upstream is not None for row in report.rows) == 2 + 500 + 499
    assert asked == []
    assert x.terms[-1].product == 3.0
    assert len(asked) == 1
    assert [term.into for term in x.terms[1:3]] == [x.terms[1].into, x.terms[2].into]


def test_terms_of_a_call_come_after_those_of_gates() -> None:
    """What a function sends back is a term like any other."""
    x = reported("g(t) = t^2; x*3 + g(x)", x=2.0).rows[0]
    assert [(float(t.product), t.formula) for t in x.terms] == [(3.0, "3"), (4.0, "dg/dt")]
    assert sum(float(t.product) for t in x.terms) == x.upstream


@pytest.mark.parametrize(("text", "names", "expected"), [
    ("y*x^(y-1)", {"x": "q1", "y": "2"}, "2*q1"),
    ("y*x^(y-1)", {"x": "q1", "y": "w"}, "w*q1^(w-1)"),
    ("y*x^(y-1)", {"x": "w", "y": "w"}, "w*w^(w-1)"),
    ("-z*z", {"x": "a", "z": "f"}, "-f*f"),
    ("x*exp(-x)", {"x": "-2"}, "-2*exp(2)"),
    ("dz @ b.T", {"a": "W", "b": "x"}, "dz@x.T"),
    ("the gradient, spread out", {"x": "q"}, "the gradient, spread out"),
    ("x*y", {"x": "y", "y": "x"}, "y*x"),
    ("cos(x)", {"x": "1/3"}, "cos(1/3)"),
    ("dz where c holds, else 0", {"c": "q1", "dz": "df"}, "df where q1 holds, else 0"),
])  # fmt: skip
def test_labels_are_put_into_formulas(text: str, names: dict[str, str], expected: str) -> None:
    """Names and numbers stand for inputs; what numbers make short is made short."""
    assert put_in(text, tuple(names.items())) == expected


@pytest.mark.parametrize(("text", "inputs", "node", "formulas"), [
    ("sum(W@x)", {"W": "[[1,2],[3,4]]", "x": "[5,6]"}, "q", ["dq@x.T", "W.T@dq"]),
    ("where(x > y, u, v)", {"x": 2, "y": 1, "u": 3, "v": 4}, "f",
     ["df where q holds, else 0", "0 where q holds, else df"]),
    ("std(v)", {"v": "[3,1,2]"}, "f", ["df*(v-mean(v))/(n*std(v))"]),
    ("std(v, ddof=1)", {"v": "[3,1,2]"}, "f", ["df*(v-mean(v))/((n-1)*std(v))"]),
    ("norm(v)", {"v": "[3,1,2]"}, "f", ["df*v/norm(v)"]),
    ("norm(v, 3)", {"v": "[3,1,2]"}, "f",
     ["df*v/norm(v); for other orders df*sign(v)*(abs(v)/norm(v))^(3-1)"]),
    ("cross_entropy(s, 1)", {"s": "[3,1,2]"}, "f", ["df*(p - onehot(1))/n, where p = softmax(s)"]),
])  # fmt: skip
def test_formulas_speak_of_the_users_nodes(
    text: str, inputs: dict[str, Any], node: str, formulas: list[str]
) -> None:
    """Also where no plain product will do: dz is the gradient of this node, a and b are its inputs."""
    report = answer(Question(text, inputs), check=False)
    (row,) = [row for row in report.rows if row.label == node]
    assert [local.formula for local in row.local] == formulas
    assert [t.formula for r in report.rows for t in r.terms if t.into == row.id] == formulas


def test_a_nodes_operation_is_written_out() -> None:
    """What the gate does is not worked out: 0*q stays 0*q, for its gradient goes somewhere."""
    assert [row.equation for row in reported("0*sin(x)*1 - -3", x=2.0).rows if row.inputs] == [
        "q1 = sin(x)", "q2 = 0*q1", "q3 = q2*1", "f = q3-(-3)"
    ]  # fmt: skip
