"""The gates of trigonometry: the circular functions, their inverses, sinc and the two angle units."""

from __future__ import annotations

import math

import numpy as np

from ..gate import Array, Domain, Kink, Mistake, Pattern, gate
from .elementary import sine_of_pi

DEGREE = math.pi / 180.0


def _leg(x: Array) -> Array:
    """sqrt(x^2 - 1), the leg of the triangle with hypotenuse |x| and the other leg 1."""
    size = abs(x)
    return np.sqrt(size - 1.0) * np.sqrt(size + 1.0)


def _complex_arcsec(x: Array) -> Array:
    side = np.copysign(1.0, x.real)  # up to a real constant, arcsec is odd
    return side * np.arctan(np.sqrt(side * x - 1.0) * np.sqrt(side * x + 1.0))


def _cut(z: Array, y: Array, x: Array) -> Array:
    return np.where(x < 0.0, abs(y), np.hypot(y, x))[()]


def _complex_arctan2(y: Array, x: Array) -> Array:
    steep = abs(y.real) > abs(x.real)
    turn = np.arctan(np.where(steep, -x, y) / np.where(steep, y, x)).imag  # up to a real constant
    flat = (y.real == 0.0) & (x.real <= 0.0)
    origin = flat & (x.real == 0.0)
    angle = np.arctan2(np.where(flat, y.imag + 0.0, y.real), np.where(origin, x.imag, x.real))
    return (angle + 1j * np.where(origin, 0.0, turn))[()]


# d/dx sinc = -pi*j1(pi*x), and the spherical Bessel function j1(u) is u/3 times this series in u^2
# (Abramowitz and Stegun 10.1.2); the quotient loses all digits near 0. The second one is sin(u)/u.
_J1 = [(-0.5) ** k * 3.0 / (math.factorial(k) * math.prod(range(3, 2 * k + 4, 2))) for k in range(9)]
_SINC = [(-1.0) ** k / math.factorial(2 * k + 1) for k in range(9)]


def _series(coefficients: list[float], v: Array) -> Array:
    total = 0.0 * v
    for c in reversed(coefficients):
        total = total * v + c
    return total


def _complex_sinc(x: Array) -> Array:
    u = np.pi * x
    near = abs(u.real) < 1.0
    far = sine_of_pi(x) / np.where(near, 1.0, u)
    return np.where(near, _series(_SINC, np.where(near, u * u, 0.0)), far)[()]


def _sinc_slope(z: Array, x: Array) -> Array:
    u = np.pi * x
    near = abs(u) < 1.0
    series = -np.pi / 3.0 * u * _series(_J1, np.where(near, u * u, 0.0))
    whole = np.rint(x)
    cosine = np.sin(np.pi * (0.5 - abs(x - whole))) * (1.0 - 2.0 * (whole % 2.0))  # cos(pi*x), without pi*x
    return np.where(near, series, (cosine - z) / np.where(near, 1.0, x))[()]


# -- sine and its family --------------------------------------------------------------------------------


@gate("sin(x)", pattern=Pattern.SCALER, complex=True,
      frameworks="np.sin, torch.sin", examples=("sin(pi/6)",),
      mistakes=(Mistake("x", "sin' = -cos(x), the sign of cos'", lambda z, x: -np.cos(x)),),
      local={"x": ("cos(x)", lambda z, x: np.cos(x))})
def sin(x: Array) -> Array:
    """The upstream gradient is multiplied by the cosine of the input."""
    return np.sin(x)


@gate("cos(x)", pattern=Pattern.SCALER, complex=True,
      frameworks="np.cos, torch.cos", examples=("cos(pi/3)",),
      mistakes=(Mistake("x", "cos' = sin(x), the sign lost", lambda z, x: np.sin(x)),),
      local={"x": ("-sin(x)", lambda z, x: -np.sin(x))})
def cos(x: Array) -> Array:
    """The upstream gradient is multiplied by minus the sine of the input."""
    return np.cos(x)


@gate("sin(x)/cos(x)", pattern=Pattern.SCALER, complex=True,
      frameworks="np.tan, torch.tan", examples=("tan(pi/4)",),
      mistakes=(Mistake("x", "tan' = 1/cos(x), not squared", lambda z, x: 1.0 / np.cos(x)),
                Mistake("x", "tan' = 1 - z^2, the rule of tanh", lambda z, x: 1.0 - z * z)),
      local={"x": ("1 + z^2", lambda z, x: 1.0 + z * z)})
def tan(x: Array) -> Array:
    """The upstream gradient is multiplied by one plus the output squared."""
    return np.tan(x)


