"""gradcalc jacobian: the contract, the table, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcalc.errors import width
from gradcalc_cli.views.jacobian import memory

Run = Callable[..., Any]
WORDS = {"zero", "identity", "diagonal", "selection", "block", "sparse", "dense"}


def record(run: Run, *args: str) -> dict[str, Any]:
    """The answer as JSON, held against the contract."""
    ran = run("jacobian", *args, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    assert set(found) == {"schema", "output", "jacobians"}
    assert found["schema"] == "gradcalc.jacobian/1"
    assert set(found["output"]) == {"text", "shape"}
    for jacobian in found["jacobians"]:
        assert {"input", "shape", "structure", "nonzeros", "dense_bytes"} <= set(jacobian)
        assert jacobian["structure"] in WORDS
        m, n = jacobian["shape"]
        assert 0 <= jacobian["nonzeros"] <= m * n
        assert jacobian["dense_bytes"] == 8 * m * n
        if "entries" in jacobian:
            assert np.shape(jacobian["entries"]) == (m, n)
    return found


def test_the_contract(run: Run) -> None:
    """The object of the lecture, exactly."""
    assert record(run, "max(0, x)", "-x", "randn(4096)") == {
        "schema": "gradcalc.jacobian/1",
        "output": {"text": "max(0, x)", "shape": [4096]},
        "jacobians": [
            {
                "input": "x",
                "shape": [4096, 4096],
                "structure": "diagonal",
                "nonzeros": 4096,
                "dense_bytes": 134217728,
            }
        ],
    }


def test_a_minibatch(run: Run) -> None:
    """1.22 TiB that nobody forms."""
    (found,) = record(run, "max(0, x)", "-x", "randn(100,4096)")["jacobians"]
    assert found["shape"] == [409600, 409600]
    assert found["dense_bytes"] == 1342177280000
    assert "1.22 TiB" in run("jacobian", "max(0, x)", "-x", "randn(100,4096)").out


def test_entries(run: Run) -> None:
    """Small ones by themselves, large ones when asked; non-finite numbers as strings."""
    (found,) = record(run, "x^2", "-x", "[1,2]")["jacobians"]
    assert found["entries"] == [[2, 0], [0, 4]]
    assert "entries" not in record(run, "x^2", "-x", "ones(10)")["jacobians"][0]
    assert np.shape(record(run, "x^2", "-x", "ones(10)", "--dense")["jacobians"][0]["entries"]) == (10, 10)
    (found,) = record(run, "sqrt(x)", "-x", "[0,1]")["jacobians"]
    assert found["entries"] == [["Infinity", 0], [0, 0.5]]


def test_rows(run: Run) -> None:
    """One row by one backward pass."""
    (found,) = record(run, "x*x", "-x", "ones(3,4)", "--row", "1,2", "--row", "0")["jacobians"]
    assert [(row["row"], row["index"], sum(row["entries"])) for row in found["rows"]] == [
        (6, [1, 2], 2),
        (0, [0, 0], 2),
    ]
    assert "entries" not in found


LECTURE = """\
 f = max(0, x), shape (4096,)

 input │ Jacobian      │ structure │ nonzeros │ dense, in f64
──────────────────────────────────────────────────────────────
 x     │ 4,096 × 4,096 │ diagonal  │    4,096 │ 128 MiB

 diagonal: every output entry depends on the input entry at its own place and on
 no other, so everything off the diagonal is zero. The diagonal is all that is
 needed: the backward pass multiplies the upstream gradient by these slopes,
 entry by entry, and never forms the matrix: 4,096 numbers instead of 16,777,216
"""
MATRIX = """\
 df/dW
       W[0,0]  W[0,1]  W[1,0]  W[1,1]
 f[0]       5       6       0       0
 f[1]       0       0       5       6

 df/dx
       x[0]  x[1]
 f[0]     1     2
 f[1]     3     4
"""
NUMBERS = """\
 df/dx = 3
 df/dy = 3
 df/dz = 3
"""


def test_the_table(run: Run) -> None:
    """The lecture's answer and its reason."""
    assert run("jacobian", "max(0, x)", "-x", "randn(4096)").out == LECTURE


def test_matrices_in_the_table(run: Run) -> None:
    """Rows are entries of the output, columns entries of the input."""
    assert run("jacobian", "W@x", "-W", "[[1,2],[3,4]]", "-x", "[5,6]").out.endswith(MATRIX)
    assert run("jacobian", "(x+y)*z", "-x", "1", "-y", "2", "-z", "3").out.endswith(NUMBERS)


