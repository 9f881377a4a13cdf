"""Sheets for paper: a student's own problems, and the look-up sheet for marking, as Markdown, CSV or JSON."""

from collections.abc import Sequence
from typing import Any

from .delimited import quoted
from .grade_ci import cell, row
from .grade_records import points
from .json import dumps

HEADS = ("problem", "item", "value", "two_digits", "three_digits", "right", "shared", "what")


def problems(title: str, student: str, drawn: Sequence[tuple[Any, Any]], kind: str) -> str:
    """A student's own problems, to hand out; each with its question, or None where it is code."""
    if kind == "json":
        listed = [
            {
                "id": p.id,
                "title": p.title,
                "text": p.text,
                "inputs": {} if question is None else dict(question.inputs),
                "points": {name: points(worth) for name, worth in p.points.items()},
            }
            for p, question in drawn
        ]
        return dumps({"schema": "gradcalc.variant/1", "title": title, "student": student, "problems": listed})
    if kind == "csv":
        lines = ["problem,input,value"]
        for p, question in drawn:
            for name, value in () if question is None else question.inputs.items():
                lines.append(",".join(quoted(str(text), ",") for text in (p.id, name, value)))
        return "\n".join(lines) + "\n"
    lines = [f"# {cell(title)}: {cell(student)}", ""]
    for p, question in drawn:
        worth = points(p.worth)
        head = f"{p.id}. {p.title}" if p.title else p.id
        lines += [f"## {cell(head)} ({worth} point{'s' * (worth != 1)})", ""]
        lines += [f"    {line}" for line in p.text.strip().splitlines()]
        asked = ", ".join(p.points)
        if question is None:
            lines += ["", f"Hand in {p.text.partition(':')[0]} with this function.", ""]
            continue
        point = ", ".join(f"{name} = {value}" for name, value in question.inputs.items())
        lines += ["", f"At {point}: {asked}?", ""]
    return "\n".join(lines)


def rubric(found: Sequence[Any], kind: str) -> str:
    """The look-up sheet: as CSV, as JSON, or as a Markdown table for each quantity."""
    if kind == "json":
        return dumps({"schema": "gradcalc.rubric/1", "lines": [x._asdict() for x in found]})
    if kind == "csv":
        lines = [",".join(HEADS)]
        for x in found:
            cells = (x.problem, x.name, repr(x.value), x.two, x.three, str(x.right).lower(), x.shared, x.what)
            lines.append(",".join(quoted(str(text), ",") for text in cells))
        return "\n".join(lines) + "\n"
    text, before = "", None
    for x in found:
        if (x.problem, x.name) != before:
            before = (x.problem, x.name)
            text += f"{chr(10) * bool(text)}## {cell(x.problem)}: {cell(x.name)}\n\n"
            text += row(("2 digits", "3 digits", "what gives it")) + row(("---:", "---:", "---"))
        what = f"**{cell(x.what)}**" if x.right else cell(x.what)
        text += row((x.two, x.three, what + f" (shared by {x.shared} more)" * bool(x.shared)))
    return text
