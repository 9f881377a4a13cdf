"""csv, tsv, markdown, latex, --get and --output."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

LECTURE = ("eval", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4")
COLUMNS = "id,label,name,text,gate,shape,value,upstream,numeric,error,verdict"
Run = Callable[..., Any]


@pytest.mark.parametrize(("kind", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_delimited(run: Run, kind: str, delimiter: str) -> None:
    """One row a node, with a header, every digit and quoting as spreadsheets read it."""
    ran = run("eval", "q = max(x, y); q/3", "-x", "0.1", "-y", "-2", "--format", kind)
    rows = list(csv.reader(io.StringIO(ran.out), delimiter=delimiter))
    assert ",".join(rows[0]) == COLUMNS
    assert [row[1] for row in rows[1:]] == ["x", "y", "q", "f"]
    assert rows[3][3] == "max(x, y)"
    assert float(rows[4][6]) == 0.1 / 3
    assert {len(row) for row in rows} == {11}


def test_arrays_in_csv_are_json(run: Run) -> None:
    """An array is one cell."""
    rows = list(
        csv.DictReader(io.StringIO(run("eval", "sum(x)", "-x", "[[1,2],[3,4]]", "--format", "csv").out))
    )
    assert json.loads(rows[0]["value"]) == [[1.0, 2.0], [3.0, 4.0]]
    assert rows[0]["shape"] == "2x2"


def test_markdown(run: Run) -> None:
    """A table that GitHub shows: as many cells in each row, and nothing in a formula is markup."""
    ran = run("eval", "x*|y|", "-x", "3", "-y", "-4", "--format", "markdown")
    lines = [line for line in ran.out.splitlines() if line.startswith("|")]
    assert lines[0] == "| node | forward | into | upstream × local gradient | gradient | numeric | check |"
    assert {line.replace("\\|", "").count("|") for line in lines} == {8}
    assert "**`x*|y|` = 12**" in ran.out
    assert "`dx` = 4, `dy` = -3" in ran.out


def test_latex(run: Run) -> None:
    """A tabular without packages: every special sign is escaped, every row has its cells."""
    ran = run("eval", "x_1^2 * σ % 5", "-x_1", "3", "-σ", "-4", "--format", "latex")
    body = [line for line in ran.out.splitlines() if line.endswith(r"\\")]
    assert {line.replace(r"\&", "").count("&") for line in body} == {6}
    assert r"x\_1" in ran.out
    assert r"$-$4" in ran.out
    assert r"$\sigma$" in ran.out
    text = "\n".join(line for line in ran.out.splitlines() if not line.startswith("%"))
    assert text.count("{") == text.count("}")
    assert not any(f" {c}" in text.replace("\\" + c, "") for c in "%_#")
    assert text.count("$") % 2 == 0


def test_get_is_for_shells(run: Run) -> None:
    """Bare values in the order in which they were asked for."""
    ran = run(*LECTURE, "--get", "dx", "--get", "f", "--get", "q", "--get", "dq", "--get", "output")
    assert ran == (0, "-4\n-12\n3\n-4\n-12\n", "")


def test_get_keeps_every_digit(run: Run) -> None:
    """What is printed reads back as the same number, unless fewer digits are asked for."""
    args = ("eval", "x/3", "-x", "1", "--get", "f")
    assert float(run(*args).out) == 1 / 3
    assert run(*args, "--precision", "3").out == "0.333\n"


def test_get_an_array(run: Run) -> None:
    """Arrays are nested lists."""
    ran = run("eval", "sum((W@x)^2)", "-W", "[[0.1,0.5],[-0.3,0.8]]", "-x", "[0.2,0.4]", "--get", "dW")
    assert np.allclose(json.loads(ran.out), [[0.088, 0.176], [0.104, 0.208]])
    assert ran.out.count("\n") == 1


def test_a_variable_wins(run: Run) -> None:
    """A variable that is really called dx is what dx means."""
    assert run("eval", "dx*x", "-dx", "5", "-x", "2", "--get", "dx").out == "5\n"


@pytest.mark.parametrize(("name", "begins"), [
    ("r.json", b'{"schema": "gradcalc.eval/1"'), ("r.csv", b"id,label,"), ("r.tsv", b"id\tlabel\t"),
    ("r.md", b"**`(x+y)*z` = -12**"), ("r.tex", b"% (x+y)*z = -12\n\\begin{tabular}"), ("R.NPZ", b"PK"),
])  # fmt: skip
def test_output_is_a_file_by_its_ending(run: Run, tmp_path: Path, name: str, begins: bytes) -> None:
    """The table is still shown, and the file is named on stderr."""
    path = tmp_path / name
    ran = run(*LECTURE, "--output", str(path))
    assert path.read_bytes().startswith(begins)
    assert ran == (0, run(*LECTURE).out, f"wrote {path}\n")


def test_npz_holds_every_node(run: Run, tmp_path: Path) -> None:
    """Values under labels, gradients under d and the label."""
    path = tmp_path / "all.npz"
    run(*LECTURE, "--output", str(path))
    with np.load(path) as arrays:
        found = {name: float(arrays[name]) for name in arrays}
    assert found == {
        "x": -2, "y": 5, "z": -4, "q": 3, "f": -12, "output": -12, "dx": -4, "dy": -4, "dz": 3,
        "dq": -4, "df": 1,
    }  # fmt: skip


def test_npz_takes_any_name(run: Run, tmp_path: Path) -> None:
    """Also one that numpy's own writer uses for itself."""
    path = tmp_path / "all.npz"
    run("eval", "file*2", "-file", "3", "--output", str(path))
    with np.load(path) as arrays:
        assert float(arrays["dfile"]) == 2


def test_a_pipe_never_changes_the_format(run: Run) -> None:
    """The table stays a table."""
    assert "│ into" in run(*LECTURE).out
