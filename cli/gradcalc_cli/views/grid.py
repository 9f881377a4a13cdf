"""The wide layout: one line for each use of a node, in columns whose numbers stand point under point."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from .cells import Block, Use, factor
from .styled import Glyphs, Line, Span, fold, hanging, pad, width

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
LOCALS = (28, 24, 21, 18, 15)  # how wide the column of local gradients may be instead
LEAST_NODE = 10
MANY = 300  # nodes; in a longer table one width is as good as another
Cells = list[str]  # one physical line: a text for each column


class Form(NamedTuple):
    """One way to lay the columns out: with gate, pattern and error, close together, with texts folded."""

    extra: bool = False
    tight: bool = False
    folded: bool = False


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
    pieces, lines = filled(blocks, shown)
    least = {k: 0 if form.folded or (form.tight and k == INTO) else room for k in shown}
    widths = {k: max([width(line[k]) for line in lines] + [width(head(k, glyphs, least[k]))]) for k in shown}
    gaps = {k: gap(k, glyphs, form.tight) for k in shown}
    room -= sum(map(len, gaps.values()))
    if sum(widths.values()) > room:
        tries = narrowed(widths, room, glyphs) if form.folded else []
        if not tries:
            return None
        few = tries if len(blocks) <= MANY else tries[len(tries) // 2 :][:1]
        found = [(*filled(blocks, shown, folds), folds) for folds in few]
        pieces, lines, folds = min(found, key=lambda one: (len(one[1]), -one[2].node))
        widths |= {NODE: folds.node, LOCAL: folds.local}
    drawn: list[Line] = [
        [(gaps[k] + place(head(k, glyphs, widths[k]), widths[k], k, lines), "dim") for k in shown],
        [("".join(ruled(gaps[k], glyphs) + glyphs.rule * widths[k] for k in shown), "dim")],
    ]
    for block, piece in zip(blocks, pieces, strict=True):
        if isinstance(piece, str):
            drawn.append([("  " + piece, "dim")])
        elif isinstance(block, Block):
            drawn += (drawn_line(line, gaps, widths, block.style) for line in piece)
    return drawn


class Folds(NamedTuple):
    """How wide the columns of texts are, where they are too narrow for some."""

    node: int
    local: int
    glyphs: Glyphs


def filled(
    blocks: Sequence[Block | str], shown: Sequence[int], folds: Folds | None = None
) -> tuple[list[list[Cells] | str], list[Cells]]:
    """The blocks as physical lines whose numbers stand point under point; and all these lines in a row."""
    pieces: list[list[Cells] | str] = [b if isinstance(b, str) else cells(b, folds) for b in blocks]
    lines = [line for piece in pieces if not isinstance(piece, str) for line in piece]
    for k in shown:
        align([line for line in lines if line[k]], k)
    return pieces, lines


def cells(block: Block, folds: Folds | None = None) -> list[Cells]:
    """The physical lines of one block."""
    lines: list[Cells] = []
    for use in block.uses:
        last = use is block.uses[-1]
        columns = [[use.into], use.upstream, local(use, folds), use.product]
        if last:
            columns += [block.numeric, [block.error], [block.verdict]]
        for into, upstream, formula, product, *check in zip_longest(*columns, fillvalue=""):
            lines.append(["", "", "", "", into, upstream, formula, product, *(check or ("", "", ""))])
    equation = [block.equation] if folds is None else hanging(block.equation, folds.node, folds.glyphs)
    node = (equation, [block.gate], [block.pattern], block.forward)
    for row, texts in enumerate(zip_longest(*node, fillvalue="")):
        if row == len(lines):
            lines.append([""] * 11)
        lines[row][: len(texts)] = texts
    return lines


def local(use: Use, folds: Folds | None = None) -> list[str]:
    """The local gradient of one use: formula beside number, or below it where both are too long."""
    formula = factor(use.formula) if use.times else use.formula
    text = " = ".join(part for part in (formula, use.local) if part) + use.tail
    line = f"{use.times} {text}" if use.times else "  " + text
    if folds is None or width(line) <= folds.local:
        return [line]
    if not use.times:
        return ["  " + part for part in fold(text, folds.local - 2)]
    room = folds.local - 2
    number = f"{use.local}{use.tail}"
    if use.local.startswith("(") or width(number) > room:  # a range says less than a formula
        parts = hanging(f"{formula or use.local}{use.tail}", room, folds.glyphs)
    else:
        parts = [number, *hanging(f"= {use.formula}", room, folds.glyphs)]
    return [f"{use.times} {parts[0]}", *("  " + part for part in parts[1:])]


def head(column: int, glyphs: Glyphs, columns: int) -> str:
    """A column's title."""
    if column == INTO and columns < 4:
        return "to"
    if column == LOCAL:
        return f"{glyphs.times} {HEADS[LOCAL] if columns >= len(HEADS[LOCAL]) + 2 else 'local'}"
    return HEADS[column]


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


def narrowed(widths: dict[int, int], room: int, glyphs: Glyphs) -> list[Folds]:
    """The ways to narrow the columns of texts so that everything fits."""
    left = room - sum(columns for k, columns in widths.items() if k not in (NODE, LOCAL))
    locals_ = (widths[LOCAL], *(columns for columns in LOCALS if columns < widths[LOCAL]))
    nodes = {columns: min(widths[NODE], left - columns) for columns in locals_}
    return [Folds(node, columns, glyphs) for columns, node in nodes.items() if node >= LEAST_NODE]


def drawn_line(line: Cells, gaps: dict[int, str], widths: dict[int, int], verdict: str) -> Line:
    """One physical line with its colours."""
    drawn: list[Span] = []
    for k, before in gaps.items():
        text = line[k]
        if k == GRADIENT and not (text.strip() and line[LOCAL]):
            before = "   "
        if k in NUMBERS and text and text.lstrip()[0] not in "[(":
            text = " " * (widths[k] - width(text)) + text
        style = verdict if k == VERDICT else STYLE.get(k, "")
        drawn += [(before, "dim" if k in BARS else ""), (pad(text, widths[k]), style)]
    return drawn
