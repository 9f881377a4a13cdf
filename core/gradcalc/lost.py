"""Why a gradient is not finite: a domain that ends here, a jump, an infinite slope, or a fault."""

from __future__ import annotations

import numpy as np

from .errors import GradcalcError
from .gate import Array
from .graphs import CONSTANT, Graph, local_gradients
from .task import Task, difference
from .verdicts import Verdict

JUMPS = "a jump: the value itself changes at once here, so there is no slope"
MOVES = (1e-6, -1e-6)  # relative to the value, or to 1 where that is 0
LONGEST = 40


def not_finite(task: Task, i: int, e: int, a: float, seed: Array) -> tuple[Verdict, str]:
    """Why an analytic gradient is infinite or undefined: domain, a steep slope, or a fault."""
    slope = difference(task._replace(step=None), i, e, seed)
    if slope.side == "":
        return Verdict.DOMAIN, outside(task.graph, i, e)
    unit = abs(float(np.asarray(task.graph.values[i]).reshape(-1)[e])) or 1.0
    rungs = [difference(task._replace(step=unit * 10.0**-p), i, e, seed) for p in (3, 6, 9)]
    if _jumps([s.right for s in rungs]) or _jumps([s.left for s in rungs]):
        return Verdict.JUMP, JUMPS
    steep = steepest(task.graph, i)
    because = "" if steep is None else f": {_short(task.graph, steep)} is infinitely steep"
    sizes = [abs(s.right) if np.isfinite(s.right) else abs(s.left) for s in rungs]
    settled = np.isfinite(sizes[2]) and abs(sizes[2] - sizes[1]) <= 1e-2 * max(sizes[1], sizes[2], 1e-12)
    same = abs(rungs[2].right - rungs[2].left) <= 1e-2 * sizes[2]
    if settled and same and slope.side == "both":
        return Verdict.FAIL, f"the backward pass says {a:g}, but the slope is {slope.value:.6g}{because}"
    if np.isnan(a) and slope.side != "both":
        return Verdict.DOMAIN, outside(task.graph, i, e)
    return Verdict.NONFINITE, f"the slope is {a:g} here{because}"


def _jumps(quotients: list[float]) -> bool:
    """Whether steps that shrink a thousandfold leave the same difference of values."""
    sizes = np.abs(quotients)
    return bool(sizes[0] > 0 and np.all(np.abs(sizes[1:] / sizes[:-1] - 1e3) <= 10.0))


def outside(graph: Graph, i: int, e: int) -> str:
    """That moving leaves a domain, and whose."""
    j = left_domain(graph, i, e)
    if j is None:
        return "moving it leaves the domain, so there is no slope"
    domain = graph.gates[j].domain
    needs = "" if domain is None else f" ({graph.gates[j].name} needs {domain.text})"
    return f"moving it leaves the domain of {_short(graph, j)}{needs}, so there is no slope"


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
