"""Error carried forward: does a step follow from the numbers that the same person wrote above it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from .digits import BARE, COARSE, SLACK, TIGHTEST, ULPS
from .gate import Array, as_value
from .mistakes import Given
from .quantities import Quantity
from .replay import UNFIT, Change, Replay
from .written import Written

MOST_ENTRIES = 500  # entries whose digits are followed one by one; beyond it by random signs
DRAWS = 24
SAME = 1e-9  # two numbers that are nearer than this, relative, are one


class Followed(NamedTuple):
    """A step that is right, given the wrong numbers of the answers `names`; none: right ones, but rounded."""

    names: tuple[str, ...]


class Pins(NamedTuple):
    """What is taken from the person, and what is held at its true number."""

    change: Change
    given: tuple[Given, ...]


def follows(replay: Replay, target: Given, others: Sequence[Given]) -> Followed | None:
    """Whether `target` follows from `others`: some numbers within their written digits yield it.

    A gradient follows from the gradients nearer to the output and from forward values, a value from the
    values before it. What is not given follows from what is given above it, or counts with its true
    value: either reading will do.
    """
    for pins in readings(replay, target.quantity, others):
        number = predicted(replay, pins.change, target.quantity)
        if number is None or np.shape(number) != target.written.shape:
            continue
        if not fits(target.written, number, 0.0):
            room = slack(replay, pins, target.quantity)
            if not np.any(room) or not fits(target.written, number, room):
                continue
        return Followed(
            tuple(g.name for g in pins.given if not g.right and matters(replay, pins, g, target, number))
        )
    return None


def fits(written: Written, number: Array, room: Array) -> bool:
    """Whether a number that may be off by `room` is written like this, by the rule of the digits."""
    value, half = written.value, written.half
    with np.errstate(all="ignore"):
        gap = np.abs(number - value)
        exact = gap <= TIGHTEST * np.abs(number) + room
        rounds = (
            (gap < np.inf)
            & (gap <= half * SLACK + ULPS * np.abs(number) + room)
            & (gap <= COARSE * np.abs(number) + room)
        )
        bare = np.equal(value, 0) & (np.asarray(half) >= BARE)
    return bool(np.all(exact | (rounds & ~bare)))


def readings(replay: Replay, target: Quantity, others: Sequence[Given]) -> Iterator[Pins]:
    """The ways to take the others' numbers for granted, the plainest first."""
    above = replay.above(target.node) if target.kind == "gradient" else ()
    others = [g for g in others if not is_given(replay, g.quantity)]
    values = [g for g in others if g.quantity.kind == "value" and precedes(g.quantity, target) and usable(g)]
    grads = [g for g in others if g.quantity.kind == "gradient" and g.quantity.node in above and usable(g)]
    if not values and not grads:
        return
    beside = {i for i, _ in replay.uses.get(target.node, ())}
    ahead = set(replay.graph.inputs[target.node])
    seen = []
    for some in [values, []] if grads and any(not g.right for g in values) else [values]:
        for direct in (False, True):
            held_up = {i: replay.upstreams[i] for i in beside} if direct and target.kind == "gradient" else {}
            held = {j: replay.values[j] for j in ahead} if direct and target.kind == "value" else {}
            change = Change(
                values=held | {g.quantity.node: g.written.value for g in some},
                upstreams=held_up | {g.quantity.node: g.written.value for g in grads},
            )
            if (key := (len(some), tuple(change.values), tuple(change.upstreams))) not in seen:
                seen.append(key)
                yield Pins(change, (*some, *grads))


def is_given(replay: Replay, quantity: Quantity) -> bool:
    """Whether a number is the question's: an input's value, and the output's gradient, are nobody's step."""
    if quantity.kind == "gradient":
        return quantity.node == replay.graph.output
    return quantity.kind == "value" and not replay.graph.inputs[quantity.node]


def usable(g: Given) -> bool:
    return g.written.shape == np.shape(g.true) and bool(np.all(np.isfinite(g.written.value)))


def precedes(value: Quantity, target: Quantity) -> bool:
    """Whether a forward value stands before what is asked."""
    return target.kind != "value" or value.node < target.node


def predicted(replay: Replay, change: Change, target: Quantity) -> Array | None:
    """What the target is when these numbers are taken for granted; None where no gate takes them."""
    i = target.node
    try:
        values, upstreams = replay.run(change)
        if target.kind == "value":
            return values.get(i, replay.values[i])
        if target.kind == "gradient":
            return upstreams.get(i, replay.upstreams[i])
        gate = replay.graph.gates[i]
        xs = [values.get(j, replay.values[j]) for j in replay.graph.inputs[i]]
        z = values.get(i, replay.values[i])
        return as_value(gate.local[gate.input_name(target.position)].code(z, *xs))
    except UNFIT:
        return None


def matters(replay: Replay, pins: Pins, given: Given, target: Given, number: Array) -> bool:
    """Whether the target would be another without this answer."""
    with np.errstate(all="ignore"):
        other = predicted(replay, replaced(pins.change, given.quantity, given.true), target.quantity)
    return other is not None and not np.allclose(other, number, rtol=SAME, atol=0)


def slack(replay: Replay, pins: Pins, target: Quantity) -> Array:
    """How far the target moves when the numbers it follows from move within their written digits.

    A gradient is linear in the gradients above it, so the sum over all of them is exact; for values it
    is the slope.
    """
    total: Array = 0.0
    for given in pins.given:
        half = np.where(
            np.abs(given.written.value - given.true) <= SAME * np.abs(given.true), 0.0, given.written.half
        )
        if not np.any(half):
            continue
        for step, entries in steps(half):
            value = given.written.value
            ends = [
                predicted(replay, replaced(pins.change, given.quantity, value + sign * step), target)
                for sign in (1.0, -1.0)
            ]
            if ends[0] is None or ends[1] is None:
                continue
            move = np.abs(np.asarray(ends[0]) - np.asarray(ends[1])) / 2
            total = total + move if entries else np.maximum(total, move)
    return total


def steps(half: Array) -> Iterator[tuple[Array, bool]]:
    """The moves within half a unit: entry by entry, or with random signs where that would be too many."""
    if not np.ndim(half):
        yield half, True
    elif np.size(half) <= MOST_ENTRIES:
        for k in range(np.size(half)):
            step = np.zeros(np.size(half))
            step[k] = np.ravel(half)[k]
            yield step.reshape(np.shape(half)), True
    else:
        rng = np.random.default_rng(0)
        for _ in range(DRAWS):
            yield half * rng.choice([-1.5, 1.5], np.shape(half)), False


def replaced(change: Change, quantity: Quantity, number: Array) -> Change:
    """The same pins, but for one number."""
    if quantity.kind == "value":
        return change._replace(values={**change.values, quantity.node: number})
    return change._replace(upstreams={**change.upstreams, quantity.node: number})
