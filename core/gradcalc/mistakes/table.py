"""The mistakes that change something which is asked, and the numbers that they give for it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from ..gate import Array, as_value
from ..quantities import Quantity
from .catalogue import Catalogue, Numbers
from .mutant import Mutant
from .slips import slips

Bits = int  # which rows of a table, the first in the lowest bit: to combine them takes no time
SAME = 1e-9  # two numbers that are nearer than this, relative, are one


class Row(NamedTuple):
    """A mistake, and the numbers that it gives where they are not the right ones; None: it has no opinion."""

    mutant: Mutant
    numbers: Numbers


class Lane(NamedTuple):
    """All numbers of one shape for one quantity: `rows[k]` gives `numbers[k]`."""

    rows: Array
    numbers: Array


class Table:
    """The mistakes for some quantities as `rows`, likeliest first; their numbers by quantity and shape."""

    def __init__(
        self, catalogue: Catalogue, asked: Mapping[Quantity, Array], bars: Mapping[Quantity, Array]
    ) -> None:
        """`asked` has the true values, and `bars` how far each may be off by rounding."""
        self.asked, self.bars = asked, bars
        self.note = catalogue.note
        catalogue.learn(asked)
        self.rows = sorted(
            (
                row
                for mutant, numbers in self.all(catalogue)
                if (row := self.row(mutant, numbers)) is not None
            ),
            key=lambda row: row.mutant.cost,
        )
        self.costs = np.array([row.mutant.cost for row in self.rows])
        self.lanes = {q: lanes(self.rows, q) for q in asked}
        self.speaks = {q: speaks(self.rows, q) for q in asked}
        self.kinds: dict[tuple[Quantity, ...], Array] = {}
        self.given: dict[tuple[Hashable, ...], Array] = {}  # what is known of single answers,
        self.pen: dict[tuple[Hashable, ...], list[Row]] = {}  # and the slips of the pen that they show

    def all(self, catalogue: Catalogue) -> Iterator[tuple[Mutant, Numbers]]:
        """Every mistake with its numbers: those of the passes, and those of the answers as wholes."""
        columns = {q: catalogue.columns[q] for q in self.asked}
        for k, mutant in enumerate(catalogue.mutants):
            yield mutant, {q: column[k] for q, column in columns.items()}
        for mutant in slips(catalogue.place, self.asked):
            yield mutant, {q: as_value(v) for q, v in mutant.given.items()}

    def row(self, mutant: Mutant, numbers: Numbers) -> Row | None:
        """A mistake that changes something which is asked, to numbers that can be written down."""
        found = {
            q: v
            for q, v in numbers.items()
            if q in self.asked and (v is None or not same(v, self.asked[q], self.bars[q]))
        }
        known = [v for v in found.values() if v is not None]
        return Row(mutant, found) if known and all(np.isfinite(v).all() for v in known) else None

    def first_of_their_kind(self, quantities: tuple[Quantity, ...]) -> Array:
        """The rows with numbers for all of these, but for those with the same ones as a likelier row."""
        found = self.kinds.get(quantities)
        if found is None:
            seen = set[tuple[tuple[str, ...], ...]]()
            found = self.kinds[quantities] = np.zeros(len(self.rows), dtype=bool)
            for k, row in enumerate(self.rows):
                numbers = [row.numbers.get(q) for q in quantities]
                known = [np.ravel(number)[:8].tolist() for number in numbers if number is not None]
                if len(known) == len(quantities):
                    key = tuple(tuple(f"{x:.9g}" for x in number) for number in known)
                    found[k] = key not in seen
                    seen.add(key)
        return found


def same(a: Array, b: Array, bar: Array = 0.0) -> bool:
    """Whether two results are one but for rounding, which may move them by `bar`."""
    if a is b:
        return True
    if type(a) is type(b) is np.float64:
        return bool(a == b or abs(a - b) <= max(SAME * max(abs(a), abs(b)), bar))
    if np.shape(a) != np.shape(b):
        return False
    with np.errstate(all="ignore"):
        gap, scale = np.abs(a - b), np.maximum(np.abs(a), np.abs(b))
        return bool(np.all((gap <= SAME * scale) | (gap <= bar)))


def lanes(rows: list[Row], q: Quantity) -> dict[tuple[int, ...], Lane]:
    """The numbers for one quantity, stacked by their shape."""
    found: dict[tuple[int, ...], list[int]] = {}
    for k, row in enumerate(rows):
        number = row.numbers.get(q)
        if number is not None:
            found.setdefault(np.shape(number), []).append(k)
    return {
        shape: Lane(
            np.array(ks), np.array([rows[k].numbers[q] for k in ks], dtype=np.float64).reshape(len(ks), -1)
        )
        for shape, ks in found.items()
    }


def speaks(rows: list[Row], q: Quantity) -> Bits:
    """Which rows have a number of their own for this quantity."""
    return packed(np.array([row.numbers.get(q) is not None for row in rows], dtype=bool))


def packed(which: Array) -> Bits:
    """Which rows, as bits."""
    return int.from_bytes(np.packbits(which, bitorder="little").tobytes(), "little")


def unpacked(which: Bits, count: int) -> Array:
    """Bits as an array over so many rows."""
    data = np.frombuffer(which.to_bytes(count // 8 + 1, "little"), dtype=np.uint8)
    return np.unpackbits(data, count=count, bitorder="little").astype(bool)


def places(which: Bits) -> Iterator[int]:
    """The numbers of these rows, in their order."""
    while which:
        yield (which & -which).bit_length() - 1
        which &= which - 1
