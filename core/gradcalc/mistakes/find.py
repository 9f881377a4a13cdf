"""From wrong answers to the mistakes that give just these numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..gate import Array
from ..quantities import Quantity
from ..written import Written
from .mutant import Mutant
from .pen import pen_slips
from .table import SAME, Row, Table, same

MOST = 5  # candidates that are listed
UNSURE = 0.05  # a finding that chance gives this often "may be"
INCONSISTENT = 0.02  # one that contradicts a right answer must be rarer than this
PARTIAL = 0.002  # one that leaves wrong answers unexplained, even rarer
DIGITS = 3  # what somebody writes with fewer may be a whole number, which is exact


class Given(NamedTuple):
    """One answer as the search sees it."""

    name: str
    quantity: Quantity
    written: Written
    true: Array
    right: bool


class Candidate(NamedTuple):
    """A mistake that gives the numbers of the answers `names`.

    `also` are mistakes that give the very same numbers here, `chance` is how often random numbers would
    look like this or a likelier mistake, and `against` are right answers that it would have made wrong.
    `given` are wrong answers that are taken for granted.
    """

    mutant: Mutant
    also: tuple[Mutant, ...]
    names: tuple[str, ...]
    chance: float
    against: tuple[str, ...] = ()
    given: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        return self.chance < UNSURE


class Finding(NamedTuple):
    """The candidates, the likeliest first, at most MOST for each group of answers; `more` were left out."""

    candidates: tuple[Candidate, ...] = ()
    more: int = 0


def find(table: Table, given: Sequence[Given]) -> Finding:
    """The mistakes that explain the wrong ones among these answers; none where none does.

    One mistake that explains all of them is preferred, then two or three that touch different answers.
    One that contradicts right answers, or explains but some of the wrong ones, must be hard to hit by chance.
    """
    wrong = [g for g in given if not g.right]
    rows = list(table.rows)
    hits = [set(matches(table, g)) for g in wrong]
    for g, hit_rows in zip(wrong, hits, strict=True):
        for mutant in pen_slips(g.name, g.quantity, g.written, g.true):
            hit_rows.add(len(rows))
            rows.append(Row(mutant, dict(mutant.given)))
    everywhere = sorted(set.intersection(*hits)) if hits else []
    fitting = [rows[k] for k in everywhere if not contradicted(rows[k], given)]
    if fitting:
        return listed(table, fitting, wrong, given)
    covered = cover(table, rows, hits, wrong, given)
    if covered:
        return covered
    finding = listed(table, [rows[k] for k in everywhere], wrong, given)
    kept = tuple(c for c in finding.candidates if c.chance < INCONSISTENT)
    return Finding(kept, finding.more if kept else 0)


def matches(table: Table, given: Given) -> Iterator[int]:
    """The rows that give the number which was written."""
    lane = table.lanes.get(given.quantity, {}).get(given.written.shape)
    if lane is not None:
        value, half = given.written.value, given.written.half
        if np.ndim(value):
            value, half = np.ravel(value), np.ravel(half)
        close = np.abs(lane.numbers - value) <= half * (1 + SAME) + SAME * np.abs(value)
        yield from lane.rows[close.all(axis=1)].tolist()


def agrees(row: Row, given: Given) -> bool:
    """Whether the row gives the number that was written, or says nothing about it."""
    number = row.numbers.get(given.quantity, given.true)
    if number is None:
        return True
    value, half, _, _ = given.written
    if np.shape(number) != np.shape(value):
        return False
    if given.right and number is given.true:
        return True
    return bool(np.all(np.abs(number - value) <= half * (1 + SAME) + SAME * np.abs(value)))


def contradicted(row: Row, given: Sequence[Given]) -> list[str]:
    """The right answers that this mistake would have made wrong."""
    return [g.name for g in given if g.right and not agrees(row, g)]


def listed(table: Table, rows: Sequence[Row], wrong: Sequence[Given], given: Sequence[Given]) -> Finding:
    """The candidates among these rows, each with the ones that are the same here."""
    groups: list[list[Row]] = []
    for row in rows:
        for group in groups:
            if all(alike(group[0], row, g) for g in given):
                group.append(row)
                break
        else:
            groups.append([row])
    groups = whole_numbers_first(groups, wrong)
    found = []
    for group in groups[:MOST]:
        best, *rest = group
        against = tuple(contradicted(best, given))
        odds = chance(table, best, wrong, given, bool(against))
        names = tuple(g.name for g in wrong)
        found.append(Candidate(best.mutant, tuple(r.mutant for r in rest), names, odds, against))
    return Finding(tuple(found), len(groups) - len(found))


def alike(a: Row, b: Row, given: Given) -> bool:
    """Whether two rows give one number for this answer."""
    one, other = (row.numbers.get(given.quantity, given.true) for row in (a, b))
    if one is None or other is None:
        return True
    return same(one, other)


def whole_numbers_first(groups: list[list[Row]], wrong: Sequence[Given]) -> list[list[Row]]:
    """Where few digits are written and some mistake gives exactly that number, those that merely round to it go."""
    few = [g for g in wrong if g.written.figures < DIGITS and not g.written.shape]
    if not few or len(groups) < 2:
        return groups

    def gap(group: list[Row], g: Given) -> float:
        number = group[0].numbers.get(g.quantity)
        return 0.0 if number is None else abs(float(number) - g.written.value)

    if not any(all(gap(group, g) <= SAME * abs(g.written.value) for g in few) for group in groups):
        return groups

    def near(g: Given) -> float:
        value = abs(g.written.value)
        return 0.5 * 10.0 ** (np.floor(np.log10(value)) - DIGITS + 1) * (1 + SAME) if value else 1e-12

    return [group for group in groups if all(gap(group, g) <= near(g) for g in few)]


def chance(table: Table, found: Row, wrong: Sequence[Given], given: Sequence[Given], against: bool) -> float:
    """How many mistakes as likely as this one random answers would seem to show.

    A random answer is taken to lie anywhere within twice the size of the true one, or of the mistake's.
    """
    total, seen = 0.0, set[tuple[float, ...]]()
    for row in table.rows:
        if row.mutant.cost > found.mutant.cost:
            break
        odds, key = 1.0, []
        for g in wrong:
            number = row.numbers.get(g.quantity)
            if number is None or np.shape(number) != g.written.shape:
                break
            odds *= hit(number, g)
            key.append(float(np.sum(number)))
        else:
            if tuple(key) not in seen and (against or not contradicted(row, given)):
                seen.add(tuple(key))
                total += odds
    return total


def hit(number: Array, given: Given) -> float:
    """The probability that a random answer is written like this number."""
    value, half, _, _ = given.written
    if not np.ndim(number):
        size = 2 * max(abs(float(number)), abs(float(given.true)) if not np.ndim(given.true) else 0.0)
        return 1e-3 if not number else float(min(1.0, max(half, SAME * abs(value)) / max(size, 1e-300)))
    size = 2 * np.maximum(np.abs(number), np.abs(given.true) if np.shape(given.true) == np.shape(number) else 0.0)
    odds = np.where(size > 0, np.maximum(half, SAME * np.abs(value)) / np.maximum(size, 1e-300), 1.0)
    visible = ~np.isclose(number, given.true, rtol=SAME, atol=0) if np.shape(given.true) == np.shape(number) else True
    return float(np.prod(np.minimum(np.where(visible, odds, 1.0), 1.0)))


def cover(
    table: Table, rows: Sequence[Row], hits: list[set[int]], wrong: Sequence[Given], given: Sequence[Given]
) -> Finding | None:
    """Mistakes that touch different answers and together explain all wrong ones; else one with strong evidence."""
    parts: dict[frozenset[int], list[Row]] = {}
    for k in sorted(set.union(set(), *hits)):
        row = rows[k]
        mine = frozenset(n for n, mine in enumerate(hits) if k in mine)
        clean = all(n in mine or row.numbers.get(g.quantity, g.true) is g.true for n, g in enumerate(wrong))
        if clean and not contradicted(row, given):
            parts.setdefault(mine, []).append(row)
    everything = frozenset(range(len(wrong)))
    for parted in partitions(list(parts), everything):
        found = [listed(table, parts[part], [wrong[n] for n in sorted(part)], given) for part in parted]
        return Finding(tuple(c for f in found for c in f.candidates), sum(f.more for f in found))
    for part in sorted(parts, key=len, reverse=True):
        finding = listed(table, parts[part], [wrong[n] for n in sorted(part)], given)
        kept = tuple(c for c in finding.candidates if c.chance < PARTIAL)
        if kept:
            return Finding(kept, finding.more)
    return None


def partitions(parts: list[frozenset[int]], everything: frozenset[int]) -> Iterator[tuple[frozenset[int], ...]]:
    """Two, else three disjoint parts that make everything."""
    known = set(parts)
    for a in parts:
        if everything - a in known:
            yield a, everything - a
    for a in parts:
        for b in parts:
            if not a & b and everything - a - b in known:
                yield a, b, everything - a - b
