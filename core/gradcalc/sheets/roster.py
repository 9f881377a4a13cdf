"""A class in one table: one row a student, one column a quantity."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import GradcalcError, nearest
from ..key import Key
from .assignment import Assignment, Problem
from .submission import Submission, problem_called

WHO = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"student",
        r"(student|sis|user|uni|net|login|matri[ck]\w*|roll)[ _-]?(user |login )?(id|name|number|n[or]\.?)",
        r"id|sid|user|login|netid|matri[ck]\w*",
        r"e-?mail([ _-]?address)?",
        r"(full|student|last|family)?[ _-]?name|nachname|surname|students",
    )
)
SEPARATED = re.compile(r"sep=(.)\s*", re.I)  # what Excel writes before a table


class Column(NamedTuple):
    """A column of answers."""

    at: int
    problem: str
    name: str


class Heads(NamedTuple):
    """What the columns mean: whose row it is, which are answers, and the `ignored` ones."""

    who: int
    columns: tuple[Column, ...]
    ignored: tuple[str, ...]
    mark: str
    width: int


def heads(line: str, assignment: Assignment, name: str, mark: str = "") -> Heads:
    """The columns of a class by the table's first line, between which `mark` stands.

    Raises GradcalcError where no column is an answer, or one names a problem and nothing that is in it.
    """
    mark = mark or max(",;\t", key=lambda c: line.count(c))
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=mark), [])]
    keys: dict[str, Key] = {}
    columns: list[Column] = []
    others: list[int] = []
    for at, cell in enumerate(cells):
        found = column(cell, assignment, keys, name)
        if found is None:
            others.append(at)
            continue
        if any((c.problem, c.name) == found for c in columns):
            raise GradcalcError(f"{name}: two columns are called {cell}", kind="file")
        columns.append(Column(at, *found))
    if not columns:
        problem = assignment.problems[0]
        example = f"student{mark}" + mark.join(f"{problem.id}.{n}" for n in problem.points)
        raise GradcalcError(
            f"{name}: no column is an answer", kind="file", hint=f"its first line is, for example, {example}"
        )
    who = student_column([(at, cells[at]) for at in others])
    ignored = tuple(cells[at] for at in others if at != who and cells[at])
    return Heads(who, tuple(columns), ignored, mark, len(cells))


def student_column(others: Sequence[tuple[int, str]]) -> int:
    """The column that says whose row it is, by its head, the surest first; else the first; -1 for none.

    >>> student_column([(0, "Timestamp"), (1, "Email Address")])
    1
    >>> student_column([(0, "Name"), (3, "Student ID")])
    3
    """
    for pattern in WHO:
        for at, cell in others:
            if pattern.fullmatch(cell):
                return at
    return others[0][0] if others else -1


def column(cell: str, assignment: Assignment, keys: dict[str, Key], name: str) -> tuple[str, str] | None:
    """What a head means, problem and quantity: `p1.dx`, `p1 dx`, `1:df/dx`; of an only problem `dx`."""
    near: tuple[Problem, str] | None = None
    for match in re.finditer(r"[.:_/ -]+", cell):
        head, rest = cell[: match.start()], cell[match.end() :]
        found = problem_called(head, assignment) if head else None
        if found is not None and rest:
            problem = next(p for p in assignment.problems if p.id == found)
            if is_asked(rest, problem, keys):
                return problem.id, rest
            near = near or (problem, rest)
    if len(assignment.problems) == 1 and is_asked(cell, assignment.problems[0], keys):
        return assignment.problems[0].id, cell
    if near is not None:
        problem, rest = near
        if problem.question is None:
            raise GradcalcError(
                f"{name}, column {cell}: problem {problem.id} asks for code, not for numbers", kind="file"
            )
        close = nearest(rest, problem.points)
        hint = f"did you mean {problem.id}.{close}?" if close else f"it asks for {', '.join(problem.points)}"
        raise GradcalcError(
            f"{name}, column {cell}: problem {problem.id} has no {rest}", kind="file", hint=hint
        )
    return None


def is_asked(name: str, problem: Problem, keys: dict[str, Key]) -> bool:
    """Whether a name means something in this problem."""
    if problem.question is None:
        return False
    if name in problem.points:
        return True
    if problem.id not in keys:
        keys[problem.id] = Key.of(problem.question)
    try:
        keys[problem.id].quantity(name)
    except GradcalcError:
        return False
    return True


def read_class(lines: Iterable[str], assignment: Assignment, name: str) -> tuple[Heads, Iterator[Submission]]:
    """The columns and the rows of a class, as they come. Blank lines are passed over.

    A row that is longer than the head has an `error`; what is left out at its end is missing.
    """
    rows = iter(lines)
    first = next((line for line in rows if line.strip()), "").lstrip("\ufeff").rstrip("\r\n")
    separated = SEPARATED.fullmatch(first)
    if separated is not None:
        first = next((line for line in rows if line.strip()), "").rstrip("\r\n")
    if not first:
        raise GradcalcError(f"{name} is empty", kind="file")
    found = heads(first, assignment, name, "" if separated is None else separated[1])
    return found, submissions(rows, found, name)


def submissions(rows: Iterator[str], found: Heads, name: str) -> Iterator[Submission]:
    """The students, row by row."""
    by_problem: dict[str, list[Column]] = {}
    for one in found.columns:
        by_problem.setdefault(one.problem, []).append(one)
    layout = [(problem, [(c.name, c.at) for c in columns]) for problem, columns in by_problem.items()]
    reader = csv.reader(rows, delimiter=found.mark)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Submission(
                f"row {reader.line_num + 1}", source=name, error=f"this row can't be read: {error}"
            )
            continue
        if not any(cell.strip() for cell in row):
            continue
        yield submission(row, found, layout, f"{name}:{reader.line_num + 1}")


def submission(
    row: Sequence[str], found: Heads, layout: Sequence[tuple[str, Sequence[tuple[str, int]]]], source: str
) -> Submission:
    """One row."""
    student = row[found.who].strip() if 0 <= found.who < len(row) else ""
    if len(row) > found.width:
        if any(cell.strip() for cell in row[found.width :]):
            hint = " (a comma inside a number wants quotes)" if found.mark == "," else ""
            return Submission(
                student or source,
                source=source,
                error=f"{len(row)} cells where the head has {found.width}{hint}",
            )
        row = row[: found.width]
    if len(row) < found.width:
        row = [*row, *[""] * (found.width - len(row))]
    answers = {
        problem: {name: row[at] for name, at in columns if row[at] and not row[at].isspace()}
        for problem, columns in layout
    }
    folders = (str(Path(source).parent / student),) if student and Path(student).name == student else ()
    return Submission(student or source, answers, source, folders)
