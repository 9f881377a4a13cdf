"""The gates of arithmetic: + - * / % ** and their one-input relatives."""

from __future__ import annotations

import math

import numpy as np

from ..gate import Array, Domain, Kink, Mistake, Pattern, gate


@gate("x + y", pattern=Pattern.DISTRIBUTOR, symbol="+", complex=True,
      frameworks="np.add, torch.add", examples=("add(3, -4)", "add([[1, 2], [3, 4]], [10, 20])"),
      local={"x": ("1", lambda z, x, y: 1.0),
             "y": ("1", lambda z, x, y: 1.0)})
def add(x: Array, y: Array) -> Array:
    """Both inputs receive the upstream gradient, unchanged."""
    return x + y


@gate("x - y", pattern=Pattern.DISTRIBUTOR, symbol="-", names=("subtract",), complex=True,
      frameworks="np.subtract, torch.sub", examples=("sub(3, -4)", "sub([[1, 2], [3, 4]], [10, 20])"),
      local={"x": ("1", lambda z, x, y: 1.0),
             "y": ("-1", lambda z, x, y: -1.0)})
def sub(x: Array, y: Array) -> Array:
    """The first input receives the upstream gradient, the second its negative."""
    return x - y


@gate("x * y", pattern=Pattern.SWITCHER, symbol="*", names=("multiply",), complex=True,
      frameworks="np.multiply, torch.mul", examples=("mul(3, -4)", "mul([[1, 2], [3, 4]], [10, 20])"),
      mistakes=(Mistake("x", "its own value instead of the other's", lambda z, x, y: x),
                Mistake("y", "its own value instead of the other's", lambda z, x, y: y)),
      local={"x": ("y", lambda z, x, y: y),
             "y": ("x", lambda z, x, y: x)})
def mul(x: Array, y: Array) -> Array:
    """Each input's gradient is the upstream gradient times the other input."""
    return x * y


@gate("x / y", pattern=Pattern.SCALER, symbol="/", names=("divide", "true_divide"), complex=True,
      frameworks="np.divide, torch.div", examples=("div(3, -4)", "div([[1, 2], [3, 4]], [10, 20])"),
      domain=Domain("a denominator other than 0", lambda x, y: y != 0, {"x": (-3.0, 3.0), "y": (0.5, 3.0)}),
      mistakes=(Mistake("x", "multiplied by y instead of divided", lambda z, x, y: y),
                Mistake("y", "y not squared: -x/y", lambda z, x, y: -z),
                Mistake("y", "the numerator forgotten: -1/y^2", lambda z, x, y: -1.0 / (y * y))),
      local={"x": ("1/y", lambda z, x, y: 1.0 / y),
             "y": ("-x/y^2", lambda z, x, y: -z / y)})  # y^2 itself would overflow first
def div(x: Array, y: Array) -> Array:
    """The numerator's gradient is upstream over y; the denominator's is upstream times -x/y^2."""
    return x / y


@gate("1/x", pattern=Pattern.SCALER, complex=True,
      frameworks="np.reciprocal, torch.reciprocal", examples=("reciprocal(4)", "reciprocal([1, -2, 0.5])"),
      domain=Domain("a denominator other than 0", lambda x: x != 0, {"x": (0.5, 3.0)}),
      mistakes=(Mistake("x", "(1/x)' = log(x): integrated instead", lambda z, x: np.log(x)),
                Mistake("x", "(1/x)' = -1/x: x not squared", lambda z, x: -z)),
      local={"x": ("-1/x^2", lambda z, x: -z * z)})
def reciprocal(x: Array) -> Array:
    """The upstream gradient is multiplied by -1/x^2: always a negative slope."""
    return 1.0 / x


@gate("-x", pattern=Pattern.DISTRIBUTOR, symbol="neg", names=("negative",), complex=True,
      frameworks="np.negative, torch.neg", examples=("neg(3)", "neg([1, -2])"),
      local={"x": ("-1", lambda z, x: -1.0)})
def neg(x: Array) -> Array:
    """The upstream gradient passes with its sign turned."""
    return -x


WHOLE = 2.0**53  # from here on every float is even, and y - 1 need not be one


def slope_of_base(z: Array, x: Array, y: Array) -> Array:
    """y x^(y-1), but 0 for y = 0 whatever x is, and of the right sign for huge y."""
    if type(x) is np.float64 and type(y) is np.float64:
        if y == 0.0:
            return np.float64(0.0)
        slope = y * (z / x) if x < 0.0 and abs(y) >= WHOLE else y * x ** (y - 1.0)
        return slope if math.isfinite(slope) or x == 0.0 else y * z / x  # x^(y-1) may overflow first
    slope = np.where(y == 0.0, 0.0, y * np.power(x, y - 1.0))
    slope = np.where(np.isinf(slope) & (x != 0.0), y * z / x, slope)
    huge = (x < 0.0) & (np.abs(y) >= WHOLE)
    return np.where(huge, y * (z / x), slope) if huge.any() else slope


