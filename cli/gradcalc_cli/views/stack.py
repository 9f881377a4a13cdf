"""The narrow layout, for arrays and slim terminals: a node on one line, each of its uses on one below it."""

import re
from collections.abc import Sequence
from itertools import zip_longest

from .cells import Block, Use
from .styled import Glyphs, Line, Span, fold, hanging, pad, shorten, width

HEADS = ("node", "forward", "gradient", "numeric")
STYLES = ("", "forward", "gradient", "", "")
LEAST_NODE = 10
LEAST_FORMULA = 16  # columns for a formula beside the upstream gradient, else it begins below
SHAPE = r"^\([\d,]+\)  "


def stack(blocks: Sequence[Block | str], room: int, glyphs: Glyphs, folded: bool = True) -> list[Line] | None:
    """The blocks as lines of at most `room` columns, equations folded if allowed; None if they do not fit."""
    tables = [[] if isinstance(b, str) else node(b, [b.equation]) for b in blocks]
    everything = [line for table in tables for line in table]
    checked = any(line[3] or line[4] for line in everything)
    widths = [max([width(line[k]) for line in everything] + [len(HEADS[k])]) for k in range(4)]
    if not checked:
        widths[3] = 0
    verdict = max((len(line[4]) for line in everything), default=0)
    over = sum(widths) + 2 * len(widths) + 1 + verdict - room
    if over > 0 and not folded:
        return None
    if over > 0:
        widths[0] = max(min(widths[0], LEAST_NODE), widths[0] - over)
        if sum(widths) + 2 * len(widths) + 1 + verdict > room:
            return None
        tables = [
            [] if isinstance(b, str) else node(b, hanging(b.equation, widths[0], glyphs)) for b in blocks
        ]
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
        (b.equation, joined(b.forward), re.sub(SHAPE, "", joined(b.uses[-1].product)), b.verdict)
        for b in nodes
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
        lines += [[("  " + text, "bold")] for text in hanging(block.equation, room - 2, glyphs)]
        for head, texts, style in zip(
            HEADS[1:], (block.forward, block.uses[-1].product, block.numeric), STYLES[1:], strict=False
        ):
            rows = [part for text in texts for part in fold(text, room - 13)]
            lines += [
                [(("    " + (head if k == 0 else "")).ljust(13), "dim"), (text, style)]
                for k, text in enumerate(rows)
            ]
        if block.verdict:
            lines.append([("    check    ", "dim"), (block.verdict, block.style)])
        lines += [line for use in block.uses for line in sent(use, room, glyphs)]
    return lines


def node(block: Block, equation: list[str]) -> list[tuple[str, ...]]:
    """A node's own lines: equation, forward, gradient, numeric, verdict."""
    gradient = block.uses[-1].product
    columns = (equation, block.forward, gradient, block.numeric, [block.verdict])
    return list(zip_longest(*columns, fillvalue=""))


def sent(use: Use, room: int, glyphs: Glyphs) -> list[Line]:
    """One use: into q: -4 x (z = 2) = -8, on more lines where one is too short."""
    formula = " = ".join(part for part in (use.formula, use.local) if part) + use.tail
    if not use.upstream:
        return [[("      " + text, "dim")] for text in fold(formula, room - 6)]
    upstream, product = joined(use.upstream), joined(use.product)
    sign = f" {use.times} " if use.times else "  "
    start = f"      into {use.into}: "
    head = width(start) + width(upstream) + width(sign)
    if use.times and use.formula and use.local:
        if head + width(formula) + 2 > room:
            if use.local.startswith("("):  # a range says less than a formula
                return sent(use._replace(local=""), room, glyphs)
            plain = sent(use._replace(formula=""), room, glyphs)
            below = hanging(f"where {use.local} = {use.formula}", room - 8, glyphs)
            return [*plain, *([("        " + text, "dim")] for text in below)]
        formula = f"({formula})"
    if head + width(formula) + 3 + width(product) <= room:
        return [[(start, "dim"), (upstream, "gradient"), (f"{sign}{formula} = ", ""), (product, "gradient")]]
    beside = room - head if room - head >= min(LEAST_FORMULA, width(formula)) else 0
    texts = fold(formula, beside or room - 8, room - 8)
    sign = sign + texts.pop(0) if beside else sign.rstrip()
    *above, last = fold(upstream, room - width(start) - width(sign) * (not beside), room - 8 - width(sign))
    ways = fold(product, room - 10)
    befores = [start, *["        "] * len(above)]
    return [
        *([(before, "dim"), (text, "gradient")] for before, text in zip(befores, above, strict=False)),
        [(befores[-1], "dim"), (last, "gradient"), (sign, "")],
        *([("        " + text, "")] for text in texts),
        *([(("          ", "        = ")[k == 0], ""), (text, "gradient")] for k, text in enumerate(ways)),
    ]


def joined(lines: list[str]) -> str:
    """The lines of a cell on one line."""
    return " ".join(line.strip() for line in lines)
