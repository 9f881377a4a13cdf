"""Arrays that factors and terms of a gradient are usually made of, each with its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from ...gate import Array
from .pair import Clues


class Form(NamedTuple):
    """A named array; `point` tells which value it was taken at ("x", "the output"), `slope` by what form."""

    text: str
    array: Array
    point: str = ""
    slope: str = ""


# Slopes as functions of the value that they are taken at, as people write them.
SLOPES: dict[str, Callable[[Array], Array]] = {
    "{} * (1 - {})": lambda v: v * (1 - v),
    "1 - {}^2": lambda v: 1 - v * v,
    "1 - {}": lambda v: 1 - v,
    "1 + {}": lambda v: 1 + v,
    "{}^2": lambda v: v * v,
    "1/{}": lambda v: 1 / v,
    "1/{}^2": lambda v: 1 / (v * v),
    "sqrt({})": lambda v: np.sqrt(v),
    "1/sqrt({})": lambda v: 1 / np.sqrt(v),
    "exp({})": lambda v: np.exp(v),
    "exp(-{})": lambda v: np.exp(-v),
    "cos({})": lambda v: np.cos(v),
    "sin({})": lambda v: np.sin(v),
    "log({})": lambda v: np.log(v),
    "sigmoid({})": lambda v: 1 / (1 + np.exp(-v)),
    "tanh({})": lambda v: np.tanh(v),
    "1 - tanh({})": lambda v: 1 - np.tanh(v),
    "1 - tanh({})^2": lambda v: 1 - np.tanh(v) ** 2,
    "sigmoid({}) * (1 - sigmoid({}))": lambda v: np.exp(-v) / (1 + np.exp(-v)) ** 2,
    "1 - sigmoid({})": lambda v: 1 / (1 + np.exp(v)),
    "sign({})": lambda v: np.sign(v),
}
MASKS: dict[str, Callable[[Array], Array]] = {"{} > 0": lambda v: v > 0, "{} < 0": lambda v: v < 0}


def points(clues: Clues) -> Iterator[tuple[str, Array]]:
    """The values that there are: inputs, outputs, the upstream gradients."""
    for name, value in clues.values.items():
        if name not in clues.integers and isinstance(value, (np.ndarray, np.floating)):
            yield name, np.asarray(value, dtype=float)
    several = len(clues.outputs) > 1
    for k, output in enumerate(clues.outputs):
        yield (f"output {k}" if several else "the output"), np.asarray(output, dtype=float)


def forms(clues: Clues, shape: tuple[int, ...]) -> list[Form]:
    """The factors that a gradient of this shape may be made of: whatever broadcasts to it."""
    found: list[Form] = []
    with np.errstate(all="ignore"):
        for name, value in points(clues):
            for array in _fitting(value, shape):
                found.append(Form(name, array, name, "{}"))
                for text, slope in SLOPES.items():
                    found.append(Form(text.replace("{}", name), slope(array), name, text))
            found += _spreads(name, value, shape)
        for k, u in enumerate(clues.upstreams):
            name = "the upstream gradient" if len(clues.upstreams) == 1 else f"upstream gradient {k}"
            found += [Form(name, array) for array in _fitting(np.asarray(u), shape)]
    return [f for f in found if np.all(np.isfinite(f.array)) and np.ptp(f.array) > 0]


def masks(clues: Clues, shape: tuple[int, ...]) -> list[Form]:
    """The places that a mask may mean."""
    found = []
    for name, value in points(clues):
        for array in _fitting(value, shape):
            for text, mask in MASKS.items():
                found.append(Form(text.replace("{}", name), np.broadcast_to(mask(array), shape)))
    return found


def _fitting(value: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    if value.ndim == 0 or value.size == 1:
        if not shape:
            yield value.reshape(())
        return
    try:
        if np.broadcast_shapes(value.shape, shape) == shape:
            yield np.broadcast_to(value, shape)
            return
    except ValueError:
        pass
    # A value for each row, or one that was flattened.
    if value.ndim < len(shape) and value.shape == shape[: value.ndim]:
        yield np.broadcast_to(value.reshape(*value.shape, *(1,) * (len(shape) - value.ndim)), shape)
    elif value.size == int(np.prod(shape)):
        yield value.reshape(shape)


def _spreads(name: str, value: Array, shape: tuple[int, ...]) -> list[Form]:
    """Standard deviations and their like, over each axis."""
    found: list[Form] = []
    if value.shape != shape or value.ndim < 2:
        return found
    axes: list[tuple[int, ...]] = [(k,) for k in range(value.ndim)]
    if value.ndim == 4:
        axes += [(0, 2, 3), (1, 2, 3)]
    for axis in axes:
        var = value.var(axis=axis, keepdims=True)
        std = np.sqrt(var)
        if np.all(std > 0):
            over = f"over axis {axis[0]}" if len(axis) == 1 else f"over axes {axis}"
            found += [
                Form(f"the standard deviation of {name} {over}", np.broadcast_to(std, shape)),
                Form(f"the variance of {name} {over}", np.broadcast_to(var, shape)),
            ]
    return found
