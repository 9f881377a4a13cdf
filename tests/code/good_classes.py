"""Right classes in unusual styles: a checker that accuses one of them is wrong."""

from abc import ABC, abstractmethod

import numpy as np


class Layer(ABC):
    """Base of the layers below."""

    trainable = True

    @abstractmethod
    def forward(self, x):
        """The output."""

    @abstractmethod
    def backward(self, dout):
        """The gradient of the input."""

    def __call__(self, x):
        return self.forward(x)


class Tanh(Layer):
    """Inherits its call."""

    trainable = False

    def forward(self, x):
        """Keep the output."""
        self._out = np.tanh(x)
        return self._out

    def backward(self, dout):
        """1 - out^2."""
        return dout * (1 - np.square(self._out))


class Bias(Layer):
    """Inherits, and has a parameter."""

    def __init__(self, b):
        super().__init__()
        self.b = b
        self.db = np.zeros_like(b)

    def forward(self, x):
        """Nothing to keep."""
        return x + self.b

    def backward(self, dout):
        """The upstream gradient passes as it is."""
        self.db = dout.sum(axis=0)
        return dout


class Callable:
    """Has no forward, but can be called."""

    def __call__(self, x):
        self.x = x
        return np.sin(x)

    def backward(self, dout):
        """cos."""
        return dout * np.cos(self.x)


class WithProperties:
    """Weights and gradients behind properties."""

    def __init__(self, W):
        self._W = np.array(W)
        self._dW = None

    @property
    def W(self):
        """The weights."""
        return self._W

    @property
    def dW(self):
        """The gradient of the last backward pass."""
        return self._dW

    def forward(self, x):
        """x W."""
        self._x = x
        return x @ self.W

    def backward(self, dout):
        """dW is computed here, and read through the property."""
        self._dW = self._x.T @ dout
        return dout @ self.W.T


class Slotted:
    """No dictionary of attributes."""

    __slots__ = ("mask",)

    def forward(self, x):
        """Keep the mask alone."""
        self.mask = x > 0
        return np.where(self.mask, x, 0)

    def backward(self, dout):
        """Zero where the mask is."""
        return self.mask * dout


class DictBackward:
    """backward returns a dictionary of all gradients."""

    def __init__(self, scale, shift):
        self.scale, self.shift = scale, shift

    def forward(self, x):
        """Scale and shift the columns."""
        self.x = x
        return self.scale * x + self.shift

    def backward(self, dout):
        """dx, dscale, dshift."""
        return {
            "dx": dout * self.scale,
            "dscale": np.sum(dout * self.x, axis=0),
            "dshift": np.sum(dout, axis=0),
        }


class Sequential:
    """Layers within a layer."""

    def __init__(self, b):
        self.layers = [Tanh(), Bias(b), Tanh()]

    @property
    def db(self):
        """From the layer in the middle."""
        return self.layers[1].db

    def forward(self, x):
        """First to last."""
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, dout):
        """Last to first."""
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


class KeywordOnly:
    """A constructor that takes names only."""

    def __init__(self, *, slope, offset=0.0):
        self.slope, self.offset = slope, offset

    def forward(self, x):
        """A line."""
        return self.slope * x + self.offset

    def backward(self, dout):
        """Its slope."""
        return self.slope * dout


class SoftmaxLoss:
    """Takes labels or one-hot rows."""

    def forward(self, x, t):
        """The mean loss as a plain number."""
        hot = np.eye(x.shape[1])[t] if np.ndim(t) == 1 else t
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p, self.hot = e / e.sum(axis=1, keepdims=True), hot
        return float(-np.sum(hot * np.log(self.p)) / len(x))

    def backward(self, dout=1.0):
        """Times the upstream gradient."""
        return dout * (self.p - self.hot) / len(self.p)


class TwoOutputs:
    """Sum and difference."""

    def forward(self, a, b):
        """Two outputs."""
        return a + b, a - b

    def backward(self, dsum, ddifference):
        """Two upstream gradients."""
        return dsum + ddifference, dsum - ddifference
