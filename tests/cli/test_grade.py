"""gradcalc grade: a class in one command, in every format, with the exit code that scripts go by."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
HOMEWORK = "samples/homework/homework.toml"
LAYERS = "samples/homework/layers.toml"
ADA, BO, CEM = (f"samples/homework/{name}.toml" for name in ("ada", "bo", "cem"))
CLASS = "samples/homework/class.csv"

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The samples are named from here."""
    monkeypatch.chdir(ROOT)


def test_three_students(run: Run) -> None:
    """Each in full: one right, one with mistakes, one that can't be read; and the class."""
    ran = run("grade", HOMEWORK, ADA, BO, CEM)
    assert (ran.code, ran.err) == (1, "")
    lines = [line.rstrip() for line in ran.out.splitlines()]
    assert " bo      │ 3/4 │ 3/6 │ 6/10" in lines
    assert "   p1.dx  4      1/1  follows from dq" in lines
    assert " this is not TOML: Expected ']' at the end of a table declaration (at line 3," in lines
    assert " p1.dq   │ 1     │ 0       │ 1     │ 1       │ 0.333/1" in lines
    assert lines[-1] == " 3 students, mean 5.333 of 10"


def test_one_who_is_right(run: Run) -> None:
    """Exit 0, and no statistics of one."""
    ran = run("grade", HOMEWORK, ADA)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("\n ada     │ 4/4 │ 6/6 │ 10/10\n\n 1 student\n")


def test_a_class(run: Run) -> None:
    """A row a student, the mistakes that people fell for, and the columns that were passed over."""
    ran = run("grade", HOMEWORK, CLASS)
    assert (ran.code, ran.err) == (1, f"{CLASS}: passed over the column name\n")
    assert " 2 of 8: branch lost, when the branch through `x+y` is lost at the fork x; the\n" in ran.out
    assert ran.out.endswith(" 8 students, mean 6.5 of 10\n")


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("what", [(ADA, BO, CEM), (CLASS,)])
def test_widths(run: Run, width: int, what: tuple[str, ...]) -> None:
    """Nothing is wider than the window."""
    ran = run("grade", HOMEWORK, *what, "--width", str(width))
    assert max(map(len, ran.out.splitlines())) <= width


def test_json_and_json_lines_say_the_same(run: Run) -> None:
    """An object a line, and all of them in one."""
    whole = json.loads(run("grade", HOMEWORK, CLASS, "--format", "json").out)
    lines = [json.loads(line) for line in run("grade", HOMEWORK, CLASS, "--format", "jsonl").out.splitlines()]
    assert whole["schema"] == "gradcalc.grade/1"
    assert whole["students"] == lines
    assert [line["score"] for line in lines] == [10, 9, 10, 6, 7, 5, 5, 0]
    finn = lines[5]["problems"][1]["items"][0]
    assert (finn["given"], finn["verdict"], finn["score"]) == ("about 2", "unreadable", 0)
    (dx,) = [i for i in whole["statistics"]["items"] if (i["problem"], i["name"]) == ("p2", "dx")]
    assert (dx["right"], dx["wrong"], dx["missing"]) == (4, 3, 1)
    assert dx["mistakes"][0]["count"] == 2


def test_csv(run: Run) -> None:
    """A row for each student and item, and a total for each student."""
    rows = list(csv.DictReader(io.StringIO(run("grade", HOMEWORK, ADA, BO, CEM, "--format", "csv").out)))
    assert len(rows) == 3 * 7
    totals = {row["student"]: row["score"] for row in rows if row["item"] == "total"}
    assert totals == {"ada": "10", "bo": "6", "cem": "0"}
    assert sum(float(row["score"]) for row in rows if row["student"] == "bo" and row["problem"]) == 6


def test_junit(run: Run) -> None:
    """A suite a student, with its counts."""
    root = ElementTree.fromstring(run("grade", HOMEWORK, ADA, BO, CEM, "--format", "junit").out)
    counts = {s.get("name"): [s.get(k) for k in ("tests", "failures", "errors")] for s in root}
    assert counts == {"ada": ["6", "0", "0"], "bo": ["6", "4", "0"], "cem": ["1", "0", "1"]}
    failure = root.find("testsuite[@name='bo']/testcase[@name='p2.dx']/failure")
    assert failure is not None
    assert failure.get("message") == "dx = 0.476: wrong"


def test_junit_validates(run: Run, tmp_path: Path) -> None:
    """junitparser reads it, and counts what we count."""
    junitparser = pytest.importorskip("junitparser", reason="junitparser is not installed")
    path = tmp_path / "report.xml"
    nasty = tmp_path / "nasty.toml"
    nasty.write_text('student = "<&\\u001b]]>\\"ü"\n[p1]\ndx = "<b>\\u0000"\n')
    assert run("grade", HOMEWORK, ADA, BO, CEM, str(nasty), "--output", str(path)).code == 1
    suites = junitparser.JUnitXml.fromfile(str(path))
    assert [(s.name, s.tests, s.failures, s.errors) for s in suites][:3] == [
        ("ada", 6, 0, 0), ("bo", 6, 4, 0), ("cem", 1, 0, 1),
    ]  # fmt: skip
    results = [case.result for suite in suites for case in suite]
    assert sum(any(isinstance(r, junitparser.Failure) for r in result) for result in results) == 10


