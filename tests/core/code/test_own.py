"""Which files are people's own, where a project has its libraries below it."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

import numpy as np
import pytest

import gradcalc
from gradcalc.code.child.own import own
from gradcalc.code.given import Given
from gradcalc.code.job import Job, run

HOME = os.path.join(os.sep, "proj")
SITE = os.path.join(HOME, ".venv", "lib", "python3.11", "site-packages")


@pytest.mark.parametrize(
    ("file", "home", "yes"),
    [
        (os.path.join(HOME, "hw.py"), HOME, True),
        (os.path.join(HOME, "nets", "layers.py"), HOME, True),
        (os.path.join(SITE, "numpy", "core.py"), HOME, False),
        (os.path.join(SITE, "numpy", "core.py"), SITE, True),
        (os.path.join(os.sep, "elsewhere", "hw.py"), HOME, False),
        (os.path.join(HOME, "hw.py"), "", False),
        (os.path.join(HOME + "2", "hw.py"), HOME, False),
        (np.__file__, os.sep, False),
        (os.__file__, os.sep, False),
        (os.path.join(sysconfig.get_path("stdlib"), "json", "decoder.py"), os.sep, False),
        (gradcalc.__file__, os.sep, False),
    ],
)
def test_own(file: str, home: str, yes: bool) -> None:
    assert own(file, home) is yes


def test_no_library_is_edited(tmp_path: Path) -> None:
    """The line that is wrong is the user's, though a library that it calls lies below the same folder."""
    site = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (site / "lib_of_others.py").write_text("def half(x):\n    return x * 0.5\n")
    (tmp_path / "hw.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(site)!r})\n"
        "from lib_of_others import half\n"
        "def f(x):\n    return (x * x).sum()\n"
        "def grad_f(x):\n    return half(x)\n"
    )
    found = run(Job(f"{tmp_path / 'hw.py'}:f,grad_f", Given({"x": "randn(4)"})))
    assert found.verdict == "fail"
    assert {m.line for m in found.arguments[0].mistakes} == {0, 7}