@gate("1/cos(x)", pattern=Pattern.SCALER, complex=lambda x: 1.0 / np.cos(x),
      examples=("sec(pi/3)",),
      mistakes=(Mistake("x", "sec' = tan(x)^2", lambda z, x: np.tan(x) ** 2),),
      local={"x": ("z*tan(x)", lambda z, x: z * np.tan(x))})
def sec(x: Array) -> Array:
    """The upstream gradient is multiplied by the output and by tan(x)."""
    return 1.0 / np.cos(x)


@gate("1/sin(x)", pattern=Pattern.SCALER, names=("cosec",), complex=lambda x: 1.0 / np.sin(x),
      examples=("csc(pi/6)",), domain=Domain("sin(x) != 0", lambda x: np.sin(x) != 0.0, {"x": (0.3, 2.8)}),
      mistakes=(Mistake("x", "csc' = z*cot(x), the sign lost", lambda z, x: z / np.tan(x)),),
      local={"x": ("-z*cot(x)", lambda z, x: -z / np.tan(x))})
def csc(x: Array) -> Array:
    """The upstream gradient is multiplied by minus the output and by cot(x)."""
    return 1.0 / np.sin(x)


@gate("1/tan(x)", pattern=Pattern.SCALER, names=("cotan",), complex=lambda x: 1.0 / np.tan(x),
      examples=("cot(pi/4)",), domain=Domain("sin(x) != 0", lambda x: np.sin(x) != 0.0, {"x": (0.3, 2.8)}),
      mistakes=(Mistake("x", "cot' = 1 + z^2, the sign lost", lambda z, x: 1.0 + z * z),),
      local={"x": ("-(1 + z^2)", lambda z, x: -1.0 - z * z)})
def cot(x: Array) -> Array:
    """The upstream gradient is multiplied by minus one plus the output squared."""
    return 1.0 / np.tan(x)


# -- inverses -------------------------------------------------------------------------------------------


@gate("arcsin(x)", pattern=Pattern.SCALER, names=("asin",), complex=True,
      frameworks="np.arcsin, torch.asin", examples=("arcsin(0.5)",),
      domain=Domain("-1 <= x <= 1", lambda x: abs(x) <= 1.0, {"x": (-0.9, 0.9)}),
      mistakes=(Mistake("x", "arcsin' = 1/cos(x)", lambda z, x: 1.0 / np.cos(x)),),
      local={"x": ("1/sqrt(1 - x^2)", lambda z, x: 1.0 / np.sqrt((1.0 - x) * (1.0 + x)))})
def arcsin(x: Array) -> Array:
    """The upstream gradient is divided by sqrt(1 - x^2); at -1 and 1 the slope is infinite."""
    return np.arcsin(x)


@gate("arccos(x)", pattern=Pattern.SCALER, names=("acos",), complex=True,
      frameworks="np.arccos, torch.acos", examples=("arccos(0.5)",),
      domain=Domain("-1 <= x <= 1", lambda x: abs(x) <= 1.0, {"x": (-0.9, 0.9)}),
      mistakes=(Mistake("x", "arccos' = arcsin', the sign lost",
                        lambda z, x: 1.0 / np.sqrt((1.0 - x) * (1.0 + x))),),
      local={"x": ("-1/sqrt(1 - x^2)", lambda z, x: -1.0 / np.sqrt((1.0 - x) * (1.0 + x)))})
def arccos(x: Array) -> Array:
    """The upstream gradient is divided by -sqrt(1 - x^2); at -1 and 1 the slope is infinite."""
    return np.arccos(x)


@gate("arctan(x)", pattern=Pattern.SCALER, names=("atan",), complex=True,
      frameworks="np.arctan, torch.atan", examples=("arctan(1)",),
      mistakes=(Mistake("x", "arctan' = 1/(1 + z^2), taken at the output", lambda z, x: 1.0 / (1.0 + z * z)),
                Mistake("x", "arctan' = 1/(1 - x^2)", lambda z, x: 1.0 / (1.0 - x * x))),
      local={"x": ("1/(1 + x^2)", lambda z, x: 1.0 / (1.0 + x * x))})
def arctan(x: Array) -> Array:
    """The upstream gradient is divided by one plus the input squared."""
    return np.arctan(x)


@gate("arctan2(y, x)", pattern=Pattern.SCALER, names=("atan2",), complex=_complex_arctan2,
      frameworks="np.arctan2, math.atan2, torch.atan2", examples=("arctan2(1, -1)",),
      kink=Kink("y = 0 where x <= 0", "the slope on the side of y > 0; none at (0, 0)", _cut, jump=True),
      mistakes=(Mistake("y", "the signs of the two inputs swapped", lambda z, y, x: -x / (x * x + y * y)),
                Mistake("x", "the sign lost", lambda z, y, x: y / (x * x + y * y))),
      local={"y": ("x/(x^2 + y^2)", lambda z, y, x: x / (r := np.hypot(y, x)) / r),
             "x": ("-y/(x^2 + y^2)", lambda z, y, x: -y / (r := np.hypot(y, x)) / r)})
