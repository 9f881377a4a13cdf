"""Every sample, from its file to its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc.session import Question, answer
from test_samples_networks import NAMES as NETWORKS

SAMPLES = Path(__file__).parents[1] / "samples"
NEURON = {"w0": -0.19661193, "x0": 0.39322387, "w1": -0.39322387, "x1": -0.5898358, "w2": 0.19661193}

NUMBERS: dict[str, tuple[float, dict[str, Any]]] = {
    "lecture": (-12, {"x": -4, "y": -4, "z": 3}),
    "sigmoid_gates": (0.7310585786, NEURON),
    "sigmoid_gate": (0.7310585786, NEURON),
    "add_max_mul": (-20, {"x": -8, "y": 6, "z": 2, "w": 0}),
    "fork": (-3, {"x": 2, "y": 3}),
    "squared_norm": (0.116, {"W": [[0.088, 0.176], [0.104, 0.208]], "x": [-0.112, 0.636]}),
    "slip_missing_one": (2.718281828, {"w0": -2.71828183, "x0": 5.43656366, "w1": -5.43656366,
                                       "x1": -8.15484549, "w2": 2.71828183}),
    "slip_relu_input": (0, {"x": 0}),
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_sample(name: str) -> None:
    """The sample's value and gradients are the published ones, and its check passes."""
    value, gradients = NUMBERS[name]
    report = answer(Question((SAMPLES / f"{name}.grad").read_text(encoding="utf-8")))
    output = next(row for row in report.rows if row.id == report.output)
    np.testing.assert_allclose(output.value, value, rtol=1e-9)
    assert set(report.gradients) == set(gradients)
    for key, expected in gradients.items():
        np.testing.assert_allclose(report.gradients[key], expected, rtol=1e-7)
    assert report.check is not None
    assert report.check.verdict == "pass"


def test_relu_4096() -> None:
    """max(0, x) on 4096 entries: the mask of the positive ones."""
    report = answer(Question((SAMPLES / "relu_4096.grad").read_text(encoding="utf-8")))
    x = report.rows[0].value
    assert x.shape == (4096,)
    np.testing.assert_array_equal(report.gradients["x"], x > 0)
    assert report.check is not None
    assert report.check.verdict == "pass"


def test_the_sigmoid_as_one_gate_and_as_five() -> None:
    """Both circuits give the same gradients to the last bit that matters."""
    one, five = (
        gradcalc.graph((SAMPLES / f"sigmoid_gate{s}.grad").read_text(encoding="utf-8")) for s in ("", "s")
    )
    one.forward()
    five.forward()
    a, b = one.backward(), five.backward()
    for name in a:
        assert abs(a[name] - b[name]) <= 4 * np.spacing(abs(a[name]))


def test_every_sample_is_tested() -> None:
    """No program of samples/ is without its numbers, here or in test_samples_networks.py."""
    assert {p.stem for p in SAMPLES.glob("*.grad")} == {*NUMBERS, "relu_4096", *NETWORKS}
