"""Runs the README's console blocks; `python tests/readme.py` writes their output into the README."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n(?P<body>.*?)```", re.S)


def run(command: str) -> tuple[str, int]:
    """What a command of the README prints at 80 columns without colour, and its exit code."""
    words = shlex.split(command)
    assert words[0] == "gradcalc"
    path = os.pathsep.join([str(ROOT / "core"), str(ROOT / "cli")])
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONUTF8": "1", "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-m", "gradcalc", *words[1:]],
        capture_output=True, text=True, cwd=ROOT, env=environment, check=False, encoding="utf-8",
    )  # fmt: skip
    return done.stdout + done.stderr, done.returncode


def blocks(text: str) -> list[tuple[str, str, int]]:
    """Each console block: the command, the output that stands there, and the exit code."""
    found = []
    for match in BLOCK.finditer(text):
        first, _, rest = match["body"].partition("\n")
        code = re.search(r"^\[exit (\d+)\]\n", rest, re.M)
        output = rest if code is None else rest.replace(code.group(), "")
        found.append((first.removeprefix("$ "), output, int(code[1]) if code else 0))
    return found


def write() -> None:
    """Put today's outputs into the README."""

    def fresh(match: re.Match[str]) -> str:
        command = match["body"].partition("\n")[0]
        output, code = run(command.removeprefix("$ "))
        lines = "\n".join(line.rstrip() for line in output.rstrip().splitlines())
        return f"```console\n{command}\n{lines}\n" + (f"[exit {code}]\n" if code else "") + "```"

    README.write_text(BLOCK.sub(fresh, README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
