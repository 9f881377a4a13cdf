r"""Exercises as a LaTeX document that compiles as it stands: the problems, then the key on its own page."""

from collections.abc import Sequence
from typing import Any

from .latex import cell, escape
from .quiz_sheet import HEADS, TASK, expression, given, solved, steps, table

OPENING = r"""\documentclass[11pt]{article}
\usepackage[margin=2cm]{geometry}
\setlength{\parindent}{0pt}
\begin{document}
\section*{Exercises: forward and backward pass}"""


def quiz_latex(exercises: Sequence[Any], precision: int, blank: bool, key: bool) -> str:
    """All exercises as a document for pdflatex."""
    lines, keys = [OPENING, TASK], []
    for k, exercise in enumerate(exercises, 1):
        report = solved(exercise)
        lines += ["", rf"\subsection*{{Exercise {k}}}", rf"\texttt{{{escape(expression(exercise, report))}}}"]
        if exercise.inputs:
            lines[-1] += rf" \quad at \texttt{{{escape(given(exercise))}}}"
        lines += ["", "Steps: " + ", ".join(rf"\texttt{{{escape(step)}}}" for step in steps(report))]
        if blank:
            lines += ["", *tabular(table(report, precision, "×", False), True)]
        if key:
            keys += ["", rf"\subsection*{{Key to exercise {k}}}"]
            keys += tabular(table(report, precision, "×", True), False)
    if keys:
        keys.insert(0, r"\newpage")
    return "\n".join([*lines, *keys, r"\end{document}"]) + "\n"


def tabular(rows: Sequence[Sequence[str]], roomy: bool) -> list[str]:
    """A table with rules; `roomy` to write in it."""
    columns = r"|l|p{2cm}|l|p{5.5cm}|p{2cm}|" if roomy else "|l|r|l|l|r|"
    stretch = r"\renewcommand{\arraystretch}{1.8}" if roomy else r"\renewcommand{\arraystretch}{1.2}"
    lines = [rf"{{{stretch}", rf"\begin{{tabular}}{{{columns}}}", r"\hline"]
    lines += [" & ".join(escape(head) for head in HEADS) + r" \\ \hline"]
    lines += [" & ".join(cell(text) for text in row) + r" \\ \hline" for row in rows]
    return [*lines, r"\end{tabular}}"]
