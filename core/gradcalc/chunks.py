"""A table of any length, read a piece at a time: its columns' names, and then chunks of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np

from .errors import GradcalcError
from .files import decoded, header, number, separator
from .gate import Array

BLOCK = 1 << 20
LONGEST = 1 << 26


class Chunk(NamedTuple):
    """Some rows: their lines as written (without blank ones), where they stand, and their numbers.

    `values` has a row for each line and a column for each that was asked for; `faults` says of a row what
    can't be read in it, and the values of that row mean nothing. `read` counts bytes from the beginning.
    """

    lines: list[str]
    places: Sequence[int]
    values: Array
    faults: dict[int, str]
    read: int


class Table:
    """A table on a stream: one line a row, the first line its columns' names.

    A row that can't be read does not stop the others. `names` and `mark` (what separates the cells) are
    known at once.
    """

    def __init__(self, stream: BinaryIO, name: str, block: int = BLOCK) -> None:
        self.stream = stream
        self.name = name
        self.block = block
        self.read = 0
        self.line = 0
        self.pieces = self._pieces()
        self.rest: list[str] = []
        start = ""
        while not start.strip():
            if not self.rest:
                piece = next(self.pieces, None)
                if piece is None:
                    raise GradcalcError(f"{name} is empty", kind="file")
                self.rest = piece[::-1]
            start = self.rest.pop()
            self.line += 1
        self.mark = separator(start)
        self.names = cells(start, self.mark)
        if not header(self.names):
            raise GradcalcError(
                f"{name} does not begin with the names of its columns",
                kind="file",
                hint=f"put a line of names first, such as {self.mark.join('xyzabc'[: len(self.names)])}",
            )

    def _pieces(self) -> Iterator[list[str]]:
        """The lines of one block after the other, ends of lines taken off."""
        pull = getattr(self.stream, "read1", self.stream.read)
        kept: list[bytes] = []
        size, first = 0, True
        while True:
            data = pull(self.block)
            self.read += len(data)
            cut = data.rfind(b"\n") + 1
            if data and not cut:
                kept.append(data)
                size += len(data)
                if size > LONGEST:
                    raise GradcalcError(f"{self.name} has a line of more than {LONGEST:,} bytes", kind="file")
                continue
            whole = b"".join([*kept, data[:cut]]) if kept else data[:cut]
            kept = [data[cut:]] if data[cut:] else []
            size = len(data) - cut
            if whole:
                if first:
                    decoded(whole.partition(b"\n")[0], self.name)  # names must be readable
                    whole, first = whole.removeprefix(b"\xef\xbb\xbf"), False
                lines = whole.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
                if not lines[-1].strip():
                    lines.pop()
                yield lines
            if not data:
                return

    def chunks(self, columns: Sequence[int], most: int) -> Iterator[Chunk]:
        """The rows, up to `most` at a time, with the numbers in these columns."""
        if self.rest:
            yield from self._split(self.rest[::-1], columns, most)
            self.rest = []
        for lines in self.pieces:
            yield from self._split(lines, columns, most)

    def _split(self, lines: list[str], columns: Sequence[int], most: int) -> Iterator[Chunk]:
        start = self.line + 1
        self.line += len(lines)
        places: Sequence[int] = range(start, start + len(lines))
        if not all(map(str.strip, lines)):
            places = [place for place, line in zip(places, lines, strict=True) if line.strip()]
            lines = [line for line in lines if line.strip()]
        for at in range(0, len(lines), most):
            part = slice(at, at + most)
            yield self._chunk(lines[part], places[part], columns)

    def _chunk(self, lines: list[str], places: Sequence[int], columns: Sequence[int]) -> Chunk:
        values = self._clean(lines, columns)
        faults: dict[int, str] = {}
        if values is None:
            values = np.zeros((len(lines), len(columns)))
            for k, line in enumerate(lines):
                row = cells(line, self.mark)
                fault = self._fault(row, columns)
                if fault is None:
                    values[k] = [float(row[c]) for c in columns]
                else:
                    faults[k] = fault
        return Chunk(lines, places, values, faults, self.read)

    def _clean(self, lines: list[str], columns: Sequence[int]) -> Array | None:
        """The numbers of rows that are all in order, at once; None where one may not be."""
        width = len(self.names)
        if not columns:
            return None
        try:
            if width > 1 and {line.count(self.mark) for line in lines} != {width - 1}:
                return None
            values = np.loadtxt(lines, delimiter=self.mark, usecols=list(columns), ndmin=2, comments=None)
        except ValueError:
            return None
        return None if np.isnan(values).any() else values

    def _fault(self, row: Sequence[str], columns: Sequence[int]) -> str | None:
        if len(row) != len(self.names):
            return f"{len(row)} cells where the first row has {len(self.names)}"
        for k in columns:
            value = number(row[k])
            if value is None:
                return f"column {self.names[k]}: {row[k] or 'nothing'} is not a number"
            if value != value:
                return f"column {self.names[k]}: NaN is no value"
        return None


def cells(line: str, mark: str) -> list[str]:
    """The cells of one row; a cell in quotes may hold the mark."""
    if '"' in line:
        import csv

        return [cell.strip() for cell in next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])]
    return [cell.strip() for cell in line.split(mark)]
