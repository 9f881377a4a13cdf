"""What TAB offers in bash, zsh, fish and PowerShell."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Process = Callable[..., subprocess.CompletedProcess[bytes]]
SHELLS = ("bash", "zsh", "fish", "powershell")


@pytest.fixture
def offered(process: Process) -> Callable[[str, str], list[str]]:
    """The words that a shell offers at the end of a line."""

    def words(shell: str, line: str) -> list[str]:
        last = line.rpartition(" ")[2]
        env = {
            "_GRADCALC_COMPLETE": f"complete_{shell}", "COMP_WORDS": line, "_TYPER_COMPLETE_ARGS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1), "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            "_TYPER_COMPLETE_WORD_TO_COMPLETE": last, "PYTHONUTF8": "1",
        }  # fmt: skip
        ran = process(**env)
        assert (ran.returncode, ran.stderr) == (0, b"")
        lines = ran.stdout.decode().splitlines()
        if shell == "zsh":
            return [found[1] for line in lines if (found := re.search(r'"([^"]*)"', line))]
        return [re.split(r":::|\t", line)[0] for line in lines]

    return words


@pytest.mark.parametrize("shell", SHELLS)
def test_names_without_a_value(offered: Callable[[str, str], list[str]], shell: str) -> None:
    """The variables of the expression that are still missing, before the options."""
    words = offered(shell, 'gradcalc eval "x*y+exp(w0)" -x 1 -')
    assert words[:2] == ["-y", "-w0"]
    assert "--format" in words
    assert "-x" not in words


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("line", "expected"), [
    ('gradcalc eval "x*y" -x 1 ', ["-y"]),
    ('gradcalc eval "x*y" --get d', ["dx", "dy", "df"]),
    ('gradcalc eval "x*y" --wrt ', ["x", "y"]),
    ('gradcalc eval "(x+y)*x" --of ', ["x", "y", "q", "f"]),
    ('gradcalc eval "x" --format c', ["csv"]),
    ('gradcalc eval "x" --color a', ["auto", "always"]),
    ("gradcalc gates relu", ["relu"]),
    ("gradcalc ch", ["check"]),
    ("gradcalc quiz --gates add,sigm", ["add,sigmoid"]),
    ("gradcalc quiz --level ", ["easy", "medium", "hard"]),
    ("gradcalc selftest --gate tan", ["tan", "tanh"]),
    ("gradcalc grade --format js", ["json", "jsonl"]),
])  # fmt: skip
def test_words(offered: Callable[[str, str], list[str]], shell: str, line: str, expected: list[str]) -> None:
    """Labels, choices, gates and commands."""
    assert offered(shell, line)[: len(expected)] == expected


@pytest.mark.parametrize(
    "line", ["gradcalc eval (x+ -", "gradcalc eval - -", "gradcalc eval nofile.grad -", "gradcalc frob -"]
)
def test_what_is_half_typed_breaks_nothing(offered: Callable[[str, str], list[str]], line: str) -> None:
    """An expression that can't be read yet offers the options alone."""
    assert not any(len(word) == 2 for word in offered("bash", line))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_shown(process: Process, shell: str) -> None:
    """Each shell has a script to source."""
    shown = process(_GRADCALC_COMPLETE=f"source_{shell}").stdout.decode()
    assert "_GRADCALC_COMPLETE" in shown


@pytest.fixture
def shell(env: dict[str, str], tmp_path: Path) -> Callable[[str], str]:
    """What a script says in bash, where gradcalc is a command and home is an empty folder."""
    if shutil.which("bash") is None or sys.platform == "win32":
        pytest.skip("there is no bash here")
    command = tmp_path / "bin" / "gradcalc"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m gradcalc "$@"\n')
    command.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    settings = {**env, "HOME": str(home), "PATH": f"{command.parent}:{env['PATH']}"}

    def said(script: str) -> str:
        ran = subprocess.run(
            ["bash", "-c", script], env=settings, cwd=tmp_path, capture_output=True, check=True
        )
        return ran.stdout.decode()

    return said


PRESSED = [
    (["eval", '"x*y + z"', "-x", "1", "-"], ["-y", "-z", "--format"]),
    (["eval", "x", "--format", "=", "js"], ["json"]),
    (["eval", "x*y", "-x", "=", "2", "-"], ["-y", "--format"]),
    (["eval", "x*y", "x", "=", "2", "-"], ["-y", "--format"]),
    (["eval", "x", "-x", "@da"], ["@data.npy"]),
    (["eval", "x", "-x", "@deep/"], ["@deep/inner.csv"]),
    (["eval", "da"], []),  # bash looks for files by itself
    (["gates", "sigm"], ["sigmoid"]),
]


def test_installed_in_bash(shell: Callable[[str], str], tmp_path: Path) -> None:
    """After --install-completion, TAB works in a new bash; nothing but home is written to."""
    (tmp_path / "data.npy").touch()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "inner.csv").touch()
    before = set(tmp_path.iterdir())
    assert "bash completion installed in" in shell("gradcalc --install-completion; true")
    assert set(tmp_path.iterdir()) == before
    script = ["source ~/.bashrc"]
    for words, _ in PRESSED:
        listed = " ".join(map(shlex.quote, ["gradcalc", *words]))
        script += [
            f"COMP_WORDS=({listed}); COMP_CWORD={len(words)}; COMPREPLY=()",
            "$(complete -p gradcalc | sed 's/.*-F \\([^ ]*\\).*/\\1/') gradcalc",
            'echo "${COMPREPLY[@]:0:3}"',
        ]
    offered = shell("\n".join(script)).splitlines()
    assert len(offered) == len(PRESSED)
    for line, (words, expected) in zip(offered, PRESSED, strict=True):
        assert line.split()[: len(expected)] == expected, words
        assert expected or not line.strip(), words
