"""Normalisation layers of a course's assignment."""

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each column of x: (N, D) over the batch; running averages live in bn_param."""
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D))
    running_var = bn_param.get("running_var", np.ones(D))
    if mode == "train":
        mu = x.mean(axis=0)
        xmu = x - mu
        var = (xmu**2).mean(axis=0)
        running_mean = momentum * running_mean + (1 - momentum) * mu
        running_var = momentum * running_var + (1 - momentum) * var
    elif mode == "test":
        xmu = x - running_mean
        var = running_var
    else:
        raise ValueError(f"unknown mode {mode!r}")
    std = np.sqrt(var + eps)
    inv_std = 1.0 / std
    xhat = xmu * inv_std
    out = gamma * xhat + beta
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    cache = (mode, gamma, xmu, xhat, inv_std, std)
    return out, cache


def batchnorm_backward(dout, cache):
    """Backward through the graph, stage by stage."""
    mode, gamma, xmu, xhat, inv_std, std = cache
    N, D = dout.shape
    # out = gamma * xhat + beta
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    if mode == "test":
        return dxhat * inv_std, dgamma, dbeta
    # xhat = xmu * inv_std
    dinv_std = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * inv_std
    # inv_std = 1 / std, std = sqrt(var + eps)
    dstd = -dinv_std / std**2
    dvar = 0.5 * dstd / std
    # var = mean(sq), sq = xmu ** 2
    dsq = np.ones((N, D)) * dvar / N
    dxmu2 = 2 * xmu * dsq
    # xmu = x - mu, mu = mean(x)
    dxmu = dxmu1 + dxmu2
    dmu = -np.sum(dxmu, axis=0)
    dx1 = dxmu
    dx2 = np.ones((N, D)) * dmu / N
    dx = dx1 + dx2
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    """Backward by the formula that is left after simplification on paper."""
    mode, gamma, xmu, xhat, inv_std, std = cache
    N = len(dout)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    if mode == "test":
        return dout * gamma * inv_std, dgamma, dbeta
    dx = gamma * inv_std / N * (N * dout - dbeta - xhat * dgamma)
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    """Normalise each row of x: (N, D) over its features; gamma, beta: (D,)."""
    eps = ln_param.get("eps", 1e-5)
    mu = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    rstd = 1 / np.sqrt(var + eps)
    normed = (x - mu) * rstd
    out = gamma * normed + beta
    cache = (gamma, normed, rstd)
    return out, cache


def layernorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta."""
    gamma, normed, rstd = cache
    D = dout.shape[1]
    dgamma = (dout * normed).sum(axis=0)
    dbeta = np.sum(dout, 0)
    g = dout * gamma
    mean_g = g.sum(axis=1, keepdims=True) / D
    mean_gx = (g * normed).sum(axis=1, keepdims=True) / D
    dx = rstd * (g - mean_g - normed * mean_gx)
    return dx, dgamma, dbeta


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalisation per channel of x: (N, C, H, W); gamma, beta: (C,)."""
    N, C, H, W = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, C)
    out, cache = batchnorm_forward(rows, gamma, beta, bn_param)
    out = out.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta."""
    N, C, H, W = dout.shape
    flat = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dflat, dgamma, dbeta = batchnorm_backward(flat, cache)
    dx = dflat.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    return dx, dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Normalise x: (N, C, H, W) within G groups of channels; gamma, beta: (1, C, 1, 1)."""
    eps = gn_param.get("eps", 1e-5)
    N, C, H, W = x.shape
    groups = x.reshape(N, G, -1)
    centred = groups - groups.mean(axis=2, keepdims=True)
    scale = 1.0 / np.sqrt((centred**2).mean(axis=2, keepdims=True) + eps)
    x_norm = (centred * scale).reshape(N, C, H, W)
    out = gamma * x_norm + beta
    cache = (G, gamma, x_norm, scale)
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta."""
    G, gamma, x_norm, scale = cache
    N, C, H, W = dout.shape
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    dgamma = (dout * x_norm).sum(axis=(0, 2, 3), keepdims=True)
    dx_norm = (dout * gamma).reshape(N, G, -1)
    hat = x_norm.reshape(N, G, -1)
    first = dx_norm.mean(axis=2, keepdims=True)
    second = hat * (dx_norm * hat).mean(axis=2, keepdims=True)
    dx = scale * (dx_norm - first - second)
    dx = dx.reshape(N, C, H, W)
    return dx, dgamma, dbeta


def l2norm_forward(x):
    """Scale each row of x to length 1."""
    length = np.sqrt((x**2).sum(axis=1, keepdims=True))
    unit = x / length
    return unit, (unit, length)


def l2norm_backward(dunit, cache):
    """Take out the part along the row, then divide by its length."""
    unit, length = cache
    along = (dunit * unit).sum(axis=1, keepdims=True)
    dx = (dunit - unit * along) / length
    return dx


def cosine_forward(a, b):
    """Cosine of the angle between the rows of a and of b: (N, D) each -> (N,)."""
    na = np.linalg.norm(a, axis=1)
    nb = np.linalg.norm(b, axis=1)
    cos = (a * b).sum(axis=1) / (na * nb)
    return cos, (a, b, na, nb, cos)


def cosine_backward(dcos, cache):
    """dcos: (N,) -> da, db."""
    a, b, na, nb, cos = cache
    up = dcos[:, None]
    na, nb, cos = na[:, None], nb[:, None], cos[:, None]
    da = up * (b / (na * nb) - cos * a / na**2)
    db = up * (a / (na * nb) - cos * b / nb**2)
    return da, db
