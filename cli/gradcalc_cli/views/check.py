"""What `check` says: a verdict for each answer, or for each input's gradient. Schema gradcalc.check/1."""

from collections.abc import Sequence
from typing import Any

from .cells import verdict_style, verdict_word
from .footer import evidence, notes, verdict
from .json import dumps, value
from .number import apart_lines, number, one_line, shape_of
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


def check_table(report: Any, look: Any) -> list[Line]:
    """One line for each input: its gradient, the numeric one, their relative error, the verdict."""
    heads = ["input", "gradient", "numeric", "error", ""]
    rows, styles = [], []
    for row in inputs(report):
        gradient, numeric = [one_line(row.upstream, look.precision)], [""]
        if row.numeric is not None and row.verdict != "pass":
            both = apart_lines(row.upstream, row.numeric, look.precision, 4)
            gradient, numeric = ([" ".join(line.strip() for line in lines)] for lines in both)
        elif row.numeric is not None:
            numeric = [one_line(row.numeric, look.precision)]
        error = "" if row.error is None else number(row.error, 2)
        rows.append([look.glyphs.text(row.label), gradient[0], numeric[0], error, verdict_word(row.verdict)])
        styles.append(verdict_style(row.verdict))
    widths = [max(width(row[k]) for row in [heads, *rows]) for k in range(len(heads))]
    if sum(widths) + 13 > look.width:  # the verdict says it all where the numbers agree
        rows = [[row[0], row[1], "" if row[4] == "ok" else row[2], *row[3:]] for row in rows]
        widths = [max(width(row[k]) for row in [heads, *rows]) for k in range(len(heads))]
    lines: list[Line] = [[(" " + "  ".join(pad(h, w) for h, w in zip(heads, widths, strict=True)), "dim")]]
    lines.append([(look.glyphs.rule * min(look.width, sum(widths) + 10), "dim")])
    for texts, style in zip(rows, styles, strict=True):
        name, slope, *rest = (pad(text, w) + "  " for text, w in zip(texts, widths, strict=True))
        lines.append([(" " + name, ""), (slope, "gradient"), ("".join(rest[:-1]), ""), (texts[-1], style)])
    return [*lines, [], *verdict(report, look), *notes(report, look), *evidence(report, look)]


def inputs(report: Any) -> list[Any]:
    """The rows of the inputs that are differentiated."""
    return [row for row in report.rows if row.gate == "input" and row.upstream is not None]


def check_json(report: Any, judged: Sequence[Any]) -> str:
    """The check as one JSON object."""
    record: dict[str, Any] = {"schema": "gradcalc.check/1", "target": report.expression}
    record["verdict"] = str(report.check.verdict)
    record["arguments"] = [
        {
            "name": row.label,
            "shape": list(row.shape),
            "verdict": row.verdict,
            "worst": worst(row),
            "mistakes": [],
            "notes": [row.evidence] if row.evidence else [],
        }
        for row in inputs(report)
    ]
    if judged:
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


def worst(row: Any) -> dict[str, Any] | None:
    """Where the two gradients differ most."""
    if row.numeric is None or row.upstream is None:
        return None
    if not shape_of(row.upstream):
        return {"index": [], "analytic": value(row.upstream), "numeric": value(row.numeric), "bar": None}
    gaps = [
        abs(a - b) for a, b in zip(row.upstream.ravel().tolist(), row.numeric.ravel().tolist(), strict=True)
    ]
    if not gaps:
        return None
    flat = max(range(len(gaps)), key=lambda k: (gaps[k] != gaps[k], gaps[k]))
    index: list[int] = []
    left = flat
    for size in reversed(row.shape):
        left, k = divmod(left, size)
        index.insert(0, k)
    at = tuple(index)
    return {
        "index": index,
        "analytic": value(row.upstream[at]),
        "numeric": value(row.numeric[at]),
        "bar": None,
    }
