"""Why a gradient is not finite: a domain that ends here, a jump, an infinite slope, or a fault."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .diagnose import needs
from .errors import GradcalcError
from .gate import Array
from .graphs import CONSTANT, Graph, local_gradients
from .numeric import Slope
from .task import Task, difference
from .verdicts import Verdict

KINK = "a kink: slope {:.6g} on the left, {:.6g} on the right"
JUMPS = "a jump: the value itself changes at once here, so there is no slope"
MOVES = (1e-6, -1e-6)  # relative to the value, or to 1 where that is 0
LONGEST = 40
SETTLED = 1e-2  # how far quotients may still move when steps shrink a thousandfold, relative
VANISHING = 0.1  # quotients that shrink so far each time are those of a slope 0


class Lost(NamedTuple):
    """Why a gradient is not finite; `slopes` are the left and the right one where it has both."""

    verdict: Verdict
    words: str
    slopes: tuple[float, float] | None = None


def not_finite(task: Task, i: int, e: int, a: float, seed: Array) -> Lost:
    """Why an analytic gradient is infinite or undefined: domain, a steep slope, a kink, or a fault."""
    slope = difference(task._replace(step=None), i, e, seed)
    if slope.side == "":
        return Lost(Verdict.DOMAIN, outside(task.graph, i, e))
    rungs = _rungs(task, i, e, seed)
    if _leap(rungs):
        return Lost(Verdict.JUMP, JUMPS)
    steep = steepest(task.graph, i)
    because = "" if steep is None else f": {_short(task.graph, steep)} is infinitely steep"
    left, right = _limit([s.left for s in rungs]), _limit([s.right for s in rungs])
    if left is not None and right is not None and slope.side == "both":
        if abs(right - left) <= SETTLED * max(abs(right), abs(left)):
            value = slope.value if right else 0.0
            words = f"the backward pass says {a:g}, but the slope is {value:.6g}{because}"
            return Lost(Verdict.FAIL, words, (left, right))
        words = f"{KINK.format(left, right)}; the backward pass says {a:g}{because}"
        return Lost(Verdict.KINK, words, (left, right))
    if np.isnan(a) and slope.side != "both":
        return Lost(Verdict.DOMAIN, outside(task.graph, i, e))
    return Lost(Verdict.NONFINITE, f"the slope is {a:g} here{because}")


def leaps(task: Task, i: int, e: int, seed: Array) -> bool:
    """Whether the output's value changes at once when entry e of node i moves."""
    return _leap(_rungs(task, i, e, seed))


def _rungs(task: Task, i: int, e: int, seed: Array) -> list[Slope]:
    """Difference quotients over steps that shrink a thousandfold."""
    unit = abs(float(np.asarray(task.graph.values[i]).reshape(-1)[e])) or 1.0
    return [difference(task._replace(step=unit * 10.0**-p), i, e, seed) for p in (3, 6, 9)]


def _leap(rungs: list[Slope]) -> bool:
    return _jumps([s.right for s in rungs]) or _jumps([s.left for s in rungs])


def _limit(quotients: list[float]) -> float | None:
    """What one-sided quotients over steps that shrink a thousandfold come to; None if to nothing."""
    first, second, third = quotients
    if not np.isfinite(quotients).all():
        return None
    if abs(third - second) <= SETTLED * max(abs(second), abs(third)):
        return third
    shrinks = abs(second) <= VANISHING * abs(first) and abs(third) <= VANISHING * abs(second)
    return 0.0 if shrinks else None


def _jumps(quotients: list[float]) -> bool:
    """Whether steps that shrink a thousandfold leave the same difference of values."""
    sizes = np.abs(quotients)
    return bool(sizes[0] > 0 and np.all(np.abs(sizes[1:] / sizes[:-1] - 1e3) <= 10.0))


def outside(graph: Graph, i: int, e: int) -> str:
    """That moving leaves a domain, and whose."""
    j = left_domain(graph, i, e)
    if j is None:
        return "moving it leaves the domain, so there is no slope"
    asked = "" if graph.gates[j].domain is None else f" ({needs(graph, j)})"
    return f"moving it leaves the domain of {_short(graph, j)}{asked}, so there is no slope"


def left_domain(graph: Graph, i: int, e: int) -> int | None:
    """The first node that leaves its domain when entry e of node i moves a little, or None."""
    for move in MOVES:
        x = np.array(graph.values[i], dtype=float)
        flat = x.reshape(-1)
        flat[e] += move * (abs(flat[e]) or 1.0)
        values = {i: x[()]}
        for j in range(i + 1, graph.output + 1):
            ins = graph.inputs[j]
            if not any(k in values for k in ins):
                continue
            gate, xs = graph.gates[j], [values.get(k, graph.values[k]) for k in ins]
            with np.errstate(all="ignore"):
                try:
                    values[j] = gate.forward(*xs)
                except (GradcalcError, np.linalg.LinAlgError):
                    return j
                inside = gate.domain is None or np.all(gate.domain.holds(*xs))
            finite = np.isfinite(values[j]).all() or not np.isfinite(graph.values[j]).all()
            if not finite or (not inside and np.isnan(values[j]).any()):
                return j
    return None


def steepest(graph: Graph, i: int) -> int | None:
    """The first node on the way back from the output whose own slope is not finite, if i is above it."""
    for j in range(graph.output, i, -1):
        dz = graph.upstreams[j]
        if dz is None or not np.isfinite(dz).all() or not np.any(dz) or not graph.inputs[j]:
            continue
        for k, slope in zip(graph.inputs[j], local_gradients(graph, j), strict=True):
            if graph.gates[k] is not CONSTANT and slope is not None and not np.isfinite(slope).all():
                return j
    return None


def _short(graph: Graph, j: int) -> str:
    text = graph.text(j)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
