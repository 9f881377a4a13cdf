"""The elementary gates at their special points: exact numbers, the complex step, mpmath, edges, shapes."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from elementwise import EPS, f, inside, near, slope, step
from gradcalc.errors import GradcalcError
from gradcalc.gate import Gate
from gradcalc.gates.elementary import (
    cbrt,
    complex_erf,
    digamma,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    gamma,
    hypot,
    lgamma,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logistic,
    polygamma,
    sine_of_pi,
    sqrt,
    square,
)

inf, nan = np.inf, np.nan


LN2, LN10 = 0.6931471805599453, 2.302585092994046
ROOT_PI = 1.7724538509055160
EULER = 0.5772156649015329  # minus digamma(1)
PLAIN = [exp, exp2, expm1, log, log2, log10, log1p, sqrt, cbrt, square, erf, erfc]
SPECIAL = [gamma, lgamma, digamma]
SIZES = [1e-300, 1e-160, 1e-20, 1e-12, 1e-8, 1e-4, 0.01, 0.3, 0.5, 0.9, 1.0, 1.1, 2.5, 5.0, 10.1, 20.0, 40.0,
         100.0, 360.1, 700.0]  # fmt: skip
POINTS = [s * m for m in SIZES for s in (1.0, -1.0)]
WIDE = [s * m for m in (1e3, 1e6, 1e12) for s in (1.0, -1.0)]


@pytest.mark.parametrize("gate", PLAIN, ids=str)
def test_the_complex_step_agrees(gate: Gate) -> None:
    """From 1e-160 to 700, with both signs, both witnesses give the same slope; erf's bell to x^2 ulps."""
    x = inside(gate, [*POINTS[2:], 0.0])
    x = x[np.isfinite(slope(gate, x)) & (abs(slope(gate, x)) > 1e-150)]
    assert x.size > 10
    loose = 1 + (x * x if gate in (erf, erfc) else 0)
    for h in (1e-100, -1e-100):
        near(step(gate, x, h=h) / slope(gate, x) / loose, 1 / loose + 0 * x, rtol=0, atol=8 * EPS)


@pytest.mark.parametrize("gate", [log, log2, log10, log1p, sqrt, cbrt, square], ids=str)
def test_the_complex_step_agrees_far_out(gate: Gate) -> None:
    """Up to 1e12 nothing is lost either."""
    x = inside(gate, WIDE)
    near(step(gate, x), slope(gate, x))


@pytest.mark.parametrize("gate", PLAIN, ids=str)
def test_mpmath_agrees(gate: Gate) -> None:
    """Values and slopes are right to a few ulps where 60 digits say so; erf's bell to x^2 ulps."""
    mp = pytest.importorskip("mpmath", reason="the reference is computed with mpmath")
    functions = {
        "exp2": lambda t: mp.mpf(2) ** t, "expm1": lambda t: mp.exp(t) - 1, "log2": lambda t: mp.log(t, 2),
        "log10": lambda t: mp.log(t, 10), "log1p": lambda t: mp.log(1 + t), "square": lambda t: t * t,
        "cbrt": lambda t: mp.sign(t) * mp.cbrt(abs(t)),
    }  # fmt: skip
    function = functions.get(gate.name) or getattr(mp, gate.name)
    with mp.workdps(700):
        for x in inside(gate, POINTS):
            t = mp.mpf(float(x))
            h = abs(t) * mp.mpf(10) ** -40
            value, rate = function(t), (function(t + h) - function(t - h)) / (2 * h)
            loose = 1 + (x * x if gate in (erf, erfc) else 0)
            for found, wanted, factor in ((gate.forward(x), value, 8), (slope(gate, x), rate, 8 * loose)):
                if 1e-300 < abs(wanted) < 1e308:
                    assert abs(float(found) - wanted) <= factor * EPS * abs(wanted), (x, found, float(wanted))


def test_exponentials() -> None:
    """The slope of exp is its value, of exp2 that times log(2), of expm1 one more than its value."""
    near(exp.forward(f(1)), 2.718281828459045)
    near(slope(exp, 1), 2.718281828459045)
    assert (slope(exp, 0), slope(exp, -1000), slope(exp, 1000)) == (1, 0, inf)
    assert exp2.forward(f(3)) == 8
    near(slope(exp2, 3), 8 * LN2)
    near(step(exp2, 1000), 2.0**1000 * LN2)
    near(expm1.forward(f(1e-12)), 1.0000000000005e-12)
    near(slope(expm1, 1e-12), 1.000000000001)
    assert (expm1.forward(f(-1000)), slope(expm1, 0)) == (-1, 1)
    near(slope(expm1, -40), 4.248354255291589e-18)  # z + 1 would be 0
    assert step(expm1, -1000) == 0


