"""The table: its face, its layouts, and that each row of it multiplies out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isclose
from typing import Any

import pytest

from gradcalc.errors import width
from gradcalc_cli.views.grid import UPSTREAM, Form, grid
from gradcalc_cli.views.styled import ASCII, UNICODE, fold

Run = Callable[..., Any]
LECTURE = ("eval", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4")
SIGMOID = (
    "eval", "1/(1+exp(-(w0*x0+w1*x1+w2)))", "-w0", "2", "-x0", "-1", "-w1", "-3", "-x1", "-2", "-w2", "-3",
)  # fmt: skip
FACE = """\
 f = (x+y)*z = -12                   forward: read down.  backward: read up.

  node     forward │ into  upstream × local gradient = gradient │ numeric
───────────────────┼────────────────────────────────────────────┼───────────
  x             -2 │ q           -4 × 1              =       -4 │      -4 ok
  y              5 │ q           -4 × 1              =       -4 │      -4 ok
  z             -4 │ f            1 × q = 3          =        3 │       3 ok
  q = x+y        3 │ f            1 × z = -4         =       -4 │      -4 ok
  f = q*z      -12 │                  start, df/df   =        1 │       1 ok

 dx = -4   dy = -4   dz = 3
 5 of 5 agree with the numeric check (complex step, worst error 0)
"""
FORK = """\
  x              3 │ q            3 × 1              =        3 │
                   │ f            1 × q = -1         =       -1 │
                   │                  sum of 2 uses  =        2 │       2 ok
"""
CIRCUITS = {
    "lecture": LECTURE,
    "sigmoid": SIGMOID,
    "fork": ("eval", "(x+y)*x", "-x", "3", "-y", "-4"),
    "add max mul": ("eval", "2*(x*y + max(z,w))", "-x", "3", "-y", "-4", "-z", "2", "-w", "-1"),
    "many": ("eval", "sin(x)*cos(y) + log(x)/y - tanh(x*y)^3", "-x", "1.3", "-y", "0.7"),
    "small": ("eval", "1e-9*x^2", "-x", "1e-4"),
    "large": ("eval", "x^3 + 1e7*x", "-x", "12345.678"),
    "kinks": ("eval", "relu(x)+abs(y)-relu(-x)", "-x", "0", "-y", "0"),
    "long names": (
        "eval",
        "max(first_input, second_input)*leaky_relu(third_input)",
        "-first_input",
        "1.25",
        "-second_input",
        "1.25",
        "-third_input",
        "-1234.5678",
    ),
}
ARRAYS = {
    "norm": ("eval", "sum((W@x)^2)", "-W", "[[0.1,0.5],[-0.3,0.8]]", "-x", "[0.2,0.4]"),
    "broadcast": ("eval", "X*b+1", "-X", "randn(3,4)", "-b", "[1,2,3,4]"),
    "large": ("eval", "sum(max(0, x))", "-x", "randn(64,64)"),
    "parameter": ("eval", "s[i]", "-s", "[1,2,3]", "-i", "1"),
    "softmax": ("eval", "-log(softmax(x)[1])", "-x", "[1,2,3]"),
    "upstream": ("eval", "sum((x*y) @ (x[0]+y[0]))", "-x", "randn(3,3)", "-y", "-randn(3,3)"),
    "ranges": ("eval", "tanh(var(exp(x), axis=1))", "-x", "randn(3,3)", "--upstream", "[-1.36,0.22,-1.11]"),
    "empty": ("eval", "sum(x)", "-x", "zeros(0)"),
    "not finite": ("eval", "sqrt(x^2)*3 + x", "-x", "0"),
    "deep": ("eval", "x = 0.3\n" + "x = tanh(x + 0.1)\n" * 20 + "x"),
    "digits": ("eval", "sum(x*y)", "-x", "randn(2,3)*1e-120", "-y", "1e-100", "--precision", "9"),
}
ROW = re.compile(
    r"(\S+) +× (?:(?P<formula>.*?) = )?(?P<local>[-+.0-9e]+|inf|nan) += +(?P<gradient>[-+.0-9e]+|inf|nan)"
)


def test_the_face(run: Run) -> None:
    """The lecture's circuit at 80 columns, sign by sign."""
    assert run(*LECTURE) == (0, FACE, "")


