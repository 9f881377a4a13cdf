"""A function with declared local gradients as a gate of its own: its body is the forward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .gate import Array, Derivative, Gate, Kink, Pattern, unbroadcast, with_slopes
from .graphs import INPUT, Graph


def composite(name: str, body: Graph, slopes: Mapping[str, tuple[str, Graph]]) -> Gate:
    """The gate that runs `body` forward and the declared `slopes` backward.

    The inputs of `body` are the function's parameters, in order. Each slope is its text and a graph whose
    inputs are the parameters and then the function's own name, which stands for its value. The numeric
    witness runs the body alone, so a wrong declaration fails the check like any wrong gate.
    """
    params = tuple(body.names)
    gates = [gate for gate, ins in zip(body.gates, body.inputs, strict=True) if ins]
    elementwise = all(gate.elementwise for gate in gates)
    honest = all(gate.complex is not False for gate in gates)

    def forward(*xs: Array) -> Array:
        return evaluate(body, xs)

    def witness(*xs: Array) -> Array:
        return evaluate(body, xs, witness=True)

    def rule(text: str, graph: Graph, position: int) -> Derivative:
        def slope(z: Array, *xs: Array) -> Array:
            return evaluate(graph, (*xs, z))

        def vjp(dz: Array, z: Array, *xs: Array) -> Array:
            return unbroadcast(dz * slope(z, *xs), np.shape(xs[position]))

        return Derivative(text, slope if elementwise else vjp)

    table = {p: rule(*slopes[p], params.index(p)) for p in params if p in slopes}
    return with_slopes(Gate(
        name=name, formula=f"{name}({', '.join(params)})", inputs=params, forward=forward,
        doc="A function of the program, with the local gradients that it declares.", pattern=Pattern.SCALER,
        local=table if elementwise else {}, vjp={} if elementwise else table,
        complex=witness if honest else False, kink=_kink(body, gates),
    ))  # fmt: skip


def evaluate(graph: Graph, xs: tuple[Array, ...], *, witness: bool = False) -> Array:
    """The output of a graph at other inputs; the graph itself stays as it is."""
    return _values(graph, xs, witness)[graph.output]


def _values(graph: Graph, xs: tuple[Array, ...], witness: bool = False) -> list[Any]:
    values = list(graph.values)
    given = iter(xs)
    for i, (gate, ins) in enumerate(zip(graph.gates, graph.inputs, strict=True)):
        if gate is INPUT:
            values[i] = next(given)
        elif ins:
            function = gate.complex if witness and callable(gate.complex) else gate.forward
            values[i] = function(*[values[j] for j in ins])
    return values


def _kink(body: Graph, gates: list[Gate]) -> Kink | None:
    routers = [gate for gate in gates if gate.kink is not None]
    if not routers:
        return None

    def margin(z: Array, *xs: Array) -> Array:
        values, least = _values(body, xs), np.inf
        for i, (gate, ins) in enumerate(zip(body.gates, body.inputs, strict=True)):
            if ins and gate.kink is not None:
                own = np.min(np.abs(gate.kink.margin(values[i], *[values[j] for j in ins])), initial=np.inf)
                least = min(least, own)
        return least

    rule = "; ".join(sorted({gate.kink.rule for gate in routers if gate.kink is not None}))
    jump = any(gate.kink.jump for gate in routers if gate.kink is not None)
    return Kink("inside its body", rule, margin, jump)
