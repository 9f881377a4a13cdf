"""What one student hands in: answers as they were written, from TOML, and files of code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import GradcalcError, nearest
from ..files import decoded, opened
from .assignment import Assignment

WHO = ("student", "id", "name")
BARE = re.compile(
    r"^(?P<start>[ \t]*(?:[\w.∂/-]+|\"[^\"]*\"|'[^']*')[ \t]*=[ \t]*)"
    r"(?P<value>[^\"'\[{#\s][^#\n]*?)[ \t]*(?P<rest>#.*)?$",
    re.M,
)


class Submission(NamedTuple):
    """One student's answers by problem and name, where they come from, and the folders that code is in.

    `error` says why nothing could be read, `notes` what was passed over.
    """

    student: str
    answers: Mapping[str, Mapping[str, str]] = {}
    source: str = ""
    folders: tuple[str, ...] = ()
    code: str = ""
    error: str = ""
    notes: tuple[str, ...] = ()


def read_submission(path: Path, assignment: Assignment) -> Submission:
    """The submission in a TOML file; one that can't be read has an `error`."""
    try:
        with opened(path) as file:
            text = decoded(file.read(), path.name)
    except GradcalcError as error:
        return Submission(path.stem, source=str(path), error=error.message)
    found = parse_submission(text, assignment, path.stem, str(path))
    return found._replace(folders=(str(path.parent / path.stem),))


def parse_submission(text: str, assignment: Assignment, student: str = "", source: str = "") -> Submission:
    """The submission in a text. Numbers keep the digits that were written.

    What TOML would refuse, `12.`, `1/3`, `0,39` or `−4` without quotes, is taken as it stands.

    >>> from .assignment import parse_assignment
    >>> sheet = parse_assignment("[[problem]]\\nexpression = 'x*y'\\ninputs = {x = 2, y = 3}")
    >>> parse_submission("student = 'ada'\\n[p1]\\ndx = -0.20\\ndy = 1/3", sheet).answers
    {'p1': {'dx': '-0.20', 'dy': '1/3'}}
    """
    try:
        table = loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Submission(student, source=source, error=f"this is not TOML: {error}")
    for key in WHO:
        if isinstance(table.get(key), str | int) and not isinstance(table[key], bool):
            student = str(table.pop(key)).strip() or student
            break
    answers: dict[str, dict[str, str]] = {}
    notes: list[str] = []
    loose: dict[str, Any] = {}
    for key, value in table.items():
        name = problem_called(key, assignment)
        if name is None or not isinstance(value, dict):
            loose[key] = value
            continue
        answers.setdefault(name, {}).update(named(value))
    if loose:
        only = assignment.problems[0].id if len(assignment.problems) == 1 else None
        if only is not None:
            answers.setdefault(only, {}).update(named(loose))
        else:
            notes += [stray(key, assignment) for key in loose]
    return Submission(student, answers, source, notes=tuple(notes))


def loads(text: str) -> dict[str, Any]:
    """TOML whose numbers stay the texts that they are."""
    try:
        return tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError:
        quoted = BARE.sub(quote, text)
        if quoted == text:
            raise
        return tomllib.loads(quoted, parse_float=str)


def quote(match: re.Match[str]) -> str:
    """A bare value in quotes."""
    value = match["value"].replace("\\", "\\\\").replace('"', '\\"')
    return f'{match["start"]}"{value}"{" " + match["rest"] if match["rest"] else ""}'


def named(table: Mapping[str, Any], start: str = "") -> dict[str, str]:
    """The answers of one problem; `x.grad = 3` is a table inside it to TOML."""
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= named(value, f"{start}{key}.")
        else:
            found[f"{start}{key}"] = written(value)
    return found


def written(value: Any) -> str:
    """An answer as it was written."""
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return value.strip() if isinstance(value, str) else str(value).lower()


def problem_called(name: str, assignment: Assignment) -> str | None:
    """The problem that a key or a column means: its id, its number, or its title."""
    plain = name.strip().casefold()
    digits = re.fullmatch(r"(?:p|problem|exercise|question|q|ex)?[ _-]?0*(\d+)", plain)
    for problem in assignment.problems:
        if plain in (problem.id.casefold(), problem.title.casefold() or None):
            return problem.id
    if digits is not None and 1 <= int(digits[1]) <= len(assignment.problems):
        return assignment.problems[int(digits[1]) - 1].id
    return None


def stray(key: str, assignment: Assignment) -> str:
    """What is said of a key that belongs to no problem."""
    if problem_called(key, assignment) is not None:
        return f"{key} is a table: write [{key}], and its answers below"
    ids: Iterable[str] = [problem.id for problem in assignment.problems]
    near = nearest(key, ids)
    return f"there is no problem {key}" + (
        f": did you mean {near}?" if near else f": there are {', '.join(ids)}"
    )
