"""An error as people read it: what is wrong, where, and what to do about it."""

from typing import Any

from .styled import Glyphs, Line


def error_lines(error: Any, hint: str | None, glyphs: Glyphs) -> list[Line]:
    """The message, the source line with a caret under the span, and the hint."""
    from gradcalc.errors import caret

    lines: list[Line] = [[("error: ", "bad"), (glyphs.text(error.message), "bold")]]
    if error.span is not None and (error.source or "").strip():
        where = pointed(error, caret)
        lines += [[(visible(text), "")] for text in where[:-1]]
        lines.append([(where[-1], "bad")])
    if hint:
        lines.append([("hint: ", "dim"), (glyphs.text(hint), "")])
    return lines


def pointed(error: Any, caret: Any) -> list[str]:
    """The source line and its caret; an option's value stands behind its option."""
    origin = error.origin or ""
    if not origin.startswith("-") or "\n" in error.source:
        return list(caret(error.source, error.span, error.origin))
    *where, line, mark = caret(error.source, error.span)
    return [*where, f"  {origin} {line[2:]}", f"  {' ' * (len(origin) + 1)}{mark[2:]}"]


def visible(text: str) -> str:
    """A line of source without control characters; the columns stay."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)


def error_record(error: Any, hint: str | None) -> dict[str, Any]:
    """The error as data."""
    span = None if error.span is None else list(error.span)
    return {"kind": error.kind, "message": error.message, "span": span, "hint": hint}
