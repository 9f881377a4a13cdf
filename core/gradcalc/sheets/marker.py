"""Grading: each problem's key is made once, and what was judged once is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock

from ..answers import Answer
from ..errors import GradcalcError
from ..key import Key
from ..quantities import Quantity
from ..session import Question
from .assignment import Assignment, Problem
from .code import grade_code
from .result import Graded, Item, Named, Part, nothing, part, rounded
from .submission import Submission
from .variant import variant

MOST = 100_000  # sets of answers that are remembered
MOST_KEYS = 200  # keys of single students


class Marker:
    """Grades submissions to one assignment; the result does not hang on who was graded before.

    >>> from .assignment import parse_assignment
    >>> from .submission import parse_submission
    >>> sheet = parse_assignment("[[problem]]\\nexpression = 'x*y'\\ninputs = {x = 2, y = 3}")
    >>> found = Marker(sheet).grade(parse_submission("dx = 3\\ndy = 5", sheet, "ada"))
    >>> found.score, found.points, [item.verdict for item in found.parts[0].items]
    (1.0, 2.0, ['right', 'wrong'])
    """

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.seen: dict[tuple[int, tuple[tuple[str, str], ...]], Part] = {}
        self.key = lru_cache(MOST_KEYS)(self._key)
        self.lock = Lock()

    def grade(self, submission: Submission) -> Graded:
        """One student's result. What is wrong with a submission stands in it, and is never raised."""
        parts = tuple(self.part(problem, submission) for problem in self.assignment.problems)
        return Graded(submission.student, parts, submission.source, submission.error, submission.notes)

    def part(self, problem: Problem, submission: Submission) -> Part:
        """One problem of one student."""
        if problem.job is not None:
            return grade_code(problem, submission)
        answers = submission.answers.get(problem.id)
        if not answers:
            return nothing(problem)
        with self.lock:
            return self.marked(problem, answers, submission.student)

    def marked(self, problem: Problem, answers: Mapping[str, str], student: str) -> Part:
        """The answers to one problem."""
        if problem.variant:
            try:
                key = self.key(problem.number, student)
            except GradcalcError as error:
                return nothing(problem, error.message, "error")
            return judged(problem, key, answers)
        seen = (problem.number, tuple(answers.items()))
        found = self.seen.get(seen)
        if found is None:
            found = judged(problem, self.key(problem.number, ""), answers)
            if len(self.seen) >= MOST:
                self.seen.clear()
            self.seen[seen] = found
        return found

    def _key(self, number: int, student: str) -> Key:
        return Key.of(self.question(self.assignment.problems[number], student))

    def question(self, problem: Problem, student: str) -> Question:
        """A problem about a circuit, with this student's own numbers if it has such."""
        assert problem.question is not None
        return variant(self.assignment, problem, student) if problem.variant else problem.question


def judged(problem: Problem, key: Key, answers: Mapping[str, str]) -> Part:
    """The verdicts on the answers that are asked for; others count as what these follow from."""
    given, notes = quantities(key, answers)
    asked = {name: key.quantity(name) for name in problem.points}
    texts = {name: given[q][1] for name, q in asked.items() if q in given}
    extra = {name: text for q, (name, text) in given.items() if q not in asked.values()}
    marked = key.judge(
        {**texts, **extra}, strict=problem.strict,
        steps=tuple(problem.points), rtol=problem.tolerance, atol=None if problem.tolerance is None else 0.0,
    )  # fmt: skip
    answered = {answer.name: answer for answer in marked.answers}
    items = [item(problem, name, answered.get(name)) for name in problem.points]
    return part(problem.id, items, (*notes, *marked.notes))


def quantities(key: Key, answers: Mapping[str, str]) -> tuple[dict[Quantity, tuple[str, str]], list[str]]:
    """What was given for each quantity; blanks are nothing, and unknown names are noted."""
    found: dict[Quantity, tuple[str, str]] = {}
    notes: list[str] = []
    for name, text in answers.items():
        if not text.strip():
            continue
        try:
            quantity = key.quantity(name)
        except GradcalcError as error:
            notes.append(f"{error.message}; {error.hint}" if error.hint else error.message)
            continue
        text = unnamed(key, quantity, text)
        if quantity in found and found[quantity][1] != text:
            notes.append(f"{found[quantity][0]} and {name} are the same: {text} was taken")
        found[quantity] = (name, text)
    return found, notes


def unnamed(key: Key, quantity: Quantity, text: str) -> str:
    """An answer without its own name before it, as people fill in cells: "dx = -4"."""
    name, equals, rest = text.partition("=")
    try:
        return rest.strip() if equals and key.quantity(name.strip()) == quantity else text
    except GradcalcError:
        return text


def item(problem: Problem, name: str, answer: Answer | None) -> Item:
    """One answer with its points."""
    worth = problem.points[name]
    if answer is None:
        return Item(name, "", "missing", 0.0, worth)
    share = {"right": 1.0, "rounded": problem.credit.rounded, "digits": problem.credit.digits}.get(
        answer.verdict, problem.credit.follows if answer.follows else 0.0
    )
    mistakes = tuple(Named(m.name, m.text, m.kind, m.where) for m in answer.mistakes)
    return Item(
        name,
        answer.given,
        answer.verdict,
        rounded(share * worth),
        worth,
        answer.note,
        answer.follows,
        mistakes,
    )
