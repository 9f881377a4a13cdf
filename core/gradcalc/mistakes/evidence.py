"""Each answer against all mistakes at once, over the rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np

from ..digits import BARE, COARSE, SLACK
from ..gate import Array
from ..quantities import Quantity
from ..written import Written
from .table import SAME, Bits, Table, packed, unpacked

NEVER = 1e-300
TINY = 1e-12
ZERO = 1e-3  # the probability that a random answer is a 0
MOST_GIVEN = 20_000  # answers that are remembered
NEAR = 0.3  # how near a random answer is to the true value, if it is


Known = TypeVar("Known")


class Given(NamedTuple):
    """One answer as the search sees it."""

    name: str
    quantity: Quantity
    written: Written
    true: Array
    right: bool


class Evidence:
    """What some answers say about each mistake of a table."""

    def __init__(self, table: Table, given: Sequence[Given]) -> None:
        self.table = table
        self.given = given
        self.wrong = [g for g in given if not g.right]
        self.gives = [gives(table, g) for g in self.wrong]

    @cached_property
    def denied(self) -> Bits:
        """The rows that would have made a right answer wrong."""
        found = 0
        for g in self.given:
            if g.right:
                found |= self.table.speaks[g.quantity] & ~gives(self.table, g)
        return found

    @cached_property
    def clean(self) -> Bits:
        """The rows that give each wrong answer, or say nothing about it, and deny none that is right."""
        found = ~self.denied
        for g, hits in zip(self.wrong, self.gives, strict=True):
            found &= hits | ~self.table.speaks[g.quantity]
        return found

    def chance(self, number: int, wrong: Sequence[Given], against: bool) -> float:
        """How many mistakes as likely as row `number` random answers would seem to show."""
        table = self.table
        odds = table.first_of_their_kind(tuple(g.quantity for g in wrong)).astype(np.float64)
        for g in wrong:
            odds *= chances(table, g)
        if not against:
            odds[unpacked(self.denied, len(odds))] = 0.0
        upto = np.searchsorted(table.costs, table.costs[number], side="right") if number < len(odds) else None
        return float(odds[:upto].sum())


def remembered(work: Callable[[Table, Given], Known]) -> Callable[[Table, Given], Known]:
    """The same for answers that are written alike, as those of a class often are; numbers only."""

    def found(table: Table, given: Given) -> Known:
        written = given.written
        if written.shape:
            return work(table, given)
        key = (work, given.quantity, written.value, written.half)
        known = table.given.get(key)
        if known is None:
            known = work(table, given)
            if len(table.given) < MOST_GIVEN:
                table.given[key] = known
        return known

    return found


@remembered
def gives(table: Table, given: Given) -> Bits:
    """Which rows give the number that was written, by the rule of the digits: it rounds to it and is near."""
    value = given.written.value
    lane = table.lanes[given.quantity].get(np.shape(value))
    if lane is None or not np.isfinite(value).all():
        return 0
    found = np.zeros(len(table.rows), dtype=bool)
    gap = np.abs(lane.numbers - np.ravel(value))
    near = np.maximum(COARSE * np.abs(lane.numbers), SAME * np.abs(np.ravel(value)) + TINY)
    found[lane.rows] = (gap <= np.minimum(np.ravel(reach(given.written)), near)).all(axis=1)
    return packed(found)


def reach(written: Written) -> Array:
    """How far a number may be from what is written: half a unit; nothing from a bare 0."""
    value, half, _, _ = written
    if np.ndim(value):
        half = np.where((value == 0) & (half >= BARE), TINY, half)
    elif value == 0 and half >= BARE:
        half = TINY
    return half * SLACK + SAME * abs(value)


@remembered
def chances(table: Table, given: Given) -> Array:
    """For each row the probability that a random answer, with as many digits, is written like its number.

    Half of the random answers lie near the true value, half anywhere within twice the larger number.
    """
    value, half, _, _ = given.written
    found = np.zeros(len(table.rows))
    lane = table.lanes[given.quantity].get(np.shape(value))
    if lane is None:
        return found
    value, half = np.abs(np.ravel(value)), np.ravel(half)
    size = np.abs(lane.numbers)
    # So many digits reach as far as here, relative to the number.
    reach = np.where(value > 0, np.maximum(half / np.maximum(value, NEVER), SAME) * size, TINY)
    visible = np.ones(size.shape, dtype=bool)
    odds = reach / (2 * np.maximum(size, NEVER))
    if np.shape(given.true) == given.written.shape:
        true = np.ravel(given.true)
        # Entries that the mistake leaves right are no evidence for it.
        visible = np.abs(lane.numbers - true) > SAME * np.abs(true)
        width = NEAR * np.maximum(np.abs(true), NEVER)
        far = reach / (2 * np.maximum(np.maximum(size, np.abs(true)), NEVER))
        odds = (far + reach / width * np.exp(-np.abs(lane.numbers - true) / width)) / 2
    odds = np.where(size <= TINY, ZERO, np.minimum(odds, 1.0))
    found[lane.rows] = np.where(visible, odds, 1.0).prod(axis=1)
    return found
