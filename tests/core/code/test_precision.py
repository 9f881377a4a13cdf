"""Code that casts its inputs or results inside: judged by the precision that its numbers show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc.code.precision import shown

X = np.random.default_rng(3).normal(size=6)
NOTE = "it computes in {}, and is judged by that precision"


def single(x: Any) -> Any:
    """All of it in float32, and handed out as float64."""
    y = np.asarray(x, dtype=np.float32)
    return np.float64(np.sum(y * np.exp(y)))


def slope(x: Any, factor: float = 1.0) -> Any:
    """Its gradient, likewise."""
    y = np.asarray(x, dtype=np.float32)
    return ((1 + y) * np.exp(y) * np.float32(factor)).astype(float)


def summed_in_double(x: Any) -> Any:
    """Only the entries are single."""
    return np.sum(np.exp(np.asarray(x, dtype=np.float32)).astype(float) ** 2)


def half(x: Any) -> Any:
    """float16 inside."""
    y = np.asarray(x, dtype=np.float16)
    return (y * y).astype(float).sum()


@pytest.mark.parametrize("x", [X, np.array([1.0, 2.0, -3.0])], ids=["digits", "whole"])
def test_a_cast_to_single(x: Any) -> None:
    """Right code passes and says so; one that is wrong by a percent fails."""
    found = gradcalc.check(single, slope, x)
    assert found.verdict == "pass"
    assert NOTE.format("float32") in found.notes
    assert gradcalc.check(single, lambda x: slope(x, 1.01), x).verdict == "fail"


def test_a_cast_of_the_inputs_alone() -> None:
    """Its value jumps half-way between two numbers of single precision."""
    found = gradcalc.check(summed_in_double, lambda x: 2 * np.exp(2 * x), X)
    assert (found.verdict, NOTE.format("float32") in found.notes) == ("pass", True)


def test_a_cast_to_half() -> None:
    """Differences say little there, and are not taken for a failure."""
    found = gradcalc.check(half, lambda x: 2 * np.asarray(x, dtype=np.float16).astype(float), X)
    assert found.verdict in ("pass", "noise")
    assert NOTE.format("float16") in found.notes


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(x**3),
        lambda x: 1e9 + np.sum(x),
        lambda x: np.sum(np.round(256 * x) / 256),
        lambda x: np.sum(np.sign(x)),
        lambda x: np.float64(7.0),
        lambda x: np.sum(x > 0) / 4,
    ],
    ids=["cube", "absorbed", "quantised", "signs", "constant", "count"],
)
def test_what_is_no_cast(f: Any) -> None:
    """Large offsets, quantisers and short numbers are none."""

    class Runner:
        left = 1.0

        def ask(self, do: str, stage: str, **given: Any) -> Any:
            return {"values": [np.asarray(f(X + given["shift"]["x"]))]}

    assert shown(Runner(), {"x": X}, [np.ones(6)]) is None
