"""Every claim of the README is run."""

from __future__ import annotations

import doctest
import re

import pytest

from readme import README, ROOT, blocks, run

TEXT = README.read_text(encoding="utf-8")


@pytest.mark.parametrize(("command", "output", "code"), blocks(TEXT), ids=lambda v: str(v)[:40])
def test_console_block(command: str, output: str, code: int) -> None:
    """A console block prints what stands in the README, with the exit code that stands there."""
    printed, returned = run(command)
    assert told(printed) == told(output)
    assert returned == code


def told(output: str) -> list[str]:
    """The lines of an output, but for rounding errors: their digits hang on the processor."""
    lines = []
    for line in output.rstrip().splitlines():
        plain = re.sub(r"\d(\.\d)?e-1\d", "tiny", line)
        lines.append(" ".join(plain.split()) if plain != line else line.rstrip())
    return lines


def test_python_block() -> None:
    """The README's Python session is a doctest that holds."""
    assert doctest.testfile(str(README), module_relative=False).failed == 0


def test_ci_runs_the_test_command() -> None:
    """The command that the README gives for the tests is the one that CI runs."""
    (command,) = [line.strip() for line in TEXT.splitlines() if "pytest" in line and line.startswith("    ")]
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
