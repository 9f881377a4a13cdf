"""Mistakes in the gradients of losses, likelihoods and other statistics."""

from __future__ import annotations

from planting import Planted, planter

logistic = planter("functions.py", "logistic_loss,grad_logistic_loss")
ridge = planter("functions.py", "ridge")
log_sum_exp = planter("functions.py", "log_sum_exp")
entropy = planter("functions.py", "entropy,grad_entropy")
gaussian = planter("functions.py", "gaussian_loglik")
variance = planter("functions.py", "variance")
factorisation = planter("functions.py", "matrix_factorisation")


LOGISTIC: tuple[Planted, ...] = (
    logistic(
        "weight = -y / (1 + np.exp(margin))", "weight = y / (1 + np.exp(margin))", "w", "sign", "sign lost"
    ),
    logistic(
        "weight = -y / (1 + np.exp(margin))",
        "weight = -y / (1 + np.exp(-margin))",
        "w",
        "sign",
        "sign of the exponent",
    ),
    logistic("return X.T.dot(weight) / len(y)", "return X.T.dot(weight)", "w", "factor", "1/N forgotten"),
    logistic(
        "return X.T.dot(weight) / len(y)", "return X.T.dot(weight) / X.size", "w", "factor", "size for rows"
    ),
    logistic(
        "weight = -y / (1 + np.exp(margin))",
        "weight = -1 / (1 + np.exp(margin))",
        "w",
        "missing-factor sign",
        "y forgotten",
    ),
    logistic("return X.T.dot(weight) / len(y)", "return X.T * weight / len(y)", "w", "not-summed", "* for @"),
    logistic(
        "weight = -y / (1 + np.exp(margin))",
        "weight = 1 / (1 + np.exp(-margin)) - y",
        "w",
        "label-term lost-term",
        "formula of labels 0 and 1",
    ),
)


RIDGE: tuple[Planted, ...] = (
    ridge("X.T @ residual + lam * w", "X.T @ residual", "w", "regularisation lost-term", "penalty forgotten"),
    ridge(
        "X.T @ residual + lam * w",
        "X.T @ residual + 2 * lam * w",
        "w",
        "regularisation",
        "twice: the value has 1/2",
    ),
    ridge(
        "X.T @ residual + lam * w",
        "X.T @ residual + lam",
        "w",
        "regularisation missing-factor",
        "w forgotten",
    ),
    ridge(
        "X.T @ residual + lam * w", "2 * X.T @ residual + lam * w", "w", "factor", "2 of a square without 1/2"
    ),
    ridge(
        "X.T @ residual + lam * w",
        "X.T @ residual / len(y) + lam * w",
        "w",
        "averaged factor",
        "data term averaged",
    ),
    ridge("X.T @ residual + lam * w", "-X.T @ residual + lam * w", "w", "sign", "y - Xw"),
    ridge("X.T @ residual + lam * w", "X.T @ y + lam * w", "w", "lost-term sign", "y for the residual"),
    ridge(
        "X.T @ residual + lam * w",
        "X.T @ residual - lam * w",
        "w",
        "regularisation sign",
        "sign of the penalty",
    ),
)


LSE: tuple[Planted, ...] = (
    log_sum_exp("e / e.sum()", "e", "x", "factor", "not normalised"),
    log_sum_exp("e / e.sum()", "1 / e.sum()", "x", "missing-factor shape", "exp forgotten"),
    log_sum_exp("e / e.sum()", "e / e.mean()", "x", "averaged factor", "mean for sum"),
    log_sum_exp("e / e.sum()", "e / e.sum() * (1 - e / e.sum())", "x", "extra-factor", "slope of softmax"),
    log_sum_exp("e / e.sum()", "-e / e.sum()", "x", "sign", "sign lost"),
    log_sum_exp("e / e.sum()", "(x == m) * 1.0", "x", "mask", "the gradient of max"),
)


