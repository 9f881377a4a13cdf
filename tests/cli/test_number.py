"""How numbers are shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcalc_cli.views import number as n

SHOWN = {
    0.0: "0", 3.0: "3", -4.0: "-4", 1234567.0: "1234567", 12345678.0: "1.235e+07", 0.5: "0.5",
    0.19661193324148185: "0.1966", 1.2e-5: "1.2e-05", 12345.678: "1.235e+04", 2.0000001: "2.000",
    0.99999: "1.000", 123.00001: "123.0", 2.9999999999999996: "3", float("inf"): "inf", 1e300: "1e+300",
    float("-inf"): "-inf", 5e-324: "4.941e-324", 9999.6: "1e+04", 1000.4: "1000",
}  # fmt: skip


@pytest.mark.parametrize(("x", "text"), SHOWN.items())
def test_four_significant_digits(x: float, text: str) -> None:
    """Integers are bare; what is not quite one shows it."""
    assert n.number(x) == text


def test_nan_and_minus_zero() -> None:
    """NaN is a word, and a zero has no sign."""
    assert n.number(float("nan")) == "nan"
    assert n.number(-0.0) == "0"


@given(st.floats(-1e307, 1e307))
def test_a_shown_number_is_near(x: float) -> None:
    """Four digits are right to half a unit of the fourth."""
    assert float(n.number(x)) == pytest.approx(x, rel=6e-4, abs=5e-324)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_unequal_numbers_can_be_told_apart(a: float, b: float) -> None:
    """apart() spends the digits that it takes."""
    one, other = n.apart(a, b)
    assert (one == other) == (a == b)


@given(st.floats(allow_nan=False))
def test_bare_numbers_round_trip(x: float) -> None:
    """A shell gets every digit."""
    assert float(n.bare(x)) == x


def test_arrays() -> None:
    """Small arrays are whole, large ones are a shape and a range."""
    assert n.lines_of(np.array([0.2, 0.4])) == ["[0.2 0.4]"]
    assert n.lines_of(np.array([[0.1, 0.5], [-0.3, 0.8]])) == ["[[ 0.1 0.5]", " [-0.3 0.8]]"]
    assert n.lines_of(np.arange(12.0).reshape(3, 4)) == ["(3,4)  0 .. 11"]
    assert n.lines_of(np.ones((100,))) == ["(100,)  all 1"]
    assert n.lines_of(np.zeros((0, 3))) == ["(0,3)  empty"]
    assert n.lines_of(np.full((20,), np.nan)) == ["(20,)  all nan"]
    assert n.lines_of(np.array([np.nan, *range(20)])) == ["(21,)  0 .. 19, 1 nan"]
    assert n.lines_of(np.zeros((2, 2, 2))) == ["(2,2,2)  all 0"]


def test_arrays_that_differ_show_it() -> None:
    """Digits grow until two arrays look different."""
    one, other = n.apart_lines(np.array([1.0, 2.0]), np.array([1.0, 2.0000001]))
    assert one != other
