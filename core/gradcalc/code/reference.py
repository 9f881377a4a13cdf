"""Against a trusted implementation, at the precision of the numbers, where differences would say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import GradcalcError
from ..verdicts import Verdict, heaviest
from .child.broken import Broken
from .examine import Asked, Examination
from .given import resolve
from .place import place
from .record import Argument, Examined, Worst
from .witness import Runner

# Of the largest entry: a few units in the last place of each precision, times the rounding of a sum.
TOLERANCE = {"float64": 1e-10, "float32": 1e-5, "float16": 5e-3, "bfloat16": 4e-2}


def compare(runner: Runner, described: Mapping[str, Any], asked: Asked, reference: str) -> Examined:
    """The target's outputs and gradients against those of `reference`, at the same point and upstream."""
    where = place(reference)
    if where is None or not where.names:
        raise GradcalcError(
            f"--reference {reference} names no code", hint="write package.module:NAME or FILE.py:NAME"
        )
    point = resolve(described["arguments"], asked.given, asked.target)
    mine = Examination(runner, described, asked, point)
    mine.begin()
    mine.upstreams = [mine.drawn(v) for v in mine.outputs]
    mine.steady()
    try:
        mine.analytic()
    except Broken as error:
        return mine.done((), Verdict.FAIL, error.message)._replace(trace=tuple(error.trace))
    other = {
        "kind": where.kind, "where": _absolute(where.kind, where.where), "names": list(where.names),
        "shown": where.where,
    }  # fmt: skip
    at = {"values": mine.point.values, "whole": list(mine.point.whole), "upstreams": mine.upstreams}
    theirs = runner.ask("reference", "call", **other, **at)
    dtypes = {*mine.dtypes, *theirs["dtypes"]}
    tolerance = max(TOLERANCE.get(d, 1e-10) for d in dtypes)
    rows = [
        _against(f"output {k}" if len(mine.outputs) > 1 else "output", a, n, tolerance)
        for k, (a, n) in enumerate(zip(mine.outputs, theirs["values"], strict=False))
    ]
    for name in asked.wrt or [n for n in mine.inputs if n in mine.found and n in theirs["found"]]:
        rows.append(_against(name, mine.found[name], theirs["found"][name], tolerance))
    mine.notes.append(f"compared with {reference}, to {tolerance:g} of the largest entry")
    return mine.done(tuple(rows), heaviest(Verdict(r.verdict) for r in rows))


def _absolute(kind: str, where: str) -> str:
    from os.path import abspath

    return where if kind == "module" else abspath(where)


def _against(name: str, a: Any, n: Any, tolerance: float) -> Argument:
    a, n = np.asarray(a, dtype=float), np.asarray(n, dtype=float)
    base = Argument(name, n.shape, str(Verdict.PASS), analytic=a, numeric=n, checked="reference")
    if a.shape != n.shape:
        return base._replace(
            verdict=str(Verdict.FAIL), notes=(f"its shape is {a.shape}, the reference's {n.shape}",)
        )
    if not a.size:
        return base
    scale = float(np.max(np.abs(n), initial=0.0))
    gap = np.abs(a - n)
    at = tuple(int(k) for k in np.unravel_index(int(np.argmax(gap)), gap.shape)) if gap.ndim else ()
    wrong = ~(gap <= tolerance * scale)
    verdict = Verdict.FAIL if wrong.any() else Verdict.PASS
    error = float(gap.max() / scale) if scale else float(gap.max())
    worst = Worst(at, float(a[at]), float(n[at]), tolerance * scale)
    return base._replace(verdict=str(verdict), worst=worst, error=error, wrong=wrong, limit=tolerance)
