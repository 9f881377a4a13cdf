"""Mistakes in affine, relu, dropout, convolution and pooling layers."""

from __future__ import annotations

from planting import Planted, planter

affine = planter("layers.py", "affine")
relu = planter("layers.py", "relu")
dropout = planter("layers.py", "dropout")

AFFINE: tuple[Planted, ...] = (
    affine(
        "db = dout.sum(axis=0)\n    return dx, dw, db",
        "db = dout.mean(axis=0)\n    return dx, dw, db",
        "b",
        "averaged factor",
        "mean over the batch for the sum",
    ),
    affine(
        "db = dout.sum(axis=0)\n",
        "db = dout.sum(axis=1)\n",
        "b",
        "not-summed",
        "summed over the features, not over the batch",
    ),
    affine("db = dout.sum(axis=0)\n", "db = dout\n", "b", "not-summed", "the batch is not summed"),
    affine("dw = rows.T.dot(dout)", "dw = dout.T.dot(rows)", "w", "transposed", "the product is transposed"),
    affine(
        "dx = dout.dot(w.T).reshape(x.shape)",
        "dx = np.ones_like(dout).dot(w.T).reshape(x.shape)",
        "x",
        "upstream-ignored",
        "the local gradient alone",
    ),
    affine(
        "dw = rows.T.dot(dout)",
        "dw = rows.T.dot(dout) / x.shape[0]",
        "w",
        "averaged factor",
        "averaged over the batch although the loss does that",
    ),
    affine(
        "return dx, dw, db\n\n\ndef relu_f",
        "return dw, dx, db\n\n\ndef relu_f",
        "x w",
        "swapped",
        "returned in another order",
    ),
    affine(
        "return dx, dw, db\n\n\ndef relu_f",
        "return dx, db, dw\n\n\ndef relu_f",
        "w b",
        "swapped",
        "returned in another order",
    ),
    affine("db = dout.sum(axis=0)\n", "db = -dout.sum(axis=0)\n", "b", "sign", "sign lost"),
    affine(
        "dx = dout.dot(w.T).reshape(x.shape)",
        'dx = dout.dot(w.T).reshape(x.shape, order="F")',
        "x",
        "permuted",
        "reshaped in column order",
    ),
    affine("dx = dout.dot(w.T).reshape(x.shape)", "dx = dout.dot(w.T)", "x", "shape", "not reshaped to x"),
    affine(
        "dw = rows.T.dot(dout)",
        "dw = rows.reshape(w.shape[0], -1).dot(dout)",
        "w",
        "transposed permuted",
        "reshape where a transpose belongs",
    ),
    affine(
        "dx = dout.dot(w.T).reshape(x.shape)",
        "dout /= x.shape[0]\n    dx = dout.dot(w.T).reshape(x.shape)",
        "x w b",
        "averaged factor mutates",
        "divided by the batch size, and in place",
    ),
    affine(
        "dx = dout.dot(w.T).reshape(x.shape)",
        "dx = dout.dot(w.T)\n    dx.shape = x.shape\n    dout[:] = 0",
        "w b",
        "zero mutates",
        "the upstream gradient is cleared too early",
    ),
)

RELU: tuple[Planted, ...] = (
    relu("dx = dout * (x > 0)", "dx = dout * (dout > 0)", "x", "mask", "mask of the upstream gradient"),
    relu("dx = dout * (x > 0)", "dx = dout", "x", "mask", "mask forgotten"),
    relu("dx = dout * (x > 0)", "dx = (x > 0).astype(float)", "x", "upstream-ignored", "slope alone"),
    relu("dx = dout * (x > 0)", "dx = dout * (x < 0)", "x", "mask", "mask upside down"),
    relu("dx = dout * (x > 0)", "dx = dout * (x > 0) * (dout > 0)", "x", "mask", "masked twice"),
    relu(
        "dx = dout * (x > 0)",
        "dx = dout * np.maximum(0, x)",
        "x",
        "extra-factor",
        "times the output where its slope belongs",
    ),
    relu("dx = dout * (x > 0)", "dx = -dout * (x > 0)", "x", "sign", "sign lost"),
    relu(
        "dx = dout * (x > 0)",
        "dx = dout * np.sign(x)",
        "x",
        "mask",
        "slope -1 where it is 0: the slope of abs",
    ),
    relu(
        "dx = dout * (x > 0)",
        "dx = np.zeros_like(x)\n    dx[x > 0][:] = dout[x > 0]",
        "x",
        "zero",
        "assigned to a copy",
    ),
    relu("dx = dout * (x > 0)", "dout[x <= 0] = 0\n    dx = dout", "", "mutates", "right, but in place"),
    relu("dx = dout * (x > 0)", "dx = np.where(x > 0, dout, 0.01 * dout)", "x", "mask", "the leaky slope"),
    relu("dx = dout * (x > 0)", "dx = dout * (np.maximum(0, x) >= 0)", "x", "mask", ">= of the output"),
    relu(
        "dx = dout * (x > 0)",
        "dx = np.zeros(x.shape, dtype=int)\n    dx[x > 0] = dout[x > 0]",
        "x",
        "",
        "truncated to integers",
    ),
    relu("dx = dout * (x > 0)", "dx = dout[x > 0]", "x", "shape", "picked, not masked"),
    relu("dx = dout * (x > 0)", "dx = 2 * dout * (x > 0)", "x", "factor", "a factor 2"),
)

DROPOUT: tuple[Planted, ...] = (
    dropout("dx = dout * mask", "dx = dout", "x", "mask", "mask forgotten"),
    dropout("dx = dout * mask", "dx = dout * (mask > 0)", "x", "factor", "1/p forgotten"),
    dropout("dx = dout * mask", 'dx = dout * mask / dropout_param["p"]', "x", "factor", "1/p twice"),
    dropout("dx = dout * mask", 'dx = dout * mask * (1 - dropout_param["p"])', "x", "factor", "times 1 - p"),
    dropout(
        "dx = dout * mask",
        'p = dropout_param["p"]\n        dx = dout * (np.random.rand(*dout.shape) < p) / p',
        "x",
        "mask nondeterministic",
        "a new mask",
    ),
    dropout(
        'if dropout_param["mode"] == "train":',
        'if dropout_param["mode"] == "test":',
        "x",
        "mask",
        "modes confused",
    ),
    dropout("dx = dout * mask", "dx = dout * (mask == 0)", "x", "mask", "mask upside down"),
    dropout("dx = dout * mask", "dx = mask.copy()", "x", "upstream-ignored", "the mask alone"),
    dropout("dx = dout * mask", "dx = -dout * mask", "x", "sign", "sign lost"),
    dropout(
        "out = x.copy()\n    cache = (dropout_param, mask)",
        "out = x.copy()\n    cache = (dropout_param, out)",
        "x",
        "extra-factor",
        "the output is kept in place of the mask",
    ),
    dropout("dx = dout * mask", "dx = dout * mask[0]", "x", "mask", "the first row's mask for every row"),
    dropout("dx = dout * mask", "dx = dout * (dout * mask > 0)", "x", "mask", "mask of the wrong array"),
    dropout("dx = dout * mask", "dout *= mask\n        dx = dout", "", "mutates", "right, but in place"),
    dropout(
        "dx = dout * mask",
        "dx = dout * mask.any(axis=0)",
        "x",
        "mask",
        "whole columns are kept or dropped",
    ),
)

MISTAKES: tuple[Planted, ...] = AFFINE + RELU + DROPOUT
