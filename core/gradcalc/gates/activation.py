"""The gates of activation: what neural networks put between their layers, and softmax at their end."""

from __future__ import annotations

import math

import numpy as np

from ..errors import GradcalcError
from ..gate import Array, Kink, Mistake, Pattern, gate
from .elementary import complex_erf, logistic, mapped
from .indexing import axes_of

# Klambauer et al., Self-normalizing neural networks, 2017.
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


def _never(smooth: Array, margin: Array) -> Array:
    """The margin of a kink that is none where `smooth` holds."""
    return np.where(smooth, np.inf, margin)[()]


def _nonzero(name: str, parameter: str, value: Array) -> None:
    zero = value == 0.0
    if zero.any() if isinstance(zero, np.ndarray) else zero:
        raise GradcalcError(f"{name} divides by {parameter}, so {parameter} can't be 0", kind="value")


def _right(x: Array) -> Array:
    return np.float64(x > 0.0)


def _left(x: Array) -> Array:
    return np.float64(x <= 0.0)


# -- sigmoid and its family -----------------------------------------------------------------------------


def _logistic_slope(x: Array) -> Array:
    e = np.exp(-abs(x))
    return e / ((1.0 + e) * (1.0 + e))


def _complex_logistic(x: Array) -> Array:
    right = x.real >= 0.0
    e = np.exp(np.where(right, -x, x))
    return (np.where(right, 1.0, e) / (1.0 + e))[()]


def _complex_softplus(x: Array, *, beta: float = 1.0) -> Array:
    x = beta * x
    right = x.real > 0.0
    return ((np.log(1.0 + np.exp(np.where(right, -x, x))) + np.where(right, x, 0.0)) / beta)[()]


@gate("1/(1 + exp(-x))", pattern=Pattern.SCALER, names=("σ", "expit", "logistic"), complex=_complex_logistic,
      frameworks="torch.sigmoid, scipy.special.expit", examples=("sigmoid(0)", "sigmoid([-2, 0, 40])"),
      mistakes=(Mistake("x", "sigmoid' = z", lambda z, x: z),
                Mistake("x", "sigmoid' = x*(1 - x), taken at the input", lambda z, x: x * (1.0 - x)),
                Mistake("x", "sigmoid' = 1 - z^2, the rule of tanh", lambda z, x: 1.0 - z * z)),
      local={"x": ("z*(1 - z)", lambda z, x: _logistic_slope(x))})
def sigmoid(x: Array) -> Array:
    """The upstream gradient is multiplied by z (1 - z): at most a quarter, next to none when saturated."""
    return logistic(x)


@gate("log(1/(1 + exp(-x)))", pattern=Pattern.SCALER, names=("log_sigmoid",),
      complex=lambda x: -_complex_softplus(-x),
      frameworks="torch.nn.functional.logsigmoid", examples=("logsigmoid(-3)",),
      mistakes=(Mistake("x", "logsigmoid' = sigmoid(x)", lambda z, x: logistic(x)),),
      local={"x": ("sigmoid(-x)", lambda z, x: logistic(-x))})
def logsigmoid(x: Array) -> Array:
    """The upstream gradient is multiplied by one minus the sigmoid of the input."""
    return -np.logaddexp(0.0, -x)


@gate("log(1 + exp(beta*x))/beta", pattern=Pattern.SCALER, complex=_complex_softplus,
      frameworks="torch.nn.functional.softplus", examples=("softplus(1)", "softplus([-40, 0, 1000])"),
      mistakes=(Mistake("x", "softplus' = z*(1 - z), the slope of sigmoid",
                        lambda z, x, beta=1.0: z * (1.0 - z)),
                Mistake("x", "softplus' = exp(x)", lambda z, x, beta=1.0: np.exp(x))),
      local={"x": ("sigmoid(beta*x)", lambda z, x, beta=1.0: logistic(beta * x))})
def softplus(x: Array, *, beta: float = 1.0) -> Array:
    """The upstream gradient is multiplied by the sigmoid of the input."""
    _nonzero("softplus", "beta", beta)
    return np.logaddexp(0.0, beta * x) / beta


@gate("x*sigmoid(x)", pattern=Pattern.SCALER, names=("swish",), complex=lambda x: x * _complex_logistic(x),
      frameworks="torch.nn.functional.silu", examples=("silu(1)",),
      mistakes=(Mistake("x", "silu' = sigmoid(x), the product rule's second term forgotten",
                        lambda z, x: logistic(x)),),
      local={"x": ("z + sigmoid(x)*(1 - z)", lambda z, x: logistic(x) * (1.0 + x * logistic(-x)))})
