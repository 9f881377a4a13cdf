"""Circular and hyperbolic gates at their special points: exact numbers, complex step, mpmath, edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from elementwise import EPS, f, inside, near, slope, step
from gradcalc.gate import Gate
from gradcalc.gates import hyperbolic, trigonometric
from gradcalc.gates.hyperbolic import (
    arccosh,
    arccoth,
    arccsch,
    arcsech,
    arcsinh,
    arctanh,
    cosh,
    coth,
    csch,
    sech,
    sinh,
    tanh,
)
from gradcalc.gates.trigonometric import (
    arccos,
    arccot,
    arccsc,
    arcsec,
    arcsin,
    arctan,
    arctan2,
    cos,
    cot,
    csc,
    deg2rad,
    rad2deg,
    sec,
    sin,
    sinc,
    tan,
)

inf, nan = np.inf, np.nan


GATES = [g for m in (trigonometric, hyperbolic) for g in vars(m).values() if isinstance(g, Gate)]
SINGLE = [g for g in GATES if len(g.inputs) == 1]
SIZES = [1e-160, 1e-20, 1e-12, 1e-8, 1e-4, 0.01, 0.2, 0.31, 0.32, 0.5, 0.9, 1 - 1e-8, 1 - 2.0**-53, 1.0,
         1 + 2.0**-52, 1 + 1e-8, 1.1, 1.9, 3.3, 5.0, 10.1, 19.9, 20.1, 40.0, 100.0, 354.0, 360.1, 700.0,
         709.0]  # fmt: skip
POINTS = [s * m for m in SIZES for s in (1.0, -1.0)]
WIDE = [s * m for m in (1e3, 1e6, 1e12) for s in (1.0, -1.0)]


def blurred(gate: Gate, x: Any) -> Any:
    """How far the witnesses may lie apart: ulps of the slope, for sinc of its two terms."""
    return 8 * EPS * (1 / np.maximum(abs(x), 1.0) if gate is sinc else abs(slope(gate, x)))


def test_every_gate_is_here() -> None:
    """The families are complete, and no name is taken twice."""
    names = [n for g in GATES for n in (g.name, *g.names)]
    assert len(names) == len(set(names))
    assert {"asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh", "radians", "degrees"} < set(names)
    assert len(GATES) == 28


@pytest.mark.parametrize("gate", SINGLE, ids=str)
def test_the_complex_step_agrees(gate: Gate) -> None:
    """From 1e-160 to 709, with both signs, both witnesses give the same slope."""
    x = inside(gate, [*POINTS, 0.0])
    x = x[np.isfinite(slope(gate, x) + 0 * x) & (abs(slope(gate, x) * np.minimum(abs(x), 1)) > 1e-190)]
    assert x.size > 5
    for h in (1e-100, -1e-100):
        wanted = slope(gate, x) + 0 * x
        near((step(gate, x, h=h) - wanted) / blurred(gate, x), 0 * x, atol=1)


@pytest.mark.parametrize("gate", [sin, cos, tan, sec, csc, cot, arctan, arcsec, arccsc, arccot, sinc, deg2rad,
                                  rad2deg, arcsinh, arccosh, arccsch, arccoth], ids=str)  # fmt: skip
def test_the_complex_step_agrees_far_out(gate: Gate) -> None:
    """Up to 1e12 nothing is lost either."""
    x = inside(gate, WIDE)
    near((step(gate, x) - slope(gate, x)) / blurred(gate, x), 0 * x, atol=1)


@pytest.mark.parametrize("gate", [tanh, sech, csch, coth], ids=str)
def test_deep_saturation(gate: Gate) -> None:
    """At +-1000 nothing overflows on the way to a slope of 0."""
    for x in (1000.0, -1000.0, 1e12, -1e12):
        assert (slope(gate, x), step(gate, x)) == (0, 0)
        assert abs(gate.forward(f(x))) == (1 if gate in (tanh, coth) else 0)


@pytest.mark.parametrize("gate", SINGLE, ids=str)
def test_mpmath_agrees(gate: Gate) -> None:
    """Values and slopes are right to a few ulps where 700 digits say so."""
    mp = pytest.importorskip("mpmath", reason="the reference is computed with mpmath")
    functions = {"arccot": lambda t: mp.pi / 2 - mp.atan(t), "sinc": mp.sincpi,
                 "deg2rad": mp.radians, "rad2deg": mp.degrees}  # fmt: skip
    name = gate.name.replace("arc", "a")
    function = functions[gate.name] if gate.name in functions else getattr(mp, name)
    with mp.workdps(700):
        for x in inside(gate, POINTS):
            t = mp.mpf(float(x))
            h = abs(t) * mp.mpf(10) ** -60
            if abs(t) == 1 and not np.isfinite(slope(gate, x)):
                continue
            value, rate = function(t), (function(t + h) - function(t - h)) / (2 * h)
            for found, wanted in ((gate.forward(x), value), (slope(gate, x), rate)):
                if 1e-300 < abs(wanted) < 1e308:
                    assert abs(float(found) - wanted) <= 8 * EPS * abs(wanted), (x, found, float(wanted))


def test_the_circle() -> None:
    """Sines and slopes at 0 and at exact angles."""
    assert (sin.forward(f(0)), slope(sin, 0), cos.forward(f(0)), slope(cos, 0)) == (0, 1, 1, 0)
    assert (tan.forward(f(0)), slope(tan, 0), sec.forward(f(0)), slope(sec, 0)) == (0, 1, 1, 0)
    near(sin.forward(f(np.pi / 6)), 0.5)
    near(slope(cos, np.pi / 6), -0.5)
    near(slope(tan, np.pi / 4), 2.0)
    near(slope(sec, np.pi / 4), np.sqrt(2))
    near(slope(csc, np.pi / 4), -np.sqrt(2))
    near(slope(cot, np.pi / 4), -2.0)
    near(cot.forward(f(1e-12)), 1e12)
    near(slope(csc, 1e-12), -1e24)


def test_inverses() -> None:
    """Slopes at 0, infinite slopes at the edge, and the branches that are stated."""
    assert (arcsin.forward(f(0)), slope(arcsin, 0), slope(arccos, 0), slope(arctan, 0)) == (0, 1, -1, 1)
    assert [slope(g, x) for g in (arcsin, arccos) for x in (1, -1)] == [inf, inf, -inf, -inf]
    near(slope(arcsin, 0.6), 1.25)
    near(slope(arcsin, 1 - 2.0**-40), 1 / np.sqrt(2.0**-39 - 2.0**-80))
    assert (slope(arctan, 1), slope(arctan, 1e200), slope(arccot, 1)) == (0.5, 0, -0.5)
    near(arcsec.forward(f([2, -2, 1, -1])), [np.pi / 3, 2 * np.pi / 3, 0, np.pi])
    near(arccsc.forward(f([2, -2, 1])), [np.pi / 6, -np.pi / 6, np.pi / 2])
    near(slope(arcsec, [2, -2]), [0.5 / np.sqrt(3)] * 2)
    near(slope(arccsc, [2, -2]), [-0.5 / np.sqrt(3)] * 2)
    assert slope(arcsec, 1) == inf
    near(arccot.forward(f([0, 1, -1, 1e12])), [np.pi / 2, np.pi / 4, 3 * np.pi / 4, 1e-12])


@pytest.mark.parametrize(
    ("gate", "good", "bad"),
    [(arcsin, [-1, 0, 1], [1 + 1e-15, -2]), (arccos, [-1, 1], [2]), (arcsec, [1, -1, 9], [0, 0.9]),
     (arccsc, [1, -1], [-0.5]), (csc, [1], [0, -0.0]), (cot, [1], [0]), (csch, [9], [0]), (coth, [-1], [0]),
     (arccosh, [1, 5], [0.999, -2]), (arctanh, [0, -0.99], [1, -1, 2]), (arcsech, [1, 1e-9], [0, -0.5, 1.1]),
     (arccsch, [-1e-9], [0]), (arccoth, [1.01, -3], [1, -1, 0])],
    ids=lambda v: str(v) if isinstance(v, Gate) else "",
)  # fmt: skip
def test_domains(gate: Gate, good: list[float], bad: list[float]) -> None:
    """Each gate knows where it is defined, its sample lies there, and outside there is no finite value."""
    assert gate.domain is not None
    assert np.all(gate.domain.holds(f(good)))
    assert np.all(np.isfinite(gate.forward(f(good))))
    assert not np.any(gate.domain.holds(f(bad)))
    assert not np.any(np.isfinite(gate.forward(f(bad))))
    assert np.all(gate.domain.holds(np.linspace(*gate.domain.sample["x"], 50)))


def test_arctan2() -> None:
    """All four quadrants, slopes x/r^2 and -y/r^2, and no overflow."""
    q = np.pi / 4
    near(arctan2.forward(f([1, 1, -1, -1]), f([1, -1, -1, 1])), [q, 3 * q, -3 * q, -q])
    near([slope(arctan2, 3, 4), slope(arctan2, 3, 4, of="x")], [0.16, -0.12])
    near(slope(arctan2, 3e200, 4e200), 0.16e-200)
    near([slope(arctan2, 0, -2), slope(arctan2, 0, -2, of="x")], [-0.5, 0])
    assert np.isnan(slope(arctan2, 0, 0))


MIXED = [s * m for m in (0.0, 1e-12, 1e-3, 0.5, 1.0, 3.0, 1000.0, 1e12) for s in (1.0, -1.0)]


@pytest.mark.parametrize("of", ["x", "y"])
def test_arctan2_agrees_with_the_complex_step(of: str) -> None:
    """Small beside large, all quadrants and axes: both witnesses give the same slope."""
    y, x = (v.ravel() for v in np.meshgrid(MIXED, MIXED))
    y, x = y[(x != 0) | (y != 0)], x[(x != 0) | (y != 0)]
    near(step(arctan2, y, x, of=of, h=1e-115), slope(arctan2, y, x, of=of))


def test_arctan2_jumps_where_y_changes_sign_left_of_the_origin() -> None:
    """The margin is the way to the cut, and on it the real part is the limit from the side moved to."""
    kink, function = arctan2.kink, arctan2.complex
    assert kink is not None
    assert kink.jump
    assert callable(function)
    y, x = f([0, 0, 0, -0.5, 3, -0.0]), f([-1, 2, 0, -7, 4, -1])
    near(kink.margin(arctan2.forward(y, x), y, x), [0, 2, 0, 0.5, 5, 0])
    up, down = (function(np.complex128(complex(0, h)), f(-1)).real for h in (1e-100, -1e-100))
    assert (up, down) == (np.pi, -np.pi)
    assert function(f(0), np.complex128(-1 + 1e-100j)).real == np.pi
    assert function(np.complex128(-1e-100j), np.complex128(1e-100j)).real == -np.pi / 4


def test_hyperbolic_values() -> None:
    """Slopes at 0 and 1; tanh at 20 keeps its slope of 4 exp(-40)."""
    assert (slope(sinh, 0), slope(cosh, 0), slope(tanh, 0), slope(sech, 0)) == (1, 0, 1, 0)
    assert (cosh.forward(f(0)), sech.forward(f(0))) == (1, 1)
    assert (arccosh.forward(f(1)), arcsech.forward(f(1))) == (0, 0)
    near(slope(tanh, 20), 1.6993417021166355e-17)  # 1 - z^2 would be 0
    near(step(tanh, 20), 1.6993417021166355e-17)
    near(slope(coth, 20), -1.6993417021166355e-17)
    near(slope(tanh, -360), 4 * np.exp(-720), rtol=1e-9)
    near(tanh.forward(f(0.5)), 0.46211715726000976)
    near(slope(tanh, 0.5), 0.7864477329659274)
    assert (slope(arcsinh, 0), slope(arctanh, 0), slope(arccosh, 1), slope(arcsech, 1)) == (1, 1, inf, -inf)
    near(slope(arcsinh, 0.75), 0.8)
    near(slope(arcsinh, 1e200), 1e-200)
    near(slope(arccosh, 1.25), 4 / 3)
    near(slope(arccosh, 1e200), 1e-200)
    near(slope(arctanh, 0.5), 4 / 3)
    near(slope(arccoth, -2), -1 / 3)
    near(slope(arccsch, [0.75, -0.75]), [-16 / 15] * 2)
    near(slope(arcsech, 0.6), -25 / 12)
    near(arccoth.forward(f([2, -2])), [0.5493061443340549, -0.5493061443340549])


def test_sinc() -> None:
    """sinc is numpy's: 1 at 0 with slope 0, exactly 0 at whole x, with slope (-1)^x/x."""
    assert (sinc.forward(f(0)), slope(sinc, 0), step(sinc, 0)) == (1, 0, 0)
    assert sinc.forward(f([1, -1, 2, 1e6])).tolist() == [0, 0, 0, 0]
    assert slope(sinc, [1, -1, 2, 1e6]).tolist() == [-1, 1, 0.5, 1e-6]
    near(sinc.forward(f(0.5)), 2 / np.pi)
    near(slope(sinc, 0.5), -4 / np.pi)
    near(slope(sinc, 1e-12), -(np.pi**2) / 3 * 1e-12)
    near(step(sinc, 1e-12), -(np.pi**2) / 3 * 1e-12)
    x = np.linspace(-3, 3, 41)
    near(sinc.forward(x), np.sinc(x), atol=1e-16)


