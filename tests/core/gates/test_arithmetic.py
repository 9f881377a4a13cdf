"""The gates of arithmetic at their special points, against exact numbers and the complex step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from elementwise import f
from gradcalc.gate import Gate
from gradcalc.gates.arithmetic import add, complex_pow, div, mod, mul, neg, pow_, reciprocal, sub

inf, nan = np.inf, np.nan


def slope(gate: Gate, name: str, *xs: object) -> Any:
    """The gate's own slope for one input."""
    values = [f(x) for x in xs]
    return gate.local[name].code(gate.forward(*values), *values)


def step(gate: Gate, name: str, *xs: object, h: float = 1e-100) -> Any:
    """The same slope by the complex step: the function itself, and no derivative."""
    values = [f(x) for x in xs]
    k = gate.inputs.index(name)
    values[k] = values[k] + 1j * h
    function: Any = gate.forward if gate.complex is True else gate.complex
    return np.imag(function(*values)) / h


def inside(gate: Gate, *xs: object) -> Any:
    """Whether the gate is defined there."""
    assert gate.domain is not None
    return gate.domain.holds(*xs)


SIZES = [s * m for m in (1e-12, 3e-5, 0.3, 1.0, 1.7, 20.0, 4e5, 1e12) for s in (1.0, -1.0)]


@pytest.mark.parametrize("gate", [add, sub, mul, div], ids=str)
@pytest.mark.parametrize("name", ["x", "y"])
def test_two_inputs_agree_with_the_complex_step(gate: Gate, name: str) -> None:
    """From 1e-12 to 1e12, with both signs, both witnesses give the same slope."""
    x, y = np.meshgrid(SIZES, SIZES)
    np.testing.assert_allclose(step(gate, name, x, y), slope(gate, name, x, y) + 0 * x, rtol=1e-15, atol=0)


@pytest.mark.parametrize("gate", [reciprocal, neg], ids=str)
def test_one_input_agrees_with_the_complex_step(gate: Gate) -> None:
    """From 1e-12 to 1e12, with both signs, both witnesses give the same slope."""
    np.testing.assert_allclose(step(gate, "x", SIZES), slope(gate, "x", SIZES) + 0 * f(SIZES), rtol=1e-15)


def test_the_lecture() -> None:
    """(x+y)*z at -2, 5, -4, backwards, and 1/x at 1.37 as on the slides."""
    assert mul.backward(1.0, -12.0, 3.0, -4.0) == {"x": -4.0, "y": 3.0}
    assert add.backward(-4.0, 3.0, -2.0, 5.0) == {"x": -4.0, "y": -4.0}
    assert sub.backward(-4.0, -7.0, -2.0, 5.0) == {"x": -4.0, "y": 4.0}
    assert neg.backward(0.2, -1.0, 1.0) == {"x": -0.2}
    assert round(float(reciprocal.backward(1.0, 1 / 1.37, 1.37)["x"]), 2) == -0.53


def test_div_at_exact_points() -> None:
    """6/2: slopes 1/2 and -3/2; nothing overflows on the way to a slope that does not."""
    assert div.backward(1.0, 3.0, 6.0, 2.0) == {"x": 0.5, "y": -1.5}
    assert slope(div, "y", 1e200, 1e200) == -1e-200
    assert slope(div, "y", 1e-200, 1e-200) == -1e200
    assert div.forward(f(1.0), f(0.0)) == inf
    assert np.isnan(div.forward(f(0.0), f(0.0)))


def test_domains() -> None:
    """Division by 0 and a fractional power of a negative number are outside; 0^0 is inside."""
    assert not inside(div, 1.0, 0.0)
    assert inside(div, 0.0, 1.0)
    assert not inside(reciprocal, 0.0)
    assert not inside(mod, 1.0, 0.0)
    np.testing.assert_array_equal(
        inside(pow_, f([2, 0, 0, 0, -2, -2, -2]), f([0.5, 0.5, 0, -1, 2, -3, 0.5])),
        [True, True, True, False, True, True, False],
    )


# --- pow ---

POWERS = [
    # x, y, z, dz/dx, dz/dy
    (0.0, 0.0, 1.0, 0.0, -inf),
    (0.0, 1.0, 0.0, 1.0, 0.0),
    (0.0, 2.0, 0.0, 0.0, 0.0),
    (0.0, 1.5, 0.0, 0.0, 0.0),
    (0.0, 0.5, 0.0, inf, 0.0),
    (3.0, 0.0, 1.0, 0.0, np.log(3.0)),
    (-3.0, 0.0, 1.0, 0.0, nan),
    (3.0, 1.0, 3.0, 1.0, 3 * np.log(3.0)),
    (1.0, 7.0, 1.0, 7.0, 0.0),
    (-2.0, 3.0, -8.0, 12.0, nan),
    (-2.0, 2.0, 4.0, -4.0, nan),
    (-2.0, -2.0, 0.25, 0.25, nan),
    (-2.0, -1.0, -0.5, -0.25, nan),
    (-8.0, 1 / 3, nan, nan, nan),
    (4.0, -0.5, 0.5, -0.0625, 0.5 * np.log(4.0)),
    (-1.0, 2.0**53 + 2, 1.0, -(2.0**53) - 2, nan),
    (-1.0, -(2.0**60), 1.0, 2.0**60, nan),
    (2.0, 1023.0, 2.0**1023, inf, 2.0**1023 * np.log(2.0)),
    (0.5, 1100.0, 0.0, 0.0, 0.0),
    (1.0, 1e300, 1.0, 1e300, 0.0),
]


