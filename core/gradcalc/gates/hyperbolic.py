"""The gates of the hyperbolic functions and their inverses, sharp in deep saturation and near 0."""

from __future__ import annotations

import numpy as np

from ..gate import Array, Domain, Mistake, Pattern, gate


def _complex_sech(x: Array) -> Array:
    e = np.exp(-np.copysign(1.0, x.real) * x)  # far out the cosine overflows, near 0 this loses digits
    return np.where(abs(x.real) < 20.0, 1.0 / np.cosh(x), 2.0 * e / (1.0 + e * e))[()]


def _complex_csch(x: Array) -> Array:
    side = np.copysign(1.0, x.real)
    return -2.0 * side * np.exp(-side * x) / np.expm1(-2.0 * side * x)


def _complex_arccoth(x: Array) -> Array:
    side = np.copysign(1.0, x.real)
    return side * 0.5 * np.log(1.0 + 2.0 / (side * x - 1.0))


def _squared(x: Array) -> Array:
    return x * x  # of 1/cosh and 1/sinh: the square of the cosine itself would overflow too soon


@gate("(exp(x) - exp(-x))/2", pattern=Pattern.SCALER, complex=True,
      frameworks="np.sinh, torch.sinh", examples=("sinh(1)",),
      mistakes=(Mistake("x", "sinh' = -cosh(x), a sign as for the circle", lambda z, x: -np.cosh(x)),),
      local={"x": ("cosh(x)", lambda z, x: np.cosh(x))})
def sinh(x: Array) -> Array:
    """The upstream gradient is multiplied by cosh(x)."""
    return np.sinh(x)


@gate("(exp(x) + exp(-x))/2", pattern=Pattern.SCALER, complex=True,
      frameworks="np.cosh, torch.cosh", examples=("cosh(1)",),
      mistakes=(Mistake("x", "cosh' = -sinh(x), the sign of cos'", lambda z, x: -np.sinh(x)),),
      local={"x": ("sinh(x)", lambda z, x: np.sinh(x))})
def cosh(x: Array) -> Array:
    """The upstream gradient is multiplied by sinh(x), without a minus."""
    return np.cosh(x)


@gate("(exp(x) - exp(-x))/(exp(x) + exp(-x))", pattern=Pattern.SCALER, complex=True,
      frameworks="np.tanh, torch.tanh", examples=("tanh(0.5)", "tanh([-2, 0, 2])"),
      mistakes=(Mistake("x", "tanh' = 1 - z, not squared", lambda z, x: 1.0 - z),
                Mistake("x", "tanh' = 1 - x^2, taken at the input", lambda z, x: 1.0 - x * x),
                Mistake("x", "tanh' = z*(1 - z), the rule of sigmoid", lambda z, x: z * (1.0 - z))),
      local={"x": ("1 - z^2", lambda z, x: _squared(1.0 / np.cosh(x)))})
def tanh(x: Array) -> Array:
    """The upstream gradient is multiplied by one minus the output squared: next to none when saturated."""
    return np.tanh(x)


@gate("1/cosh(x)", pattern=Pattern.SCALER, complex=_complex_sech, examples=("sech(1)",),
      mistakes=(Mistake("x", "sech' = z*tanh(x), the sign lost", lambda z, x: z * np.tanh(x)),),
      local={"x": ("-z*tanh(x)", lambda z, x: -z * np.tanh(x))})
def sech(x: Array) -> Array:
    """The upstream gradient is multiplied by minus the output and by tanh(x)."""
    return 1.0 / np.cosh(x)


@gate("1/sinh(x)", pattern=Pattern.SCALER, complex=_complex_csch, examples=("csch(1)",),
      domain=Domain("x != 0", lambda x: x != 0.0, {"x": (0.3, 3.0)}),
      mistakes=(Mistake("x", "csch' = z*coth(x), the sign lost", lambda z, x: z / np.tanh(x)),),
      local={"x": ("-z*coth(x)", lambda z, x: -z / np.tanh(x))})
def csch(x: Array) -> Array:
    """The upstream gradient is multiplied by minus the output and by coth(x)."""
    return 1.0 / np.sinh(x)


@gate("1/tanh(x)", pattern=Pattern.SCALER, complex=lambda x: 1.0 / np.tanh(x), examples=("coth(1)",),
      domain=Domain("x != 0", lambda x: x != 0.0, {"x": (0.3, 3.0)}),
      mistakes=(Mistake("x", "coth' = 1/sinh(x)^2, the sign lost", lambda z, x: _squared(1.0 / np.sinh(x))),),
      local={"x": ("1 - z^2", lambda z, x: -_squared(1.0 / np.sinh(x)))})
def coth(x: Array) -> Array:
    """The upstream gradient is multiplied by one minus the output squared, which is negative."""
    return 1.0 / np.tanh(x)


