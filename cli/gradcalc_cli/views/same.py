"""What `check --same-as` says: value and gradients of both expressions, side by side."""

from typing import Any

from .cells import verdict_style, verdict_word
from .footer import paragraph
from .json import value
from .number import apart_lines, number, one_line
from .styled import Line, fold, pad, shorten, width


def same_lines(found: Any, look: Any) -> list[Line]:
    """One line for the value, one for each gradient."""
    heads = ["", "first", "second", "error", ""]
    rows = []
    for q in found.quantities:
        both = [one_line(q.first, look.precision), one_line(q.second, look.precision)]
        if q.verdict != "pass":
            pair = apart_lines(q.first, q.second, look.precision, 4)
            both = [" ".join(line.strip() for line in lines) for lines in pair]
        both = [shorten(text, max((look.width - 24) // 2, 8), look.glyphs) for text in both]
        rows.append([look.glyphs.text(q.name), *both, number(q.error, 2), verdict_word(q.verdict)])
    widths = [max(width(row[k]) for row in [heads, *rows]) for k in range(len(heads))]
    texts = {"first": look.glyphs.text(found.first), "second": look.glyphs.text(found.second)}
    lines: list[Line] = [
        *(
            [(f" {head if k == 0 else '':<8}{part}", "bold")]
            for head, text in texts.items()
            for k, part in enumerate(fold(text, look.width - 9))
        ),
        [],
        [("  " + "  ".join(pad(h, w) for h, w in zip(heads, widths, strict=True)), "dim")],
    ]
    for row, q in zip(rows, found.quantities, strict=True):
        *front, last = (pad(text, w) for text, w in zip(row, widths, strict=True))
        lines.append([("  " + "  ".join(front) + "  ", ""), (last, verdict_style(q.verdict))])
    equal = found.verdict == "pass"
    said = "the same, value and gradients, within rounding" if equal else "not the same"
    return [*lines, [], *paragraph(said, "good" if equal else "bad", look)]


def same_record(found: Any) -> dict[str, Any]:
    """The comparison as plain data, schema gradcalc.check/1."""
    return {
        "schema": "gradcalc.check/1",
        "target": found.first,
        "same_as": found.second,
        "verdict": found.verdict,
        "arguments": [
            {
                "name": q.name.removeprefix("d") if q.name != "value" else q.name,
                "shape": list(getattr(q.first, "shape", ())),
                "verdict": q.verdict,
                "worst": None,
                "first": value(q.first),
                "second": value(q.second),
                "error": value(q.error),
                "bar": value(q.bar),
                "mistakes": [],
                "notes": [],
            }
            for q in found.quantities
        ],
        "notes": [],
    }
