"""A second witness for gates with a vjp: their backward against complex steps, entry by entry."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcalc.errors import GradcalcError
from gradcalc.gate import Gate, as_value, downstream

H = 1e-100


def sample(shape: int | tuple[int, ...], seed: int = 7) -> Any:
    """Random entries, neither near 0 nor all of one sign."""
    rng = np.random.default_rng(seed)
    return as_value(rng.uniform(0.5, 2.0, shape) * rng.choice([-1.0, 1.0], shape))


def assert_backward(gate: Gate, *inputs: Any, near: float = 1e-12, **params: Any) -> None:
    """The gradient of a random mix of the outputs equals a complex step, entry by entry, type by type."""
    rng = np.random.default_rng(len(inputs))
    xs = tuple(as_value(x) for x in inputs)
    gate = gate.bind(**params)
    step = gate.complex if callable(gate.complex) else gate.forward
    assert gate.complex
    z = gate.forward(*xs)
    assert isinstance(z, np.float64) if np.shape(z) == () else z.dtype == np.float64
    np.testing.assert_allclose(np.real(step(*(x + 0j for x in xs))), z, rtol=near, atol=1e-13)
    dz = as_value(rng.uniform(0.5, 2.0, np.shape(z)) * rng.choice([-1.0, 1.0], np.shape(z)))
    for position, x in enumerate(xs):
        down = downstream(gate, position, dz, z, xs)
        assert np.shape(down) == np.shape(x)
        assert isinstance(down, np.float64 if np.shape(x) == () else np.ndarray)
        want = np.zeros(np.shape(x))
        for place in np.ndindex(np.shape(x)):
            moved = np.array(x, dtype=complex)
            moved[place] += 1j * H
            out = step(*(*xs[:position], moved[()], *xs[position + 1 :]))
            want[place] = np.sum(dz * np.imag(out) / H)
        scale = np.abs(want).max(initial=0.0)
        np.testing.assert_allclose(down, want, rtol=near, atol=near * scale)


def refused(gate: Gate, *inputs: Any, **params: Any) -> GradcalcError:
    """The error that the gate answers with."""
    with pytest.raises(GradcalcError) as caught:
        gate.forward(*(as_value(x) for x in inputs), **params)
    return caught.value
