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
MANY = 8


def allow(base: Examination, judged: dict[str, Argument], failing: Sequence[str]) -> list[str]:
    """Let pass what may; the names of the arguments that still fail.

    Where the code fails without its guards too, the bars are widened by what the guards change, so that the
    mistake can be named beside it.
    """
    asked = base.asked
    guards = _guards(base)
    small = [k for k, g in enumerate(guards) if g["size"] <= HARMLESS]
    every = list(range(len(guards)))
    left = list(failing)
    bare: dict[str, Argument] = {}
    for only in (small, every) if small != every else (small,):
        if not only:
            continue
        bare = without(base, left, only)
        right = [name for name, other in bare.items() if other.verdict in AGREED]
        if not right:
            continue
        matter = [guards[k] for k in needed(base, right, only)]
        left = [name for name in left if name not in right]
        for name in right:
            if asked.strict or only is not small:
                said = f"d{name} is right without {_listed(matter)}: it leaves that out"
                mistake = Mistake("guard", said, matter[0]["line"])
                judged[name] = judged[name]._replace(mistakes=(mistake,))
        if not asked.strict and only is small:
            most = max(judged[name].error or 0.0 for name in right)
            verb = "is" if len(right) == 1 else "are"
            said = f"{', '.join(f'd{name}' for name in right)} {verb} right without {_listed(matter)}"
            base.notes.append(f"{said}, and off by {most:.2g} with it")
            judged.update({name: bare[name] for name in right})
    for name in left:
        judged[name] = widened(judged[name], bare.get(name, judged[name]))
    for name in failing:
        if judged[name].verdict == "fail" and allowed(judged[name], asked.rtol, asked.atol):
            said = f"d{name} is off by {judged[name].error or 0:.2g}, which is allowed"
            verdict = str(Verdict.PASS)
            judged[name] = judged[name]._replace(verdict=verdict, wrong=None, notes=(said,), mistakes=())
    return [name for name in failing if judged[name].verdict == "fail"]


def _guards(base: Examination) -> Sequence[Mapping[str, Any]]:
    """The guards in the code that runs."""
    try:
        found: Sequence[Mapping[str, Any]] = base.runner.ask(
            "unguard", "backward", only=(), upstreams=base.upstreams
        )
    except Broken:
        return ()
    return found


def without(base: Examination, names: Sequence[str], only: Sequence[int]) -> dict[str, Argument]:
    """These arguments judged with the guards of these numbers taken out of the code; empty if that fails."""
    ask = base.runner.ask
    try:
        try:
            ask("unguard", "backward", only=only, upstreams=base.upstreams)
            bare = copy.copy(base)
            bare.notes, bare.bad = [], []
            bare.outputs = ask("outputs", "forward")["values"]
            bare.found = ask("gradients", "backward", upstreams=base.upstreams)["found"]
            bare.own = bare.jitter()
            bare.witness = base.witnessed()
            return {name: bare.argument(name, 1 / len(names)) for name in names}
        finally:
            ask("guard", "backward")
    except Broken:
        return {}


def needed(base: Examination, names: Sequence[str], only: Sequence[int]) -> Sequence[int]:
    """Those of the guards that matter: with one of them in its place these arguments are wrong."""
    kept = list(only)
    if len(kept) > MANY:
        return kept
    for k in only:
        rest = [i for i in kept if i != k]
        found = without(base, names, rest) if rest else {}
        if found and all(other.verdict in AGREED for other in found.values()):
            kept = rest
    return kept


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
