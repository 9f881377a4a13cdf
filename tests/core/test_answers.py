"""The verdicts on answers: the digits written are the tolerance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from circuits import circuit
from gradcalc.digits import all_by_digits, by_digits
from gradcalc.errors import GradcalcError
from gradcalc.written import read_number

LECTURE = circuit("(x+y)*z", x=-2, y=5, z=-4)
SLIDE = circuit("1/(1+exp(-(w0*x0+w1*x1+w2)))", w0=2, x0=-1, w1=-3, x1=-2, w2=-3)


def verdict(expression: str, name: str, text: str, **inputs: Any) -> str:
    """The verdict on one answer."""
    (answer,) = circuit(expression, **inputs).key().judge({name: text}).answers
    return answer.verdict


@pytest.mark.parametrize(
    ("text", "true", "expected"),
    [
        ("-0.53", -0.5344, "right"),
        ("-0.53", -0.5356, "wrong"),
        ("0.20", 0.19661, "right"),
        ("0.2", 0.19661, "right"),
        ("1.37", 1.3679, "right"),
        ("4e-3", 0.0041, "right"),
        ("4e-3", 0.0044, "digits"),
        ("12.", 12.4, "right"),
        ("12.", 12.6, "wrong"),
        ("4", 3.6, "digits"),
        ("4", 4.0, "right"),
        ("-4", 4.0, "wrong"),
        ("1/3", 1 / 3, "right"),
        ("1/3", 0.33333, "wrong"),
        ("0.33333", 1 / 3, "right"),
        ("0", 0.0, "right"),
        ("0", 0.3, "wrong"),
        ("0", 1e-9, "wrong"),
        ("0.00", 0.003, "digits"),
        ("0.00", 0.006, "wrong"),
        ("0.001", 0.0, "wrong"),
        ("0.125", 0.1255, "right"),
        ("inf", np.inf, "right"),
        ("inf", 3.0, "wrong"),
        ("1e300", -np.inf, "wrong"),
        ("nan", np.nan, "right"),
    ],
)
def test_digits(text: str, true: float, expected: str) -> None:
    """Right where the true value rounds to it and it is within 5 %; arrays are judged just so."""
    found = read_number("dx", text)
    assert by_digits(found.value, found.half, true) == expected
    array, half, wanted = np.array([found.value, 1.0]), np.array([found.half, 0.0]), np.array([true, 1.0])
    assert all_by_digits(array, half, wanted, np.zeros(2))[0] == expected


@given(st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-6), st.integers(2, 12))
@example(0.995, 2)
@example(6.103515625e-05, 9)
@example(-1.0, 3)
def test_the_right_answer_is_right_in_any_number_of_digits(true: float, digits: int) -> None:
    """Rounded to two digits or more it is right, however it is written; off by two units it is not."""
    for text in (f"{true:#.{digits}g}", f"{true:.{digits - 1}e}", repr(true)):
        found = read_number("dx", text)
        assert by_digits(found.value, found.half, true) == "right"
        assert by_digits(found.value + 4.5 * found.half + 1e-9 * abs(true), found.half, true) == "wrong"


@pytest.mark.parametrize(
    ("expression", "name", "inputs", "zero"),
    [
        ("sin(x)", "dx", {"x": "pi/2"}, True),
        ("sin(x)", "f", {"x": "pi"}, True),
        ("sin(x)^2 + cos(x)^2", "dx", {"x": 0.7}, True),
        ("sum(softmax(x))", "dx", {"x": "[.2,.5]"}, True),
        ("x*y", "dx", {"x": 1, "y": "1e-17"}, False),
        ("sin(x)", "dx", {"x": "1.5"}, False),
        ("sin(x)*1e-20", "dx", {"x": "1.5"}, False),
    ],
)
def test_a_zero_is_right_within_the_rounding_of_the_true_value(
    expression: str, name: str, inputs: dict[str, Any], zero: bool
) -> None:
    """cos(pi/2) is 6e-17 by rounding alone, 1e-17 is not."""
    given_zero = "[0,0]" if "[" in str(inputs["x"]) else "0"
    assert (verdict(expression, name, given_zero, **inputs) == "right") is zero


def test_the_slide_of_the_lecture_is_right() -> None:
    """Its numbers are rounded on the way: 0.40 for 0.393. With strict they are wrong."""
    numbers = {"dw0": "-0.20", "dx0": "0.40", "dw1": "-0.40", "dx1": "-0.60", "dw2": "0.20"}
    key = SLIDE.key()
    marked = key.judge(numbers)
    assert marked.exit_code == 0
    assert marked.credit == 1
    assert {a.name: a.verdict for a in marked.answers if a.verdict != "right"} == {
        "dx0": "rounded",
        "dw1": "rounded",
        "dx1": "rounded",
    }
    assert marked.answers[1].note == "intermediate results rounded to 2 decimals on the way"
    strict = key.judge(numbers, strict=True)
    assert strict.exit_code == 1
    assert [a.verdict for a in strict.answers].count("wrong") == 3


@pytest.mark.parametrize("text", ["0.42", "0.37", "0.4000", "0"])
def test_rounding_is_no_excuse(text: str) -> None:
    """What rounding does not give is wrong."""
    assert verdict(SLIDE.text, "dx0", text, **SLIDE.inputs) == "wrong"


def test_a_step_from_rounded_digits_is_right() -> None:
    """Two times -0.197 is -0.394, even with --strict; without the -0.197 it was rounded on the way."""
    key = SLIDE.key()
    alone = key.judge({"dx0": "0.394"}, strict=True).answers[0]
    assert alone.verdict == "wrong"
    step = key.judge({"dq1": "0.197", "dx0": "0.394"}, strict=True)
    assert [a.verdict for a in step.answers] == ["right", "right"]
    assert step.answers[1].note == "follows from rounded numbers above it"


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"dx": "-4", "dy": "-4", "dz": "3"}, 0),
        ({"dx": "-4", "dy": "4"}, 1),
        ({"dx": "-4", "dy": "four"}, 2),
        ({"dx": "4", "dy": "four"}, 1),
        ({"dx": "[1,2]"}, 1),
    ],
)
def test_exit_codes(answers: dict[str, str], code: int) -> None:
    """Wrong beats unreadable."""
    assert LECTURE.key().judge(answers).exit_code == code


def test_too_few_digits_are_undecided() -> None:
    """Exit code 3, and no credit."""
    marked = circuit("x^2", x=1.8).key().judge({"dx": "4"})
    assert (marked.exit_code, marked.credit) == (3, 0)
    assert marked.answers[0].note == "too coarse to tell: write more digits"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dx", "-4"), ("dy", "-4"), ("dz", "3"), ("q", "3"), ("dq", "-4"), ("f", "-12"), ("df", "1"),
        ("output", "-12"), ("df/dx", "-4"), ("∂f/∂x", "-4"), ("dL/dx", "-4"), ("∂L/∂q", "-4"),
        ("x.grad", "-4"), ("grad_x", "-4"), ("∂x", "-4"), ("dq/dx", "1"), ("∂q/∂y", "1"), ("df/dq", "-4"),
        ("dq/dq", None), ("dx/dy", None), ("dr", None), ("dr/dx", None), ("df/dr", None), ("r.grad", None),
    ],
)  # fmt: skip
def test_names(name: str, text: str | None) -> None:
    """Every name that people write, and none that means nothing."""
    if text is None:
        with pytest.raises(GradcalcError):
            LECTURE.key().judge({name: "1"})
    else:
        assert LECTURE.key().judge({name: text}).answers[0].verdict == "right"


def test_a_name_of_the_expression_wins() -> None:
    """A variable that is really called dx, a node called grad_x, a node f that is not the output."""
    assert verdict("dx*x", "ddx", "2", dx=5, x=2) == "right"
    assert verdict("grad_x = x*2; grad_x + 1", "grad_x", "6", x=3) == "right"
    assert verdict("f = x*y; g = f*z", "df/dx", "3", x=2, y=3, z=5) == "right"
    assert verdict("f = x*y; g = f*z", "dg/dx", "15", x=2, y=3, z=5) == "right"
    assert verdict("f = x*y; g = f*z", "dL/dx", "15", x=2, y=3, z=5) == "right"


@pytest.mark.parametrize(
    ("text", "expected", "note"),
    [
        ("[-8,-12]", "right", ""),
        ("-8, -12", "right", ""),
        ("[-8.0 -12.0]", "right", ""),
        ("[-16/2, -12]", "right", ""),
        ("[-8,12]", "wrong", "entry [1]"),
        ("[8,12]", "wrong", "every entry"),
        ("[-8,-12,0]", "shape", "shape (3,), asked is shape (2,)"),
        ("-8", "shape", "one number, asked is shape (2,)"),
        ("[-8,", "unreadable", 'this "[" is never closed: add the "]" where it ends'),
    ],
)
def test_arrays(text: str, expected: str, note: str) -> None:
    """Arrays are judged entry by entry, and say which ones are wrong."""
    key = circuit("sum((W@x)^2)", W="[[1,2],[3,4]]", x="[1,-1]").key()
    answer = key.judge({"dx": text}).answers[0]
    assert (answer.verdict, answer.note) == (expected, note)


def test_an_array_where_one_number_is_asked() -> None:
    """The verdict is shape, not unreadable."""
    answer = LECTURE.key().judge({"dx": "[1, 2]"}).answers[0]
    assert (answer.verdict, answer.note) == ("shape", "an array of shape (2,) where one number is asked")


def test_too_coarse_entries_are_undecided() -> None:
    """One entry of an array may be too coarse, too."""
    key = circuit("sum(x^2)", x="[1.8, 2]").key()
    answer = key.judge({"dx": "[4, 4]"}).answers[0]
    assert answer.verdict == "digits"
    assert answer.note == "entry [0], too coarse to tell: write more digits"


def test_tolerances_replace_the_digits() -> None:
    """A relative and an absolute one."""
    key = circuit("x/3", x=1).key()
    assert key.judge({"f": "0.34"}).answers[0].verdict == "wrong"
    assert key.judge({"f": "0.34"}, rtol=0.05).answers[0].verdict == "right"
    assert key.judge({"f": "0.34"}, atol=0.01).answers[0].verdict == "right"
    assert key.judge({"f": "0.34"}, atol=0.001).answers[0].verdict == "wrong"
    assert key.judge({"f": "1/3"}, rtol=0.0).answers[0].verdict == "right"


def test_a_parameter_has_no_gradient() -> None:
    """An index is never moved."""
    key = circuit("x[k]", x="[1,2]", k=1).key()
    with pytest.raises(GradcalcError, match="k has no gradient"):
        key.judge({"dk": "0"})


def test_one_key_judges_many() -> None:
    """The same answers get the same verdicts, whatever was asked before and in any order."""
    key = SLIDE.key()
    asked = [{"dx0": "0.40"}, {"dx0": "-0.393", "dw0": "0.197"}, {"dw1": "-0.393"}, {"dx0": "-0.393"}]
    together = [key.judge(a) for a in asked + asked[::-1]]
    apart = [SLIDE.key().judge(a) for a in asked + asked[::-1]]
    for one, other in zip(together, apart, strict=True):
        assert [(a.verdict, a.note, a.mistakes) for a in one.answers] == [
            (a.verdict, a.note, a.mistakes) for a in other.answers
        ]


@pytest.mark.parametrize(
    ("expression", "inputs", "answers", "right"),
    [
        ("relu(x)", {"x": 0}, {"dx": "1"}, True),
        ("relu(x)", {"x": 0}, {"dx": "0"}, True),
        ("relu(x)", {"x": 0}, {"dx": "1.5"}, False),
        ("abs(x)*y", {"x": 0, "y": 3}, {"dx": "-3"}, True),
        ("abs(x)*y", {"x": 0, "y": 3}, {"dx": "-3.5"}, False),
        ("max(x, y)", {"x": 2, "y": 2}, {"dx": "1", "dy": "0"}, True),
        ("max(x, y)", {"x": 2, "y": 2}, {"dx": "1/2", "dy": "1/2"}, True),
        ("max(x, y)", {"x": 2, "y": 2}, {"dx": "1", "dy": "1"}, False),
        ("max(x, y)", {"x": 2, "y": 2}, {"dx": "0", "dy": "0"}, False),
        ("x*abs(x)", {"x": 0}, {"dx": "1"}, False),
        ("min(x, y)*z", {"x": 2, "y": 2, "z": -3}, {"dx": "-3", "dy": "0", "dz": "2"}, True),
        ("relu(x) + y^2", {"x": 0, "y": 2}, {"dx": "1", "dy": "3"}, False),
        ("sqrt(x^2)", {"x": 0}, {"dx": "-1"}, True),
        ("sqrt(x^2)", {"x": 0}, {"dx": "1.5"}, False),
    ],
)
def test_any_valid_slope_is_right_at_a_kink(
    expression: str, inputs: dict[str, Any], answers: dict[str, str], right: bool
) -> None:
    """Between the one-sided slopes, along every direction: crediting both inputs of a tie is not."""
    assert (circuit(expression, **inputs).key().judge(answers).exit_code == 0) is right


def test_slopes_that_do_not_go_together_are_wrong() -> None:
    """1 and 1 round 1/2 and 1/2, and yet are no question of digits; 1 for relu beside them is right."""
    key = circuit("max(x, y) + relu(t)", x=2, y=2, t=0).key()
    marked = key.judge({"dx": "1", "dy": "1", "dt": "1"})
    assert [(a.name, a.verdict, a.note) for a in marked.answers] == [
        ("dx", "wrong", "a valid slope at the kink here by itself, but not with the others"),
        ("dy", "wrong", "a valid slope at the kink here by itself, but not with the others"),
        ("dt", "right", "a valid slope at the kink here, though not the convention"),
    ]
    assert marked.mistakes[0].text.startswith("dx = 1 and dy = 1 are what you get when both inputs of")


FORMAL = "by the conventions at the tie, which add up to no slope: the function's own is another"
TRUE = "the slope of the function, though the conventions at the tie add up to another number"


@pytest.mark.parametrize(
    ("given", "verdict", "note"),
    [("0", "right", FORMAL), ("1", "right", TRUE), ("0.5", "wrong", ""), ("-1", "wrong", "")],
)
def test_conventions_that_add_up_to_no_slope(given: str, verdict: str, note: str) -> None:
    """relu(x) - relu(-x) is x, and relu'(0) = 0 makes its gradient 0: nobody is right without a word."""
    answer = circuit("relu(x) - relu(-x)", x=0).key().judge({"dx": given}).answers[0]
    assert (answer.verdict, answer.note) == (verdict, note)
