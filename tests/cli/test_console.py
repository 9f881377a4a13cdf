"""One place decides colour, width and signs; no encoding ever fails."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from gradcalc.errors import GradcalcError
from gradcalc_cli.console import Console, columns, spell, wants_color
from gradcalc_cli.views.error import error_lines
from gradcalc_cli.views.styled import ASCII, UNICODE, Glyphs, width

Process = Callable[..., subprocess.CompletedProcess[bytes]]
GREEK = ("eval", "σ*x² + √θ", "-σ", "2", "-x", "1", "-θ", "3")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


COLOR: list[tuple[str, dict[str, str], bool, bool]] = [
    ("auto", {}, True, True),
    ("auto", {}, False, False),
    ("auto", {"TERM": "dumb"}, True, False),
    ("auto", {"NO_COLOR": "1"}, True, False),
    ("auto", {"NO_COLOR": ""}, True, True),
    ("auto", {"FORCE_COLOR": "1"}, False, True),
    ("auto", {"FORCE_COLOR": "0"}, False, False),
    ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
    ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
    ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
    ("never", {"FORCE_COLOR": "1"}, True, False),
]


@pytest.mark.parametrize(("choice", "env", "terminal", "expected"), COLOR)
def test_colour(choice: str, env: dict[str, str], terminal: bool, expected: bool) -> None:
    """--color, then NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then the terminal."""
    assert wants_color(Terminal() if terminal else io.StringIO(), choice, env) is expected


def test_width() -> None:
    """COLUMNS, if it is a number; 80 where there is no terminal."""
    assert columns(io.StringIO(), {"COLUMNS": "120"}) == 120
    assert columns(io.StringIO(), {"COLUMNS": "wide"}) == 80
    assert columns(io.StringIO(), {"COLUMNS": "1"}) == 40
    assert columns(None, {}) == 80
    assert columns(io.StringIO(), {"COLUMNS": "0"}) == 80
    assert Console(io.StringIO(), width=100, env={"COLUMNS": "120"}).width == 100


def test_a_terminal_that_does_not_know_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """0 columns are as good as none said."""
    monkeypatch.setattr("os.get_terminal_size", lambda fd: os.terminal_size((0, 0)))
    with open(os.devnull) as stream:
        assert columns(stream, {}) == 80


POINTED = [
    ("σ(x)+y*(@+1)", "@"),
    ("∂*x+zz", "∂"),
    ("x+√θ+@", "@"),
    ("漢字*x + zz)", ")"),
    ("+".join(["σ(x)"] * 60) + "+@+" + "+".join(["σ(x)"] * 60), "@"),
]


@pytest.mark.parametrize(("text", "wrong"), POINTED)
@pytest.mark.parametrize("glyphs", [ASCII, ASCII._replace(encoding="cp1252"), UNICODE])
def test_the_caret_stands_below_what_is_meant(text: str, wrong: str, glyphs: Glyphs) -> None:
    """Whatever letters take on this terminal: σ is \\sigma in ASCII, a wide character takes two columns."""
    at = text.index(wrong)
    error = GradcalcError("no", span=(at, at + 1), source=text)
    _, line, mark = ("".join(part for part, _ in line) for line in error_lines(error, None, glyphs))
    before = next(k for k in range(len(line)) if width(line[:k]) == len(mark) - len(mark.lstrip()))
    assert line[before:].startswith(glyphs.text(wrong))
    assert len(mark.strip()) == width(glyphs.text(wrong))


def test_colour_is_never_alone(run: Callable[..., Any]) -> None:
    """The same text stands there without it."""
    args = ("eval", "relu(x)-relu(-x)", "-x", "0")
    colored = run(*args, "--color", "always").out
    plain = run(*args).out
    assert "\x1b[32m" in colored
    assert "\x1b[1;31mFAIL" in colored
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


@pytest.mark.parametrize("encoding", ["cp949", "cp1252", "ascii", "latin-1", "cp437"])
@pytest.mark.parametrize("args", [
    GREEK, (*GREEK, "--tree"), (*GREEK, "--format", "markdown"), (*GREEK, "--format", "latex"),
    (*GREEK, "--format", "csv"), ("gates", "relu"), ("gates",), ("eval", "∂∂+", "-x", "2"),
    ("check", "σ^2", "-σ", "3", "-dσ", "6"),
], ids=str)  # fmt: skip
def test_no_encoding_fails(process: Process, encoding: str, args: tuple[str, ...]) -> None:
    """Every view and every error can be written in every encoding."""
    ran = process(*args, PYTHONIOENCODING=encoding, PYTHONUTF8="1")
    assert ran.returncode in (0, 2), ran.stderr
    assert b"Traceback" not in ran.stderr
    assert (ran.stdout + ran.stderr).decode(encoding)


def test_ascii_where_nothing_else_can_be_shown(process: Process) -> None:
    """Signs are drawn in ASCII, Greek letters are spelt, and columns still line up."""
    ran = process(*GREEK, PYTHONIOENCODING="ascii", PYTHONUTF8="1")
    lines = ran.stdout.decode("ascii").splitlines()
    assert lines[0].startswith(" f = \\sigma*x^2 + sqrt")
    assert len({line.find("|") for line in lines if " | " in line}) == 1


def test_two_names_stay_two_in_ascii(process: Process) -> None:
    """A letter is spelt as no name can be."""
    ran = process("eval", "α*alpha", "-α", "2", "-alpha", "3", PYTHONIOENCODING="ascii", PYTHONUTF8="1")
    assert b" d\\alpha = 3   dalpha = 2\n" in ran.stdout


def test_cp949_keeps_the_letters_that_it_has(process: Process) -> None:
    """A Korean console has Greek, and no box drawing is risked."""
    shown = process(*GREEK, PYTHONIOENCODING="cp949", PYTHONUTF8="1").stdout.decode("cp949")
    assert "dσ = 1" in shown
    assert "│" not in shown


def test_the_c_locale(process: Process) -> None:
    """Arguments are read as UTF-8 where the locale knows ASCII only."""
    ran = process("eval", "σ*x", "-σ", "2", "-x", "1", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert ran.returncode == 0
    assert b" f = \\sigma*x = 2" in ran.stdout


def test_a_pipe_is_plain_and_80_columns_wide(process: Process) -> None:
    """Nothing hangs on who reads."""
    shown = process("eval", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4", PYTHONUTF8="1").stdout.decode()
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_control_characters_do_not_reach_the_terminal(run: Callable[..., Any]) -> None:
    """A file can't send escape codes through an error message."""
    ran = run("eval", "x + \x1b[31m", "-x", "1")
    assert "\x1b" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("sign", "ascii_"),
    [
        ("σ", "\\sigma"),
        ("Σ", "\\Sigma"),
        ("ς", "\\u03c2"),
        ("ά", "\\u03ac"),
        ("×", "*"),
        ("²", "^2"),
        ("√", "sqrt"),
        ("ﬁ", "fi"),
        ("日", "\\u65e5"),
    ],
)
def test_signs_are_spelt(sign: str, ascii_: str) -> None:
    """What a person would type instead."""
    assert spell(sign) == ascii_
