"""The wide layout: one line for each use of a node, in columns whose numbers stand point under point."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from .cells import Block, Use, factor
from .styled import Glyphs, Line, Span, pad, shorten, width

NODE, GATE, PATTERN, FORWARD, INTO, UPSTREAM, LOCAL, GRADIENT, NUMERIC, ERROR, VERDICT = range(11)
HEADS = (
    "node",
    "gate",
    "pattern",
    "forward",
    "into",
    "upstream",
    "local gradient",
    "gradient",
    "numeric",
    "error",
    "",
)
STYLE = {
    FORWARD: "forward",
    UPSTREAM: "gradient",
    GRADIENT: "gradient",
    GATE: "dim",
    PATTERN: "dim",
    ERROR: "dim",
}
NUMBERS = (FORWARD, UPSTREAM, GRADIENT, NUMERIC, ERROR)
BARS = (INTO, NUMERIC)  # a bar stands before these
LEAST = (
    (LOCAL, 20),
    (NODE, 12),
    (LOCAL, 14),
    (NODE, 10),
)  # how far the columns of texts may be narrowed, in order
Cells = list[str]  # one physical line: a text for each column


class Form(NamedTuple):
    """One way to lay the columns out: with gate, pattern and error, close together, with texts cut."""

    extra: bool = False
    tight: bool = False
    cut: bool = False


def grid(blocks: Sequence[Block | str], room: int, glyphs: Glyphs, form: Form) -> list[Line] | None:
    """The blocks as lines of at most `room` columns; None where they do not fit.

    A text among the blocks stands on a line of its own.
    """
    extra = form.extra
    shown = [k for k in range(11) if extra or k not in (GATE, PATTERN, ERROR)]
    if not any(b.verdict for b in blocks if isinstance(b, Block)):
        shown = [k for k in shown if k not in (NUMERIC, ERROR, VERDICT)]
    elif not any(b.numeric for b in blocks if isinstance(b, Block)):
        shown.remove(NUMERIC)
    pieces: list[list[Cells] | str] = [b if isinstance(b, str) else cells(b) for b in blocks]
    lines = [line for piece in pieces if not isinstance(piece, str) for line in piece]
    for k in shown:
        align([line for line in lines if line[k]], k)
    widths = {
        k: max([width(line[k]) for line in lines] + [width(head(k, glyphs, 0 if form.tight else 4))])
        for k in shown
    }
    gaps = {k: gap(k, glyphs, form.tight) for k in shown}
    if not fit(widths, room - sum(map(len, gaps.values())), form.cut):
        return None
    drawn: list[Line] = [
        [(gaps[k] + place(head(k, glyphs, widths[k]), widths[k], k, lines), "dim") for k in shown],
        [("".join(ruled(gaps[k], glyphs) + glyphs.rule * widths[k] for k in shown), "dim")],
    ]
    for block, piece in zip(blocks, pieces, strict=True):
        if isinstance(piece, str):
            drawn.append([("  " + piece, "dim")])
        elif isinstance(block, Block):
            drawn += (drawn_line(line, gaps, widths, block.style, glyphs) for line in piece)
    return drawn


def cells(block: Block) -> list[Cells]:
    """The physical lines of one block."""
    lines: list[Cells] = []
    for use in block.uses:
        last = use is block.uses[-1]
        columns = [[use.into], use.upstream, [local(use)], use.product]
        if last:
            columns += [block.numeric, [block.error], [block.verdict]]
        for into, upstream, formula, product, *check in zip_longest(*columns, fillvalue=""):
            lines.append(["", "", "", "", into, upstream, formula, product, *(check or ("", "", ""))])
    node = ([block.equation], [block.gate], [block.pattern], block.forward)
    for row, texts in enumerate(zip_longest(*node, fillvalue="")):
        if row == len(lines):
            lines.append([""] * 11)
        lines[row][: len(texts)] = texts
    return lines


def local(use: Use) -> str:
    """The local gradient of one use: formula beside number."""
    formula = factor(use.formula) if use.times else use.formula
    text = " = ".join(part for part in (formula, use.local) if part) + use.tail
    return f"{use.times} {text}" if use.times else "  " + text


def head(column: int, glyphs: Glyphs, columns: int) -> str:
    """A column's title."""
    if column == INTO and columns < 4:
        return "to"
    return f"{glyphs.times} {HEADS[column]}" if column == LOCAL else HEADS[column]


def gap(column: int, glyphs: Glyphs, tight: bool) -> str:
    """What stands before a column."""
    if column in BARS:
        return f" {glyphs.bar} "
    return " = " if column == GRADIENT else " " if tight or column in (LOCAL, VERDICT) else "  "


def ruled(text: str, glyphs: Glyphs) -> str:
    """The rule below what stands before a column."""
    return "".join(glyphs.cross if c == glyphs.bar else glyphs.rule for c in text)


def align(lines: Sequence[Cells], column: int) -> None:
    """Put the numbers of a column point under point."""
    if column not in NUMBERS:
        return
    scalars = [line for line in lines if is_scalar(line[column])]
    parts = {id(line): split(line[column]) for line in scalars}
    left = max((len(whole) for whole, _ in parts.values()), default=0)
    right = max((len(rest) for _, rest in parts.values()), default=0)
    for line in scalars:
        whole, rest = parts[id(line)]
        line[column] = whole.rjust(left) + rest.ljust(right)


def is_scalar(text: str) -> bool:
    """Whether a cell holds a single number."""
    return text[0] not in "[( " and " " not in text


def split(text: str) -> tuple[str, str]:
    """A number before its point, and the rest."""
    at = text.find(".")
    at = text.find("e") if at < 0 and text[-1:].isdigit() else at
    return (text, "") if at < 0 else (text[:at], text[at:])


def place(text: str, columns: int, column: int, lines: Iterable[Cells]) -> str:
    """A cell in its column: numbers to the right, unless arrays stand there too."""
    if column in NUMBERS and all(not line[column] or line[column][0] not in "[(" for line in lines):
        return " " * (columns - width(text)) + text
    return pad(text, columns)


def fit(widths: dict[int, int], room: int, cut: bool) -> bool:
    """Whether everything fits, once the columns of texts are narrowed if they may be."""
    for column, least in LEAST:
        over = sum(widths.values()) - room
        if over > 0 and cut:
            widths[column] = max(min(widths[column], least), widths[column] - over)
    return sum(widths.values()) <= room


def drawn_line(
    line: Cells, gaps: dict[int, str], widths: dict[int, int], verdict: str, glyphs: Glyphs
) -> Line:
    """One physical line with its colours."""
    drawn: list[Span] = []
    for k, before in gaps.items():
        text = line[k]
        if k == GRADIENT and not (text.strip() and line[LOCAL]):
            before = "   "
        if k in (NODE, LOCAL):
            text = cut(text, widths[k], glyphs)
        if k in NUMBERS and text and text.lstrip()[0] not in "[(":
            text = " " * (widths[k] - width(text)) + text
        style = verdict if k == VERDICT else STYLE.get(k, "")
        drawn += [(before, "dim" if k in BARS else ""), (pad(text, widths[k]), style)]
    return drawn


def cut(text: str, columns: int, glyphs: Glyphs) -> str:
    """A formula cut to its column; the number after its last = stays whole."""
    if width(text) <= columns:
        return text
    formula, equals, value = text.rpartition(" = ")
    if equals and width(value) + 8 <= columns and value[:1] in "-0123456789in[":
        return shorten(formula, columns - width(value) - 3, glyphs) + equals + value
    return shorten(text, columns, glyphs)
