"""Mistakes in normalisation layers."""

from __future__ import annotations

from planting import Planted, planter

layernorm = planter("norm_layers.py", "layernorm")
spatial = planter("norm_layers.py", "spatial_batchnorm")
group = planter("norm_layers.py", "spatial_groupnorm")
l2norm = planter("norm_layers.py", "l2norm")
cosine = planter("norm_layers.py", "cosine")


LAYERNORM: tuple[Planted, ...] = (
    layernorm("g = dout * gamma\n", "g = dout\n", "x", "missing-factor", "gamma forgotten"),
    layernorm("(g - mean_g - normed", "(g - normed", "x", "lost-term", "path through the mean"),
    layernorm(" - normed * mean_gx)", ")", "x", "lost-term", "path through the variance"),
    layernorm("- normed * mean_gx", "+ normed * mean_gx", "x", "sign", "sign of the last term"),
    layernorm("dx = rstd * (g", "dx = (g", "x", "missing-factor", "1/std forgotten"),
    layernorm(
        "mean_g = g.sum(axis=1, keepdims=True) / D",
        "mean_g = g.sum(axis=0, keepdims=True) / D",
        "x",
        "not-summed",
        "copied from batch normalisation: wrong axis",
    ),
    layernorm(
        "mean_gx = (g * normed).sum(axis=1, keepdims=True) / D",
        "mean_gx = (g * normed).sum(axis=0, keepdims=True) / D",
        "x",
        "not-summed",
        "wrong axis",
    ),
    layernorm("D = dout.shape[1]", "D = dout.shape[0]", "x", "factor", "N for D"),
    layernorm(
        "dgamma = (dout * normed).sum(axis=0)",
        "dgamma = (dout * normed).sum(axis=1)",
        "gamma",
        "not-summed",
        "wrong axis",
    ),
    layernorm(
        "dbeta = np.sum(dout, 0)", "dbeta = np.mean(dout, 0)", "beta", "averaged factor", "mean for sum"
    ),
    layernorm(
        "dbeta = np.sum(dout, 0)", "dbeta = np.sum(dout)", "beta", "not-summed", "everything is summed"
    ),
    layernorm(
        "g = dout * gamma\n",
        "g = dout * normed\n",
        "x",
        "missing-factor extra-factor",
        "the normed input for gamma",
    ),
    layernorm(
        "- normed * mean_gx)\n    return dx, dgamma, dbeta",
        "- normed * mean_gx)\n    return dx, dbeta, dgamma",
        "gamma beta",
        "swapped",
        "returned in another order",
    ),
    layernorm(
        "mean_gx = (g * normed).sum(axis=1, keepdims=True) / D",
        "mean_gx = (g * normed).sum(axis=1, keepdims=True)",
        "x",
        "factor",
        "1/D forgotten",
    ),
    layernorm("- normed * mean_gx)", "- mean_gx)", "x", "missing-factor", "the normed input forgotten"),
    layernorm("g = dout * gamma\n", "dout *= gamma\n    g = dout\n", "", "mutates", "right, but in place"),
    layernorm(
        "dx = rstd * (g - mean_g - normed * mean_gx)",
        "dx = dout + rstd * (g - mean_g - normed * mean_gx)",
        "x",
        "extra-term",
        "a residual connection that the forward pass has not",
    ),
)

SPATIAL: tuple[Planted, ...] = (
    spatial(
        "flat = dout.transpose(0, 2, 3, 1).reshape(-1, C)",
        "flat = dout.reshape(-1, C)",
        "x gamma beta",
        "permuted",
        "channels are not moved to the end",
    ),
    spatial(
        "dx = dflat.reshape(N, H, W, C).transpose(0, 3, 1, 2)",
        "dx = dflat.reshape(N, C, H, W)",
        "x",
        "permuted",
        "not moved back",
    ),
    spatial(
        "dx = dflat.reshape(N, H, W, C).transpose(0, 3, 1, 2)",
        "dx = dflat.reshape(N, H, W, C).transpose(0, 3, 2, 1)",
        "x",
        "transposed",
        "height and width exchanged",
    ),
    spatial(
        "dx = dflat.reshape(N, H, W, C).transpose(0, 3, 1, 2)",
        "dx = dflat.reshape(N, W, H, C).transpose(0, 3, 2, 1)",
        "x",
        "permuted transposed",
        "height and width exchanged twice",
    ),
    spatial(
        "dflat, dgamma, dbeta = batchnorm_backward(flat, cache)",
        "dflat, dbeta, dgamma = batchnorm_backward(flat, cache)",
        "gamma beta",
        "swapped",
        "returned in another order",
    ),
    spatial(
        "dflat, dgamma, dbeta = batchnorm_backward(flat, cache)",
        "dflat, dgamma, dbeta = batchnorm_backward(flat / N, cache)",
        "x gamma beta",
        "factor averaged",
        "averaged over the batch",
    ),
    spatial(
        "dflat, dgamma, dbeta = batchnorm_backward(flat, cache)",
        "dflat, dgamma, dbeta = batchnorm_backward(flat, cache)\n    dgamma /= H * W\n    dbeta /= H * W",
        "gamma beta",
        "factor averaged",
        "averaged over the pixels",
    ),
    spatial(
        "dx = dflat.reshape(N, H, W, C).transpose(0, 3, 1, 2)",
        "dx = dflat.reshape(N, H, W, C)",
        "x",
        "shape transposed",
        "channels left at the end",
    ),
)

