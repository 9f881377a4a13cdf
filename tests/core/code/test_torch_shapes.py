"""Gradients that torch.autograd.Functions give in other shapes, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcalc.code.given import Given
from gradcalc.code.job import Job, run

pytest.importorskip("torch", reason="torch is an optional peer, and not installed here")

CODE = """
import torch

class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta):
        ctx.beta = beta
        return beta * x

    @staticmethod
    def backward(ctx, g):
        return g * ctx.beta, None

class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w)
        return x @ w.t() + b

    @staticmethod
    def backward(ctx, go):
        x, w = ctx.saved_tensors
        return go @ w, go.t() @ x, go.sum(0)
"""


def judged(folder: Path, target: str, given: dict[str, Any], old: str = "", new: str = "", **how: Any) -> Any:
    assert old in CODE
    path = folder / "code.py"
    path.write_text(CODE.replace(old, new) if old else CODE)
    return run(Job(f"{path}:{target}", Given(given), **how))


LINEAR = {"x": "randn(5,4)", "w": "randn(3,4)", "b": "randn(3)"}


def test_a_number_without_gradient_is_a_setting(tmp_path: Path) -> None:
    found = judged(tmp_path, "Scaled", {"x": "randn(4)", "beta": np.float64(1.3)})
    assert found.verdict == "pass"
    assert [a.name for a in found.arguments] == ["x"]
    assert "beta gets no gradient (None): taken for a setting" in found.notes


def test_it_fails_where_its_gradient_is_asked_for(tmp_path: Path) -> None:
    found = judged(tmp_path, "Scaled", {"x": "randn(4)", "beta": np.float64(1.3)}, wrt=("beta",))
    assert found.verdict == "fail"


def test_an_array_without_gradient_fails(tmp_path: Path) -> None:
    found = judged(tmp_path, "Linear", LINEAR, "go.sum(0)", "None")
    assert found.verdict == "fail"
    assert [(a.name, a.verdict) for a in found.arguments][-1] == ("b", "fail")


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [("go.t() @ x", "x.t() @ go", "transposed"), ("go.sum(0)", "go.sum()", "not-summed")],
)
def test_a_shape_that_torch_refuses_is_named(old: str, new: str, name: str, tmp_path: Path) -> None:
    found = judged(tmp_path, "Linear", LINEAR, old, new)
    assert found.verdict == "fail"
    (wrong,) = [a for a in found.arguments if a.verdict == "fail"]
    assert name in {m.name for m in wrong.mistakes}


def test_what_torch_sums_over_broadcast_axes_passes(tmp_path: Path) -> None:
    assert judged(tmp_path, "Linear", LINEAR, "go.sum(0)", "go").verdict == "pass"
