"""gradcalc eval --rows: one expression at every row of a table, a batch at a time."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from gradcalc.errors import GradcalcError

from ..console import err, out
from ..progress import Bar
from ..whole import whole

KINDS = {"csv": "csv", "tsv": "tsv", "json": "jsonl", "jsonl": "jsonl"}
ALONE = ("--get", "--tree", "--summary", "--precision", "--max-rows", "--max-items", "--width")


def run(
    ctx: Any,
    asked: Any,
    place: str,
    output: str | None,
    check: bool,
    method: str,
    step: float | None,
    color: str,
) -> int:
    """Write every row with its value, gradients and verdict; the exit code."""
    kind = kind_of(ctx, output)
    if place == "-" and ctx.meta["gradcalc.words"][0] == "-":
        raise GradcalcError("standard input can't be both the expression and the rows")

    from gradcalc.rows import Rows

    from ..views.points import head, points, remarks

    errors = err({"color": color})
    with opened(place) as (stream, name, size), written(output) as write:
        rows = Rows(asked, stream, name, check=check, method=method, step=step)
        write(head(rows.names, kind))
        bar = Bar(errors, size, output is not None)
        for batch in rows:
            write(points(rows, batch, kind))
            bar.show(batch.read, rows.counts.total())
        bar.clear()
    if output is not None:
        errors.text(f"wrote {output}\n")
    for line in remarks(rows.counts, rows.first, rows.counts.total()):
        errors.text(f"{name}: {line}\n")
    return int(rows.exit_code)


def kind_of(ctx: Any, output: str | None) -> str:
    """What to write: as --format says, or the ending of --output; CSV otherwise."""
    given = ctx.meta["gradcalc.options"]
    for option in ALONE:
        if option in given:
            raise GradcalcError(f"{option} does not go with --rows", hint=f"leave out {option}")
    ending = Path(output or "").suffix.lower()[1:]
    if "--format" in given:
        asked = ctx.params["format_"]
        if asked not in KINDS:
            raise GradcalcError(f"--rows writes csv, tsv or json, not {asked}", hint="--format csv")
        return KINDS[asked]
    if output is not None and ending not in KINDS:
        raise GradcalcError(
            f"--output can't tell what to write into {output}",
            hint="with --rows its name ends in .csv, .tsv, .json or .jsonl; or say --format csv",
        )
    return KINDS.get(ending, "csv")


@contextmanager
def opened(place: str) -> Iterator[tuple[BinaryIO, str, int | None]]:
    """The table as a stream, its name, and its size in bytes where that is known."""
    if place == "-":
        stdin: Any = sys.stdin
        if stdin is None:
            raise GradcalcError("there is no standard input", kind="file")
        yield stdin.buffer, "standard input", None
        return
    from gradcalc.files import opened as opened_file

    with opened_file(Path(place)) as stream:
        yield stream, Path(place).name, os.fstat(stream.fileno()).st_size or None


@contextmanager
def written(output: str | None) -> Iterator[Callable[[str], object]]:
    """Where the rows go: standard output, or a file."""
    if output is None:
        yield out().text
        return
    with whole(output) as file:
        yield lambda text: file.write(text.encode())
