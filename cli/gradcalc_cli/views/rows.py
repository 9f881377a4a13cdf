"""The rows of a report as plain columns, for documents: Markdown and LaTeX."""

from collections.abc import Callable
from typing import Any

from .cells import Detail, Use, blocks, factor
from .styled import UNICODE, Glyphs

HEADS = ("node", "forward", "into", "upstream x local gradient", "gradient", "numeric", "check")


def document_rows(
    report: Any, precision: int, times: str, summary: bool, code: Callable[[str], str]
) -> list[list[str]]:
    """One row of seven texts for each use of each node; `code` marks up the formulas."""
    glyphs: Glyphs = UNICODE._replace(times=times)
    rows = [r for r in report.rows if r.gate != "constant" or r.id == report.output]
    if summary:
        rows = [r for r in rows if r.gate == "input" or r.id == report.output]
    found: list[list[str]] = []
    for block in blocks(report, rows, Detail(precision), glyphs):
        for use in block.uses:
            first, last = use is block.uses[0], use is block.uses[-1]
            found.append(
                [
                    code(block.equation) if first else "",
                    joined(block.forward) if first else "",
                    code(use.into) if use.into else "",
                    product(use, code),
                    joined(use.product),
                    joined(block.numeric) if last else "",
                    block.verdict if last else "",
                ]
            )
    return found


def product(use: Use, code: Callable[[str], str]) -> str:
    """upstream x formula = local."""
    if not use.upstream:
        return use.formula
    upstream = joined(use.upstream)
    if not use.times:
        return f"{upstream}, {use.formula}"
    local = " = ".join(part for part in (code(factor(use.formula)) if use.formula else "", use.local) if part)
    return f"{upstream} {use.times} {local}{use.tail}"


def joined(lines: list[str]) -> str:
    """The lines of a cell on one line."""
    return " ".join(line.strip() for line in lines)
