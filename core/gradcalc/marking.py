"""The verdict on one answer by itself: read it, and hold it against the true value."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from .answers import Answer
from .digits import TIGHTEST, all_by_digits, by_digits
from .errors import GradcalcError
from .gate import Array
from .written import Written, read_array, read_number

MOST_ENTRIES = 6  # wrong entries that are listed
GROUPED = re.compile(r"[-+−]?[1-9]\d{0,2},\d{3}")  # 1,234 may mean a thousand, too
CLOSE = 1e-6  # no error bar that matters is wider, relative
TOO_COARSE = "too coarse to tell: write more digits"

Mark = tuple[Answer, Written | None]  # None where nothing could be read


def mark(name: str, text: str, true: Array, bar: Callable[[], Array], files: bool) -> Mark:
    """The verdict by the digits written; `bar()` is how far the true value may be off by rounding."""
    written = read(name, text, true, files)
    if isinstance(written, Answer):
        return written, None
    if written.shape != np.shape(true):
        return Answer(name, text, true, "shape", shapes(written.shape, np.shape(true))), written
    value, half = written.value, written.half
    if np.ndim(true):
        verdict, where = all_by_digits(value, half, true, 0.0)
        if verdict != "right":
            verdict, where = all_by_digits(value, half, true, bar())
        return Answer(name, text, true, verdict, entries(verdict, where)), written
    verdict = by_digits(value, half, float(true))
    if verdict != "right" and abs(value - true) <= CLOSE * max(abs(true), 1.0):
        verdict = by_digits(value, half, float(true), float(bar()))
    note = TOO_COARSE if verdict == "digits" else ""
    if verdict == "wrong" and GROUPED.fullmatch(text.strip()):
        other = text.strip().replace(",", "")
        note = f"read as {float(value):g}, with a decimal comma: write {other} for the other"
    return Answer(name, text, true, verdict, note), written


def mark_within(name: str, text: str, true: Array, rtol: float, atol: float, files: bool) -> Mark:
    """The verdict by a relative and an absolute tolerance, whatever digits are written."""
    written = read(name, text, true, files)
    if isinstance(written, Answer):
        return written, None
    if written.shape != np.shape(true):
        return Answer(name, text, true, "shape", shapes(written.shape, np.shape(true))), written
    with np.errstate(all="ignore"):
        gap = np.where(np.equal(written.value, true), 0.0, np.abs(written.value - true))
        right = bool(np.all(gap <= np.maximum(atol + rtol * np.abs(true), TIGHTEST * np.abs(true))))
        room = np.maximum(written.half, atol + rtol * np.abs(written.value))
    wide = written._replace(half=room if np.ndim(true) else float(room))
    return Answer(name, text, true, "right" if right else "wrong"), wide


def read(name: str, text: str, true: Array, files: bool) -> Written | Answer:
    """What is written; where nothing can be read, the verdict that says so."""
    try:
        listed = np.ndim(true) or text.lstrip().startswith("[")
        return read_array(name, text, files) if listed else read_number(name, text, files)
    except GradcalcError as error:
        why = f"{error.message}: {error.hint}" if error.hint else error.message
        return Answer(name, text, true, "unreadable", why)


def shapes(have: tuple[int, ...], want: tuple[int, ...]) -> str:
    """Why a shape does not fit."""
    if not want:
        return f"an array of shape {have} where one number is asked"
    return f"{'one number' if not have else f'shape {have}'}, asked is shape {want}"


def entries(verdict: str, where: Array) -> str:
    """Which entries of an array are wrong, or too coarse."""
    if verdict == "right":
        return ""
    places = [f"[{', '.join(str(int(k)) for k in place)}]" for place in np.argwhere(where)[:MOST_ENTRIES]]
    count = int(np.sum(where))
    if count == np.size(where):
        return f"every entry{'' if verdict == 'wrong' else ' is too coarse to tell'}"
    what = "entry" if count == 1 else f"{count} of {np.size(where)} entries:"
    more = " ..." if count > len(places) else ""
    return f"{what} {', '.join(places)}{more}" + ("" if verdict == "wrong" else f", {TOO_COARSE}")