ENTROPY: tuple[Planted, ...] = (
    entropy("return -(np.log(p) + 1)", "return -np.log(p)", "p", "lost-term", "product rule: 1 forgotten"),
    entropy("return -(np.log(p) + 1)", "return np.log(p) + 1", "p", "sign", "sign lost"),
    entropy("return -(np.log(p) + 1)", "return -np.log(p) + 1", "p", "sign", "parentheses forgotten"),
    entropy("return -(np.log(p) + 1)", "return -(np.log2(p) + 1)", "p", "factor", "log2 for log"),
    entropy(
        "return -(np.log(p) + 1)",
        "return -(np.log(p) + 1 / p)",
        "p",
        "missing-factor extra-factor",
        "1/p not cancelled",
    ),
    entropy(
        "return -(np.log(p) + 1)",
        "return -np.sum(np.log(p) + 1)",
        "p",
        "shape not-summed",
        "summed to one number",
    ),
    entropy("return -(np.log(p) + 1)", "return np.full_like(p, -1)", "p", "lost-term", "log p forgotten"),
)


GAUSSIAN: tuple[Planted, ...] = (
    gaussian(
        "dmu = np.sum(z) / sigma", "dmu = np.sum(z)", "mu", "missing-factor factor", "1/sigma forgotten"
    ),
    gaussian("dmu = np.sum(z) / sigma", "dmu = -np.sum(z) / sigma", "mu", "sign", "sign lost"),
    gaussian("dmu = np.sum(z) / sigma", "dmu = np.mean(z) / sigma", "mu", "averaged factor", "mean for sum"),
    gaussian("dmu = np.sum(z) / sigma", "dmu = z / sigma", "mu", "not-summed", "not summed"),
    gaussian(
        "dlog_sigma = np.sum(z**2) - x.size",
        "dlog_sigma = np.sum(z**2)",
        "log_sigma",
        "lost-term",
        "-n forgotten",
    ),
    gaussian(
        "dlog_sigma = np.sum(z**2) - x.size",
        "dlog_sigma = (np.sum(z**2) - x.size) / sigma",
        "log_sigma",
        "extra-factor factor",
        "gradient of sigma",
    ),
    gaussian(
        "dlog_sigma = np.sum(z**2) - x.size",
        "dlog_sigma = np.sum(z**2) - 1",
        "log_sigma",
        "factor averaged lost-term",
        "1 for n",
    ),
)


VARIANCE: tuple[Planted, ...] = (
    variance("2 * centred / x.size", "centred / x.size", "x", "factor", "2 forgotten"),
    variance("2 * centred / x.size", "2 * centred", "x", "factor", "1/n forgotten"),
    variance("2 * centred / x.size", "2 * centred / (x.size - 1)", "x", "factor", "n - 1 for n"),
    variance("2 * centred / x.size", "2 * x / x.size", "x", "lost-term", "mean forgotten"),
    variance(
        "2 * centred / x.size",
        "2 * centred * (1 - 1 / x.size) / x.size",
        "x",
        "factor extra-factor",
        "slope of the mean counted twice",
    ),
    variance("2 * centred / x.size", "2 * np.abs(centred) / x.size", "x", "sign", "abs hides the sign"),
)


FACTORISATION: tuple[Planted, ...] = (
    factorisation("2 * E @ V + 0.2 * U", "2 * E @ V", "U", "regularisation lost-term", "penalty forgotten"),
    factorisation("2 * E @ V + 0.2 * U", "2 * E @ V + 0.1 * U", "U", "regularisation", "2 of the penalty"),
    factorisation("2 * E.T @ U + 0.2 * V", "E.T @ U + 0.2 * V", "V", "factor", "2 of the square"),
    factorisation(
        "2 * E @ V + 0.2 * U", "2 * (U @ V.T - R) @ V + 0.2 * U", "U", "mask", "unknown entries count"
    ),
    factorisation(
        '{"U": 2 * E @ V + 0.2 * U, "V": 2 * E.T @ U + 0.2 * V}',
        '{"V": 2 * E @ V + 0.2 * U, "U": 2 * E.T @ U + 0.2 * V}',
        "U V",
        "swapped",
        "the two exchanged",
    ),
    factorisation("2 * E.T @ U + 0.2 * V", "-2 * E.T @ U + 0.2 * V", "V", "sign", "sign lost"),
)

MISTAKES: tuple[Planted, ...] = LOGISTIC + RIDGE + LSE + ENTROPY + GAUSSIAN + VARIANCE + FACTORISATION
