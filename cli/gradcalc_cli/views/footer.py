"""What stands below a table: the gradients, what the check says, and the evidence for it."""

import re
from typing import Any

from .cells import verdict_style
from .number import lines_of, number, shape_of, shape_text
from .styled import Line, width, wrap

MOST_GRADIENTS = 40
MOST_EVIDENCE = 12
ARRAYS = (16, 9, 4, 0)  # so many entries are shown, as far as they fit


def footer(report: Any, look: Any) -> list[Line]:
    """The gradients of the inputs, the check's verdict, evidence and notes."""
    return [*gradients(report, look), *verdict(report, look), *notes(report, look), *evidence(report, look)]


def gradients(report: Any, look: Any) -> list[Line]:
    """dx = -4   dy = -4: numbers side by side, arrays below each other."""
    lines: list[Line] = []
    words: list[str] = []
    shown = list(report.gradients.items())
    if look.max_rows > 0:
        shown = shown[:MOST_GRADIENTS]
    for name, value in shown:
        name = look.glyphs.text(name)
        if shape_of(value):
            lines += row(words, look)
            words = []
            start = f" d{name} = "
            for most in ARRAYS:
                texts = lines_of(value, look.precision, most)
                if max(map(width, texts)) + width(start) <= look.width:
                    break
            leads = [start, *[" " * width(start)] * (len(texts) - 1)]
            lines += [[(lead + text, "gradient")] for lead, text in zip(leads, texts, strict=True)]
        else:
            words.append(f"d{name} = {number(value, look.precision)}")
    lines += row(words, look)
    missing = len(report.gradients) - len(shown)
    if missing:
        lines.append([(f" and {missing:,} more gradients (--max-rows 0 or --format json shows them)", "dim")])
    return lines


def row(words: list[str], look: Any) -> list[Line]:
    """Words side by side, on as many lines as they need."""
    return [[(line, "gradient")] for line in wrap(words, look.width, " ", "   ")]


def verdict(report: Any, look: Any) -> list[Line]:
    """How many nodes agree with the numeric check."""
    check = report.check
    if check is None:
        return [[(" not checked (--no-check)", "dim")]]
    method = check.method or "numeric"
    text = f"{check.agree:,} of {check.total:,} agree with the numeric check ({method}"
    text += f", worst error {number(check.worst_error, 2)})" if check.total else ")"
    if check.verdict != "pass":
        text += f": {check.verdict}"
    return paragraph(text, verdict_style(check.verdict), look)


def notes(report: Any, look: Any) -> list[Line]:
    """What the reader should know about the question itself."""
    out = next(row for row in report.rows if row.id == report.output)
    said: list[str] = []
    if out.shape and report.default_seed:
        said.append(
            f"the output is an array: its upstream gradient is all ones, shape {shape_text(out.shape)} "
            "(--upstream chooses another)"
        )
    still = [r.label for r in report.rows if r.parameter]
    if still:
        verb = "is a parameter" if len(still) == 1 else "are parameters"
        said.append(
            f"{', '.join(still[:8])} {verb}: used as an index, a label or a condition only, so no gradient"
        )
    said += report.notes
    if report.check is not None:
        said += report.check.notes
    return [line for text in said for line in paragraph(text, "dim", look)]


def evidence(report: Any, look: Any) -> list[Line]:
    """A sentence for every verdict that is not pass, the worst first."""
    found = [r for r in report.rows if r.evidence and r.verdict not in (None, "pass", "unchecked")]
    order = ("fail", "domain", "nonfinite", "noise", "vacuous", "jump", "kink")
    found.sort(key=lambda r: order.index(r.verdict) if r.verdict in order else len(order))
    lines: list[Line] = []
    shown = found[:MOST_EVIDENCE] if look.max_rows > 0 else found
    for r in shown:
        said = r.evidence if r.verdict in r.evidence else f"{r.verdict}. {r.evidence}"
        lines += paragraph(f"{r.equation}: {said}", verdict_style(r.verdict), look)
    if len(found) > len(shown):
        lines += paragraph(f"and {len(found) - len(shown):,} more nodes that do not pass", "warn", look)
    return lines


def paragraph(text: str, style: str, look: Any) -> list[Line]:
    """A sentence on as many lines as it needs; dx = 4 stays together."""
    text, room = look.glyphs.text(text), look.width - 3
    words = re.split("(?<!=) (?!=)", text)
    first, *rest = wrap(words if max(map(width, words)) <= room else text.split(" "), room)
    return [[(" " + first, style)], *([("   " + line, style)] for line in rest)]
