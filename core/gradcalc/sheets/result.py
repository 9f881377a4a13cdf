"""What becomes of a submission: immutable records, item by item."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .assignment import Problem

LOST = ("wrong", "shape", "unreadable", "missing", "error")


class Named(NamedTuple):
    """A mistake: its short name, the sentence about this answer, the same without the answer, and where."""

    name: str
    text: str
    kind: str
    where: str = ""


class Item(NamedTuple):
    """One answer: what was given, the verdict, and its points.

    The verdict is one of an Answer's, or "missing"; of a function "right", "wrong", "undecided", "error" or
    "missing". `mistakes` are the likeliest first.
    """

    name: str
    given: str
    verdict: str
    score: float
    points: float
    note: str = ""
    follows: tuple[str, ...] = ()
    mistakes: tuple[Named, ...] = ()

    @property
    def word(self) -> str:
        """The verdict as it is counted: a wrong answer that follows from others is "follows"."""
        return "follows" if self.follows and self.verdict == "wrong" else self.verdict


class Part(NamedTuple):
    """One problem of one student; `notes` are what was passed over."""

    problem: str
    items: tuple[Item, ...]
    score: float
    points: float
    notes: tuple[str, ...] = ()
    file: str = ""
    line: int = 0


class Graded(NamedTuple):
    """One student's result; `error` where nothing could be read."""

    student: str
    parts: tuple[Part, ...]
    source: str = ""
    error: str = ""
    notes: tuple[str, ...] = ()
    line: int = 0

    @property
    def score(self) -> float:
        return rounded(sum(part.score for part in self.parts))

    @property
    def points(self) -> float:
        return rounded(sum(part.points for part in self.parts))

    @property
    def code(self) -> int:
        """1 if something is wrong, missing or can't be read, else 3 if something is undecided, else 0."""
        verdicts = {item.verdict for part in self.parts for item in part.items}
        if self.error or any(verdict in LOST for verdict in verdicts):
            return 1
        return 3 if verdicts & {"digits", "undecided"} else 0


def part(problem: str, items: Iterable[Item], notes: tuple[str, ...] = ()) -> Part:
    """The items of a problem, added up."""
    listed = tuple(items)
    return Part(
        problem, listed, rounded(sum(i.score for i in listed)), rounded(sum(i.points for i in listed)), notes
    )


def nothing(problem: Problem, note: str = "", verdict: str = "missing") -> Part:
    """What becomes of a problem to which nothing was handed in, or which can't be graded."""
    return part(problem.id, [Item(n, "", verdict, 0.0, worth, note) for n, worth in problem.points.items()])


def rounded(points: float) -> float:
    """Points without what binary makes of 0.1."""
    return round(points, 9) + 0.0
