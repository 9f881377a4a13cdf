"""Mistakes in convolution and pooling."""

from __future__ import annotations

from planting import Planted, planter

conv = planter("layers.py", "conv_forward_naive,conv_backward_naive")
pool = planter("layers.py", "max_pool_forward_naive,max_pool_backward_naive")


LOOPS = """for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    """

CONV: tuple[Planted, ...] = (
    conv(
        "left : left + WW] += dout[n, f, i, j] * w[f]",
        "left : left + WW] = dout[n, f, i, j] * w[f]",
        "x",
        "overwritten",
        "= for += in overlapping windows",
    ),
    conv("dw[f] += dout", "dw[f] = dout", "w", "overwritten", "= for +="),
    conv(
        "dx = dx_pad[:, :, pad : pad + H, pad : pad + W]",
        "dx = dx_pad[:, :, :H, :W]",
        "x",
        "permuted",
        "cropped at the wrong corner: everything is shifted",
    ),
    conv("dx = dx_pad[:, :, pad : pad + H, pad : pad + W]", "dx = dx_pad", "x", "shape", "not cropped"),
    conv(
        "dx = dx_pad[:, :, pad : pad + H, pad : pad + W]",
        "dx = dx_pad[:, :, pad:, pad:]",
        "x",
        "shape",
        "cropped on one side only",
    ),
    conv(
        "db = dout.sum(axis=(0, 2, 3))", "db = dout.sum(axis=(2, 3))", "b", "not-summed", "batch not summed"
    ),
    conv(
        "db = dout.sum(axis=(0, 2, 3))",
        "db = dout.mean(axis=(0, 2, 3))",
        "b",
        "averaged factor",
        "mean for sum",
    ),
    conv("db = dout.sum(axis=(0, 2, 3))", "db = dout.sum()", "b", "not-summed", "the filters are summed too"),
    conv(
        "+= dout[n, f, i, j] * w[f]",
        "+= dout[n, f, i, j] * w[f, :, ::-1, ::-1]",
        "x",
        "flipped",
        "kernel turned by 180 degrees, which belongs to the convolution of dout",
    ),
    conv(
        "top, left = i * stride, j * stride\n                    window = x_pad",
        "top, left = i, j\n                    window = x_pad",
        "x w",
        "permuted region",
        "stride forgotten",
    ),
    conv(
        "window = x_pad[n, :, top : top + HH, left : left + WW]",
        "window = x[n, :, top : top + HH, left : left + WW]",
        "x w b",
        "crash",
        "windows of the array without padding are cut off",
    ),
    conv(
        LOOPS + "window = x_pad",
        LOOPS.replace("H_out", "H_out - 1") + "window = x_pad",
        "x w",
        "lost-term region",
        "the last row of windows is lost",
    ),
    conv("+= dout[n, f, i, j] * w[f]", "+= w[f]", "x", "upstream-ignored", "the kernel alone"),
    conv(
        "return dx, dw, db\n\n\ndef max_pool_forward_naive",
        "return dx, db, dw\n\n\ndef max_pool_forward_naive",
        "w b",
        "swapped",
        "returned in another order",
    ),
    conv(
        "dx_pad[n, :, top : top + HH, left : left + WW] += dout[n, f, i, j] * w[f]",
        "dx_pad[n, 0, top : top + HH, left : left + WW] += dout[n, f, i, j] * w[f, 0]",
        "x",
        "region lost-term",
        "the first channel only",
    ),
    conv(
        "dw[f] += dout[n, f, i, j] * window",
        "dw[f] += dout[n, f, i, j] * window / N",
        "w",
        "averaged factor",
        "averaged over the batch",
    ),
    conv(
        "db = dout.sum(axis=(0, 2, 3))",
        "db = dout[-1].sum(axis=(1, 2))",
        "b",
        "overwritten lost-term",
        "the last image only",
    ),
    conv(
        "+= dout[n, f, i, j] * w[f]",
        "+= dout[n, f, i, j] * w[f, ::-1]",
        "x",
        "flipped permuted",
        "channels in reverse order",
    ),
)


POOL: tuple[Planted, ...] = (
    pool("+= mask * dout[n, c, i, j]", "= mask * dout[n, c, i, j]", "x", "overwritten", "= for +="),
    pool("+= mask * dout[n, c, i, j]", "+= dout[n, c, i, j]", "x", "mask", "every entry of the window"),
    pool("mask = window == window.max()", "mask = window >= window.mean()", "x", "mask", "mean for max"),
    pool("mask = window == window.max()", "mask = window == window.min()", "x", "mask", "min for max"),
    pool("mask = window == window.max()", "mask = window > 0", "x", "mask", "the mask of relu"),
    pool("+= mask * dout[n, c, i, j]", "+= mask", "x", "upstream-ignored", "the mask alone"),
    pool(
        "top, left = i * stride, j * stride\n                    window = x[n, c",
        "top, left = i, j\n                    window = x[n, c",
        "x",
        "permuted mask region",
        "stride forgotten",
    ),
    pool(
        "+= mask * dout[n, c, i, j]",
        "+= mask * dout[n, c, j, i]",
        "x",
        "permuted transposed",
        "i and j exchanged",
    ),
    pool(
        "+= mask * dout[n, c, i, j]",
        "+= mask * dout[n, c, i, j] / (HH * WW)",
        "x",
        "factor",
        "divided as for an average",
    ),
    pool("+= mask * dout[n, c, i, j]", "-= mask * dout[n, c, i, j]", "x", "sign", "sign lost"),
    pool(
        LOOPS + "window = x[n, c",
        LOOPS.replace("W_out", "W_out - 1") + "window = x[n, c",
        "x",
        "lost-term region",
        "the last column of windows is lost",
    ),
    pool(
        "+= mask * dout[n, c, i, j]",
        "+= window * mask * dout[n, c, i, j]",
        "x",
        "extra-factor",
        "the value for its slope",
    ),
    pool(
        "window = x[n, c, top : top + HH, left : left + WW]",
        "window = x[n, 0, top : top + HH, left : left + WW]",
        "x",
        "mask region",
        "winners of the first channel for every channel",
    ),
    pool(
        "mask = window == window.max()",
        "mask = window == x[n, c].max()",
        "x",
        "mask lost-term",
        "the largest of the image, not of the window",
    ),
    pool(
        "dx = np.zeros_like(x)\n    for n",
        "dx = np.zeros(dout.shape)\n    for n",
        "x",
        "crash shape",
        "dx in the shape of dout",
    ),
)

MISTAKES: tuple[Planted, ...] = CONV + POOL
