"""The hard cases on which checkers cry wolf or sleep: 21 right gradients and 8 wrong ones.

Each is a function of numpy with its gradient, and the same as a program with a declared gradient. They are
the cases of a study of seven checkers in float64, whose default rules accuse up to 9 of the right ones and
pass up to 5 of the wrong ones. The tests hold gradcalc against them, and the benchmark other checkers too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = Any


class Case(NamedTuple):
    """A function, its gradient (right or wrong), a point, and both as text in one variable or two."""

    name: str
    f: Callable[[Array], Array]
    gradient: Callable[[Array], Array]
    x: float | tuple[float, ...]
    body: str
    slopes: tuple[str, ...]
    kink: bool = False

    def program(self) -> str:
        """The function with its gradient declared."""
        names = "xyz"[: len(self.slopes)]
        declared = ", ".join(f"d{n} = {text}" for n, text in zip(names, self.slopes, strict=True))
        return f"h({','.join(names)}) = {self.body} with {declared}; h({','.join(names)})"

    def inputs(self) -> dict[str, float]:
        """The point by name."""
        xs = self.x if isinstance(self.x, tuple) else (self.x,)
        return dict(zip("xyz", xs, strict=False))


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def one(name: str, f: Any, df: Any, x: float, body: str, slope: str, kink: bool = False) -> Case:
    return Case(name, f, df, x, body, (slope,), kink)


RELU = (lambda x: np.maximum(0, x), lambda x: np.float64(x > 0))
RIGHT = [
    Case(
        "(x+y)*z",
        lambda v: (v[0] + v[1]) * v[2],
        lambda v: np.array([v[2], v[2], v[0] + v[1]]),
        (-2.0, 5.0, -4.0),
        "(x+y)*z",
        ("z", "z", "x+y"),
    ),
    one("sigmoid(1)", sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x)), 1.0, "sigmoid(x)", "h*(1-h)"),
    one(
        "sigmoid(20)",
        sigmoid,
        lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2,
        20.0,
        "sigmoid(x)",
        "exp(-x)/(1+exp(-x))^2",
    ),
    one("x^3 at 1e6", lambda x: x**3, lambda x: 3 * x**2, 1e6, "x^3", "3*x^2"),
    one("x^2 at 1e9", lambda x: x**2, lambda x: 2 * x, 1e9, "x^2", "2*x"),
    one("1e10 + x", lambda x: 1e10 + x, lambda x: 1.0 + 0 * x, 1.0, "1e10 + x", "1"),
    one("1e6 + x^2", lambda x: 1e6 + x**2, lambda x: 2 * x, 1.0, "1e6 + x^2", "2*x"),
    one("log at 1e-4", np.log, lambda x: 1 / x, 1e-4, "log(x)", "1/x"),
    one("sqrt at 1e-6", np.sqrt, lambda x: 0.5 / np.sqrt(x), 1e-6, "sqrt(x)", "0.5/sqrt(x)"),
    one("1/x at 1e-3", lambda x: 1 / x, lambda x: -1 / x**2, 1e-3, "1/x", "-1/x^2"),
    one(
        "sin(1000x)",
        lambda x: np.sin(1000 * x),
        lambda x: 1000 * np.cos(1000 * x),
        1.0,
        "sin(1000*x)",
        "1000*cos(1000*x)",
    ),
    one("relu at 0", *RELU, 0.0, "max(0, x)", "x > 0", True),
    one("relu at 1e-6", *RELU, 1e-6, "max(0, x)", "x > 0"),
    one("relu at -1e-6", *RELU, -1e-6, "max(0, x)", "x > 0"),
    one("abs at 0", np.abs, np.sign, 0.0, "abs(x)", "sign(x)", True),
    Case(
        "max at a tie, first",
        np.max,
        lambda v: np.eye(len(v))[np.argmax(v)],
        (2.0, 2.0),
        "max(x, y)",
        ("x >= y", "y > x"),
        True,
    ),
    Case(
        "max at a tie, half",
        np.max,
        lambda v: (v == v.max()) / np.sum(v == v.max()),
        (2.0, 2.0),
        "max(x, y)",
        ("(x > y) + (x == y)/2", "(y > x) + (x == y)/2"),
        True,
    ),
    one("x*abs(x) at 0", lambda x: x * np.abs(x), lambda x: 2 * np.abs(x), 0.0, "x*abs(x)", "2*abs(x)"),
    one(
        "abs(x)^3 at 0", lambda x: np.abs(x) ** 3, lambda x: 3 * x * np.abs(x), 0.0, "abs(x)^3", "3*x*abs(x)"
    ),
    one("tanh at 19", np.tanh, lambda x: 1 / np.cosh(x) ** 2, 19.0, "tanh(x)", "1/cosh(x)^2"),
    one("x at 1e-12", lambda x: x**2, lambda x: 2 * x, 1e-12, "x^2", "2*x"),
]
WRONG = [
    one("1e-6 x^2, factor 2", lambda x: 1e-6 * x**2, lambda x: 4e-6 * x, 1.0, "1e-6*x^2", "4e-6*x"),
    one("1e-4 x^2, sign", lambda x: 1e-4 * x**2, lambda x: -2e-4 * x, 0.01, "1e-4*x^2", "-2e-4*x"),
    one("sigmoid(20), zero", sigmoid, lambda x: 0.0 * x, 20.0, "sigmoid(x)", "0"),
    one("sigmoid(-14), 1-s lost", sigmoid, sigmoid, -14.0, "sigmoid(x)", "h"),
    one("x^2, 0.05 % off", lambda x: x**2, lambda x: 2.001 * x, 1.5, "x^2", "2.001*x"),
    one("x^2, 5 % off", lambda x: x**2, lambda x: 2.1 * x, 1.5, "x^2", "2.1*x"),
    one("abs at 0, slope 1.5", np.abs, lambda x: 1.5 + 0 * x, 0.0, "abs(x)", "1.5"),
    Case(
        "max at a tie, both in full",
        np.max,
        lambda v: np.float64(v == v.max()),
        (2.0, 2.0),
        "max(x, y)",
        ("x >= y", "y >= x"),
    ),
]
