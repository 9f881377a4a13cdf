"""Exercises on paper: the problems, empty tables to fill in, and the key; in Markdown and as plain text."""

from collections.abc import Sequence
from typing import Any

from .markdown import code, escape
from .number import number
from .rows import document_rows
from .styled import pad, width, wrap

HEADS = ("node", "forward", "into", "upstream × local gradient", "gradient")
TASK = (
    "Work out the value of each gate (forward), then the gradient of the output with respect to each node "
    "(backward)."
)
LEFT = 1  # so many columns, from the left, hold what is given: the rest is what the key tells
ROOM = (0, 10, 6, 24, 10)  # to write in


def solved(exercise: Any) -> Any:
    """An exercise with its two passes, as a report."""
    from gradcalc.session import answer

    return answer(exercise.question, check=False)


def given(exercise: Any, separator: str = ", ") -> str:
    """x = -2, y = 5."""
    return separator.join(f"{name} = {value}" for name, value in exercise.inputs.items())


def expression(exercise: Any, report: Any) -> str:
    """f = (x+y)*z; a program as it stands."""
    text = " ".join(exercise.text.split())
    out = next(row for row in report.rows if row.id == report.output)
    return text if ";" in text or "=" in text else f"{out.label} = {text}"


def steps(report: Any) -> list[str]:
    """The labels of the gates: q = x+y, f = q*z."""
    return [row.equation for row in report.rows if row.inputs]


def table(report: Any, precision: int, times: str, filled: bool, mark: Any = str) -> list[list[str]]:
    """The rows of the circuit's table; not filled, only what the exercise gives away stands in it."""
    rows = []
    known = {mark(row.equation): number(row.value, precision) for row in report.rows if is_given(row)}
    for node, forward, into, product, gradient, *_ in document_rows(report, precision, times, False, mark):
        cells = [node, forward, into, product, gradient]
        rows.append(cells if filled else [node, known.get(node, ""), into, "" if into else product, ""])
    return rows


def is_given(row: Any) -> bool:
    """Whether a row's value stands in the exercise."""
    return not row.inputs and not row.shape


def quiz_markdown(exercises: Sequence[Any], precision: int, blank: bool, key: bool) -> str:
    """All exercises as a Markdown document, the keys at its end."""
    lines = ["# Exercises: forward and backward pass", "", TASK]
    keys: list[str] = []
    for k, exercise in enumerate(exercises, 1):
        report = solved(exercise)
        lines += ["", f"## Exercise {k}", "", code(expression(exercise, report))]
        if exercise.inputs:
            lines[-1] += f" at {code(given(exercise))}"
        lines += ["", f"Steps: {', '.join(map(code, steps(report)))}"]
        if blank:
            lines += ["", *grid(table(report, precision, "×", False, code))]
        if key:
            keys += ["", f"## Key to exercise {k}", "", *grid(table(report, precision, "×", True, code))]
    return "\n".join([*lines, *keys]) + "\n"


def grid(rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    lines = ["| " + " | ".join(HEADS) + " |", "| --- | ---: | --- | --- | ---: |"]
    return lines + [
        "| " + " | ".join(cell if "`" in cell else escape(cell) for cell in row) + " |" for row in rows
    ]


def quiz_text(exercises: Sequence[Any], look: Any, blank: bool, key: bool) -> str:
    """All exercises as plain text."""
    glyphs = look.glyphs
    lines = [f" {line}" for line in wrap(TASK.split(" "), look.width - 2)]
    keys: list[str] = []
    for k, exercise in enumerate(exercises, 1):
        report = solved(exercise)
        head = f"{k}. {expression(exercise, report)}" + (
            f"   at {given(exercise)}" if exercise.inputs else ""
        )
        lines += ["", *(f" {line}" for line in wrap(head.split(" "), look.width - 2))]
        lines += [f"    {line}" for line in wrap([f"{s}  " for s in steps(report)], look.width - 5, gap=" ")]
        if blank:
            lines += ["", *ruled(table(report, look.precision, glyphs.times, False), look)]
        if key:
            keys += ["", f" Key to {k}.", "", *ruled(table(report, look.precision, glyphs.times, True), look)]
    return "\n".join(glyphs.text(line).rstrip() for line in [*lines, *keys]) + "\n"


def ruled(rows: Sequence[Sequence[str]], look: Any) -> list[str]:
    """A table with lines between its columns."""
    heads = [head.replace("×", look.glyphs.times) for head in HEADS]
    widths = [max(width(row[c]) for row in [heads, *rows]) for c in range(len(heads))]
    spare = look.width - 2 - sum(widths) - 3 * (len(widths) - 1)
    for c, room in enumerate(ROOM):
        more = max(min(room - widths[c], spare), 0)
        widths[c] += more
        spare -= more
    gap = f" {look.glyphs.bar} "
    body = [gap.join(pad(cell, w) for cell, w in zip(row, widths, strict=True)) for row in [heads, *rows]]
    rule = f"{look.glyphs.rule}{look.glyphs.cross}{look.glyphs.rule}".join(
        look.glyphs.rule * w for w in widths
    )
    return [f" {line}" for line in [body[0], rule, *body[1:]]]