def test_a_fork_is_summed_in_sight(run: Run) -> None:
    """One line for each use, then their sum."""
    assert FORK in run("eval", "(x+y)*x", "-x", "3", "-y", "-4").out


@pytest.mark.parametrize("columns", [80, 120, 200])
@pytest.mark.parametrize("name", CIRCUITS)
def test_rows_multiply_out(run: Run, name: str, columns: int) -> None:
    """upstream × local gradient = gradient, in the numbers that are shown."""
    shown = run(*CIRCUITS[name], "--precision", "9", COLUMNS=str(columns)).out
    rows = [ROW.search(line) for line in shown.splitlines()]
    found = [row for row in rows if row]
    assert found or "into" in shown
    for row in found:
        assert isclose(float(row[1]) * float(row["local"]), float(row["gradient"]), rel_tol=1e-7), row[0]


@pytest.mark.parametrize("columns", [40, 50, 60, 72, 80, 100, 120, 160, 200])
@pytest.mark.parametrize("name", [*CIRCUITS, *ARRAYS])
def test_nothing_is_wider_than_the_terminal(run: Run, name: str, columns: int) -> None:
    """Lines fit, without blanks at their ends."""
    shown = run(*{**CIRCUITS, **ARRAYS}[name], "--tree", COLUMNS=str(columns)).out.splitlines()
    assert all(line == line.rstrip() for line in shown)
    assert max(map(width, shown)) <= columns


@pytest.mark.parametrize("name", [*CIRCUITS, *ARRAYS])
def test_columns_line_up(run: Run, name: str) -> None:
    """The bars of a table stand below each other."""
    shown = run(*{**CIRCUITS, **ARRAYS}[name], COLUMNS="120").out.splitlines()
    bars = {
        tuple(at for at, c in enumerate(line) if c in "│┼")[:1]
        for line in shown
        if "│" in line or "┼" in line
    }
    assert len(bars) <= 1


def test_numbers_stand_point_under_point(run: Run) -> None:
    """0.3679 and 1.368 and -1 line up."""
    lines = run(*SIGMOID).out.splitlines()
    points = {line[:22].find(".") for line in lines[4:17] if "." in line[:22]}
    assert len(points) == 1


def test_wide_terminals_see_more(run: Run) -> None:
    """At 120 columns also gate, pattern and error."""
    wide = run(*SIGMOID, COLUMNS="120").out
    assert all(word in wide for word in (" gate ", " pattern ", " error", "reciprocal", "distributor"))
    assert " pattern " not in run(*SIGMOID).out


def test_the_sigmoid_circuit_keeps_its_numeric_column_at_80(run: Run) -> None:
    """The widest circuit of the lecture fits with every number."""
    shown = run(*SIGMOID).out
    assert " f    1      × -1/q7^2 = -0.5344 =  -0.5344 │ -0.5344 ok" in shown
    assert shown.count(" ok\n") == 13


def test_small_arrays_are_whole_and_large_ones_in_brief(run: Run) -> None:
    """Shape and range stand for what does not fit a cell."""
    assert "[[ 0.1 0.5]" in run(*ARRAYS["norm"]).out
    assert "(64,64)  " in run(*ARRAYS["large"]).out


def test_an_array_output_says_its_upstream_gradient(run: Run) -> None:
    """All ones, unless somebody chose."""
    assert "its upstream gradient is all ones, shape (3,4)" in run(*ARRAYS["broadcast"]).out
    chosen = run("eval", "x*2", "-x", "[1,2]", "--upstream", "[1,0]").out
    assert "all ones" not in chosen
    assert "start, as given" in chosen


