"""gradcalc gates: the list, and one gate."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gradcalc import GATES
from gradcalc.errors import width
from gradcalc_cli.worked import opened, worked

Run = Callable[..., Any]


def test_the_list_has_every_gate(run: Run) -> None:
    """One line each, by family."""
    shown = run("gates").out
    assert all(f"\n   {name} " in shown or f"\n   {name}\n" in shown for name in GATES)
    assert f" {len(GATES)} gates" in shown
    assert max(map(width, shown.splitlines())) <= 80


def test_the_list_as_json(run: Run) -> None:
    """Schema gradcalc.gates/1."""
    record = json.loads(run("gates", "--format", "json").out)
    assert record["schema"] == "gradcalc.gates/1"
    assert {gate["name"] for gate in record["gates"]} == set(GATES)


PICTURE = """\
                      ┌─────┐
  x ─────────────────▶│     │
    ◀ dL/dz × dz/dx ──│  *  │─────────▶ z
  y ─────────────────▶│     │◀───────── dL/dz
    ◀ dL/dz × dz/dy ──│     │
                      └─────┘
"""


def test_one_gate(run: Run) -> None:
    """The local picture, the pattern in a sentence, a worked step and its check."""
    shown = run("gates", "mul").out
    assert PICTURE in shown
    assert " switcher      gives each input the upstream gradient times the other input\n" in shown
    assert '   gradcalc eval "mul(x, y)" -x 3 -y -4\n' in shown
    assert "3 of 3 agree with the numeric check" in shown


@pytest.mark.parametrize("spelling", ["mul", "multiply", "*", "asin", "^", "**"])
def test_any_spelling_finds_a_gate(run: Run, spelling: str) -> None:
    """Names of frameworks and operators, too."""
    assert run("gates", spelling).code == 0


@pytest.mark.parametrize("name", sorted(GATES))
def test_every_gate_can_be_shown(run: Run, name: str) -> None:
    """Every page fits 80 columns and ends without an error."""
    ran = run("gates", name)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f" {name} ")
    facts = ran.out.partition("one worked step")[0]
    assert max(map(width, facts.splitlines())) <= 80


@pytest.mark.parametrize("name", sorted(name for name, gate in GATES.items() if gate.local))
def test_every_elementwise_gate_has_a_worked_step(name: str) -> None:
    """Its first example, checked."""
    if name in ("gamma", "lgamma", "digamma", "polygamma"):
        pytest.importorskip("scipy")
    found = worked(GATES[name])
    assert found is not None
    assert found.report.check.verdict in ("pass", "kink", "jump")


def test_examples_are_opened() -> None:
    """Arguments become variables, keyword parameters stay."""
    assert opened(GATES["mul"], "mul(3, -4)") == ("mul(x, y)", {"x": "3", "y": "-4"})
    text, inputs = opened(GATES["sum"], "sum([[1, 2], [3, 4]], axis=0)")
    assert (text, inputs) == ("sum(x, axis=0)", {"x": "[[1, 2], [3, 4]]"})
    assert opened(GATES["where"], "where([1, 0], [1, 2], 3)")[0] == "where([1, 0], a, b)"


def test_families_and_makers(run: Run) -> None:
    """A family is a shorter list; what makes constants is told apart."""
    assert "relu" not in run("gates", "arithmetic").out
    assert "randn" in run("gates", "randn").out


@pytest.mark.parametrize("name", ["", "mul", "batchnorm", "scaled_dot_product_attention", "where", "norm"])
@pytest.mark.parametrize("columns", [40, 50, 66, 72])
def test_slim_terminals(run: Run, name: str, columns: int) -> None:
    """Everything fits but the command to paste."""
    shown = run("gates", *([name] if name else []), "--width", str(columns)).out.splitlines()
    assert all(width(line) <= columns for line in shown if not line.startswith("   gradcalc eval "))
    assert any("dL/dz" in line for line in shown) or name not in ("mul", "where", "norm")
