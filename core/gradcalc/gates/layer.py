"""Layers of neural networks that are more than one operation: linear, normalisation, dropout, attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import GradcalcError
from ..gate import Array, Mistake, Pattern, gate
from . import growth
from .convolution import count, product
from .indexing import axis_of, plain, shown, whole
from .loss import at_least, whole_numbers

# --- weights -----------------------------------------------------------------------------------------


def weighted(rows: Array, w: Array, b: Array | None, caller: str, layout: str) -> Array:
    """rows (N,in) @ w (in,out) + b; `layout` is how the caller's weights lie, for its refusals."""
    if np.ndim(w) != 2 or rows.shape[-1] != w.shape[0]:
        have = np.shape(w) if layout == "(in,out)" or np.ndim(w) != 2 else np.shape(w)[::-1]
        raise GradcalcError(f"{caller} takes weights of shape {layout}: x has {rows.shape[-1]} features, "
                            f"w has shape {shown(have)}", kind="shape")
    if b is not None and np.shape(b) != (w.shape[1],):
        raise GradcalcError(f"{w.shape[1]} outputs need {w.shape[1]} biases: b has shape "
                            f"{shown(np.shape(b))}", kind="shape")
    z = product(rows, w)
    return z if b is None else z + b


def outer(a: Array, b: Array) -> Array:
    """a.T @ b for rows a and b; a single row each makes plain products, which numpy does faster itself."""
    return np.multiply.outer(a[0], b[0]) if len(a) == 1 else a.T @ b


def features(x: Array, caller: str) -> Array:
    """x as rows of features: all axes but the last are examples."""
    if not np.ndim(x):
        raise GradcalcError(f"{caller} takes x of shape (in,) or (N,in), not a number", kind="shape")
    return x.reshape(-1, x.shape[-1]) if x.size else x.reshape(int(np.prod(x.shape[:-1])), x.shape[-1])


def flat(x: Array, caller: str) -> Array:
    """x as one row for each example, as CS231n does; a plain vector is one example."""
    if not np.ndim(x):
        raise GradcalcError(f"{caller} takes x of shape (N,in), not a number", kind="shape")
    return x.reshape(1, -1) if x.ndim == 1 else x.reshape(len(x), int(np.prod(x.shape[1:])))


