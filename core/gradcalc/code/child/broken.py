"""What went wrong in people's code, as data."""

from __future__ import annotations

import os
import traceback
from types import TracebackType

from .own import own

MOST_FRAMES = 6
UNCLEAR = ("convention", "cache")  # kinds that say nothing of the gradient: there is none to judge
OWN = os.path.dirname(os.path.abspath(__file__))


class Broken(Exception):  # noqa: N818 - it is the code that is broken, and a verdict as often as an error
    """People's code can't be run, or ran and failed.

    `stage` says while doing what ("load", "call", "forward", "backward", "point"), `kind` is a word for
    machines (the exception's name, "missing", "convention", "time", "memory", "exit" ...), `trace` the lines
    of the traceback that lie in their files.
    """

    def __init__(self, stage: str, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.stage = stage
        self.kind = kind
        self.message = message
        self.trace = trace or []


def broken(stage: str, error: BaseException, home: str) -> Broken:
    """An exception of people's code, its traceback cut to the files below `home` (or its end, if none is)."""
    said = str(error).strip().splitlines()
    message = f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
    if isinstance(error, SyntaxError) and error.filename:
        where = [f"{error.filename}:{error.lineno}"]
        if error.text:
            where.append(error.text.rstrip())
        return Broken(stage, type(error).__name__, message, where)
    return Broken(stage, type(error).__name__, message, trimmed(error.__traceback__, home))


def trimmed(trace: TracebackType | None, home: str) -> list[str]:
    """`file:line in name` and the line itself, for the frames in people's own files."""
    frames = [f for f in traceback.extract_tb(trace) if not f.filename.startswith(OWN)]
    mine = [f for f in frames if own(f.filename, home)]
    lines: list[str] = []
    for frame in (mine or frames[-1:])[-MOST_FRAMES:]:
        lines.append(f"{frame.filename}:{frame.lineno} in {frame.name}")
        if frame.line:
            lines.append(f"  {frame.line}")
    return lines
