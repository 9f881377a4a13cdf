"""An input that the program gives a new value: its gradient is that of what was given."""

from __future__ import annotations

import numpy as np
import pytest

from gradcalc.key import Key
from gradcalc.session import Question, answer, quantity

CASES = [
    ("x = x*y; x+1", {"x": 3.0, "y": 4.0}, "x", 4.0),
    ("for i in range(3): x = x^2", {"x": 1.1}, "x", 8 * 1.1**7),
    ("W = W - 0.1*W; sum(W)", {"W": [1.0, 2.0]}, "W", [0.9, 0.9]),
]


@pytest.mark.parametrize(("text", "inputs", "name", "true"), CASES)
def test_all_ways_to_ask_agree(text: str, inputs: dict[str, object], name: str, true: object) -> None:
    """The record, --get, and an answer to check mean the same."""
    found = answer(Question(text, inputs))
    assert np.allclose(found.gradients[name], np.asarray(true), rtol=1e-12)
    assert np.array_equal(quantity(found, f"d{name}"), found.gradients[name])
    key = Key.of(Question(text, inputs))
    for asked in (f"d{name}", f"{name}.grad", f"df/d{name}"):
        assert key.judge({asked: repr(np.asarray(true).tolist())}).answers[0].verdict == "right"


def test_torch_divides_by_one_less() -> None:
    """torch.var and torch.std as torch has them, numpy's as numpy has them."""
    x = np.array([1.0, 2.0, 4.0])

    def value(text: str) -> float:
        graph = answer(Question(text, {"x": x}), check=False)
        return float(quantity(graph, "output"))

    assert value("torch.var(x)") == pytest.approx(np.var(x, ddof=1), rel=1e-14)
    assert value("torch.std(x)") == pytest.approx(np.std(x, ddof=1), rel=1e-14)
    assert value("torch.var(x, correction=0)") == value("np.var(x)") == value("var(x)")
    assert value("var(x)") == pytest.approx(np.var(x), rel=1e-14)