@pytest.mark.parametrize(("x", "y", "z", "dx", "dy"), POWERS)
def test_pow_at_special_points(x: float, y: float, z: float, dx: float, dy: float) -> None:
    """Value and both slopes are the true ones, for scalars and for arrays alike."""
    for form in (f, lambda v: f([v]), lambda v: f([[v, v]])):
        a, b = form(x), form(y)
        value = pow_.forward(a, b)
        assert np.shape(value) == np.shape(a)
        assert not np.iscomplexobj(value)
        np.testing.assert_allclose(value, form(z), rtol=1e-15)
        np.testing.assert_allclose(pow_.local["x"].code(value, a, b), form(dx), rtol=1e-15)
        np.testing.assert_allclose(pow_.local["y"].code(value, a, b), form(dy), rtol=1e-15)


def test_pow_of_python_numbers_is_never_complex() -> None:
    """Python's own ** would turn complex or raise."""
    assert np.isnan(pow_.forward(-8.0, 1 / 3))
    assert pow_.forward(0, -1) == inf
    assert isinstance(pow_.forward(f(2.0), f(3.0)), np.float64)


@pytest.mark.parametrize("y", [0.0, 1.0, 2.0, 3.0, 5.0, -1.0, -2.0, -7.0, 64.0])
def test_pow_with_whole_exponents_agrees_with_the_complex_step(y: float) -> None:
    """Both signs of the base, and every shape of the exponent."""
    x = f([s * m for m in (1e-3, 0.3, 1.0, 1.7, 20.0, 4e3) for s in (1.0, -1.0)])
    expected = slope(pow_, "x", x, y)
    np.testing.assert_allclose(step(pow_, "x", x, y), expected, rtol=3e-15, atol=0)
    np.testing.assert_allclose(step(pow_, "x", x, np.full(12, y)), expected, rtol=3e-15, atol=0)
    np.testing.assert_allclose([step(pow_, "x", v, y) for v in x], expected, rtol=3e-15, atol=0)


@pytest.mark.parametrize("y", [-2.5, -0.5, 0.5, 1.5, 1 / 3, 11.7, 1e-9, 1 - 1e-9])
def test_pow_with_any_exponent_agrees_with_the_complex_step(y: float) -> None:
    """Positive bases from 1e-12 to 1e12, both slopes."""
    x = f([m for m in SIZES if m > 0])
    for name in ("x", "y"):
        np.testing.assert_allclose(step(pow_, name, x, y), slope(pow_, name, x, y), rtol=3e-15, atol=0)


def test_the_complex_step_of_pow_at_zero() -> None:
    """At x = 0 it gives the slopes 0, 1, 0, 0 of x^0, x, x^2, x^1.5, and 0 for a moved positive exponent."""
    y = f([0.0, 1.0, 2.0, 1.5])
    np.testing.assert_allclose(step(pow_, "x", np.zeros(4), y), [0.0, 1.0, 0.0, 0.0], atol=1e-40)
    np.testing.assert_array_equal(step(pow_, "y", np.zeros(3), [1.0, 2.0, 0.5]), [0.0, 0.0, 0.0])
    assert step(pow_, "x", 0.0, 1.0) == 1.0
    assert np.real(complex_pow(1e-100j, f([1.0]))) == 0.0  # stays on the tie for whatever comes after it


def test_the_complex_step_of_pow_outside_the_domain() -> None:
    """A negative base has no slope in the exponent, nor for a fractional exponent."""
    assert np.isnan(step(pow_, "y", -2.0, 3.0))
    assert np.isnan(step(pow_, "x", -2.0, 0.5))


def test_the_complex_step_of_pow_with_both_moved() -> None:
    """x^x at 2 has the slope 4 (1 + log 2)."""
    moved = np.complex128(2 + 1e-100j)
    np.testing.assert_allclose(complex_pow(moved, moved).imag / 1e-100, 4 * (1 + np.log(2)), rtol=2e-15)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (1.5, 1000.0),
        (1 + 1e-9, 1e9),
        (0.7, -900.5),
        (123.4, 100.25),
        (-1.0001, 12345.0),
        (1e-5, 40.5),
        (3.0, 1e-300),
    ],
)
def test_pow_against_mpmath(x: float, y: float) -> None:
    """Both witnesses against fifty digits, where exp(y log x) would lose three or more."""
    mpmath = pytest.importorskip("mpmath", reason="the reference with fifty digits")
    with mpmath.workdps(50):
        a, b = mpmath.mpf(x), mpmath.mpf(y)
        dx, dy = float(b * a ** (b - 1)), float((a**b * mpmath.log(abs(a))).real)
    assert slope(pow_, "x", x, y) == pytest.approx(dx, rel=1e-15)
    assert step(pow_, "x", x, y) == pytest.approx(dx, rel=3e-15)
    if x > 0:
        assert slope(pow_, "y", x, y) == pytest.approx(dy, rel=1e-15)
        assert step(pow_, "y", x, y) == pytest.approx(dy, rel=3e-15)