def test_logarithms() -> None:
    """log' = 1/x, with the base's factor; log1p keeps its digits next to 0."""
    assert (log.forward(f(1)), slope(log, 4), slope(log, 2.0**-900)) == (0, 0.25, 2.0**900)
    assert (log2.forward(f(8)), log10.forward(f(1000))) == (3, 3)
    near(slope(log2, 2), 0.5 / LN2)
    near(slope(log10, 10), 0.1 / LN10)
    near(log1p.forward(f(1e-12)), 9.999999999995e-13)
    near(slope(log1p, 1e-12), 0.999999999999)
    near(step(log1p, 1e-12), 0.999999999999)
    near(step(log1p, -1 + 2.0**-40), 2.0**40)


@pytest.mark.parametrize(
    ("gate", "good", "bad"),
    [(log, [1e-300, 5], [0, -1]), (log2, [1e-300], [0, -0.0, -2]), (log10, [1], [0, -1]),
     (log1p, [-1 + 1e-16, 0], [-1, -2]), (sqrt, [0, -0.0, 4], [-1e-300]), (gamma, [-0.5, 3], [0, -1, -2]),
     (lgamma, [-0.5, 1], [0, -7]), (digamma, [-1.5, 1e9], [0, -3])],
    ids=lambda v: str(v) if isinstance(v, Gate) else "",
)  # fmt: skip
def test_domains(gate: Gate, good: list[float], bad: list[float]) -> None:
    """Each gate knows where it is defined, and its sample lies there."""
    assert gate.domain is not None
    assert np.all(gate.domain.holds(f(good)))
    assert not np.any(gate.domain.holds(f(bad)))
    assert np.all(gate.domain.holds(np.linspace(*gate.domain.sample["x"], 50)))
    assert gate.domain.holds(f(good[0]))


def test_outside_the_domain_nothing_is_raised() -> None:
    """log(-1) is nan and log(0) minus infinity, as in numpy."""
    assert np.isnan(log.forward(f(-1)))
    assert log.forward(f(0)) == -inf
    assert np.isnan(sqrt.forward(f(-1)))
    assert np.isnan(log1p.forward(f(-2)))


def test_roots() -> None:
    """sqrt and cbrt have infinite slope at 0, and cbrt takes negatives."""
    assert (sqrt.forward(f(9)), slope(sqrt, 4)) == (3, 0.25)
    assert (slope(sqrt, 0), slope(sqrt, -0.0)) == (inf, inf)
    assert cbrt.forward(f(-8)) == -2
    near(slope(cbrt, -8), 1 / 12)
    near(step(cbrt, -8), 1 / 12)
    assert (slope(cbrt, 0), slope(cbrt, -0.0)) == (inf, inf)
    assert (square.forward(f(-3)), slope(square, -3), slope(square, 0)) == (9, -6, 0)


def test_hypot() -> None:
    """3, -4 has slopes 3/5 and -4/5; nothing overflows; at the origin the slope is 0 by convention."""
    assert hypot.forward(f(3), f(-4)) == 5
    assert (slope(hypot, 3, -4), slope(hypot, 3, -4, of="y")) == (0.6, -0.8)
    near(slope(hypot, 3e300, 4e300), 0.6)
    assert (slope(hypot, 0, 0), slope(hypot, 0, 0, of="y")) == (0, 0)
    assert (slope(hypot, 0, 2), slope(hypot, -2, 0)) == (0, -1)
    assert hypot.kink is not None
    assert (hypot.kink.margin(f(0), f(0), f(0)), hypot.kink.margin(f(5), f(3), f(-4))) == (0, 5)


def test_hypot_at_the_origin_follows_its_direction() -> None:
    """Moved from (0, 0) along (3, -4), and back, the length grows by 5."""
    function: Any = hypot.complex
    for h in (1e-100, -1e-100):
        near(np.imag(function(np.complex128(3j * h), np.complex128(-4j * h))), 5e-100)
    moved = function(np.array([0, 3 + 0j]), np.array([1e-100j, 4]))
    near(moved.imag, [1e-100, 0])


