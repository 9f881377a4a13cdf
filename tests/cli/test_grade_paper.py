"""gradcalc grade --variant and --rubric: what a teacher prints."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
FOLDER = Path(__file__).parents[2] / "samples" / "homework"
HOMEWORK, OWN = str(FOLDER / "homework.toml"), str(FOLDER / "own.toml")


def test_a_students_own_sheet(run: Run) -> None:
    """Problems, numbers and what is asked; what is fixed stays."""
    out = run("grade", OWN, "--variant", "ada").out
    assert out.startswith(
        "# Homework 4: numbers of one's own: ada\n\n## p1. A router between switches (3 points)\n"
    )
    drawn = json.loads(run("grade", OWN, "--variant", "ada", "--format", "json").out)["problems"]
    for problem in drawn:
        point = ", ".join(f"{name} = {value}" for name, value in problem["inputs"].items())
        assert f"    {problem['text']}\n\nAt {point}: {', '.join(problem['points'])}?\n" in out
    assert drawn[1]["inputs"]["x"] == "-1.2"


def test_each_student_has_other_numbers_and_always_the_same(run: Run) -> None:
    """By the name alone, however it is spelt."""
    sheets = {
        name: run("grade", OWN, "--variant", name, "--format", "csv").out for name in ("ada", "bo", "eve")
    }
    assert len(set(sheets.values())) == 3
    assert run("grade", OWN, "--variant", " ADA ", "--format", "csv").out == sheets["ada"]


@pytest.mark.parametrize("student", ["ada", "bo", "s0123", "jean-luc"])
def test_own_numbers_are_graded(run: Run, student: str) -> None:
    """The answers to one's own sheet are right, and those to another's are not."""
    drawn = json.loads(run("grade", OWN, "--variant", student, "--format", "json").out)["problems"]
    answers = f'student = "{student}"\n'
    for problem in drawn:
        answers += f"[{problem['id']}]\n"
        point = [word for name, value in problem["inputs"].items() for word in (f"-{name}", value)]
        for name in problem["points"]:
            answers += f"{name} = {run('eval', problem['text'], *point, '--get', name).out}"
    assert run("grade", OWN, "-", stdin=answers).code == 0
    assert run("grade", OWN, "-", stdin=answers.replace(student, "nobody")).code == 1


def test_no_numbers_are_that_students_result(run: Run, tmp_path: Path) -> None:
    """Where none can be drawn it is said, and the others go on."""
    sheet = tmp_path / "hw.toml"
    sheet.write_text(
        'variant = "student"\n[[problem]]\nexpression = "log(2 - max(x))*y"\n'
        f"inputs = {{x = {[1] * 40}, y = 2}}\n"
        '[[problem]]\nexpression = "y"\ninputs = {y = 2}\nvariant = "none"\n',
        encoding="utf-8",
    )
    ran = run("grade", str(sheet), "-", "--format", "json", stdin="[p1]\ndx = 1\n[p2]\ndy = 1\n")
    (student,) = json.loads(ran.out)["students"]
    (broken,) = student["problems"][0]["items"][:1]
    assert (ran.code, broken["verdict"], student["problems"][1]["score"]) == (1, "error", 1)
    assert broken["note"].startswith("problem p1: no numbers of their own were found for")


@pytest.fixture
def rubric(run: Run) -> list[dict[str, str]]:
    """The table of the homework."""
    return list(csv.DictReader(io.StringIO(run("grade", HOMEWORK, "--rubric", "--format", "csv").out)))


def test_a_rubric_has_every_mistakes_numbers(rubric: list[dict[str, str]]) -> None:
    """Sorted by value, the right one among them, and those that more give marked."""
    items = dict.fromkeys((row["problem"], row["item"]) for row in rubric)
    assert list(items) == [("p1", "dq"), ("p1", "dx"), ("p1", "dy"), ("p1", "dz"), ("p2", "dx"), ("p2", "dy")]
    for problem, item in items:
        rows = [row for row in rubric if (row["problem"], row["item"]) == (problem, item)]
        values = [float(row["value"]) for row in rows]
        assert values == sorted(values)
        assert sum(row["right"] == "true" for row in rows) == 1
        for row in rows:
            assert int(row["shared"]) == sum(r["three_digits"] == row["three_digits"] for r in rows) - 1
            assert float(row["three_digits"]) == pytest.approx(float(row["value"]), rel=5.1e-3)


def test_what_a_rubric_lists_is_found(run: Run, rubric: list[dict[str, str]]) -> None:
    """A number of the sheet, handed in, is marked down; the right one is not."""
    rows = [row for row in rubric if (row["problem"], row["item"]) == ("p2", "dx")]
    right = next(row["three_digits"] for row in rows if row["right"] == "true")
    wrong = next(row["three_digits"] for row in rows if row["what"].startswith("branch lost"))
    for text, score in ((right, 3), (wrong, 0)):
        ran = run("grade", HOMEWORK, "-", "--format", "json", stdin=f"[p2]\ndx = {text}\n")
        assert json.loads(ran.out)["students"][0]["problems"][1]["items"][0]["score"] == score


def test_a_rubric_in_markdown(run: Run) -> None:
    """A table for each quantity."""
    out = run("grade", HOMEWORK, "--rubric").out
    assert out.startswith("## p1: dq\n\n| 2 digits | 3 digits | what gives it |\n")
    assert "| -4.0 | -4.00 | **the right answer** |\n" in out


def test_a_rubric_of_own_numbers(run: Run) -> None:
    """Of one student; without a name it is said, and nothing is made up."""
    ran = run("grade", OWN, "--rubric", "--format", "csv")
    assert ran.err.startswith("p1 has other numbers for each student: --rubric --variant STUDENT\n")
    rows = list(
        csv.DictReader(io.StringIO(run("grade", OWN, "--rubric", "--variant", "bo", "--format", "csv").out))
    )
    assert {row["problem"] for row in rows} == {"p1", "p2"}
