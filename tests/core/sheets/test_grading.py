"""Submissions and classes graded: digits as they are written, and nothing that ends the run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from gradcalc.errors import GradcalcError
from gradcalc.sheets.assignment import Assignment, parse_assignment
from gradcalc.sheets.collect import collect
from gradcalc.sheets.marker import Marker
from gradcalc.sheets.result import Graded
from gradcalc.sheets.roster import heads, read_class
from gradcalc.sheets.statistics import Statistics
from gradcalc.sheets.submission import parse_submission

LECTURE = "[[problem]]\nexpression = '(x+y)*z'\ninputs = {x = -2, y = 5, z = -4}\n"
ONE = "[[problem]]\nexpression = 'a*x'\ninputs = {{x = 1, a = {}}}\npoints = {{dx = 1}}\n"

# What is written, the true value, and the verdict: in TOML bare and quoted, and in CSV.
WRITTEN = [
    ("0.20", 0.1966, "right"),
    ("0.2", 0.1966, "right"),
    ("0.20", 0.19, "wrong"),
    ("0.2", 0.19, "digits"),
    ("-0.53", -0.5344, "right"),
    ("-0.53", -0.524, "wrong"),
    ("1.37", 1.3657, "right"),
    ("1.37", 1.376, "wrong"),
    ("4e-3", 0.00401, "right"),
    ("4e-3", 0.0036, "digits"),
    ("12.", 12.3, "right"),
    ("12.", 12.6, "wrong"),
    ("1/3", "1/3", "right"),
    ("1/3", 0.333, "wrong"),
    ("-4", -4, "right"),
    ("−4", -4, "right"),
    ("0,39", 0.393, "right"),
    ("0,39", 0.38, "wrong"),
    ("1,234.5", 1234.5, "unreadable"),
    ("about 2", 2, "unreadable"),
    ("0", 0.3, "wrong"),
]  # fmt: skip


def only(graded: Graded) -> str:
    """The verdict on the only item."""
    ((item,),) = (part.items for part in graded.parts)
    return item.verdict


@pytest.mark.parametrize(("text", "true", "verdict"), WRITTEN)
@pytest.mark.parametrize("quotes", ["", '"'])
def test_digits_in_toml(text: str, true: float, verdict: str, quotes: str) -> None:
    """The digits that are written are the tolerance, with and without quotes."""
    sheet = parse_assignment(ONE.format(f"'{true}'"))
    found = parse_submission(f"student = 'ada'\n[p1]\ndx = {quotes}{text}{quotes}  # done\n", sheet)
    assert (found.student, found.error) == ("ada", "")
    assert only(Marker(sheet).grade(found)) == verdict


@pytest.mark.parametrize(("text", "true", "verdict"), WRITTEN)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_digits_in_csv(text: str, true: float, verdict: str, mark: str) -> None:
    """The same in a class, whatever stands between its cells; a comma inside wants quotes there."""
    sheet = parse_assignment(ONE.format(f"'{true}'"))
    cell = f'"{text}"' if mark in text else text
    _, rows = read_class([f"\ufeffstudent{mark}p1.dx\r\n", f"ada{mark}{cell}\r\n"], sheet, "class.csv")
    (found,) = rows
    assert found.student == "ada"
    assert only(Marker(sheet).grade(found)) == verdict


@pytest.mark.parametrize(
    "head",
    ["student,p1.dx,p1.dz", "Student ID,P1 dx,p1_dz", "email,name,1:df/dx,problem 1/dz", "dx,sid,∂f/∂z"],
)
def test_heads(head: str) -> None:
    """The forms that people write; the student's column is found."""
    sheet = parse_assignment(LECTURE)
    found = heads(head, sheet, "class.csv")
    names = [column.name for column in found.columns]
    assert len(names) == 2
    assert names[0] in ("dx", "df/dx")
    row = {"student": "s1", "Student ID": "s1", "name": "s1", "sid": "s1", "email": "e@x"}
    cells = [row.get(cell, "-4" if "x" in cell[-1:] else "3") for cell in head.split(",")]
    _, rows = read_class([head, ",".join(cells)], sheet, "class.csv")
    graded = Marker(sheet).grade(next(rows))
    assert (graded.student, graded.score) == ("e@x" if head.startswith("email") else "s1", 2)


def test_bad_heads() -> None:
    """A column of a problem that has no such quantity, and a table without answers."""
    sheet = parse_assignment(LECTURE)
    with pytest.raises(GradcalcError, match=r"class.csv, column p1.dxx: problem p1 has no dxx") as found:
        heads("student,p1.dxx", sheet, "class.csv")
    assert found.value.hint == "did you mean p1.dx?"
    with pytest.raises(GradcalcError, match=r"class.csv: no column is an answer") as found:
        heads("student,name", sheet, "class.csv")
    assert found.value.hint == "its first line is, for example, student,p1.dx,p1.dy,p1.dz"
    with pytest.raises(GradcalcError, match=r"class.csv: two columns are called p1.dx"):
        heads("student,p1.dx,p1.dx", sheet, "class.csv")