def silu(x: Array) -> Array:
    """The upstream gradient is multiplied by z + sigmoid(x) (1 - z), which is negative below -1.28."""
    return x * logistic(x)


def _mish_slope(z: Array, x: Array) -> Array:
    inner = np.logaddexp(0.0, x)
    sech = 1.0 / np.cosh(inner)
    return np.tanh(inner) + x * logistic(x) * sech * sech


def _complex_mish(x: Array) -> Array:
    right = x.real >= 0.0  # tanh(log(1 + e)) is a quotient of polynomials in e = exp(x), or in exp(-x)
    e = np.exp(np.where(right, -x, x))
    top = np.where(right, 1.0 + 2.0 * e, e * (e + 2.0))
    return (x * top / (top + 2.0 * np.where(right, e * e, 1.0)))[()]


@gate("x*tanh(softplus(x))", pattern=Pattern.SCALER, complex=_complex_mish,
      frameworks="torch.nn.functional.mish", examples=("mish(1)",), source="Misra 2019, arXiv 1908.08681",
      mistakes=(Mistake("x", "mish' = tanh(softplus(x)), the product rule's second term forgotten",
                        lambda z, x: np.tanh(np.logaddexp(0.0, x))),),
      local={"x": ("tanh(softplus(x)) + x*sigmoid(x)*(1 - tanh(softplus(x))^2)", _mish_slope)})
def mish(x: Array) -> Array:
    """The upstream gradient is multiplied by a slope that is 0 far to the left and 1 far to the right."""
    return x * np.tanh(np.logaddexp(0.0, x))


# -- gelu -----------------------------------------------------------------------------------------------


ROOT_HALF = math.sqrt(0.5)
BELL = 1.0 / math.sqrt(2.0 * math.pi)


def _is_tanh(approximate: object) -> bool:
    if approximate in ("none", "tanh"):
        return approximate == "tanh"
    raise GradcalcError(f'gelu\'s approximate is "none" or "tanh", not {approximate!r}', kind="value")


def _gelu_inner(x: Array) -> Array:
    return 2.0 * math.sqrt(2.0 / math.pi) * (x + 0.044715 * x * x * x)  # (1 + tanh(u))/2 is sigmoid(2u)


def _gelu_slope(z: Array, x: Array, *, approximate: str = "none") -> Array:
    if _is_tanh(approximate):
        u, du = _gelu_inner(x), 2.0 * math.sqrt(2.0 / math.pi) * (1.0 + 3.0 * 0.044715 * x * x)
        return logistic(u) * (1.0 + x * logistic(-u) * du)
    return 0.5 * mapped(math.erfc, -ROOT_HALF * x) + x * BELL * np.exp(-0.5 * x * x)


def _complex_gelu(x: Array, *, approximate: str = "none") -> Array:
    if _is_tanh(approximate):
        return x * _complex_logistic(_gelu_inner(x))
    return x * 0.5 * complex_erf(-ROOT_HALF * x, complement=True)


@gate("x*(1 + erf(x/sqrt(2)))/2", pattern=Pattern.SCALER, complex=_complex_gelu,
      frameworks="torch.nn.functional.gelu", examples=("gelu(1)", 'gelu(1, approximate="tanh")'),
      source="Hendrycks and Gimpel 2016, arXiv 1606.08415",
      mistakes=(Mistake("x", "gelu' = gelu(x)/x, the product rule's second term forgotten",
                        lambda z, x, approximate="none": 0.5 * mapped(math.erfc, -ROOT_HALF * x)),),
      local={"x": ("(1 + erf(x/sqrt(2)))/2 + x*exp(-x^2/2)/sqrt(2*pi)", _gelu_slope)})
def gelu(x: Array, *, approximate: str = "none") -> Array:
    """The upstream gradient is multiplied by the share of the bell curve below x, plus x times its height."""
    if _is_tanh(approximate):
        return x * logistic(_gelu_inner(x))
    return x * 0.5 * mapped(math.erfc, -ROOT_HALF * x)


# -- straight pieces ------------------------------------------------------------------------------------


@gate("maximum(x, 0)", pattern=Pattern.ROUTER, names=("ReLU",), complex=True,
      frameworks="torch.relu", examples=("relu(-3)", "relu([-1, 0, 2])"),
      kink=Kink("x = 0", "relu'(0) = 0", lambda z, x: x),
      mistakes=(Mistake("x", "relu' = 1 everywhere", lambda z, x: 1.0 + 0.0 * x),
                Mistake("x", "relu' = z", lambda z, x: z)),
      local={"x": ("x > 0", lambda z, x: _right(x))})