@gate("log(x + sqrt(x^2 + 1))", pattern=Pattern.SCALER, names=("asinh", "arsinh"), complex=True,
      frameworks="np.arcsinh, torch.asinh", examples=("arcsinh(1)",),
      mistakes=(Mistake("x", "arcsinh' = 1/(x^2 + 1), the rule of arctan",
                        lambda z, x: 1.0 / (x * x + 1.0)),),
      local={"x": ("1/sqrt(x^2 + 1)", lambda z, x: 1.0 / np.hypot(1.0, x))})
def arcsinh(x: Array) -> Array:
    """The upstream gradient is divided by sqrt(x^2 + 1)."""
    return np.arcsinh(x)


@gate("log(x + sqrt(x^2 - 1))", pattern=Pattern.SCALER, names=("acosh", "arcosh"), complex=True,
      frameworks="np.arccosh, torch.acosh", examples=("arccosh(2)",),
      domain=Domain("x >= 1", lambda x: x >= 1.0, {"x": (1.1, 5.0)}),
      mistakes=(Mistake("x", "arccosh' = 1/sqrt(x^2 + 1), the rule of arcsinh",
                        lambda z, x: 1.0 / np.hypot(1.0, x)),),
      local={"x": ("1/sqrt(x^2 - 1)", lambda z, x: 1.0 / (np.sqrt(x - 1.0) * np.sqrt(x + 1.0)))})
def arccosh(x: Array) -> Array:
    """The upstream gradient is divided by sqrt(x^2 - 1); at 1 the slope is infinite."""
    return np.arccosh(x)


@gate("log((1 + x)/(1 - x))/2", pattern=Pattern.SCALER, names=("atanh", "artanh"), complex=True,
      frameworks="np.arctanh, torch.atanh", examples=("arctanh(0.5)",),
      domain=Domain("-1 < x < 1", lambda x: abs(x) < 1.0, {"x": (-0.9, 0.9)}),
      mistakes=(Mistake("x", "arctanh' = 1/(1 + x^2), as for arctan", lambda z, x: 1.0 / (1.0 + x * x)),),
      local={"x": ("1/(1 - x^2)", lambda z, x: 1.0 / ((1.0 - x) * (1.0 + x)))})
def arctanh(x: Array) -> Array:
    """The upstream gradient is divided by one minus the input squared."""
    return np.arctanh(x)


@gate("arccosh(1/x)", pattern=Pattern.SCALER, names=("asech", "arsech"), examples=("arcsech(0.5)",),
      complex=lambda x: np.arcsinh(np.sqrt((1.0 - x) * (1.0 + x)) / x),
      domain=Domain("0 < x <= 1", lambda x: (x > 0.0) & (x <= 1.0), {"x": (0.1, 0.9)}),
      mistakes=(Mistake("x", "arcsech' = -1/sqrt(1 - x^2), the factor 1/x forgotten",
                        lambda z, x: -1.0 / np.sqrt((1.0 - x) * (1.0 + x))),),
      local={"x": ("-1/(x*sqrt(1 - x^2))", lambda z, x: -1.0 / x / np.sqrt((1.0 - x) * (1.0 + x)))})
def arcsech(x: Array) -> Array:
    """The upstream gradient is divided by -x sqrt(1 - x^2); at 1 the slope is infinite."""
    return np.arcsinh(np.sqrt((1.0 - x) * (1.0 + x) / x) / np.sqrt(x))  # nan where x < 0


@gate("arcsinh(1/x)", pattern=Pattern.SCALER, names=("acsch", "arcsch"), examples=("arccsch(2)",),
      complex=lambda x: np.arcsinh(1.0 / x),
      domain=Domain("x != 0", lambda x: x != 0.0, {"x": (0.3, 5.0)}),
      mistakes=(Mistake("x", "arccsch' positive, the sign lost",
                        lambda z, x: 1.0 / abs(x) / np.hypot(1.0, x)),),
      local={"x": ("-1/(abs(x)*sqrt(1 + x^2))", lambda z, x: -1.0 / abs(x) / np.hypot(1.0, x))})
def arccsch(x: Array) -> Array:
    """The upstream gradient is divided by -|x| sqrt(1 + x^2)."""
    return np.arcsinh(1.0 / x)


@gate("arctanh(1/x)", pattern=Pattern.SCALER, names=("acoth", "arcoth"), complex=_complex_arccoth,
      examples=("arccoth(2)",), domain=Domain("abs(x) > 1", lambda x: abs(x) > 1.0, {"x": (1.1, 5.0)}),
      mistakes=(Mistake("x", "arccoth' = 1/(x^2 - 1), the sign lost",
                        lambda z, x: 1.0 / ((x - 1.0) * (x + 1.0))),),
      local={"x": ("1/(1 - x^2)", lambda z, x: 1.0 / ((1.0 - x) * (1.0 + x)))})
def arccoth(x: Array) -> Array:
    """The upstream gradient is divided by one minus the input squared, which is negative."""
    return np.copysign(0.5 * np.log1p(2.0 / (abs(x) - 1.0)), x)