def arctan2(y: Array, x: Array) -> Array:
    """The upstream gradient goes to y times x/r^2 and to x times -y/r^2, r being the length of (x, y)."""
    return np.arctan2(y, x)


@gate("arccos(1/x)", pattern=Pattern.SCALER, names=("asec",), complex=_complex_arcsec,
      examples=("arcsec(2)",), domain=Domain("abs(x) >= 1", lambda x: abs(x) >= 1.0, {"x": (1.1, 5.0)}),
      mistakes=(Mistake("x", "arcsec' = arccos' at 1/x, the inner derivative forgotten",
                        lambda z, x: -abs(x) / _leg(x)),),
      local={"x": ("1/(abs(x)*sqrt(x^2 - 1))", lambda z, x: 1.0 / abs(x) / _leg(x))})
def arcsec(x: Array) -> Array:
    """The angle in [0, pi] whose secant is x: the upstream gradient is divided by |x| sqrt(x^2 - 1)."""
    return np.arctan2(_leg(x), np.copysign(1.0, x))


@gate("arcsin(1/x)", pattern=Pattern.SCALER, names=("acsc",), complex=lambda x: -_complex_arcsec(x),
      examples=("arccsc(2)",), domain=Domain("abs(x) >= 1", lambda x: abs(x) >= 1.0, {"x": (1.1, 5.0)}),
      mistakes=(Mistake("x", "arccsc' = arcsec', the sign lost", lambda z, x: 1.0 / abs(x) / _leg(x)),),
      local={"x": ("-1/(abs(x)*sqrt(x^2 - 1))", lambda z, x: -1.0 / abs(x) / _leg(x))})
def arccsc(x: Array) -> Array:
    """The angle in [-pi/2, pi/2] whose cosecant is x: the gradient is divided by -|x| sqrt(x^2 - 1)."""
    return np.arctan2(np.copysign(1.0, x), _leg(x))


@gate("pi/2 - arctan(x)", pattern=Pattern.SCALER, names=("acot",), complex=lambda x: -np.arctan(x),
      examples=("arccot(1)",),
      mistakes=(Mistake("x", "arccot' = arctan', the sign lost", lambda z, x: 1.0 / (1.0 + x * x)),),
      local={"x": ("-1/(1 + x^2)", lambda z, x: -1.0 / (1.0 + x * x))})
def arccot(x: Array) -> Array:
    """The angle in (0, pi) whose cotangent is x, no jump at 0: the gradient is divided by -(1 + x^2)."""
    return np.arctan2(1.0, x)


# -- sinc and the units of angles -----------------------------------------------------------------------


@gate("sin(pi*x)/(pi*x)", pattern=Pattern.SCALER, complex=_complex_sinc,
      frameworks="np.sinc, torch.sinc", examples=("sinc(0.5)", "sinc(0)"),
      mistakes=(Mistake("x", "sinc' = cos(pi*x)/x, the quotient rule's second term forgotten",
                        lambda z, x: np.cos(np.pi * x) / x),),
      local={"x": ("(cos(pi*x) - z)/x", _sinc_slope)})
def sinc(x: Array) -> Array:
    """numpy's sinc, with pi: the upstream gradient is multiplied by (cos(pi x) - z)/x, which is 0 at 0."""
    return sine_of_pi(x) / (np.pi * x + (x == 0.0)) + (x == 0.0)


@gate("x*(pi/180)", pattern=Pattern.SCALER, names=("radians",), complex=True,
      frameworks="np.deg2rad, np.radians, torch.deg2rad", examples=("deg2rad(180)",),
      mistakes=(Mistake("x", "deg2rad' = 180/pi, the reciprocal", lambda z, x: 1.0 / DEGREE),),
      local={"x": ("pi/180", lambda z, x: DEGREE)})
def deg2rad(x: Array) -> Array:
    """The upstream gradient is multiplied by pi/180."""
    return x * DEGREE


@gate("x*(180/pi)", pattern=Pattern.SCALER, names=("degrees",), complex=True,
      frameworks="np.rad2deg, np.degrees, torch.rad2deg", examples=("rad2deg(pi)",),
      mistakes=(Mistake("x", "rad2deg' = pi/180, the reciprocal", lambda z, x: DEGREE),),
      local={"x": ("180/pi", lambda z, x: 180.0 / math.pi)})
def rad2deg(x: Array) -> Array:
    """The upstream gradient is multiplied by 180/pi."""
    return x * (180.0 / math.pi)
