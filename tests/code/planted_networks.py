"""Mistakes in networks and in layers that keep their gradients in lists or dictionaries."""

from __future__ import annotations

from planting import Planted, planter

matmul = planter("recurrent_classes.py", "MatMul")
embedding = planter("recurrent_classes.py", "Embedding")
rnn = planter("recurrent_classes.py", "RNN")
lstm = planter("recurrent_classes.py", "LSTM")
time_affine = planter("recurrent_classes.py", "TimeAffine")
net = planter("networks.py", "TwoLayerNet")
layered = planter("networks.py", "LayeredNet")

MATMUL: tuple[Planted, ...] = (
    matmul(
        "self.grads[0][...] = dW\n        return dx\n",
        "self.grads[0] = dW.T\n        return dx\n",
        "W",
        "transposed",
        "returned transposed",
    ),
    matmul(
        "dW = np.dot(self.x.T, dout)",
        "dW = np.dot(self.x.T, dout) / len(dout)",
        "W",
        "averaged factor",
        "averaged over the batch",
    ),
    matmul(
        "        self.grads[0][...] = dW\n        return dx\n",
        "        return dx\n",
        "W",
        "zero",
        "grads never filled",
    ),
    matmul(
        "dx = np.dot(dout, W.T)\n        dW = np.dot(self.x.T, dout)",
        "dx = np.dot(np.ones_like(dout), W.T)\n        dW = np.dot(self.x.T, dout)",
        "x",
        "upstream-ignored",
        "ones for the upstream gradient",
    ),
    matmul("dW = np.dot(self.x.T, dout)", "dW = -np.dot(self.x.T, dout)", "W", "sign", "sign lost"),
    matmul(
        "dx = np.dot(dout, W.T)\n        dW = np.dot(self.x.T, dout)",
        "dW = np.dot(self.x.T, dout)\n        dx = dout",
        "x",
        "shape missing-factor",
        "W forgotten",
    ),
)

EMBEDDING: tuple[Planted, ...] = (
    embedding(
        "dW[word_id] += dout[i]", "dW[word_id] = dout[i]", "W", "overwritten lost-term region", "= for +="
    ),
    embedding("dW[word_id] += dout[i]", "dW[i] += dout[i]", "W", "permuted", "position for word"),
    embedding("dW[word_id] += dout[i]", "dW[word_id] += 1", "W", "upstream-ignored", "words are counted"),
    embedding("dW[word_id] += dout[i]", "dW[word_id] += dout[word_id]", "W", "permuted", "word for position"),
    embedding(
        "for i, word_id in enumerate(self.idx):",
        "for i, word_id in enumerate(self.idx[:-1]):",
        "W",
        "lost-term region",
        "the last word is lost",
    ),
    embedding(
        "dW[word_id] += dout[i]",
        "dW[word_id] += dout[i] / len(self.idx)",
        "W",
        "averaged factor",
        "averaged over the batch",
    ),
    embedding("dW[word_id] += dout[i]", "dW[word_id] += dout[0]", "W", "permuted", "always the first"),
)

RNN: tuple[Planted, ...] = (
    rnn(
        "dt = dh_next * (1 - h_next**2)",
        "dt = dh_next * (1 - h_next)",
        "x h_prev Wx Wh b",
        "missing-factor",
        "1 - h for 1 - h^2",
    ),
    rnn("dWh = np.dot(h_prev.T, dt)", "dWh = np.dot(h_next.T, dt)", "Wh", "wrong-point", "h_next for h_prev"),
    rnn("dh_prev = np.dot(dt, Wh.T)", "dh_prev = np.dot(dt, Wh)", "h_prev", "transposed", "Wh is square"),
    rnn("db = np.sum(dt, axis=0)", "db = np.mean(dt, axis=0)", "b", "averaged factor", "mean for sum"),
    rnn("return dx, dh_prev\n", "return dh_prev, dx\n", "x h_prev", "swapped", "returned in another order"),
    rnn(
        "dt = dh_next * (1 - h_next**2)",
        "dt = dh_next",
        "x h_prev Wx Wh b",
        "missing-factor",
        "slope of tanh",
    ),
    rnn("dWh = np.dot(h_prev.T, dt)", "dWh = np.dot(dt.T, h_prev)", "Wh", "transposed", "product transposed"),
    rnn(
        "dt = dh_next * (1 - h_next**2)",
        "dt = dh_next * (1 - np.tanh(h_next) ** 2)",
        "x h_prev Wx Wh b",
        "wrong-point",
        "tanh twice",
    ),
)

