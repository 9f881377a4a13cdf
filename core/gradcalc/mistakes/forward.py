"""Mistakes of the forward pass: another gate than the one that stands there, or another input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..gate import Array, Derivative, Gate, Pattern, with_slopes
from ..gates import GATES
from ..graphs import INPUT
from ..replay import Change
from .mutant import Mutant, Place

RADIAN = np.pi / 180


def elementwise(gate: Gate, forward: Callable[..., Array], **slopes: Callable[..., Array]) -> Gate:
    """A gate that is not in the house, for one mistake."""
    local = {name: Derivative("?", code) for name, code in slopes.items()}
    return with_slopes(gate._replace(forward=forward, local=local, vjp={}, bound={}))


def degrees(gate: Gate) -> Gate:
    """sin, cos or tan of a calculator that is set to degrees: its slope, too."""
    slope = gate.local["x"].code
    return elementwise(
        gate,
        lambda x: gate.forward(x * RADIAN),
        x=lambda z, x: slope(z, x * RADIAN),
    )


def identity(gate: Gate) -> Gate:
    """A gate of one input that is left out."""
    return elementwise(gate, lambda x: +x, **{gate.inputs[0]: lambda z, x: np.ones_like(x)})


def exchanged(gate: Gate) -> Gate:
    """x - y for y - x."""
    first, second = (gate.local[name].code for name in gate.inputs)
    return elementwise(
        gate,
        lambda x, y: gate.forward(y, x),
        **{gate.inputs[0]: lambda z, x, y: second(z, y, x), gate.inputs[1]: lambda z, x, y: first(z, y, x)},
    )


def log_of_ten(gate: Gate, slope: Callable[..., Array]) -> Gate:
    return elementwise(gate, np.log10, x=slope)


def gate_mistakes(place: Place, i: int) -> Iterator[Mutant]:
    """The mistakes about what node i computes."""
    graph = place.graph
    gate, node = graph.gates[i], place.word(i)
    where = f"the forward pass, at {node}"

    def mutant(name: str, text: str, cost: float, wrong: Gate) -> Mutant:
        return Mutant(name, text, where, cost, Change(gates={i: wrong}))

    name = gate.name
    if gate is INPUT:
        value = graph.values[i]
        if not np.ndim(value) and value < 0:
            text, place_word = f"when the minus sign of the value of {node} is lost", f"the value of {node}"
            yield Mutant("sign of an input lost", text, place_word, 1.5, Change(values={i: -value}))
    elif name == "sub":
        yield mutant("minus read as plus", f"when the minus of {node} is read as a plus", 1.4, GATES["add"])
        yield mutant(
            "operands exchanged", f"when {node} is computed the other way round", 1.7, exchanged(gate)
        )
    elif name == "add":
        yield mutant("plus read as minus", f"when the plus of {node} is read as a minus", 2.2, GATES["sub"])
    elif name == "neg":
        yield mutant(
            "minus left out", f"when the minus of {node} is left out, in both passes", 1.4, identity(gate)
        )
    elif name == "div":
        yield mutant("operands exchanged", f"when {node} is turned upside down", 1.7, exchanged(gate))
    elif name == "pow":
        yield mutant(
            "power read as product", f"when the power {node} is read as a product", 1.7, GATES["mul"]
        )
    elif name in ("sin", "cos", "tan"):
        yield mutant("degrees for radians", f"when {node} is computed in degrees", 1.5, degrees(gate))
    elif name == "log":
        ten = 1 / np.log(10)
        text = f"when {node} is computed with the logarithm to base 10"
        yield mutant("log10 for ln", text, 1.5, log_of_ten(gate, lambda z, x: 1.0 / x))
        yield mutant("log10 for ln", f"{text}, in both passes", 1.6, log_of_ten(gate, lambda z, x: ten / x))
    elif name in ("maximum", "minimum"):
        other = "minimum" if name == "maximum" else "maximum"
        yield mutant("max read as min", f"when the {other} is taken at {node}", 1.8, GATES[other])
    elif name in ("sum", "mean"):
        other = "mean" if name == "sum" else "sum"
        yield mutant(
            f"{other} for {name}",
            f"when the {other} is taken at {node}, in both passes",
            1.5,
            GATES[other].bind(**gate.bound),
        )
    if name == "index" and (key := counted_from_one(gate.bound["key"])) is not None:
        text = f"when the entry of {node} is counted from 1, not from 0"
        yield mutant("counted from 1", text, 1.8, GATES["index"].bind(key=key))
    if name == "matmul" and square(graph.values[graph.inputs[i][0]]):
        yield mutant(
            "transposed", f"when the first factor of {node} is transposed", 1.7, left_transposed(gate)
        )
    if gate.local and len(gate.inputs) == 1 and gate.pattern is not Pattern.DISTRIBUTOR:
        yield mutant("gate left out", f"when {node} is left out, in both passes", 2.3, identity(gate))


def counted_from_one(key: Any) -> Any:
    """The key that somebody uses who counts from 1, or None where no single entry is picked."""
    parts = key if isinstance(key, tuple) else (key,)
    if not all(isinstance(part, int) and part > 0 for part in parts) or not parts:
        return None
    return tuple(part - 1 for part in parts)


def square(x: Array) -> bool:
    return np.ndim(x) == 2 and np.shape(x)[0] == np.shape(x)[1]


def left_transposed(gate: Gate) -> Gate:
    """a.T @ b for a @ b."""
    a, b = gate.vjp["a"].code, gate.vjp["b"].code
    table = {
        "a": Derivative("?", lambda dz, z, x, y: np.transpose(a(dz, z, np.transpose(x), y))),
        "b": Derivative("?", lambda dz, z, x, y: b(dz, z, np.transpose(x), y)),
    }
    return gate._replace(forward=lambda x, y: gate.forward(np.transpose(x), y), vjp=table)