def test_a_parameter_is_named(run: Run) -> None:
    """What is never moved has no gradient."""
    shown = run(*ARRAYS["parameter"]).out
    assert "i is a parameter" in shown
    assert " di = " not in shown


def test_verdicts_that_are_not_pass_bring_their_evidence(run: Run) -> None:
    """A kink says both slopes."""
    ran = run("eval", "relu(x)", "-x", "0")
    assert ran.code == 0
    assert "kink\n" in ran.out
    assert "\n x: a kink: slope 0 on the left, 1 on the right; 0 lies between them\n" in ran.out


def test_a_long_table_is_cut_in_the_middle(run: Run) -> None:
    """The cut says how much is missing, and how to see it."""
    program = "; ".join(f"a{k} = x*{k + 2}" for k in range(50))
    shown = run("eval", program, "-x", "1", "--max-rows", "6").out
    assert "… 45 more nodes (--max-rows 0 or --format json shows them) …" in shown
    assert len(shown.splitlines()) < 20
    assert "more nodes" not in run("eval", program, "-x", "1", "--max-rows", "0").out


def test_summary_shows_inputs_and_output(run: Run) -> None:
    """--summary leaves the intermediate nodes out."""
    lines = run(*LECTURE, "--summary").out.splitlines()
    assert [line.split()[0] for line in lines[4:8]] == ["x", "y", "z", "f"]


def test_the_tree_stands_below(run: Run) -> None:
    """The circuit from the output down, a shared node once."""
    shown = run("eval", "q = x+y; q*q", "-x", "1", "-y", "2", "--tree").out
    assert shown.endswith(" f = q*q  9  ∂ 1\n └── q = x+y  3  ∂ 6\n     ├── x  1  ∂ 6\n     └── y  2  ∂ 6\n")


def test_a_constant_has_nothing_to_differentiate(run: Run) -> None:
    """2+3 is 5."""
    ran = run("eval", "2+3")
    assert ran.code == 0
    assert ran.out.startswith(" 2+3 = 5")
    assert "nothing to differentiate" in ran.out


def test_without_a_check_there_is_no_numeric_column(run: Run) -> None:
    """--no-check says so."""
    shown = run(*LECTURE, "--no-check").out
    assert "numeric" not in shown
    assert "not checked (--no-check)" in shown


def test_markup_is_text(run: Run) -> None:
    """What looks like markup in a formula is shown."""
    assert "[x]*y" in run("eval", "sum([x]*y)", "-x", "1", "-y", "2").out


def test_a_formula_is_bracketed_where_it_must_be(run: Run) -> None:
    """A row reads as a product."""
    shown = run("eval", "max(z,w)", "-z", "2", "-w", "-1", COLUMNS="120").out
    assert "1 × ((z>w)+(z==w)/2) = 1" in shown


def test_ascii_glyphs() -> None:
    """Both sets of glyphs draw the same columns."""
    assert all(isinstance(glyph, str) and glyph.isascii() for glyph in ASCII[:10])
    assert grid([], 80, UNICODE, Form()) is not None
    assert UPSTREAM == 5


@pytest.mark.parametrize(("more", "lines"), [((), 22), (("--max-rows", "0"), 51)])
def test_a_fork_with_many_uses_is_cut(run: Callable[..., Any], more: tuple[str, ...], lines: int) -> None:
    """Twenty uses and their sum; all of them where no row is left out."""
    out = run("eval", "+".join(["x*y"] * 50), "-x", "2", "-y", "3", "--width", "150", *more).out
    rows = out.splitlines()
    first = next(k for k, line in enumerate(rows) if line.startswith("  x "))
    last = next(k for k, line in enumerate(rows) if "sum of 50 uses" in line)
    assert last - first + 1 == lines
    assert (" 30 more uses" in out) is (more == ())


