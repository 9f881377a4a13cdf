"""Help is for people: short lines, a text for each option, and examples that work."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from gradcalc import selftest
from gradcalc_cli.app import COMMANDS

Run = Callable[..., Any]
EXAMPLES = [
    line.strip()
    for name in COMMANDS
    for line in import_module(f"gradcalc_cli.commands.{name}").EXAMPLES.splitlines()
    if line.strip().startswith("gradcalc ")
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_work(run: Run, example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each can be pasted; of a whole trial of the check, which takes minutes, eight parts are run."""
    whole = selftest.plan

    def part(*args: Any, **options: Any) -> Any:
        parts = whole(*args, **options)
        return parts[:: max(1, len(parts) // 8)]

    monkeypatch.setattr(selftest, "plan", part)
    ran = run(*shlex.split(example)[1:])
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("name", COMMANDS)
def test_help(run: Run, name: str) -> None:
    """Every option has a text, and everything fits 80 columns."""
    ran = run(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= 80
    assert ran.out.count("gradcalc " + name) >= 4
    assert ran.out == run(name, "-h").out


def test_options_are_long_only() -> None:
    """One dash is a variable: no option is short, and its text fits a line of a shell's menu."""
    import typer.main

    from gradcalc_cli.app import app

    group: Any = typer.main.get_command(app)
    for name in COMMANDS:
        for param in group.get_command(None, name).params:
            if param.param_type_name == "option":
                assert all(opt.startswith("--") for opt in (*param.opts, *param.secondary_opts))
                assert 10 < len(param.help) < 80
                assert "[" not in param.help


def test_the_app_lists_its_commands(run: Run) -> None:
    """Whole sentences, not cut."""
    shown = run("--help").out
    assert all(f"\n  {name} " in shown for name in COMMANDS)
    assert "..." not in shown.partition("Commands:")[2]
