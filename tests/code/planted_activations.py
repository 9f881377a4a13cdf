"""Mistakes in activation functions."""

from __future__ import annotations

from planting import Planted, planter

sigmoid = planter("activations.py", "sigmoid")
tanh = planter("activations.py", "tanh")
leaky = planter("activations.py", "leaky_relu")
softplus = planter("activations.py", "softplus")
gelu = planter("activations.py", "gelu")
swish = planter("activations.py", "swish")
prelu = planter("activations.py", "prelu")

SIGMOID: tuple[Planted, ...] = (
    sigmoid("return ds * s * (1 - s)", "return ds * s", "x", "missing-factor", "1 - s forgotten"),
    sigmoid("return ds * s * (1 - s)", "return ds * (1 - s)", "x", "missing-factor", "s forgotten"),
    sigmoid("return ds * s * (1 - s)", "return s * (1 - s)", "x", "upstream-ignored", "upstream ignored"),
    sigmoid(
        "s = cache\n    return ds * s * (1 - s)",
        "s = 1 / (1 + np.exp(-cache))\n    return ds * s * (1 - s)",
        "x",
        "wrong-point",
        "sigmoid of the output",
    ),
    sigmoid(
        "return s, s\n\n\ndef sigmoid_backward",
        "return s, x\n\n\ndef sigmoid_backward",
        "x",
        "wrong-point",
        "the input is kept in place of the output",
    ),
    sigmoid("return ds * s * (1 - s)", "return ds * s * (s - 1)", "x", "sign", "sign lost"),
    sigmoid(
        "return ds * s * (1 - s)", "return ds * s * (1 - s**2)", "x", "extra-factor", "1 - s^2, as for tanh"
    ),
    sigmoid("return ds * s * (1 - s)", "return ds * s * (1 + s)", "x", "sign", "1 + s"),
)

TANH: tuple[Planted, ...] = (
    tanh("dx = dt * (1 - t**2)", "dx = dt * (1 - t)", "x", "missing-factor", "1 - t for 1 - t^2"),
    tanh("dx = dt * (1 - t**2)", "dx = dt * (1 - np.tanh(t) ** 2)", "x", "wrong-point", "tanh twice"),
    tanh("dx = dt * (1 - t**2)", "dx = 1 - t**2", "x", "upstream-ignored", "upstream ignored"),
    tanh("dx = dt * (1 - t**2)", "dx = dt - t**2", "x", "missing-factor", "parentheses forgotten"),
    tanh(
        "dx = dt * (1 - t**2)",
        "dx = dt * t * (1 - t)",
        "x",
        "missing-factor extra-factor",
        "the slope of sigmoid",
    ),
    tanh("return t, t\n", "return t, x\n", "x", "wrong-point", "the input is kept in place of the output"),
    tanh("dx = dt * (1 - t**2)", "dx = dt * (t**2 - 1)", "x", "sign", "sign lost"),
    tanh("dx = dt * (1 - t**2)", "dt *= 1 - t**2\n    dx = dt", "", "mutates", "right, but in place"),
)

LEAKY: tuple[Planted, ...] = (
    leaky(
        "slope = np.where(x > 0, 1.0, alpha)",
        "slope = np.where(x > 0, 1.0, 0.0)",
        "x",
        "mask",
        "0 for alpha: the slope of relu",
    ),
    leaky(
        "slope = np.where(x > 0, 1.0, alpha)",
        "slope = np.where(x > 0, alpha, 1.0)",
        "x",
        "mask",
        "the two slopes exchanged",
    ),
    leaky(
        "slope = np.where(x > 0, 1.0, alpha)",
        "slope = np.where(dout > 0, 1.0, alpha)",
        "x",
        "mask",
        "mask of the upstream gradient",
    ),
    leaky(
        "slope = np.where(x > 0, 1.0, alpha)",
        "slope = np.where(x > 0, 1.0, -alpha)",
        "x",
        "sign",
        "-alpha for alpha",
    ),
    leaky("return slope * dout", "return slope", "x", "upstream-ignored", "upstream ignored"),
    leaky(
        "slope = np.where(x > 0, 1.0, alpha)",
        "slope = np.where(x > 0, 1.0, alpha * x)",
        "x",
        "extra-factor",
        "times x on the negative side",
    ),
    leaky(
        "slope = np.where(x > 0, 1.0, alpha)",
        "slope = np.where(x > 0, 1.0, 0.01)",
        "x",
        "factor",
        "another alpha",
    ),
)

