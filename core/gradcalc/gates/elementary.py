"""The gates of school and of special functions: exponentials, logarithms, roots, erf and gamma."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np

from ..errors import GradcalcError
from ..gate import Array, Domain, Kink, Mistake, Pattern, gate

LN2 = math.log(2.0)
LN10 = math.log(10.0)


# -- kernels: shared with the other families ------------------------------------------------------------


def logistic(x: Array) -> Array:
    """1/(1 + exp(-x)), to full relative accuracy far to the left as well."""
    e = np.exp(-abs(x))
    if type(x) is np.float64:
        return (1.0 if x >= 0.0 else e) / (1.0 + e)
    return np.where(x >= 0.0, 1.0, e) / (1.0 + e)


def sine_of_pi(x: Array) -> Array:
    """sin(pi*x), exact at whole x; x real or complex."""
    whole = np.rint(x.real)
    return np.sin(np.pi * (x - whole)) * (1.0 - 2.0 * (whole % 2.0))


def mapped(function: Any, x: Array) -> Array:
    """A function from the math module, entry by entry."""
    if type(x) is np.float64:
        return np.float64(function(x))
    return np.frompyfunc(function, 1, 1)(x).astype(np.float64)[()]


def complex_erf(x: Array, complement: bool = False) -> Array:
    """erf(x), or erfc(x), for complex x near the real axis.

    Salzer's formula (Abramowitz and Stegun 7.1.29): exact but for 7e-18 of the correction to the real axis.
    """
    a, b = x.real, x.imag
    double = 2.0 * a * b
    shift = (b / np.pi) * (np.sin(a * b) * np.sinc(a * b / np.pi) + 1j * np.sinc(double / np.pi))
    for n in range(1, 14):
        up, down = np.cosh(n * b), np.sinh(n * b)
        along = 2.0 * a * (1.0 - up * np.cos(double)) + n * down * np.sin(double)
        across = 2.0 * a * up * np.sin(double) + n * down * np.cos(double)
        shift = shift + (2.0 / np.pi) * math.exp(-n * n / 4.0) / (n * n + 4.0 * a * a) * (along + 1j * across)
    shift = np.exp(-a * a) * shift
    return mapped(math.erfc, a) - shift if complement else mapped(math.erf, a) + shift


def _complex_exp2(x: Array) -> Array:
    return np.exp2(x.real) * np.exp(1j * (x.imag * LN2))  # np.exp2 of a complex number loses digits


def _complex_cbrt(x: Array) -> Array:
    side = np.copysign(1.0, x.real)  # the real cube root is odd
    turned = side * x
    return side * np.cbrt(abs(turned)) * np.exp(1j * (np.arctan2(turned.imag, turned.real) / 3.0))


def _complex_hypot(x: Array, y: Array) -> Array:
    scale = np.maximum(abs(x.real), abs(y.real))
    origin = scale == 0.0
    scale = scale + origin
    u, v = x / scale, y / scale
    length = np.hypot(x.real, y.real)
    # Squares of small shares underflow; beside them the steps' own squares are nothing.
    turn = u.real * x.imag + v.real * y.imag
    near = np.hypot(x.imag, y.imag) < 1e-20 * length
    far = np.where(near, length + 1j * (turn / np.hypot(u.real, v.real)), scale * np.sqrt(u * u + v * v))
    return np.where(origin, 1j * np.hypot(x.imag, y.imag), far)[()]


def _complex_logaddexp(x: Array, y: Array) -> Array:
    high = np.maximum(x.real, y.real)
    return high + np.log(np.exp(x - high) + np.exp(y - high))


def _scipy(name: str) -> Any:
    try:
        return importlib.import_module("scipy.special")
    except ImportError:
        raise GradcalcError(f"{name} needs scipy, which is not installed", kind="missing",
                            hint="pip install 'gradcalc[scipy]'") from None


def _no_pole(x: Array) -> Array:
    return (x > 0.0) | (x != np.floor(x))


def _complex_gamma(x: Array) -> Array:
    special = _scipy("gamma")
    left = x.real < 0.5
    y = np.where(left, 1.0 - x, x)
    turn = special.loggamma(y) - special.gammaln(y.real)
    mirrored = np.pi / sine_of_pi(x) * special.rgamma(y.real) * np.exp(-turn)
    return np.where(left, mirrored, special.gamma(y.real) * np.exp(turn))[()]


def _complex_lgamma(x: Array) -> Array:
    special = _scipy("lgamma")
    left = x.real < 0.5
    right = special.loggamma(np.where(left, 1.0 - x, x))
    sine = sine_of_pi(x)
    return np.where(left, math.log(np.pi) - np.log(sine * np.copysign(1.0, sine.real)) - right, right)[()]


def _complex_digamma(x: Array) -> Array:
    left = x.real < 0.5  # mirrored at 1/2, as gamma is
    right = _scipy("digamma").psi(np.where(left, 1.0 - x, x))
    return np.where(left, right - np.pi / np.tan(np.pi * (x - np.rint(x.real))), right)[()]


def _trigamma(x: Array) -> Array:
    right = _scipy("digamma").polygamma(1, np.where(x > 0.0, x, 1.0 - x))
    return np.where(x > 0.0, right, (np.pi / sine_of_pi(x)) ** 2 - right)[()]


def _polygamma(n: Array, x: Array) -> Array:
    if np.any((n < 0.0) | (n != np.floor(n))):
        raise GradcalcError("polygamma needs a whole number n >= 0", kind="value",
                            hint="polygamma(1, x) is the slope of digamma(x)")
    return _scipy("polygamma").polygamma(n, np.where(x > 0.0, x, np.nan))[()]


# -- exponentials and logarithms ------------------------------------------------------------------------


@gate("e^x", pattern=Pattern.SCALER, complex=True,
      frameworks="np.exp, torch.exp", examples=("exp(1)", "exp([-1, 0, 2])"),
      mistakes=(Mistake("x", "exp' = x", lambda z, x: x),
                Mistake("x", "exp' = x*exp(x - 1), the power rule", lambda z, x: x * np.exp(x - 1.0))),
      local={"x": ("z", lambda z, x: z)})
def exp(x: Array) -> Array:
    """The upstream gradient is multiplied by the gate's own output."""
    return np.exp(x)


