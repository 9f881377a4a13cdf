"""What a mistake is called: the plainest edit first, and no name that fits by accident."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

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


LAYER = """
import numpy as np
class Mul:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y
    def backward(self, dz):
        return GRADIENT
class Start:
    def forward(self, x):
        self.x = x
        return x[0] * x[0]
    def backward(self, dz):
        dx = START(self.x)
        dx[0] += 2 * dz * self.x[0]
        return dx
class Net:
    def __init__(self):
        self.params = {"W": np.ones((4, 3))}
    def loss(self, x, t):
        return float(np.sum((x @ self.params["W"])[np.arange(len(t)), t]))
    def gradient(self, x, t):
        return {"W": x @ np.ones((3, 3))}
"""


def judged(folder: Path, target: str, gradient: str = "", start: str = "np.zeros_like", **given: Any) -> Any:
    path = folder / "code.py"
    path.write_text(LAYER.replace("GRADIENT", gradient).replace("START", start))
    return run(Job(f"{path}:{target}", Given(given)))


def test_an_edit_must_hold_at_another_point(tmp_path: Path) -> None:
    """At x = 3 and y = 4 the y that is missing could as well be x + 1."""
    found = judged(tmp_path, "Mul", "dz * self.x, dz * self.x", x=np.float64(3), y=np.float64(4))
    said = [m.text for m in found.arguments[0].mistakes]
    assert "line 8: `self.x` stands where self.y belongs; with `self.y` it is right" in said
    assert not any("term" in text for text in said)


def test_a_sum_that_starts_at_one(tmp_path: Path) -> None:
    found = judged(tmp_path, "Start", start="np.ones_like", x=np.array([1.5, 2.0, -1.0]))
    said = [m.text for m in found.arguments[0].mistakes]
    assert any(text.startswith("line 14: `np.ones_like(self.x)`: zeros_like belongs here") for text in said)


def test_a_backward_that_breaks_down_is_no_fault_of_the_forward(tmp_path: Path) -> None:
    found = judged(tmp_path, "Net", x="randn(5,4)", t=np.array([0, 2, 1, 1, 0]))
    assert found.verdict == "fail"
    assert any(note.startswith("the backward fails: ValueError") for note in found.notes)


def test_one_length_for_another_is_a_factor(tmp_path: Path) -> None:
    source = "import numpy as np\ndef loss(x):\n    N = len(x)\n    return (x**2).sum() / N, GRADIENT\n"
    path = tmp_path / "code.py"
    path.write_text(source.replace("GRADIENT", "2 * x / x.size"))
    (found,) = run(Job(f"{path}:loss", Given(shapes={"x": (4, 3)}))).arguments
    text = "line 4: `x.size` stands where N belongs; with `N` it is right"
    assert [m.name for m in found.mistakes if m.text == text] == ["factor"]
