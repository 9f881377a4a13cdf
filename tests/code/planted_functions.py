"""Mistakes in the gradients of plain functions."""

from __future__ import annotations

from planting import Planted, planter

rosenbrock = planter("functions.py", "rosenbrock,grad_rosenbrock")
himmelblau = planter("functions.py", "himmelblau,grad_himmelblau")
quadratic = planter("functions.py", "quadratic_form")
distance = planter("functions.py", "distance")
polynomial = planter("functions.py", "polynomial")
trace = planter("functions.py", "trace_product")
log_det = planter("functions.py", "log_det,grad_log_det")
pendulum = planter("functions.py", "pendulum")
neuron = planter("functions.py", "sigmoid_neuron")

ROSENBROCK: tuple[Planted, ...] = (
    rosenbrock("grad[1:] += 200.0 * r", "grad[1:] = 200.0 * r", "x", "overwritten lost-term", "= for +="),
    rosenbrock("    grad[:-1] += -2 * (1 - x[:-1])\n", "", "x", "lost-term", "second term forgotten"),
    rosenbrock("grad[:-1] += -2 * (1 - x[:-1])", "grad[:-1] += 2 * (1 - x[:-1])", "x", "sign", "inner sign"),
    rosenbrock("-400.0 * x[:-1] * r", "-400.0 * r", "x", "missing-factor", "inner x forgotten"),
    rosenbrock("-400.0 * x[:-1] * r", "-200.0 * x[:-1] * r", "x", "factor", "2 forgotten"),
    rosenbrock("    grad[1:] += 200.0 * r\n", "", "x", "lost-term", "the upper neighbour forgotten"),
    rosenbrock(
        "grad = np.zeros_like(x)", "grad = np.zeros(x.shape, dtype=int)", "x", "crash", "float into int"
    ),
)

HIMMELBLAU: tuple[Planted, ...] = (
    himmelblau("4 * x * a + 2 * b", "4 * x * a", "p", "lost-term region", "second square forgotten"),
    himmelblau("4 * x * a + 2 * b", "2 * x * a + 2 * b", "p", "factor region", "2 forgotten"),
    himmelblau(
        "[4 * x * a + 2 * b, 2 * a + 4 * y * b]",
        "[2 * a + 4 * y * b, 4 * x * a + 2 * b]",
        "p",
        "permuted swapped flipped",
        "returned in another order",
    ),
    himmelblau("2 * a + 4 * y * b", "2 * a + 4 * b", "p", "missing-factor region", "inner y forgotten"),
    himmelblau("return np.array([4 * x", "return -np.array([4 * x", "p", "sign", "sign lost"),
    himmelblau("2 * a + 4 * y * b", "2 * a - 4 * y * b", "p", "sign region", "sign of a term"),
)


QUADRATIC: tuple[Planted, ...] = (
    quadratic("0.5 * (A + A.T).dot(x) - b", "A.dot(x) - b", "x", "transposed", "A is not symmetric"),
    quadratic(
        "0.5 * (A + A.T).dot(x) - b", "0.5 * A.dot(x) - b", "x", "lost-term", "the other factor x forgotten"
    ),
    quadratic("0.5 * (A + A.T).dot(x) - b", "0.5 * (A + A.T).dot(x)", "x", "lost-term", "-b forgotten"),
    quadratic("0.5 * (A + A.T).dot(x) - b", "0.5 * (A + A.T).dot(x) + b", "x", "sign", "sign of b"),
    quadratic("0.5 * np.outer(x, x)", "np.outer(x, x)", "A", "factor", "1/2 forgotten"),
    quadratic("0.5 * np.outer(x, x)", "0.5 * np.outer(x, b)", "A", "swapped", "b for x"),
    quadratic('"b": -x', '"b": x', "b", "sign", "sign lost"),
    quadratic("0.5 * np.outer(x, x)", "0.5 * x * x", "A", "shape", "squares for the outer product"),
)


DISTANCE: tuple[Planted, ...] = (
    distance("(d / value, -d / value)", "(d / value, d / value)", "b", "sign swapped", "sign of b"),
    distance("(d / value, -d / value)", "(d, -d)", "a b", "factor missing-factor", "length forgotten"),
    distance("(d / value, -d / value)", "(2 * d, -2 * d)", "a b", "missing-factor factor", "root forgotten"),
    distance(
        "(d / value, -d / value)",
        "(-d / value, d / value)",
        "a b",
        "sign swapped",
        "returned in another order",
    ),
    distance(
        "(d / value, -d / value)", "(0.5 * d / value, -d / value)", "a", "factor", "2 of the square forgotten"
    ),
    distance(
        "(d / value, -d / value)", "(d / value**2, -d / value)", "a", "factor extra-factor", "square for root"
    ),
    distance("(d / value, -d / value)", "(a / value, -d / value)", "a", "lost-term", "b forgotten"),
)


