"""Assignments: what a sheet may say, and how it is told of what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcalc.errors import GradcalcError
from gradcalc.sheets.assignment import Credit, parse_assignment, read_assignment

CIRCUIT = 'expression = "(x+y)*z"\ninputs = {x = -2, y = 5, z = -4}\n'


def refused(text: str) -> GradcalcError:
    """The error of a bad assignment."""
    with pytest.raises(GradcalcError) as found:
        parse_assignment(text, "hw.toml")
    return found.value


def test_a_sheet(tmp_path: Path) -> None:
    """Ids, points, tolerance and credit; what a problem leaves open, the sheet says."""
    (tmp_path / "loss.grad").write_text("q = x*y; q^2")
    path = tmp_path / "hw.toml"
    path.write_text(
        'title = "HW"\ntolerance = 0.01\ncredit = {rounded = 0.5}\n'
        f"[[problem]]\n{CIRCUIT}points = {{dx = 1, dz = 2}}\n"
        '[[problem]]\nid = "loss"\nfile = "loss.grad"\ninputs = {x = 2, y = "pi/2"}\npoints = {dq = 3}\n'
        "tolerance = 0.1\ncredit = {follows = 0.25}\n"
    )
    sheet = read_assignment(str(path))
    first, second = sheet.problems
    assert (sheet.title, sheet.worth, first.id, second.id) == ("HW", 6, "p1", "loss")
    assert (first.tolerance, second.tolerance) == (0.01, 0.1)
    assert (first.credit, second.credit) == (Credit(rounded=0.5), Credit(rounded=0.5, follows=0.25))
    assert second.text == "q = x*y; q^2"


def test_points_for_each_input() -> None:
    """One number is worth each input's gradient."""
    sheet = parse_assignment(f"[[problem]]\n{CIRCUIT}points = 2")
    assert dict(sheet.problems[0].points) == {"dx": 2, "dy": 2, "dz": 2}


@pytest.mark.parametrize(
    ("text", "message", "hint", "line"),
    [
        ("titel = 'x'", "hw.toml: there is no key titel", "did you mean title?", 1),
        (
            "[[problem]]\nexpresion = 'x'",
            "hw.toml, problem 1: there is no key expresion",
            "did you mean expression?",
            2,
        ),
        (
            f"[[problem]]\n{CIRCUIT}[[problem]]\n{CIRCUIT}points = {{dxx = 1}}",
            "hw.toml, problem 2: there is no dxx here",
            "did you mean dx?",
            7,
        ),
        (
            f"[[problem]]\n{CIRCUIT}credit = {{round = 1}}",
            "hw.toml, problem 1: there is no key credit.round",
            "did you mean rounded?",
            4,
        ),
        (
            f"[[problem]]\n{CIRCUIT}credit = {{rounded = 2}}",
            "hw.toml, problem 1: credit.rounded is a share from 0 to 1, not 2",
            None,
            4,
        ),
        (
            f"[[problem]]\n{CIRCUIT}points = {{dx = -1}}",
            "hw.toml, problem 1: the points of dx are a number from 0 on, not -1",
            None,
            4,
        ),
        (
            f"[[problem]]\n{CIRCUIT}points = 'many'",
            "hw.toml, problem 1: points is a number or a table, not \"many\"",
            None,
            4,
        ),
        (
            f"[[problem]]\n{CIRCUIT}points = {{dx = '1'}}",
            'hw.toml, problem 1: the points of dx are a number from 0 on, not "1"',
            None,
            4,
        ),
        (
            f"[problem]\n{CIRCUIT}",
            "hw.toml: problem is a list, not a table",
            "write [[problem]] above each",
            1,
        ),
        (
            "[[problem]]\nexpression = 'x*y'\ninputs = {x = true, y = 1}",
            "hw.toml, problem 1: x is a number, an array or a text, not true",
            None,
            3,
        ),
        (
            f"[[problem]]\n{CIRCUIT}fixed = ['w']",
            "hw.toml, problem 1: fixed names w, which is no input",
            None,
            4,
        ),
        (
            "[[problem]]\nfunction = 'layers.py:f'\ndtype = 'float16'",
            'hw.toml, problem 1: dtype is one of float64, float32, bfloat16, not "float16"',
            None,
            3,
        ),
        (
            "[[problem]]\nfunction = 'layers.py:f'\ntimeout = -1",
            "hw.toml, problem 1: timeout is a positive number, not -1",
            None,
            3,
        ),
        (
            "[[problem]]\nfunction = '../layers.py:affine'",
            "hw.toml, problem 1: ../layers.py is not inside a submission",
            "name the file alone",
            2,
        ),
        (
            "[[problem]]\nfunction = 'layers.py'",
            "hw.toml, problem 1: layers.py names no code",
            "write FILE.py:NAME",
            2,
        ),
        (
            f"[[problem]]\n{CIRCUIT}function = 'a.py:f'",
            "hw.toml, problem 1: both expression and function are given",
            "give one of expression, program, file, function",
            4,
        ),
    ],
)  # fmt: skip
def test_bad_keys(text: str, message: str, hint: str | None, line: int) -> None:
    """The key, where it stands, and the nearest that there is."""
    error = refused(text)
    assert (error.message, error.hint, error.kind) == (message, hint, "assignment")
    assert error.span is not None
    assert text.count("\n", 0, error.span.start) + 1 == line


def test_a_bad_expression() -> None:
    """The caret stands in the expression."""
    error = refused('[[problem]]\nexpression = "(x+y"\n')
    assert error.message == 'hw.toml, problem p1: this "(" is never closed'
    assert (error.source, error.span) == ("(x+y", (0, 1))


def test_no_problem_and_no_toml() -> None:
    """Both are said."""
    assert refused("title = 'x'").message == "hw.toml has no problem"
    assert refused("title = ").message == "hw.toml is not TOML: Invalid value (at end of document)"
    assert refused(f"[[problem]]\nid = 'a'\n{CIRCUIT}[[problem]]\nid = 'A'\n{CIRCUIT}").message == (
        "hw.toml, problem 2: the id A is taken by another problem"
    )
