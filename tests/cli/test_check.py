"""gradcalc check: answers and gradients."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]
LECTURE = ("check", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4")


def test_answers(run: Run) -> None:
    """A verdict for each, without the true values."""
    ran = run(*LECTURE, "-dx", "-4", "-dy", "4", "-q", "3")
    assert ran.code == 1
    assert ran.out == (
        " answer │ given │ verdict\n"
        "──────────────────────────\n"
        " dx     │ -4    │ right\n"
        " dy     │ 4     │ wrong\n"
        " q      │ 3     │ right\n"
        "\n"
        " 2 of 3 right\n"
    )


def test_true_values_on_demand(run: Run) -> None:
    """--reveal shows them."""
    assert "4     │ -4         │ wrong" in run(*LECTURE, "-dy", "4", "--reveal").out


def test_answers_as_json(run: Run) -> None:
    """Schema gradcalc.check/1."""
    record = json.loads(run(*LECTURE, "-dx", "-4", "--format", "json").out)
    assert record["schema"] == "gradcalc.check/1"
    assert record["target"] == "(x+y)*z"
    answer = record["answers"][0]
    assert (answer["name"], answer["given"], answer["value"], answer["verdict"]) == (
        "dx",
        "-4",
        -4.0,
        "right",
    )
    assert answer["mistakes"] == []


def test_gradients_as_json(run: Run) -> None:
    """Every input is an argument with its verdict."""
    record = json.loads(run("check", "sum(x^2)*y", "-x", "[1,2]", "-y", "3", "--format", "json").out)
    assert record["verdict"] == "pass"
    assert [a["name"] for a in record["arguments"]] == ["x", "y"]
    first = record["arguments"][0]
    assert set(first) == {"name", "shape", "verdict", "worst", "mistakes", "notes"}
    assert set(first["worst"]) == {"index", "analytic", "numeric", "bar"}
    assert "answers" not in record


def test_gradients(run: Run) -> None:
    """Without answers, a line for each input."""
    ran = run(*LECTURE)
    assert ran.code == 0
    assert ran.out.startswith(" input  gradient  numeric  error\n")
    assert "5 of 5 agree" in ran.out


def test_a_variable_called_dx_wins(run: Run) -> None:
    """dx in the expression is no answer."""
    ran = run("check", "dx*x", "-dx", "5", "-x", "2", "-ddx", "2")
    assert ran.code == 0
    assert " ddx    │ 2     │ right" in ran.out


def test_values_of_computed_names(run: Run) -> None:
    """-q is an answer where the program computes q, and a value where it only declares it."""
    assert " q      │ 3" in run("check", "q = x+y; q*2", "-x", "1", "-y", "2", "-q", "3").out
    assert run("check", "q = 1; q*2", "-q", "3", "-dq", "2").code == 0


def test_a_tolerance(run: Run) -> None:
    """--rtol replaces the digits rule."""
    assert run("check", "x/3", "-x", "1", "-f", "0.34").code == 1
    assert run("check", "x/3", "-x", "1", "-f", "0.34", "--rtol", "0.05").code == 0
