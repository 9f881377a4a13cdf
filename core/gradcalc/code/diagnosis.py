"""What is wrong with the gradients that fail: the mistake that their numbers show, and the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..gate import Array
from .child.broken import Broken
from .record import Argument, Mistake
from .signs import Clues, name_mistakes

if TYPE_CHECKING:
    from .examine import Examination

NAMING = 10.0  # seconds that telling contributions apart may take
MENDING = 10.0  # seconds that looking for the wrong line may take


def diagnose(base: Examination, judged: dict[str, Argument], failing: Sequence[str]) -> None:
    """Name the mistakes of the failing arguments."""
    known = clues(base, judged)
    for name in failing:
        argument = judged[name]
        mistakes = name_mistakes(known, argument)
        given = argument.analytic
        misshapen = bool(mistakes) and given is not None and given.shape != argument.shape
        notes = () if misshapen else argument.notes  # the mistake tells both shapes
        judged[name] = argument._replace(mistakes=mistakes, notes=notes)
    mend(base, judged, failing)


def mend(base: Examination, judged: dict[str, Argument], failing: Sequence[str]) -> None:
    """Which small edit of the code makes its gradients right: all of them, or else one by one."""
    if base.bad or not base.asked.mend:
        return
    seconds = min(MENDING, base.runner.left / 4)
    whole = repairs(base, judged, failing, seconds)
    for name in failing if not whole and len(failing) > 1 else ():
        attach(judged, [name], repairs(base, judged, [name], seconds / len(failing)))
    attach(judged, failing, whole)


def attach(judged: dict[str, Argument], names: Sequence[str], found: Sequence[Mistake]) -> None:
    """Put mistakes that were found in the code before those that the numbers suggest."""
    for name in names:
        kept = [m for m in judged[name].mistakes if m not in found]
        judged[name] = judged[name]._replace(mistakes=(*found, *kept))


def repairs(
    base: Examination, judged: Mapping[str, Argument], wrong: Sequence[str], seconds: float
) -> list[Mistake]:
    """Edits that make these gradients right, and leave those right that are."""
    right: dict[str, Array] = {}
    slack: dict[str, Array] = {}
    for a in judged.values():
        value = a.numeric if a.name in wrong else a.analytic if a.verdict in ("pass", "kink") else None
        if a.name in wrong and (value is None or not np.isfinite(value).any()):
            return []
        if value is not None:
            right[a.name] = np.asarray(value, dtype=float)
            scale = float(np.nanmax(np.abs(value), initial=0.0))
            bars = 0.0 if a.bars is None or a.bars.shape != right[a.name].shape else 20.0 * a.bars
            bars = np.where(np.isfinite(bars), bars, 0.0)
            coarse = max(1e-7, 1e3 * base.eps) * scale
            if a.analytic is not None and np.shape(a.analytic) == np.shape(value):
                # What leaves the numbers as they are mends nothing, however close they were.
                gap = np.abs(np.asarray(a.analytic, dtype=float) - value)
                coarse = min(coarse, 1e-2 * float(np.nanmax(gap, initial=0.0)) or coarse)
            slack[a.name] = np.broadcast_to(np.maximum(bars, coarse), np.shape(value))
    try:
        found = base.runner.ask(
            "repair",
            "backward",
            upstreams=base.upstreams,
            right=right,
            slack=slack,
            seconds=seconds,
            eps=base.eps,
        )
    except Broken:
        return []
    return [Mistake(r["kind"], told(r), r["line"]) for r in found]


def clues(base: Examination, judged: Mapping[str, Argument]) -> Clues:
    """What the names of mistakes are found from."""

    def again(upstreams: Sequence[Array]) -> dict[str, Array]:
        try:
            answer = base.runner.ask("gradients", "backward", upstreams=list(upstreams))
        except Broken:
            return {}
        return dict(answer["found"])

    def slopes(name: str, sets: Sequence[Sequence[Array]]) -> Array | None:
        if np.size(base.values[name]) * 5 * base.witness.cost > min(NAMING, base.runner.left / 4):
            return None
        try:
            return base.witness.each(name, sets)
        except Broken:
            return None

    known = {**base.asked.given.params, **_flat(base.point.values)}
    return Clues(
        values=base.values,
        outputs=base.outputs,
        upstreams=base.upstreams,
        numeric={n: a.numeric for n, a in judged.items() if a.numeric is not None},
        analytic=base.found,
        params={n: v for n, v in known.items() if n not in base.inputs},
        integers=frozenset(base.integers),
        again=again,
        slopes=slopes,
        seeded=any(np.any(u != 1) for u in base.upstreams),
        eps=base.eps,
    )


def told(repair: Mapping[str, Any]) -> str:
    """A repair in words, with its line."""
    return f"line {repair['line']}: {repair['says']}; with `{repair['instead']}` it is right"


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found.update(value)
        elif np.ndim(value) == 0 and not isinstance(value, str):
            found[name] = np.asarray(value).item()
    return found