def relu(x: Array) -> Array:
    """The upstream gradient passes where the input is positive and is stopped elsewhere."""
    return np.maximum(x, 0.0)


@gate("maximum(x, 0) + negative_slope*minimum(x, 0)", pattern=Pattern.SCALER, complex=True,
      frameworks="torch.nn.functional.leaky_relu",
      examples=("leaky_relu(-3)", "leaky_relu(-3, negative_slope=0.2)"),
      kink=Kink("x = 0", "leaky_relu'(0) = negative_slope, as in torch",
                lambda z, x, negative_slope=0.01: _never(negative_slope == 1.0, x)),
      mistakes=(Mistake("x", "leaky_relu' = relu'", lambda z, x, negative_slope=0.01: _right(x)),),
      local={"x": ("(x > 0) + negative_slope*(x <= 0)",
                   lambda z, x, negative_slope=0.01: _right(x) + negative_slope * _left(x))})
def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> Array:
    """The upstream gradient passes where the input is positive, and a small share of it elsewhere."""
    return np.maximum(x, 0.0) + negative_slope * np.minimum(x, 0.0)


@gate("minimum(maximum(x, 0), 6)", pattern=Pattern.ROUTER, complex=True,
      frameworks="torch.nn.functional.relu6", examples=("relu6([-1, 3, 8])",),
      kink=Kink("x = 0 and x = 6", "relu6'(0) = relu6'(6) = 0",
                lambda z, x: np.minimum(abs(x), abs(x - 6.0))),
      mistakes=(Mistake("x", "relu6' = relu', the ceiling forgotten", lambda z, x: _right(x)),),
      local={"x": ("(x > 0)*(x < 6)", lambda z, x: np.float64((x > 0.0) & (x < 6.0)))})
def relu6(x: Array) -> Array:
    """The upstream gradient passes where the input lies between 0 and 6 and is stopped elsewhere."""
    return np.minimum(np.maximum(x, 0.0), 6.0)


@gate("minimum(maximum(x, min_val), max_val)", pattern=Pattern.ROUTER, names=("hard_tanh",), complex=True,
      frameworks="torch.nn.functional.hardtanh", examples=("hardtanh([-2, 0.5, 2])",),
      kink=Kink("x = min_val and x = max_val", "0 on both, as in torch (clip passes there)",
                lambda z, x, min_val=-1.0, max_val=1.0: np.minimum(abs(x - min_val), abs(x - max_val))),
      mistakes=(Mistake("x", "hardtanh' = 1 - z^2, the rule of tanh",
                        lambda z, x, min_val=-1.0, max_val=1.0: 1.0 - z * z),),
      local={"x": ("(x > min_val)*(x < max_val)",
                   lambda z, x, min_val=-1.0, max_val=1.0: np.float64((x > min_val) & (x < max_val)))})
