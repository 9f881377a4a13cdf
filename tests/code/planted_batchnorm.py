"""Mistakes in batch normalisation, by stages and by the formula."""

from __future__ import annotations

from planting import Planted, planter

staged = planter("norm_layers.py", "batchnorm")
simplified = planter("norm_layers.py", "batchnorm_forward,batchnorm_backward_alt")


STAGED: tuple[Planted, ...] = (
    staged("dx = dx1 + dx2", "dx = dx1", "x", "lost-term", "path through the mean"),
    staged("dxmu = dxmu1 + dxmu2", "dxmu = dxmu1", "x", "lost-term", "path through the variance"),
    staged("dxhat = dout * gamma\n    if", "dxhat = dout\n    if", "x", "missing-factor", "gamma forgotten"),
    staged(
        "dgamma = np.sum(dout * xhat, axis=0)",
        "dgamma = np.sum(dout, axis=0)",
        "gamma",
        "missing-factor swapped",
        "xhat forgotten: that is dbeta",
    ),
    staged(
        "dgamma = np.sum(dout * xhat, axis=0)",
        "dgamma = np.sum(dout * xmu, axis=0)",
        "gamma",
        "missing-factor",
        "1/std forgotten",
    ),
    staged("dvar = 0.5 * dstd / std", "dvar = 0.5 * dstd / std**2", "x", "extra-factor", "var for std"),
    staged("dmu = -np.sum(dxmu, axis=0)", "dmu = np.sum(dxmu, axis=0)", "x", "sign", "sign of dmu"),
    staged("dstd = -dinv_std / std**2", "dstd = dinv_std / std**2", "x", "sign", "slope of 1/u is -1/u^2"),
    staged("dvar = 0.5 * dstd / std", "dvar = dstd / std", "x", "factor", "1/2 of the root forgotten"),
    staged("dvar = 0.5 * dstd / std", "dvar = 0.5 * dstd * std", "x", "extra-factor", "* for /"),
    staged(
        "dsq = np.ones((N, D)) * dvar / N", "dsq = np.ones((N, D)) * dvar", "x", "factor", "1/N forgotten"
    ),
    staged("dx2 = np.ones((N, D)) * dmu / N", "dx2 = np.ones((N, D)) * dmu", "x", "factor", "1/N forgotten"),
    staged("dxmu2 = 2 * xmu * dsq", "dxmu2 = xmu * dsq", "x", "factor", "2 of the square forgotten"),
    staged(
        "dxmu2 = 2 * xmu * dsq", "dxmu2 = 2 * xhat * dsq", "x", "wrong-point extra-factor", "xhat for xmu"
    ),
    staged(
        "dbeta = np.sum(dout, axis=0)", "dbeta = dout.mean(axis=0)", "beta", "averaged factor", "mean for sum"
    ),
    staged("dxmu1 = dxhat * inv_std", "dxmu1 = dxhat", "x", "missing-factor", "1/std forgotten"),
    staged(
        "dx = dx1 + dx2\n    return dx, dgamma, dbeta",
        "dx = dx1 + dx2\n    return dx, dbeta, dgamma",
        "gamma beta",
        "swapped",
        "returned in another order",
    ),
    staged(
        "dgamma = np.sum(dout * xhat, axis=0)",
        "dgamma = dout * xhat",
        "gamma",
        "not-summed",
        "the batch is not summed",
    ),
    staged(
        "dmu = -np.sum(dxmu, axis=0)",
        "dmu = -np.sum(dxmu, axis=1, keepdims=True)",
        "x",
        "not-summed",
        "wrong axis, and broadcasting hides it",
    ),
    staged(
        "dinv_std = np.sum(dxhat * xmu, axis=0)",
        "dinv_std = np.sum(dxhat * xhat, axis=0)",
        "x",
        "extra-factor wrong-point",
        "xhat for xmu",
    ),
    staged(
        'if mode == "test":\n        return dxhat',
        'if mode == "train":\n        return dxhat',
        "x",
        "lost-term",
        "mean and variance treated as constants, as in a test",
    ),
)


FORMULA = "dx = gamma * inv_std / N * (N * dout - dbeta - xhat * dgamma)"


SIMPLIFIED: tuple[Planted, ...] = (
    simplified(FORMULA, FORMULA.replace("gamma * inv", "inv"), "x", "missing-factor", "gamma forgotten"),
    simplified(
        FORMULA, FORMULA.replace("(N * dout", "(dout"), "x", "factor", "N forgotten in the first term"
    ),
    simplified(FORMULA, FORMULA.replace(" - dbeta", ""), "x", "lost-term", "path through the mean"),
    simplified(
        FORMULA, FORMULA.replace(" - xhat * dgamma", ""), "x", "lost-term", "path through the variance"
    ),
    simplified(FORMULA, FORMULA.replace("- xhat", "+ xhat"), "x", "sign", "sign of the last term"),
    simplified(FORMULA, FORMULA.replace("* inv_std ", ""), "x", "missing-factor", "1/std forgotten"),
    simplified(FORMULA, FORMULA.replace("inv_std / N", "inv_std"), "x", "factor", "1/N forgotten"),
    simplified(FORMULA, FORMULA.replace("xhat * dgamma", "dgamma"), "x", "missing-factor", "xhat forgotten"),
    simplified(FORMULA, FORMULA.replace("xhat * dgamma", "xhat * dbeta"), "x", "swapped", "dbeta for dgamma"),
    simplified(FORMULA, FORMULA.replace("inv_std", "inv_std**2"), "x", "extra-factor", "1/var for 1/std"),
    simplified(
        FORMULA, FORMULA.replace("inv_std", "std"), "x", "extra-factor missing-factor", "std for 1/std"
    ),
    simplified(
        FORMULA,
        FORMULA.replace("xhat * dgamma", "xmu * dgamma"),
        "x",
        "missing-factor wrong-point",
        "xmu for xhat",
    ),
    simplified(
        "dbeta = dout.sum(axis=0)\n    dgamma = (dout * xhat).sum(axis=0)\n    if",
        "dbeta = dout.mean(axis=0)\n    dgamma = (dout * xhat).sum(axis=0)\n    if",
        "x beta",
        "averaged factor",
        "mean for sum, which spoils dx too",
    ),
    simplified(
        "dgamma = (dout * xhat).sum(axis=0)\n    if",
        "dgamma = (dout * xhat).sum(axis=1, keepdims=True)\n    if",
        "x gamma",
        "not-summed",
        "wrong axis",
    ),
    simplified("N = len(dout)", "N = dout.shape[1]", "x", "factor", "number of columns for number of rows"),
    simplified(
        FORMULA + "\n    return dx, dgamma, dbeta",
        FORMULA + "\n    return dx, dbeta, dgamma",
        "gamma beta",
        "swapped",
        "returned in another order",
    ),
)

MISTAKES: tuple[Planted, ...] = STAGED + SIMPLIFIED
