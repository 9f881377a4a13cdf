"""gradcalc explain: the sentences as they are printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
LECTURE = ("explain", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4")
TEXT = """\
 Forward: from the inputs to f.
     x = -2, y = 5, z = -4.
     q = x+y = 3
     f = q*z = -12

 Backward: each gate multiplies what arrives by its own slope, and sends that
 to its input. It starts with df/df = 1.
  1. f = q*z is the mul gate, a switcher: it gives each input the upstream
     gradient times the other input.
     df = 1 arrives.
     - to q: df/dq = z = -4, so 1 × (-4) = -4.
     - to z: df/dz = q = 3, so 1 × 3 = 3.
  2. q = x+y is the add gate, a distributor: it passes the upstream gradient on
     to every input, unchanged but for sign.
     dq = -4 arrives.
     - to x: dq/dx = 1, so -4 × 1 = -4.
     - to y: dq/dy = 1, so -4 × 1 = -4.
"""


def test_the_lecture(run: Run) -> None:
    """As one would say it at the board."""
    ran = run(*LECTURE)
    assert (ran.code, ran.out, ran.err) == (0, TEXT, "")


def test_markdown_and_latex(run: Run) -> None:
    """The same sentences, marked up."""
    shown = run(*LECTURE, "--format", "markdown").out
    assert "1. `f = q*z` is the mul gate, a switcher: it gives each input" in shown
    assert "   - to `q`: `df/dq = z =` -4, so 1 × (-4) = -4.\n" in shown
    shown = run(*LECTURE, "--format", "latex").out
    assert r"\item \texttt{f = q*z} is the mul gate, a switcher" in shown
    assert r"\item to \texttt{q}: \texttt{df/dq = z =} $-4$, so 1 $\times$ ($-4$) = $-4$." in shown


def test_json(run: Run) -> None:
    """Each stage with what it sends."""
    record = json.loads(run(*LECTURE, "--format", "json").out)
    assert record["schema"] == "gradcalc.explain/1"
    assert record["gradients"] == {"x": -4.0, "y": -4.0, "z": 3.0}
    first, second = record["backward"]
    assert first["shares"][0] == {
        "to": "q", "formula": "z", "local": -4.0, "product": -4.0, "summed": False, "shapes": {},
    }  # fmt: skip
    assert (second["node"], second["upstream"], second["pattern"]) == ("q", -4.0, "distributor")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_it_fits(run: Run, width: int) -> None:
    """No line is wider than the terminal."""
    ran = run("explain", "sum(relu(X@W))/3 + sum(X)", "-X", "[[1,2],[3,4]]", "-W", "[[1,-1],[0,2]]",
              "--width", str(width))  # fmt: skip
    assert max(map(len, ran.out.splitlines())) <= width


def test_of_and_upstream(run: Run) -> None:
    """Another output, another start."""
    ran = run("explain", "q = x+y; q*z", "-x", "1", "-y", "2", "-z", "3", "--of", "q", "--upstream", "5")
    assert "It starts with dq/dq = 5." in " ".join(ran.out.split())
    assert "to x: dq/dx = 1, so 5 × 1 = 5." in ran.out
    assert "to z" not in ran.out


def test_an_input_alone_and_a_parameter(run: Run) -> None:
    """Nothing to send back; nothing that can be sent."""
    assert run("explain", "x", "-x", "2").code == 0
    assert "i is a parameter and has no gradient." in run("explain", "x[i]", "-x", "[1,2]", "-i", "1").out
    ran = run("explain", "x*y", "-x", "2", "-y", "3", "--wrt", "w")
    assert (ran.code, ran.out) == (2, "")
    assert "--wrt: w is not an input" in ran.err or "there is no node w" in ran.err


def test_a_long_one_is_cut(run: Run) -> None:
    """With a word on what is left out."""
    ran = run("explain", "+".join(["x"] * 30), "-x", "1", "--max-rows", "5")
    assert " and 24 more gates (--max-rows 0 tells all of them)\n" in ran.out


def test_a_branch_that_is_not_taken_sends_nothing(run: Run) -> None:
    """0 times infinity is no product."""
    out = run("explain", "where(x > 0, sqrt(x), 1)", "-x", "0").out
    assert "- to x: dq2/dx = 1/(2*q2) = inf, not taken: 0." in out


def test_a_kink_is_told_of_the_circuits_own_nodes(run: Run) -> None:
    """Not of the gate's x and y."""
    out = " ".join(run("explain", "max(2*a, b)", "-a", "1", "-b", "2").out.split())
    assert "zero to the others; here q = b, where a tie gives half of the upstream gradient to each." in out
