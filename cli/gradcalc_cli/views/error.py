"""An error as people read it: what is wrong, where, and what to do about it."""

from itertools import pairwise
from typing import Any

from .styled import Glyphs, Line

ROOM = 8  # columns beside a source line: its indentation, and ellipses on both sides


def error_lines(error: Any, hint: str | None, glyphs: Glyphs, columns: int = 120) -> list[Line]:
    """The message, the source line with a caret under the span, and the hint."""
    from gradcalc.errors import caret

    lines: list[Line] = [[("error: ", "bad"), (glyphs.text(error.message), "bold")]]
    if error.span is not None and (error.source or "").strip():
        *where, mark = pointed(error, caret, glyphs, columns)
        lines += [[(visible(text), "")] for text in where]
        lines.append([(mark, "bad")])
    if hint:
        lines.append([("hint: ", "dim"), (glyphs.text(hint), "")])
    return lines


def pointed(error: Any, caret: Any, glyphs: Glyphs, columns: int) -> list[str]:
    """The source line and its caret; an option's value stands behind its option."""
    origin = error.origin or ""
    source, span = spelled(error.source, error.span, glyphs)
    if not origin.startswith("-") or "\n" in source:
        return list(caret(source, span, error.origin, glyphs.ellipsis, columns - ROOM))
    widest = columns - ROOM - len(origin) - 1
    *where, line, mark = caret(source, span, None, glyphs.ellipsis, widest)
    return [*where, f"  {origin} {line[2:]}", f"  {' ' * (len(origin) + 1)}{mark[2:]}"]


def spelled(source: str, span: Any, glyphs: Glyphs) -> tuple[str, Any]:
    """The source as this terminal can show it (σ as \\sigma), and where the span is in that."""
    if glyphs.encoding is None or source.isascii():
        return source, span
    first = source.rfind("\n", 0, span.start) + 1
    last = source.find("\n", first)
    last = len(source) if last < 0 else last
    ends = (first, span.start, max(min(span.end, last), span.start), last)
    before, under, after = (glyphs.encoded(source[a:b]) for a, b in pairwise(ends))
    start = first + len(before)
    return (
        source[:first] + before + under + after + source[last:],
        type(span)(start, start + len(under)),
    )


def visible(text: str) -> str:
    """A line of source without control characters; the columns stay."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)


def error_record(error: Any, hint: str | None) -> dict[str, Any]:
    """The error as data."""
    span = None if error.span is None else list(error.span)
    return {"kind": error.kind, "message": error.message, "span": span, "hint": hint}