SOFTPLUS: tuple[Planted, ...] = (
    softplus(
        "slope = 1 / (1 + np.exp(-x))", "slope = 1 / (1 + np.exp(x))", "x", "sign", "sign of the exponent"
    ),
    softplus(
        "slope = 1 / (1 + np.exp(-x))", "slope = 1 / np.logaddexp(0, x)", "x", "wrong-point", "1 / output"
    ),
    softplus(
        "slope = 1 / (1 + np.exp(-x))", "slope = np.exp(x)", "x", "missing-factor", "1/(1 + exp(x)) forgotten"
    ),
    softplus(
        "slope = 1 / (1 + np.exp(-x))",
        "slope = 1 / (1 + np.exp(-np.logaddexp(0, x)))",
        "x",
        "wrong-point",
        "slope at the output",
    ),
    softplus(
        "dx = dout * slope\n", "dx = dout * slope * (1 - slope)\n", "x", "extra-factor", "slope of sigmoid"
    ),
    softplus("dx = dout * slope\n", "dx = slope\n", "x", "upstream-ignored", "upstream ignored"),
    softplus("slope = 1 / (1 + np.exp(-x))", "slope = x > 0", "x", "mask", "the slope of relu"),
    softplus(
        "slope = 1 / (1 + np.exp(-x))",
        "dout /= 1 + np.exp(-x)\n    return dout",
        "",
        "mutates",
        "right, but in place",
    ),
)

GELU: tuple[Planted, ...] = (
    gelu("(gate + x * dgate)", "gate", "x", "lost-term", "slope of the gate forgotten"),
    gelu("(gate + x * dgate)", "(x * dgate)", "x", "lost-term", "the gate itself forgotten"),
    gelu("(gate + x * dgate)", "(gate + dgate)", "x", "missing-factor", "x forgotten"),
    gelu("(1 - t**2) * dinner", "(1 - t**2)", "x", "missing-factor", "inner derivative forgotten"),
    gelu("(1 + 3 * 0.044715 * x**2)", "(1 + 0.044715 * x**2)", "x", "factor", "3 forgotten"),
    gelu("(1 - t**2) * dinner", "(1 - t) * dinner", "x", "missing-factor", "1 - t for 1 - t^2"),
    gelu("return dout * (gate", "return (gate", "x", "upstream-ignored", "upstream ignored"),
    gelu("dgate = 0.5 * (1", "dgate = (1", "x", "factor", "1/2 forgotten"),
)

SWISH: tuple[Planted, ...] = (
    swish("dx = dout * (s + beta * x * s * (1 - s))", "dx = dout * s", "x", "lost-term", "slope of the gate"),
    swish("(s + beta * x * s * (1 - s))", "(beta * x * s * (1 - s))", "x", "lost-term", "gate forgotten"),
    swish(
        "(s + beta * x * s * (1 - s))",
        "(s + x * s * (1 - s))",
        "x",
        "missing-factor factor",
        "beta forgotten",
    ),
    swish("(s + beta * x * s * (1 - s))", "(s + beta * x * s)", "x", "missing-factor", "1 - s forgotten"),
    swish("dbeta = np.sum(dout * x**2", "dbeta = np.sum(dout * x", "beta", "missing-factor", "x for x^2"),
    swish(
        "dbeta = np.sum(dout * x**2 * s * (1 - s))",
        "dbeta = dout * x**2 * s * (1 - s)",
        "beta",
        "not-summed",
        "not summed",
    ),
    swish("dbeta = np.sum(dout", "dbeta = np.mean(dout", "beta", "averaged factor", "mean for sum"),
    swish("return dx, dbeta", "return dbeta, dx", "x beta", "swapped", "returned in another order"),
    swish(
        "dbeta = np.sum(dout * x**2", "dbeta = np.sum(x**2", "beta", "upstream-ignored", "upstream ignored"
    ),
)

PRELU: tuple[Planted, ...] = (
    prelu(
        "dalpha = np.sum(dout * np.minimum(x, 0), axis=0)",
        "dalpha = np.sum(dout * x, axis=0)",
        "alpha",
        "mask",
        "mask forgotten",
    ),
    prelu("np.minimum(x, 0), axis=0)", "np.minimum(x, 0))", "alpha", "not-summed", "everything is summed"),
    prelu(
        "dalpha = np.sum(dout * np.minimum(x, 0), axis=0)",
        "dalpha = dout * np.minimum(x, 0)",
        "alpha",
        "not-summed",
        "not summed",
    ),
    prelu(
        "dx = np.where(x > 0, dout, alpha * dout)",
        "dx = np.where(x > 0, dout, 0)",
        "x",
        "mask",
        "0 for alpha",
    ),
    prelu(
        "dx = np.where(x > 0, dout, alpha * dout)",
        "dx = np.where(dout > 0, dout, alpha * dout)",
        "x",
        "mask",
        "mask of the upstream gradient",
    ),
    prelu(
        "np.sum(dout * np.minimum(x, 0), axis=0)",
        "np.sum(dout * (x < 0), axis=0)",
        "alpha",
        "missing-factor",
        "mask for x",
    ),
    prelu(
        "np.sum(dout * np.minimum(x, 0), axis=0)",
        "np.sum(np.minimum(x, 0), axis=0)",
        "alpha",
        "upstream-ignored",
        "upstream ignored",
    ),
    prelu("np.minimum(x, 0), axis=0)", "np.maximum(x, 0), axis=0)", "alpha", "mask", "the positive side"),
    prelu(
        "return dx, dalpha",
        "return dx, dalpha / len(x)",
        "alpha",
        "averaged factor",
        "averaged over the batch",
    ),
)

MISTAKES: tuple[Planted, ...] = SIGMOID + TANH + LEAKY + SOFTPLUS + GELU + SWISH + PRELU
