"""What views are made of: lines of (text, style) pairs, and the glyphs that the terminal can show."""

import re
from collections.abc import Sequence
from typing import NamedTuple

Span = tuple[str, str]  # a text, and a style: "", or words of "forward gradient good bad warn dim bold"
Line = Sequence[Span]


class Glyphs(NamedTuple):
    """The signs that a view draws with."""

    times: str
    bar: str
    rule: str
    cross: str
    ellipsis: str
    arrow: str
    partial: str
    tee: str
    corner: str
    pipe: str
    encoding: str | None = None

    def text(self, text: str) -> str:
        """`text` as this terminal can show it: one line, no control characters, nothing unencodable."""
        if not text.isprintable():
            text = "".join(c if c.isprintable() else " " for c in text)
        return self.encoded(text)

    def encoded(self, text: str) -> str:
        """`text` with what the terminal's encoding lacks spelt out, one character after the other."""
        if self.encoding is None or text.isascii():
            return text
        return text.encode(self.encoding, "gradcalc").decode(self.encoding)


UNICODE = Glyphs("×", "│", "─", "┼", "…", "→", "∂", "├── ", "└── ", "│   ")
ASCII = Glyphs("*", "|", "-", "+", "...", "->", "d", "|-- ", "`-- ", "|   ", "ascii")


def width(text: str) -> int:
    """How many terminal columns `text` takes."""
    if text.isascii():
        return len(text)
    from gradcalc.errors import width

    return width(text)


def pad(text: str, columns: int) -> str:
    """`text` with spaces up to `columns`."""
    return text + " " * (columns - width(text))


def shorten(text: str, columns: int, glyphs: Glyphs) -> str:
    """`text` cut to `columns`, with an ellipsis where something is missing."""
    if width(text) <= columns:
        return text
    room = max(columns - len(glyphs.ellipsis), 1)
    kept = text[:room]
    while width(kept) > room:
        kept = kept[:-1]
    return kept + glyphs.ellipsis


# A formula breaks behind a blank, a comma, a bracket or the sign of a product, and before that of a sum.
BREAK = r"(?<=[\s,;*/@×(])|(?<![\s(eE,=<>*^])(?=[-+])"


def fold(text: str, columns: int, further: int | None = None) -> list[str]:
    """A formula or sentence on lines of at most `columns`, those after the first of at most `further`."""
    lines: list[str] = []
    while width(text) > columns:
        places = [m.start() for m in re.finditer(BREAK, text) if 0 < m.start() <= columns]
        place = max((at for at in places if width(text[:at].rstrip()) <= columns), default=0)
        if place * 4 < columns:  # no good place: anywhere
            place = columns
            while width(text[:place]) > columns:
                place -= 1
        lines.append(text[:place].rstrip())
        text, columns = text[place:].lstrip(), further or columns
    return [*lines, text]


def hanging(text: str, columns: int, glyphs: Glyphs, most: int = 6) -> list[str]:
    """A text folded to `columns`, its further lines a little to the right; cut after `most` lines."""
    first, *rest = fold(text, columns, columns - 2)
    lines = [first, *("  " + line for line in rest)]
    if len(lines) > most:
        lines[most - 1] = shorten(" ".join(lines[most - 1 :]), columns, glyphs)
    return lines[:most]


def line_width(line: Line) -> int:
    """How many terminal columns a line takes."""
    return sum(width(text) for text, _ in line)


def wrap(words: Sequence[str], columns: int, indent: str = "", gap: str = " ") -> list[str]:
    """Words joined to lines of at most `columns`; a word that is longer stands alone."""
    lines: list[str] = []
    for word in words:
        if lines and width(lines[-1]) + len(gap) + width(word) <= columns:
            lines[-1] += gap + word
        else:
            lines.append(indent + word)
    return lines
