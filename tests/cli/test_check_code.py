"""gradcalc check FILE.py:NAME: what it prints, in every format, and the exit code of each verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

Run = Callable[..., Any]

CODE = """import numpy as np

def good(x):
    return np.sum(x**3), 3 * x**2

def bad(x):
    return np.sum(x**3), 6 * x**2

def zero(x):
    return 0 * np.sum(x), 0 * x

def corner(x):
    return np.sum(np.abs(x)), np.sign(x)

def log(x):
    return np.sum(np.log(x)), 1 / x

def fails(x):
    raise ValueError("no: 100%, really")
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with hw.py, which is the current one."""
    (tmp_path / "hw.py").write_text(CODE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_right_gradient(run: Run, here: Path) -> None:
    """What was called, how it was looked at, and ok."""
    ran = run("check", "hw.py:good", "-x", "[1.5, -2]")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[:3] == [" hw.py:good  ok", " good returns its value and its gradient", ""]
    assert re.fullmatch(r"  gradient of  shape  error +limit +checked", lines[3])
    assert re.fullmatch(r"  x            2      (0|\S+e-1[67]) +\S+e-1\d +every entry  ok", lines[4])
    assert len(lines) == 5


def test_a_wrong_gradient(run: Run, here: Path) -> None:
    """The mistake in words, and the entries."""
    ran = run("check", "hw.py:bad", "-x", "[1.5, -2]")
    assert (ran.code, ran.err) == (1, "")
    assert re.sub(r"[\d.]+e-1\d", "BAR", ran.out) == (
        " hw.py:bad  FAIL\n"
        " bad returns its value and its gradient\n"
        "\n"
        "  gradient of  shape  error  limit    checked\n"
        "  x            2      0.5    BAR  every entry  FAIL\n"
        "\n"
        " dx is exactly 2 times the true gradient\n"
        " line 7: `6` is the wrong number: 3 belongs; with `3` it is right\n"
        "\n"
        "  index  given  numeric  error  bar\n"
        "  [1]    24     12       12     BAR\n"
        "  [0]    13.5   6.75     6.8    BAR\n"
    )


def test_a_picture_of_a_matrix(run: Run, here: Path) -> None:
    """One cell an entry, the darker the worse; the right ones are dots."""
    (here / "m.py").write_text(
        "import numpy as np\n"
        "def f(x):\n    g = 2 * x\n    g[1] *= 2\n    g[2, 0] += 1e-2\n    return np.sum(x * x), g\n"
    )
    ran = run("check", "m.py:f", "-x", "[[1,2,3],[4,5,6],[7,8,9]]")
    assert "         0  ···\n         1  ███\n         2  ░··\n" in ran.out


@pytest.mark.parametrize(
    ("target", "value", "code"),
    [
        ("good", "[1, 2]", 0),
        ("corner", "[0, 2]", 0),
        ("bad", "[1, 2]", 1),
        ("log", "[-1, 2]", 2),
        ("fails", "[1, 2]", 2),
        ("zero", "[1, 2]", 3),
    ],
)
def test_exit_codes(run: Run, here: Path, target: str, value: str, code: int) -> None:
    """0 agreed, also at a kink; 1 wrong; 2 can't be checked; 3 undecided, unless told otherwise."""
    assert run("check", f"hw.py:{target}", "-x", value).code == code
    if code == 3:
        assert run("check", f"hw.py:{target}", "-x", value, "--undecided", "fail").code == 1
        assert run("check", f"hw.py:{target}", "-x", value, "--undecided", "warn").code == 0


def test_json(run: Run, here: Path) -> None:
    """Schema gradcalc.check/1."""
    record = json.loads(run("check", "hw.py:bad", "-x", "[1.5, -2]", "--format", "json").out)
    assert (record["schema"], record["target"], record["verdict"]) == (
        "gradcalc.check/1",
        "hw.py:bad",
        "fail",
    )
    (argument,) = record["arguments"]
    assert (argument["name"], argument["shape"], argument["verdict"]) == ("x", [2], "fail")
    first, last = argument["mistakes"][0], argument["mistakes"][-1]
    assert last == {"name": "factor", "text": "dx is exactly 2 times the true gradient"}
    assert (first["name"], first["line"]) == ("factor", 7)
    worst = argument["worst"]
    assert (worst["index"], worst["analytic"], worst["numeric"]) == ([1], 24.0, pytest.approx(12.0))
    assert 0 < worst["bar"] < 1e-9