def test_rows_that_are_short_long_or_empty() -> None:
    """What is left out is missing; a row that is too long is that student's error."""
    sheet = parse_assignment(LECTURE)
    lines = ["who,p1.dx,p1.dy,p1.dz", "a,-4", "b,-4,-4,3,1", "", ",-4,-4,3", "c,,,"]
    _, rows = read_class(lines, sheet, "c.csv")
    found = [Marker(sheet).grade(row) for row in rows]
    assert [g.student for g in found] == ["a", "b", "c.csv:5", "c"]
    assert [g.score for g in found] == [1, 0, 3, 0]
    assert found[1].error == "5 cells where the head has 4 (a comma inside a number wants quotes)"
    assert [g.code for g in found] == [1, 1, 0, 1]


def grade(sheet: Assignment, text: str) -> Graded:
    """One submission."""
    return Marker(sheet).grade(parse_submission(text, sheet, "ada"))


def test_follow_through_and_credit() -> None:
    """A step that follows from a wrong one has the credit that the sheet gives it."""
    sheet = parse_assignment(
        LECTURE + "points = {dq = 1, dx = 1, dy = 2, dz = 1}\ncredit = {follows = 0.5}\n"
    )
    found = grade(sheet, "dq = 4\ndx = 4\ndy = 4\ndz = 3\n")
    assert [(i.word, i.score) for i in found.parts[0].items] == [
        ("wrong", 0), ("follows", 0.5), ("follows", 1), ("right", 1),
    ]  # fmt: skip
    assert found.parts[0].items[0].mistakes[0].name == "sign of an input lost"
    assert (found.score, found.points) == (2.5, 5)


def test_rounded_tolerance_and_strict() -> None:
    """Credit for what was rounded on the way, a relative tolerance, and neither."""
    circuit = (
        "[[problem]]\nexpression = '1/(1+exp(-(w0*x0+w1*x1+w2)))'\npoints = {dw1 = 4}\n"
        "inputs = {w0 = 2, x0 = -1, w1 = -3, x1 = -2, w2 = -3}\n"
    )
    answer = "dw1 = -0.40"  # 0.20 times -2, as on the lecture's slide; the true value is -0.393
    assert grade(parse_assignment(circuit), answer).score == 4
    half = grade(parse_assignment(circuit + "credit = {rounded = 0.5}"), answer)
    assert (half.score, half.code, half.parts[0].items[0].verdict) == (2, 0, "rounded")
    assert grade(parse_assignment(circuit + "strict = true"), answer).score == 0
    assert grade(parse_assignment(circuit + "tolerance = 0.02"), answer).parts[0].items[0].verdict == "right"


def test_names_that_mean_nothing_or_the_same() -> None:
    """They are noted; the others count."""
    found = grade(parse_assignment(LECTURE), "dxx = 3\ndx = -4\n'df/dx' = 5\ndz = ''\n")
    assert [i.verdict for i in found.parts[0].items] == ["wrong", "missing", "missing"]
    assert found.parts[0].notes == (
        "there is no dxx here; did you mean dx?",
        "dx and df/dx are the same: 5 was taken",
    )


def test_a_problem_that_is_not_there() -> None:
    """It is noted, with those that there are."""
    sheet = parse_assignment(LECTURE + LECTURE)
    found = grade(sheet, "[p1]\ndx = -4\n[p3]\ndx = -4\n['problem 2']\ndx = -4\n")
    assert found.notes == ("there is no problem p3: there are p1, p2",)
    assert found.score == 2


@pytest.mark.parametrize("text", ["[p1", "p1 = 3\np1 = 4", "\\", "a = [" * 3000])
def test_bad_toml(text: str) -> None:
    """It is the student's result."""
    found = grade(parse_assignment(LECTURE), text)
    assert found.error.startswith("this is not TOML: ")
    assert (found.score, found.points, found.code) == (0, 3, 1)


def test_arrays() -> None:
    """Each entry keeps its digits."""
    sheet = parse_assignment(
        "[[problem]]\nexpression = 'sum((W@x)^2)'\n"
        "inputs = {W = [[1, 2], [3, 4]], x = [1, -1]}\npoints = {dx = 1}\n"
    )
    assert grade(sheet, "dx = [-8, -12]").score == 1
    assert grade(sheet, "dx = [-8.0, '-12']").score == 1
    assert grade(sheet, "dx = [-8.1, -12]").score == 0
    assert grade(sheet, "dx = 3").parts[0].items[0].verdict == "shape"


