"""Error carried forward: a step is right that follows from the numbers above it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from circuits import circuit, written
from gradcalc.answers import Marked

PROGRAM = "q = x*y + z; r = sigmoid(q); r*w + x"
POINT = {"x": 1.2, "y": -0.3, "z": 1.1, "w": 0.7}


def judged(given_answers: dict[str, str], text: str = PROGRAM, **inputs: Any) -> Marked:
    """The verdicts on these answers."""
    return circuit(text, **(inputs or POINT)).key().judge(given_answers)


def follows(marked: Marked) -> dict[str, tuple[str, ...]]:
    """What follows from what."""
    return {a.name: a.follows for a in marked.answers if a.follows}


def test_dx_and_dy_follow_from_dq() -> None:
    """The step where the mistake is made gets no credit, the steps that follow from it do."""
    marked = judged({"dq": "-4", "dx": "-4", "dy": "-4", "dz": "3"}, "q = x+y; q*z", x=-2, y=5, z=-4)
    assert marked.credit == 1
    marked = judged({"dq": "4", "dx": "4", "dy": "4", "dz": "3"}, "q = x+y; q*z", x=-2, y=5, z=-4)
    assert follows(marked) == {"dx": ("dq",), "dy": ("dq",)}
    assert [a.verdict for a in marked.answers] == ["wrong", "wrong", "wrong", "right"]
    assert [a.credit for a in marked.answers] == [0, 1, 1, 1]
    assert (marked.credit, marked.exit_code, marked.first_wrong) == (0.75, 1, ("dq",))


def test_right_beats_follows() -> None:
    """dx is right though dq is wrong, and says nothing of it."""
    marked = judged({"dq": "4", "dx": "-4", "dy": "4"}, "q = x+y; q*z", x=-2, y=5, z=-4)
    assert [a.verdict for a in marked.answers] == ["wrong", "right", "wrong"]
    assert follows(marked) == {"dy": ("dq",)}


def test_the_nearest_number_counts() -> None:
    """dx follows from dq, which follows from dr."""
    marked = judged({"dr": "0.900", "dq": "0.197", "dx": "0.941"})
    assert follows(marked) == {"dq": ("dr",), "dx": ("dq",)}


def test_what_is_not_given_in_between_follows_too() -> None:
    """dq is not given: dx follows from dr through it."""
    assert follows(judged({"dr": "0.900", "dz": "0.197"})) == {"dz": ("dr",)}


def test_at_a_fork_uses_that_are_not_given_count_with_their_true_value() -> None:
    """dx comes through q, which is wrong, and straight from the sum, which nobody wrote down."""
    marked = judged({"dq": "0.500", "dx": "0.850"})
    assert follows(marked) == {"dx": ("dq",)}


def test_later_values_follow_from_a_wrong_value() -> None:
    """And so do gradients from the wrong forward values."""
    marked = judged({"q": "7", "f": "-28", "dz": "7", "dq": "-4"}, "q = x+y; q*z", x=-2, y=5, z=-4)
    assert follows(marked) == {"f": ("q",), "dz": ("q",)}
    assert [a.verdict for a in marked.answers] == ["wrong", "wrong", "wrong", "right"]


def test_gradients_follow_from_gradients_and_values() -> None:
    """A wrong r changes the slope of the sigmoid, a wrong dr the upstream gradient: dq follows from both."""
    marked = judged({"r": "0.800", "dr": "0.900", "dq": "0.144"}, "r = sigmoid(q); r*w", q=0.74, w=0.7)
    assert follows(marked) == {}
    marked = judged({"h": "0.5", "dh": "2", "dx": "1.5"}, "h = exp(x); h*w", x=0.7, w=0.9)
    assert follows(marked) == {}
    assert follows(judged({"h": "0.5", "dh": "2", "dx": "1.0"}, "h = exp(x); h*w", x=0.7, w=0.9)) == {
        "dx": ("h", "dh")
    }


def test_what_does_not_follow_is_a_second_mistake() -> None:
    """It is found on top of the person's own number."""
    marked = judged({"dr": "0.900", "dq": "-0.197"})
    assert follows(marked) == {}
    (mistake,) = [m for m in marked.mistakes if m.answers == ("dq",)]
    assert mistake.name == "sign lost"
    assert mistake.text.startswith("given your dr, dq = -0.197 is what you get when")


def test_a_bare_zero_follows_from_nothing() -> None:
    """It claims a true zero."""
    assert follows(judged({"dr": "0.001", "dz": "0"})) == {}


def test_arrays_follow() -> None:
    """dW and db from a wrong gradient of the scores."""
    inputs = {"X": "[[1,2],[3,-1]]", "W": "[[.5,-.2],[.3,.8]]", "b": "[.1,.2]"}
    given_answers = {"ds": "[[1,2],[3,4]]", "db": "[4,6]", "dW": "[[10,14],[-1,0]]", "dX": "[[9,9],[9,9]]"}
    marked = judged(given_answers, "s = X@W + b; sum(s^2)", **inputs)
    assert follows(marked) == {"db": ("ds",), "dW": ("ds",)}
    assert marked.first_wrong == ("ds", "dX")


wrong = st.floats(-50, 50).filter(lambda x: abs(x) > 0.05)


@given(wrong, st.integers(2, 5), st.integers(2, 5), st.floats(-1, 1))
def test_a_chain_from_a_wrong_number_always_follows(dq: float, digits: int, more: int, u: float) -> None:
    """Whatever was written, and whatever it was before it was rounded: dx, dy and dz follow from dq."""
    text = written(dq, digits)
    unit = float(f"1e{len(text.partition('.')[2]) * -1}") if "." in text and "e" not in text else 0.0
    held = float(text) + u * 0.499 * unit
    given_answers = {
        "dq": text, "dx": written(held * -0.3 + 1, more), "dy": written(held * 1.2, more),
        "dz": written(held, more),
    }  # fmt: skip
    marked = judged(given_answers)
    assume(marked.answers[0].verdict == "wrong")
    for answer in marked.answers[1:]:
        assert answer.verdict in ("right", "rounded", "digits") or answer.follows == ("dq",)


@given(wrong, wrong)
def test_what_is_far_from_following_does_not(dq: float, off: float) -> None:
    """A number that no dq within its digits gives is wrong, and gets no credit."""
    assume(abs(off) > 1)
    given_answers = {"dq": written(dq, 4), "dy": written(dq * 1.2 + off, 4)}
    marked = judged(given_answers)
    assert marked.answers[1].follows == ()


@pytest.mark.parametrize(("dx", "expected"), [("5.4", True), ("4.6", True), ("5.6", False), ("4.4", False)])
def test_any_number_within_the_written_digits_will_do(dx: str, expected: bool) -> None:
    """dq = 5 may have been 4.5 to 5.5; dx is the same number, written to more digits."""
    marked = judged({"dq": "5", "dx": dx}, "q = x+y; q*z", x=-2, y=5, z=-4)
    assert bool(marked.answers[1].follows) is expected