def test_gradescope(run: Run, tmp_path: Path) -> None:
    """Each test has a status, a score, a maximum and an output."""
    path = tmp_path / "results.json"
    ran = run("grade", HOMEWORK, BO, "--format", "gradescope", "--output", str(path))
    assert (ran.code, ran.out, ran.err) == (1, "", f"wrote {path}\n")
    found = json.loads(path.read_text())
    assert found["score"] == sum(test["score"] for test in found["tests"]) == 6
    assert all({"status", "score", "max_score", "output"} <= test.keys() for test in found["tests"])
    assert [test["status"] for test in found["tests"]] == ["failed"] * 3 + ["passed", "failed", "passed"]
    broken = json.loads(run("grade", HOMEWORK, CEM, "--format", "gradescope").out)
    assert (broken["score"], {test["status"] for test in broken["tests"]}) == (0, {"failed"})
    assert broken["output"].startswith("this is not TOML")


def test_github(run: Run, tmp_path: Path) -> None:
    """Annotations, escaped; a class's row is a line of its file."""
    nasty = tmp_path / "a,b%c.toml"
    nasty.write_text('student = "x:y,z%"\n[p1]\ndx = "3%\\n4"\n')
    lines = run("grade", HOMEWORK, str(nasty), "--format", "github").out.splitlines()
    assert lines[1].startswith("::error file=")
    assert "a%2Cb%25c.toml,line=1,title=x%3Ay%2Cz%25 p1 dx::dx = 3%25%0A4: unreadable%0A" in lines[1]
    assert all(line.startswith("::") for line in lines)
    rows = run("grade", HOMEWORK, CLASS, "--format", "github").out.splitlines()
    assert rows[0].startswith(f"::error file={CLASS},line=3,title=s02 p1 dq::dq = 4: wrong%0A")


def test_markdown(run: Run) -> None:
    """Two tables in which nothing that a student writes is markup."""
    out = run("grade", HOMEWORK, "-", "--format", "markdown", stdin="student='a|b'\n[p1]\ndx='<b>'\n").out
    assert "| a\\|b | 0 | 0 | 0 | 10 |" in out
    assert "dx = \\<b\\>: unreadable" in out


def test_code(run: Run) -> None:
    """Functions that students hand in."""
    ran = run("grade", LAYERS, "samples/homework/ada_layers.py", "samples/homework/bo_layers.py")
    assert ran.code == 1
    assert " ada     │ 6/6    │ 6/6" in ran.out
    assert " bo      │ 4/6    │ 4/6" in ran.out
    assert "`np.mean(dout, axis=0)` is a mean where a sum belongs" in ran.out
    ran = run("grade", LAYERS, "samples/homework/bo_layers.py", "--format", "github")
    assert "::db in bo_layers.py: wrong" in ran.out


def test_code_that_hangs_or_crashes_costs_only_itself(run: Run, tmp_path: Path) -> None:
    """The others are graded as if it were not there."""
    good = (ROOT / "samples/homework/ada_layers.py").read_text()
    sheet = tmp_path / "hw.toml"
    sheet.write_text((ROOT / LAYERS).read_text().replace("timeout = 20", "timeout = 4"))
    texts = {
        "a": good, "b": good.replace("return x @ w", "while True: pass\n    return x @ w"),
        "c": good.replace("return x @ w", "import os; os.abort()\n    return x @ w"), "d": good,
        "e": "def affine_forward(:", "f": "x = 3",
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / f"{name}_layers.py").write_text(text)
    ran = run("grade", str(sheet), str(tmp_path), "--format", "jsonl")
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert [(f["student"], f["score"]) for f in found] == [
        ("a", 6), ("b", 0), ("c", 0), ("d", 6), ("e", 0), ("f", 0),
    ]  # fmt: skip
    notes = [f["problems"][0]["items"][0]["note"] for f in found]
    assert "did not end within 4 s" in notes[1]
    assert "SIGABRT" in notes[2]


def test_a_bad_assignment(run: Run, tmp_path: Path) -> None:
    """Exit 2, the line, and nothing on standard output."""
    sheet = tmp_path / "hw.toml"
    sheet.write_text('[[problem]]\nexpression = "x*y"\ninputs = {x = 1, y = 2}\npionts = {dx = 1}\n')
    ran = run("grade", str(sheet), ADA)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"error: {sheet}, problem 1: there is no key pionts\n  {sheet}:4\n  pionts = {{dx = 1}}\n  ^^^^^^\n"
        "hint: did you mean points?\n"
    )
    found = json.loads(run("grade", str(sheet), ADA, "--format", "json").out)
    assert (found["schema"], found["error"]["kind"]) == ("gradcalc.error/1", "assignment")


def test_undecided(run: Run, tmp_path: Path) -> None:
    """Too few digits to tell, and nothing wrong: exit 3."""
    sheet = tmp_path / "hw.toml"
    sheet.write_text("[[problem]]\nexpression = 'a*x'\ninputs = {x = 1, a = 3.6}\npoints = {dx = 1}\n")
    ran = run("grade", str(sheet), "-", stdin="dx = 4\n")
    assert (ran.code, ran.err) == (3, "")


def test_nothing_to_grade(run: Run) -> None:
    """It is said what to write."""
    ran = run("grade", HOMEWORK)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: there is nothing to grade\n"
        f"hint: gradcalc grade {HOMEWORK} SUBMISSION..., or - for standard input\n"
    )