def test_an_error_as_json(run: Run, here: Path) -> None:
    """gradcalc.error/1 on stdout, words on stderr."""
    ran = run("check", "hw.py:fails", "-x", "1", "--format", "json")
    assert ran.code == 2
    record = json.loads(ran.out)
    assert (record["schema"], record["error"]["kind"]) == ("gradcalc.error/1", "code")
    assert record["error"]["message"] == "the forward fails: ValueError: no: 100%, really"


def test_several_targets(run: Run, here: Path) -> None:
    """One after the other; the heaviest exit code; one JSON object."""
    ran = run("check", "hw.py:good", "hw.py:bad", "hw.py:fails", "-x", "[1, 2]")
    assert ran.code == 1
    assert ran.out.endswith(" 1 of 3 checks agree\n")
    ran = run("check", "hw.py:good", "hw.py:zero", "-x", "[1, 2]", "--format", "json")
    record = json.loads(ran.out)
    assert (ran.code, record["schema"], record["verdict"]) == (3, "gradcalc.checks/1", "vacuous")
    assert [c["verdict"] for c in record["checks"]] == ["pass", "vacuous"]


def test_junit(run: Run, here: Path) -> None:
    """A suite a target, a case an argument; failures, errors and what is skipped are counted."""
    words = (
        "check",
        "hw.py:good",
        "hw.py:bad",
        "hw.py:fails",
        "hw.py:zero",
        "-x",
        "[1, 2]",
        "--format",
        "junit",
    )
    tree = ElementTree.fromstring(run(*words).out.encode())
    assert dict(tree.attrib) == {
        "name": "gradcalc",
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    (failure,) = tree.iter("failure")
    assert "dx is exactly 2 times the true gradient" in (failure.text or "").splitlines()
    assert [s.get("name") for s in tree] == ["hw.py:good", "hw.py:bad", "hw.py:fails", "hw.py:zero"]


def test_github(run: Run, here: Path) -> None:
    """Workflow commands, escaped."""
    out = run("check", "hw.py:bad", "hw.py:fails", "-x", "[1, 2]", "--format", "github").out
    first, second = out.splitlines()
    assert first.startswith("::error file=hw.py,line=7,title=gradcalc%3A hw.py%3Abad::dx fail: ")
    assert first.endswith("%0Adx is exactly 2 times the true gradient")
    assert "no: 100%25, really" in second


def test_markdown(run: Run, here: Path) -> None:
    """A table for a job's summary."""
    out = run("check", "hw.py:bad", "-x", "[1, 2]", "--format", "markdown").out
    assert out.splitlines()[-1].startswith("| `hw.py:bad` | x | fail | line 7: ")
    assert out.splitlines()[-1].endswith("; dx is exactly 2 times the true gradient |")


LISTED = """
[tool.gradcalc]
undecided = "warn"

[[tool.gradcalc.check]]
target = "hw.py:good"
inputs = { x = "[1, 2]" }

[[tool.gradcalc.check]]
target = "hw.py:zero"
shapes = { x = [2] }

[[tool.gradcalc.check]]
expression = "1/(1+exp(-x))"
same-as = "sigmoid(x)"
inputs = { x = 0.3 }

[[tool.gradcalc.check]]
expression = "x^2"
inputs = { x = 3 }

[[tool.gradcalc.check]]
target = "hw.py:bad"
shapes = { x = "3" }
exception = "a test"
"""


def test_a_projects_list(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain `gradcalc check` runs what pyproject.toml lists, from any folder below it."""
    (here / "pyproject.toml").write_text(LISTED)
    ran = run("check")
    assert ran.code == 0, ran.out
    assert ran.out.endswith(" 5 of 5 checks agree\n")
    below = here / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert run("check").code == 0
    (here / "pyproject.toml").write_text(LISTED.replace('exception = "a test"', ""))
    assert run("check").code == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "[tool.gradcalc] lists no check"),
        (
            "check = [{target = 'hw.py:good', shape = {x = '3'}}]",
            "check 1: there is no key shape\nhint: did you mean shapes?",
        ),
        ("check = [{shapes = {x = '3'}}]", "check 1: give a target or an expression"),
        ("check = [{target = 'x+y'}]", "check 1: x+y names no code"),
        ("check = [{target = 'hw.py:good', shapes = {x = 'a'}}]", "check 1: a is no shape"),
        ("check = [{target = 3}]", "check 1: target is a text, not 3"),
        ("undecided = 'maybe'", "undecided is fail or warn, not maybe"),
        ("chek = []", "there is no key chek\nhint: did you mean check?"),
    ],
)  # fmt: skip
def test_a_bad_list(run: Run, here: Path, text: str, message: str) -> None:
    """Where in the file, and what would be right; exit 2."""
    (here / "pyproject.toml").write_text(f"[tool.gradcalc]\n{text}\n")
    ran = run("check")
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert ran.err.startswith("error: pyproject.toml, [tool.gradcalc]")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nosuch.py:f",), "there is no file nosuch.py"),
        (("hw.py:goood",), "hw.py has no goood"),
        (("no.such.module:f",), "there is no module no.such.module"),
    ],
)
def test_nothing_there(run: Run, here: Path, words: tuple[str, ...], message: str) -> None:
    """What is missing, and the nearest name."""
    ran = run("check", *words, "-x", "1", "--format", "json")
    assert ran.code == 2
    assert json.loads(ran.out)["error"]["message"].startswith(message)


def test_no_such_python(run: Run, here: Path) -> None:
    """The interpreter of --python is named."""
    ran = run("check", "hw.py:good", "-x", "1", "--python", "no-such-python", "--format", "json")
    message = "no-such-python can't be run: No such file or directory"
    assert (ran.code, json.loads(ran.out)["error"]["message"]) == (2, message)


def test_same_as(run: Run) -> None:
    """Value and all gradients of two expressions."""
    ran = run("check", "1/(1+exp(-x))", "-x", "0.3", "--same-as", "sigmoid(x)")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith(" the same, value and gradients, within rounding\n")
    ran = run("check", "sum(x^2)*y", "-x", "[1,2]", "-y", "2", "--same-as", "y*sum(x*x)", "--format", "json")
    record = json.loads(ran.out)
    assert (record["verdict"], [a["name"] for a in record["arguments"]]) == ("pass", ["value", "x", "y"])
    assert (
        run("check", "x^2", "-x", "2", "--same-as", "2*x").code == 1
    )  # the value is the same, the slope not
    ran = run("check", "x^2", "-x", "2", "-y", "1", "--same-as", "2*x")
    assert (ran.code, ran.err) == (2, "error: neither expression uses y\nhint: remove -y\n")


def test_a_reference(run: Run, here: Path) -> None:
    """Its numbers are called its own, and nobody speaks of slopes."""
    ran = run("check", "hw.py:bad", "-x", "[1.5, -2]", "--reference", "hw.py:good")
    assert ran.code == 1
    assert "  compared  shape   error  limit  checked" in ran.out
    assert "  dx        2" in ran.out
    assert " dx is not the reference's" in ran.out
    assert "  index  given  reference  error  bar" in ran.out
    assert "numeric" not in ran.out
    assert "slope" not in ran.out


def test_what_cannot_be_checked_is_a_message(run: Run, here: Path) -> None:
    """One target alone that can't be checked is told on stderr; among others it has its place."""
    ran = run("check", "hw.py:fails", "-x", "[1.5, -2]")
    assert (ran.code, ran.out) == (2, "")
    assert "ValueError: no: 100%, really" in ran.err
    ran = run("check", "hw.py:fails", "hw.py:good", "-x", "[1.5, -2]")
    assert (ran.code, ran.err) == (2, "")
    assert "can't be checked" in ran.out