def hardtanh(x: Array, *, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """The upstream gradient passes where the input lies between the bounds and is stopped elsewhere."""
    crossed = min_val > max_val
    if crossed.any() if isinstance(crossed, np.ndarray) else crossed:
        raise GradcalcError(f"hardtanh needs min_val <= max_val, not {min_val} and {max_val}", kind="value")
    return np.minimum(np.maximum(x, min_val), max_val)


@gate("minimum(maximum(x + 3, 0), 6)/6", pattern=Pattern.SCALER, names=("hard_sigmoid",), complex=True,
      frameworks="torch.nn.functional.hardsigmoid", examples=("hardsigmoid([-4, 0, 4])",),
      kink=Kink("x = -3 and x = 3", "hardsigmoid'(-3) = hardsigmoid'(3) = 0", lambda z, x: abs(x) - 3.0),
      mistakes=(Mistake("x", "hardsigmoid' = z*(1 - z), as for sigmoid", lambda z, x: z * (1.0 - z)),
                Mistake("x", "hardsigmoid' = 1, 1/6 forgotten", lambda z, x: np.float64(abs(x) < 3.0))),
      local={"x": ("(abs(x) < 3)/6", lambda z, x: np.float64(abs(x) < 3.0) / 6.0)})
def hardsigmoid(x: Array) -> Array:
    """A sixth of the upstream gradient passes where the input lies between -3 and 3, none elsewhere."""
    return (np.minimum(np.maximum(x, -3.0), 3.0) + 3.0) / 6.0


@gate("x*minimum(maximum(x + 3, 0), 6)/6", pattern=Pattern.SCALER, names=("hard_swish", "hardsilu"),
      complex=True, frameworks="torch.nn.functional.hardswish", examples=("hardswish([-4, 1, 4])",),
      kink=Kink("x = -3 and x = 3", "hardswish'(-3) = 0 and hardswish'(3) = 1, the outer pieces",
                lambda z, x: abs(x) - 3.0), source="Howard et al. 2019, arXiv 1905.02244",
      mistakes=(Mistake("x", "hardswish' = hardsigmoid(x), the product rule's second term forgotten",
                        lambda z, x: (np.minimum(np.maximum(x, -3.0), 3.0) + 3.0) / 6.0),),
      local={"x": ("(x >= 3) + (abs(x) < 3)*(x/3 + 1/2)",
                   lambda z, x: np.float64(x >= 3.0) + np.float64(abs(x) < 3.0) * (x / 3.0 + 0.5))})
def hardswish(x: Array) -> Array:
    """The upstream gradient is stopped below -3, passes above 3, and is multiplied by x/3 + 1/2 between."""
    return x * (np.minimum(np.maximum(x, -3.0), 3.0) + 3.0) / 6.0


@gate("x/(1 + abs(x))", pattern=Pattern.SCALER, names=("soft_sign",),
      frameworks="torch.nn.functional.softsign",
      complex=lambda x: -(s := np.copysign(1.0, x.real)) / (1.0 + s * x),  # up to a real constant
      examples=("softsign(-3)",),
      mistakes=(Mistake("x", "softsign' = 1/(1 + abs(x)), not squared", lambda z, x: 1.0 / (1.0 + abs(x))),),
      local={"x": ("1/(1 + abs(x))^2", lambda z, x: (1.0 / (1.0 + abs(x))) ** 2)})
def softsign(x: Array) -> Array:
    """The upstream gradient is divided by (1 + |x|) squared."""
    return x / (1.0 + abs(x))


# -- straight to the right, exponential to the left -----------------------------------------------------


@gate("maximum(x, 0) + alpha*(exp(minimum(x, 0)) - 1)", pattern=Pattern.SCALER, complex=True,
      frameworks="torch.nn.functional.elu", examples=("elu(-1)", "elu([-1, 2], alpha=0.5)"),
      kink=Kink("x = 0, unless alpha = 1", "elu'(0) = alpha, as in torch",
                lambda z, x, alpha=1.0: _never(alpha == 1.0, x)),
      mistakes=(Mistake("x", "elu' = z to the left of 0, alpha forgotten",
                        lambda z, x, alpha=1.0: np.where(x > 0.0, 1.0, z)),),
      local={"x": ("(x > 0) + (x <= 0)*(z + alpha)", lambda z, x, alpha=1.0:
                   _right(x) + _left(x) * alpha * np.exp(np.minimum(x, 0.0)))})
def elu(x: Array, *, alpha: float = 1.0) -> Array:
    """The upstream gradient passes where the input is positive, and is multiplied by z + alpha elsewhere."""
    return np.maximum(x, 0.0) + alpha * np.expm1(np.minimum(x, 0.0))


@gate("maximum(x, 0) + alpha*(exp(minimum(x, 0)/alpha) - 1)", pattern=Pattern.SCALER, complex=True,
      frameworks="torch.nn.functional.celu", examples=("celu(-1)", "celu([-1, 2], alpha=0.5)"),
      source="Barron 2017, arXiv 1704.07483",
      mistakes=(Mistake("x", "celu' = z/alpha to the left of 0, the 1 forgotten",
                        lambda z, x, alpha=1.0: np.where(x > 0.0, 1.0, z / alpha)),),
      local={"x": ("(x > 0) + (x <= 0)*(z/alpha + 1)", lambda z, x, alpha=1.0:
                   _right(x) + _left(x) * np.exp(np.minimum(x, 0.0) / alpha))})
def celu(x: Array, *, alpha: float = 1.0) -> Array:
    """The upstream gradient passes where the input is positive, multiplied by z/alpha + 1 elsewhere."""
    _nonzero("celu", "alpha", alpha)
    return np.maximum(x, 0.0) + alpha * np.expm1(np.minimum(x, 0.0) / alpha)


@gate("1.0507009873554805*elu(x, alpha=1.6732632423543772)", pattern=Pattern.SCALER, complex=True,
      frameworks="torch.nn.functional.selu", examples=("selu(-1)",),
      source="Klambauer et al. 2017, arXiv 1706.02515",
      kink=Kink("x = 0", "selu'(0) = 1.758..., the slope on the left, as in torch", lambda z, x: x),
      mistakes=(Mistake("x", "selu' = elu', the scale 1.0507... forgotten",
                        lambda z, x: np.where(x > 0.0, 1.0, SELU_ALPHA * np.exp(np.minimum(x, 0.0)))),),
      local={"x": ("1.0507009873554805*(x > 0) + (x <= 0)*(z + 1.7580993408473766)", lambda z, x:
                   SELU_SCALE * (_right(x) + _left(x) * SELU_ALPHA * np.exp(np.minimum(x, 0.0))))})
def selu(x: Array) -> Array:
    """The upstream gradient is multiplied by 1.0507 where the input is positive, by z + 1.7581 elsewhere."""
    return SELU_SCALE * (np.maximum(x, 0.0) + SELU_ALPHA * np.expm1(np.minimum(x, 0.0)))


# -- softmax --------------------------------------------------------------------------------------------


def _below(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array, Array]:
    """x minus its largest entry, where the largest are, and how many.

    A complex entry is taken off whole, its imaginary part too: what it loses to the others stays exact.
    """
    high = x.real.max(axis=axes, keepdims=True, initial=-np.inf)
    top = x.real == high
    count = np.maximum(np.sum(top, axis=axes, keepdims=True), 1)
    if np.iscomplexobj(x):
        high = high + 1j * (np.sum(np.where(top, x.imag, 0.0), axis=axes, keepdims=True) / count)
    return x - high, top, count


def _softmax_back(dz: Array, z: Array, x: Array, *, axis: Array = -1) -> Array:
    axes = axes_of(axis, np.shape(x))
    # Any constant may be taken off dz, as z sums to 1; the largest entry's own leaves it its last digits.
    top = x == x.max(axis=axes, keepdims=True, initial=-np.inf)
    count = np.maximum(np.sum(top, axis=axes, keepdims=True), 1)
    dz = dz - np.sum(np.where(top, dz, 0.0), axis=axes, keepdims=True) / count
    return z * (dz - (dz * z).sum(axis=axes, keepdims=True))


@gate("exp(x)/sum(exp(x), axis=axis, keepdims=True)", pattern=Pattern.MIXER, complex=True,
      frameworks="scipy.special.softmax, torch.softmax", structure={"x": "block"},
      examples=("softmax([1, 2, 3])", "softmax([[1, 2], [3, 5]], axis=0)", "softmax([1000, 0, -1000])"),
      mistakes=(Mistake("x", "softmax' = z*(1 - z), the diagonal only",
                        lambda dz, z, x, axis=-1: dz * z * (1.0 - z)),
                Mistake("x", "softmax' = z", lambda dz, z, x, axis=-1: dz * z),
                Mistake("x", "softmax' = -z*sum(dz*z), the numerator forgotten",
                        lambda dz, z, x, axis=-1: _softmax_back(dz, z, x, axis=axis) - dz * z)),
      vjp={"x": ("z*(dz - sum(dz*z))", _softmax_back)})
def softmax(x: Array, *, axis: Array = -1) -> Array:
    """Each entry takes its probability times how far its upstream gradient is above their weighted mean."""
    axes = axes_of(axis, np.shape(x))
    e = np.exp(_below(x, axes)[0])
    return e / e.sum(axis=axes, keepdims=True)


def _log_softmax_back(dz: Array, z: Array, x: Array, *, axis: Array = -1) -> Array:
    total = dz.sum(axis=axes_of(axis, np.shape(x)), keepdims=True)
    return -dz * np.expm1(z) - np.exp(z) * (total - dz)  # 1 - exp(z) without cancellation


@gate("x - log(sum(exp(x), axis=axis, keepdims=True))", pattern=Pattern.MIXER, complex=True,
      frameworks="scipy.special.log_softmax, torch.log_softmax", structure={"x": "block"},
      examples=("log_softmax([1, 2, 3])", "log_softmax([1000, 0, -1000])"),
      mistakes=(Mistake("x", "log_softmax' = 1 - exp(z), the diagonal only",
                        lambda dz, z, x, axis=-1: dz * (1.0 - np.exp(z))),
                Mistake("x", "log_softmax' = 1/softmax(x)", lambda dz, z, x, axis=-1: dz * np.exp(-z)),
                Mistake("x", "log_softmax' = -exp(z)*sum(dz), the entry itself forgotten",
                        lambda dz, z, x, axis=-1: _log_softmax_back(dz, z, x, axis=axis) - dz)),
      vjp={"x": ("dz - exp(z)*sum(dz)", _log_softmax_back)})
def log_softmax(x: Array, *, axis: Array = -1) -> Array:
    """Each entry takes its upstream gradient, less its probability times the sum of them all."""
    axes = axes_of(axis, np.shape(x))
    below, top, count = _below(x, axes)
    others = np.sum(np.where(top, np.expm1(below), np.exp(below)), axis=axes, keepdims=True)
    return (below - np.log1p(others + (count - 1.0)))[()]
