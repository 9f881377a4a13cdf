"""The exit code of every verdict, for expressions and for Python code, and that the verdict is that one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gradcalc.verdicts import EXIT

Run = Callable[..., Any]


class Case(NamedTuple):
    """A command, the verdict that it comes to ("" for an error), and its exit code."""

    args: tuple[str, ...]
    verdict: str
    code: int


EXPRESSIONS = {
    "agreed": Case(("x^2", "-x", "3"), "pass", 0),
    "a zero that is one": Case(("0*x", "-x", "3"), "pass", 0),
    "a kink, between its slopes": Case(("abs(x)", "-x", "0"), "kink", 0),
    "a kink, outside of them": Case(("h(t) = abs(t) with dt = 1.5 + 0*t; h(x)", "-x", "0"), "fail", 1),
    "a kink by another rule": Case(("max(x, y)", "-x", "2", "-y", "2", "--tie", "first"), "kink", 0),
    "a rule of masks": Case(("max(x, y)", "-x", "2", "-y", "2", "--tie", "zero"), "kink", 0),
    "a rule that adds up to no slope": Case(("max(x, x)", "-x", "2", "--tie", "zero"), "fail", 1),
    "a wrong declaration": Case(("h(t) = t^2 with dt = 3*t; h(x)", "-x", "2"), "fail", 1),
    "conventions that add up to no slope": Case(("relu(x) - relu(-x)", "-x", "0"), "fail", 1),
    "a jump": Case(("floor(x)", "-x", "2"), "jump", 3),
    "noise": Case(("(1 - cos(x))/x^2", "-x", "1e-8"), "noise", 3),
    "an infinite slope": Case(("sqrt(x)", "-x", "0"), "nonfinite", 2),
    "a move out of the domain": Case(("x^n", "-x", "-2", "-n", "2"), "domain", 2),
    "the same, not asked for": Case(("x^n", "-x", "-2", "-n", "2", "--wrt", "x"), "pass", 0),
    "a value that is not finite": Case(("log(x)", "-x", "-1"), "", 2),
    "no value": Case(("x*y", "-x", "2"), "", 2),
    "no sense": Case(("x*", "-x", "2"), "", 2),
    "shapes that do not fit": Case(("x + y", "-x", "[1, 2]", "-y", "[1, 2, 3]"), "", 2),
}

CODE = """
import time
import numpy as np

def good(x): return np.sum(x**3), 3 * x**2
def bad(x): return np.sum(x**3), 2 * x**2
def corner(x): return np.sum(np.abs(x)), np.sign(x)
def sharp(x): return np.sum(np.abs(x)), np.sign(x) + 1.5 * (x == 0)
def step(x): return np.sum(np.floor(x)), 0 * x + (np.floor(x) != 2)
def flat(x): return 0 * np.sum(x), 0 * x
def shape(x): return np.sum(x**2), 2 * x[:1]
def nan(x): return np.sum(x**2), x * np.nan
def steep(x): return np.sum(np.sqrt(x)), 0.5 / np.sqrt(x)
def log(x): return np.sum(np.log(x)), 1 / x
def writes(x):
    g = 2 * x
    v = np.sum(x**2)
    x += 1
    return v, g
def dice(x):
    r = np.random.randn(*x.shape)
    return np.sum(r * x), r
def rough(x): return np.sum(x) + 1e-3 * np.sum(np.sin(1e17 * x)), np.ones_like(x)
def raises(x): raise ValueError("no")
def hangs(x):
    while True: pass

def missing_forward(x, w): return x * w, (x, w)
def missing_backward(dz, cache): return dz * cache[1]
def broken_forward(x): return x**2, x
def broken_backward(dz, x): raise KeyError("no")
def slow_forward(x): return x**2, x
def slow_backward(dz, x):
    while True: pass
