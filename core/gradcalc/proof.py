"""The evidence for a verdict: slopes, error bars, the nearest kink, and where a domain ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .graphs import Graph
from .judge import Checked
from .lost import left_domain
from .probe import tangents_along
from .verdicts import Verdict

MANY = 200_000  # gates run for all inputs together
SHARE = 1e-6  # of a margin: how far a router's inputs are moved to see how fast it shrinks


class Nearest(NamedTuple):
    """The router or jump that a small move of an input reaches first.

    `margin` is its entry's distance to the kink in the unit of its own inputs, 0 on it; `safe` how far the
    input's entry can move either way, to first order, before it is reached.
    """

    node: int
    where: str
    margin: float
    safe: float


class Proof(NamedTuple):
    """What a verdict rests on, at the entry that decided.

    `bars` are the analytic and the numeric side's error bars, `slopes` the left and the right slope, `step`
    that of central differences (None: complex steps), `outside` the first node that leaves its domain when
    the entry moves a little.
    """

    entry: int
    bars: tuple[float, float]
    slopes: tuple[float, float] | None
    step: float | None
    nearest: Nearest | None
    outside: int | None


def proof(graph: Graph, found: Checked) -> Proof | None:
    """The evidence for one node's verdict; None where it was not checked entry by entry.

    In graphs with many inputs neither kinks nor domains are looked for where all is well.
    """
    if found.checked != "entries":
        return None
    i, e = found.node, found.entry
    near, out = None, None
    if found.verdict is not Verdict.PASS or len(graph) * len(graph.variables) <= MANY:
        near, out = nearest(graph, i, e), left_domain(graph, i, e)
    return Proof(e, found.bars, found.slopes, found.step, near, out)


def nearest(graph: Graph, i: int, e: int) -> Nearest | None:
    """The kink or jump that is reached first when entry e of node i moves; None if there is none."""
    routers = [j for j in range(i + 1, graph.output + 1) if graph.gates[j].kink is not None]
    if not routers:
        return None
    direction = np.zeros(np.shape(graph.values[i]))
    direction.reshape(-1)[e] = 1.0
    moving = tangents_along(graph, i, direction)
    found = [n for n in (_at(graph, j, moving) for j in routers) if n is not None]
    return min(found, key=lambda n: n.safe, default=None)


def _at(graph: Graph, j: int, moving: dict[int, np.ndarray]) -> Nearest | None:
    kink, ins = graph.gates[j].kink, graph.inputs[j]
    if kink is None or not any(k in moving and np.any(moving[k]) for k in ins):
        return None
    xs = [graph.values[k] for k in ins]
    with np.errstate(all="ignore"):
        margin = np.abs(np.asarray(kink.margin(graph.values[j], *xs), dtype=float))
        fastest = max(float(np.max(np.abs(moving[k]), initial=0.0)) for k in ins if k in moving)
        away = margin[margin > 0]
        move = SHARE * (float(away.min()) if away.size else 1.0) / fastest
        there = [x + move * moving[k] if k in moving else x for k, x in zip(ins, xs, strict=True)]
        z = graph.gates[j].forward(*there)
        rate = np.abs(np.abs(np.asarray(kink.margin(z, *there), dtype=float)) - margin) / move
        safe = np.where((margin == 0) & (rate > 0), 0.0, margin / np.where(rate > 0, rate, np.nan))
    if np.isnan(safe).all():
        return None
    at = int(np.nanargmin(safe))
    return Nearest(j, kink.where, float(np.ravel(margin)[at]), float(np.ravel(safe)[at]))