def test_rows_in_the_table(run: Run) -> None:
    """A row is told by what is not zero."""
    shown = run("jacobian", "max(0, x)*2", "-x", "ones(100,40)", "--row", "7").out
    assert shown.endswith(" df[0,7]/dx: 1 of 4,000 entries is not zero\n   x[0,7] = 2\n")
    shown = run("jacobian", "sum(x)", "-x", "ones(100)", "--row", "0").out
    assert "… 92 more (--format json)" in shown


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_large_matrix_is_cut(run: Run, columns: int) -> None:
    """It fits the width, and says what is missing."""
    args = ("softmax(x)", "-x", "[1e-5, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]")
    shown = run("jacobian", *args, "--dense", "--max-rows", "6", "--width", str(columns)).out
    assert max(map(width, shown.splitlines())) <= columns
    assert "… 10 more rows" in shown
    assert "more columns" in shown
    assert shown.count("\n f[") == 6


@pytest.mark.parametrize("columns", [40, 44, 50, 56])
def test_a_narrow_terminal_gets_sentences(run: Run, columns: int) -> None:
    """Where the table of Jacobians is too wide each is said in words."""
    args = ("softmax(W@x+b)", "-W", "randn(300,400)", "-x", "randn(400)", "-b", "randn(300)")
    shown = run("jacobian", *args, "--width", str(columns)).out
    assert max(map(width, shown.splitlines())) <= columns
    assert ("36,000,000 nonzeros" in shown) == (columns < 50)


def test_ascii_and_colour(run: Run) -> None:
    """Colour when asked for, on the structure and the entries."""
    painted = run("jacobian", "x*2", "-x", "[1,2]", "--color", "always").out
    assert "\x1b[31mdiagonal" in painted
    assert "\x1b" not in run("jacobian", "x*2", "-x", "[1,2]").out


def test_options_of_eval(run: Run, tmp_path: Path) -> None:
    """--of, --wrt, --load, --inputs, --seed, --precision."""
    args = ("q = x*y; f = sum(q)", "-x", "[1,2]", "-y", "[3,4]")
    found = record(run, *args, "--of", "q", "--wrt", "y")
    assert found["output"] == {"text": "x*y", "shape": [2]}
    assert [j["input"] for j in found["jacobians"]] == ["y"]
    file = tmp_path / "x.npy"
    np.save(file, np.array([0.123456, 2.0]))
    assert "0.24691" in run("jacobian", "x^2", "--load", f"x={file}", "--precision", "5").out
    np.savez(tmp_path / "all.npz", x=np.ones(2), y=np.ones(3))
    file = tmp_path / "all.npz"
    assert [j["shape"] for j in record(run, "sum(x)*y", "--inputs", str(file))["jacobians"]] == [
        [3, 2],
        [3, 3],
    ]
    one, two = (run("jacobian", "x^2", "-x", "randn(3)", "--seed", s).out for s in "12")
    assert one != two


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("x*2", "-x", "[1,2]", "--row", "2"), "--row 2: the output has 2 entries"),
        (("x*2", "-x", "1", "--row", "1"), "--row 1: the output has one entry"),
        (("x*2", "-x", "[1,2]", "--row", "a"), "--row takes the number of an output entry"),
        (("x*2", "-x", "ones(9)", "--dense", "--max-elements", "50"), "81 entries"),
        (("x*2", "-x", "[1,2]", "--wrt", "z"), "--wrt: there is no node z"),
        (("x*2", "-x", "[1,2]", "--of", "z"), "--of: there is no node z"),
        (("x*2", "-x", "[1,2]", "--format", "csv"), "--format takes table or json, not csv"),
        (("x*y", "-x", "[1,2]"), "y has no value"),
        (("x+y", "-x", "[1,2]", "-y", "[1,2,3]"), "shape"),
        ((), "there is no expression"),
    ],
)
def test_refusals(run: Run, args: tuple[str, ...], said: str) -> None:
    """Exit code 2, the message on stderr; with --format json the error on stdout, too."""
    ran = run("jacobian", *args)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    if args and "--format" not in args:
        ran = run("jacobian", *args, "--format", "json")
        assert ran.code == 2
        assert said in json.loads(ran.out)["error"]["message"]


def test_nothing_to_differentiate(run: Run) -> None:
    """Said, not left blank."""
    assert "there is no input to differentiate" in run("jacobian", "1+1").out
    assert record(run, "1+1")["jacobians"] == []


def test_memory() -> None:
    """Three digits, binary units."""
    sizes = (0, 8, 1023, 1024, 8 * 1000 * 1024, 8 * 409600**2, 10**30)
    assert [memory(n) for n in sizes] == [
        "0 bytes", "8 bytes", "1023 bytes", "1 KiB", "7.81 MiB", "1.22 TiB", "827181 YiB",
    ]  # fmt: skip
