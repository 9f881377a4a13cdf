"""Layers and a loss as one writes them in a course, for `gradcalc check samples/layers.py:affine` and so on.

A layer is two functions: NAME_forward returns its output and a cache, NAME_backward takes the upstream
gradient and the cache and returns a gradient for each input, in the same order.
"""

import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(len(x), -1) @ w + b
    return out, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, x):
    return dout * (x > 0)


def conv_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    _, _, height, width = w.shape
    rows = (padded.shape[2] - height) // stride + 1
    columns = (padded.shape[3] - width) // stride + 1
    out = np.empty((len(x), len(w), rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = padded[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
            out[:, :, i, j] = np.einsum("nchw,fchw->nf", window, w) + b
    return out, (x, padded, w, stride, pad)


def conv_backward(dout, cache):
    x, padded, w, stride, pad = cache
    _, _, height, width = w.shape
    dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            here = np.s_[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
            dpadded[here] += np.einsum("nf,fchw->nchw", dout[:, :, i, j], w)
            dw += np.einsum("nf,nchw->fchw", dout[:, :, i, j], padded[here])
    dx = dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]
    return dx, dw, dout.sum(axis=(0, 2, 3))


def ridge(w, X, y, lam=0.1):
    """Least squares with a penalty on the weights."""
    return np.mean((X @ w - y) ** 2) + lam * np.sum(w * w)


def grad_ridge(w, X, y, lam=0.1):
    return 2 * X.T @ (X @ w - y) / len(y) + 2 * lam * w
