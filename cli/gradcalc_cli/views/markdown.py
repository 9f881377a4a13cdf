"""The table in Markdown, as GitHub and notebooks show it."""

from typing import Any

from .number import PRECISION, number, one_line
from .rows import HEADS, document_rows


def markdown(report: Any, precision: int = PRECISION, summary: bool = False) -> str:
    """A report as a Markdown table between its title and what the check says."""
    out = next(row for row in report.rows if row.id == report.output)
    align = ["---", "---:", "---", "---", "---:", "---:", "---"]
    lines = [f"**{code(report.expression)} = {escape(one_line(out.value, precision))}**", ""]
    lines += [
        "| " + " | ".join(h.replace(" x ", " × ") for h in HEADS) + " |",
        "| " + " | ".join(align) + " |",
    ]
    rows = document_rows(report, precision, "×", summary, lambda text: code(text).replace("|", "\\|"))
    lines += ["| " + " | ".join(cell if "`" in cell else escape(cell) for cell in row) + " |" for row in rows]
    gradients = (f"{code('d' + n)} = {escape(one_line(g, precision))}" for n, g in report.gradients.items())
    lines += ["", ", ".join(gradients)]
    if report.check is not None:
        check = report.check
        lines += [
            "",
            f"{check.agree} of {check.total} agree with the numeric check ({check.method}, "
            f"worst error {number(check.worst_error, 2)}): {check.verdict}",
        ]
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """A formula as code: no sign in it means anything to Markdown (but | where it stands in a table)."""
    text = " ".join(text.split())
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def escape(text: str) -> str:
    """Text in which nothing is markup."""
    return "".join("\\" + c if c in "\\`*_[]<>|#" else c for c in text)
