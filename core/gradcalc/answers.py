"""A person's answers, judged: the verdict on each, what it follows from, and the mistake behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .gate import Array

EXIT = {"right": 0, "rounded": 0, "digits": 3, "wrong": 1, "shape": 1, "unreadable": 2}


class Diagnosis(NamedTuple):
    """A mistake that gives the numbers of some answers.

    `text` is the whole sentence, `kind` the same without any number of the answers, `where` the place alone;
    `also` are the names and kinds of mistakes that give the very same numbers here. It is not `sure` where
    chance alone would give such numbers too often.
    """

    name: str
    text: str
    kind: str
    where: str
    answers: tuple[str, ...]
    also: tuple[tuple[str, str], ...] = ()
    sure: bool = True


class Answer(NamedTuple):
    """One judged answer: what was given, what is true, and the verdict.

    The verdict is "right", "rounded" (intermediate results were), "digits" (too few to tell), "wrong",
    "shape" or "unreadable". A wrong answer may follow correctly from other wrong ones, `follows`. `credit`
    is 1 for a step that is right, or right given the numbers above it, and else 0: the step where the
    mistake is made gets none.
    """

    name: str
    given: str
    value: Array
    verdict: str
    note: str = ""
    follows: tuple[str, ...] = ()
    mistakes: tuple[Diagnosis, ...] = ()

    @property
    def credit(self) -> float:
        return 1.0 if self.verdict in ("right", "rounded") or self.follows else 0.0


class Marked(NamedTuple):
    """All answers of one person to one circuit.

    `mistakes` are the diagnoses, the likeliest first; `more` were left out. `notes` say what was not done.
    """

    answers: tuple[Answer, ...]
    mistakes: tuple[Diagnosis, ...] = ()
    more: int = 0
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 if any is wrong, else 2 if any is unreadable, else 3 if any is too coarse, else 0."""
        codes = {EXIT[a.verdict] for a in self.answers}
        return next((code for code in (1, 2, 3) if code in codes), 0)

    @property
    def credit(self) -> float:
        """The share of the steps that are right, or follow."""
        return sum(a.credit for a in self.answers) / max(len(self.answers), 1)

    @property
    def first_wrong(self) -> tuple[str, ...]:
        """The answers where something goes wrong: wrong, and not following from other wrong ones."""
        return tuple(a.name for a in self.answers if a.verdict in ("wrong", "shape") and not a.follows)


def split_answers(names: Mapping[str, str], inputs: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Which of the bindings on a command line are values of inputs, and which are answers."""
    values = {name: text for name, text in names.items() if name in inputs}
    return values, {name: text for name, text in names.items() if name not in inputs}
