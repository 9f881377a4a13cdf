"""Right functions at points where numbers are difficult: a checker that accuses one of them is wrong."""

import numpy as np

STIFFNESS = np.array([3.0, 0.5, 2.0, 1.0])


LEVELS = {"low": -0.75, "high": 0.75}


def module_constants(x):
    """Numbers from the top of the file."""
    return 0.5 * np.sum(STIFFNESS * x**2) + LEVELS["high"] * x.sum(), STIFFNESS * x + LEVELS["high"]


def absolute(x):
    """np.abs takes complex numbers and gives something else for them."""
    return np.abs(x).sum(), np.sign(x)


def relu_at_zero(x):
    """Two entries lie exactly on the kink; 0 is a valid slope there."""
    return np.maximum(x, 0).sum(), (x > 0).astype(float)


def relu_at_zero_one(x):
    """The same kink with the other convention."""
    return np.maximum(x, 0).sum(), np.where(x >= 0, 1.0, 0.0)


def absolute_at_zero(x):
    """abs with slope 0 at 0."""
    return float(np.abs(x).sum()), np.sign(x)


def large_offset(x):
    """A small signal on a large constant."""
    return 1e4 + np.sum(x**2), 2 * x


def tiny_scale(x):
    """Gradients near 1e-9."""
    return 1e-9 * np.sum(x**2), 2e-9 * x


def huge_scale(x):
    """Gradients near 1e9."""
    return 1e9 * np.sum(np.sin(x)), 1e9 * np.cos(x)


def integers(x):
    """Whole numbers go in; the function works in floats."""
    x = np.asarray(x, dtype=float)
    return np.sum(x**3), 3 * x**2


def ordered(x):
    """Sum of k times the k-th smallest."""
    order = np.argsort(x)
    weights = np.arange(1.0, x.size + 1)
    grad = np.empty(x.size)
    grad[order] = weights
    return weights @ x[order], grad


def largest(x):
    """max, with a gradient that is zero but for one entry."""
    grad = np.zeros(x.shape)
    grad[np.unravel_index(np.argmax(x), x.shape)] = 1
    return x.max(), grad


def warns(x):
    """The branch that where discards gives a RuntimeWarning."""
    value = np.sum(np.where(x > 0, np.log1p(x), x))
    return value, np.where(x > 0, 1 / (1 + np.abs(x)), 1.0)


def recursive(x):
    """x0 + x1^2 + x2^3 + ... by recursion."""

    def tail(k):
        return 0.0 if k == len(x) else x[k] ** (k + 1) + tail(k + 1)

    return tail(0), np.array([(k + 1) * x[k] ** k for k in range(len(x))])


def fortran_order(A):
    """A gradient that lies column by column in memory."""
    return np.sum(A**2), np.asfortranarray(2 * A)


def broadcast_view(x):
    """A read-only gradient: a view that repeats one number."""
    return x.sum(), np.broadcast_to(1.0, x.shape)


def flat_in_two_variables(x, y):
    """y has the gradient zero, and that is right."""
    return np.sum(x**2) + 0.0 * np.sum(y), (2 * x, np.zeros_like(y))
