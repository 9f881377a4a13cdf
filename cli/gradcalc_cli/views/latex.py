r"""The table in LaTeX: a tabular of plain \hline rules that compiles as it stands."""

import re
import unicodedata
from typing import Any

from .number import PRECISION, one_line
from .rows import HEADS, document_rows

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "÷": r"$\div$",
    "−": "$-$",
    "√": r"$\surd$",
    "²": "$^2$",
    "³": "$^3$",
    '"': "''",
    "π": r"$\pi$",
    "∞": r"$\infty$",
    "…": r"\dots{}",
    "`": "{`}",
    "'": "{'}",
}
MINUS = r"(?<![\w.)\]])-(?=[\d.]|inf)"  # of a negative number
ALIKE = {"omicron": "o", "Alpha": "A", "Beta": "B", "Epsilon": "E", "Zeta": "Z", "Eta": "H", "Iota": "I"}
ALIKE |= {
    "Kappa": "K",
    "Mu": "M",
    "Nu": "N",
    "Omicron": "O",
    "Rho": "P",
    "Tau": "T",
    "Chi": "X",
    "lamda": r"\lambda",
}
ALIKE |= {"Lamda": r"\Lambda"}


def latex(report: Any, precision: int = PRECISION, summary: bool = False) -> str:
    """A report as a LaTeX tabular; it needs no package."""
    out = next(row for row in report.rows if row.id == report.output)
    title = f"{report.expression} = {one_line(out.value, precision)}"
    lines = [f"% {' '.join(title.split())}", r"\begin{tabular}{lrllrrl}", r"\hline"]
    lines.append(" & ".join(h.replace(" x ", r" $\times$ ") for h in HEADS) + r" \\")
    lines.append(r"\hline")
    rows = document_rows(report, precision, "×", summary, str)
    lines += [" & ".join(cell(text) for text in row) + r" \\" for row in rows]
    lines += [r"\hline", r"\end{tabular}"]
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    """A cell; a number gets a true minus sign."""
    try:
        float(text)
    except ValueError:
        return escape(re.sub(MINUS, "−", text))
    return f"${text}$" if text[-1:].isdigit() else escape(text)


def escape(text: str) -> str:
    """Text in which nothing is markup, with Greek letters in mathematics."""
    return "".join(sign(c) for c in " ".join(text.split()))


def sign(c: str) -> str:
    """One character."""
    if c in SPECIAL:
        return SPECIAL[c]
    if c.isascii():
        return c
    words = unicodedata.name(c, "").split()
    if words[:1] == ["GREEK"] and "LETTER" in words:
        letter = words[words.index("LETTER") + 1].lower()
        letter = letter.capitalize() if "CAPITAL" in words else letter
        return f"${ALIKE.get(letter, chr(92) + letter)}$"
    form = unicodedata.normalize("NFKD", c)
    return form if form.isascii() else "?"
