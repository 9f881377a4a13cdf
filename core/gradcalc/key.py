"""The key of one circuit at one point: everything that judging answers needs, worked out once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from .answers import Answer, Marked
from .carried import carried
from .corners import at_kink
from .follow import follows
from .gate import Array
from .graphs import Graph, steady
from .jitter import Chance, bars, value_bars
from .marking import Mark, mark, mark_within
from .mistakes import Catalogue, Finding, Given, Place, Table, find
from .probe import ties
from .quantities import Names, Quantity, true_value
from .replay import Replay
from .rounding import Rounding
from .sentences import diagnoses
from .session import Question, prepare

MOST_MARKS = 20_000  # answers that are remembered, some MB
MOST_MARKED = 5_000  # and sets of answers
MOST_TABLES = 100
BARS = 10  # as in a check: this many times the error that was seen
KINK = "a valid slope at the kink here"
NO_CONVENTION = ", though not the convention"
FORMAL = "by the conventions at the tie, which add up to no slope: the function's own is another"
TRUE = "the slope of the function, though the conventions at the tie add up to another number"
NOT_TOGETHER = "a valid slope at the kink here by itself, but not with the others"
ROUNDED_ABOVE = "follows from rounded numbers above it"


class Key:
    """True values, error bars and mistakes of a graph whose two passes have run.

    Everything is worked out when it is first needed and then kept, so that the first wrong answer costs a
    search through all mistakes, and the ten thousandth a few microseconds. What it says of one person's
    answers does not hang on whom it judged before.

    >>> key = Key.of(Question("x*sigmoid(x*y)", {"x": "2", "y": "-1"}))
    >>> marked = key.judge({"dx": "0.119", "dy": "0.42"})
    >>> [(a.name, a.verdict) for a in marked.answers], marked.credit, marked.exit_code
    ([('dx', 'wrong'), ('dy', 'right')], 0.5, 1)
    >>> marked.mistakes[0].name, marked.mistakes[0].where
    ('branch lost', 'the fork x')
    """

    def __init__(self, graph: Graph, *, files: bool = False) -> None:
        """With `files` an answer may be an array from a file, `@dx.npy`: not for what strangers wrote."""
        self.graph = graph
        self.files = files
        self.names = Names(graph)
        self.asked: dict[str, Quantity] = {}
        self.true: dict[Quantity, Array] = {}
        self.marks: dict[tuple[str, str], Mark] = {}
        self.marked: dict[tuple[Any, ...], Marked] = {}
        self.rounding = Rounding(graph)
        self.catalogue: Catalogue | None = None
        self.tables: dict[frozenset[Quantity], Table] = {}

    @classmethod
    def of(cls, question: Question, *, files: bool = False) -> Key:
        """The key of a question. Raises GradcalcError as its evaluation does."""
        return cls(prepare(question), files=files)

    def judge(
        self,
        answers: Mapping[str, str],
        *,
        strict: bool = False,
        rtol: float | None = None,
        atol: float | None = None,
        steps: Collection[str] | None = None,
    ) -> Marked:
        """The verdicts on one person's answers, by name (see Names.quantity), as they were written.

        With `strict` an answer that was rounded on the way is wrong; `rtol` and `atol` take the place of
        the digits written. Others follow from the answers called `steps` alone, or from any. Raises
        GradcalcError for a name that means nothing here.
        """
        if rtol is None and atol is None:
            marks = [self.mark(name, text) for name, text in answers.items()]
        else:
            marks = [
                mark_within(name, text, self.true[self.quantity(name)], rtol or 0.0, atol or 0.0, self.files)
                for name, text in answers.items()
            ]
        strict = strict or rtol is not None or atol is not None
        if all(answer.verdict == "right" for answer, _ in marks) and not self.cornered:
            return Marked(tuple([answer for answer, _ in marks]))
        key = (strict, rtol, atol, *(steps or ("",)), *answers.items())
        found = self.marked.get(key)
        if found is None:
            with steady():
                found = self.diagnosed(marks, strict, steps)
            if len(self.marked) < MOST_MARKED:
                self.marked[key] = found
        return found

    def mark(self, name: str, text: str) -> Mark:
        """The verdict on one answer by its digits alone."""
        found = self.marks.get((name, text))
        if found is None:
            quantity = self.quantity(name)
            found = mark(name, text, self.true[quantity], lambda: self.bar(quantity), self.files)
            if len(self.marks) < MOST_MARKS:
                self.marks[name, text] = found
        return found

    def quantity(self, name: str) -> Quantity:
        """What the answer called `name` is for."""
        found = self.asked.get(name)
        if found is None:
            found = self.asked[name] = self.names.quantity(name)
            if found not in self.true:
                self.true[found] = true_value(self.graph, found)
        return found

    def table(self, quantities: Sequence[Quantity]) -> Table:
        """The mistakes for these quantities, with the numbers that they give."""
        key = frozenset(quantities)
        found = self.tables.get(key)
        if found is None:
            catalogue = self.catalogue or Catalogue(self.place, quantities)
            if not catalogue.note:
                self.catalogue = catalogue  # whole, and so good for any quantities
            asked = {q: self.true[q] for q in quantities}
            found = Table(catalogue, asked, {q: self.bar(q) for q in asked})
            if len(self.tables) < MOST_TABLES:
                self.tables[key] = found
        return found

    # -- what is worked out once -----------------------------------------------------------------------

    @cached_property
    def tied(self) -> bool:
        """Whether some router stands exactly at a tie."""
        return bool(ties(self.graph))

    @cached_property
    def cornered(self) -> bool:
        """Whether the output may have a kink here: at a tie, or where the chain rule comes to no number."""
        lost = (not np.all(np.isfinite(gradient)) for gradient in self.graph.gradients.values())
        return self.tied or any(lost)

    @cached_property
    def bars(self) -> tuple[list[Any], list[Any]]:
        """How far each gradient and each value may be off by rounding."""
        graph, rng = self.graph, Chance(0)
        with steady():
            (found,) = bars(graph, [graph.upstreams[graph.output]], rng, self.tied)
            return found.bar, value_bars(graph, rng)

    def bar(self, quantity: Quantity) -> Array:
        """The error bar of what is asked."""
        gradients, values = self.bars
        if quantity.kind == "local":
            return 0.0
        bar = (values if quantity.kind == "value" else gradients)[quantity.node]
        return 0.0 if bar is None else BARS * bar

    @cached_property
    def replay(self) -> Replay:
        return Replay(self.graph)

    @cached_property
    def place(self) -> Place:
        return Place(self.names, self.replay)

    # -- the answers together --------------------------------------------------------------------------

    def diagnosed(self, marks: Sequence[Mark], strict: bool, steps: Collection[str] | None) -> Marked:
        """What can be said about answers that are not all right."""
        answers, given = self.together(marks, strict, steps)
        given = [judged(g, answers[g.name].verdict not in ("wrong", "shape")) for g in given]
        literal = all(g.right for g in given)
        if literal:
            # Nothing is wrong, but what is coarse or rounded may be a mistake, taken literally.
            given = [literally(g, answers[g.name].verdict) for g in given]
            if all(g.right for g in given):
                return Marked(tuple(answers.values()))
        table = self.table([g.quantity for g in given])
        finding = self.finding(table, given, {name for name, a in answers.items() if a.follows})
        mistakes = diagnoses(finding, {a.name: a.given for a in answers.values()}, literal)
        for name in dict.fromkeys(name for m in mistakes for name in m.answers):
            own = tuple(m for m in mistakes if name in m.answers)
            answers[name] = answers[name]._replace(mistakes=own)
        return Marked(tuple(answers.values()), mistakes, finding.more, (table.note,) if table.note else ())

    def together(
        self, marks: Sequence[Mark], strict: bool, steps: Collection[str] | None
    ) -> tuple[dict[str, Answer], list[Given]]:
        """The verdicts in the light of each other: rounded, following, or valid at a kink."""
        answers = {a.name: a for a, _ in marks}
        given = {
            a.name: Given(a.name, self.quantity(a.name), w, a.value, a.verdict in ("right", "digits"))
            for a, w in marks
            if w is not None
        }
        # A number is judged after those that it may follow from: values forward, then gradients back.
        for g in sorted(given.values(), key=in_order):
            if answers[g.name].verdict == "wrong":
                others = [
                    other
                    for other in given.values()
                    if other is not g and (steps is None or other.name in steps)
                ]
                found = self.in_context(answers[g.name], g, others, strict)
                answers[g.name] = found
                given[g.name] = judged(g, found.verdict in ("right", "rounded"))
        if self.cornered:
            decided = [
                g._replace(right=answers[g.name].verdict in ("right", "rounded")) for g in given.values()
            ]
            corner = at_kink(self.replay, decided)
            for name in corner.valid:
                known = np.isfinite(answers[name].value)
                note = KINK + NO_CONVENTION if known else KINK
                answers[name] = answers[name]._replace(verdict="right", note=note, follows=())
            for name in corner.alone:
                # Where whole numbers are slopes, one is meant exactly: it isn't coarse.
                answers[name] = answers[name]._replace(verdict="wrong", note=NOT_TOGETHER)
            for name, note in (*((n, FORMAL) for n in corner.formal), *((n, TRUE) for n in corner.true)):
                answers[name] = answers[name]._replace(verdict="right", note=note, follows=())
        return answers, list(given.values())

    def in_context(self, answer: Answer, given: Given, others: Sequence[Given], strict: bool) -> Answer:
        """The verdict on an answer that is not right by its digits, in the light of the others."""
        followed = follows(self.replay, given, others) if others else None
        if followed is not None and not followed.names:
            return answer._replace(verdict="right", note=ROUNDED_ABOVE)
        words = self.rounding.explains(given.quantity, given.written, given.true)
        if words:
            return answer._replace(verdict="wrong" if strict else "rounded", note=words)
        return answer if followed is None else answer._replace(follows=followed.names)

    def finding(self, table: Table, given: Sequence[Given], following: set[str]) -> Finding:
        """The mistakes behind the wrong answers; those that follow from others need none of their own."""
        finding = find(table, given)
        own = [g for g in given if g.name not in following]
        if following and len({c.names for c in finding.candidates}) != 1:
            finding = find(table, own) if any(not g.right for g in own) else Finding()
        explained = {name for c in finding.candidates for name in c.names}
        for g in own:
            if not g.right and g.name not in explained and len(given) > 1:
                found = carried(self.place, g, [other for other in given if other is not g])
                if found is not None:
                    finding = Finding((*finding.candidates, found), finding.more)
        return finding


def in_order(given: Given) -> tuple[bool, int]:
    """Where a step stands in the two passes."""
    kind, node, _ = given.quantity
    return (kind == "gradient", -node if kind == "gradient" else node)


def judged(given: Given, right: bool) -> Given:
    """An answer that counts as right, or not."""
    return given if given.right is right else given._replace(right=right)


def literally(given: Given, verdict: str) -> Given:
    """An answer that is too coarse as the exact number, and one that was rounded as if it were not."""
    if verdict == "digits":
        return given._replace(right=False, written=given.written._replace(half=0.0 * given.written.half))
    return given._replace(right=verdict != "rounded")
