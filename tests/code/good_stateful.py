"""Right classes that keep a state: a checker that accuses one of them is wrong."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class DataAffine:
    """A dataclass with its weights as fields."""

    W: np.ndarray
    b: np.ndarray
    grads: dict = field(default_factory=dict)

    def forward(self, x):
        """x W + b."""
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        """Gradients by name in a dictionary."""
        self.grads = {"W": self.x.T @ dout, "b": dout.sum(0)}
        return dout @ self.W.T


class Accumulating:
    """Adds to dW until zero_grad, as the large frameworks do."""

    def __init__(self, W):
        self.W = W
        self.zero_grad()

    def zero_grad(self):
        """Start again."""
        self.dW = np.zeros_like(self.W)

    def forward(self, x):
        """x W."""
        self.x = x
        return x.dot(self.W)

    def backward(self, dout):
        """+= is meant."""
        self.dW += self.x.T.dot(dout)
        return dout.dot(self.W.T)


class OwnDropout:
    """Draws from a generator of its own, which goes on from call to call."""

    def __init__(self, rate=0.3, seed=0):
        self.rate = rate
        self.rng = np.random.default_rng(seed)
        self.training = True

    def forward(self, x):
        """Inverted dropout."""
        if not self.training:
            return x
        self.mask = (self.rng.random(x.shape) >= self.rate) / (1 - self.rate)
        return x * self.mask

    def backward(self, dout):
        """The mask of the last call."""
        return dout * self.mask if self.training else dout


class RunningNorm:
    """Buffers change in place with every forward pass, and the output does not depend on them."""

    def __init__(self, gamma, beta, momentum=0.1):
        self.gamma, self.beta, self.momentum = gamma, beta, momentum
        self.running_mean = np.zeros_like(gamma)
        self.running_var = np.ones_like(gamma)
        self.batches = 0

    def forward(self, x):
        """Normalise over the batch."""
        mean, var = x.mean(axis=0), x.var(axis=0)
        self.running_mean += self.momentum * (mean - self.running_mean)
        self.running_var += self.momentum * (var - self.running_var)
        self.batches += 1
        self.inv = 1 / np.sqrt(var + 1e-5)
        self.hat = (x - mean) * self.inv
        return self.gamma * self.hat + self.beta

    def backward(self, dout):
        """dgamma and dbeta stay here."""
        self.dgamma = np.einsum("nd,nd->d", dout, self.hat)
        self.dbeta = dout.sum(axis=0)
        n = len(dout)
        return self.gamma * self.inv / n * (n * dout - self.dbeta - self.hat * self.dgamma)


class ListGrads:
    """Keeps params and grads as lists, and no dNAME."""

    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [None, None]

    def forward(self, x):
        """x W + b."""
        W, b = self.params
        self.x = x
        return x @ W + b

    def backward(self, dout):
        """New arrays in grads."""
        self.grads[0] = self.x.T @ dout
        self.grads[1] = dout.sum(axis=0)
        return dout @ self.params[0].T


class DeepNet:
    """Any number of layers, with parameters W1, b1, W2, ... in one dictionary."""

    def __init__(self, sizes=(4, 6, 5, 3), weight_scale=0.5, reg=0.1):
        self.depth = len(sizes) - 1
        self.reg = reg
        self.params = {}
        for i in range(self.depth):
            self.params[f"W{i + 1}"] = weight_scale * np.random.randn(sizes[i], sizes[i + 1])
            self.params[f"b{i + 1}"] = np.zeros(sizes[i + 1])

    def loss(self, X, y=None):
        """Scores, or loss and gradients."""
        values = [X]
        for i in range(1, self.depth + 1):
            z = values[-1] @ self.params[f"W{i}"] + self.params[f"b{i}"]
            values.append(np.tanh(z) if i < self.depth else z)
        if y is None:
            return values[-1]
        shifted = values[-1] - values[-1].max(axis=1, keepdims=True)
        logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        n = len(y)
        loss = -logp[np.arange(n), y].mean()
        d = np.exp(logp)
        d[np.arange(n), y] -= 1
        d /= n
        grads = {}
        for i in range(self.depth, 0, -1):
            W = self.params[f"W{i}"]
            loss += 0.5 * self.reg * np.sum(W**2)
            grads[f"W{i}"] = values[i - 1].T @ d + self.reg * W
            grads[f"b{i}"] = d.sum(axis=0)
            if i > 1:
                d = (d @ W.T) * (1 - values[i - 1] ** 2)
        return loss, grads