@gate("2^x", pattern=Pattern.SCALER, complex=_complex_exp2,
      frameworks="np.exp2, torch.exp2", examples=("exp2(3)",),
      mistakes=(Mistake("x", "exp2' = z, the factor log(2) forgotten", lambda z, x: z),),
      local={"x": ("z*log(2)", lambda z, x: z * LN2)})
def exp2(x: Array) -> Array:
    """The upstream gradient is multiplied by the output and by log(2)."""
    return np.exp2(x)


@gate("exp(x) - 1", pattern=Pattern.SCALER, complex=True,
      frameworks="np.expm1, torch.expm1", examples=("expm1(1e-10)",),
      mistakes=(Mistake("x", "expm1' = z", lambda z, x: z),),
      local={"x": ("exp(x)", lambda z, x: np.exp(x))})
def expm1(x: Array) -> Array:
    """The upstream gradient is multiplied by exp(x), which is the output plus one."""
    return np.expm1(x)


@gate("log(x)", pattern=Pattern.SCALER, names=("ln",), complex=True,
      frameworks="np.log, torch.log", examples=("log(2)", "log([0.5, 1, 4])"),
      domain=Domain("x > 0", lambda x: x > 0.0, {"x": (0.1, 5.0)}),
      mistakes=(Mistake("x", "log' = 1/z", lambda z, x: 1.0 / z),
                Mistake("x", "log' = x", lambda z, x: x)),
      local={"x": ("1/x", lambda z, x: 1.0 / x)})
def log(x: Array) -> Array:
    """The upstream gradient is divided by the input."""
    return np.log(x)


@gate("log(x)/log(2)", pattern=Pattern.SCALER, complex=True,
      frameworks="np.log2, torch.log2", examples=("log2(8)",),
      domain=Domain("x > 0", lambda x: x > 0.0, {"x": (0.1, 5.0)}),
      mistakes=(Mistake("x", "log2' = 1/x, the factor 1/log(2) forgotten", lambda z, x: 1.0 / x),),
      local={"x": ("1/(x*log(2))", lambda z, x: 1.0 / (x * LN2))})
def log2(x: Array) -> Array:
    """The upstream gradient is divided by the input and by log(2)."""
    return np.log2(x)


@gate("log(x)/log(10)", pattern=Pattern.SCALER, complex=True,
      frameworks="np.log10, torch.log10", examples=("log10(1000)",),
      domain=Domain("x > 0", lambda x: x > 0.0, {"x": (0.1, 5.0)}),
      mistakes=(Mistake("x", "log10' = 1/x, the factor 1/log(10) forgotten", lambda z, x: 1.0 / x),),
      local={"x": ("1/(x*log(10))", lambda z, x: 1.0 / (x * LN10))})
