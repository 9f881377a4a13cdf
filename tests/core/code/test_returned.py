"""What a backward returns, and what nobody can judge: its own answer each, and never a false verdict."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradcalc import check
from gradcalc.code.given import Given
from gradcalc.code.job import Job, run
from gradcalc.code.record import Examined

CODE = """
import numpy as np

def mixed_forward(x, w): return x @ w, (x, w)
def mixed_backward(dout, cache):
    x, w = cache
    return dout @ w.T, {"w": x.T @ dout}

def wrong_forward(x, w): return x @ w, (x, w)
def wrong_backward(dout, cache):
    x, w = cache
    return dout @ w.T, {"w": 2 * x.T @ dout}

def closure(x, w):
    return x @ w, lambda dout: (dout @ w.T, x.T @ dout)

def half_closure(x, w):
    return x @ w, lambda dout: (dout @ w.T, x.T @ dout / 2)

def late_forward(x, w): return x @ w, (x, w)
def late_backward(dout, cache): return lambda d: d

def empty_forward(x, w): return x @ w, None
def empty_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout

def free_forward(x, w): return x @ w + np.random.default_rng().normal(), (x, w)
def free_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout

def loose_forward(x, w): return x @ w, (x, w)
def loose_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout * (1 + 1e-3 * np.random.default_rng().normal())
"""


def examined(tmp_path: Path, target: str) -> Examined:
    """The verdict on one target."""
    path = tmp_path / "hw.py"
    path.write_text(CODE, encoding="utf-8")
    return run(Job(f"{path}:{target}", Given(shapes={"x": (3, 4), "w": (4, 2)})))


@pytest.mark.parametrize(
    ("target", "verdicts"),
    [
        ("mixed", ["pass", "pass"]),
        ("wrong", ["pass", "fail"]),
        ("closure", ["pass", "pass"]),
        ("half_closure", ["pass", "fail"]),
    ],
)
def test_ways_to_return(tmp_path: Path, target: str, verdicts: list[str]) -> None:
    """A dictionary beside an array, and a function of the upstream gradient."""
    assert [a.verdict for a in examined(tmp_path, target).arguments] == verdicts


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("late", "what comes back as the gradient of x is a function, not an array"),
        ("empty", "the forward returns None for the cache: nothing to go back with"),
    ],
)
def test_nothing_to_judge(tmp_path: Path, target: str, said: str) -> None:
    """No gradient comes back: that is no wrong one."""
    found = examined(tmp_path, target)
    assert (found.verdict, found.arguments) == ("error", ())
    assert found.notes[0].startswith(said)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("free", "not deterministic: the same input gives different values (by up to "),
        ("loose", "not deterministic: the backward gives different gradients at the same point (by up to "),
    ],
)
def test_another_answer_each_time(tmp_path: Path, target: str, said: str) -> None:
    """It fails for that alone: no gradient is compared with anything, and nobody speaks of rounding."""
    found = examined(tmp_path, target)
    assert (found.verdict, found.arguments) == ("fail", ())
    assert found.notes[0].startswith(said)


DROPOUT = """
import numpy as np

def drop_forward(x, w):
    mask = np.random.rand(*x.shape) > 0.5
    return (x * mask) @ w, (x, w, mask)

def drop_backward(dout, cache):
    x, w, mask = cache
    return dout @ w.T * {mask}, (x * mask).T @ dout
"""


@pytest.mark.parametrize(
    ("mask", "verdict"), [("mask", "pass"), ("(np.random.rand(*x.shape) > 0.5)", "fail")]
)
def test_a_mask_is_remembered(tmp_path: Path, mask: str, verdict: str) -> None:
    """A backward that draws another one is wrong, though every call is seeded."""
    path = tmp_path / "hw.py"
    path.write_text(DROPOUT.format(mask=mask), encoding="utf-8")
    found = run(Job(f"{path}:drop", Given(shapes={"x": (3, 4), "w": (4, 2)}), mend=False))
    assert (found.verdict, found.arguments[0].verdict) == (verdict, verdict)


def test_a_slope_without_end() -> None:
    """Where no number is the slope, 0 is not: neither pass nor a wrong number."""
    x = np.array([0.0, 1.0, -2.0])

    def safe(x: np.ndarray) -> np.ndarray:
        return np.where(x == 0, 1.0, np.abs(x))

    found = check(lambda x: np.sum(np.sqrt(np.abs(x))), lambda x: 0.5 * np.sign(x) / np.sqrt(safe(x)), x)
    assert found.verdict == "nonfinite"
    assert "the slope at [0] is not finite" in found.arguments[0].notes[0]
    found = check(lambda x: np.sum(np.cbrt(x)), lambda x: (x != 0) / 3 / np.cbrt(safe(x)) ** 2, x)
    assert found.verdict == "nonfinite"
    steep = check(lambda x: np.sum(np.tanh(1e9 * x)), lambda x: 1e9 / np.cosh(1e9 * x) ** 2, x * 1e-9)
    assert steep.verdict == "pass"
