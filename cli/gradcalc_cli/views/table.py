"""The product's face: every node with its value, every use of it as a row that multiplies out."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from .cells import Block, Detail, blocks
from .footer import footer
from .grid import Form, grid
from .number import PRECISION, one_line, shape_of
from .stack import brief, slim, stack
from .styled import Glyphs, Line, line_width, shorten, width

WIDE = 120
MOST_USES = 20  # a fork with more is cut in the middle, as a long table is
HINT = "forward: read down.  backward: read up."


class Look(NamedTuple):
    """What the terminal and the options ask of a table."""

    width: int
    glyphs: Glyphs
    precision: int = PRECISION
    max_rows: int = 100
    summary: bool = False


class Shown(NamedTuple):
    """What a layout shows: the largest whole array, numeric gradients that agree, gate and pattern."""

    most: int
    numbers: bool = True
    extra: bool = False


# The narrow layouts, in the order in which they are tried.
STACKS = (Shown(9), Shown(9, False), Shown(4), Shown(4, False), Shown(0), Shown(0, False))


def table(report: Any, look: Look) -> list[Line]:
    """A report as the lines of a table."""
    if all(row.gate == "constant" for row in report.rows):
        return constant(report, look)
    body = laid_out(report, look)
    widest = max(line_width(line) for line in body)
    return [*title(report, look, widest), [], *body, [], *footer(report, look)]


def constant(report: Any, look: Look) -> list[Line]:
    """An expression without inputs: its value."""
    text = look.glyphs.text(report.expression.strip())
    value = one_line(next(row.value for row in report.rows if row.id == report.output), look.precision)
    equation = value if text == value else f"{text} = {value}"
    return [
        [(f" {shorten(equation, look.width - 1, look.glyphs)}", "bold")],
        [(" a constant: there is nothing to differentiate", "dim")],
    ]


def title(report: Any, look: Look, widest: int) -> list[Line]:
    """The expression and its value."""
    out = next(row for row in report.rows if row.id == report.output)
    program = any(sign in report.expression.strip() for sign in ";\n=#")
    label, text = (
        look.glyphs.text(out.label),
        look.glyphs.text(out.equation if program else report.expression),
    )
    value = one_line(out.value, look.precision)
    if width(value) > look.width // 2:
        value = one_line(out.value, look.precision, 0)
    room = look.width - width(value) - len(label) - 8
    text = shorten(text, max(room, 12), look.glyphs)
    name = f"{label} = {text}" if text != label and not text.startswith(f"{label} =") else text
    head: Line = [(f" {name} = ", "bold"), (value, "bold forward")]
    left = max(widest, line_width(head) + 3 + len(HINT)) - line_width(head) - len(HINT)
    if line_width(head) > look.width:
        return [[(f" {shorten(name, look.width - 1, look.glyphs)}", "bold")], [("   = ", "bold"), head[1]]]
    if line_width(head) + left + len(HINT) > look.width:
        return [head]
    return [[*head, (" " * left + HINT, "dim")]]


def laid_out(report: Any, look: Look) -> list[Line]:
    """The rows in the fullest layout that fits the width."""
    rows, cut = chosen(report, look)
    forms = [Form(extra=True), Form(extra=True, tight=True, folded=True)] if look.width >= WIDE else []
    forms += [Form(), Form(tight=True)]
    tries: list[tuple[Form | None, Shown]] = [(forms[0], Shown(16))] if look.width >= WIDE else []
    tries += [(form, Shown(9)) for form in forms]
    if any(shape_of(row.value) for row in rows):
        tries += [(None, Shown(9)), (None, Shown(9, numbers=False))]
    tries += [(Form(tight=True, folded=True), Shown(9)), *((None, shown) for shown in STACKS)]
    for form, shown in tries:
        texts = made(report, rows, cut, look, shown._replace(extra=form is not None and form.extra))
        if form is None:
            drawn = stack(texts, look.width, look.glyphs, shown in STACKS)
        else:
            drawn = grid(texts, look.width, look.glyphs, form)
        if drawn is not None:
            return drawn
    if look.summary:
        drawn = brief(made(report, rows, cut, look, Shown(0, numbers=False)), look.width, look.glyphs)
        if drawn is not None:
            return drawn
    ways = (
        slim(made(report, rows, cut, look, Shown(most, numbers=False)), look.width, look.glyphs)
        for most in (4, 0)
    )
    lines = next(ways)
    return lines if max(map(line_width, lines)) <= look.width else next(ways)


def made(
    report: Any, rows: Sequence[Any], cut: tuple[int, int], look: Look, shown: Shown
) -> list[Block | str]:
    """The blocks of these rows, and a line for those that were left out."""
    uses = MOST_USES if look.max_rows > 0 else 0
    detail = Detail(look.precision, shown.most, shown.extra, shown.numbers, uses)
    found: list[Block | str] = list(blocks(report, rows, detail, look.glyphs))
    at, missing = cut
    if missing:
        dots = look.glyphs.ellipsis
        found.insert(at, f"{dots} {missing:,} more nodes (--max-rows 0 or --format json shows them) {dots}")
    return found


def chosen(report: Any, look: Look) -> tuple[list[Any], tuple[int, int]]:
    """The rows to show, and where how many were left out: constants have no row, a long table is cut."""
    rows = [row for row in report.rows if row.gate != "constant" or row.id == report.output]
    if look.summary:
        rows = [row for row in rows if row.gate == "input" or row.id == report.output]
    missing = len(rows) - look.max_rows
    if look.max_rows <= 0 or missing <= 0:
        return rows, (0, 0)
    head = look.max_rows - look.max_rows // 2
    return rows[:head] + rows[head + missing :], (head, missing)