GROUP: tuple[Planted, ...] = (
    group(
        "dx = scale * (dx_norm - first - second)",
        "dx = scale * (dx_norm - second)",
        "x",
        "lost-term",
        "path through the mean",
    ),
    group(
        "dx = scale * (dx_norm - first - second)",
        "dx = scale * (dx_norm - first)",
        "x",
        "lost-term",
        "path through the variance",
    ),
    group(
        "dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)",
        "dbeta = dout.sum(axis=(0, 2, 3))",
        "beta",
        "shape",
        "the dimensions are not kept",
    ),
    group(
        "dgamma = (dout * x_norm).sum(axis=(0, 2, 3), keepdims=True)",
        "dgamma = (dout * x_norm).sum(axis=(2, 3), keepdims=True)",
        "gamma",
        "not-summed",
        "the batch is not summed",
    ),
    group(
        "dx_norm = (dout * gamma).reshape(N, G, -1)",
        "dx_norm = dout.reshape(N, G, -1)",
        "x",
        "missing-factor",
        "gamma forgotten",
    ),
    group(
        "first = dx_norm.mean(axis=2, keepdims=True)",
        "first = dx_norm.mean(axis=(0, 2), keepdims=True)",
        "x",
        "not-summed",
        "averaged over the batch too",
    ),
    group(
        "dx = scale * (dx_norm - first - second)",
        "dx = dx_norm - first - second",
        "x",
        "missing-factor",
        "1/std forgotten",
    ),
    group(
        "second = hat * (dx_norm * hat).mean(axis=2, keepdims=True)",
        "second = hat * (dx_norm * hat).sum(axis=2, keepdims=True)",
        "x",
        "factor",
        "sum for mean",
    ),
)

L2NORM: tuple[Planted, ...] = (
    l2norm(
        "dx = (dunit - unit * along) / length", "dx = dunit / length", "x", "lost-term", "path of the length"
    ),
    l2norm(
        "dx = (dunit - unit * along) / length",
        "dx = dunit - unit * along",
        "x",
        "missing-factor",
        "1/length forgotten",
    ),
    l2norm(
        "dx = (dunit - unit * along) / length",
        "dx = (dunit + unit * along) / length",
        "x",
        "sign",
        "sign lost",
    ),
    l2norm(
        "along = (dunit * unit).sum(axis=1, keepdims=True)",
        "along = (dunit * unit).sum(axis=0, keepdims=True)",
        "x",
        "not-summed",
        "wrong axis",
    ),
    l2norm(
        "along = (dunit * unit).sum(axis=1, keepdims=True)",
        "along = (dunit * unit).mean(axis=1, keepdims=True)",
        "x",
        "averaged factor",
        "mean for sum",
    ),
    l2norm(
        "return unit, (unit, length)",
        "return unit, (x, length)",
        "x",
        "wrong-point extra-factor missing-factor",  # unit is x/length: in the cache 1/length is missing
        "x for unit",
    ),
    l2norm(
        "along = (dunit * unit).sum(axis=1, keepdims=True)",
        "along = dunit * unit",
        "x",
        "not-summed",
        "not summed",
    ),
)

COSINE: tuple[Planted, ...] = (
    cosine("- cos * a / na**2", "", "a", "lost-term", "path through the length"),
    cosine("- cos * b / nb**2", "- cos * b / nb", "b", "missing-factor", "length for its square"),
    cosine("da = up * (b", "da = (b", "a", "upstream-ignored", "upstream ignored"),
    cosine("return da, db", "return db, da", "a b", "swapped", "returned in another order"),
    cosine("- cos * a / na**2", "+ cos * a / na**2", "a", "sign", "sign of the second term"),
    cosine("- cos * b / nb**2", "- cos * a / nb**2", "b", "swapped", "a for b"),
    cosine("b / (na * nb) - cos", "b - cos", "a", "missing-factor", "1/(|a| |b|) forgotten"),
    cosine(
        "db = up * (a / (na * nb)", "db = up * (b / (na * nb)", "b", "swapped", "own value for the other's"
    ),
)

MISTAKES: tuple[Planted, ...] = LAYERNORM + SPATIAL + GROUP + L2NORM + COSINE
