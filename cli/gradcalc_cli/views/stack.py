"""The narrow layout, for arrays and slim terminals: a node on one line, each of its uses on one below it."""

import re
from collections.abc import Sequence
from itertools import zip_longest

from .cells import Block, Use
from .styled import Glyphs, Line, Span, pad, shorten, width

HEADS = ("node", "forward", "gradient", "numeric")
STYLES = ("", "forward", "gradient", "", "")
LEAST_NODE = 10
SHAPE = re.compile(r"^\([\d,]+\)  ")


def stack(blocks: Sequence[Block | str], room: int, glyphs: Glyphs, cut: bool = True) -> list[Line] | None:
    """The blocks as lines of at most `room` columns, equations cut if allowed; None if they do not fit."""
    tables = [[] if isinstance(b, str) else node(b) for b in blocks]
    everything = [line for table in tables for line in table]
    checked = any(line[3] or line[4] for line in everything)
    widths = [max([width(line[k]) for line in everything] + [len(HEADS[k])]) for k in range(4)]
    if not checked:
        widths[3] = 0
    verdict = max((len(line[4]) for line in everything), default=0)
    over = sum(widths) + 2 * len(widths) + 1 + verdict - room
    if over > 0 and not cut:
        return None
    if over > 0:
        widths[0] = max(min(widths[0], LEAST_NODE), widths[0] - over)
        if sum(widths) + 2 * len(widths) + 1 + verdict > room:
            return None
    heads = HEADS if checked else HEADS[:3]
    lines: list[Line] = [
        [("".join("  " + pad(text, w) for text, w in zip(heads, widths, strict=False)), "dim")],
        [(glyphs.rule * min(room, sum(widths) + 2 * len(heads) + 1 + verdict), "dim")],
    ]
    for block, table in zip(blocks, tables, strict=True):
        if isinstance(block, str):
            lines.append([("  " + block, "dim")])
            continue
        for texts in table:
            styles = (*STYLES[:4], block.style)
            spans: list[Span] = []
            for k, text in enumerate(texts):
                text = shorten(text, widths[0], glyphs) if k == 0 else text
                spans.append(
                    (("  " if k < 4 else " ") + (pad(text, widths[k]) if k < 4 else text), styles[k])
                )
            lines.append(spans)
        lines += [line for use in block.uses for line in sent(use, room, glyphs)]
    return lines


def brief(blocks: Sequence[Block | str], room: int, glyphs: Glyphs) -> list[Line] | None:
    """A line for each node without its uses, for a summary of large arrays; None if it does not fit.

    The shape of a gradient is that of the value and not said again.
    """
    nodes = [block for block in blocks if not isinstance(block, str)]
    cells = [
        (b.equation, joined(b.forward), SHAPE.sub("", joined(b.uses[-1].product)), b.verdict) for b in nodes
    ]
    heads = ("node", "forward", "gradient", "check" if any(row[3] for row in cells) else "")
    widths = [max(width(row[k]) for row in (heads, *cells)) for k in range(4)]
    over = sum(widths) + 2 * 4 - room
    widths[0] = max(min(widths[0], LEAST_NODE), widths[0] - max(over, 0))
    if sum(widths) + 2 * 4 > room:
        return None
    lines: list[Line] = [
        [("".join("  " + pad(text, w) for text, w in zip(heads, widths, strict=True)), "dim")],
        [(glyphs.rule * (sum(widths) + 2 * 4), "dim")],
    ]
    for block, row in zip(nodes, cells, strict=True):
        styles = ("", "forward", "gradient", block.style)
        texts = (shorten(row[0], widths[0], glyphs), *row[1:])
        lines.append(
            [("  " + pad(text, w), style) for text, w, style in zip(texts, widths, styles, strict=True)]
        )
    return lines


def slim(blocks: Sequence[Block | str], room: int, glyphs: Glyphs) -> list[Line]:
    """The last resort: everything below each other."""
    lines: list[Line] = []
    for block in blocks:
        if isinstance(block, str):
            lines.append([("  " + block, "dim")])
            continue
        lines.append([("  " + shorten(block.equation, room - 2, glyphs), "bold")])
        for head, texts, style in zip(
            HEADS[1:], (block.forward, block.uses[-1].product, block.numeric), STYLES[1:], strict=False
        ):
            lines += [
                [(("    " + (head if k == 0 else "")).ljust(13), "dim"), (text, style)]
                for k, text in enumerate(texts)
            ]
        if block.verdict:
            lines.append([("    check    ", "dim"), (block.verdict, block.style)])
        lines += [line for use in block.uses for line in sent(use, room, glyphs)]
    return lines


def node(block: Block) -> list[tuple[str, ...]]:
    """A node's own lines: equation, forward, gradient, numeric, verdict."""
    gradient = block.uses[-1].product
    columns = ([block.equation], block.forward, gradient, block.numeric, [block.verdict])
    return list(zip_longest(*columns, fillvalue=""))


def sent(use: Use, room: int, glyphs: Glyphs) -> list[Line]:
    """One use: into q: -4 x (z = 2) = -8, on two lines where one is too short."""
    formula = " = ".join(part for part in (use.formula, use.local) if part) + use.tail
    if not use.upstream:
        return [[("      " + shorten(formula, room - 6, glyphs), "dim")]]
    upstream, product = joined(use.upstream), joined(use.product)
    if use.times and use.formula and use.local:
        formula = f"({formula})"
    sign = f" {use.times} " if use.times else "  "
    start = f"      into {use.into}: "
    head = width(start) + width(upstream) + width(sign)
    if head + width(formula) + 3 + width(product) <= room:
        return [[(start, "dim"), (upstream, "gradient"), (f"{sign}{formula} = ", ""), (product, "gradient")]]
    if head + width(formula) > room and use.times and use.formula:
        formula = use.local or use.formula
    text = shorten(formula, max(room - head, 8), glyphs)
    first: Line = [(start, "dim"), (upstream, "gradient"), (sign + text, "")]
    return [first, [("        = ", ""), (product, "gradient")]]


def joined(lines: list[str]) -> str:
    """The lines of a cell on one line."""
    return " ".join(line.strip() for line in lines)
