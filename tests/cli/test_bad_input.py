"""Bad input of every kind: the exact message and caret, exit code 2, and nothing on standard output."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TABLE = Path(__file__).with_name("bad_input.txt")  # blocks of a command line and what it says on stderr


def cases() -> list[tuple[list[str], list[str]]]:
    """The blocks of the table: arguments, and the lines on stderr."""
    blocks = [block for block in TABLE.read_text(encoding="utf-8").split("\n\n") if block.startswith("$ ")]
    lines = [block.rstrip("\n").split("\n") for block in blocks]
    return [(shlex.split(first.removeprefix("$ gradcalc ")), rest) for first, *rest in lines]


ALL = cases()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files that can't be read, as the working directory."""
    (tmp_path / "folder.grad").mkdir()
    for name, data in FILE_CONTENTS.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    return tmp_path


FILE_CONTENTS = {
    "binary.grad": b"\x00\x01\x02",
    "latin.grad": b"x = 2\ny = \xff3\n",
    "utf16.grad": b"\xff\xfex\x00",
    "syntax.grad": b"x = 2\ny = x +* 3\n",
    "empty.grad": b"",
    "note.txt": b"x = 1; x*2",
    "bad.csv": b"a,b\n1,2\n3,x\n",
    "bad.json": b"{",
    "names.csv": b"a,b\n",
    "two.csv": b"x,y\n1,2\n",
    "text.npy": b"no array",
    "hw.py": b"import numpy as np\ndef good(x):\n    return np.sum(x**3), 3 * x**2\n",
}


def test_there_are_many_kinds() -> None:
    """Fewer than sixty would leave something out."""
    assert len({tuple(args) for args, _ in ALL}) >= 60


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("args", "lines"), ALL, ids=lambda v: " ".join(v)[:60])
def test_bad_input(run: Callable[..., Any], args: list[str], lines: list[str]) -> None:
    """The message, the caret and the hint are exactly these; the exit code is 2, and stdout is empty."""
    assert run(*args) == (2, "", "\n".join(lines) + "\n")


def takes_json(args: list[str]) -> bool:
    """Whether --format json can be added to this command line."""
    return args[0] == "eval" and len(args) > 1 and not any(a == "--" or a.startswith("--form") for a in args)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("args", "lines"), [case for case in ALL if takes_json(case[0])])
def test_bad_input_as_json(run: Callable[..., Any], args: list[str], lines: list[str]) -> None:
    """With --format json the same is said as an object on stdout."""
    ran = run(*args[:1], "--format", "json", *args[1:])
    record = json.loads(ran.out)
    assert ran.code == 2
    assert record["schema"] == "gradcalc.error/1"
    assert set(record["error"]) == {"kind", "message", "span", "hint"}
    assert lines[0] == f"error: {record['error']['message']}"
    assert ran.err.splitlines()[0] == lines[0]


def test_a_span_counts_characters_of_the_expression(run: Callable[..., Any]) -> None:
    """span is [start, end) in the text."""
    record = json.loads(run("eval", "1 + sn(x)", "-x", "1", "--format", "json").out)
    assert record["error"]["span"] == [4, 9]


def test_a_program_on_standard_input_names_its_line(run: Callable[..., Any]) -> None:
    """An error in a program says where."""
    ran = run("eval", "-", stdin="x = 2\ny = x +\n")
    assert (ran.code, ran.out) == (2, "")
    assert "  standard input:2\n  y = x +\n" in ran.err


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_do_anywhere(run: Callable[..., Any], end: str) -> None:
    """The caret stands in the line that is wrong, on whatever system the file was written."""
    ran = run("eval", "-", stdin=f"x = 2{end}y = x +* 3{end}y*2{end}".encode())
    assert ran.err.splitlines()[1:4] == ["  standard input:2", "  y = x +* 3", "         ^"]


def test_bytes_that_are_not_utf8_on_standard_input(run: Callable[..., Any]) -> None:
    """Standard input is UTF-8, too."""
    ran = run("eval", "-", stdin=b"x = \xff")
    assert ran.err.splitlines()[0] == "error: standard input is not UTF-8 text: line 1 has the byte 0xff"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(run: Callable[..., Any], folder: Path) -> None:
    """Permissions are said in words."""
    (folder / "secret.grad").write_text("1")
    (folder / "secret.grad").chmod(0)
    assert run("eval", "secret.grad").err == "error: secret.grad may not be read\n"
