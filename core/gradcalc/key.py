"""The key of one circuit at one point: everything that judging answers needs, worked out once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from .answers import Answer, Marked
from .carried import carried
from .corners import valid_at_kink
from .digits import all_by_digits, by_digits
from .errors import GradcalcError
from .follow import follows
from .gate import Array
from .graphs import Graph, steady
from .jitter import Chance, bars, value_bars
from .mistakes import Catalogue, Finding, Given, Place, Table, find
from .probe import ties
from .quantities import Names, Quantity, true_value
from .replay import Replay
from .rounding import Rounding
from .sentences import diagnoses
from .session import Question, prepare
from .written import Written, read_array, read_number

REMEMBERED = 100_000  # answers, and sets of answers
MOST_TABLES = 200
MOST_ENTRIES = 6  # wrong entries that are listed
BARS = 10  # as in a check: this many times the error that was seen


class Key:
    """True values, error bars and mistakes of a graph whose two passes have run.

    Everything is worked out when it is first needed and then kept, so that the first wrong answer costs a
    search through all mistakes, and the ten thousandth a few microseconds.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.names = Names(graph)
        self.asked: dict[str, Quantity] = {}
        self.true: dict[Quantity, Array] = {}
        self.firsts: dict[tuple[str, str], tuple[Answer, Written | None]] = {}
        self.marked: dict[tuple[Any, ...], Marked] = {}
        self.rounding = Rounding(graph)
        self.catalogue: Catalogue | None = None
        self.tables: dict[frozenset[Quantity], Table] = {}

    @classmethod
    def of(cls, question: Question) -> Key:
        """The key of a question. Raises GradcalcError as its evaluation does."""
        return cls(prepare(question))

    def judge(
        self,
        answers: Mapping[str, str],
        *,
        strict: bool = False,
        rtol: float | None = None,
        atol: float | None = None,
    ) -> Marked:
        """The verdicts on one person's answers, by name (see Names.quantity), as they were written.

        With `strict` an answer that was rounded on the way is wrong; `rtol` and `atol` take the place of
        the digits written. Raises GradcalcError for a name that means nothing here.
        """
        pairs = [self.first(name, text, rtol, atol) for name, text in answers.items()]
        if all(answer.verdict == "right" for answer, _ in pairs):
            return Marked(tuple(answer for answer, _ in pairs))
        key = (strict, rtol, atol, *answers.items())
        found = self.marked.get(key)
        if found is None:
            with steady():
                found = self.diagnosed(pairs, strict)
            if len(self.marked) < REMEMBERED:
                self.marked[key] = found
        return found

    # -- the verdict on one answer by itself ----------------------------------------------------------

    def first(
        self, name: str, text: str, rtol: float | None, atol: float | None
    ) -> tuple[Answer, Written | None]:
        """The verdict by the digits alone."""
        if rtol is not None or atol is not None:
            return self.read(name, text, rtol or 0.0, atol or 0.0)
        found = self.firsts.get((name, text))
        if found is None:
            found = self.read(name, text, None, 0.0)
            if len(self.firsts) < REMEMBERED:
                self.firsts[name, text] = found
        return found

    def quantity(self, name: str) -> Quantity:
        """What the answer called `name` is for."""
        found = self.asked.get(name)
        if found is None:
            found = self.asked[name] = self.names.quantity(name)
            if found not in self.true:
                self.true[found] = true_value(self.graph, found)
        return found

    def read(self, name: str, text: str, rtol: float | None, atol: float) -> tuple[Answer, Written | None]:
        """An answer read and judged."""
        quantity = self.quantity(name)
        true = self.true[quantity]
        shape = np.shape(true)
        try:
            listed = shape or text.lstrip().startswith("[")
            written = read_array(name, text) if listed else read_number(name, text)
        except GradcalcError as error:
            why = f"{error.message}: {error.hint}" if error.hint else error.message
            return Answer(name, text, true, "unreadable", why), None
        if written.shape != shape:
            return Answer(name, text, true, "shape", shapes(written.shape, shape)), written
        if rtol is not None:
            with np.errstate(invalid="ignore"):
                gap = np.where(np.equal(written.value, true), 0.0, np.abs(written.value - true))
                fits = gap <= np.maximum(atol + rtol * np.abs(true), 1e-12 * np.abs(true))
            return Answer(name, text, true, "right" if np.all(fits) else "wrong"), written
        if shape:
            verdict, where = all_by_digits(written.value, written.half, true, 0.0)
            if verdict != "right":
                verdict, where = all_by_digits(written.value, written.half, true, self.bar(quantity))
            return Answer(name, text, true, verdict, note(verdict, where)), written
        verdict = by_digits(written.value, written.half, float(true))
        if verdict != "right" and abs(written.value - true) <= 1e-6 * max(abs(true), 1.0):
            verdict = by_digits(written.value, written.half, float(true), float(self.bar(quantity)))
        return Answer(name, text, true, verdict, TOO_COARSE if verdict == "digits" else ""), written

    @cached_property
    def tied(self) -> bool:
        """Whether some router stands exactly at a tie."""
        return bool(ties(self.graph))

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

    # -- the answers together --------------------------------------------------------------------------

    @cached_property
    def replay(self) -> Replay:
        return Replay(self.graph)

    @cached_property
    def place(self) -> Place:
        return Place(self.names, self.replay)

    def table(self, quantities: Sequence[Quantity]) -> Table:
        """The mistakes for these quantities. It does not hang on what was asked before."""
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

    def diagnosed(self, pairs: Sequence[tuple[Answer, Written | None]], strict: bool) -> Marked:
        """What can be said about answers that are not all right."""
        given = [
            Given(a.name, self.quantity(a.name), w, a.value, a.verdict in ("right", "digits"))
            for a, w in pairs
            if w is not None
        ]
        answers = {a.name: a for a, _ in pairs}
        for k, g in enumerate(given):
            if answers[g.name].verdict == "wrong":
                answers[g.name] = self.second(answers[g.name], g, [*given[:k], *given[k + 1 :]], strict)
        if self.tied:
            decided = [g._replace(right=answers[g.name].verdict in ("right", "rounded")) for g in given]
            for name in valid_at_kink(self.replay, decided):
                answers[name] = answers[name]._replace(verdict="right", note=KINK, follows=())
        given = [g._replace(right=answers[g.name].verdict not in ("wrong", "shape")) for g in given]
        literal = all(g.right for g in given)
        if literal:
            # Nothing is wrong, but what is coarse or rounded may be a mistake, taken literally.
            given = [literally(g, answers[g.name].verdict) for g in given]
            if all(g.right for g in given):
                return Marked(tuple(answers.values()))
        table = self.table([g.quantity for g in given])
        finding = self.finding(table, given, {name for name, a in answers.items() if a.follows})
        texts = {a.name: a.given for a in answers.values()}
        mistakes = diagnoses(finding, texts, literal)
        for name, answer in answers.items():
            answers[name] = answer._replace(mistakes=tuple(m for m in mistakes if name in m.answers))
        return Marked(tuple(answers.values()), mistakes, finding.more, (table.note,) if table.note else ())

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

    def second(self, answer: Answer, given: Given, others: Sequence[Given], strict: bool) -> Answer:
        """The verdict on an answer that is not right by its digits, in the light of the others."""
        followed = follows(self.replay, given, others) if others else None
        if followed is not None and not followed.names:
            return answer._replace(verdict="right", note="follows from rounded numbers above it")
        words = self.rounding.explains(given.quantity, given.written, given.true)
        if words:
            return answer._replace(verdict="wrong" if strict else "rounded", note=words)
        if followed is not None:
            return answer._replace(follows=followed.names)
        return answer


