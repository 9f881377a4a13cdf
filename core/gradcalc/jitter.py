"""The error bar of the analytic side: how far the gradients move when every number moves by an ulp."""

from __future__ import annotations

import copy
import math
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from .errors import GradcalcError
from .gate import Array, Gate, Pattern, as_value, downstream, unbroadcast
from .graphs import CONSTANT, Graph

EPS = float(np.finfo(np.float64).eps)
DRAWS = 3
MASK = 2**64 - 1
NARROW = 100_000  # entries of a gradient whose lost digits are looked into
NEIGHBOURS = 1e-3  # the share of the largest loss in an array that every entry of it may have
NEAR_A_KINK = 1e-3  # a margin, beside the largest number
NARROW_EPS = float(np.finfo(np.float32).eps)
ROUNDING = 32  # ulps that a gate's own slope may be off: special functions are


class Bars(NamedTuple):
    """Of each node: `bar`, how far its gradient may be off, and `size`, the sum of |all paths| into it."""

    bar: list[Any]
    size: list[Any]


def bars(graph: Graph, seeds: list[Array], rng: Chance, tied: bool) -> list[Bars]:
    """For each seed, each node's error bar and size (None where no gradient came back).

    The passes are repeated with every value and every upstream gradient nudged by an ulp or two; the
    bar is the farthest that a gradient went, and never less than the rounding of the sum that it is.
    At exact ties values stay where they are: a nudge would choose sides that the graph did not.
    """
    draws = DRAWS if len(graph) <= 20_000 else 1
    sizes = [_sizes(graph, seed, rng) for seed in seeds]
    result = [Bars([None if s is None else ROUNDING * EPS * s for s in size], size) for size in sizes]
    plain = [_backward(graph, graph.values, seed, None) for seed in seeds]
    for _ in range(draws):
        nudged, results = (graph, _rounded(graph, graph.values, rng)) if tied else _nudged_values(graph, rng)
        for k, seed in enumerate(seeds):
            moved = _backward(nudged, results, seed, rng)
            for i, bar in enumerate(result[k].bar):
                if bar is not None and moved[i] is not None:
                    # A draw that left the domain, or met a pole, says nothing: fmax passes over nan.
                    change = np.abs(moved[i] - plain[k][i])
                    result[k].bar[i] = np.fmax(bar, np.where(np.isfinite(change), change, np.nan))
    return result


class Chance:
    """Random numbers for a check: numpy's generator from the first array on, a few lines for scalars.

    numpy.random takes a tenth of a small circuit's time to import, and the nudges of scalars need no
    better randomness than a linear congruence (Knuth's MMIX constants).
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.state = seed & MASK

    @cached_property
    def generator(self) -> np.random.Generator:
        """A full generator, with the same seed."""
        return np.random.default_rng([self.seed, 20110])

    def ulps(self) -> float:
        """One or two ulp, up or down."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return (-2.0, -1.0, 1.0, 2.0)[self.state >> 62]


def _nudge(value: Array, rng: Chance) -> Array:
    """`value` a little off: by one or two ulp, up or down, entry by entry."""
    if not np.ndim(value):
        return value * (1.0 + EPS * rng.ulps())
    return value * (1.0 + EPS * rng.generator.choice([-2.0, -1.0, 1.0, 2.0], np.shape(value)))


def _nudged_values(graph: Graph, rng: Chance) -> tuple[Graph, list[Any]]:
    """The graph at nudged values, and what each gate made of its nudged inputs, rounded once more."""
    other = copy.copy(graph)
    other.values = values = list(graph.values)
    results = list(graph.values)
    reach = graph.reach
    for i, (gate, ins) in enumerate(zip(graph.gates, graph.inputs, strict=True)):
        if ins:
            results[i] = gate.forward(*[values[j] for j in ins])
            # An index, a label or an order must stay what it is.
            # What floor or a comparison answers is exact.
            nudge = _nudged_inexact if gate.kink is not None and gate.kink.jump else _nudge
            values[i] = nudge(results[i], rng) if reach[i] else results[i]
        elif gate is not CONSTANT and reach[i]:
            values[i] = _nudged_inexact(values[i], rng)
    return other, _rounded(graph, results, rng)


def _nudged_inexact(value: Array, rng: Chance) -> Array:
    """A value a little off; a whole number is exact."""
    if not np.ndim(value):
        return value if value == np.rint(value) else _nudge(value, rng)
    return np.where(value == np.rint(value), value, _nudge(value, rng))


def _rounded(graph: Graph, results: list[Any], rng: Chance) -> list[Any]:
    """Results as their own gates' slopes see them: with a rounding error, unless they are compared there.

    1 - z² is off by as much as z is, however exact x may be.
    """
    return [
        _nudge(z, rng) if ins and reach and gate.kink is None else z
        for z, ins, reach, gate in zip(results, graph.inputs, graph.reach, graph.gates, strict=True)
    ]


def nudged(graph: Graph, rng: Chance) -> Array:
    """The output's value with every value on the way a little off."""
    return _nudged_values(graph, rng)[1][graph.output]