GATES = "x h_prev Wx Wh b"
LSTM: tuple[Planted, ...] = (
    lstm(
        "ds = dc_next + (dh_next * o) * (1 - tanh_c_next**2)",
        "ds = (dh_next * o) * (1 - tanh_c_next**2)",
        "x h_prev c_prev Wx Wh b",
        "output-lost lost-term",
        "dc_next forgotten",
    ),
    lstm(
        "ds = dc_next + (dh_next * o) * (1 - tanh_c_next**2)",
        "ds = dc_next",
        "x h_prev c_prev Wx Wh b",
        "output-lost lost-term",
        "path from h forgotten",
    ),
    lstm(
        "dA = np.hstack((df, dg, di, do))",
        "dA = np.hstack((di, df, do, dg))",
        GATES,
        "permuted swapped",
        "order of another book",
    ),
    lstm(
        "dA = np.hstack((df, dg, di, do))",
        "dA = np.hstack((df, di, dg, do))",
        GATES,
        "permuted swapped region",
        "gates i and g exchanged",
    ),
    lstm("di *= i * (1 - i)", "di *= i", GATES, "missing-factor region", "1 - i forgotten"),
    lstm(
        "dg *= 1 - g**2", "dg *= g * (1 - g)", GATES, "missing-factor extra-factor region", "slope of sigmoid"
    ),
    lstm("df = ds * c_prev", "df = ds * c_next", GATES, "wrong-point region", "c_next for c_prev"),
    lstm("dc_prev = ds * f", "dc_prev = ds", "c_prev", "missing-factor", "forget gate forgotten"),
    lstm("do = dh_next * tanh_c_next", "do = dh_next * c_next", GATES, "wrong-point region", "c for tanh(c)"),
    lstm(
        "return dx, dh_prev, dc_prev",
        "return dx, dc_prev, dh_prev",
        "h_prev c_prev",
        "swapped",
        "returned in another order",
    ),
)

TIME_AFFINE: tuple[Planted, ...] = (
    time_affine(
        'self.grads["b"] = np.sum(dout, axis=0)',
        'self.grads["b"] = np.mean(dout, axis=0)',
        "b",
        "averaged factor",
        "mean for sum",
    ),
    time_affine(
        'self.grads["b"] = np.sum(dout, axis=0)', 'self.grads["b"] = dout', "b", "not-summed", "not summed"
    ),
    time_affine(
        'self.grads["W"] = np.dot(self.x.reshape(N * T, -1).T, dout)',
        'self.grads["W"] = np.dot(self.x.reshape(N * T, -1).T, dout).T',
        "W",
        "transposed",
        "returned transposed",
    ),
    time_affine(
        'self.grads["W"] = np.dot(self.x.reshape(N * T, -1).T, dout)',
        'self.grads["W"] = np.dot(self.x.reshape(-1, N * T), dout)',
        "W",
        "permuted transposed",
        "reshape for transpose",
    ),
    time_affine("return dx.reshape(*self.x.shape)", "return dx", "x", "shape", "not reshaped"),
    time_affine(
        'self.grads["W"] = np.dot(self.x.reshape(N * T, -1).T, dout)',
        'self.grads["W"] = np.dot(self.x.reshape(N * T, -1).T, dout) / N',
        "W",
        "averaged factor",
        "averaged over the batch",
    ),
    time_affine(
        'dx = np.dot(dout, self.params["W"].T)',
        'dx = np.dot(dout, self.params["W"].T) / T',
        "x",
        "averaged factor",
        "averaged over time",
    ),
)

