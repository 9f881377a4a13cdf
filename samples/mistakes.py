"""Three layers with a mistake each, for `gradcalc check samples/mistakes.py:affine` and so on."""

import numpy as np


def affine_forward(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.mean(axis=0)


def normalise_forward(x):
    mean = x.mean(axis=0)
    std = np.sqrt(x.var(axis=0) + 1e-5)
    normal = (x - mean) / std
    return normal, (normal, std)


def normalise_backward(dout, cache):
    normal, std = cache
    return (dout - dout.mean(axis=0)) / std


def crop_forward(x, crop_param):
    pad = crop_param["pad"]
    return np.pad(x, pad) ** 2, (np.pad(x, pad), pad)


def crop_backward(dout, cache):
    padded, pad = cache
    return (2 * padded * dout)[pad:-pad]
