"""Functions of arrays and numbers beside their gradients."""

import numpy as np


def rosenbrock(x):
    """Sum of 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def grad_rosenbrock(x):
    """Inner entries belong to two terms."""
    grad = np.zeros_like(x)
    r = x[1:] - x[:-1] ** 2
    grad[:-1] = -400.0 * x[:-1] * r
    grad[:-1] += -2 * (1 - x[:-1])
    grad[1:] += 200.0 * r
    return grad


def himmelblau(p):
    """(x^2 + y - 11)^2 + (x + y^2 - 7)^2."""
    x, y = p
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def grad_himmelblau(p):
    """Two numbers."""
    x, y = p
    a = x**2 + y - 11
    b = x + y**2 - 7
    return np.array([4 * x * a + 2 * b, 2 * a + 4 * y * b])


def logistic_loss(w, X, y):
    """Mean of log(1 + exp(-y X w)) with labels y = -1 or 1."""
    return np.mean(np.log(1 + np.exp(-y * X.dot(w))))


def grad_logistic_loss(w, X, y):
    """The gradient of w."""
    margin = y * X.dot(w)
    weight = -y / (1 + np.exp(margin))
    return X.T.dot(weight) / len(y)


def ridge(w, X, y, lam=0.5):
    """||X w - y||^2 / 2 + lam ||w||^2 / 2, and its gradient by w."""
    residual = X @ w - y
    value = 0.5 * residual @ residual + 0.5 * lam * w @ w
    grad = X.T @ residual + lam * w
    return value, grad


def log_sum_exp(x):
    """log of the sum of exp(x), and its gradient."""
    m = x.max()
    e = np.exp(x - m)
    return m + np.log(e.sum()), e / e.sum()


def quadratic_form(x, A, b):
    """x A x / 2 - b x with a matrix that need not be symmetric: value and {name: gradient}."""
    value = 0.5 * x.dot(A).dot(x) - b.dot(x)
    grads = {
        "x": 0.5 * (A + A.T).dot(x) - b,
        "A": 0.5 * np.outer(x, x),
        "b": -x,
    }
    return value, grads


def entropy(p):
    """-sum p log p of positive numbers."""
    return -np.sum(p * np.log(p))


def grad_entropy(p):
    """-(log p + 1)."""
    return -(np.log(p) + 1)


def distance(a, b):
    """Euclidean distance of two points, and (gradient of a, gradient of b)."""
    d = a - b
    value = np.sqrt(np.sum(d**2))
    return value, (d / value, -d / value)


def gaussian_loglik(mu, log_sigma, x):
    """Log-likelihood of x under a normal distribution: value and {name: gradient}."""
    sigma = np.exp(log_sigma)
    z = (x - mu) / sigma
    value = -0.5 * np.sum(z**2) - x.size * log_sigma - 0.5 * x.size * np.log(2 * np.pi)
    dmu = np.sum(z) / sigma
    dlog_sigma = np.sum(z**2) - x.size
    return value, {"mu": dmu, "log_sigma": dlog_sigma}


def polynomial(c, x):
    """Values of c[0] + c[1] x + ... summed over x: value and (gradient of c, gradient of x)."""
    powers = np.arange(len(c))
    value = np.sum(x[:, None] ** powers * c)
    dc = np.sum(x[:, None] ** powers, axis=0)
    dx = np.sum(powers[1:] * c[1:] * x[:, None] ** (powers[1:] - 1), axis=1)
    return value, (dc, dx)


def trace_product(A, B):
    """trace(A B), and its two gradients."""
    return np.trace(A @ B), (B.T, A.T)


def log_det(A):
    """log |det A|."""
    return np.linalg.slogdet(A)[1]


def grad_log_det(A):
    """Inverse, transposed."""
    return np.linalg.inv(A).T


def variance(x):
    """Mean squared distance from the mean, and its gradient."""
    centred = x - x.mean()
    return np.mean(centred**2), 2 * centred / x.size


def matrix_factorisation(U, V, R):
    """||R - U V^T||^2 where R is known (not zero), with a penalty: value and {name: gradient}."""
    known = R != 0
    E = known * (U @ V.T - R)
    value = np.sum(E**2) + 0.1 * (np.sum(U**2) + np.sum(V**2))
    return value, {"U": 2 * E @ V + 0.2 * U, "V": 2 * E.T @ U + 0.2 * V}


def pendulum(theta, omega):
    """Energy of a pendulum of length 1: value and (d theta, d omega)."""
    energy = 0.5 * omega**2 + 9.81 * (1 - np.cos(theta))
    return energy, (9.81 * np.sin(theta), omega)


def sigmoid_neuron(w, x):
    """The lecture's neuron: sigma(w0 x0 + w1 x1 + w2), and (gradient of w, gradient of x)."""
    dot = w[0] * x[0] + w[1] * x[1] + w[2]
    f = 1.0 / (1 + np.exp(-dot))
    ddot = (1 - f) * f
    dx = np.array([w[0] * ddot, w[1] * ddot])
    dw = np.array([x[0] * ddot, x[1] * ddot, 1.0 * ddot])
    return f, (dw, dx)