def test_no_answer_is_told_of_the_command_line() -> None:
    """Who writes a sheet has no options."""
    sheet = parse_assignment("[[problem]]\nexpression = 'sum(x*x)'\ninputs = {x = [1, 2]}\npoints = {dx = 1}")
    (item,) = grade(sheet, "dx = 'y = [2, 4]'").parts[0].items
    assert item.note == (
        "the value of dx must be one expression: an array is written as [0.39, -4], or as [[1, 2], [3, 4]]"
    )


def test_an_answer_may_begin_with_its_name() -> None:
    """As people fill in cells; another's name is no answer."""
    sheet = parse_assignment(LECTURE)
    (part,) = grade(sheet, "dx = 'dx = -4'\ndy = 'df/dy=4'\ndz = 'dx = 3'").parts
    assert [(i.given, i.verdict) for i in part.items] == [
        ("-4", "right"), ("4", "wrong"), ("dx = 3", "unreadable"),
    ]  # fmt: skip


def test_statistics() -> None:
    """Counts of verdicts and of mistakes, by item."""
    sheet = parse_assignment(LECTURE)
    statistics = Statistics(sheet)
    for text in ("dx=-4\ndy=-4\ndz=3", "dx=4\ndy=-4\ndz=-4", "dx=4\ndy=-4", "[p1"):
        statistics.add(grade(sheet, text))
    dx, dy, dz = statistics.items()
    assert (statistics.students, statistics.bad, statistics.code) == (4, 1, 1)
    assert dx.counts == {"right": 1, "rounded": 0, "follows": 0, "digits": 0, "wrong": 2, "missing": 1}
    assert [(m.name, m.times) for m in dx.mistakes] == [("sign lost", 2)]
    assert (dy.mean, dz.mean) == (0.75, 0.25)


def test_statistics_end_no_sentence_in_the_middle() -> None:
    """What can't be read is said without the advice that each student gets."""
    sheet = parse_assignment(LECTURE)
    statistics = Statistics(sheet)
    statistics.add(grade(sheet, "dx = 'idk'"))
    (fallen,) = statistics.items()[0].mistakes
    assert fallen.text == "the value of dx must be a number or an array, without names like idk"


def test_the_order_of_students_changes_nothing() -> None:
    """What was judged before is remembered, and gives the same result."""
    sheet = parse_assignment(LECTURE)
    texts = ["dx=4\ndy=-4", "dx=-4", "dx=4\ndy=-4\ndz=3", "dx=4\ndy=-4", "dz=-4\ndx=1"]
    marker = Marker(sheet)

    def all_of(order: Iterable[str]) -> dict[str, Graded]:
        return {text: marker.grade(parse_submission(text, sheet)) for text in order}

    first, second = all_of(texts), all_of(reversed(texts))
    assert first == second == {text: Marker(sheet).grade(parse_submission(text, sheet)) for text in texts}


def test_collecting(tmp_path: Path) -> None:
    """Files, a class, folders of students, hidden files and the assignment itself."""
    sheet = parse_assignment(LECTURE, str(tmp_path / "hw.toml"))
    (tmp_path / "hw.toml").write_text(LECTURE)
    (tmp_path / "zoe.toml").write_text("dx = -4")
    (tmp_path / ".hidden.toml").write_text("dx = -4")
    (tmp_path / "class.csv").write_text("who,dx\nbo,-4\ncem,-4\n")
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "answers.toml").write_text("dx = -4")
    (tmp_path / "empty").mkdir()
    assert [s.student for s in collect([str(tmp_path)], sheet)] == ["ada", "bo", "cem", "empty", "zoe"]
    found = list(collect([str(tmp_path / "nobody.toml"), str(tmp_path / "zoe.toml")], sheet))
    assert [(s.student, bool(s.error)) for s in found] == [("nobody", True), ("zoe", False)]
    with pytest.raises(GradcalcError, match="there is no file"):
        list(collect([str(tmp_path / "nobody.toml")], sheet))
    assert [s.student for s in collect(["-"], sheet, lambda: b"student='eve'\ndx=-4")] == ["eve"]
    assert [s.student for s in collect(["-"], sheet, lambda: b"who;dx\nfay;-4\n")] == ["fay"]