def log10(x: Array) -> Array:
    """The upstream gradient is divided by the input and by log(10)."""
    return np.log10(x)


@gate("log(1 + x)", pattern=Pattern.SCALER, complex=True,
      frameworks="np.log1p, torch.log1p", examples=("log1p(1e-10)",),
      domain=Domain("x > -1", lambda x: x > -1.0, {"x": (-0.9, 5.0)}),
      mistakes=(Mistake("x", "log1p' = 1/x", lambda z, x: 1.0 / x),),
      local={"x": ("1/(1 + x)", lambda z, x: 1.0 / (1.0 + x))})
def log1p(x: Array) -> Array:
    """The upstream gradient is divided by one plus the input."""
    return np.log1p(x)


@gate("log(exp(x) + exp(y))", pattern=Pattern.SCALER, complex=_complex_logaddexp,
      frameworks="np.logaddexp, torch.logaddexp", examples=("logaddexp(1, 3)", "logaddexp(1000, [999, 1e3])"),
      mistakes=(Mistake("x", "the weight exp(x - z) forgotten", lambda z, x, y: 1.0),),
      local={"x": ("exp(x - z)", lambda z, x, y: logistic(x - y)),
             "y": ("exp(y - z)", lambda z, x, y: logistic(y - x))})
def logaddexp(x: Array, y: Array) -> Array:
    """The upstream gradient is split between the inputs: the larger takes the larger share."""
    return np.logaddexp(x, y)


# -- roots ----------------------------------------------------------------------------------------------


@gate("x^(1/2)", pattern=Pattern.SCALER, complex=True,
      frameworks="np.sqrt, torch.sqrt", examples=("sqrt(9)", "sqrt([1, 2, 4])"),
      domain=Domain("x >= 0", lambda x: x >= 0.0, {"x": (0.1, 5.0)}),
      mistakes=(Mistake("x", "sqrt' = 1/sqrt(x), the factor 1/2 forgotten", lambda z, x: 1.0 / z),
                Mistake("x", "sqrt' = z/2", lambda z, x: z / 2.0)),
      local={"x": ("1/(2*z)", lambda z, x: 0.5 / abs(z))})  # abs: the root of -0 is -0
def sqrt(x: Array) -> Array:
    """The upstream gradient is divided by twice the output; at 0 the slope is infinite."""
    return np.sqrt(x)


@gate("sign(x)*abs(x)^(1/3)", pattern=Pattern.SCALER, complex=_complex_cbrt,
      frameworks="np.cbrt", examples=("cbrt(-8)",),
      mistakes=(Mistake("x", "cbrt' = 1/z^2, the factor 1/3 forgotten", lambda z, x: 1.0 / (z * z)),),
      local={"x": ("1/(3*z^2)", lambda z, x: 1.0 / (3.0 * z * z))})
def cbrt(x: Array) -> Array:
    """The upstream gradient is divided by three times the output squared; at 0 the slope is infinite."""
    return np.cbrt(x)


@gate("x^2", pattern=Pattern.SCALER, complex=True,
      frameworks="np.square, torch.square", examples=("square(-3)",),
      mistakes=(Mistake("x", "square' = x, the factor 2 forgotten", lambda z, x: x),
                Mistake("x", "square' = 2*z", lambda z, x: 2.0 * z)),
      local={"x": ("2*x", lambda z, x: 2.0 * x)})
def square(x: Array) -> Array:
    """The upstream gradient is multiplied by twice the input."""
    return x * x


@gate("sqrt(x^2 + y^2)", pattern=Pattern.SCALER, complex=_complex_hypot,
      frameworks="np.hypot, torch.hypot", examples=("hypot(3, -4)",),
      kink=Kink("x = y = 0", "hypot'(0, 0) = 0", lambda z, x, y: z),
      mistakes=(Mistake("x", "hypot' = x, the division by z forgotten", lambda z, x, y: x),
                Mistake("x", "hypot' = 2*x/z", lambda z, x, y: 2.0 * x / z)),
      local={"x": ("x/z", lambda z, x, y: x / (z + (z == 0.0))),
             "y": ("y/z", lambda z, x, y: y / (z + (z == 0.0)))})
