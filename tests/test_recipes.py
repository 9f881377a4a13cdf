"""The README's recipes, each run as it stands: on right gradients, and on wrong ones."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RECIPES = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Recipes\n")[2].partition("\n## ")[0]
HOMEWORK = ROOT / "samples" / "homework"
PROJECT = '[[tool.gradcalc.check]]\ntarget = "layers.py:affine"\nshapes = { x = "4x5", w = "5x3", b = "3" }\n'
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the recipes are shell scripts")


def recipe(language: str, number: int = 0) -> str:
    """A code block of the section."""
    return str(re.findall(rf"```{language}\n(.*?)```", RECIPES, re.S)[number])


@pytest.fixture(params=["right", "wrong"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, bool]:
    """A folder with a layer and a pyproject.toml that lists it."""
    right = request.param == "right"
    shutil.copy(HOMEWORK / f"{'ada' if right else 'bo'}_layers.py", tmp_path / "layers.py")
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    return tmp_path, right


def shell(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a script where `gradcalc` is this project's."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "gradcalc").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m gradcalc "$@"\n', encoding="utf-8"
    )
    (programs / "gradcalc").chmod(0o755)
    path = os.pathsep.join(str(ROOT / part) for part in ("core", "cli"))
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": path,
        **env,
    }
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_shell_script(project: tuple[Path, bool]) -> None:
    """It goes on, or stops with 1."""
    folder, right = project
    ran = shell(recipe("sh") + "echo done\n", folder)
    assert (ran.returncode, ran.stdout.endswith("done\n")) == ((0, True) if right else (1, False)), ran.stderr


def test_the_step_of_github_actions(project: tuple[Path, bool]) -> None:
    """The step's command passes, or annotates the line and fails."""
    folder, right = project
    (command,) = re.findall(r"^  run: (.*)$", recipe("yaml"), re.M)
    ran = shell(command, folder)
    assert ran.returncode == (0 if right else 1), ran.stderr
    assert ran.stdout.startswith("" if right else "::error file=layers.py,line=")


def test_the_pre_commit_hook(project: tuple[Path, bool]) -> None:
    """The hook's entry, from the file that pre-commit reads, with the id that the recipe names."""
    folder, right = project
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    hook = dict(line[2:].split(": ", 1) for line in text.splitlines())
    assert f"- id: {hook['id']}\n" in recipe("yaml", 1)
    assert (hook["language"], hook["pass_filenames"]) == ("python", "false")
    assert re.search(hook["files"], "layers.py")
    assert shell(hook["entry"], folder).returncode == (0 if right else 1)


def test_the_line_of_pytest(tmp_path: Path) -> None:
    """It passes, and fails where the gradient is wrong."""
    good = "import gradcalc, numpy as np\n" + recipe("python")
    (tmp_path / "test_good.py").write_text(good, encoding="utf-8")
    (tmp_path / "test_bad.py").write_text(good.replace("3 * x**2", "2 * x**2"), encoding="utf-8")
    run = f'"{sys.executable}" -m pytest -q -p no:cacheprovider '
    assert shell(run + "test_good.py", tmp_path).returncode == 0
    ran = shell(run + "test_bad.py", tmp_path)
    assert ran.returncode == 1
    assert "dx is exactly 2/3 times the true gradient" in ran.stdout


def test_the_gradescope_autograder(tmp_path: Path) -> None:
    """Answers in, results.json out."""
    for folder in ("source", "submission", "results"):
        (tmp_path / folder).mkdir()
    shutil.copy(HOMEWORK / "homework.toml", tmp_path / "source")
    shutil.copy(HOMEWORK / "bo.toml", tmp_path / "submission" / "answers.toml")
    ran = shell(recipe("bash"), tmp_path, AUTOGRADER=str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    found = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert (found["score"], len(found["tests"])) == (6, 6)
