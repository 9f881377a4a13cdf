"""Exit codes and streams, as a shell sees them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcalc_cli import boundary

Run = Callable[..., Any]
Env = dict[str, str]
Start = Callable[..., "subprocess.Popen[bytes]"]
LECTURE = ("eval", "(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4")
CODES: list[tuple[int, tuple[str, ...]]] = [
    (0, LECTURE),
    (0, ("eval", "relu(x)", "-x", "0")),
    (0, ("check", "x^2", "-x", "3", "-dx", "6")),
    (0, ("gates", "mul")),
    (0, ("--help",)),
    (0, ("-h",)),
    (0, ("eval", "-h")),
    (0, ("gates", "-h")),
    (0, ("--version",)),
    (1, ("eval", "relu(x)-relu(-x)", "-x", "0")),
    (1, ("check", "x^2", "-x", "3", "-dx", "5")),
    (2, ("eval", "x +", "-x", "1")),
    (2, ("eval", "log(x)", "-x", "-1")),
    (2, ("eval", "sqrt(x)", "-x", "0")),
    (2, ("check", "x^2", "-x", "3", "-dx", "six")),
    (2, ()),
    (3, ("eval", "floor(x)", "-x", "2")),
    (3, ("check", "1.8*x", "-x", "2", "-f", "4")),
]


@pytest.mark.parametrize(("code", "args"), CODES, ids=str)
def test_exit_codes(run: Run, code: int, args: tuple[str, ...]) -> None:
    """0 agreed, 1 disagreed, 2 can't be answered, 3 undecided."""
    assert run(*args).code == code


@pytest.mark.parametrize("module", ["gradcalc", "gradcalc_cli"])
def test_both_modules_run(process: Callable[..., Any], env: Env, module: str) -> None:
    """python -m gradcalc is the command."""
    ran = process(*LECTURE, "--get", "dx")
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, b"-4", b"")
    code = (
        f"import runpy, sys; sys.argv = ['x', '--version']; runpy.run_module('{module}', run_name='__main__')"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=env).stdout
    assert shown.startswith(b"gradcalc ")


@pytest.mark.parametrize("module", ["gradcalc", "gradcalc_cli"])
def test_an_interrupt_while_it_starts(env: Env, module: str) -> None:
    """Ctrl-C in the first tenth of a second, while modules are imported, ends without a traceback."""
    code = (
        "import runpy, sys\n"
        "class Impatient:\n"
        "    def find_spec(self, name, *args):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Impatient())\n"
        f"runpy.run_module('{module}', run_name='__main__')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, env=env)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"")


def test_what_is_light_stays_light(env: Env) -> None:
    """--version and --help import neither numpy nor rich."""
    code = (
        "import sys; from gradcalc_cli.app import app\n"
        "try: app([{!r}], prog_name='gradcalc')\n"
        "except SystemExit: pass\n"
        "heavy = {{'numpy', 'rich', 'json', 'gradcalc.session'}} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    for option in ("--version", "--help"):
        ran = subprocess.run(
            [sys.executable, "-c", code.format(option)], capture_output=True, check=False, env=env
        )
        assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_table_needs_no_rich(env: Env) -> None:
    """The table is drawn without it: start-up is a feature."""
    code = (
        "import sys; from gradcalc_cli.app import app\n"
        "try: app(['eval', 'x*y', '-x', '2', '-y', '3'], prog_name='gradcalc')\n"
        "except SystemExit: pass\n"
        "sys.exit('rich' if 'rich' in sys.modules else 0)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, env=env).returncode
        == 0
    )


posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes are otherwise there")


@posix
def test_the_reader_goes_away(start: Start) -> None:
    """141, and nothing on stderr."""
    ran = start("eval", "x", "-x", "arange(100000)", "--format", "json")
    assert ran.stdout is not None
    assert ran.stderr is not None
    ran.stdout.read(10)
    ran.stdout.close()
    assert (ran.wait(), ran.stderr.read()) == (141, b"")
    ran.stderr.close()
    assert ran.stdin is not None
    ran.stdin.close()


@posix
@pytest.mark.parametrize(
    "args", [LECTURE, ("gates",), ("--version",), ("--help",), ("eval", "x +", "--format", "json")]
)
def test_nobody_reads_at_all(args: tuple[str, ...], env: Env) -> None:
    """A pipe without a reader is noticed, whatever is written, and nothing is said about it."""
    import os

    end, pipe = os.pipe()
    os.close(end)
    ran = subprocess.run(
        [sys.executable, "-m", "gradcalc", *args], stdout=pipe, stderr=subprocess.PIPE, check=False, env=env
    )
    os.close(pipe)
    assert ran.returncode in (141, 2)
    assert b"Traceback" not in ran.stderr
    assert b"BrokenPipe" not in ran.stderr


@posix
def test_ctrl_c(start: Start) -> None:
    """130, and nothing on stderr."""
    ran = start("eval", "-")
    time.sleep(1.0)
    ran.send_signal(signal.SIGINT)
    out, err = ran.communicate()
    assert (ran.returncode, out, err) == (130, b"", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_a_full_disk(env: Env) -> None:
    """What can't be written is an error with words."""
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "gradcalc", *LECTURE],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            env=env,
        )
    assert (ran.returncode, ran.stderr) == (2, b"error: can't write the output: No space left on device\n")


def test_a_bug_of_ours(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """70, one line of what happened, how to report it, and no traceback."""
    import gradcalc.session

    def broken(*args: object, **given: object) -> None:
        raise ZeroDivisionError("oh no")

    monkeypatch.setattr(gradcalc.session, "answer", broken)
    ran = run("eval", "x*y", "-x", "1", "-y", "2")
    assert (ran.code, ran.out) == (70, "")
    first, second = ran.err.splitlines()
    assert first.startswith("error: a bug in gradcalc ")
    assert "ZeroDivisionError: oh no (test_process.py:" in first
    assert second == 'hint: please report this line with the command: gradcalc eval "x*y" -x 1 -y 2'


def test_interrupted_inside(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during the work is 130."""
    import gradcalc.session

    def broken(*args: object, **given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(gradcalc.session, "answer", broken)
    assert run(*LECTURE) == (130, "", "")


def test_too_little_memory(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a bug, and not a traceback."""
    import gradcalc.session

    def broken(*args: object, **given: object) -> None:
        raise MemoryError

    monkeypatch.setattr(gradcalc.session, "answer", broken)
    assert run(*LECTURE) == (2, "", "error: there is not enough memory for this\n")


def test_the_pasted_command_line_works(run: Run) -> None:
    """The hint for a name without a value can be pasted."""
    import shlex

    ran = run("eval", "(x+y)*z", "-x", "-2")
    hint = ran.err.splitlines()[-1].removeprefix("hint: give them values: gradcalc ")
    assert run(*shlex.split(hint)).code == 0


@pytest.mark.parametrize(("word", "shown"), [
    ("x", "x"), ("-x", "-x"), ("(x+y)*z", '"(x+y)*z"'), ("$x", "'$x'"), ("", '""'), ("a b", '"a b"'),
    ('"', "'\"'"),
])  # fmt: skip
def test_words_are_quoted_for_pasting(word: str, shown: str) -> None:
    """Double quotes where they do, because every shell has them."""
    assert boundary.quoted(word) == shown