MIXED = [s * m for m in (0.0, 1e-12, 1e-3, 0.5, 1.0, 3.0, 40.0, 1000.0) for s in (1.0, -1.0)]


@pytest.mark.parametrize(("gate", "sizes"), [(hypot, [*MIXED, 1e12, -1e12]), (logaddexp, MIXED)], ids=str)
@pytest.mark.parametrize("of", ["x", "y"])
def test_two_inputs_agree_with_the_complex_step(gate: Gate, sizes: list[float], of: str) -> None:
    """Small beside large, equal and opposite: both witnesses give the same slope."""
    x, y = (v.ravel() for v in np.meshgrid(sizes, sizes))
    x, y = x[(x != 0) | (y != 0)], y[(x != 0) | (y != 0)]
    # Relative to the smaller input, so that the moved one does not outgrow the other.
    wanted = slope(gate, x, y, of=of)
    sure = (abs(wanted) > 1e-180) | (wanted == 0.0)
    near(step(gate, x, y, of=of)[sure], wanted[sure], rtol=8 * EPS)


def test_logaddexp() -> None:
    """The shares are sigmoids of the difference: they add to one, and are sharp at +-1000."""
    near(logaddexp.forward(f(0), f(0)), LN2)
    assert (slope(logaddexp, 7, 7), slope(logaddexp, 7, 7, of="y")) == (0.5, 0.5)
    near(logaddexp.forward(f(1000), f(1000)), 1000.6931471805599)
    near(slope(logaddexp, 1000, 1040), 4.248354255291589e-18)
    near(slope(logaddexp, -1000, -1040, of="y"), 4.248354255291589e-18)
    near(step(logaddexp, 1000, 1040), 4.248354255291589e-18)
    assert (slope(logaddexp, 1000, -1000), slope(logaddexp, 1000, -1000, of="y")) == (1, 0)
    assert (step(logaddexp, 1000, -1000), step(logaddexp, 1000, -1000, of="y")) == (1, 0)


def test_erf() -> None:
    """erf and erfc start with slope +-2/sqrt(pi), and are flat far out."""
    assert (erf.forward(f(0)), erfc.forward(f(0))) == (0, 1)
    near(slope(erf, 0), 2 / ROOT_PI)
    near(step(erf, 0), 2 / ROOT_PI)
    near(step(erf, 1e-12), 2 / ROOT_PI)
    near(erf.forward(f(1)), 0.8427007929497149)
    near(slope(erf, 1), 0.41510749742059466)
    near(erfc.forward(f(10)), 2.088487583762545e-45)
    near(slope(erfc, -1), -0.41510749742059466)
    near(step(erfc, 1), -0.41510749742059466)
    assert (slope(erf, 30), step(erf, 30), erf.forward(f(-1000)), erfc.forward(f(-1000))) == (0, 0, -1, 2)
    assert slope(erf, 1e200) == 0


def test_complex_erf_is_a_function_and_no_slope() -> None:
    """Far from the real axis it still is erf: so it is evaluated, not differentiated."""
    mp = pytest.importorskip("mpmath", reason="the reference is computed with mpmath")
    for x in (0.0, 0.2, -1.1, 2.5):
        for y in (0.3, -1.0):
            near(
                np.array([complex_erf(np.complex128(complex(x, y)))]).view(np.float64),
                [float(v) for v in (mp.erf(mp.mpc(x, y)).real, mp.erf(mp.mpc(x, y)).imag)],
                1e-14,
                1e-16,
            )


def test_gamma_and_its_logarithm() -> None:
    """gamma(5) = 24, and the slopes follow from digamma(1) = -Euler's constant."""
    pytest.importorskip("scipy", reason="these gates use scipy")
    near(gamma.forward(f(5)), 24.0)
    near(slope(gamma, 1), -EULER)
    near(slope(gamma, 2), 1 - EULER)
    near(gamma.forward(f(0.5)), ROOT_PI)
    near(gamma.forward(f(-0.5)), -2 * ROOT_PI)
    near(lgamma.forward(f(3)), LN2)
    near(lgamma.forward(f(-0.5)), 1.2655121234846454)
    near(slope(lgamma, 1), -EULER)
    near(slope(digamma, 1), np.pi**2 / 6)
    near(slope(digamma, 0.5), np.pi**2 / 2)
    near(slope(digamma, -0.5), np.pi**2 / 2 + 4)
    assert (gamma.forward(f(200)), type(lgamma.forward(f(2.5)))) == (inf, np.float64)


