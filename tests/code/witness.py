"""An independent witness for the corpus: central differences in plain numpy."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from convention import Code, Gradients, Values, draw, layer, layer_class, loss, network, pair
from frameworks import jax_code, torch_code
from planting import Setup

STEP = 1e-5
TOLERANCE = 1e-6  # of the largest entry


class Slopes(NamedTuple):
    """One-sided slopes by input, and how far round-off moves them."""

    left: Gradients
    right: Gradients
    noise: float

    def central(self, name: str) -> Any:
        """The mean of both sides."""
        return (self.left[name] + self.right[name]) / 2

    def agrees(self, given: Any, name: str, tolerance: float) -> bool:
        """The same shape and the same numbers as the central differences."""
        slope = self.central(name)
        if given is None or np.shape(given) != slope.shape:
            return False
        error = np.max(np.abs(np.asarray(given, dtype=float) - slope), initial=0.0)
        return bool(error <= tolerance * np.max(np.abs(slope), initial=0.0) + self.noise)

    def between(self, given: Any, name: str) -> bool:
        """Within both slopes at every entry: a valid slope at a kink."""
        low = np.minimum(self.left[name], self.right[name]) - 1e-4
        high = np.maximum(self.left[name], self.right[name]) + 1e-4
        return bool(np.all((low <= given) & (given <= high)))


class Outcome(NamedTuple):
    """One forward pass and two backward passes.

    `mutated` names the inputs and upstream gradients that were changed, `error` is what backward raised.
    """

    outputs: tuple[Any, ...]
    upstream: tuple[Any, ...]
    gradients: Gradients
    again: Gradients
    mutated: tuple[str, ...]
    error: Exception | None


TAKES_NO_UPSTREAM = ("loss", "pair", "network")
KINDS: Mapping[str, Callable[[ModuleType, str, Setup], Code]] = {
    "layer": layer,
    "loss": loss,
    "pair": pair,
    "class": layer_class,
    "network": network,
    "torch": torch_code,
    "jax": jax_code,
}


def start(module: ModuleType, target: str, setup: Setup, seed: int = 0) -> tuple[Code, Values]:
    """A target and its inputs; a network's parameters are inputs too, as its constructor drew them."""
    inputs = draw(setup, seed)
    np.random.seed(seed)
    code = KINDS[setup.kind](module, target, setup)
    return code, inputs | dict(code.own)


def forward(code: Code, inputs: Values) -> tuple[tuple[Any, ...], Any]:
    """A forward pass from the same random state every time."""
    np.random.seed(1)
    return code.forward(copy.deepcopy(inputs))


def run(code: Code, inputs: Values, seed: int = 0, *, alone: bool = False) -> Outcome:
    """Forward, then backward twice with a random upstream gradient (1 where the code takes none: `alone`)."""
    np.random.seed(1)
    given = copy.deepcopy(inputs)
    outputs, cache = code.forward(given)
    rng = np.random.default_rng(seed + 1000)
    shapes = [np.shape(out) for out in outputs]
    upstream = tuple(np.float64(1) if alone else np.asarray(rng.normal(size=s))[()] for s in shapes)
    passed = copy.deepcopy(upstream)
    try:
        gradients = copy.deepcopy(code.backward(passed, cache))
        again = copy.deepcopy(code.backward(copy.deepcopy(upstream), cache))
    except Exception as error:
        return Outcome(outputs, upstream, {}, {}, (), error)
    mutated = [name for name, value in inputs.items() if not np.array_equal(value, given[name])]
    mutated += ["upstream" for u, p in zip(upstream, passed, strict=True) if not np.array_equal(u, p)]
    return Outcome(outputs, upstream, gradients, again, tuple(mutated), None)


def numeric(
    code: Code, inputs: Values, upstream: tuple[Any, ...], wrt: tuple[str, ...], step: float = STEP
) -> Slopes:
    """Differences of the outputs weighted by upstream, for every entry of every input of `wrt`."""

    def total(moved: Values) -> float:
        outputs, _ = forward(code, moved)
        return float(sum(np.sum(np.multiply(out, u)) for out, u in zip(outputs, upstream, strict=True)))

    here = total(inputs)
    left: Gradients = {}
    right: Gradients = {}
    for name in wrt:
        value = np.asarray(inputs[name], dtype=float)
        left[name], right[name] = np.zeros(value.shape), np.zeros(value.shape)
        for index in np.ndindex(value.shape):
            for slopes, side in ((left, -step), (right, step)):
                moved = value.copy()
                moved[index] += side
                there = total(inputs | {name: moved if value.ndim else float(moved)})
                slopes[name][index] = (there - here) / side
    return Slopes(left, right, 1e-15 * (1 + abs(here)) / step)


def wrong(gradients: Gradients, slopes: Slopes, tolerance: float = TOLERANCE) -> tuple[str, ...]:
    """Inputs whose gradient is missing, of another shape, or off by more than the tolerance."""
    return tuple(name for name in slopes.left if not slopes.agrees(gradients.get(name), name, tolerance))