POLYNOMIAL: tuple[Planted, ...] = (
    polynomial(
        "dx = np.sum(powers[1:] * c[1:]", "dx = np.sum(c[1:]", "x", "missing-factor", "exponent forgotten"
    ),
    polynomial(
        "(powers[1:] - 1), axis=1)", "powers[1:], axis=1)", "x", "extra-factor", "exponent not lowered"
    ),
    polynomial(
        "dc = np.sum(x[:, None] ** powers, axis=0)",
        "dc = np.mean(x[:, None] ** powers, axis=0)",
        "c",
        "averaged factor",
        "mean for sum",
    ),
    polynomial(
        "dc = np.sum(x[:, None] ** powers, axis=0)",
        "dc = np.sum(x[:, None] ** powers, axis=1)",
        "c",
        "not-summed",
        "wrong axis",
    ),
    polynomial(
        "return value, (dc, dx)", "return value, (dx, dc)", "c x", "swapped", "returned in another order"
    ),
    polynomial(
        "dc = np.sum(x[:, None] ** powers, axis=0)",
        "dc = np.sum(x[:, None] ** powers, axis=0)[::-1]",
        "c",
        "flipped permuted",
        "np.polyval's order",
    ),
    polynomial(
        "dc = np.sum(x[:, None] ** powers, axis=0)",
        "dc = np.sum(c * x[:, None] ** powers, axis=0)",
        "c",
        "extra-factor",
        "c not dropped",
    ),
)

TRACE: tuple[Planted, ...] = (
    trace("(B.T, A.T)", "(B, A)", "A B", "transposed", "transposes forgotten"),
    trace("(B.T, A.T)", "(A.T, B.T)", "A B", "swapped", "own matrix for the other's"),
    trace("(B.T, A.T)", "(2 * B.T, A.T)", "A", "factor", "a factor 2 too many"),
    trace("(B.T, A.T)", "(B.T, -A.T)", "B", "sign", "sign lost"),
    trace("(B.T, A.T)", "(B.T, np.zeros_like(B))", "B", "zero", "B taken as a constant"),
)

LOG_DET: tuple[Planted, ...] = (
    log_det("np.linalg.inv(A).T", "np.linalg.inv(A)", "A", "transposed", "not transposed"),
    log_det(
        "np.linalg.inv(A).T",
        "np.linalg.inv(A).T * np.linalg.det(A)",
        "A",
        "factor extra-factor",
        "gradient of det",
    ),
    log_det("np.linalg.inv(A).T", "-np.linalg.inv(A).T", "A", "sign", "sign lost"),
    log_det("np.linalg.inv(A).T", "1 / A.T", "A", "", "inverse entry by entry"),
    log_det(
        "np.linalg.inv(A).T",
        "np.diag(np.diag(np.linalg.inv(A)))",
        "A",
        "mask region lost-term",
        "the diagonal only",
    ),
)


PENDULUM: tuple[Planted, ...] = (
    pendulum("(9.81 * np.sin(theta), omega)", "(-9.81 * np.sin(theta), omega)", "theta", "sign", "sign lost"),
    pendulum(
        "(9.81 * np.sin(theta), omega)",
        "(9.81 * np.cos(theta), omega)",
        "theta",
        "wrong-point factor",
        "cos' = cos",
    ),
    pendulum(
        "(9.81 * np.sin(theta), omega)",
        "(np.sin(theta), omega)",
        "theta",
        "missing-factor factor",
        "g forgotten",
    ),
    pendulum(
        "(9.81 * np.sin(theta), omega)",
        "(9.81 * np.sin(theta), 2 * omega)",
        "omega",
        "factor",
        "a factor 2 too many",
    ),
    pendulum(
        "(9.81 * np.sin(theta), omega)",
        "(omega, 9.81 * np.sin(theta))",
        "theta omega",
        "swapped",
        "returned in another order",
    ),
    pendulum(
        "(9.81 * np.sin(theta), omega)",
        "(9.81 * np.sin(theta), 0.0)",
        "omega",
        "zero",
        "kinetic energy forgotten",
    ),
)

NEURON: tuple[Planted, ...] = (
    neuron("ddot = (1 - f) * f", "ddot = 1 - f", "w x", "missing-factor factor", "f forgotten"),
    neuron("ddot = (1 - f) * f", "ddot = f", "w x", "missing-factor factor", "1 - f forgotten"),
    neuron(
        "dx = np.array([w[0] * ddot, w[1] * ddot])",
        "dx = np.array([x[0] * ddot, x[1] * ddot])",
        "x",
        "swapped",
        "own value for the other's",
    ),
    neuron("1.0 * ddot])", "w[2] * ddot])", "w", "region extra-factor", "the bias times itself"),
    neuron("return f, (dw, dx)", "return f, (dx, dw)", "w x", "swapped", "returned in another order"),
    neuron(
        "dw = np.array([x[0] * ddot, x[1] * ddot, 1.0 * ddot])",
        "dw = np.array([x[0], x[1], 1.0])",
        "w",
        "missing-factor upstream-ignored factor",
        "the slope of sigma forgotten",
    ),
    neuron(
        "ddot = (1 - f) * f",
        "ddot = (1 - dot) * dot",
        "w x",
        "wrong-point zero factor",
        "slope at the input, which is 1",
    ),
    neuron(
        "x[0] * ddot, x[1] * ddot, 1.0 * ddot]",
        "x[1] * ddot, x[0] * ddot, 1.0 * ddot]",
        "w",
        "permuted",
        "returned in another order",
    ),
)

MISTAKES: tuple[Planted, ...] = (
    ROSENBROCK + HIMMELBLAU + QUADRATIC + DISTANCE + POLYNOMIAL + TRACE + LOG_DET + PENDULUM + NEURON
)