@pytest.mark.parametrize("gate", SPECIAL, ids=str)
def test_the_special_gates_agree_with_the_complex_step(gate: Gate) -> None:
    """On both sides of 0, next to poles and far out, to 1e-13 of the slope or of one."""
    pytest.importorskip("scipy", reason="these gates use scipy")
    x = f([1e-12, 0.1, 0.5, 1, 1.4616321449683622, 2, 3, 10.3, 50.5, 100, 170, -1e-12, -0.1, -0.5, -0.7, -2.5,
           -10.25, -100.5, -170.5])  # fmt: skip
    if gate is not gamma:
        x = np.append(x, [1e3, 1e6, 1e12, -1000.25])
    for h in (1e-100, -1e-100):
        near(step(gate, x, h=h), slope(gate, x), rtol=1e-13, atol=1e-13)


def test_polygamma() -> None:
    """polygamma(1, 1) = pi^2/6, and the slope is the next one; n must be whole."""
    pytest.importorskip("scipy", reason="these gates use scipy")
    near(polygamma.forward(f(1), f(1)), np.pi**2 / 6)
    near(polygamma.forward(f(0), f(1)), -EULER)
    near(slope(polygamma, 1, 1, of="x"), -2.404113806319188)  # -2 zeta(3)
    near(polygamma.forward(f(1), f([1, 2])), [np.pi**2 / 6, np.pi**2 / 6 - 1])
    assert "n" not in polygamma.local
    assert np.isnan(polygamma.forward(f(1), f(-1e12)))
    for n in (1.5, -1.0):
        with pytest.raises(GradcalcError, match=r"^polygamma needs a whole number n >= 0") as caught:
            polygamma.forward(f(n), f(2))
        assert caught.value.kind == "value"
        assert caught.value.hint == "polygamma(1, x) is the slope of digamma(x)"


@pytest.mark.parametrize("gate", [*SPECIAL, polygamma], ids=str)
def test_without_scipy_the_error_says_what_to_install(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one message names the gate and the extra."""
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    with pytest.raises(GradcalcError) as caught:
        gate.forward(*[f(1)] * len(gate.inputs))
    assert caught.value.message == f"{gate.name} needs scipy, which is not installed"
    assert (caught.value.kind, caught.value.hint) == ("missing", "pip install 'gradcalc[scipy]'")


def test_kernels() -> None:
    """The sigmoid is exact down to the last subnormal number, and sin(pi x) at whole x."""
    assert logistic(f(-745)) == 5e-324
    assert logistic(f(1000)) == 1
    assert np.isnan(logistic(f(nan)))
    near(logistic(f([-40, 0, 40])), [4.248354255291589e-18, 0.5, 1])
    assert sine_of_pi(f([-3, 0, 1, 1e15, 0.5, 2.5, 3.5, -0.5])).tolist() == [0, 0, 0, 0, 1, 1, -1, -1]


@pytest.mark.parametrize("gate", PLAIN, ids=str)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0,), (2, 0)], ids=str)
def test_shapes(gate: Gate, shape: tuple[int, ...]) -> None:
    """Value, gradient and complex step have the input's shape; a scalar stays a scalar, no 0-d array."""
    x = np.full(shape, 0.25)[()]
    z = gate.forward(x)
    function: Any = gate.forward if gate.complex is True else gate.complex
    assert type(z) is type(x)
    assert z.shape == shape
    assert function(x + 1e-100j).shape == shape
    assert isinstance(function(f(0.25) + 1e-100j), np.complex128)
    assert gate.backward(np.ones(shape)[()], z, x)["x"].shape == shape


@pytest.mark.parametrize("gate", [hypot, logaddexp], ids=str)
def test_broadcasting(gate: Gate) -> None:
    """A row and a column make a table; each gets its own shape back, summed over the table."""
    x, y = f([[1], [2]]), f([3, 4, 5])
    z = gate.forward(x, y)
    back = gate.backward(np.ones((2, 3)), z, x, y)
    near(back["x"], slope(gate, x, y).sum(axis=1, keepdims=True))
    near(back["y"], slope(gate, x, y, of="y").sum(axis=0))
    assert gate.forward(np.zeros((0, 3)), y).shape == (0, 3)
