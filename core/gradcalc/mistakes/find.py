"""From wrong answers to the mistakes that give just these numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

import numpy as np

from ..digits import SLACK
from ..gate import Array
from ..rounding import UNITS
from .evidence import MOST_GIVEN, TINY, Evidence, Given
from .mutant import Mutant
from .pen import pen_slips
from .table import SAME, Bits, Row, Table, places, same

MOST = 20  # candidates for one group of answers
UNSURE = 0.05  # a finding that chance gives this often "may be"
HOPELESS = 1.5  # and one that it gives this often is none;
VAGUE = 0.2  # or this often, where one digit is written and the mistake gives more
INCONSISTENT = 0.02  # one that contradicts a right answer must be rarer than this
PARTIAL = 0.01  # and one that leaves wrong answers unexplained, too
ROUNDED = 0.01  # and one whose last digits differ, too
DIGITS = 3  # what somebody writes with fewer may be a whole number, which is exact
MANY = 60  # wrong answers beyond which no parts are looked for


class Candidate(NamedTuple):
    """A mistake that gives the numbers of the answers `names`.

    `also` are mistakes that give the very same numbers here, `chance` is how often random numbers would
    look like this or a likelier mistake, and `against` are right answers that it would have made wrong.
    `given` are wrong answers that are taken for granted. It is `rounded` where the last digits differ.
    """

    mutant: Mutant
    also: tuple[Mutant, ...]
    names: tuple[str, ...]
    chance: float
    against: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    rounded: bool = False

    @property
    def sure(self) -> bool:
        return self.chance < UNSURE


class Finding(NamedTuple):
    """The candidates, the likeliest first, at most MOST for each group of answers; `more` were left out."""

    candidates: tuple[Candidate, ...] = ()
    more: int = 0


class Numbered(NamedTuple):
    """A row with its place in the table; slips of the pen stand behind it."""

    number: int
    row: Row


def find(table: Table, given: Sequence[Given]) -> Finding:
    """The mistakes that explain the wrong ones among these answers; none where none does.

    One mistake that explains all of them is preferred, then two or three that touch different answers.
    One that contradicts right answers, or explains but some of the wrong ones, must be hard to hit by chance.
    """
    evidence = Evidence(table, given)
    wrong = evidence.wrong
    if not any(evidence.gives) and not any(slips(table, g) for g in wrong):
        return rounded(evidence)
    everywhere = reduce(and_, evidence.gives)
    fitting = numbered(table, everywhere & ~evidence.denied)
    if len(wrong) == 1:
        fitting += slips(table, wrong[0])
    if fitting:
        return listed(evidence, fitting, wrong)
    near = rounded(evidence)
    if near.candidates:
        return near
    covered = cover(evidence)
    if covered:
        return covered
    finding = listed(evidence, numbered(table, everywhere), wrong)
    kept = tuple(c for c in finding.candidates if c.chance < INCONSISTENT)
    return Finding(kept, finding.more if kept else 0)


def rounded(evidence: Evidence) -> Finding:
    """The mistakes that explain all of several, but for what rounding on the way does to the last digits."""
    if len(evidence.wrong) < 2:
        return Finding()
    table = evidence.table
    evidence = Evidence(table, [g if g.right else loosened(g) for g in evidence.given])
    if not all(evidence.gives):
        return Finding()
    fitting = numbered(table, reduce(and_, evidence.gives) & ~evidence.denied)
    found = listed(evidence, fitting, evidence.wrong)
    kept = tuple(c._replace(rounded=True) for c in found.candidates if c.chance < ROUNDED)
    return Finding(kept, found.more if kept else 0)


def loosened(given: Given) -> Given:
    """An answer of three digits or more as if its last one were not to be relied on."""
    written = given.written
    if written.figures < DIGITS:
        return given
    return given._replace(written=written._replace(half=UNITS * written.half))


def numbered(table: Table, which: Bits) -> list[Numbered]:
    """These rows of the table."""
    return [Numbered(k, table.rows[k]) for k in places(which)]


def slips(table: Table, given: Given) -> list[Numbered]:
    """The slips of the pen that an answer shows."""
    key = () if given.written.shape else (given.name, given.quantity, *given.written)
    rows = table.pen.get(key) if key else None
    if rows is None:
        found = pen_slips(given.name, given.quantity, given.written, given.true)
        rows = [Row(mutant, dict(mutant.given)) for mutant in found]
        if key and len(table.pen) < MOST_GIVEN:
            table.pen[key] = rows
    return [Numbered(len(table.rows), row) for row in rows]


def listed(evidence: Evidence, rows: Sequence[Numbered], wrong: Sequence[Given]) -> Finding:
    """The candidates among these rows, each with the ones that are the same here."""
    groups: list[list[Numbered]] = []
    for numbered_row in rows:
        for group in groups:
            if all(alike(group[0].row, numbered_row.row, g) for g in evidence.given):
                group.append(numbered_row)
                break
        else:
            groups.append([numbered_row])
    groups = whole_numbers_first(groups, wrong)
    found: list[Candidate] = []
    for best, *rest in groups[:MOST]:
        against: tuple[str, ...] = ()
        if evidence.denied >> best.number & 1:
            against = tuple(contradicted(evidence, best.number))
        chance = evidence.chance(best.number, wrong, bool(against))
        meant = [sharpened(g, best.row) for g in wrong]
        vague = any(g.written.figures == 1 and g is m for g, m in zip(wrong, meant, strict=True))
        limit = VAGUE if vague else HOPELESS
        if chance > limit and evidence.chance(best.number, meant, bool(against)) > limit:
            groups = groups[: len(found)]
            break
        names = tuple(g.name for g in wrong)
        found.append(Candidate(best.row.mutant, tuple(r.row.mutant for r in rest), names, chance, against))
    return Finding(tuple(found), len(groups) - len(found))


def contradicted(evidence: Evidence, number: int) -> Iterator[str]:
    """The right answers that this mistake would have made wrong."""
    for g in evidence.given:
        if g.right and Evidence(evidence.table, [g]).denied >> number & 1:
            yield g.name


def alike(a: Row, b: Row, given: Given) -> bool:
    """Whether two rows give one number for this answer."""
    one, other = (row.numbers.get(given.quantity, given.true) for row in (a, b))
    if one is None or other is None:
        return True
    return same(one, other)


def whole_numbers_first(groups: list[list[Numbered]], wrong: Sequence[Given]) -> list[list[Numbered]]:
    """Where few digits are written and a mistake gives exactly that, those that only round to it go."""
    few = [g for g in wrong if g.written.figures < DIGITS]
    if not few or len(groups) < 2:
        return groups

    def within(group: list[Numbered], room: Callable[[Given], Array]) -> bool:
        numbers = [(g, group[0].row.numbers.get(g.quantity)) for g in few]
        return all(
            bool(np.all(np.abs(number - g.written.value) <= room(g)))
            for g, number in numbers
            if number is not None
        )

    if not any(within(group, lambda g: SAME * np.abs(g.written.value)) for group in groups):
        return groups
    return [group for group in groups if within(group, fine)]


def fine(given: Given) -> Array:
    """Half a unit of the third significant digit of a number that has fewer."""
    value = np.abs(given.written.value)
    power = np.floor(np.log10(np.where(value > 0, value, 1.0))) - DIGITS + 1
    return np.where(value > 0, 0.5 * 10.0**power * SLACK, TINY)


def sharpened(given: Given, row: Row) -> Given:
    """An answer of few digits as one of three digits, where a mistake gives it to so many."""
    number = row.numbers.get(given.quantity)
    if given.written.figures >= DIGITS or number is None or np.shape(number) != given.written.shape:
        return given
    room = fine(given)
    if np.any(np.abs(number - given.written.value) > room):
        return given
    return given._replace(written=given.written._replace(half=np.minimum(room, given.written.half)))


def cover(evidence: Evidence) -> Finding | None:
    """Mistakes that touch different answers and together explain all; else those with strong evidence."""
    wrong, parts = evidence.wrong, dict[int, list[Numbered]]()
    if not 1 < len(wrong) <= MANY:
        return None
    some = reduce(or_, evidence.gives) & evidence.clean
    for found in numbered(evidence.table, some):
        mine = sum(1 << n for n, hits in enumerate(evidence.gives) if hits >> found.number & 1)
        parts.setdefault(mine, []).append(found)
    for n, g in enumerate(wrong):
        pen = slips(evidence.table, g)
        if pen:
            parts.setdefault(1 << n, []).extend(pen)

    def candidates(part: int) -> Finding:
        return listed(evidence, parts[part], [g for n, g in enumerate(wrong) if part >> n & 1])

    for parted in partitions(list(parts), (1 << len(wrong)) - 1):
        findings = [candidates(part) for part in parted]
        return Finding(tuple(c for f in findings for c in f.candidates), sum(f.more for f in findings))
    explained, strong = 0, list[Candidate]()
    for part in sorted(parts, key=int.bit_count, reverse=True):
        if not part & explained:
            kept = [c for c in candidates(part).candidates if c.chance < PARTIAL]
            explained |= part if kept else 0
            strong += kept
    return Finding(tuple(strong)) if strong else None


def partitions(parts: Sequence[int], everything: int) -> Iterator[tuple[int, ...]]:
    """Two, else three disjoint sets (as bits) that make everything."""
    known = set(parts)
    for a in parts:
        if everything ^ a in known:
            yield a, everything ^ a
    for a in parts:
        for b in parts:
            if not a & b and everything ^ a ^ b in known:
                yield a, b, everything ^ a ^ b
