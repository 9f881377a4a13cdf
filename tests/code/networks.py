"""Two-layer networks: one in the style of a course, one in the style of a textbook."""

from collections import OrderedDict

import numpy as np
from classes import Affine, Relu, SoftmaxWithLoss


class TwoLayerNet:
    """affine - relu - affine - softmax, with L2 regularisation of the weights and the biases."""

    def __init__(self, input_dim=8, hidden_dim=10, num_classes=3, weight_scale=1e-1, reg=0.0):
        self.reg = reg
        self.params = {}
        self.params["W1"] = weight_scale * np.random.randn(input_dim, hidden_dim)
        self.params["b1"] = weight_scale * np.random.randn(hidden_dim)
        self.params["W2"] = weight_scale * np.random.randn(hidden_dim, num_classes)
        self.params["b2"] = weight_scale * np.random.randn(num_classes)

    def loss(self, X, y=None):
        """Scores without labels; with labels the loss and the gradient of every parameter."""
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        N = X.shape[0]

        z1 = X.dot(W1) + b1
        hidden = np.maximum(0, z1)
        scores = hidden.dot(W2) + b2
        if y is None:
            return scores

        exp_scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
        data_loss = -np.log(probs[np.arange(N), y]).sum() / N
        reg_loss = 0.5 * self.reg * sum(np.sum(p * p) for p in self.params.values())

        grads = {}
        dscores = probs.copy()
        dscores[np.arange(N), y] -= 1
        dscores /= N
        grads["W2"] = hidden.T.dot(dscores) + self.reg * W2
        grads["b2"] = dscores.sum(axis=0) + self.reg * b2
        dhidden = dscores.dot(W2.T)
        dz1 = dhidden * (z1 > 0)
        grads["W1"] = X.T.dot(dz1) + self.reg * W1
        grads["b1"] = dz1.sum(axis=0) + self.reg * b1
        return data_loss + reg_loss, grads


class LayeredNet:
    """The same network made of layers, without regularisation."""

    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        self.params = {
            "W1": weight_init_std * np.random.randn(input_size, hidden_size),
            "b1": np.zeros(hidden_size),
            "W2": weight_init_std * np.random.randn(hidden_size, output_size),
            "b2": np.zeros(output_size),
        }
        self.layers = OrderedDict()
        self.layers["Affine1"] = Affine(self.params["W1"], self.params["b1"])
        self.layers["Relu1"] = Relu()
        self.layers["Affine2"] = Affine(self.params["W2"], self.params["b2"])
        self.last_layer = SoftmaxWithLoss()

    def predict(self, x):
        """Scores of every class."""
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        """x: (N, D), t: (N,)."""
        y = self.predict(x)
        return self.last_layer.forward(y, t)

    def gradient(self, x, t):
        """The gradient of loss for every parameter."""
        self.loss(x, t)
        dout = 1
        dout = self.last_layer.backward(dout)
        layers = list(self.layers.values())
        layers.reverse()
        for layer in layers:
            dout = layer.backward(dout)
        grads = {}
        grads["W1"] = self.layers["Affine1"].dW
        grads["b1"] = self.layers["Affine1"].db
        grads["W2"] = self.layers["Affine2"].dW
        grads["b2"] = self.layers["Affine2"].db
        return grads
