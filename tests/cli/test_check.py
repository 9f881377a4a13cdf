"""gradcalc check without answers: every input's gradient."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]
LECTURE = ("check", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4")


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