KINK = "a valid slope at the kink here, though not the convention"
TOO_COARSE = "too coarse to tell: write more digits"


def literally(given: Given, verdict: str) -> Given:
    """An answer that is too coarse as the exact number, and one that was rounded as if it were not."""
    if verdict == "digits":
        return given._replace(right=False, written=given.written._replace(half=0.0 * given.written.half))
    return given._replace(right=verdict != "rounded")


def shapes(have: tuple[int, ...], want: tuple[int, ...]) -> str:
    """Why a shape does not fit."""
    if not want:
        return f"an array of shape {have} where one number is asked"
    return f"{'one number' if not have else f'shape {have}'}, asked is shape {want}"


def note(verdict: str, where: Array) -> str:
    """Which entries of an array are wrong, or too coarse."""
    if verdict == "right":
        return ""
    places = [f"[{', '.join(str(int(k)) for k in place)}]" for place in np.argwhere(where)[:MOST_ENTRIES]]
    count = int(np.sum(where))
    if count == np.size(where):
        return f"every entry{'' if verdict == 'wrong' else ' is too coarse to tell'}"
    what = "entry" if count == 1 else f"{count} of {np.size(where)} entries:"
    more = " ..." if count > len(places) else ""
    return f"{what} {', '.join(places)}{more}" + ("" if verdict == "wrong" else f", {TOO_COARSE}")
