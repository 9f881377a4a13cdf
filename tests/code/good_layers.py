"""Right forward and backward pairs in unusual styles: a checker that accuses one of them is wrong."""

from dataclasses import dataclass

import numpy as np

RUNNING = {"mean": np.zeros(4), "var": np.ones(4), "steps": 0}


def dictcache_forward(x, w, b):
    """Affine with a dictionary as the cache."""
    return x @ w + b, {"x": x, "w": w, "n": len(x)}


def dictcache_backward(dout, cache):
    """Gradients in a dictionary too."""
    return {"db": dout.sum(0), "dw": cache["x"].T @ dout, "dx": dout @ cache["w"].T}


def scaled_forward(x, gain):
    """One gain for each column."""
    return x * gain, (x, gain)


def scaled_backward(cache, dout):
    """The cache comes first."""
    x, gain = cache
    return dout * gain, (dout * x).sum(axis=0)


@dataclass
class Saved:
    """What cube_forward saves."""

    x: np.ndarray
    factor: float = 3.0


def cube_forward(x):
    """A dataclass as the cache."""
    return x**3, Saved(x)


def cube_backward(dout, saved):
    """A list with one gradient."""
    return [saved.factor * saved.x**2 * dout]


def clipped_forward(x):
    """In-place work on a copy."""
    out = x.copy()
    out[out < -1] = -1
    out[out > 1] = 1
    return out, x


def clipped_backward(dout, x):
    """A tuple with one gradient, from a copy of the upstream gradient."""
    dx = np.array(dout)
    dx[np.abs(x) > 1] = 0.0
    return (dx,)


class StaticAffine:
    """Static methods in a class that is never constructed."""

    @staticmethod
    def forward(x, w):
        """out and cache."""
        return np.dot(x, w), (x, w)

    @staticmethod
    def backward(dout, cache):
        """dx and dw as a list."""
        x, w = cache
        return [np.dot(dout, w.T), np.dot(x.T, dout)]


def batched_forward(a, b):
    """One product for every pair of matrices."""
    return np.einsum("bij,bjk->bik", a, b), (a, b)


def batched_backward(dout, cache):
    """einsum with other letters."""
    a, b = cache
    return np.einsum("bik,bjk->bij", dout, b), np.einsum("bij,bik->bjk", a, dout)


def seeded_dropout_forward(x, dropout_param):
    """Sets the global seed, as courses do for their checks."""
    np.random.seed(dropout_param["seed"])
    keep = 1 - dropout_param["drop"]
    mask = np.random.binomial(1, keep, size=x.shape) / keep
    return x * mask, mask


def seeded_dropout_backward(dout, mask):
    """The cache is the mask."""
    return dout * mask


def noisy_forward(x, noise_param):
    """Its own random state, made anew from the seed."""
    noise = np.random.RandomState(noise_param["seed"]).normal(size=x.shape)
    return x * (1 + 0.1 * noise), noise


def noisy_backward(dout, noise):
    """The same noise."""
    return dout * (1 + 0.1 * noise)


def global_dropout_forward(x):
    """Draws from the global random state, without a seed."""
    mask = np.random.rand(*x.shape) < 0.7
    return x * mask / 0.7, mask


def global_dropout_backward(dout, mask):
    """The same mask."""
    return np.where(mask, dout / 0.7, 0)


def running_forward(x, gamma, beta):
    """Batch normalisation whose running statistics live in the module and change in place."""
    mean, var = x.mean(0), x.var(0)
    RUNNING["mean"] *= 0.9
    RUNNING["mean"] += 0.1 * mean
    RUNNING["var"] *= 0.9
    RUNNING["var"] += 0.1 * var
    RUNNING["steps"] += 1
    hat = (x - mean) / np.sqrt(var + 1e-5)
    return gamma * hat + beta, (hat, var, gamma)


def running_backward(dout, cache):
    """Means for the two paths."""
    hat, var, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(0) - hat * (d * hat).mean(0)) / np.sqrt(var + 1e-5)
    return dx, (dout * hat).sum(0), dout.sum(0)


def tolerant_forward(x, w):
    """A batch of nothing is allowed."""
    if x.shape[0] == 0:
        return np.zeros((0, w.shape[1])), None
    return x.dot(w), (x, w)


def tolerant_backward(dout, cache):
    """And gives nothing back."""
    if cache is None:
        return None, None
    x, w = cache
    return dout.dot(w.T), x.T.dot(dout)


def single_forward(x, w):
    """Single precision inside."""
    x32, w32 = x.astype(np.float32), w.astype(np.float32)
    return np.tanh(x32 @ w32), (x32, w32)


def single_backward(dout, cache):
    """Single precision outside too."""
    x32, w32 = cache
    slope = 1 - np.tanh(x32 @ w32) ** 2
    d = dout.astype(np.float32) * slope
    return d @ w32.T, x32.T @ d


def mse_forward(pred, target):
    """A loss as a layer: its output is one number, its upstream gradient too."""
    return float(np.mean((pred - target) ** 2)), (pred, target)


def mse_backward(dloss, cache):
    """Both inputs have a gradient."""
    pred, target = cache
    d = dloss * 2 * (pred - target) / pred.size
    return d, -d


def moments_forward(x):
    """Two outputs of different shapes."""
    mean = x.mean()
    return mean, x - mean, x.shape


def moments_backward(dmean, dcentred, shape):
    """Both come back."""
    dx = dcentred - dcentred.mean()
    return dx + dmean / np.prod(shape)


negate_forward = lambda x: (-x, None)  # noqa: E731
negate_backward = lambda dout, cache: -dout  # noqa: E731


def make_leaky(alpha):
    """Two functions with their alpha inside."""

    def forward(x):
        return np.where(x > 0, x, alpha * x), x > 0

    def backward(dout, positive):
        return np.where(positive, dout, alpha * dout)

    return forward, backward


leaky_forward, leaky_backward = make_leaky(0.2)


def inplace_softmax_forward(x):
    """Reuses its own array for every step."""
    out = np.array(x)
    out -= out.max(axis=-1, keepdims=True)
    np.exp(out, out=out)
    out /= out.sum(axis=-1, keepdims=True)
    return out, out


def inplace_softmax_backward(dout, p):
    """The cache is the output itself."""
    d = dout * p
    d -= p * d.sum(axis=-1, keepdims=True)
    return d
