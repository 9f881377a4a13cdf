"""Mistakes in embeddings, layers over time and attention."""

from __future__ import annotations

from planting import Planted, planter

embedding = planter("rnn_layers.py", "word_embedding")
temporal = planter("rnn_layers.py", "temporal_affine")
attention = planter("rnn_layers.py", "attention")


EMBEDDING: tuple[Planted, ...] = (
    embedding(
        "np.add.at(dW, x, dout)", "dW[x] += dout", "W", "overwritten lost-term region", "repeated words lost"
    ),
    embedding("np.add.at(dW, x, dout)", "dW[x] = dout", "W", "overwritten lost-term region", "= for +="),
    embedding("np.add.at(dW, x, dout)", "np.add.at(dW, x, 1)", "W", "upstream-ignored", "words are counted"),
    embedding(
        "np.add.at(dW, x, dout)",
        "np.add.at(dW, x, dout)\n    dW /= x.size",
        "W",
        "averaged factor",
        "averaged over all words",
    ),
    embedding(
        "np.add.at(dW, x, dout)",
        "np.add.at(dW, x, dout)\n    dW /= np.maximum(1, np.bincount(x.ravel(), minlength=len(dW)))[:, None]",
        "W",
        "averaged factor region",
        "averaged over the repetitions of a word",
    ),
    embedding("np.add.at(dW, x, dout)", "np.add.at(dW, x - 1, dout)", "W", "permuted", "off by one"),
    embedding(
        "np.add.at(dW, x, dout)",
        "np.add.at(dW, x[:, 0], dout[:, 0])",
        "W",
        "lost-term region",
        "the first step only",
    ),
    embedding(
        "np.add.at(dW, x, dout)", "dW[0] += dout.sum(axis=(0, 1))", "W", "permuted region", "all in one row"
    ),
    embedding("np.add.at(dW, x, dout)", "dW[x].__iadd__(dout)", "W", "zero", "added to a copy"),
    embedding("dW = np.zeros(shape)\n    np.add.at(dW, x, dout)", "dW = dout", "W", "shape", "not gathered"),
)


TEMPORAL: tuple[Planted, ...] = (
    temporal("db = dout.sum(axis=(0, 1))", "db = dout.sum(axis=0)", "b", "not-summed", "time not summed"),
    temporal(
        "db = dout.sum(axis=(0, 1))", "db = dout.mean(axis=(0, 1))", "b", "averaged factor", "mean for sum"
    ),
    temporal(
        "dw = x.reshape(N * T, D).T.dot(flat)",
        "dw = flat.T.dot(x.reshape(N * T, D))",
        "w",
        "transposed",
        "product transposed",
    ),
    temporal(
        "dw = x.reshape(N * T, D).T.dot(flat)",
        "dw = x.reshape(N * T, D).T.dot(flat) / T",
        "w",
        "averaged factor",
        "averaged over time",
    ),
    temporal(
        "dw = x.reshape(N * T, D).T.dot(flat)",
        "dw = x[:, -1].T.dot(dout[:, -1])",
        "w",
        "lost-term overwritten",
        "the last step only",
    ),
    temporal(
        "dw = x.reshape(N * T, D).T.dot(flat)",
        "dw = x.transpose(1, 0, 2).reshape(N * T, D).T.dot(flat)",
        "w",
        "permuted transposed",
        "time and batch exchanged in x",
    ),
    temporal("dx = flat.dot(w.T).reshape(N, T, D)", "dx = flat.dot(w.T)", "x", "shape", "not reshaped"),
    temporal(
        "dx = flat.dot(w.T).reshape(N, T, D)",
        "dx = flat.dot(w.T).reshape(T, N, D).transpose(1, 0, 2)",
        "x",
        "permuted transposed",
        "time and batch exchanged",
    ),
)


ATTENTION: tuple[Planted, ...] = (
    attention("dQ = dscores.dot(K) * scale", "dQ = dscores.dot(K)", "Q", "factor", "1/sqrt(d) forgotten"),
    attention(
        "dK = dscores.T.dot(Q) * scale", "dK = dscores.T.dot(Q) * scale**2", "K", "factor", "1/sqrt(d) twice"
    ),
    attention(
        "dscores = A * (dA - dot)", "dscores = A * dA", "Q K", "lost-term", "normalisation of the softmax"
    ),
    attention(
        "dscores = A * (dA - dot)",
        "dscores = dA * A * (1 - A)",
        "Q K",
        "lost-term",
        "diagonal of the softmax only",
    ),
    attention(
        "dot = (dA * A).sum(axis=1, keepdims=True)",
        "dot = (dA * A).sum(axis=0, keepdims=True)",
        "Q K",
        "not-summed",
        "wrong axis",
    ),
    attention("dscores = A * (dA - dot)", "dscores = dA - dot", "Q K", "missing-factor", "A forgotten"),
    attention(
        "dV = A.T.dot(dout)",
        "dV = (Q.dot(K.T) * scale).T.dot(dout)",
        "V",
        "wrong-point",
        "scores for probabilities",
    ),
    attention("return dQ, dK, dV", "return dK, dQ, dV", "Q K", "swapped", "returned in another order"),
    attention(
        "dscores = A * (dA - dot)", "dscores = dA", "Q K", "missing-factor lost-term", "softmax forgotten"
    ),
    attention(
        "dV = A.T.dot(dout)", "dV = A.T.dot(np.ones_like(dout))", "V", "upstream-ignored", "upstream ignored"
    ),
)

MISTAKES: tuple[Planted, ...] = EMBEDDING + TEMPORAL + ATTENTION
