"""The file that results are written to: whole or not at all, or line by line and to be gone on with."""

import csv
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from gradcalc.errors import GradcalcError

from ..views.grade_records import HEADS, as_written, inert, points
from ..whole import opened, whole


class Results:
    """A file of results, open for writing; what is to stay whatever comes is written at once."""

    def __init__(self, file: BinaryIO, at_once: bool) -> None:
        self.file = file
        self.at_once = at_once

    def text(self, text: str) -> None:
        """Write text as it is."""
        self.file.write(text.encode("utf-8", "backslashreplace"))
        if self.at_once:
            self.file.flush()


@contextmanager
def results(path: str, streamed: bool, append: bool = False) -> Iterator[Results]:
    """A file of results. A streamed one keeps what was graded; another appears when it is whole."""
    if streamed:
        with opened(path, "ab" if append else "wb", path) as file:
            yield Results(file, True)
    else:
        with whole(path) as file:
            yield Results(file, False)


Layout = list[tuple[str, str, str]]  # the items of one student: problem, name, points


def students(path: str, kind: str, sheet: Any) -> frozenset[str]:
    """The students whose results stand in a file whole; what was cut off at its end is taken away.

    Raises GradcalcError where it holds something else than results of this assignment.
    """
    if not os.path.exists(path):
        return frozenset()
    layout = [(p.id, name, str(points(worth))) for p in sheet.problems for name, worth in p.points.items()]
    try:
        text = Path(path).read_bytes().decode("utf-8")
        found, end = (lines if kind == "jsonl" else rows)(text, layout)
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise GradcalcError(
            f"{path} holds no results to go on with: {error}",
            kind="file",
            hint="choose another --output; without --resume it is written anew",
        ) from None
    if end < len(text):
        os.truncate(path, len(text[:end].encode()))
    return found


def lines(text: str, layout: Layout) -> tuple[frozenset[str], int]:
    """The students of JSON Lines, and where the last whole line ends."""
    end = text.rfind("\n") + 1
    found = set()
    for line in text[:end].splitlines():
        record = json.loads(line)
        found.add(record["student"])
        items = [(p["id"], i["name"], str(i["max_score"])) for p in record["problems"] for i in p["items"]]
        held_against(layout, items, record["student"])
    return frozenset(found), end


def rows(text: str, layout: Layout) -> tuple[frozenset[str], int]:
    """The students of a table whose total is there, and where the last of these rows ends."""
    read = [0]

    def counted() -> Iterator[str]:
        for line in text.splitlines(keepends=True):
            read[0] += len(line)
            yield line

    layout = [(inert(problem), inert(name), worth) for problem, name, worth in layout]
    found, end, items = set(), 0, Layout()
    for number, row in enumerate(csv.reader(counted())):
        if number == 0 and row[: len(HEADS)] != list(HEADS):
            raise ValueError("its first line is not student,problem,...")
        if row[1:3] == ["", "total"] and text[read[0] - 1] == "\n":
            held_against(layout, items, row[0])
            found.add(as_written(row[0]))
            end, items = read[0], []
        elif number:
            row += [""] * len(HEADS)  # the last one may be cut off
            items.append((row[1], row[2], row[6]))
    return frozenset(found), end


def held_against(layout: Layout, items: Layout, student: str) -> None:
    """Refuse results of other problems, items or points."""
    if items != layout:
        raise ValueError(f"those of {student} are for another assignment, or other points")
