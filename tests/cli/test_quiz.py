"""gradcalc quiz: asked in a terminal or through a pipe, and printed for paper."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcalc.session import Question, answer

pty = pytest.importorskip("pty", reason="there are no pseudo-terminals on Windows")

Run = Callable[..., Any]
LECTURE = ("quiz", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4")
TALK = """\
 Exercise 1:  f = (x+y)*z   at x = -2, y = 5, z = -4
 write a number; ? gives a hint, s shows the answer and goes on, q ends

 Backward: the gradient of f with respect to each node, from df/df = 1.
 dq = ?
   the gate f = q*z gives each input the upstream gradient times the other input
 dq = 4
   wrong: dq = 4 may be what you get when the minus sign of the value of z is
     lost; or, which is the same here, when dq has the wrong sign
 dq = -4
   right
 dx = ?
   the gate q = x+y passes the upstream gradient on to every input, unchanged
     but for sign
 dx = ?
   dx = dq × 1
 dx = ?
   dx = dq × 1 = (-4) × 1
 dx = dx=-4.0
   right
 dy = s
   dy = dq × 1 = (-4) × 1 = -4
 dz = three
   no number can be read there: -0.53, 1/3 and 2e-3 are some
 dz = 3
   right
"""


def test_a_lesson_through_a_pipe(run: Run) -> None:
    """Hints in stages, a diagnosis, another try, and the score."""
    said = "?\n4\n-4\n?\n?\n?\ndx=-4.0\ns\nthree\n3\n"
    ran = run(*LECTURE, "--steps", "gradient", stdin=said)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(TALK)
    assert ran.out.endswith("\n\n 3 of 4 right, 1 at the first try without a hint\n")
    assert "f = q*z      -12 │                  start, df/df   =        1\n" in ran.out


def test_a_wrong_answer_left_standing_is_1(run: Run) -> None:
    """By q, and by the end of the input; but nothing said is nothing wrong."""
    assert run(*LECTURE, stdin="7\nq\n").code == 1
    assert run(*LECTURE, stdin="7\n").code == 1
    assert run(*LECTURE, stdin="7\ns\nq\n").code == 0
    assert run(*LECTURE, stdin="3\nquit\n").code == 0
    assert run(*LECTURE, stdin="").out.endswith(
        " q = x+y = \n\n 0 of 8 right, 0 at the first try without a hint\n"
    )


def test_one_answer_again_and_again(run: Run) -> None:
    """The third time the answer is shown, and what was wrong stays so; what was too coarse was not wrong."""
    ran = run("quiz", "x*y", "-x", "1.2", "-y", "3", "--steps", "gradient", stdin="1\n" * 7)
    assert ran.code == 1
    assert ran.out.count("the same answer 3 times: here is how it comes about\n") == 2
    assert ran.out.count("dx = 1\n") == ran.out.count("dy = 1\n") == 3
    assert ran.out.endswith("\n\n 0 of 2 right, 0 at the first try without a hint\n")
    assert run("quiz", "x*y", "-x", "1.2", "-y", "1.3", "--steps", "gradient", stdin="1\n" * 6).code == 0


def test_every_blank_of_a_drawn_exercise_can_be_answered(run: Run) -> None:
    """With the values of the key, for every level."""
    for level in ("easy", "medium", "hard"):
        key = json.loads(run("quiz", "--level", level, "--format", "json", "--key").out)
        steps = key["exercises"][0]["steps"]
        ran = run("quiz", "--level", level, stdin="".join(f"{s['value']!r}\n" for s in steps))
        assert ran.code == 0
        assert f" {len(steps)} of {len(steps)} right, {len(steps)} at the first try" in ran.out


def test_what_is_not_text_is_no_crash(process: Callable[..., Any]) -> None:
    """Bytes that are no UTF-8, and a null."""
    ran = process(*LECTURE, stdin=b"\xff\xfe\n\x00\n3\nq\n")
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"1 of 8 right" in ran.stdout


def start(terminal: int, *args: str) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[2]
    env = {**os.environ, "TERM": "xterm", "PYTHONPATH": f"{root / 'core'}:{root / 'cli'}", "PYTHONUTF8": "1"}
    for name in ("NO_COLOR", "COLUMNS", "FORCE_COLOR"):
        env.pop(name, None)
    return subprocess.Popen(
        [sys.executable, "-m", "gradcalc", *args],
        stdin=terminal, stdout=terminal, stderr=terminal, env=env, start_new_session=True, close_fds=True,
    )  # fmt: skip


def read_until(master: int, words: str, seconds: float = 30) -> str:
    """What the terminal shows, up to these words."""
    shown, end = b"", time.monotonic() + seconds
    while words.encode() not in shown:
        assert time.monotonic() < end, shown
        try:
            shown += os.read(master, 4096)
        except OSError:
            break
    return re.sub(r"\x1b\[[\d;]*m", "", shown.decode()).replace("\r\n", "\n")


def test_in_a_terminal() -> None:
    """A prompt, an echo, colours, a second try; Ctrl-D ends it."""
    master, slave = pty.openpty()
    child = start(slave, *LECTURE)
    os.close(slave)
    assert "Forward: the value of each gate." in read_until(master, "q = x+y = ")
    os.write(master, b"4\n")
    assert "wrong" in read_until(master, "q = x+y = ")
    os.write(master, b"3\n")
    shown = read_until(master, "f = q*z = ")
    assert shown.startswith("3\n  right\n") or "\n   right\n" in shown
    os.write(master, b"\x04")
    assert "1 of 8 right, 0 at the first try" in read_until(master, "a hint")
    assert child.wait(30) == 0
    os.close(master)


def test_interrupted_in_a_terminal() -> None:
    """Ctrl-C is 130, without a traceback."""
    master, slave = pty.openpty()
    child = start(slave, *LECTURE)
    os.close(slave)
    read_until(master, "q = x+y = ")
    os.killpg(child.pid, signal.SIGINT)
    assert child.wait(30) == 130
    assert "Traceback" not in read_until(master, "never said", 5)
    os.close(master)


def test_the_key_is_the_table(run: Run) -> None:
    """Markdown: the blank table has no number that was not given, the key has all of them."""
    ran = run(
        "quiz", "--level", "easy", "--seed", "5", "--count", "2", "--format", "markdown", "--blank", "--key"
    )
    problem, *keys = re.split(r"## Key to exercise \d\n", ran.out)
    assert len(keys) == 2
    data = json.loads(run("quiz", "--level", "easy", "--seed", "5", "--count", "2", "--format", "json").out)
    for exercise, key in zip(data["exercises"], keys, strict=True):
        report = answer(Question(exercise["expression"], exercise["inputs"]), check=False)
        for row in report.rows:
            assert f"| {float(row.value):g} |" in key
            assert row.upstream is not None
            assert f"| {float(row.upstream) + 0.0:g} |" in key
            cells = [line for line in problem.splitlines() if line.startswith(f"| `{row.equation}` |")]
            assert any(f"| {float(row.value):g} |" in line for line in cells) == (not row.inputs)


@pytest.mark.parametrize("args", [(), ("--blank",), ("--key",), ("--blank", "--key")], ids=str)
def test_latex_is_a_whole_document(run: Run, args: tuple[str, ...]) -> None:
    """Environments and braces close, and every row has as many cells as columns."""
    text = run("quiz", "--count", "3", "--level", "hard", "--format", "latex", *args).out
    assert text.startswith("\\documentclass")
    assert text.endswith("\\end{document}\n")
    stack: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if kind == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    assert not stack
    plain = re.sub(r"\\[{}&_#%$]", "", text)
    assert plain.count("{") == plain.count("}")
    assert all(line.count("&") == 4 for line in plain.splitlines() if line.endswith(r"\\ \hline"))
    assert plain.isascii()


def test_the_sheet_in_a_file(run: Run, tmp_path: Path) -> None:
    """Its ending says what it is."""
    for name, opening in (
        ("a.md", "# Exercises"),
        ("a.tex", "\\documentclass"),
        ("a.json", "{"),
        ("a.txt", " Work"),
    ):
        path = tmp_path / name
        ran = run("quiz", "--output", str(path))
        assert (ran.code, ran.out, ran.err) == (0, "", f"wrote {path}\n")
        assert path.read_text(encoding="utf-8").startswith(opening)


BAD: list[tuple[tuple[str, ...], str, str]] = [
    (("-x", "3"), "-x goes with an expression, and there is none", 'gradcalc quiz "x^2" -x 3'),
    (("x^2", "--size", "3"), "--size is for circuits that are drawn, not for your own expression", ""),
    (("--size", "0"), "an exercise has 1 to 40 gates, not 0", ""),
    (("--count", "0"), "--count takes a number from 1 to 10000, not 0", ""),
    (("--gates", "mull"), "there is no gate mull", "did you mean mul?"),
    (("--steps", "values"), "--steps takes value, local or gradient, not values", "did you mean value?"),
    (("--key",), "--key goes with a sheet", "add --format markdown, latex, table or json"),
    (("--output", "a.doc"), "a.doc: what sheet is that?", "end it in .md, .tex, .json or .txt"),
    (("x+", "-x", "1"), "expected a value, but the text ends\n  x+\n    ^", 'write a value after "+"'),
    (("W@x", "-x", "[1,2]"), "no values for W were found where mistakes show well", "give it a value"),
]


@pytest.mark.parametrize(("args", "said", "hint"), BAD, ids=str)
def test_bad_questions(run: Run, args: tuple[str, ...], said: str, hint: str) -> None:
    """One error, one hint, exit 2, nothing on stdout."""
    ran = run("quiz", *args, stdin="")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"error: {said}\n" + (f"hint: {hint}\n" if hint else "")


@pytest.mark.parametrize("encoding", ["ascii", "cp949"])
def test_a_poor_terminal(process: Callable[..., Any], encoding: str) -> None:
    """Everything can be shown."""
    ran = process(*LECTURE, stdin=b"3\n", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert ran.returncode == 0
    sheet = process("quiz", "--format", "table", "--blank", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (sheet.returncode, sheet.stderr) == (0, b"")
    assert max(map(len, sheet.stdout.decode(encoding).splitlines())) <= 80