def test_only_steps_that_are_asked_are_followed() -> None:
    """Nobody gets points for what follows from numbers of their own making."""
    sheet = parse_assignment(LECTURE + "points = {dx = 1, dy = 1, dz = 1}\n")
    invented = "dq = 7\ndx = 7\ndy = 7\nq = 99\ndz = 99\n"
    assert Marker(sheet).grade(parse_submission(invented, sheet)).score == 0
    asked = parse_assignment(
        LECTURE.replace("(x+y)*z", "q = x+y; q*z") + "points = {dq = 1, dx = 1, dz = 1}\n"
    )
    assert Marker(asked).grade(parse_submission("dq = 7\ndx = 7\ndz = 3\n", asked)).score == 2


@pytest.mark.parametrize("answers", ["x = 10\ndz = 15\n", "z = 2\ndx = 2\ndy = 2\n", "df = 10\ndx = -40\n"])
def test_what_is_given_is_nobodys_step(answers: str) -> None:
    """An input that is written anew, and the gradient at the output, earn nothing, asked or not."""
    for points in ("{dx = 1, dy = 1, dz = 1}", "{x = 1, z = 1, df = 1, dx = 1, dy = 1, dz = 1}"):
        sheet = parse_assignment(LECTURE.replace("(x+y)*z", "f = (x+y)*z") + f"points = {points}\n")
        assert Marker(sheet).grade(parse_submission(answers, sheet)).score == 0


@pytest.mark.parametrize(
    ("head", "student"),
    [
        ("Timestamp,Email Address,dx", 1), ("Section,SIS Login ID,dx", 1), ("Name,Student ID,dx", 1),
        ("Nachname,Matrikelnummer,dx", 1), ("email,Student,dx", 1), ("ID,Student,dx", 1), ("Last name,dx", 0),
        ("who,when,dx", 0), ("dx,name", 1),
    ],
)  # fmt: skip
def test_whose_row_it_is(head: str, student: int) -> None:
    """By the surest head, wherever it stands."""
    assert heads(head, parse_assignment(LECTURE), "class.csv").who == student


@pytest.mark.parametrize(
    ("encoded", "said"),
    [
        ("utf-16", ""), ("utf-16-be", ""), ("utf-8", ""), ("utf-8-sig", ""),
        ("cp1252", "class.csv is not UTF-8: read as Windows-1252; look whether the names are right"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", "sep=;\r\n"])
def test_tables_as_spreadsheets_write_them(tmp_path: Path, encoded: str, said: str, start: str) -> None:
    """Whatever the encoding, the mark between cells and the ends of lines."""
    mark = b"\xfe\xff" if encoded == "utf-16-be" else b""
    text = f"{start}student;dx;note\r\nJörg Šmid;-4;x\r\n\r\n"
    (tmp_path / "class.csv").write_bytes(mark + text.encode(encoded))
    heard: list[str] = []
    (found,) = collect([str(tmp_path / "class.csv")], parse_assignment(LECTURE), say=heard.append)
    assert (found.student, found.answers) == ("Jörg Šmid", {"p1": {"dx": "-4"}})
    folder = str(tmp_path) + "/"
    assert [line.removeprefix(folder) for line in heard] == [
        *([said] if said else []), "class.csv: passed over the column note",
    ]  # fmt: skip


def test_what_lies_in_folders(tmp_path: Path) -> None:
    """Nobody vanishes; what is passed over is said; the file as it is asked for is its folder's."""
    text = LECTURE + "[[problem]]\nfunction = 'layers.py:affine'\nshapes = {x = '2x2'}\n"
    sheet = parse_assignment(text, str(tmp_path / "hw.toml"))
    for name in ("cy", "dee", "eve", "fay"):
        (tmp_path / "in" / name).mkdir(parents=True)
    (tmp_path / "in" / "cy" / "answers.pdf").write_bytes(b"%PDF")
    (tmp_path / "in" / "eve" / "a.toml").write_text("student = 'ann'\n[p1]\ndx = -4\n")
    (tmp_path / "in" / "eve" / "b.toml").write_text("[p1]\ndy = -4\n")
    (tmp_path / "in" / "fay" / "layers.py").write_text("x = 1\n")
    (tmp_path / "in" / "gus.pdf").write_bytes(b"%PDF")
    heard: list[str] = []
    found = list(collect([str(tmp_path / "in")], sheet, say=heard.append))
    assert [(s.student, s.error) for s in found] == [
        ("cy", "there are no answers in it: only answers.pdf"), ("dee", "there are no answers in it"),
        ("ann", ""), ("fay", ""),
    ]  # fmt: skip
    assert found[2].notes == (
        "a.toml is read, and not b.toml", "the folder is called eve, and the file says ann",
    )  # fmt: skip
    assert heard == [f"{tmp_path / 'in'}: passed over gus.pdf"]
    (alone,) = collect([str(tmp_path / "in" / "fay" / "layers.py")], sheet)
    assert alone.student == "fay"