def test_a_note_is_told_once(run: Callable[..., Any]) -> None:
    """What the check says of itself stands in the table once, and in JSON."""
    args = ("eval", "+".join(["x*y"] * 3_000), "-x", "2", "-y", "3", "--max-rows", "6")
    assert run(*args).out.count("not checked one by one") == 1
    assert len(json.loads(run(*args, "--format", "json", "--summary").out)["notes"]) == 1


def test_a_summary_of_large_arrays_is_a_line_a_node(run: Run) -> None:
    """Where no table fits, an input takes one line and not seven, with value, gradient and verdict."""
    inputs = ("-W", "randn(30,20,2,2)", "-x", "randn(2,7)", "-b", "randn(30,20,2,7)")
    lines = run("eval", "sum((W@x+b)^2)", *inputs, "--summary", "--width", "66").out.splitlines()
    assert max(map(len, lines)) <= 66
    for name, shape in (("W", "(30,20,2,2)"), ("x", "(2,7)"), ("b", "(30,20,2,7)")):
        (line,) = (line for line in lines if line.startswith(f"  {name} "))
        assert line.count(shape) == 1
        assert line.count(" .. ") == 2
        assert line.endswith("  ok")


def test_what_a_branch_that_is_not_taken_sends_back(run: Run) -> None:
    """0 times an infinite slope is no product: it is said why nothing comes, and what a condition is."""
    out = run("eval", "where(x > 0, sqrt(x), 0)", "-x", "0").out
    assert " x                  0 │ q2        0 × inf, not taken   =        0 │" in out
    assert " q1 = x>0           0 │               no gradient      =        0 │       0 ok\n" in out
    assert "0 × inf, not taken" in run("eval", "where(x > 0, 3*sqrt(x), 0)", "-x", "0").out
    assert "0 × inf, stopped by 0" in run("eval", "0*sqrt(x)", "-x", "0").out
    arrays = run("eval", "sum(where(x > 0, sqrt(x), 0))", "-x", "[-1,0,4]").out
    assert "[0 0 1] × (1/(2*q2) = [nan inf 0.25], not taken) = [0 0 0.25]" in arrays


def test_long_formulas_are_folded_and_whole(run: Run) -> None:
    """A local gradient that is too long stands below its number, a node's equation on two lines."""
    out = run("eval", "max(x,y)", "-x", "1", "-y", "1").out
    assert " x                  1 │ f         1 × 0.5              =      0.5 │     0.5 kink\n" in out
    assert "                      │               = (x>y)+(x==y)/2            │\n" in out
    assert " f = maximum(       1 │               start, df/df     =      1   │     1   ok\n" in out
    assert "   x, y)              │                                           │\n" in out
    assert "(as shown, half, torch);\n   dx = 1, dy = 0 (first, numpy)" in out
    assert "…" not in out
    slim = run("eval", "sum((W@x)^2)", "-W", "[[1,2],[3,4]]", "-x", "[5,6]", "--width", "40").out
    assert "      into q2: [1 1] × (2*q1 = [34 78])\n        = [34 78]\n" in slim
    slim = run("eval", "log(s[1]*s[2])*gelu(s[0])", "-s", "[1.5,2,3]", "--width", "44").out
    assert "".join(slim.split()).count("(1+erf(q5/sqrt(2)))/2+q5*exp(-q5^2/2)/sqrt(2*pi)") == 1


@pytest.mark.parametrize("columns", [7, 10, 16, 30])
@pytest.mark.parametrize(
    "text",
    [
        "(1+erf(x/sqrt(2)))/2+x*exp(-x^2/2)/sqrt(2*pi)",
        "df where q1 holds, else 0",
        "x" * 40,
        "1e-05*x - 2e+30",
    ],
)
def test_folding_loses_nothing(text: str, columns: int) -> None:
    """Every sign is there, on lines that fit, and a number's exponent stays with it where it can."""
    lines = fold(text, columns, columns - 2)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line) <= columns for line in lines)
    if columns >= 10:
        assert not any(line.endswith("e") for line in lines if "e-05" in text)
