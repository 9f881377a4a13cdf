"""gradcalc check without answers: every input's gradient."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gradcalc.errors import width

Run = Callable[..., Any]
LECTURE = ("check", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4")


def test_gradients_as_json(run: Run) -> None:
    """Every input is an argument with its verdict."""
    record = json.loads(run("check", "sum(x^2)*y", "-x", "[1,2]", "-y", "3", "--format", "json").out)
    assert record["verdict"] == "pass"
    assert [a["name"] for a in record["arguments"]] == ["x", "y"]
    first = record["arguments"][0]
    assert set(first) == {"name", "shape", "verdict", "worst", "mistakes", "notes", "proof"}
    assert set(first["worst"]) == {"index", "analytic", "numeric", "bar"}
    assert 0 < first["worst"]["bar"] < 1e-12
    assert "answers" not in record


def test_the_evidence_as_json(run: Run) -> None:
    """Both slopes, both bars, the nearest kink with the safe step, and what leaves its domain."""
    record = json.loads(run("check", "relu(x) + log(y)", "-x=0", "-y=2", "--format", "json").out)
    x, y = (a["proof"] for a in record["arguments"])
    kink = {"node": "n2", "label": "q1", "text": "relu(x)", "where": "x = 0", "margin": 0.0, "safe_step": 0.0}
    assert (x["index"], x["method"], x["step"]) == ([], "complex step", None)
    assert (x["left"], x["right"], x["nearest_kink"]) == (0.0, 1.0, kink)
    assert set(x["bars"]) == {"analytic", "numeric"}
    assert (y["left"], y["nearest_kink"], y["leaves_domain"]) == (0.5, None, None)
    ran = run("check", "log(x)^n", "-x", "0.5", "-n", "2", "--format", "json")
    (n,) = (a for a in json.loads(ran.out)["arguments"] if a["name"] == "n")
    assert (ran.code, n["verdict"]) == (2, "domain")
    assert n["proof"]["leaves_domain"] == {"node": "n3", "label": "f", "text": "log(x)^n"}


def test_gradients(run: Run) -> None:
    """Without answers, a line for each input."""
    ran = run(*LECTURE)
    assert ran.code == 0
    assert ran.out.startswith(" input  gradient  numeric  error\n")
    assert "5 of 5 agree" in ran.out


X, Y = "[1.12345,2.2222,3.1234]", "[0.333333,-1e-7,2]"
NARROW = (
    ("(x+y)^2*sin(x*y)", "--same-as", "(x^2 + 2*x*y + y^2)*sin(y*x)", "-x", "1", "-y", "2"),
    ("sum(x*y)", "--same-as", "sum(y*x)", "-x", X, "-y", Y),
    ("sum(x*y)", "-x", X, "-y", Y),
    ("h(t) = t^2 with dt = 3*t; sum(h(long_name))", "-long_name", X),
    ("sum(x*y)", "-x", X, "-y", Y, "-dx", "[0.33,0,2.0]", "--reveal"),
    ("sum(x*y)", "-x", X, "-y", Y, "-dx", "[0.33,1,2.0]", "--hint", "3"),
    ("max(x, y)", "-x", "1", "-y", "1", "-dx", "1", "-dy", "1"),
)


@pytest.mark.parametrize("columns", [40, 50, 66])
@pytest.mark.parametrize("args", NARROW, ids=str)
def test_slim_terminals(run: Run, args: tuple[str, ...], columns: int) -> None:
    """Nothing sticks out, nothing is missing: both slopes of what fails, a true value that is asked for."""
    out = run("check", *args, "--width", str(columns)).out
    assert max(map(width, out.splitlines())) <= columns
    if "long_name" in args[0]:
        assert "[3.37 6.667 9.37]" in out
        assert "[2.247 4.444 6.247]" in out
    if "--reveal" in args:
        assert "[0.333333 -1e-07 2]" in out
