"""A second witness for elementwise gates: their own slope, the complex step, equality to the last place."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcalc.gate import Gate

EPS = 2.0**-52


def f(x: Any) -> Any:
    """A value as the engine carries it: np.float64 for a scalar."""
    return np.float64(x) if np.ndim(x) == 0 else np.asarray(x, dtype=np.float64)


def slope(gate: Gate, *xs: object, of: str | None = None, **params: object) -> Any:
    """The gate's own slope for one input, by default its first."""
    gate = gate.bind(**params)
    values = [f(x) for x in xs]
    return gate.local[of or gate.inputs[0]].code(gate.forward(*values), *values)


def step(gate: Gate, *xs: object, of: str | None = None, h: float = 1e-100, **params: object) -> Any:
    """The same slope by the complex step, with h relative to the entry: the function, and no derivative."""
    gate = gate.bind(**params)
    values = [f(x) for x in xs]
    k = gate.inputs.index(of or gate.inputs[0])
    move = h * np.where(values[k] == 0.0, 1.0, abs(values[k]))
    values[k] = values[k] + 1j * move
    function: Any = gate.forward if gate.complex is True else gate.complex
    return np.imag(function(*values)) / move


def near(found: Any, wanted: Any, rtol: float = 4 * EPS, atol: float = 0.0) -> None:
    """Equal to a few units in the last place, in every entry and in shape."""
    assert np.shape(found) == np.shape(wanted)
    np.testing.assert_allclose(f(found), f(wanted), rtol=rtol, atol=atol)


def inside(gate: Gate, points: list[float]) -> Any:
    """Those of the points at which the gate is defined, without its kinks."""
    x = f(points)
    if gate.domain is not None:
        x = x[gate.domain.holds(x)]
    if gate.kink is not None:
        x = x[np.broadcast_to(gate.kink.margin(gate.forward(x), x) != 0.0, x.shape)]
    return x