"""
PYTHON = {
    "agreed": Case(("good", "-x", "[1.5, -2]"), "pass", 0),
    "a kink, between its slopes": Case(("corner", "-x", "[0, 2]"), "kink", 0),
    "a kink, outside of them": Case(("sharp", "-x", "[0, 2]"), "fail", 1),
    "wrong": Case(("bad", "-x", "[1.5, -2]"), "fail", 1),
    "wrong, and declared so": Case(("bad", "-x", "[1.5, -2]", "--exception", "straight-through"), "fail", 0),
    "of the wrong shape": Case(("shape", "-x", "[1.5, -2]"), "fail", 1),
    "missing": Case(("missing", "--shapes", "x=3", "w=3"), "fail", 1),
    "not a number": Case(("nan", "-x", "[1.5, -2]"), "fail", 1),
    "writes into its input": Case(("writes", "-x", "[1.5, -2]"), "fail", 1),
    "not deterministic": Case(("dice", "-x", "[1.5, -2]"), "fail", 1),
    "the backward raises": Case(("broken", "--shapes", "x=3"), "fail", 1),
    "the backward hangs": Case(("slow", "--shapes", "x=3", "--timeout", "1"), "fail", 1),
    "an infinite slope": Case(("steep", "-x", "[0, 2]"), "nonfinite", 2),
    "a value that is not finite": Case(("log", "-x", "[-1, 2]"), "nonfinite", 2),
    "the forward raises": Case(("raises", "-x", "[1, 2]"), "", 2),
    "the forward hangs": Case(("hangs", "-x", "[1, 2]", "--timeout", "1"), "", 2),
    "no such function": Case(("god", "-x", "[1, 2]"), "", 2),
    "no such argument": Case(("good", "-y", "[1, 2]"), "", 2),
    "nothing tested": Case(("flat", "-x", "[1, 2]"), "vacuous", 3),
    "noise": Case(("rough", "-x", "[1, 2]"), "noise", 3),
}


def verdict(run: Run, *args: str) -> tuple[str, int]:
    """The verdict in JSON, and the exit code; the table exits with the same."""
    ran = run("check", *args, "--format", "json")
    record = json.loads(ran.out)
    assert run("check", *args).code == ran.code
    return record.get("verdict", ""), ran.code


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions(run: Run, name: str) -> None:
    """0 agreed, 1 disagreed, 2 can't be answered, 3 undecided."""
    case = EXPRESSIONS[name]
    assert verdict(run, *case.args) == (case.verdict, case.code)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_eval_exits_alike(run: Run, name: str) -> None:
    """eval checks what check checks."""
    case = EXPRESSIONS[name]
    assert run("eval", *case.args).code == case.code


@pytest.mark.parametrize("name", PYTHON)
def test_python(run: Run, name: str, tmp_path: Path) -> None:
    """The same for code."""
    (tmp_path / "hw.py").write_text(CODE, encoding="utf-8")
    case = PYTHON[name]
    assert verdict(run, f"{tmp_path / 'hw.py'}:{case.args[0]}", *case.args[1:]) == (case.verdict, case.code)


def test_no_verdict_is_left_out() -> None:
    """Every verdict that a check can come to stands in a table, with its exit code."""
    cases = (*EXPRESSIONS.values(), *PYTHON.values())
    seen = {case.verdict: case.code for case in cases if case.verdict and "--exception" not in case.args}
    known = {str(v): code for v, code in EXIT.items() if v != "unchecked"}
    assert seen == known


@pytest.mark.parametrize(("said", "code"), [("fail", 1), ("warn", 0)])
def test_undecided_is_what_one_says(run: Run, said: str, code: int, tmp_path: Path) -> None:
    """`--undecided` turns 3, and nothing else, into a failure or into none."""
    (tmp_path / "hw.py").write_text(CODE, encoding="utf-8")
    for args in (("floor(x)", "-x", "2"), (f"{tmp_path / 'hw.py'}:flat", "-x", "[1, 2]")):
        assert run("check", *args, "--undecided", said).code == code
    assert run("check", "sqrt(x)", "-x", "0", "--undecided", said).code == 2
    assert run("check", "h(t) = t^2 with dt = 3*t; h(x)", "-x", "2", "--undecided", said).code == 1
