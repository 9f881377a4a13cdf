"""A class's results for other programs, student by student: JSON, JSON Lines, CSV; gradcalc.grade/1."""

import json
from functools import lru_cache
from typing import Any

from gradcalc.files import number

from .delimited import quoted
from .json import dumps

SCHEMA = "gradcalc.grade/1"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST = 50_000  # texts of parts, and of cells, that are remembered
HEADS = ("student", "problem", "item", "given", "verdict", "score", "max_score", "follows", "mistake", "note")


def points(x: float) -> int | float:
    """Points, whole ones bare."""
    return int(x) if x == int(x) else x


def part_record(part: Any) -> dict[str, Any]:
    """One problem of one student."""
    record = {
        "id": part.problem,
        "score": points(part.score),
        "max_score": points(part.points),
        "items": [
            {
                "name": item.name,
                "given": item.given,
                "verdict": item.verdict,
                "score": points(item.score),
                "max_score": points(item.points),
                "follows": list(item.follows),
                "mistakes": [{"name": m.name, "text": m.text} for m in item.mistakes],
                "note": item.note,
            }
            for item in part.items
        ],
        "notes": list(part.notes),
    }
    if part.file:
        record |= {"file": part.file, "line": part.line}
    return record


def statistics_record(statistics: Any) -> dict[str, Any]:
    """What the class did."""
    return {
        "students": statistics.students,
        "unreadable": statistics.bad,
        "mean": statistics.mean,
        "items": [
            {
                "problem": item.problem,
                "name": item.name,
                "max_score": points(item.points),
                "mean": item.mean,
                **item.counts,
                "mistakes": [{"name": m.name, "text": m.text, "count": m.times} for m in item.mistakes],
            }
            for item in statistics.items()
        ],
    }


def inert(text: str) -> str:
    """A cell that a spreadsheet takes for no formula: what looks like one and is no number gets a '."""
    if text[:1] in FORMULA and number(text.replace(",", ".")) is None:
        return "'" + text
    return text


def as_written(cell: str) -> str:
    """What was made inert, as it was."""
    return cell[1:] if cell[:1] == "'" and inert(cell[1:]) == cell else cell


@lru_cache(maxsize=MOST)
def safe(text: str) -> str:
    """A cell of a table that a spreadsheet may open."""
    return quoted(inert(text), ",")


class Lines:
    """JSON Lines: an object a student."""

    def __init__(self, assignment: Any, look: Any) -> None:
        self.assignment = assignment
        self.texts: dict[int, tuple[Any, str]] = {}

    def start(self) -> str:
        """Nothing stands before the first student."""
        return ""

    def student(self, graded: Any) -> str:
        """One student's line."""
        return self.object(graded) + "\n"

    def object(self, graded: Any) -> str:
        """One student's object; problems that many answered alike are written once."""
        head = {
            "schema": SCHEMA,
            "student": graded.student,
            "source": graded.source,
            "score": points(graded.score),
            "max_score": points(graded.points),
            "error": graded.error,
            "notes": list(graded.notes),
        }
        parts = ", ".join(map(self.part, graded.parts))
        return f'{json.dumps(head)[:-1]}, "problems": [{parts}]}}'

    def part(self, part: Any) -> str:
        """One problem of one student, from what is remembered."""
        known = self.texts.get(id(part))
        if known is None or known[0] is not part:
            if len(self.texts) >= MOST:
                self.texts.clear()
            known = self.texts[id(part)] = (part, json.dumps(part_record(part)))
        return known[1]

    def end(self, statistics: Any) -> str:
        """Nothing stands behind the last student."""
        return ""


class Json(Lines):
    """One JSON object: the students, and what the class did."""

    def __init__(self, assignment: Any, look: Any) -> None:
        super().__init__(assignment, look)
        self.comma = ""

    def start(self) -> str:
        """The sheet, and the beginning of the list."""
        problems = [
            {
                "id": p.id,
                "title": p.title,
                "text": p.text,
                "points": {n: points(x) for n, x in p.points.items()},
            }
            for p in self.assignment.problems
        ]
        head = {"schema": SCHEMA, "title": self.assignment.title, "problems": problems}
        return f'{json.dumps(head, indent=2)[:-2]},\n  "students": ['

    def student(self, graded: Any) -> str:
        """One student."""
        text = f"{self.comma}\n    {self.object(graded)}"
        self.comma = ","
        return text

    def end(self, statistics: Any) -> str:
        """What the class did."""
        return f'\n  ],\n  "statistics": {dumps(statistics_record(statistics)).strip()}\n}}\n'


class Csv:
    """One row for each student and item, and one for each student's total."""

    def __init__(self, assignment: Any, look: Any) -> None:
        self.texts: dict[int, tuple[Any, list[str]]] = {}

    def start(self) -> str:
        """The heads."""
        return ",".join(HEADS) + "\n"

    def student(self, graded: Any) -> str:
        """One student's rows."""
        who = quoted(inert(graded.student), ",")
        rows = [f"{who},{row}\n" for part in graded.parts for row in self.rows(part)]
        note = "; ".join(part for part in (graded.error, *graded.notes) if part)
        total = f",total,,,{points(graded.score)},{points(graded.points)},,,{quoted(note, ',')}"
        return "".join(rows) + f"{who},{total}\n"

    def rows(self, part: Any) -> list[str]:
        """The rows of one problem, behind the student; from what is remembered."""
        known = self.texts.get(id(part))
        if known is None or known[0] is not part:
            if len(self.texts) >= MOST:
                self.texts.clear()
            rows = []
            for item in part.items:
                cells = [
                    part.problem, item.name, item.given, item.verdict, str(points(item.score)),
                    str(points(item.points)), " ".join(item.follows),
                    item.mistakes[0].text if item.mistakes else "",
                    "; ".join((item.note, *part.notes)).strip("; "),
                ]  # fmt: skip
                rows.append(",".join(map(safe, cells)))
            known = self.texts[id(part)] = (part, rows)
        return known[1]

    def end(self, statistics: Any) -> str:
        """Nothing stands behind the last student."""
        return ""