def hypot(x: Array, y: Array) -> Array:
    """Each input takes the upstream gradient times its share of the length, x/z and y/z."""
    return np.hypot(x, y)


# -- special functions ----------------------------------------------------------------------------------


@gate("erf(x)", pattern=Pattern.SCALER, complex=complex_erf,
      frameworks="math.erf, scipy.special.erf, torch.erf", examples=("erf(0.5)",),
      mistakes=(Mistake("x", "erf' = exp(-x^2), 2/sqrt(pi) forgotten", lambda z, x: np.exp(-x * x)),),
      local={"x": ("2/sqrt(pi)*exp(-x^2)", lambda z, x: 2.0 / math.sqrt(math.pi) * np.exp(-x * x))})
def erf(x: Array) -> Array:
    """The upstream gradient is multiplied by a bell curve that is highest, 2/sqrt(pi), at 0."""
    return mapped(math.erf, x)


@gate("1 - erf(x)", pattern=Pattern.SCALER, complex=lambda x: complex_erf(x, complement=True),
      frameworks="math.erfc, scipy.special.erfc, torch.erfc", examples=("erfc(3)",),
      mistakes=(Mistake("x", "erfc' = erf', the sign lost",
                        lambda z, x: 2.0 / math.sqrt(math.pi) * np.exp(-x * x)),),
      local={"x": ("-2/sqrt(pi)*exp(-x^2)", lambda z, x: -2.0 / math.sqrt(math.pi) * np.exp(-x * x))})
def erfc(x: Array) -> Array:
    """The upstream gradient is multiplied by the negative of erf's slope."""
    return mapped(math.erfc, x)


@gate("gamma(x)", pattern=Pattern.SCALER, names=("Γ",), complex=_complex_gamma,
      frameworks="math.gamma, scipy.special.gamma", examples=("gamma(5)",),
      domain=Domain("x is not 0, -1, -2, ...", _no_pole, {"x": (0.5, 5.0)}),
      mistakes=(Mistake("x", "gamma' = digamma(x), the factor z forgotten",
                        lambda z, x: _scipy("gamma").digamma(x)),),
      local={"x": ("z*digamma(x)", lambda z, x: z * _scipy("gamma").digamma(x))})
def gamma(x: Array) -> Array:
    """The upstream gradient is multiplied by the output and by digamma(x)."""
    return _scipy("gamma").gamma(x)


@gate("log(abs(gamma(x)))", pattern=Pattern.SCALER, names=("gammaln", "loggamma"), complex=_complex_lgamma,
      frameworks="math.lgamma, scipy.special.gammaln, torch.lgamma", examples=("lgamma(10)",),
      domain=Domain("x is not 0, -1, -2, ...", _no_pole, {"x": (0.5, 5.0)}),
      mistakes=(Mistake("x", "lgamma' = log(x)", lambda z, x: np.log(x)),),
      local={"x": ("digamma(x)", lambda z, x: _scipy("lgamma").digamma(x))})
def lgamma(x: Array) -> Array:
    """The upstream gradient is multiplied by digamma(x), which is close to log(x) for large x."""
    return _scipy("lgamma").gammaln(x)


@gate("digamma(x)", pattern=Pattern.SCALER, names=("psi", "ψ"), complex=_complex_digamma,
      frameworks="scipy.special.digamma, torch.digamma", examples=("digamma(1)",),
      domain=Domain("x is not 0, -1, -2, ...", _no_pole, {"x": (0.5, 5.0)}),
      mistakes=(Mistake("x", "digamma' = 1/x", lambda z, x: 1.0 / x),),
      local={"x": ("polygamma(1, x)", lambda z, x: _trigamma(x))})
def digamma(x: Array) -> Array:
    """The upstream gradient is multiplied by the next polygamma function."""
    return _scipy("digamma").digamma(x)


@gate("polygamma(n, x)", pattern=Pattern.SCALER,
      frameworks="scipy.special.polygamma, torch.polygamma", examples=("polygamma(1, 2)",),
      domain=Domain("x > 0", lambda n, x: x > 0.0, {"n": (1.0, 1.0), "x": (0.5, 5.0)}),
      local={"x": ("polygamma(n + 1, x)", lambda z, n, x: _polygamma(n + 1.0, x))})
def polygamma(n: Array, x: Array) -> Array:
    """The upstream gradient is multiplied by the next polygamma function; n is fixed and receives none."""
    return _polygamma(n, x)