NET: tuple[Planted, ...] = (
    net("+ self.reg * W2\n", "\n", "W2", "regularisation lost-term", "regularisation forgotten"),
    net("+ self.reg * W1\n", "+ 2 * self.reg * W1\n", "W1", "regularisation", "twice: the loss has 1/2"),
    net("+ self.reg * b1\n", "\n", "b1", "regularisation lost-term", "bias not regularised"),
    net("+ self.reg * b2\n", "+ 0.5 * self.reg * b2\n", "b2", "regularisation", "half of the regularisation"),
    net("        dscores /= N\n", "", "W1 b1 W2 b2", "factor", "1/N of the data term forgotten"),
    net("        dscores[np.arange(N), y] -= 1\n", "", "W1 b1 W2 b2", "label-term lost-term", "-1 forgotten"),
    net("dz1 = dhidden * (z1 > 0)", "dz1 = dhidden", "W1 b1", "mask", "relu's mask forgotten"),
    net("dz1 = dhidden * (z1 > 0)", "dz1 = dhidden * (dhidden > 0)", "W1 b1", "mask", "mask of the gradient"),
    net("dz1 = dhidden * (z1 > 0)", "dz1 = dhidden * (hidden >= 0)", "W1 b1", "mask", ">= of the output"),
    net(
        "dhidden = dscores.dot(W2.T)",
        "dhidden = np.ones_like(dscores).dot(W2.T)",
        "W1 b1",
        "upstream-ignored",
        "upstream of the second layer",
    ),
    net(
        'grads["b2"] = dscores.sum(axis=0)',
        'grads["b2"] = dscores.mean(axis=0)',
        "b2",
        "averaged factor",
        "mean for sum",
    ),
    net(
        'grads["b1"] = dz1.sum(axis=0)', 'grads["b1"] = dhidden.sum(axis=0)', "b1", "mask", "before the mask"
    ),
    net(
        'grads["W2"] = hidden.T.dot(dscores)',
        'grads["W2"] = z1.T.dot(dscores)',
        "W2",
        "wrong-point mask",
        "input of relu for its output",
    ),
    net(
        "dhidden = dscores.dot(W2.T)",
        "dhidden = probs.dot(W2.T)",
        "W1 b1",
        "lost-term label-term factor",
        "probabilities for dscores",
    ),
    net('grads["W1"] = X.T.dot(dz1)', 'grads["W1"] = -X.T.dot(dz1)', "W1", "sign", "sign of the data term"),
    net('grads["b1"] = dz1.sum(axis=0)', 'grads["b1"] = dz1.sum()', "b1", "not-summed", "everything summed"),
    net(
        "dz1 = dhidden * (z1 > 0)",
        "dz1 = dhidden * (z1 > 0)\n        dz1 /= N",
        "W1 b1",
        "averaged factor",
        "/N twice",
    ),
    net(
        'grads["W2"] = hidden.T.dot(dscores) + self.reg * W2',
        'grads["W2"] = dscores.T.dot(hidden) + self.reg * W2.T',
        "W2",
        "transposed",
        "product transposed",
    ),
    net("+ self.reg * W2\n", "- self.reg * W2\n", "W2", "regularisation sign", "sign of regularisation"),
)

LAYERED: tuple[Planted, ...] = (
    layered(
        'grads["W1"] = self.layers["Affine1"].dW',
        'grads["W1"] = self.layers["Affine2"].dW',
        "W1",
        "swapped",
        "dW of the other layer",
    ),
    layered(
        'grads["b2"] = self.layers["Affine2"].db',
        'grads["b2"] = self.layers["Affine1"].db',
        "b2",
        "swapped",
        "db of the other layer",
    ),
    layered("        layers.reverse()\n", "", "W1 b1 W2 b2", "crash", "layers not reversed"),
    layered(
        "            dout = layer.backward(dout)\n",
        "            dout = layer.backward(dout) / len(x)\n",
        "W1 b1",
        "averaged factor",
        "/N at every layer",
    ),
    layered(
        "            dout = layer.backward(dout)\n        grads = {}",
        "            dout = np.abs(layer.backward(dout))\n        grads = {}",
        "W1 b1",
        "sign",
        "abs on the way",
    ),
    layered(
        'grads["W2"] = self.layers["Affine2"].dW',
        'grads["W2"] = self.layers["Affine2"].dW.T',
        "W2",
        "transposed",
        "returned transposed",
    ),
    layered(
        'grads["b1"] = self.layers["Affine1"].db',
        'grads["b1"] = -self.layers["Affine1"].db',
        "b1",
        "sign",
        "sign lost",
    ),
    layered(
        "dout = self.last_layer.backward(dout)",
        "dout = self.last_layer.backward(dout) * len(x)",
        "W1 b1 W2 b2",
        "factor",
        "times N",
    ),
    layered(
        'grads["W2"] = self.layers["Affine2"].dW',
        'grads["W2"] = self.layers["Affine2"].dW + 0.1 * self.params["W2"]',
        "W2",
        "regularisation extra-term",
        "regularised in the gradient but not in the loss",
    ),
)

MISTAKES: tuple[Planted, ...] = MATMUL + EMBEDDING + RNN + LSTM + TIME_AFFINE + NET + LAYERED
