"""How numbers are written: every spelling is read as what people mean by it, and never as anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcalc.errors import GradcalcError
from gradcalc.written import half_unit, read_array, read_number


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("0.20", 0.2, 0.005),
        ("0.2", 0.2, 0.05),
        ("-0.53", -0.53, 0.005),
        ("1.37", 1.37, 0.005),
        ("4e-3", 0.004, 0.0005),
        ("1e-3", 0.001, 0.0005),
        ("12.", 12, 0.5),
        ("-4", -4, 0.5),
        ("−4", -4, 0.5),
        ("- 4", -4, 0.5),
        ("+3", 3, 0.5),
        ("-.5", -0.5, 0.05),
        ("00.50", 0.5, 0.005),
        ("0,39", 0.39, 0.005),
        ("-1,5", -1.5, 0.05),
        ("1,234", 1.234, 0.0005),
        ("2·10^-3", 0.002, 0.0005),
        ("2*10**-3", 0.002, 0.0005),
        ("2 × 10⁻³", 0.002, 0.0005),
        ("2.5x10^2", 250, 5),
        ("1.20e3", 1200, 5),
        ("≈0.39", 0.39, 0.005),
        ("０.５", 0.5, 0.05),
        (" 7 ", 7, 0.5),
        ("0", 0, 0.5),
        ("0.00", 0, 0.005),
        ("1/3", 1 / 3, 0),
        ("4/5", 0.8, 0),
        ("-4/5", -0.8, 0),
        ("sqrt(2)", 2**0.5, 0),
        ("pi/2", np.pi / 2, 0),
        ("1 - 0.25", 0.75, 0),
        ("array(3)", 3, 0),
        ("inf", np.inf, 0),
    ],
)
def test_numbers(text: str, value: float, half: float) -> None:
    """The value, and half a unit of the last place written; expressions are exact."""
    found = read_number("dx", text)
    assert (found.value, found.half) == (pytest.approx(value, rel=1e-15), half)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("1,234.5", "1,234.5 has two readings", "write 1234.5 for one number, or [1, 234.5] for a list"),
        ("1.234,5", "1.234,5 has two readings", "write 1234.5 for one number, or [1.234, 5] for a list"),
        ("1,2,3", "1,2,3 has two readings", "write 123 for one number, or [1, 2, 3] for a list"),
        ("1,234,567", "1,234,567 has two readings", None),
        ("1, 2", "1,2 has two readings", "write 1.2 for the decimal number or [1, 2] for two values"),
        ("3 000", "3 000 has two readings", None),
        ("1e999", "this number is too large", None),
        ("", "there is no number", None),
        ("2;3", "a semicolon stands in no number", None),
        ("1_000", "1_000 is not a number here", None),
        ("0x1F", "0x1F is not a number here", None),
        ("39%", "expected a value, but the text ends", None),
        ("four", "the value of dx must be a number or an array, without names like four", None),
        ("__import__('os')", None, None),
        ("1/0", None, None),
    ],
)
def test_refused(text: str, message: str | None, hint: str | None) -> None:
    """What has two readings or none is refused, in words."""
    with pytest.raises(GradcalcError) as caught:
        read_number("dx", text)
    assert message is None or caught.value.message == message
    assert hint is None or caught.value.hint == hint


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("[1,2]", [1, 2], [0.5, 0.5]),
        ("[ -8. -12.]", [-8, -12], [0.5, 0.5]),
        ("[[1 2]\n [3 4]]", [[1, 2], [3, 4]], [[0.5, 0.5], [0.5, 0.5]]),
        ("[[1,2],[3,4],]", [[1, 2], [3, 4]], [[0.5, 0.5], [0.5, 0.5]]),
        ("1, -2", [1, -2], [0.5, 0.5]),
        ("0.5 0.25", [0.5, 0.25], [0.05, 0.005]),
        ("1,2", [1, 2], [0.5, 0.5]),
        ("[−0.5, 1/4]", [-0.5, 0.25], [0.05, 0]),
        ("[0.39, 1/3, sqrt(4)]", [0.39, 1 / 3, 2], [0.005, 0, 0]),
        ("array([1., 2.], dtype=float64)", [1, 2], [0.5, 0.5]),
        ("tensor([[1., 2.]], requires_grad=True)", [[1, 2]], [[0.5, 0.5]]),
        ("np.array([[1.5], [2]])", [[1.5], [2]], [[0.05], [0.5]]),
        ("-[2,4]", [-2, -4], [0, 0]),
        ("zeros(2)", [0, 0], [0, 0]),
        ("[max(1,2), 3]", [2, 3], [0, 0.5]),
        ("(1,2)", [1, 2], [0, 0]),
        ("[]", [], []),
        ("3.10", 3.1, 0.005),
    ],
)
def test_arrays(text: str, value: Any, half: Any) -> None:
    """A comma stands between entries here, and each entry has its own digits."""
    found = read_array("dx", text)
    np.testing.assert_array_equal(found.value, np.array(value, dtype=float))
    np.testing.assert_array_equal(found.half, np.array(half, dtype=float))


@pytest.mark.parametrize("text", ["[1,2", "[[1,2],[3]]", "[1,2],[3]", "1,2;3,4", "[1,,2]", "[a]"])
def test_refused_arrays(text: str) -> None:
    """No list is guessed at."""
    with pytest.raises(GradcalcError):
        read_array("dx", text)


def test_a_file_is_no_answer_unless_files_are_wanted(tmp_path: Path) -> None:
    """What strangers wrote reads nothing from this machine."""
    np.save(tmp_path / "dx.npy", np.array([1.0, 2.0]))
    text = f"@{tmp_path / 'dx.npy'}"
    with pytest.raises(GradcalcError, match="a file is no answer here"):
        read_array("dx", text)
    assert read_array("dx", text, True).value.tolist() == [1, 2]


@pytest.mark.parametrize("text", ["[" * 5000 + "1" + "]" * 5000, "zeros(10^9)", "9^9^9^9^9", "1" * 5000])
def test_what_would_take_too_much(text: str) -> None:
    """Deep, large or long: a message, no crash."""
    with pytest.raises(GradcalcError):
        read_array("dx", text)


@given(st.decimals(-(10**9), 10**9, allow_nan=False, places=4), st.integers(0, 6))
def test_a_decimal_is_read_back(number: Any, places: int) -> None:
    """With its places, and with a comma as with a point."""
    text = f"{number:.{places}f}"
    found = read_number("dx", text)
    assert found.value == float(text)
    assert (found.half, found.decimals) == (half_unit(places), places)
    if places:
        assert read_number("dx", text.replace(".", ",")) == found
