"""What a mistake is called: the plainest edit first, and no name that fits by accident."""

from __future__ import annotations

from pathlib import Path

from gradcalc.code.given import Given
from gradcalc.code.job import Job, run

LEAKY = """
import numpy as np
def leaky_forward(x):
    return np.maximum(x, 0.1 * x), x
def leaky_backward(da, x):
    return GRADIENT
"""
LOGCOSH = """
import numpy as np
def logcosh_forward(x, scale):
    return np.sum(np.log(np.cosh(x * scale))), (x, scale)
def logcosh_backward(g, saved):
    x, scale = saved
    t = np.tanh(x * scale)
    return GRADIENT
"""


def texts(folder: Path, source: str, gradient: str, target: str, **shapes: tuple[int, ...]) -> list[str]:
    path = folder / "code.py"
    path.write_text(source.replace("GRADIENT", gradient))
    found = run(Job(f"{path}:{target}", Given(shapes=shapes)))
    assert found.verdict == "fail"
    return [m.text for a in found.arguments for m in a.mistakes]


def test_the_upstream_gradient_handed_on_as_it_is(tmp_path: Path) -> None:
    said = texts(tmp_path, LEAKY, "da", "leaky", x=(4, 5))
    assert said == ["dx is the upstream gradient itself: the slope is missing"]


def test_a_minus_is_taken_away_not_doubled(tmp_path: Path) -> None:
    said = texts(tmp_path, LEAKY, "-da * np.where(x > 0, 1.0, 0.1)", "leaky", x=(4, 5))
    assert "line 6: the sign of `-da` is wrong; with `da` it is right" in said
    assert not any("-(-" in text for text in said)


def test_a_turned_slice_is_no_sign(tmp_path: Path) -> None:
    said = texts(tmp_path, LEAKY, "(da * np.where(x > 0, 1.0, 0.1))[::-1]", "leaky", x=(4, 5))
    assert any("is turned round" in text for text in said)
    assert not any("the sign of `-1`" in text for text in said)


def test_a_factor_is_missing_inside_of_a_sum(tmp_path: Path) -> None:
    said = texts(tmp_path, LOGCOSH, "g * t * scale, g * np.sum(t)", "logcosh", x=(5,), scale=())
    assert "line 8: the factor x is missing in `t`; with `t * x` it is right" in said


def test_what_ignores_a_single_upstream_number_is_off_by_no_factor(tmp_path: Path) -> None:
    said = texts(tmp_path, LOGCOSH, "t * scale, g * np.sum(t * x)", "logcosh", x=(5,), scale=())
    assert any("does not change with the upstream gradient" in text for text in said)
    assert not any("times the true gradient" in text for text in said)
