"""Recurrent layers, embeddings and attention of a course's assignment."""

import numpy as np


def sigmoid(x):
    """Logistic function that never overflows."""
    z = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, z) / (1.0 + z)


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    """One step of a tanh network; x: (N, D), prev_h: (N, H) -> next_h: (N, H)."""
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    cache = (x, prev_h, Wx, Wh, next_h)
    return next_h, cache


def rnn_step_backward(dnext_h, cache):
    """dnext_h: (N, H) -> dx, dprev_h, dWx, dWh, db."""
    x, prev_h, Wx, Wh, next_h = cache
    dz = dnext_h * (1 - next_h**2)
    dx = dz.dot(Wx.T)
    dprev_h = dz.dot(Wh.T)
    dWx = x.T.dot(dz)
    dWh = prev_h.T.dot(dz)
    db = dz.sum(axis=0)
    return dx, dprev_h, dWx, dWh, db


def rnn_forward(x, h0, Wx, Wh, b):
    """A whole sequence; x: (N, T, D), h0: (N, H) -> h: (N, T, H)."""
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    caches = []
    state = h0
    for t in range(T):
        state, cache = rnn_step_forward(x[:, t], state, Wx, Wh, b)
        h[:, t] = state
        caches.append(cache)
    return h, caches


def rnn_backward(dh, caches):
    """dh: (N, T, H), the gradient of every hidden state -> dx, dh0, dWx, dWh, db."""
    N, T, H = dh.shape
    Wx = caches[0][2]
    D = Wx.shape[0]
    dx = np.zeros((N, T, D))
    dWx, dWh, db = np.zeros((D, H)), np.zeros((H, H)), np.zeros(H)
    carry = np.zeros((N, H))
    for t in reversed(range(T)):
        total = dh[:, t] + carry
        dx[:, t], carry, dWx_t, dWh_t, db_t = rnn_step_backward(total, caches[t])
        dWx += dWx_t
        dWh += dWh_t
        db += db_t
    dh0 = carry
    return dx, dh0, dWx, dWh, db


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    """One LSTM step; Wx: (D, 4H), Wh: (H, 4H), b: (4H,), gates in the order i, f, o, g."""
    a = x.dot(Wx) + prev_h.dot(Wh) + b
    ai, af, ao, ag = np.split(a, 4, axis=1)
    i, f, o, g = sigmoid(ai), sigmoid(af), sigmoid(ao), np.tanh(ag)
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)
    cache = (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)
    return next_h, next_c, cache


def lstm_step_backward(dnext_h, dnext_c, cache):
    """Both (N, H) -> dx, dprev_h, dprev_c, dWx, dWh, db."""
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
    tanh_c = np.tanh(next_c)
    do = dnext_h * tanh_c
    dc = dnext_c + dnext_h * o * (1 - tanh_c**2)
    di = dc * g
    df = dc * prev_c
    dg = dc * i
    dprev_c = dc * f
    dai = di * i * (1 - i)
    daf = df * f * (1 - f)
    dao = do * o * (1 - o)
    dag = dg * (1 - g**2)
    da = np.hstack((dai, daf, dao, dag))
    dx = da.dot(Wx.T)
    dprev_h = da.dot(Wh.T)
    dWx = x.T.dot(da)
    dWh = prev_h.T.dot(da)
    db = da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db


def word_embedding_forward(x, W):
    """Rows of W: (V, D) picked by x: (N, T) -> (N, T, D)."""
    out = W[x]
    cache = (x, W.shape)
    return out, cache


def word_embedding_backward(dout, cache):
    """Words are no numbers: the only gradient is dW."""
    x, shape = cache
    dW = np.zeros(shape)
    np.add.at(dW, x, dout)
    return dW


def temporal_affine_forward(x, w, b):
    """The same affine layer at every time step; x: (N, T, D), w: (D, M), b: (M,)."""
    N, T, D = x.shape
    M = b.shape[0]
    out = x.reshape(N * T, D).dot(w).reshape(N, T, M) + b
    cache = (x, w)
    return out, cache


def temporal_affine_backward(dout, cache):
    """dout: (N, T, M) -> dx, dw, db."""
    x, w = cache
    N, T, D = x.shape
    M = dout.shape[2]
    flat = dout.reshape(N * T, M)
    dx = flat.dot(w.T).reshape(N, T, D)
    dw = x.reshape(N * T, D).T.dot(flat)
    db = dout.sum(axis=(0, 1))
    return dx, dw, db


def attention_forward(Q, K, V):
    """softmax(Q K^T / sqrt(d)) V; Q: (n, d), K: (m, d), V: (m, v) -> (n, v)."""
    scale = 1.0 / np.sqrt(Q.shape[1])
    scores = Q.dot(K.T) * scale
    A = np.exp(scores - scores.max(axis=1, keepdims=True))
    A /= A.sum(axis=1, keepdims=True)
    out = A.dot(V)
    return out, (Q, K, V, A, scale)


def attention_backward(dout, cache):
    """dout: (n, v) -> dQ, dK, dV."""
    Q, K, V, A, scale = cache
    dV = A.T.dot(dout)
    dA = dout.dot(V.T)
    dot = (dA * A).sum(axis=1, keepdims=True)
    dscores = A * (dA - dot)
    dQ = dscores.dot(K) * scale
    dK = dscores.T.dot(Q) * scale
    return dQ, dK, dV
