"""Points that hide mistakes, by what hides them, and better ones; silence where a point is good."""

from __future__ import annotations

import pytest

from gradcalc.session import Question, prepare
from gradcalc.weak import Weak, weak


def asked(text: str, **inputs: str) -> Weak:
    """What is said of a point."""
    question = Question(text, inputs)
    return weak(question, prepare(question))


HIDES = {
    "x^2 at 2": ("x^2", {"x": "2"}, "the value of f is given instead of the gradient of x"),
    "equal inputs": (
        "x*y", {"x": "3", "y": "3"}, "each input of `x*y` gets its own value instead of the other's",
    ),
    "1 as an input": ("x^3", {"x": "1"}, "with the exponent not lowered: 3*x^3, at `x^3`, on the way to x"),
    "0 as an input": ("exp(x)", {"x": "0"}, "the local gradient of `exp(x)` is forgotten: x gets"),
    "log at 1": ("x*log(y)", {"x": "2", "y": "1"}, "with the rule log' = x, at `log(y)`, on the way to y"),
    "a dead relu": (
        "relu(w*x + b)", {"w": "2", "x": "-1", "b": "0.5"},
        "dw = dx = db = 0 at this point: relu(w*x + b) lets no gradient through, so no mistake behind shows",
    ),
    "dead relus of arrays": (
        "sum(relu(W@x))", {"W": "[[1,2],[3,4]]", "x": "[-1,-1]"},
        "dW = dx = 0 at this point: relu(W@x) lets no gradient through, so no mistake behind shows",
    ),
    "behind the loser": (
        "max(sin(x), y)", {"x": "1", "y": "2"},
        "dx = 0 at this point: max(sin(x), y) lets no gradient through, so no mistake behind shows",
    ),
    "all ones": (
        "softmax(x)", {"x": "[1, 2, 3]"},
        "dx = 0 at this point: an upstream gradient of all ones cancels; --upstream chooses another",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HIDES)
def test_what_hides_mistakes(name: str) -> None:
    """It is said, with what it hides."""
    text, inputs, said = HIDES[name]
    assert any(said in note for note in asked(text, **inputs).notes)


SCALARS = [n for n, (text, *_) in HIDES.items() if "softmax" not in text and "@" not in text]


@pytest.mark.parametrize("name", SCALARS)
def test_a_better_point_is_better(name: str) -> None:
    """At the point that is proposed nothing more is to be said, and it is proposed as one types it."""
    text, inputs, _ = HIDES[name]
    found = asked(text, **inputs)
    assert set(found.better) == set(inputs)
    assert found.notes[-1].endswith("show at " + " ".join(f"-{n} {v}" for n, v in found.better.items()))
    assert asked(text, **found.better).notes == ()


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("(x+y)*z", {"x": "-2", "y": "5", "z": "-4"}),
        ("2*(x*y + max(z, w))", {"x": "3", "y": "-4", "z": "2", "w": "-1"}),
        ("1/(1+exp(-(w0*x0+w1*x1+w2)))", {"w0": "2", "x0": "-1", "w1": "-3", "x1": "-2", "w2": "-3"}),
        ("(x+sigmoid(y))/(sigmoid(x)+(x+y)^2)", {"x": "3", "y": "-4"}),
        ("floor(x)", {"x": "1.5"}),
        ("sin(x)^2 + cos(x)^2", {"x": "0.3"}),
        ("exp(x)", {"x": "2"}),
        ("sum((W@x)^2)", {"W": "[[1,2],[3,4]]", "x": "[1,-1]"}),
        ("3", {}),
    ],
)
def test_good_points_are_left_alone(text: str, inputs: dict[str, str]) -> None:
    """The lecture's circuits, and what is the same at every point."""
    assert asked(text, **inputs) == Weak()
