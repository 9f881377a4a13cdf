"""The library as one uses it from Python: graph(...), check(...), and a result that can be asserted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .build import build
from .gate import Array
from .graphs import Graph
from .report import Report
from .session import Question, answer
from .syntax import parse
from .values import read_value
from .verdicts import exit_code


def graph(text: str, /, *, seed: int = 0, **inputs: Any) -> Graph:
    """The graph of an expression or program; run its passes with .forward() and .backward().

    Inputs are numbers, arrays, or texts as on the command line. Raises GradcalcError.

    >>> g = graph("q = x + y; f = q * z", x=-2, y=5, z=-4)
    >>> float(g.forward()), float(g["q"].value)
    (-12.0, 3.0)
    >>> _ = g.backward()
    >>> float(g["q"].upstream)
    -4.0
    """
    values = {n: read_value(n, v, seed=seed) if isinstance(v, str) else v for n, v in inputs.items()}
    return build(parse(text, bound=tuple(values)), values, seed=seed)


class Result(NamedTuple):
    """What a check found: `report` has every node, `verdict` the conclusion, `gradients` the inputs'."""

    report: Report

    @property
    def verdict(self) -> str:
        assert self.report.check is not None
        return self.report.check.verdict

    @property
    def gradients(self) -> Mapping[str, Array]:
        return self.report.gradients

    @property
    def ok(self) -> bool:
        """Whether the check agrees (pass, or a kink with a gradient between its slopes)."""
        return exit_code(self.verdict) == 0

    def assert_ok(self) -> None:
        """Raise AssertionError, with the table as its message, unless the check agrees."""
        if not self.ok:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        rows = [("node", "value", "gradient", "numeric", "verdict")]
        for r in self.report.rows:
            rows.append((r.equation, _short(r.value), _short(r.upstream), _short(r.numeric), r.verdict or ""))
        widths = [max(len(row[k]) for row in rows) for k in range(5)]
        lines = [
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
        lines += [f"{r.label}: {r.evidence}" for r in self.report.rows if r.evidence]
        return "\n".join([f"{self.report.expression}: {self.verdict}", *lines])


def _short(value: Any) -> str:
    if value is None:
        return "-"
    text = str(value).replace("\n", " ")
    return text if len(text) <= 40 else text[:37] + "..."


def check(text: str, /, *, seed: int = 0, method: str = "auto", **inputs: Any) -> Result:
    """Check the gradients of an expression or program at every node.

    >>> check("x*abs(x)", x=0).verdict
    'pass'
    """
    return Result(answer(Question(text, inputs, seed=seed), method=method))
