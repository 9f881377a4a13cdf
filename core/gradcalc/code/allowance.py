"""What a check lets pass though the witnesses differ: guards that the gradient leaves out, and given errors.

A guard is a small number that is added so that a logarithm or a quotient stays finite: the loss
-log(p + 1e-7) has, as its author means it, the gradient of -log(p). Such a gradient passes, with a note, if
within the error bars it is that of the same code without its guards. Larger ones, like the 1e-5 of a
normalisation, belong to the function: to leave them out is a mistake, and is named.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..gate import Array
from ..verdicts import Verdict
from .child.broken import Broken
from .record import Argument, Mistake

if TYPE_CHECKING:
    from .examine import Examination

AGREED = ("pass", "kink")
HARMLESS = 1e-6


def allow(base: Examination, judged: dict[str, Argument], failing: Sequence[str]) -> list[str]:
    """Let pass what may; the names of the arguments that still fail.

    Where the code fails without its guards too, the bars are widened by what the guards change, so that the
    mistake can be named beside it.
    """
    asked = base.asked
    bare, guards = without_guards(base, failing)
    lenient = not asked.strict and all(g["size"] <= HARMLESS for g in guards)
    passed: dict[str, float] = {}
    for name, other in bare.items():
        mine = judged[name]
        if other.verdict not in AGREED:
            judged[name] = widened(mine, other)
        elif lenient:
            passed[f"d{name}"] = mine.error or 0.0
            judged[name] = other
        else:
            said = f"d{name} is right without {_listed(guards)}"
            judged[name] = mine._replace(
                mistakes=(Mistake("guard", f"{said}: it leaves that out", guards[0]["line"]),)
            )
    if passed:
        verb = "is" if len(passed) == 1 else "are"
        said = f"{', '.join(passed)} {verb} right without {_listed(guards)}"
        base.notes.append(f"{said}, and off by {max(passed.values()):.2g} with it")
    for name in failing:
        if judged[name].verdict == "fail" and allowed(judged[name], asked.rtol, asked.atol):
            said = f"d{name} is off by {judged[name].error or 0:.2g}, which is allowed"
            verdict = str(Verdict.PASS)
            judged[name] = judged[name]._replace(verdict=verdict, wrong=None, notes=(said,), mistakes=())
    return [name for name in failing if judged[name].verdict == "fail"]


def without_guards(
    base: Examination, names: Sequence[str]
) -> tuple[dict[str, Argument], Sequence[Mapping[str, Any]]]:
    """These arguments judged with the guards taken out of the code, and the guards."""
    ask = base.runner.ask
    try:
        guards = ask("unguard", "backward", on=True, upstreams=base.upstreams)
        if not guards:
            return {}, ()
        try:
            bare = copy.copy(base)
            bare.notes, bare.bad = [], []
            bare.outputs = ask("outputs", "forward")["values"]
            bare.found = ask("gradients", "backward", upstreams=base.upstreams)["found"]
            bare.own = bare.jitter()
            bare.witness = base.witnessed()
            judged = {name: bare.argument(name, 1 / len(names)) for name in names}
        finally:
            ask("unguard", "backward", on=False, upstreams=())
    except Broken:
        return {}, ()
    return judged, guards


def _listed(guards: Sequence[Mapping[str, Any]]) -> str:
    found = dict.fromkeys(f"the {g['size']:g} of `{g['text']}` (line {g['line']})" for g in guards)
    return " and ".join(found).replace("e-0", "e-")


def widened(mine: Argument, bare: Argument) -> Argument:
    """An argument whose bars cover what the guards change."""
    if mine.numeric is None or bare.numeric is None or mine.bars is None:
        return mine
    if not np.shape(mine.numeric) == np.shape(bare.numeric) == np.shape(mine.bars):
        return mine
    return mine._replace(bars=mine.bars + np.abs(mine.numeric - bare.numeric))


def allowed(argument: Argument, rtol: float | None, atol: float | None) -> bool:
    """Whether every entry is within `atol` + `rtol` times its size; along directions, the share alone."""
    if rtol is None and atol is None:
        return False
    a, n = argument.analytic, argument.numeric
    if n is None:
        return argument.error is not None and rtol is not None and argument.error <= rtol
    if a is None or np.shape(a) != np.shape(n):
        return False
    gap: Array = np.abs(np.asarray(a, dtype=float) - n)
    return bool(np.all((gap <= (atol or 0.0) + (rtol or 0.0) * np.abs(n))[np.isfinite(n)]))
