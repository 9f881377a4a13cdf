"""Answers at a kink: any slope between the left and the right one is a valid answer there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from .digits import BARE, by_digits
from .gate import Array
from .mistakes import Given
from .quantities import Quantity
from .replay import Change, Replay

STEP = 1e-7
ROOM = 1e-4  # how far a difference of so small a step may be off, relative
PLAIN = 0.01  # a slope is that much another than the convention's: no error of so small a step
DIRECTIONS = 12


class Corner(NamedTuple):
    """The answers that are `valid` slopes at a kink, together with the right ones, or `alone` only.

    Where conventions at ties add up to a number that is no slope, as in relu(x) - relu(-x) at 0, answers
    that give it are `formal`, and those that give the slope of the function are `true`.
    """

    valid: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    formal: tuple[str, ...] = ()
    true: tuple[str, ...] = ()


def at_kink(replay: Replay, given: Sequence[Given]) -> Corner:
    """Which of the answers that are not the convention's are valid slopes at a kink.

    A vector g is one when along every direction d the number g.d lies between the one-sided slopes of the
    output (for max(x, y) at a tie (1, 0) is, and (1, 1) is not). Only gradients of scalar inputs count.
    """
    graph = replay.graph
    inputs = {Quantity("gradient", i) for i in graph.variables.values()}
    known = [g for g in given if g.quantity in inputs and g.written.shape == np.shape(g.true) == ()]
    if np.ndim(graph.values[graph.output]):
        return Corner()
    smooth = {g.name: slope for g in known if (slope := unlike_convention(replay, g)) is not None}
    formal = tuple(g.name for g in known if g.name in smooth and g.right)
    true = tuple(
        g.name
        for g in known
        if g.name in smooth and not g.right
        and by_digits(g.written.value, g.written.half, smooth[g.name], ROOM * abs(smooth[g.name])) == "right"
    )  # fmt: skip
    known = [g for g in known if g.name not in smooth]
    wrong = [g for g in known if not g.right and between(replay, [g], np.array([1.0]), kinked=True)]
    some = [*wrong, *(g for g in known if g.right)]
    if not wrong or fit(replay, some):
        return Corner(tuple(g.name for g in wrong), (), formal, true)
    clash = [g for g in wrong if fit(replay, [other for other in some if other is not g])] or wrong
    valid = tuple(g.name for g in wrong if g not in clash)
    return Corner(valid, tuple(g.name for g in clash), formal, true)


def unlike_convention(replay: Replay, given: Given) -> float | None:
    """The slope of the output where it has one that is not what the conventions add up to, else None."""
    right, left = (sign * one_sided(replay, [given], np.array([sign])) for sign in (1.0, -1.0))
    size = max(abs(left), abs(right), abs(float(given.true)))
    if not np.isfinite(size) or abs(right - left) > 10 * ROOM * size:
        return None
    slope = (left + right) / 2
    return slope if abs(slope - given.true) > PLAIN * size else None


def fit(replay: Replay, given: Sequence[Given]) -> bool:
    """Whether the answers together are a valid slope."""
    return all(between(replay, given, d) for d in directions(len(given)))


def directions(n: int) -> Iterator[Array]:
    """All together, and some of mixed signs."""
    yield np.ones(n)
    rng = np.random.default_rng(0)
    for _ in range(DIRECTIONS):
        yield rng.uniform(0.3, 1.0, n) * rng.choice([-1.0, 1.0], n)


def between(replay: Replay, given: Sequence[Given], direction: Array, kinked: bool = False) -> bool:
    """Whether the answers along this direction lie between the one-sided slopes, `kinked` if these differ."""
    right = one_sided(replay, given, direction)
    left = -one_sided(replay, given, -direction)
    low, high = min(left, right), max(left, right)
    slope = sum(float(d) * g.written.value for g, d in zip(given, direction, strict=True))
    # A number without decimals is meant exactly: a slope of 1 is not 1.4.
    halves = [g.written.half if g.written.half < BARE else 0.0 for g in given]
    room = sum(abs(float(d)) * half for half, d in zip(halves, direction, strict=True))
    size = max(abs(left), abs(right), abs(slope))
    if not np.isfinite(size) or (kinked and high - low <= 10 * ROOM * size):
        return False
    return bool(low - room - ROOM * size <= slope <= high + room + ROOM * size)


def one_sided(replay: Replay, given: Sequence[Given], direction: Array) -> float:
    """The slope of the output from here in this direction."""
    graph, nodes = replay.graph, [g.quantity.node for g in given]
    step = STEP * max(1.0, *(abs(float(replay.values[i])) for i in nodes))
    moved = {i: replay.values[i] + step * d for i, d in zip(nodes, direction, strict=True)}
    with np.errstate(all="ignore"):
        values = replay.forward(Change(values=moved))
    here = replay.values[graph.output]
    seed = replay.upstreams[graph.output]
    return float((values.get(graph.output, here) - here) / step * seed)
