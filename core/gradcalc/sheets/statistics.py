"""What a class did, item by item: for the teacher."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import NamedTuple

from .assignment import Assignment
from .result import Graded, Item

COUNTED = ("right", "rounded", "follows", "digits", "wrong", "missing")
UNGRADED = {"error": "no result", "unreadable": "can't be read", "undecided": "undecided"}
LONGEST = 100  # characters of what is said of one of them
AS_WRONG = {"shape": "wrong", "unreadable": "wrong", "error": "wrong", "undecided": "digits"}


class Fallen(NamedTuple):
    """A mistake and how many students' answers it gives: its short name, and what it is in words."""

    name: str
    text: str
    times: int


class ItemStatistics(NamedTuple):
    """How a class did at one item: how often each verdict, the mean score, the mistakes, commonest first."""

    problem: str
    name: str
    points: float
    counts: dict[str, int]
    mean: float
    mistakes: tuple[Fallen, ...]


class Statistics:
    """The counts of a class, while it is graded."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.students = 0
        self.bad = 0
        self.score = 0.0
        self.codes: set[int] = set()
        names = [(problem.id, name) for problem in assignment.problems for name in problem.points]
        self.words: dict[tuple[str, str], Counter[str]] = {key: Counter() for key in names}
        self.scores = dict.fromkeys(names, 0.0)
        self.fallen: dict[tuple[str, str], Counter[tuple[str, str]]] = {key: Counter() for key in names}

    def add(self, graded: Graded) -> None:
        """Count one student."""
        self.students += 1
        self.bad += bool(graded.error)
        self.score += graded.score
        self.codes.add(graded.code)
        for part in graded.parts:
            for item in part.items:
                key = part.problem, item.name
                word = item.word
                self.words[key][AS_WRONG.get(word, word)] += 1
                self.scores[key] += item.score
                if item.mistakes and not item.follows:
                    first = item.mistakes[0]
                    self.fallen[key][first.name, first.kind] += 1
                elif item.verdict in UNGRADED and item.note:
                    self.fallen[key][UNGRADED[item.verdict], first_words(item)] += 1

    @property
    def code(self) -> int:
        """The exit code of the whole."""
        return next((code for code in (1, 3) if code in self.codes), 0)

    @property
    def mean(self) -> float:
        """The mean total."""
        return self.score / max(self.students, 1)

    def items(self) -> list[ItemStatistics]:
        """All items in the order of the assignment."""
        worth = {(p.id, name): points for p in self.assignment.problems for name, points in p.points.items()}
        found = []
        for key, words in self.words.items():
            fallen = tuple(Fallen(*mistake, n) for mistake, n in self.fallen[key].most_common())
            counts = {word: words[word] for word in COUNTED}
            mean = self.scores[key] / max(self.students, 1)
            found.append(ItemStatistics(*key, worth[key], counts, mean, fallen))
        return found


def first_words(item: Item) -> str:
    """What is said of an answer that has no verdict, without the advice and in one line."""
    said = item.note.partition("; ")[0]
    if item.verdict == "unreadable":
        said = said.partition(": ")[0]
    return textwrap.shorten(said, LONGEST, placeholder=" ...")
