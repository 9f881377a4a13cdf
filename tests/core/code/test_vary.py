"""Other points and parameters than those that were asked for: what the friendly ones hide."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcalc.code.given import Given
from gradcalc.code.job import Job, run

CODE = """
import numpy as np

def windows_forward(x, w, stride=1, mode="train"):
    starts = range(0, x.shape[1] - len(w) + 1, stride)
    out = np.stack([x[:, i : i + len(w)] @ w for i in starts], axis=1)
    return (out if mode == "train" else 2 * out), (x, w, stride, mode)

def windows_backward(dout, cache):
    x, w, stride, mode = cache
    {test}
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for k in range(dout.shape[1]):
        i = {start}
        dx[:, i : i + len(w)] += dout[:, k : k + 1] * w
        dw += dout[:, k] @ x[:, i : i + len(w)]
    return dx, dw

def clipped(x, margin=1.0):
    far = np.abs(x) > 5
    value = np.sum(np.where(far, 10 * np.abs(x) - 25, x**2)) + margin**2 * np.sum(x)
    return value, {slope}

def norm_forward(x, gamma, bn_param):
    if bn_param["mode"] == "test":
        return gamma * x, None
    std = np.sqrt(x.var(axis=0) + 1e-5)
    xhat = (x - x.mean(axis=0)) / std
    return gamma * xhat, (xhat, gamma, std)

def norm_backward(dout, cache):
    xhat, gamma, std = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - xhat * (d * xhat).mean(axis=0)) / std
    return dx, (dout * xhat).sum(axis=0)
"""
RIGHT = {
    "test": 'dout = dout if mode == "train" else 2 * dout',
    "start": "k * stride",
    "slope": "np.where(far, 10 * np.sign(x), 2 * x) + margin**2",
}


def varied(tmp_path: Path, target: str, shapes: dict[str, tuple[int, ...]], **wrong: str) -> tuple[str, str]:
    """The verdict, and the variation that showed it."""
    code = CODE
    for key, text in {**RIGHT, **wrong}.items():
        code = code.replace("{" + key + "}", text)
    path = tmp_path / "hw.py"
    path.write_text(code, encoding="utf-8")
    plain = run(Job(f"{path}:{target}", Given(shapes=shapes)))
    assert plain.verdict == "pass", plain
    found = run(Job(f"{path}:{target}", Given(shapes=shapes), vary=True))
    return found.verdict, found.case


WINDOWS = {"x": (2, 7), "w": (3,)}


@pytest.mark.parametrize(
    ("target", "shapes", "wrong", "case"),
    [
        ("windows", WINDOWS, {"start": "k"}, "stride=2"),
        ("windows", WINDOWS, {"test": "pass"}, "mode=test"),
        ("clipped", {"x": (4,)}, {"slope": "2 * x + margin**2"}, "x ten times as large"),
        ("clipped", {"x": (4,)}, {"slope": RIGHT["slope"].replace("**2", "")}, "margin=0.6"),
    ],
)
def test_what_defaults_hide(
    tmp_path: Path, target: str, shapes: dict[str, tuple[int, ...]], wrong: dict[str, str], case: str
) -> None:
    """Parameters that nobody gave are varied, too, and arrays with one axis are made larger."""
    assert varied(tmp_path, target, shapes, **wrong) == ("fail", case)


@pytest.mark.parametrize(
    ("target", "shapes"),
    [("windows", WINDOWS), ("clipped", {"x": (4,)}), ("norm", {"x": (6, 3), "gamma": (3,)})],
)
def test_right_code_stays_right(tmp_path: Path, target: str, shapes: dict[str, tuple[int, ...]]) -> None:
    """Also where a mode has no backward, because the forward keeps nothing for it."""
    assert varied(tmp_path, target, shapes) == ("pass", "")
