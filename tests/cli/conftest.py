"""How these tests run the command: in this process, or in one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from gradcalc_cli.app import app

ROOT = Path(__file__).resolve().parents[2]
TALKATIVE = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "TERM", "PYTHONIOENCODING", "LC_ALL")


class Ran(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the environment decides how output looks."""
    for name in TALKATIVE:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True, scope="session")
def interrupts_are_heard() -> None:
    """A shell that runs the tests in the background has them ignore Ctrl-C, and what they start as well."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def run() -> Run:
    """gradcalc with these arguments, in this process."""

    def ran(*args: str, stdin: str | bytes | None = None, **env: str) -> Ran:
        result: Any = CliRunner().invoke(app, list(args), input=stdin, env=env, prog_name="gradcalc")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return ran


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """gradcalc with these arguments, in a process of its own."""

    def ran(*args: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command(*args), input=stdin, capture_output=True, env=environment(**env), check=False
        )

    return ran


def command(*args: str) -> list[str]:
    """The command line of `python -m gradcalc`."""
    return [sys.executable, "-m", "gradcalc", *args]


def environment(**env: str) -> dict[str, str]:
    """This environment, with nothing that decides how output looks, and these variables."""
    kept = {name: value for name, value in os.environ.items() if name not in TALKATIVE}
    return {**kept, "PYTHONPATH": os.pathsep.join((str(ROOT / "core"), str(ROOT / "cli"))), **env}


@pytest.fixture
def env() -> dict[str, str]:
    """The environment for a process of its own."""
    return environment()


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[bytes]]:
    """gradcalc with these arguments, started and left running."""

    def started(*args: str, **env: str) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen(command(*args), stdin=pipe, stdout=pipe, stderr=pipe, env=environment(**env))

    return started
