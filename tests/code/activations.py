"""Activation functions, each with its backward."""

import numpy as np


def sigmoid_forward(x):
    """1 / (1 + exp(-x))."""
    s = 1.0 / (1.0 + np.exp(-x))
    return s, s


def sigmoid_backward(ds, cache):
    """The slope is s (1 - s), from the output."""
    s = cache
    return ds * s * (1 - s)


def tanh_forward(x):
    """Hyperbolic tangent."""
    t = np.tanh(x)
    return t, t


def tanh_backward(dt, cache):
    """The slope is 1 - t^2, from the output."""
    t = cache
    dx = dt * (1 - t**2)
    return dx


def leaky_relu_forward(x, alpha=0.1):
    """x where it is positive, alpha x elsewhere."""
    return np.where(x > 0, x, alpha * x), (x, alpha)


def leaky_relu_backward(dout, cache):
    """Slope 1 or alpha."""
    x, alpha = cache
    slope = np.where(x > 0, 1.0, alpha)
    return slope * dout


def softplus_forward(x):
    """log(1 + exp(x)) that never overflows."""
    return np.logaddexp(0, x), x


def softplus_backward(dout, cache):
    """The slope is the logistic function of the input."""
    x = cache
    slope = 1 / (1 + np.exp(-x))
    dx = dout * slope
    return dx


C = np.sqrt(2 / np.pi)


def gelu_forward(x):
    """The tanh form of GELU."""
    inner = C * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + np.tanh(inner)), x


def gelu_backward(dout, cache):
    """Product rule: the gate, and x times the slope of the gate."""
    x = cache
    t = np.tanh(C * (x + 0.044715 * x**3))
    dinner = C * (1 + 3 * 0.044715 * x**2)
    gate = 0.5 * (1 + t)
    dgate = 0.5 * (1 - t**2) * dinner
    return dout * (gate + x * dgate)


def swish_forward(x, beta):
    """x sigmoid(beta x); beta is one learned number."""
    s = 1 / (1 + np.exp(-beta * x))
    return x * s, (x, beta, s)


def swish_backward(dout, cache):
    """dx like x; dbeta a number."""
    x, beta, s = cache
    dx = dout * (s + beta * x * s * (1 - s))
    dbeta = np.sum(dout * x**2 * s * (1 - s))
    return dx, dbeta


def prelu_forward(x, alpha):
    """x: (N, D); each column has a learned slope alpha: (D,) on its negative side."""
    out = np.maximum(x, 0) + alpha * np.minimum(x, 0)
    return out, (x, alpha)


def prelu_backward(dout, cache):
    """dout: (N, D) -> dx, dalpha."""
    x, alpha = cache
    dx = np.where(x > 0, dout, alpha * dout)
    dalpha = np.sum(dout * np.minimum(x, 0), axis=0)
    return dx, dalpha
