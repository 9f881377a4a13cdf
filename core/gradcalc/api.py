"""The library as one uses it from Python: graph(...), check(...), and a result that can be asserted."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from .build import build
from .gate import Array
from .graphs import Graph
from .report import Report
from .session import Question, answer
from .syntax import parse
from .values import read_value
from .verdicts import exit_code

if TYPE_CHECKING:
    from .code.record import Examined


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


@overload
def check(what: str, /, *, seed: int = ..., method: str = ..., **inputs: Any) -> Result: ...
@overload
def check(
    what: Any, /, *values: Any, seed: int = ..., vary: bool = ..., wrt: tuple[str, ...] = ...,
    params: Mapping[str, Any] = ..., **inputs: Any,
) -> Examined: ...  # fmt: skip
def check(
    what: Any,
    /,
    *values: Any,
    seed: int = 0,
    method: str = "auto",
    vary: bool = False,
    wrt: tuple[str, ...] = (),
    params: Mapping[str, Any] = MappingProxyType({}),
    **inputs: Any,
) -> Result | Examined:
    """Check the gradients of an expression or program at every node, or gradients written in Python.

    >>> check("x*abs(x)", x=0).verdict
    'pass'

    Python code is a function and its gradient, a function that returns both, a forward and a backward with
    a cache (as a tuple), or a class or object with forward and backward. `values` are its arguments in order,
    `inputs` by name, `params` parameters that are never moved; `vary` tries other shapes and parameters too,
    `wrt` limits what is checked. It runs in this process.

    >>> check(lambda x: x**3, lambda x: 3 * x**2, 2.0).assert_ok()
    >>> check(lambda x: x**3, lambda x: x**2, 2.0).arguments[0].mistakes[0].text
    'dx is exactly 1/3 times the true gradient'
    """
    if isinstance(what, str):
        return Result(answer(Question(what, inputs, seed=seed), method=method))
    from .code.local import examine_here

    return examine_here(what, values, inputs, seed=seed, vary=vary, wrt=wrt, params=dict(params))