def slope_of_exponent(z: Array, x: Array, y: Array) -> Array:
    """z log(x), but 0 where x is 0 and y positive; nan for negative x, where y can't be moved."""
    if type(x) is np.float64 and type(y) is np.float64:
        return np.float64(0.0) if x == 0.0 and y > 0.0 else z * np.log(x)
    return np.where((x == 0.0) & (y > 0.0), 0.0, z * np.log(x))


def complex_pow(x: Array, y: Array) -> Array:
    """x^y in polar form, |x|^y e^(i y arg x), with the real power's accuracy; plain products where they do.

    For negative x the sign (-1)^y is taken out first, so that the angle stays small and exact.
    """
    n, turn = np.real(y), np.imag(y)
    if np.ndim(n) == 0 and turn == 0.0 and n in (1.0, 2.0, 3.0):
        return x if n == 1.0 else x * x if n == 2.0 else x * x * x
    re, im = np.real(x), np.imag(x)
    negative = re < 0.0
    whole = (n == np.floor(n)) & (turn == 0.0)
    size = np.power(np.hypot(re, im), n)
    angle = np.arctan2(np.where(negative, -im, im), np.abs(re))
    # log 0 counts as 0: 0^y stays 0 when a positive y moves.
    angle = n * angle + turn * np.log(np.where((re == 0.0) & (im == 0.0) & (n > 0.0), 1.0, np.hypot(re, im)))
    sign = np.where(negative, np.where(whole, 1.0 - 2.0 * np.mod(n, 2.0), np.nan), 1.0)
    z = np.empty(np.broadcast_shapes(np.shape(x), np.shape(y)), dtype=np.complex128)
    z.real = sign * size * np.cos(angle)
    z.imag = sign * size * np.sin(angle)
    return np.where((n == 1.0) & (turn == 0.0), x, z)[()]


@gate("x^y", pattern=Pattern.SCALER, symbol="**", names=("power",), complex=complex_pow,
      frameworks="np.power, torch.pow", examples=("pow(3, 2)", "pow([1, 2, 4], -0.5)", "pow(2, [1, 2, 3])"),
      domain=Domain("a base > 0, 0 with an exponent >= 0, or a negative one with a whole exponent",
                    lambda x, y: (x > 0) | (x == 0) & (y >= 0) | (x < 0) & (y == np.floor(y)),
                    {"x": (0.3, 3.0), "y": (-3.0, 3.0)}),
      mistakes=(Mistake("x", "the exponent not lowered: y*x^y", lambda z, x, y: y * z),
                Mistake("x", "the factor y forgotten: x^(y-1)", lambda z, x, y: x ** (y - 1.0)),
                Mistake("y", "the power rule, where x^y*log(x) belongs", slope_of_base),
                Mistake("y", "log(x) forgotten: x^y", lambda z, x, y: z)),
      local={"x": ("y*x^(y-1)", slope_of_base),
             "y": ("x^y*log(x)", slope_of_exponent)})
def pow_(x: Array, y: Array) -> Array:
    """The base's gradient is upstream times y*x^(y-1), the exponent's upstream times x^y*log(x)."""
    if type(x) in (float, int):
        x = np.float64(x)  # Python's own ** turns complex or raises where float64 gives nan or inf
    return x**y


def gap_of_mod(z: Array, x: Array, y: Array) -> Array:
    """How far x is from the nearest multiple of y: fmod is exact, where mod may round up to y itself."""
    rest = np.abs(np.fmod(x, y))
    return np.minimum(rest, np.abs(y) - rest)


def complex_mod(x: Array, y: Array) -> Array:
    """x - n y, where n = floor(x/y) is one less at a tie that x/y is leaving downwards."""
    re, by = np.real(x), np.real(y)
    downwards = (np.fmod(re, by) == 0.0) & ((np.imag(x) * by - re * np.imag(y)) < 0.0)
    n = np.floor_divide(re, by) - downwards
    return np.where(downwards, by, np.mod(re, by))[()] + 1j * (np.imag(x) - n * np.imag(y))


@gate("x - y*floor(x/y)", pattern=Pattern.SCALER, symbol="%", names=("remainder",), complex=complex_mod,
      frameworks="np.mod, torch.remainder", examples=("mod(7, 3)", "mod([-1, 5.5], 2)"),
      domain=Domain("a divisor other than 0", lambda x, y: y != 0, {"x": (-3.0, 3.0), "y": (0.5, 3.0)}),
      kink=Kink("x is a multiple of y", "the slopes are those with floor(x/y) fixed", gap_of_mod, jump=True),
      local={"x": ("1", lambda z, x, y: 1.0),
             "y": ("-floor(x/y)", lambda z, x, y: -(x // y))})
def mod(x: Array, y: Array) -> Array:
    """The upstream gradient passes to x unchanged, and to y times -floor(x/y), the multiple taken off."""
    return np.mod(x, y)