def _backward(graph: Graph, results: list[Any], seed: Array, rng: Chance | None) -> list[Any]:
    """The backward pass once more, nudged where `rng` is given."""

    def nudge(x: Array) -> Array:
        return x if rng is None else _nudge(x, rng)

    join, wanted = graph.accumulate, graph.wanted
    up: list[Any] = [None] * len(graph)
    up[graph.output] = nudge(seed)
    for i in range(graph.output, -1, -1):
        dz, ins = up[i], graph.inputs[i]
        if dz is None or not ins:
            continue
        gate = graph.gates[i]
        dz = dz if gate.local else nudge(dz)
        xs = tuple([graph.values[j] for j in ins])
        for position, j in enumerate(ins):
            if graph.gates[j] is CONSTANT or gate.derivative(position) is None or (wanted and not wanted[j]):
                continue
            dx = nudge(_stopped(gate, position, dz, results[i], xs))
            up[j] = dx if up[j] is None else join(up[j], dx) if join else up[j] + dx
    return up


def _stopped(gate: Gate, position: int, dz: Array, z: Array, xs: tuple[Array, ...]) -> Array:
    """What goes downstream; a zero upstream gradient stops a non-finite slope, as in the backward pass."""
    dx = downstream(gate, position, dz, z, xs)
    finite = math.isfinite(dx) if type(dx) is np.float64 else np.isfinite(dx).all()
    if gate.local and not finite:
        slope = gate.local[gate.input_name(position)].code(z, *xs)
        product = as_value(np.where(np.equal(dz, 0), 0.0, np.multiply(dz, slope)))
        dx = unbroadcast(product, np.shape(xs[position]))
    return dx


def _sizes(graph: Graph, seed: Array, rng: Chance) -> list[Any]:
    """The sum of the sizes of all paths into each gradient, as far as the gates tell them."""
    wanted = graph.wanted
    sizes: list[Any] = [None] * len(graph)
    sizes[graph.output] = np.abs(seed)
    for i in range(graph.output, -1, -1):
        dz, ins = sizes[i], graph.inputs[i]
        if dz is None or not ins:
            continue
        gate = graph.gates[i]
        xs = tuple([graph.values[j] for j in ins])
        for position, j in enumerate(ins):
            if graph.gates[j] is CONSTANT or gate.derivative(position) is None or (wanted and not wanted[j]):
                continue
            if gate.local:
                slope = np.abs(gate.local[gate.input_name(position)].code(graph.values[i], *xs))
                product = dz * slope
                if not np.isfinite(product).all():
                    product = as_value(np.where(np.equal(dz, 0), 0.0, product))
                dx = unbroadcast(product, np.shape(xs[position]))
            else:
                # Terms of both signs may cancel inside a vjp; mixed signs outside bring them to light.
                mixed = dz * (1.0 if not np.ndim(dz) else rng.generator.uniform(-1.0, 1.0, np.shape(dz)))
                passed = downstream(gate, position, mixed, graph.values[i], xs)
                dx = np.fmax(np.abs(downstream(gate, position, dz, graph.values[i], xs)), np.abs(passed))
                if (
                    gate.pattern is Pattern.MIXER
                    and np.size(dx) <= NARROW
                    and _smooth(gate, graph.values[i], xs)
                ):
                    dx = np.fmax(dx, _lost(gate, position, mixed, graph.values[i], xs, passed, rng))
            sizes[j] = dx if sizes[j] is None else sizes[j] + dx
    return sizes


def _smooth(gate: Gate, z: Array, xs: tuple[Array, ...]) -> bool:
    """Whether no kink of a gate is so near that single precision might meet it."""
    if gate.kink is None:
        return True
    far = max(float(np.max(np.abs(x), initial=0.0)) for x in xs)
    return bool(np.all(np.asarray(gate.kink.margin(z, *xs)) > NEAR_A_KINK * far))


def _lost(
    gate: Gate, position: int, dz: Array, z: Array, xs: tuple[Array, ...], passed: Array, rng: Chance
) -> Array:
    """The size of the terms that cancel inside a vjp, from what it loses in single precision.

    A layer norm of two columns sends back nearly nothing, as the difference of terms of ordinary size; no
    nudge of a double shows that, as both terms move together. Each argument is moved on its own, as an
    array that comes in twice (a cosine of x with x) may cancel by being the same. Labels stay as they are.
    """
    lost = np.abs(passed) * 0.0
    for _ in range(DRAWS):
        moved = [x if gate.derivative(k) is None else _narrow(_shaken(x, rng)) for k, x in enumerate(xs)]
        with np.errstate(all="ignore"):
            try:
                # A gate with a kink may look for z among its inputs.
                value = z if gate.kink is None else gate.forward(*moved)
                told = downstream(gate, position, _narrow(dz), _narrow(value), tuple(moved))
            except (np.linalg.LinAlgError, GradcalcError):
                return lost
            far = np.abs(np.asarray(told, np.float64) - passed) / NARROW_EPS
        lost = np.fmax(lost, np.where(np.isfinite(far), far, 0.0)[()])
    # By chance single precision may lose nothing at one entry; its neighbours tell of the terms there.
    return np.fmax(lost, NEIGHBOURS * np.max(lost, initial=0.0))


def _shaken(x: Array, rng: Chance) -> Array:
    return x * (1.0 + NARROW_EPS * rng.generator.uniform(-2.0, 2.0, np.shape(x)))


def _narrow(x: Array) -> Array:
    return np.asarray(x, np.float32)[()]


def value_bars(graph: Graph, rng: Chance) -> list[Any]:
    """Each node's value: how far it moves when every number before it moves by an ulp or two."""
    found = [EPS * np.abs(value) for value in graph.values]
    for _ in range(DRAWS):
        _, results = _nudged_values(graph, rng)
        for i, moved in enumerate(results):
            found[i] = np.fmax(found[i], np.abs(moved - graph.values[i]))
    return found
