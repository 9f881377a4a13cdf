"""gradcalc eval --rows and --inputs: what is written, where, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcalc_cli.progress import progress

TABLE = 'id,x,y,z\na,-2,5,-4\n"b,c",1,2,3\n'
BAD = "x,y\n1,2\n-1,2\nq,2\n1000,1\n4\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two tables, as the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.csv").write_text(TABLE)
    (tmp_path / "bad.csv").write_text(BAD)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_csv(run: Callable[..., Any]) -> None:
    """The table's own columns as written, then value, gradients and verdict."""
    assert run("eval", "(x+y)*z", "--rows", "good.csv") == (
        0,
        "id,x,y,z,value,dx,dy,dz,verdict\n"
        "a,-2,5,-4,-12.0,-4.0,-4.0,3.0,pass\n"
        '"b,c",1,2,3,9.0,3.0,3.0,3.0,pass\n',
        "",
    )


def test_standard_input_and_tsv(run: Callable[..., Any]) -> None:
    """--rows - reads it; another separator is written as that format quotes it."""
    code, out, _ = run("eval", "(x+y)*z", "--rows", "-", "--format", "tsv", "--wrt", "z", stdin=TABLE)
    assert code == 0
    assert out.splitlines()[2] == "b,c\t1\t2\t3\t9.0\t3.0\tpass"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_json_lines(run: Callable[..., Any], kind: str) -> None:
    """One strict object a line; a bad row's answers are null."""
    code, out, err = run("eval", "log(x) + exp(x)*y", "--rows", "bad.csv", "--format", kind)
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 2
    assert [row["verdict"] for row in rows] == ["pass", "domain", "unreadable", "overflow", "unreadable"]
    assert list(rows[0]) == ["x", "y", "value", "dx", "dy", "verdict"]
    assert rows[1] == {"x": -1, "y": 2, "value": None, "dx": None, "dy": None, "verdict": "domain"}
    assert rows[2]["x"] == "q"
    assert rows[4]["y"] is None
    assert err.splitlines() == [
        "bad.csv: 1 of 5 rows: domain; first in line 3: log(x) is not defined here: log needs "
        "x > 0, and x = -1",
        "bad.csv: 1 of 5 rows: overflow; first in line 5: exp(x) overflows: exp at x = 1000 is beyond "
        "the largest number, 1.8e308",
        "bad.csv: 2 of 5 rows: unreadable; first in line 4: column x: q is not a number",
    ]


@pytest.mark.usefixtures("folder")
def test_bad_rows_keep_their_columns(run: Callable[..., Any]) -> None:
    """Every row of the result has as many cells as its head."""
    code, out, _ = run("eval", "log(x) + exp(x)*y", "--rows", "bad.csv")
    rows = list(csv.reader(io.StringIO(out)))
    assert code == 2
    assert {len(row) for row in rows} == {6}
    assert rows[2] == ["-1", "2", "", "", "", "domain"]
    assert rows[5] == ["4", "", "", "", "", "unreadable"]


def test_non_finite_gradients_are_shown(run: Callable[..., Any]) -> None:
    """A finite value with an infinite slope: both, and exit code 2."""
    assert run("eval", "sqrt(x)", "--rows", "-", stdin="x\n0\n")[:2] == (
        2,
        "x,value,dx,verdict\n0,0.0,inf,nonfinite\n",
    )
    _, out, _ = run("eval", "sqrt(x)", "--rows", "-", "--format", "json", stdin="x\n0\n")
    assert json.loads(out) == {"x": 0.0, "value": 0.0, "dx": "Infinity", "verdict": "nonfinite"}


def test_output_is_whole_or_not_there(run: Callable[..., Any], folder: Path) -> None:
    """A file by its ending; an error before the first row leaves nothing; the table may be replaced."""
    assert run("eval", "x*y", "--rows", "bad.csv", "--output", "out.jsonl")[0] == 2
    assert len((folder / "out.jsonl").read_text().splitlines()) == 5
    assert run("eval", "x*w", "--rows", "good.csv", "--output", "none.csv")[0] == 2
    assert run("eval", "x*z", "--rows", "good.csv", "--output", "good.csv") == (0, "", "wrote good.csv\n")
    assert (folder / "good.csv").read_text().startswith("id,x,y,z,value,dx,dz,verdict\n")
    assert sorted(p.name for p in folder.iterdir()) == ["bad.csv", "good.csv", "out.jsonl"]


