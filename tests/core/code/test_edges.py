"""Python functions at edges: right gradients never fail, planted ones never pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc.numeric import differentiate

Array = Any
FACTORS = (2.0, -1.0, 0.0, 1.001)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


FUNCTIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "exp": (np.exp, np.exp),
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "sin": (np.sin, np.cos),
    "sin(1000x)": (lambda x: np.sin(1000 * x), lambda x: 1000 * np.cos(1000 * x)),
    "tan": (np.tan, lambda x: 1 + np.tan(x) ** 2),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "sigmoid": (sigmoid, lambda x: np.exp(-abs(x)) / (1 + np.exp(-abs(x))) ** 2),
    "sigmoid by its value": (sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x))),
    "square": (lambda x: x * x, lambda x: 2 * x),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2),
    "pole at 1": (lambda x: 1 / (x - 1), lambda x: -1 / (x - 1) ** 2),
    "cube root": (np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2)),
    "softplus": (lambda x: np.logaddexp(0, x), lambda x: np.exp(-np.logaddexp(0, -x))),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "a large constant": (lambda x: 1e10 + x, lambda x: 1 + 0 * x),
}
POINTS = (
    *(0.0, 0.5, -1.0, 1e-300, 1e-200, -1e-60, 1e-20, 1e-8, np.pi / 2, 1 - 1e-9, 10, -37, 100, -700),
    *(1e6, 1e10, 1e100, -1e150, 1e300),
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_at_edges(name: str) -> None:
    """From 1e-300 to 1e300, in saturation and beside poles."""
    f, slope = FUNCTIONS[name]
    alarms, missed = [], []
    for x in POINTS:
        with np.errstate(all="ignore"):
            here, g = f(np.float64(x)), slope(np.float64(x))
        if not np.isfinite([here, g]).all():
            continue
        if gradcalc.check(f, slope, x).verdict == "fail":
            alarms.append(x)
        for by in FACTORS:
            if abs(by * g - g) > 1e-290:
                found = gradcalc.check(f, lambda y, by=by: by * slope(y), x)
                missed += [(x, by)] if found.verdict == "pass" else []
    assert alarms == []
    assert missed == []


@pytest.mark.parametrize("x", [5.0, 10.0, 10.3, 20.0])
def test_digits_lost_in_the_backward_are_no_fault(x: float) -> None:
    """s*(1 - s) is off by as much as s is, and passes; a factor too many in it does not."""
    assert gradcalc.check(*FUNCTIONS["sigmoid by its value"], x).verdict == "pass"
    wrong = gradcalc.check(sigmoid, lambda t: 1.01 * sigmoid(t) * (1 - sigmoid(t)), x)
    assert wrong.verdict == "fail"


@pytest.mark.parametrize("x", [1e12, 1e100, -1e300])
def test_a_wave_shorter_than_every_step_is_not_flat(x: float) -> None:
    """The difference quotients of such a wave are small and agree: that is no slope of 0."""
    slope = differentiate(np.sin, x)
    assert abs(slope.value - np.cos(x)) <= 10 * slope.bar
    along = differentiate(lambda t: np.sin(x * (1 + t)), 0.0)
    assert abs(along.value - x * np.cos(x)) <= 10 * along.bar


@pytest.mark.parametrize("away", [1e-3, 1e-6, 1e-9])
def test_steps_go_below_the_distance_to_a_pole(away: float) -> None:
    """All first steps reach across the pole; smaller ones are tried."""
    slope = differentiate(lambda x: 1 / (x - 1), 1 + away)
    exact = -1 / ((1 + away) - 1) ** 2
    assert abs(slope.value - exact) <= 10 * slope.bar
    assert slope.bar < 1e-2 * abs(exact)
