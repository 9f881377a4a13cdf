"""What students are told of a mistake: all, the kind, or only where."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcalc.errors import GradcalcError
from gradcalc.sheets.assignment import parse_assignment
from gradcalc.sheets.hints import hinted
from gradcalc.sheets.marker import Marker
from gradcalc.sheets.result import Graded
from gradcalc.sheets.submission import Submission, parse_submission

SHEET = """
[[problem]]
expression = "(x+y)*z"
inputs = {x = -2.5, y = 5.25, z = -4.3}
points = {dx = 1, dy = 1, dz = 1}
"""
CODE = """
[[problem]]
function = "layer.py:scale"
shapes = {x = "4", w = "4"}
points = {dx = 1, dw = 1}
"""
LAYER = """
def scale_forward(x, w):
    return x * w, (x, w)
def scale_backward(dz, cache):
    x, w = cache
    return -dz * w, dz * x
"""


def graded() -> Graded:
    """dz with a wrong sign, dy nonsense."""
    sheet = parse_assignment(SHEET)
    return Marker(sheet).grade(parse_submission("dx = -4.3\ndy = 17.31\ndz = -2.75", sheet, "ada"))


def told(found: Graded) -> dict[str, str]:
    """All that is said of each item."""
    items = [item for part in found.parts for item in part.items]
    return {i.name: "; ".join([i.note, *(m.text for m in i.mistakes)]).strip("; ") for i in items}


def test_everything_by_default() -> None:
    found = graded()
    assert hinted(found, None) == hinted(found, 3) == found
    assert "dz = -2.75 is" in told(found)["dz"]


def test_level_2_names_the_kind_and_no_number() -> None:
    said = told(hinted(graded(), 2))
    assert said["dz"].startswith("dz is what you get when")
    assert said["dy"] == "do this step again"
    assert said["dx"] == ""
    assert not any(digit in said["dz"] for digit in ["-4", "17.31"])


def test_level_1_says_where() -> None:
    found = hinted(graded(), 1)
    said = told(found)
    assert said["dz"].startswith("look at ")
    assert "sign" not in said["dz"]
    assert all(not i.mistakes for part in found.parts for i in part.items)


@pytest.mark.parametrize("level", [1, 2])
def test_verdicts_and_points_stay(level: int) -> None:
    found, less = graded(), hinted(graded(), level)
    assert (less.score, less.points, less.code) == (found.score, found.points, found.code)
    assert [i.verdict for p in less.parts for i in p.items] == ["right", "wrong", "wrong"]


def test_code_is_not_mended_for_them(tmp_path: Path) -> None:
    (tmp_path / "layer.py").write_text(LAYER)
    sheet = parse_assignment(CODE)
    found = Marker(sheet).grade(Submission("ada", {}, code=str(tmp_path / "layer.py")))
    assert "line 6" in told(found)["dx"]
    assert told(hinted(found, 2)) == {"dx": "dx: a sign is wrong", "dw": told(found)["dw"]}
    assert told(hinted(found, 1))["dx"] == "do this step again"


def test_an_assignment_may_ask_for_it() -> None:
    assert parse_assignment(SHEET).hint is None
    assert parse_assignment("hint = 2\n" + SHEET).hint == 2
    with pytest.raises(GradcalcError, match="hint is 1, 2 or 3, not 5"):
        parse_assignment("hint = 5\n" + SHEET)