REFUSED = [
    (("--rows", "good.csv", "-z", "2"), "error: z is given twice: -z, and as a column of good.csv"),
    (("--rows", "gut.csv"), "error: there is no file gut.csv"),
    (("--rows", "good.csv", "--tree"), "error: --tree does not go with --rows"),
    (("--rows", "good.csv", "--get", "dx"), "error: --get does not go with --rows"),
    (("--rows", "good.csv", "--format", "latex"), "error: --rows writes csv, tsv or json, not latex"),
    (("--rows", "good.csv", "--output", "a.npz"), "error: --output can't tell what to write into a.npz"),
    (("--rows", "bad.csv"), "error: z has no value"),
    (("--rows", "good.csv", "--wrt", "q"), "error: --wrt: q is not an input that can be differentiated"),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("args", "first"), REFUSED, ids=lambda v: " ".join(v)[:40])
def test_refused(run: Callable[..., Any], args: tuple[str, ...], first: str) -> None:
    """Exit code 2, one line that says what, and nothing on standard output."""
    code, out, err = run("eval", "(x+y)*z", *args)
    assert (code, out, err.splitlines()[0]) == (2, "", first)


def test_standard_input_serves_once(run: Callable[..., Any]) -> None:
    """It can't be the expression and the rows, nor an input and the rows."""
    assert "can't be both" in run("eval", "-", "--rows", "-", stdin="x*2")[2]
    assert run("eval", "x*y", "-y", "@-", "--rows", "-", stdin="x\n1\n")[0] == 2
    assert "nothing on standard input" in run("eval", "-", "-x", "@-", stdin="x*2")[2]


def test_inputs_from_standard_input(run: Callable[..., Any]) -> None:
    """Two columns of one table."""
    args = ("eval", "sum(a*b)", "-a", "@-:a", "--load", "b=-:b", "--get", "da", "--get", "db")
    assert run(*args, stdin="a,b\n1,2\n3,4\n") == (0, "[2.0, 4.0]\n[1.0, 3.0]\n", "")


def test_inputs_file(run: Callable[..., Any], folder: Path) -> None:
    """Many inputs at once; -name overrides; check reads it too."""
    (folder / "in.toml").write_text('x = -2\ny = 5\nz = "-8/2"\nunused = 1\n')
    assert run("eval", "(x+y)*z", "--inputs", "in.toml", "--get", "dz", "--get", "dx") == (0, "3\n-4\n", "")
    assert run("eval", "(x+y)*z", "--inputs", "in.toml", "-y", "6", "--get", "dz") == (0, "4\n", "")
    assert run("check", "(x+y)*z", "--inputs", "in.toml", "-dx", "-4")[0] == 0
    assert run("eval", "(x+y)*z", "--inputs", "in.toml", "--rows", "good.csv")[0] == 0


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_the_reader_may_go_away(start: Callable[..., subprocess.Popen[bytes]], folder: Path) -> None:
    """`| head` ends it quietly, exit code 141."""
    (folder / "long.csv").write_text("x\n" + "1.5\n" * 200_000)
    process = start("eval", "x*x", "--rows", "long.csv")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.stdout.readline() == b"x,value,dx,verdict\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 141


def test_progress_fits_its_line() -> None:
    """A bar where the end is known."""
    assert progress(50, 100, 1000, 2.0, 80).startswith("[" + "#" * 20 + "." * 20 + "]  50% 1,000 rows, 500 a")
    assert progress(50, None, 1000, 2.0, 80) == "1,000 rows, 500 a second"
    assert all(len(progress(1, 3, 10**9, 1.0, width)) < width for width in (10, 40, 60, 200))


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_bar_on_a_terminal_only(folder: Path) -> None:
    """Drawn on standard error while rows go elsewhere, and taken away at the end."""
    import pty

    (folder / "long.csv").write_text("x\n" + "1.5\n" * 300_000)
    main, side = pty.openpty()
    args = ("-m", "gradcalc", "eval", "sin(x)*x", "--rows", "long.csv", "--output", "out.csv")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, *args], stderr=side, stdout=pipe, env=env) as process:
        os.close(side)
        seen = b""
        while True:
            try:
                data = os.read(main, 4096)
            except OSError:
                break
            if not data:
                break
            seen += data
    os.close(main)
    assert process.returncode == 0
    assert b"\r[" in seen
    assert seen.endswith(b"\rwrote out.csv\r\n")
