"""What `check` says of answers: a verdict for each. Schema gradcalc.check/1."""

from collections.abc import Sequence
from typing import Any

from .check import check_record
from .footer import evidence, notes
from .json import dumps, value
from .number import one_line
from .styled import Line, pad, shorten, width

GOOD = {"right": "good", "rounded": "good", "digits": "warn"}


def answers_table(report: Any, judged: Sequence[Any], look: Any, reveal: bool) -> list[Line]:
    """One line for each answer."""
    heads = ["answer", "given", *(["true value"] if reveal else []), "verdict"]
    rows = []
    for found in judged:
        given = shorten(look.glyphs.text(found.given), max(look.width // 3, 12), look.glyphs)
        true = [one_line(found.value, max(look.precision, digits(found.given)))] if reveal else []
        rows.append([look.glyphs.text(found.name), given, *true, found.verdict])
    widths = [max(width(row[k]) for row in [heads, *rows]) for k in range(len(heads))]
    gap = f" {look.glyphs.bar} "
    head = gap.join(pad(text, w) for text, w in zip(heads, widths, strict=True))
    lines: list[Line] = [
        [(" " + head, "dim")],
        [(look.glyphs.rule * min(look.width, width(head) + 2), "dim")],
    ]
    for row, found in zip(rows, judged, strict=True):
        style = GOOD.get(found.verdict, "bad")
        start = " " + "".join(pad(text, w) + gap for text, w in zip(row[:-1], widths, strict=False))
        note = f"  {look.glyphs.text(found.note)}" if found.note else ""
        lines.append([(start, ""), (row[-1], style), (note, "")])
    right = sum(found.verdict in ("right", "rounded") for found in judged)
    style = "good" if right == len(judged) else "bad"
    return [
        *lines,
        [],
        [(f" {right} of {len(judged)} right", style)],
        *notes(report, look),
        *evidence(report, look),
    ]


def digits(text: str) -> int:
    """How many digits somebody wrote, so that the true value is shown with as many."""
    return min(sum(c.isdigit() for c in text.lower().partition("e")[0].lstrip("-+0.")), 17)


def answers_json(report: Any, judged: Sequence[Any]) -> str:
    """The check with the verdicts on the answers, as one JSON object."""
    record = check_record(report)
    record["answers"] = [
        {
            "name": found.name,
            "given": found.given,
            "value": value(found.value),
            "verdict": found.verdict,
            "mistakes": [],
            "note": found.note,
        }
        for found in judged
    ]
    return dumps(record)
