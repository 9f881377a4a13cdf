"""Named ways to break a gate or the engine, one fault at a time: what the check must catch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .gate import Array, Derivative, Gate, unbroadcast


class Fault(NamedTuple):
    """A broken copy of a gate: `name` says how, `input` which derivative is wrong."""

    name: str
    input: str
    gate: Gate


def overwrite(old: Array, new: Array) -> Array:
    """The fault of the engine: `=` for `+=` at a fork. For Graph.backward(accumulate=...)."""
    return new


def factor(gate: Gate, name: str, by: float) -> Gate:
    """The derivative for one input, times a constant."""
    return gate.break_(name, lambda code: lambda *args, **params: by * code(*args, **params))


def without_upstream(gate: Gate, name: str) -> Gate:
    """The local gradient is handed down as it is: the upstream gradient is forgotten."""
    if gate.vjp:
        return gate.break_(
            name, lambda code: lambda dz, *args, **params: code(np.ones_like(dz), *args, **params)
        )
    return _as_vjp(gate, name, lambda dz, slope, shape: unbroadcast(slope * np.ones_like(dz), shape))


def unsummed(gate: Gate, name: str) -> Gate:
    """The gradient of a broadcast input is not summed back to the input's shape."""
    return _as_vjp(gate, name, lambda dz, slope, shape: dz * slope)


def swapped(gate: Gate) -> Gate:
    """The derivatives of the first two inputs, exchanged."""
    a, b = list(gate.local)[:2]
    table = {**gate.local, a: gate.local[b], b: gate.local[a]}
    slopes = tuple((gate.inputs.index(key), d.code, None) for key, d in table.items())
    return gate._replace(local=table, slopes=slopes)


def _as_vjp(gate: Gate, broken: str, join: Callable[[Array, Array, tuple[int, ...]], Array]) -> Gate:
    """An elementwise gate with its chain rule written out, so that it can be written wrongly."""

    def rule(name: str) -> Derivative:
        code, position = gate.local[name].code, gate.inputs.index(name)

        def vjp(dz: Array, z: Array, *xs: Array, **params: Any) -> Array:
            slope, shape = code(z, *xs, **params), np.shape(xs[position])
            return join(dz, slope, shape) if name == broken else unbroadcast(dz * slope, shape)

        return Derivative(gate.local[name].text, vjp)

    return gate._replace(local={}, slopes=(), vjp={name: rule(name) for name in gate.local})


def faults(gate: Gate, *, small: Sequence[float] = (1e-7,)) -> Iterator[Fault]:
    """Every single fault of this gate that can be planted without knowing what it computes.

    `small` lists the parts by which a derivative is too large: 1e-9 is one part in a billion.
    """
    table: Mapping[str, Derivative] = gate.local or gate.vjp
    for name in table:
        yield Fault("sign lost", name, factor(gate, name, -1.0))
        for part in small:
            yield Fault(f"factor 1 + {part:g}", name, factor(gate, name, 1 + part))
        yield Fault("factor 2", name, factor(gate, name, 2.0))
        yield Fault("factor 1/2", name, factor(gate, name, 0.5))
        yield Fault("zero", name, factor(gate, name, 0.0))
        yield Fault("upstream forgotten", name, without_upstream(gate, name))
        if gate.local and len(gate.inputs) > 1:
            yield Fault("broadcast not summed back", name, unsummed(gate, name))
    if len(gate.local) > 1:
        yield Fault("inputs swapped", "", swapped(gate))
