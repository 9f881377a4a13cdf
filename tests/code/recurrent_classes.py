"""Layers as classes that keep lists or dictionaries of parameters and gradients."""

import numpy as np


class MatMul:
    """x W."""

    def __init__(self, W):
        self.params = [W]
        self.grads = [np.zeros_like(W)]
        self.x = None

    def forward(self, x):
        """Keep x for backward."""
        (W,) = self.params
        self.x = x
        return np.dot(x, W)

    def backward(self, dout):
        """dx is returned; dW is written into grads."""
        (W,) = self.params
        dx = np.dot(dout, W.T)
        dW = np.dot(self.x.T, dout)
        self.grads[0][...] = dW
        return dx


class Embedding:
    """Rows of W picked by idx."""

    def __init__(self, W):
        self.params = [W]
        self.grads = [np.zeros_like(W)]
        self.idx = None

    def forward(self, idx):
        """idx: (N,) words -> (N, D)."""
        (W,) = self.params
        self.idx = idx
        return W[idx]

    def backward(self, dout):
        """A word that occurs twice gets both gradients."""
        (dW,) = self.grads
        dW[...] = 0
        for i, word_id in enumerate(self.idx):
            dW[word_id] += dout[i]
        return None


class RNN:
    """One step of a tanh network."""

    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]
        self.cache = None

    def forward(self, x, h_prev):
        """x: (N, D), h_prev: (N, H) -> (N, H)."""
        Wx, Wh, b = self.params
        h_next = np.tanh(np.dot(h_prev, Wh) + np.dot(x, Wx) + b)
        self.cache = (x, h_prev, h_next)
        return h_next

    def backward(self, dh_next):
        """dx and dh_prev are returned; the others are written into grads."""
        Wx, Wh, b = self.params
        x, h_prev, h_next = self.cache
        dt = dh_next * (1 - h_next**2)
        db = np.sum(dt, axis=0)
        dWh = np.dot(h_prev.T, dt)
        dh_prev = np.dot(dt, Wh.T)
        dWx = np.dot(x.T, dt)
        dx = np.dot(dt, Wx.T)
        self.grads[0][...] = dWx
        self.grads[1][...] = dWh
        self.grads[2][...] = db
        return dx, dh_prev


class LSTM:
    """One step; the gates stand in the order forget, candidate, input, output."""

    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]
        self.cache = None

    def forward(self, x, h_prev, c_prev):
        """x: (N, D), h_prev and c_prev: (N, H) -> h_next, c_next."""
        Wx, Wh, b = self.params
        H = h_prev.shape[1]
        A = np.dot(x, Wx) + np.dot(h_prev, Wh) + b
        f = 1 / (1 + np.exp(-A[:, :H]))
        g = np.tanh(A[:, H : 2 * H])
        i = 1 / (1 + np.exp(-A[:, 2 * H : 3 * H]))
        o = 1 / (1 + np.exp(-A[:, 3 * H :]))
        c_next = f * c_prev + g * i
        h_next = o * np.tanh(c_next)
        self.cache = (x, h_prev, c_prev, i, f, g, o, c_next)
        return h_next, c_next

    def backward(self, dh_next, dc_next):
        """dx, dh_prev and dc_prev are returned; the others are written into grads."""
        Wx, Wh, b = self.params
        x, h_prev, c_prev, i, f, g, o, c_next = self.cache
        tanh_c_next = np.tanh(c_next)
        ds = dc_next + (dh_next * o) * (1 - tanh_c_next**2)
        dc_prev = ds * f
        di = ds * g
        df = ds * c_prev
        do = dh_next * tanh_c_next
        dg = ds * i
        di *= i * (1 - i)
        df *= f * (1 - f)
        do *= o * (1 - o)
        dg *= 1 - g**2
        dA = np.hstack((df, dg, di, do))
        dWh = np.dot(h_prev.T, dA)
        dWx = np.dot(x.T, dA)
        db = dA.sum(axis=0)
        self.grads[0][...] = dWx
        self.grads[1][...] = dWh
        self.grads[2][...] = db
        dx = np.dot(dA, Wx.T)
        dh_prev = np.dot(dA, Wh.T)
        return dx, dh_prev, dc_prev


class TimeAffine:
    """x W + b at every time step; params and grads are dictionaries."""

    def __init__(self, W, b):
        self.params = {"W": W, "b": b}
        self.grads = {}
        self.x = None

    def forward(self, x):
        """x: (N, T, D) -> (N, T, M)."""
        N, T, D = x.shape
        self.x = x
        rows = np.dot(x.reshape(N * T, -1), self.params["W"]) + self.params["b"]
        return rows.reshape(N, T, -1)

    def backward(self, dout):
        """dx is returned; the others are in grads by name."""
        N, T, D = self.x.shape
        dout = dout.reshape(N * T, -1)
        self.grads["W"] = np.dot(self.x.reshape(N * T, -1).T, dout)
        self.grads["b"] = np.sum(dout, axis=0)
        dx = np.dot(dout, self.params["W"].T)
        return dx.reshape(*self.x.shape)
