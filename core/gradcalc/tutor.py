"""A lesson: the blanks of a circuit asked one by one, each answer judged in the light of those before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .answers import Answer, Diagnosis
from .blanks import KINDS, Blank, blanks
from .gate import Array
from .hints import Step, step
from .key import Key

AGAIN = ("digits", "unreadable", "shape")  # no wrong number: written in a way that decides nothing


class Reply(NamedTuple):
    """What an answer earns: the judged answer, and the mistakes that give it, likeliest first."""

    answer: Answer
    mistakes: tuple[Diagnosis, ...]

    @property
    def right(self) -> bool:
        return self.answer.verdict in ("right", "rounded")


class Hint(NamedTuple):
    """Help with a blank: the whole `step`; by label, how the gates above treat a gradient, as a sentence,
    and the values that the node's own gate takes."""

    step: Step
    patterns: tuple[tuple[str, str], ...]
    takes: tuple[tuple[str, Array], ...]


class Score(NamedTuple):
    """How a lesson went: of `asked` blanks so many `right`, so many at the `first` try without a hint."""

    asked: int
    right: int
    first: int
    shown: int


class Tutor:
    """One exercise being worked on.

    >>> from .session import Question
    >>> tutor = Tutor(Key.of(Question("(x+y)*z", {"x": "-2", "y": "5", "z": "-4"})), ("gradient",))
    >>> tutor.blank.name, tutor.answer("4").mistakes[0].name, tutor.answer("-4").right
    ('dq', 'sign of an input lost', True)
    >>> tutor.blank.name, tutor.score
    ('dx', Score(asked=4, right=1, first=0, shown=0))
    """

    def __init__(self, key: Key, kinds: Sequence[str] = KINDS) -> None:
        self.key = key
        self.blanks = blanks(key, kinds)
        self.at = 0
        self.given: dict[str, str] = {}  # the right answers so far, as they were written
        self.stumbled: set[str] = set()  # blanks with a wrong try or a hint
        self.skipped: set[str] = set()
        self.wrong: set[str] = set()

    @property
    def blank(self) -> Blank | None:
        """What is asked now; None at the end."""
        return self.blanks[self.at] if self.at < len(self.blanks) else None

    def answer(self, text: str) -> Reply:
        """Judge an answer to the present blank; a right one goes on to the next."""
        name = self.now.name
        marked = self.key.judge({**self.given, name: text})
        judged = next(a for a in marked.answers if a.name == name)
        reply = Reply(judged, tuple(m for m in marked.mistakes if name in m.answers))
        if reply.right:
            self.given[name] = text
            self.wrong.discard(name)
            self.at += 1
        elif judged.verdict not in AGAIN:
            self.stumbled.add(name)
            self.wrong.add(name)
        return reply

    def hint(self) -> Hint:
        """How the present blank comes about: for stages of help, each of which may show more of it."""
        self.stumbled.add(self.now.name)
        graph, (name, kind, quantity) = self.key.graph, self.now
        found = step(self.key, name)
        if kind == "gradient":
            users = dict.fromkeys(int(term.into[1:]) for term in found.terms)
            results = {group.result for group in graph.groups}
            gates = [(i, graph.gates[i].pattern.sentence) for i in users if i not in results]
            return Hint(found, tuple((self.key.names.shown(i), sentence) for i, sentence in gates), ())
        takes = [i for i in dict.fromkeys(graph.inputs[quantity.node]) if i in self.key.names.label]
        return Hint(found, (), tuple((self.key.names.shown(i), graph.values[i]) for i in takes))

    def skip(self, *, standing: bool = False) -> Step:
        """The answer to the present blank, which is not counted; goes on to the next.

        A wrong answer to it counts as taken back, unless it is left `standing`.
        """
        name = self.now.name
        self.skipped.add(name)
        if not standing:
            self.wrong.discard(name)
        self.at += 1
        return step(self.key, name)

    @property
    def now(self) -> Blank:
        assert self.blank is not None
        return self.blank

    @property
    def score(self) -> Score:
        right = len(self.given)
        return Score(len(self.blanks), right, len(self.given.keys() - self.stumbled), len(self.skipped))