# --- mod ---


def test_mod_has_the_sign_of_the_divisor() -> None:
    """As numpy's: 7 % 3 = 1, -1 % 3 = 2, 7 % -3 = -2."""
    np.testing.assert_array_equal(mod.forward(f([7, -1, 7]), f([3, 3, -3])), [1, 2, -2])
    assert isinstance(mod.forward(f(7), f(3)), np.float64)


def test_mod_passes_x_on_and_takes_the_multiple_off_y() -> None:
    """The slopes are 1 and -floor(x/y), also where x/y rounds up to the next integer."""
    assert mod.backward(2.0, 1.0, 7.0, 3.0) == {"x": 2.0, "y": -4.0}
    assert mod.backward(1.0, 2.0, -1.0, 3.0) == {"x": 1.0, "y": 1.0}
    assert 1.0 / 0.1 == 10.0
    assert slope(mod, "y", 1.0, 0.1) == -9.0  # 1.0 % 0.1 is 0.09999999999999995


@pytest.mark.parametrize("name", ["x", "y"])
def test_mod_agrees_with_the_complex_step(name: str) -> None:
    """Off the jumps both witnesses give the same slope."""
    x, y = np.meshgrid([-7.3, -0.2, 0.4, 5.5, 1e6 + 0.3], [-3.0, -0.7, 0.9, 2.0])
    np.testing.assert_allclose(step(mod, name, x, y), slope(mod, name, x, y) + 0 * x, rtol=1e-15, atol=0)


def test_mod_follows_the_side_at_a_jump() -> None:
    """Leaving 6 downwards, x % 3 is 3; upwards it is 0. Raising y acts like lowering x."""
    function: Any = mod.complex
    assert function(6 - 1e-100j, 3.0).real == 3.0
    assert function(6 + 1e-100j, 3.0).real == 0.0
    assert function(np.float64(6.0), 3 + 1e-100j).real == 3.0
    assert function(np.float64(6.0), 3 + 1e-100j).imag == -1e-100  # x - 1 y
    assert function(np.float64(6.0), 3 - 1e-100j).imag == 2e-100  # x - 2 y
    np.testing.assert_array_equal(function(f([6, 7]) - 1e-100j, f([-3, 3])).real, [0.0, 1.0])


def test_the_margin_of_mod() -> None:
    """Exactly 0 on a multiple, else the distance to the nearest, even where mod rounds up to y."""
    assert mod.kink is not None
    assert mod.kink.jump
    x, y = f([6, 7, 8, -7, -1e-20, 0]), f([3, 3, 3, 3, 3, 3])
    np.testing.assert_array_equal(mod.kink.margin(mod.forward(x, y), x, y), [0, 1, 1, 1, 1e-20, 0])


# --- shapes ---


@pytest.mark.parametrize("gate", [add, sub, mul, div, pow_, mod], ids=str)
@pytest.mark.parametrize(
    ("a", "b", "z"),
    [
        ((), (), ()),
        ((3,), (), (3,)),
        ((2, 3), (3,), (2, 3)),
        ((2, 1), (1, 3), (2, 3)),
        ((0,), (1,), (0,)),
        ((1,), (), (1,)),
    ],
)
def test_broadcasting(gate: Gate, a: tuple[int, ...], b: tuple[int, ...], z: tuple[int, ...]) -> None:
    """Values have numpy's shape, gradients the shape of their input, and scalars stay np.float64."""
    x, y = f(np.full(a, 2.5)), f(np.full(b, 1.5))
    value = gate.forward(x, y)
    assert np.shape(value) == z
    back = gate.backward(np.ones(z), value, x, y)
    assert (np.shape(back["x"]), np.shape(back["y"])) == (a, b)
    if z == ():
        assert all(type(v) is np.float64 for v in (value, *back.values()))
    if value.size:
        assert np.sum(back["y"]) == pytest.approx(value.size * slope(gate, "y", 2.5, 1.5))


@pytest.mark.parametrize("gate", [add, sub, mul, div, pow_, mod, reciprocal, neg], ids=str)
def test_complex_versions_take_a_leading_batch(gate: Gate) -> None:
    """A batch of perturbations as the leading axis gives what one at a time gives."""
    xs = [f([1.5, 2.5, 0.5]), f([2.0, 0.75, 3.0])][: len(gate.inputs)]
    function: Any = gate.forward if gate.complex is True else gate.complex
    moved = xs[0] + 1j * 1e-100 * np.eye(3)
    together = function(moved, *xs[1:])
    assert together.shape == (3, 3)
    for k in range(3):
        np.testing.assert_array_equal(together[k].imag, function(moved[k], *xs[1:]).imag)
