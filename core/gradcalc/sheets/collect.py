"""From paths to submissions: files, folders, tables of a class, and standard input."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..errors import GradcalcError
from ..files import decoded
from .assignment import Assignment
from .keys import HEADER
from .roster import read_class
from .submission import Submission, parse_submission, read_submission

OWN = ("answers.toml", "submission.toml")
TABLES = (".csv", ".tsv")
CODE = (".py", ".ipynb")


def collect(
    paths: Sequence[str],
    assignment: Assignment,
    stdin: Callable[[], bytes] | None = None,
    ignored: Callable[[str, Sequence[str]], None] = lambda name, columns: None,
) -> Iterator[Submission]:
    """The submissions under these paths, one after another; `-` is standard input.

    What can't be read is a submission with an `error`, unless it is all there is: then GradcalcError is
    raised. `ignored` is told of a class's columns that mean nothing here.
    """
    if len(paths) > 1 and not any(path == "-" or Path(path).exists() for path in paths):
        raise GradcalcError(f"there is no file {paths[0]}, and none of the others", kind="file")
    for path in paths:
        try:
            yield from at(path, assignment, stdin, ignored)
        except GradcalcError as error:
            if len(paths) == 1:
                raise
            yield Submission(Path(path).stem or path, source=path, error=error.message)


def at(
    path: str,
    assignment: Assignment,
    stdin: Callable[[], bytes] | None,
    ignored: Callable[[str, Sequence[str]], None],
) -> Iterator[Submission]:
    """The submissions under one path."""
    if path == "-":
        yield from piped(b"" if stdin is None else stdin(), assignment, ignored)
        return
    place = Path(path)
    if place.is_dir():
        yield from folder(place, assignment, ignored)
    elif not place.exists():
        raise GradcalcError(f"there is no file {path}", kind="file")
    elif place.suffix.lower() in TABLES:
        yield from table(place, assignment, ignored)
    elif place.suffix.lower() in CODE:
        yield Submission(who(place, assignment), source=path, code=path)
    else:
        yield read_submission(place, assignment)


def table(
    path: Path, assignment: Assignment, ignored: Callable[[str, Sequence[str]], None]
) -> Iterator[Submission]:
    """The rows of a class, as they are read."""
    try:
        with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
            heads, rows = read_class(file, assignment, str(path))
            if heads.ignored:
                ignored(str(path), heads.ignored)
            yield from rows
    except OSError as error:
        raise GradcalcError(f"{path} can't be read: {error.strerror or error}", kind="file") from None


def piped(
    data: bytes, assignment: Assignment, ignored: Callable[[str, Sequence[str]], None]
) -> Iterator[Submission]:
    """Standard input: a submission where its first line is TOML, else a class."""
    text = decoded(data, "standard input")
    first = next((line for line in text.splitlines() if line.strip() and line.strip()[0] != "#"), "")
    if not first:
        raise GradcalcError("there is nothing on standard input", kind="file")
    if "=" in first or first.strip().startswith("["):
        yield parse_submission(text, assignment, "standard input", "-")
        return
    heads, rows = read_class(io.StringIO(text, newline=""), assignment, "standard input")
    if heads.ignored:
        ignored("standard input", heads.ignored)
    yield from rows


def folder(
    path: Path, assignment: Assignment, ignored: Callable[[str, Sequence[str]], None], own: bool = False
) -> Iterator[Submission]:
    """A student's folder, or one with many: files, and a folder for each student."""
    try:
        entries = sorted(entry for entry in path.iterdir() if not entry.name.startswith((".", "__")))
    except OSError as error:
        raise GradcalcError(f"{path} can't be read: {error.strerror or error}", kind="file") from None
    names = {entry.name for entry in entries}
    if own or names & {*OWN, *assignment.files}:
        yield one(path, entries, assignment)
        return
    found = [entry for entry in entries if handed(entry, names, assignment)]
    for entry in found:
        if entry.is_dir():
            yield from folder(entry, assignment, ignored, own=True)
            continue
        try:
            yield from at(str(entry), assignment, None, ignored)
        except GradcalcError as error:
            yield Submission(entry.stem, source=str(entry), error=error.message)
    if not found:
        raise GradcalcError(
            f"{path} holds no submission", kind="file", hint="a submission is a .toml file, a class a .csv"
        )


def handed(entry: Path, names: set[str], assignment: Assignment) -> bool:
    """Whether an entry of a folder is somebody's submission."""
    ending = entry.suffix.lower()
    if entry.is_dir():
        return any(e.suffix.lower() in (".toml", *CODE) for e in entry.iterdir())
    if ending in CODE:
        return bool(assignment.files) and f"{who(entry, assignment)}.toml" not in names
    return ending in TABLES or (ending == ".toml" and not is_assignment(entry))


def is_assignment(path: Path) -> bool:
    """Whether a file is an assignment, and so no submission."""
    try:
        return HEADER.search(path.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False


def who(path: Path, assignment: Assignment) -> str:
    """The student of a file of code: `ada.py` or `ada_layers.py`."""
    for name in assignment.files:
        stem = path.stem.removesuffix(f"_{Path(name).stem}")
        if stem and stem != path.stem:
            return stem
    return path.stem


def one(path: Path, entries: Sequence[Path], assignment: Assignment) -> Submission:
    """A student's own folder: the answers, if any, and code."""
    student = path.resolve().name
    sheets = [entry for entry in entries if entry.suffix.lower() == ".toml"]
    sheet = next((entry for entry in sheets if entry.name in OWN), sheets[0] if sheets else None)
    if sheet is None:
        return Submission(student, source=str(path), folders=(str(path),))
    found = read_submission(sheet, assignment)
    named = student if found.student == sheet.stem else found.student
    return found._replace(student=named, source=str(sheet), folders=(str(path),))
