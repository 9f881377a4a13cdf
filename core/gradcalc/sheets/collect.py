"""From paths to submissions: files, folders, tables of a class, and standard input."""

from __future__ import annotations

import codecs
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
OWN_FOLDERS = ("submission",)  # what servers call anybody's folder
OLD = "cp1252"
PIECE = 1 << 16
Say = Callable[[str], None]


def collect(
    paths: Sequence[str],
    assignment: Assignment,
    stdin: Callable[[], bytes] | None = None,
    say: Say = lambda text: None,
    lenient: bool = False,
) -> Iterator[Submission]:
    """The submissions under these paths, one after another; `-` is standard input.

    What can't be read is a submission with an `error`, unless it is all there is: then GradcalcError is
    raised, if not `lenient`. `say` is told what was passed over.
    """
    if len(paths) > 1 and not any(path == "-" or Path(path).exists() for path in paths):
        raise GradcalcError(f"there is no file {paths[0]}, and none of the others", kind="file")
    for path in paths:
        try:
            yield from at(path, assignment, stdin, say)
        except GradcalcError as error:
            if len(paths) == 1 and not lenient:
                raise
            yield Submission(Path(path).stem or path, source=path, error=error.message)


def at(
    path: str,
    assignment: Assignment,
    stdin: Callable[[], bytes] | None,
    say: Say,
) -> Iterator[Submission]:
    """The submissions under one path."""
    if path == "-":
        yield from piped(b"" if stdin is None else stdin(), assignment, say)
        return
    place = Path(path)
    if place.is_dir():
        yield from folder(place, assignment, say)
    elif not place.exists():
        raise GradcalcError(f"there is no file {path}", kind="file")
    elif place.suffix.lower() in TABLES:
        yield from table(place, assignment, say)
    elif place.suffix.lower() in CODE:
        alone = place.name in assignment.files  # the file as it is asked for, in somebody's folder
        student = place.resolve().parent.name if alone else who(place, assignment)
        yield Submission(student, source=path, code=path)
    else:
        yield read_submission(place, assignment)


def table(path: Path, assignment: Assignment, say: Say) -> Iterator[Submission]:
    """The rows of a class, as they are read."""
    try:
        code = encoding(path)
        if code == OLD:
            say(f"{path} is not UTF-8: read as Windows-1252; look whether the names are right")
        with open(path, encoding=code, errors="replace", newline="") as file:
            heads, rows = read_class(file, assignment, str(path))
            if heads.ignored:
                say(passed_over(str(path), heads.ignored))
            yield from rows
    except OSError as error:
        raise GradcalcError(f"{path} can't be read: {error.strerror or error}", kind="file") from None


def encoding(path: Path) -> str:
    """How a table is encoded: by its byte-order mark, else UTF-8 if that fits, else what Windows wrote."""
    with open(path, "rb") as file:
        start = file.read(4)
        if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(start)
            while piece := file.read(PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return OLD
    return "utf-8-sig"


def passed_over(name: str, columns: Sequence[str]) -> str:
    """What is said of columns that are no answers."""
    listed = ", ".join(columns[:8]) + (", ..." if len(columns) > 8 else "")
    return f"{name}: passed over the column{'s' * (len(columns) > 1)} {listed}"


def piped(data: bytes, assignment: Assignment, say: Say) -> Iterator[Submission]:
    """Standard input: a submission where its first line is TOML, else a class."""
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        data = data.decode("utf-16", errors="replace").encode()
    text = decoded(data, "standard input")
    first = next((line for line in text.splitlines() if line.strip() and line.strip()[0] != "#"), "")
    if not first:
        raise GradcalcError("there is nothing on standard input", kind="file")
    if "=" in first or first.strip().startswith("["):
        yield parse_submission(text, assignment, "standard input", "-")
        return
    heads, rows = read_class(io.StringIO(text, newline=""), assignment, "standard input")
    if heads.ignored:
        say(passed_over("standard input", heads.ignored))
    yield from rows


def folder(path: Path, assignment: Assignment, say: Say, own: bool = False) -> Iterator[Submission]:
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
    left = [entry.name for entry in entries if entry not in found and not known(entry, assignment)]
    if left and found:
        say(f"{path}: passed over {', '.join(left[:8])}{', ...' * (len(left) > 8)}")
    for entry in found:
        if entry.is_dir():
            yield from folder(entry, assignment, say, own=True)
            continue
        try:
            yield from at(str(entry), assignment, None, say)
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
        return True
    if ending in CODE:
        return bool(assignment.files) and f"{who(entry, assignment)}.toml" not in names
    return ending in TABLES or (ending == ".toml" and not is_assignment(entry))


def known(entry: Path, assignment: Assignment) -> bool:
    """Whether an entry is used though it is nobody's submission by itself."""
    ending = entry.suffix.lower()
    return (ending in CODE and bool(assignment.files)) or (ending == ".toml" and is_assignment(entry))


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
        code = [entry for entry in entries if entry.suffix.lower() in CODE]
        error = "" if code else f"there are no answers in it{': only ' * bool(entries)}{listed(entries)}"
        return Submission(student, source=str(path), folders=(str(path),), error=error)
    found = read_submission(sheet, assignment)
    notes = [*found.notes]
    if len(sheets) > 1:
        notes.append(f"{sheet.name} is read, and not {listed([s for s in sheets if s != sheet])}")
    named = student if found.student == sheet.stem else found.student
    if named != student and student not in OWN_FOLDERS:
        notes.append(f"the folder is called {student}, and the file says {named}")
    return found._replace(student=named, source=str(sheet), folders=(str(path),), notes=tuple(notes))


def listed(entries: Sequence[Path]) -> str:
    """The names of some files."""
    names = [entry.name for entry in entries]
    return ", ".join(names[:4]) + ", ..." * (len(names) > 4)