def test_angles() -> None:
    """180 degrees are pi, and the slopes are the factors."""
    assert (deg2rad.forward(f(180)), rad2deg.forward(f(np.pi))) == (np.pi, 180)
    near([slope(deg2rad, 7), slope(rad2deg, 7)], [0.017453292519943295, 57.29577951308232])


@pytest.mark.parametrize("gate", SINGLE, ids=str)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0,), (2, 0)], ids=str)
def test_shapes(gate: Gate, shape: tuple[int, ...]) -> None:
    """Value, gradient and complex step have the input's shape; a scalar stays a scalar, no 0-d array."""
    x = np.full(shape, 1.5 if gate in (arcsec, arccsc, arccosh, arccoth) else 0.5)[()]
    z = gate.forward(x)
    function: Any = gate.forward if gate.complex is True else gate.complex
    assert type(z) is type(x)
    assert z.shape == shape
    assert np.all(np.isfinite(z))
    assert function(x + 1e-100j).shape == shape
    assert isinstance(function(f(0.25) + 1e-100j), np.complex128)
    assert gate.backward(np.ones(shape)[()], z, x)["x"].shape == shape


def test_broadcasting() -> None:
    """arctan2 of a column and a row makes a table; each gets its own shape back, summed over the table."""
    y, x = f([[1], [2]]), f([3, 4, 5])
    back = arctan2.backward(np.ones((2, 3)), arctan2.forward(y, x), y, x)
    near(back["y"], slope(arctan2, y, x).sum(axis=1, keepdims=True))
    near(back["x"], slope(arctan2, y, x, of="x").sum(axis=0))
    function: Any = arctan2.complex
    assert function(y + 1e-100j, x).shape == (2, 3)
    assert arctan2.forward(np.zeros((0, 3)), x).shape == (0, 3)
