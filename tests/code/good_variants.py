"""Right functions in unusual styles: a checker that accuses one of them is wrong."""

import functools
import math
from typing import NamedTuple

import numpy as np


def float32_least_squares(w, X, y):
    """Everything in single precision, like code for a graphics card."""
    w32, X32, y32 = (np.asarray(a, dtype=np.float32) for a in (w, X, y))
    r = X32 @ w32 - y32
    return np.float32(0.5) * (r @ r), X32.T @ r


def list_quadratic(x):
    """Plain lists in and out."""
    numbers = [float(v) for v in x]
    value = sum(v * v for v in numbers)
    return value, [2 * v for v in numbers]


def prefixed_names(a, b):
    """Gradients called grad_NAME."""
    return float(a @ b), {"grad_a": b.copy(), "grad_b": a.copy()}


def suffixed_names(u, v):
    """Gradients called NAME_grad, in another order than the arguments."""
    gap = u - v
    return float(gap @ gap), {"v_grad": -2 * gap, "u_grad": 2 * gap}


def leibniz_names(p, q):
    """Gradients called dL_dNAME."""
    return float(np.sum(np.sin(p) * q)), {"dL_dp": np.cos(p) * q, "dL_dq": np.sin(p)}


def short_names(m, k):
    """Gradients called dNAME."""
    return float(np.sum(np.exp(m) * k)), dict(dm=np.exp(m) * k, dk=np.exp(m))


cubic = lambda x: float(np.sum(x**3 - 2 * x))  # noqa: E731
grad_cubic = lambda x: 3 * x**2 - 2  # noqa: E731


def bell(x):
    """One number through the math module, which takes no arrays."""
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def grad_bell(x):
    """-x times the bell."""
    return -x * bell(x)


def spring(k, x):
    """Energy of a spring from two plain numbers."""
    return 0.5 * k * math.pow(x, 2), (0.5 * x * x, k * x)


def power_loss(x, power=3, scale=0.5):
    """Arguments with defaults that have no gradient."""
    return scale * np.sum(x**power), scale * power * x ** (power - 1)


def elastic_net(w, *, l1, l2):
    """Keyword-only penalties."""
    value = l1 * np.abs(w).sum() + 0.5 * l2 * (w * w).sum()
    return value, l1 * np.sign(w) + l2 * w


def sum_of_norms(*vectors):
    """Any number of inputs."""
    norms = [np.sqrt(v @ v) for v in vectors]
    return sum(norms), tuple(v / n for v, n in zip(vectors, norms, strict=True))


def classify(W, X, y=None):
    """Scores where there are no labels, else loss and gradient."""
    scores = X @ W
    if y is None:
        return scores
    scores = scores - scores.max(1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return loss, X.T @ p / len(y)


def careful_norm(x):
    """Refuses what it was not written for."""
    assert isinstance(x, np.ndarray), "x must be an array"
    assert x.ndim == 1, "x must be a vector"
    assert x.dtype == np.float64, f"x must be float64, not {x.dtype}"
    assert np.all(np.isfinite(x))
    length = np.linalg.norm(x)
    return length, x / length


def bilinear(x, A, y):
    """einsum in both directions."""
    value = np.einsum("i,ij,j->", x, A, y)
    dx = np.einsum("ij,j->i", A, y)
    dA = np.einsum("i,j->ij", x, y)
    dy = np.einsum("i,ij->j", x, A)
    return value, (dx, dA, dy)


def zero_dimensional(a, b):
    """Arrays without axes go in and come out."""
    a, b = np.asarray(a), np.asarray(b)
    return np.array(a * np.tanh(b)), (np.array(np.tanh(b)), np.array(a * (1 - np.tanh(b) ** 2)))


def loops(A, B):
    """||A B||^2 entry by entry."""
    rows, inner = A.shape
    columns = B.shape[1]
    value = 0.0
    dA = np.zeros((rows, inner))
    dB = np.zeros((inner, columns))
    for i in range(rows):
        for j in range(columns):
            entry = 0.0
            for k in range(inner):
                entry += A[i, k] * B[k, j]
            value += entry * entry
            for k in range(inner):
                dA[i, k] += 2 * entry * B[k, j]
                dB[k, j] += 2 * entry * A[i, k]
    return value, {"A": dA, "B": dB}


def one_hot_loss(logits, targets):
    """Labels as rows of zeros and a one."""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    n = len(logits)
    return -(targets * logp).sum() / n, (np.exp(logp) - targets) / n


def masked_mean(x, mask):
    """Mean of the squares of what the mask keeps."""
    keep = np.asarray(mask, dtype=bool)
    grad = np.zeros(x.shape)
    grad[keep] = 2 * x[keep] / keep.sum()
    return (x[keep] ** 2).mean(), grad


def column_vector(w, X, t):
    """w: (D, 1), and a value of shape (1, 1)."""
    r = X @ w - t
    return r.T @ r, 2 * X.T @ r


def matrices(W, X):
    """numpy.matrix, where * is the product."""
    M, Z = np.matrix(W), np.matrix(X)
    P = Z * M
    return float(np.sum(np.square(P))), 2 * Z.T * P


class Evaluation(NamedTuple):
    """What evaluate returns."""

    value: float
    gradient: np.ndarray


def evaluate(x):
    """A named tuple."""
    return Evaluation(value=np.sum(np.cosh(x)), gradient=np.sinh(x))


def make_pseudo_huber(delta):
    """A function with its delta inside."""

    def pseudo_huber(x):
        root = np.sqrt(1 + (x / delta) ** 2)
        return delta**2 * np.sum(root - 1), x / root

    return pseudo_huber


wide_huber = make_pseudo_huber(2.0)


def damped(x, rate):
    """A function with a rate."""
    return np.sum(np.exp(-rate * x)), -rate * np.exp(-rate * x)


strongly_damped = functools.partial(damped, rate=2.5)


def counted(function):
    """Count the calls of a function."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


@counted
def decorated(x):
    """Wrapped in a decorator that counts."""
    return np.sum(np.arctan(x)), 1 / (1 + x**2)


MEMO = {}


def remembered(x):
    """Keeps what it has computed."""
    key = x.tobytes()
    if key not in MEMO:
        MEMO[key] = float(np.prod(x))
    return MEMO[key]


def grad_remembered(x):
    """The product without one factor."""
    return np.array([np.prod(np.delete(x, i)) for i in range(len(x))])


def talkative(x):
    """Prints while it works."""
    print("x is", x.shape)
    return np.sum(x**2 / 2), x.copy()