def rows_of(dz: Array, width: int) -> Array:
    return dz.reshape(dz.size // width if width else 0, width)


@gate("x @ w.T + b", pattern=Pattern.SWITCHER, complex=True, grows=growth.linear,
      structure={"x": "block", "w": "sparse", "b": "selection"},
      frameworks="torch.nn.functional.linear",
      examples=("linear([[1, 2], [3, 4]], [[1, 0], [0, 1], [1, -1]], [0.5, 0, 0])",),
      mistakes=(Mistake("b", "averaged over the examples instead of summed",
                        lambda dz, z, x, w, b: rows_of(dz, len(b)).mean(axis=0)),),
      vjp={"x": ("dz @ w", lambda dz, z, x, w, b=None: (rows_of(dz, len(w)) @ w).reshape(x.shape)),
           "w": ("dz.T @ x", lambda dz, z, x, w, b=None: outer(rows_of(dz, len(w)), features(x, "linear"))),
           "b": ("sum of dz over the examples", lambda dz, z, x, w, b: rows_of(dz, len(b)).sum(axis=0))})
def linear(x: Array, w: Array, b: Array | None = None) -> Array:
    """The input gets the upstream gradient through the weights, the weights get it times the input."""
    z = weighted(features(x, "linear"), np.transpose(w), b, "linear", "(out,in)")
    return z.reshape(*x.shape[:-1], len(w))


@gate("x @ w + b", pattern=Pattern.SWITCHER, complex=True, grows=growth.affine,
      structure={"x": "block", "w": "sparse", "b": "selection"},
      names=("affine_forward",), frameworks="CS231n's affine layer",
      examples=("affine([[1, 2], [3, 4]], [[1, 0, 1], [0, 1, -1]], [0.5, 0, 0])",),
      vjp={"x": ("dz @ w.T, in x's shape",
                 lambda dz, z, x, w, b=None: (rows_of(dz, w.shape[1]) @ w.T).reshape(x.shape)),
           "w": ("x.T @ dz", lambda dz, z, x, w, b=None: outer(flat(x, "affine"), rows_of(dz, w.shape[1]))),
           "b": ("sum of dz over the examples", lambda dz, z, x, w, b: rows_of(dz, len(b)).sum(axis=0))})
def affine(x: Array, w: Array, b: Array | None = None) -> Array:
    """Each example is one row, whatever its shape; then as linear, with the weights laid out (in,out)."""
    z = weighted(flat(x, "affine"), w, b, "affine", "(in,out)")
    return z[0] if x.ndim == 1 else z


def index_back(dz: Array, z: Array, idx: Array, w: Array) -> Array:
    """dz added to the rows that it was taken from; sorted, equal rows are neighbours and add up at once."""
    gradient = np.zeros(w.shape)
    rows = whole_numbers(idx, len(w), "index", "rows").ravel()
    if rows.size:
        order = np.argsort(rows, kind="stable")
        taken, first = np.unique(rows[order], return_index=True)
        gradient[taken] = np.add.reduceat(dz.reshape(rows.size, *w.shape[1:])[order], first, axis=0)
    return gradient


@gate("w[idx]", pattern=Pattern.SELECTOR, complex=True, grows=growth.embedding, structure={"w": "selection"},
      frameworks="torch.nn.functional.embedding",
      examples=("embedding([2, 0, 2], [[1, 2], [3, 4], [5, 6]])",),
      vjp={"w": ("dz added to each row that was taken, as often as it was", index_back)})
def embedding(idx: Array, w: Array) -> Array:
    """Each row of w gets the upstream gradients of all the places that it was copied to."""
    if not np.ndim(w):
        raise GradcalcError("embedding takes a table w of shape (rows,features), not a number", kind="shape")
    return w[whole_numbers(idx, len(w), "index", "rows")][()]


# --- normalisation -----------------------------------------------------------------------------------


def standardised(x: Array, axes: tuple[int, ...], eps: float) -> tuple[Array, Array]:
    """x less its mean, over its standard deviation, along `axes`; and one over that deviation."""
    n = max(1, int(np.prod([x.shape[k] for k in axes])))
    centred = x - x.sum(axis=axes, keepdims=True) / n
    scale = 1 / np.sqrt((centred * centred).sum(axis=axes, keepdims=True) / n + eps)
    return centred * scale, scale


def standardised_dx(dz: Array, x: Array, axes: tuple[int, ...], eps: float) -> Array:
    """What goes through: dz less the parts that shift or stretch all entries alike (Ioffe, Szegedy 2015)."""
    hat, scale = standardised(x, axes, eps)
    n = max(1, int(np.prod([x.shape[k] for k in axes])))
    common = dz.sum(axis=axes, keepdims=True) + hat * (dz * hat).sum(axis=axes, keepdims=True)
    return scale * (dz - common / n)


def batch_axes(x: Array) -> tuple[int, ...]:
    return (0, *range(2, x.ndim))


def across(v: Array | None, x: Array, name: str) -> Array:
    """gamma or beta, one for each channel, with x's number of axes."""
    if v is None:
        return 1.0 if name == "gamma" else 0.0
    if np.shape(v) != (x.shape[1],):
        raise GradcalcError(f"{name} must have one entry for each of the {x.shape[1]} channels: "
                            f"it has shape {shown(np.shape(v))}", kind="shape")
    return v.reshape(-1, *(1,) * (x.ndim - 2))


@gate("gamma*(x - mean(x))/sqrt(var(x) + eps) + beta", pattern=Pattern.MIXER, complex=True,
      structure={"x": "sparse", "gamma": "selection", "beta": "selection"},
      names=("batchnorm_forward", "spatial_batchnorm"), source="Ioffe and Szegedy 2015",
      frameworks="torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True)",
      examples=("batchnorm([[1, 2], [3, 5], [6, -1]], [1, 2], [0, 0.5])",),
      mistakes=(Mistake("x", "mean and variance taken for constants",
                        lambda dz, z, x, gamma=None, beta=None, eps=1e-5: (
                            dz * across(gamma, x, "gamma") * standardised(x, batch_axes(x), eps)[1])),),
      vjp={"x": ("gamma*(dz - mean(dz) - xhat*mean(dz*xhat))/sqrt(var + eps)",
                 lambda dz, z, x, gamma=None, beta=None, eps=1e-5: standardised_dx(
                     dz * across(gamma, x, "gamma"), x, batch_axes(x), eps)),
           "gamma": ("sum of dz*xhat over the batch", lambda dz, z, x, gamma, beta=None, eps=1e-5: (
               dz * standardised(x, batch_axes(x), eps)[0]).sum(axis=batch_axes(x))),
           "beta": ("sum of dz over the batch",
                    lambda dz, z, x, gamma, beta, eps=1e-5: dz.sum(axis=batch_axes(x)))})
def batchnorm(x: Array, gamma: Array | None = None, beta: Array | None = None, *, eps: float = 1e-5) -> Array:
    """In training: an input that shifts or stretches its whole batch changes nothing, so that part is lost.

    x is (N,D), or (N,C,...) with statistics for each channel over everything else.
    """
    if np.ndim(x) < 2:
        raise GradcalcError(f"batchnorm takes x of shape (N,D) or (N,C,...), not {shown(np.shape(x))}",
                            kind="shape")
    hat, _ = standardised(x, batch_axes(x), at_least(eps, "eps", 0))
    return hat * across(gamma, x, "gamma") + across(beta, x, "beta")


def own_axes(x: Array, *parts: Array | None) -> tuple[int, ...]:
    """The last axes of x, as many as gamma and beta have, whose sizes they must share."""
    shape: tuple[int, ...] | None = None
    for name, v in zip(("gamma", "beta"), parts, strict=False):
        if v is None:
            continue
        if shape is not None and np.shape(v) != shape:
            raise GradcalcError(f"gamma and beta differ in shape: {shown(shape)} and {shown(np.shape(v))}",
                                kind="shape")
        shape = np.shape(v)
        if not shape or np.shape(x)[-len(shape) :] != shape:
            raise GradcalcError(f"{name} must have the sizes of x's last axes: they have the shapes "
                                f"{shown(shape)} and {shown(np.shape(x))}", kind="shape")
    if not np.ndim(x):
        raise GradcalcError("layernorm takes x with a last axis, not a number", kind="shape")
    return tuple(range(-len(shape or (1,)), 0))


def leading(v: Array, x: Array) -> tuple[int, ...]:
    return tuple(range(np.ndim(x) - np.ndim(v)))


@gate("gamma*(x - mean(x))/sqrt(var(x) + eps) + beta", pattern=Pattern.MIXER, complex=True,
      structure={"x": "block", "gamma": "selection", "beta": "selection"},
      names=("layer_norm",), source="Ba, Kiros and Hinton 2016",
      frameworks="torch.nn.functional.layer_norm(x, gamma.shape, gamma, beta)",
      examples=("layernorm([[1, 2, 4], [3, 5, -1]], [1, 2, 1], [0, 0.5, 0])",),
      vjp={"x": ("gamma*dz less its mean and its part along xhat, over sqrt(var + eps)",
                 lambda dz, z, x, gamma=None, beta=None, eps=1e-5: standardised_dx(
                     dz if gamma is None else dz * gamma, x, own_axes(x, gamma, beta), eps)),
           "gamma": ("sum of dz*xhat over the examples", lambda dz, z, x, gamma, beta=None, eps=1e-5: (
               dz * standardised(x, own_axes(x, gamma), eps)[0]).sum(axis=leading(gamma, x))),
           "beta": ("sum of dz over the examples",
                    lambda dz, z, x, gamma, beta, eps=1e-5: dz.sum(axis=leading(beta, x)))})
def layernorm(x: Array, gamma: Array | None = None, beta: Array | None = None, *, eps: float = 1e-5) -> Array:
    """What would shift or stretch a whole example is lost; the rest goes through, scaled by gamma.

    The statistics are taken over the last axes of x, as many as gamma has; without gamma over the last one.
    """
    hat, _ = standardised(x, own_axes(x, gamma, beta), at_least(eps, "eps", 0))
    hat = hat if gamma is None else hat * gamma
    return hat if beta is None else hat + beta


def neighbours(v: Array, size: int, before: int) -> Array:
    """Sums of `size` neighbours along the first axis, of which `before` lie before an entry."""
    padded = np.zeros((len(v) + size - 1, *v.shape[1:]), v.dtype)
    padded[before : before + len(v)] = v
    total = padded[: len(v)].copy()
    for k in range(1, size):
        total += padded[k : k + len(v)]
    return total


def response(x: Array, size: Any, alpha: float, k: float, axis: Any) -> tuple[Array, Array, int]:
    """x with its channels first, what it is divided by (before the power), and the window's size."""
    n = count(size, "size")
    first = np.moveaxis(x, axis_of(axis, np.shape(x)), 0)
    return first, k + alpha / n * neighbours(first * first, n, n // 2), n


def response_dx(dz: Array, z: Array, x: Array, *, size: Any = 5, alpha: float = 1e-4, beta: float = 0.75,
                k: float = 1.0, axis: Any = 1) -> Array:
    v, base, n = response(x, size, alpha, k, axis)
    direct = np.moveaxis(dz, axis_of(axis, x.shape), 0) * base**-beta
    shared = neighbours(direct * v / base, n, (n - 1) // 2)
    return np.moveaxis(direct - (2 * alpha * beta / n) * v * shared, 0, axis_of(axis, x.shape))


@gate("x/(k + alpha/size*s)^beta", pattern=Pattern.MIXER, complex=True, structure={"x": "sparse"},
      names=("lrn",), source="Krizhevsky, Sutskever and Hinton 2012",
      frameworks="torch.nn.functional.local_response_norm",
      examples=("local_response_norm([[[1], [2], [-1], [3]]], size=3, alpha=0.5)",),
      mistakes=(Mistake("x", "the divisor taken for a constant",
                        lambda dz, z, x, size=5, alpha=1e-4, beta=0.75, k=1.0, axis=1: dz * np.moveaxis(
                            response(x, size, alpha, k, axis)[1], 0, axis_of(axis, x.shape)) ** -beta),),
      vjp={"x": ("dz/d^beta - 2*alpha*beta/size * x * (sum over the neighbours of dz*x/d^(beta + 1)), "
                 "where d = k + alpha/size*s", response_dx)})
def local_response_norm(x: Array, *, size: Any = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0,
                        axis: Any = 1) -> Array:
    """Each entry is divided by a power of the squares of its neighbour channels, so it damps theirs in turn.

    s is the sum of the squares over `size` channels around the entry's own; channels are the axis 1.
    """
    v, base, _ = response(x, size, alpha, k, axis)
    return np.moveaxis(v * base**-beta, 0, axis_of(axis, np.shape(x)))


# --- noise and attention -----------------------------------------------------------------------------


def kept(x: Array, p: Any, seed: Any, train: Any) -> Array:
    """The mask of dropout: 1/(1 - p) where an entry stays, 0 where it goes. A seed always makes the same."""
    rate = at_least(p, "p", 0)
    if rate > 1:
        raise GradcalcError(f"p must be at most 1, not {plain(p)}", kind="value")
    if not train or rate == 0:
        return 1.0
    draws = np.random.default_rng(whole(seed, "seed")).random(np.shape(x))
    return (draws >= rate) / (1 - rate) if rate < 1 else 0.0


@gate("x*mask/(1 - p)", pattern=Pattern.SCALER, complex=True, structure={"x": "diagonal"},
      frameworks="torch.nn.functional.dropout", source="Srivastava and others 2014",
      examples=("dropout([1, 2, 3, 4], p=0.5)", "dropout([1, 2, 3, 4], train=False)"),
      vjp={"x": ("dz*mask/(1 - p)",
                 lambda dz, z, x, p=0.5, seed=0, train=True: dz * kept(x, p, seed, train))})
def dropout(x: Array, *, p: Any = 0.5, train: Any = True, seed: Any = 0) -> Array:
    """Entries that were dropped get nothing; the others get the upstream gradient over 1 - p."""
    return x * kept(x, p, seed, train)


def attention_weights(q: Array, k: Array, is_causal: Any, scale: Any) -> tuple[Array, float]:
    """softmax(q @ k.T*scale) over the keys, and the scale."""
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else float(scale)
    scores = q @ np.swapaxes(k, -1, -2) * factor
    if is_causal:
        late = np.arange(k.shape[-2]) > np.arange(q.shape[-2])[:, None]
        scores = np.where(late, -np.inf, scores)
    e = np.exp(scores - np.max(scores.real, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True), factor


def attention_scores(dz: Array, q: Array, k: Array, v: Array, is_causal: Any, scale: Any) -> Array:
    """What comes back to q @ k.T: dz through the weights and their softmax."""
    p, factor = attention_weights(q, k, is_causal, scale)
    dp = dz @ np.swapaxes(v, -1, -2)
    return p * (dp - (dp * p).sum(axis=-1, keepdims=True)) * factor


@gate("softmax(q @ k.T/sqrt(d)) @ v", pattern=Pattern.MIXER, complex=True,
      structure={"q": "block", "k": "block", "v": "sparse"}, names=("attention",),
      source="Vaswani and others 2017", frameworks="torch.nn.functional.scaled_dot_product_attention",
      examples=("scaled_dot_product_attention([[1, 0], [0, 2]], [[1, 1], [0, 1], [2, 0]], [[1], [2], [4]])",),
      vjp={"q": ("ds @ k, where ds is dz @ v.T through the softmax, over sqrt(d)",
                 lambda dz, z, q, k, v, is_causal=False, scale=None: (
                     attention_scores(dz, q, k, v, is_causal, scale) @ k)),
           "k": ("ds.T @ q", lambda dz, z, q, k, v, is_causal=False, scale=None: np.swapaxes(
               attention_scores(dz, q, k, v, is_causal, scale), -1, -2) @ q),
           "v": ("weights.T @ dz", lambda dz, z, q, k, v, is_causal=False, scale=None: np.swapaxes(
               attention_weights(q, k, is_causal, scale)[0], -1, -2) @ dz)})
def scaled_dot_product_attention(q: Array, k: Array, v: Array, *, is_causal: Any = False,
                                 scale: Any = None) -> Array:
    """Values get the upstream gradient times the attention paid to them; queries and keys what steers it."""
    one, two, three = np.shape(q), np.shape(k), np.shape(v)
    if min(len(one), len(two), len(three)) < 2 or one[-1] != two[-1] or two[-2] != three[-2] or not (
            one[:-2] == two[:-2] == three[:-2]):
        raise GradcalcError("attention takes q (...,L,d), k (...,S,d) and v (...,S,e): "
                            f"{shown(one)}, {shown(two)} and {shown(three)} do not fit", kind="shape")
    return attention_weights(q, k, is_causal, scale)[0] @ v
