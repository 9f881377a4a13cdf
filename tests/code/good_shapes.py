"""Right pairs that move and pick entries: a checker that accuses one of them is wrong."""

import numpy as np


def flatten_forward(x):
    """Only the shape is kept."""
    return x.reshape(len(x), -1), x.shape


def flatten_backward(dout, shape):
    """Back into shape, as a view."""
    return dout.reshape(shape)


def pad_forward(x, pad_param):
    """Zeros around; the crop works without padding too."""
    p = pad_param["pad"]
    return np.pad(x, ((0, 0), (p, p), (p, p))), p


def pad_backward(dout, p):
    """-p is None where p is 0."""
    return dout[:, p : -p or None, p : -p or None]


def concat_forward(a, b):
    """Columns of a, then of b."""
    return np.concatenate([a, b], axis=1), a.shape[1]


def concat_backward(dout, split):
    """Views of the upstream gradient."""
    return dout[:, :split], dout[:, split:]


def upsample_forward(x):
    """Every entry becomes two by two."""
    return x.repeat(2, axis=0).repeat(2, axis=1), None


def upsample_backward(dout, cache):
    """The four copies are added; there is no cache."""
    rows, columns = dout.shape
    return dout.reshape(rows // 2, 2, columns // 2, 2).sum(axis=(1, 3))


def onehot_embedding_forward(words, table):
    """An embedding as a product with one-hot rows."""
    hot = np.eye(table.shape[0])[words]
    return hot @ table, hot


def onehot_embedding_backward(dout, hot):
    """None for the words."""
    return None, hot.T @ dout


def gather_forward(x, rows):
    """Some rows, some of them twice."""
    return x[rows], (rows, x.shape)


def gather_backward(dout, cache):
    """Unbuffered addition; no gradient for the row numbers is returned."""
    rows, shape = cache
    dx = np.zeros(shape)
    np.add.at(dx, rows, dout)
    return dx


def conv1d_forward(signal, kernel):
    """Windows as a view without copies."""
    windows = np.lib.stride_tricks.sliding_window_view(signal, len(kernel))
    return windows @ kernel, (windows, kernel, len(signal))


def conv1d_backward(dout, cache):
    """np.convolve does the flipping."""
    windows, kernel, n = cache
    dsignal = np.convolve(dout, kernel)
    assert len(dsignal) == n
    return dsignal, windows.T @ dout


def rowgain_forward(x, g):
    """g has the shape (1, D)."""
    return x * g, (x, g)


def rowgain_backward(dout, cache):
    """The axis is kept."""
    x, g = cache
    return dout * g, np.sum(dout * x, axis=0, keepdims=True)


def pool1d_forward(x):
    """Winners are kept by their number; an odd last entry belongs to no pair."""
    n = x.shape[1] // 2
    pairs = x[:, : 2 * n].reshape(len(x), n, 2)
    winner = pairs.argmax(axis=2)
    return pairs.max(axis=2), (winner, x.shape)


def pool1d_backward(dout, cache):
    """Zero for the losers and for the odd entry."""
    winner, shape = cache
    dx = np.zeros(shape)
    rows, columns = np.indices(winner.shape)
    dx[rows, 2 * columns + winner] = dout
    return dx


def cumsum_forward(x):
    """Running sums."""
    return np.cumsum(x, axis=1), None


def cumsum_backward(dout, _):
    """Running sums from the end, as a view with negative strides."""
    return np.cumsum(dout[:, ::-1], axis=1)[:, ::-1]
