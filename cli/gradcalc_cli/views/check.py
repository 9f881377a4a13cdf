"""What `check` says of the gradient of each input. Schema gradcalc.check/1."""

from typing import Any

from .cells import verdict_style, verdict_word
from .footer import evidence, notes, verdict
from .json import dumps, value
from .number import apart_lines, number, one_line, shape_of
from .proof import number as number_of
from .proof import place, proof_record
from .styled import Line, fold, pad, width


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
    below = [[], *verdict(report, look), *notes(report, look), *evidence(report, look)]
    if sum(widths) + 9 > look.width:
        return [*listed(heads, rows, styles, look), *below]
    lines: list[Line] = [[(" " + "  ".join(pad(h, w) for h, w in zip(heads, widths, strict=True)), "dim")]]
    lines.append([(look.glyphs.rule * min(look.width, sum(widths) + 10), "dim")])
    for texts, style in zip(rows, styles, strict=True):
        name, slope, *rest = (pad(text, w) + "  " for text, w in zip(texts, widths, strict=True))
        lines.append([(" " + name, ""), (slope, "gradient"), ("".join(rest[:-1]), ""), (texts[-1], style)])
    return [*lines, *below]


def listed(heads: list[str], rows: list[list[str]], styles: list[str], look: Any) -> list[Line]:
    """The same on a slim terminal: an input's numbers below each other."""
    lines: list[Line] = []
    for (name, *numbers, word), style in zip(rows, styles, strict=True):
        lines.append([(f" {name}  ", "bold"), (word, style)])
        for head, text in zip(heads[1:], numbers, strict=False):
            first, *rest = fold(text, look.width - 12)
            if first:
                lines.append([(f"   {head:<9}", "dim"), (first, "gradient" if head == "gradient" else "")])
                lines += [[(" " * 12 + part, "gradient" if head == "gradient" else "")] for part in rest]
    return lines


def inputs(report: Any) -> list[Any]:
    """The rows of the inputs that are differentiated."""
    return [row for row in report.rows if row.gate == "input" and row.upstream is not None]


def check_json(report: Any) -> str:
    """The check as one JSON object."""
    return dumps(check_record(report))


def check_record(report: Any) -> dict[str, Any]:
    """The check as plain data."""
    return {
        "schema": "gradcalc.check/1",
        "target": report.expression,
        "verdict": str(report.check.verdict),
        "arguments": [
            {
                "name": row.label,
                "shape": list(row.shape),
                "verdict": row.verdict,
                "worst": worst(row),
                "mistakes": [],
                "notes": [row.evidence] if row.evidence else [],
                "proof": proof_record(row, report),
            }
            for row in inputs(report)
        ],
        "notes": [*report.notes, *report.check.notes],
    }


def worst(row: Any) -> dict[str, Any] | None:
    """Where the two gradients differ most."""
    if row.numeric is None or row.upstream is None:
        return None
    if not shape_of(row.upstream):
        both = {"analytic": value(row.upstream), "numeric": value(row.numeric)}
        return {"index": [], **both, "bar": number_of(row.bar)}
    gaps = [
        abs(a - b) for a, b in zip(row.upstream.ravel().tolist(), row.numeric.ravel().tolist(), strict=True)
    ]
    if not gaps:
        return None
    flat = max(range(len(gaps)), key=lambda k: (gaps[k] != gaps[k], gaps[k]))
    index = place(flat, row.shape)
    at = tuple(index)
    here = row.proof is not None and row.proof.entry == flat
    return {
        "index": index,
        "analytic": value(row.upstream[at]),
        "numeric": value(row.numeric[at]),
        "bar": number_of(row.bar) if here else None,
    }
