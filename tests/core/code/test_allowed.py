"""What is declared: inputs that are never moved, and code that writes into what it is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcalc.code.given import Given
from gradcalc.code.job import Job, run
from gradcalc.code.record import Examined
from gradcalc.errors import GradcalcError

CODE = """
import numpy as np

def relu_forward(x):
    return np.maximum(x, 0), x
def relu_backward(dout, x):
    dout[x <= 0] = 0
    return {factor} * dout

def doubled(x):
    x *= 2
    return np.sum(x**2), {factor} * 4 * x

def masked(x, mask, w):
    return np.sum(x * mask * w), (mask * w, {factor} * x * mask)

def by_name(x, mask, w):
    return np.sum(x * mask * w), {"x": mask * w, "mask": x * w, "w": {factor} * x * mask}

def all_three(x, mask, w):
    return np.sum(x * mask * w), (mask * w, 0 * mask, {factor} * x * mask)

def handed(f):
    def inner(*args, **kwargs):
        return f(*args, **kwargs)
    return inner

@handed
def scaled_forward(x, w, mask):
    return x * w * mask, x, w, mask
@handed
def scaled_backward(dout, *cache):
    x, w, mask = cache
    return dout * w * mask, {factor} * dout * x * mask, None
"""


def examined(tmp_path: Path, target: str, factor: int = 1, **how: Any) -> Examined:
    """The verdict on one target."""
    path = tmp_path / "hw.py"
    path.write_text(CODE.replace("{factor}", str(factor)), encoding="utf-8")
    one = target in ("relu", "doubled")
    given = Given(
        shapes={"x": (4,)} if one else {"x": (4,), "w": (4,)},
        typed={} if one else {"mask": np.array([1.0, 0.0, 1.0, 1.0])},
    )
    return run(Job(f"{path}:{target}", given, **how))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("relu", "the backward writes into the upstream gradient"),
        ("doubled", "the forward writes into its input x"),
    ],
)
def test_mutation(tmp_path: Path, target: str, said: str) -> None:
    """It fails by itself; allowed, the numbers decide, and it is told all the same."""
    plain = examined(tmp_path, target)
    assert (plain.verdict, plain.notes[0]) == ("fail", said)
    allowed = examined(tmp_path, target, allow=("mutation",))
    assert allowed.verdict == "pass"
    assert f"{said}, which is allowed" in allowed.notes
    assert examined(tmp_path, target, 2, allow=("mutation",)).verdict == "fail"


@pytest.mark.parametrize("target", ["masked", "by_name", "all_three", "scaled"])
@pytest.mark.parametrize("vary", [False, True])
def test_fixed_inputs(tmp_path: Path, target: str, vary: bool) -> None:
    """No gradient belongs to them, whether one comes back or not; varied, they keep their kind of numbers."""
    right = examined(tmp_path, target, fixed=("mask",), vary=vary)
    assert (right.verdict, [a.name for a in right.arguments]) == ("pass", ["x", "w"])
    wrong = examined(tmp_path, target, 2, fixed=("mask",), vary=vary)
    assert [a.verdict for a in wrong.arguments] == ["pass", "fail"]


def test_nothing_else_is_allowed(tmp_path: Path) -> None:
    """Unknown words and names are errors."""
    with pytest.raises(GradcalcError, match="there is no laziness to allow"):
        examined(tmp_path, "relu", allow=("laziness",))
    with pytest.raises(GradcalcError, match="takes no mast"):
        examined(tmp_path, "masked", fixed=("mast",))


def test_the_limit(tmp_path: Path) -> None:
    """What was tested is told: an error below the limit passes, one above it fails."""
    (tmp_path / "f.py").write_text(
        "import numpy as np\n"
        "def f(x, by=1.0):\n"
        "    x = np.asarray(x, dtype=np.float32)\n"
        "    return np.sum(x**3), (3 * x**2 * np.float32(by)).astype(np.float32)\n",
        encoding="utf-8",
    )

    def checked(by: float) -> Examined:
        return run(Job(f"{tmp_path / 'f.py'}:f", Given(shapes={"x": (5,)}, params={"by": by}), mend=False))

    (argument,) = checked(1.0).arguments
    assert argument.limit is not None
    assert 1e-6 < argument.limit < 0.05
    assert checked(1 + argument.limit / 100).verdict == "pass"
    assert checked(1 + 10 * argument.limit).verdict == "fail"
