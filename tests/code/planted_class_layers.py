"""Mistakes in the larger layers that are classes."""

from __future__ import annotations

from planting import Planted, planter

batchnorm = planter("classes.py", "BatchNormalization")
dropout = planter("classes.py", "Dropout")
conv = planter("classes.py", "Convolution")
pooling = planter("classes.py", "Pooling")


BATCHNORM: tuple[Planted, ...] = (
    batchnorm("dx = dxc - dmu / self.batch_size", "dx = dxc", "x", "lost-term", "path through the mean"),
    batchnorm(
        "        dxc += (2.0 / self.batch_size) * self.xc * dvar\n",
        "",
        "x",
        "lost-term",
        "path through the variance",
    ),
    batchnorm(
        "dxc += (2.0 / self.batch_size)", "dxc += (1.0 / self.batch_size)", "x", "factor", "2 forgotten"
    ),
    batchnorm("dxc += (2.0", "dxc = (2.0", "x", "overwritten lost-term", "= for +="),
    batchnorm("dxn = self.gamma * dout", "dxn = dout", "x", "missing-factor", "gamma forgotten"),
    batchnorm(
        "dgamma = np.sum(self.xn * dout, axis=0)",
        "dgamma = np.sum(self.xc * dout, axis=0)",
        "gamma",
        "missing-factor",
        "1/std forgotten",
    ),
    batchnorm(
        "self.dgamma = dgamma\n        self.dbeta = dbeta",
        "self.dgamma = dbeta\n        self.dbeta = dgamma",
        "gamma beta",
        "swapped",
        "the two exchanged",
    ),
    batchnorm("dvar = 0.5 * dstd / self.std", "dvar = 0.5 * dstd", "x", "missing-factor", "1/std forgotten"),
    batchnorm(
        "dx = dxc - dmu / self.batch_size",
        "dx = dxc + dmu / self.batch_size",
        "x",
        "sign",
        "sign of the mean",
    ),
    batchnorm(
        "dbeta = dout.sum(axis=0)", "dbeta = dout.mean(axis=0)", "beta", "averaged factor", "mean for sum"
    ),
    batchnorm("dx = dxc - dmu / self.batch_size", "dx = dxc - dmu", "x", "factor", "1/N forgotten"),
)


DROPOUT: tuple[Planted, ...] = (
    dropout("return dout * self.mask", "return dout", "x", "mask", "mask forgotten"),
    dropout("return dout * self.mask", "return dout * ~self.mask", "x", "mask", "mask upside down"),
    dropout(
        "return dout * self.mask",
        "return dout * self.mask * (1.0 - self.dropout_ratio)",
        "x",
        "factor",
        "scaled as in a test",
    ),
    dropout(
        "return dout * self.mask",
        "return dout * self.mask / (1.0 - self.dropout_ratio)",
        "x",
        "factor",
        "scaled as if inverted",
    ),
    dropout(
        "return dout * self.mask",
        "return dout * (np.random.rand(*dout.shape) > self.dropout_ratio)",
        "x",
        "mask nondeterministic",
        "a new mask",
    ),
    dropout("return dout * self.mask", "return 1.0 * self.mask", "x", "upstream-ignored", "the mask alone"),
    dropout("return dout * self.mask", "return dout * self.dropout_ratio", "x", "mask", "ratio for mask"),
)


CONV: tuple[Planted, ...] = (
    conv(
        "self.db = np.sum(dout, axis=0)\n        self.dW",
        "self.db = np.mean(dout, axis=0)\n        self.dW",
        "b",
        "averaged factor",
        "mean for sum",
    ),
    conv(
        "self.dW = self.dW.transpose(1, 0).reshape(FN, C, FH, FW)",
        "self.dW = self.dW.reshape(FN, C, FH, FW)",
        "W",
        "permuted transposed",
        "not transposed",
    ),
    conv(
        "self.dW = self.dW.transpose(1, 0).reshape(FN, C, FH, FW)",
        "self.dW = self.dW.T",
        "W",
        "shape",
        "not reshaped",
    ),
    conv(
        "dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)",
        "dout = dout.reshape(-1, FN)",
        "x W b",
        "permuted",
        "channels not moved",
    ),
    conv(
        "dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)",
        "dout = dout.transpose(0, 3, 2, 1).reshape(-1, FN)",
        "x W",
        "permuted transposed",
        "height and width",
    ),
    conv(
        "img[:, :, y:y_max:stride, x:x_max:stride] += col[:, :, y, x]",
        "img[:, :, y:y_max:stride, x:x_max:stride] = col[:, :, y, x]",
        "x",
        "overwritten",
        "= for +=",
    ),
    conv(
        "return img[:, :, pad : H + pad, pad : W + pad]",
        "return img[:, :, :H, :W]",
        "x",
        "permuted",
        "cropped at the wrong corner",
    ),
    conv(
        "dcol = np.dot(dout, self.col_W.T)",
        "dcol = np.dot(np.ones_like(dout), self.col_W.T)",
        "x",
        "upstream-ignored",
        "ones for the upstream gradient",
    ),
    conv(
        "return col2im(dcol, self.x.shape, FH, FW, self.stride, self.pad)",
        "return col2im(dcol, self.x.shape, FH, FW)",
        "x W b",
        "crash",
        "stride and pad forgotten",
    ),
    conv(
        "dcol = np.dot(dout, self.col_W.T)",
        "dcol = np.dot(dout, self.col_W.T)[:, ::-1]",
        "x",
        "flipped permuted",
        "kernel reversed",
    ),
)


POOLING: tuple[Planted, ...] = (
    pooling(
        "dmax[np.arange(self.arg_max.size), self.arg_max.flatten()] = dout.flatten()",
        "dmax[:] = dout.reshape(-1, 1)",
        "x",
        "mask",
        "every entry of the window",
    ),
    pooling(
        "dmax[np.arange(self.arg_max.size), self.arg_max.flatten()] = dout.flatten()",
        "dmax[np.arange(self.arg_max.size), self.arg_max.flatten()] = 1",
        "x",
        "upstream-ignored",
        "1 for dout",
    ),
    pooling(
        "        dout = dout.transpose(0, 2, 3, 1)\n        pool_size",
        "        pool_size",
        "x",
        "permuted",
        "channels not moved",
    ),
    pooling(
        "self.arg_max = np.argmax(col, axis=1)",
        "self.arg_max = np.argmin(col, axis=1)",
        "x",
        "mask",
        "the smallest wins",
    ),
    pooling(
        "dmax[np.arange(self.arg_max.size), self.arg_max.flatten()] = dout.flatten()",
        "dmax[np.arange(self.arg_max.size), 0] = dout.flatten()",
        "x",
        "mask region",
        "the first entry wins",
    ),
    pooling(
        "dmax[np.arange(self.arg_max.size), self.arg_max.flatten()] = dout.flatten()",
        "dmax[np.arange(self.arg_max.size), self.arg_max.flatten()] = dout.flatten() / pool_size",
        "x",
        "factor",
        "divided as for an average",
    ),
    pooling(
        "dout = dout.transpose(0, 2, 3, 1)\n        pool_size",
        "dout = dout.transpose(0, 3, 2, 1)\n        pool_size",
        "x",
        "permuted transposed",
        "height and width",
    ),
    pooling(
        "img[:, :, y:y_max:stride, x:x_max:stride] += col[:, :, y, x]",
        "img[:, :, y:y_max:stride, x:x_max:stride] = col[:, :, y, x]",
        "x",
        "overwritten",
        "= for +=",
    ),
)

MISTAKES: tuple[Planted, ...] = BATCHNORM + DROPOUT + CONV + POOLING
