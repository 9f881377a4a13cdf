"""Mistakes in layers that are classes."""

from __future__ import annotations

from planting import Planted, planter

mul = planter("classes.py", "MulLayer")
add = planter("classes.py", "AddLayer")
relu = planter("classes.py", "Relu")
sigmoid = planter("classes.py", "Sigmoid")
affine = planter("classes.py", "Affine")
softmax = planter("classes.py", "SoftmaxWithLoss")

MUL: tuple[Planted, ...] = (
    mul(
        "dx = dz * self.y\n        dy = dz * self.x",
        "dx = dz * self.x\n        dy = dz * self.y",
        "x y",
        "swapped",
        "own value for the other's",
    ),
    mul("dx = dz * self.y", "dx = self.y", "x", "upstream-ignored", "upstream ignored"),
    mul("dy = dz * self.x", "dy = dz", "y", "missing-factor", "x forgotten"),
    mul(
        "dx = dz * self.y", "dx = dz * self.y * self.x", "x", "extra-factor", "the output for the other input"
    ),
    mul("dx = dz * self.y", "dx = np.sum(dz * self.y)", "x", "shape not-summed", "summed to one number"),
    mul(
        "self.y = y\n        return x * y", "self.y = x\n        return x * y", "x", "swapped", "x kept twice"
    ),
    mul("dy = dz * self.x", "dy = -dz * self.x", "y", "sign", "sign lost"),
    mul(
        "return dx, dy\n\n\nclass AddLayer",
        "return dy, dx\n\n\nclass AddLayer",
        "x y",
        "swapped",
        "returned in another order",
    ),
    mul("dy = dz * self.x", "dy = dx * self.x", "y", "extra-factor", "dx for dz"),
)

ADD: tuple[Planted, ...] = (
    add("dy = dz.sum(axis=0)", "dy = dz * 1", "y", "not-summed swapped", "batch not summed: that is dx"),
    add("dy = dz.sum(axis=0)", "dy = dz.sum(axis=1)", "y", "not-summed", "wrong axis"),
    add("dy = dz.sum(axis=0)", "dy = dz.mean(axis=0)", "y", "averaged factor", "mean for sum"),
    add("dx = dz * 1", "dx = np.ones_like(dz)", "x", "upstream-ignored", "upstream ignored"),
    add("dx = dz * 1", "dx = dz / 2", "x", "factor", "shared between the two"),
    add("dy = dz.sum(axis=0)", "dy = -dz.sum(axis=0)", "y", "sign", "the gate of minus"),
    add(
        "return dx, dy\n\n\nclass Relu",
        "return dy, dx\n\n\nclass Relu",
        "x y",
        "swapped not-summed",
        "returned in another order",
    ),
    add("dy = dz.sum(axis=0)", "dy = dz.sum()", "y", "not-summed", "everything summed"),
    add(
        "dx = dz * 1",
        "dx = dz\n        dx /= len(dz)",
        "x y",
        "averaged factor mutates",
        "averaged, and in place",
    ),
)

RELU: tuple[Planted, ...] = (
    relu("dx = dout.copy()\n", "dx = dout\n", "", "mutates", "right, but in place"),
    relu("dx[self.mask] = 0", "dx[~self.mask] = 0", "x", "mask", "mask upside down"),
    relu("dx[self.mask] = 0", "dx[dout <= 0] = 0", "x", "mask", "mask of the upstream gradient"),
    relu("        dx[self.mask] = 0\n", "", "x", "mask", "mask forgotten"),
    relu("dx = dout.copy()\n", "dx = np.ones_like(dout)\n", "x", "upstream-ignored", "upstream ignored"),
    relu("dx[self.mask] = 0", "dx[self.mask] *= -1", "x", "mask", "the slope of abs"),
    relu(
        "        out = x.copy()\n",
        "        out = x\n",
        "",
        "mutates",
        "the input is changed in place",
    ),
    relu("dx[self.mask] = 0", "dx[self.mask] = 1", "x", "mask", "1 for 0"),
)

SIGMOID: tuple[Planted, ...] = (
    sigmoid(
        "return dout * (1.0 - self.out) * self.out",
        "return dout * self.out",
        "x",
        "missing-factor",
        "1 - y forgotten",
    ),
    sigmoid(
        "return dout * (1.0 - self.out) * self.out",
        "return dout * (1.0 - self.out)",
        "x",
        "missing-factor",
        "y forgotten",
    ),
    sigmoid(
        "return dout * (1.0 - self.out) * self.out",
        "return (1.0 - self.out) * self.out",
        "x",
        "upstream-ignored",
        "upstream ignored",
    ),
    sigmoid("self.out = out\n", "self.out = x\n", "x", "wrong-point", "the input is kept"),
    sigmoid(
        "return dout * (1.0 - self.out) * self.out",
        "return dout * (1.0 - self.out**2)",
        "x",
        "extra-factor missing-factor",
        "slope of tanh",
    ),
    sigmoid(
        "return dout * (1.0 - self.out) * self.out",
        "return dout * (self.out - 1.0) * self.out",
        "x",
        "sign",
        "sign lost",
    ),
    sigmoid(
        "return dout * (1.0 - self.out) * self.out",
        "return dout * (1.0 - dout) * dout",
        "x",
        "wrong-point",
        "slope at the upstream gradient",
    ),
)

AFFINE: tuple[Planted, ...] = (
    affine(
        "self.db = np.sum(dout, axis=0)\n        dx = dx",
        "self.db = np.sum(dout, axis=1)\n        dx = dx",
        "b",
        "not-summed",
        "wrong axis",
    ),
    affine(
        "self.db = np.sum(dout, axis=0)\n        dx = dx",
        "self.db = np.mean(dout, axis=0)\n        dx = dx",
        "b",
        "averaged factor",
        "mean for sum",
    ),
    affine(
        "self.db = np.sum(dout, axis=0)\n        dx = dx",
        "self.db = dout\n        dx = dx",
        "b",
        "not-summed",
        "not summed",
    ),
    affine(
        "self.dW = np.dot(self.x.T, dout)",
        "self.dW = np.dot(dout.T, self.x)",
        "W",
        "transposed",
        "product transposed",
    ),
    affine(
        "self.dW = np.dot(self.x.T, dout)",
        "self.dW = np.dot(self.x.T, dout) / len(dout)",
        "W",
        "averaged factor",
        "averaged over the batch",
    ),
    affine("        dx = dx.reshape(*self.original_x_shape)\n", "", "x", "shape", "not reshaped"),
    affine(
        "self.dW = np.dot(self.x.T, dout)",
        "self.dW += np.dot(self.x.T, dout)",
        "x W b",
        "crash",
        "+= on None",
    ),
    affine(
        "dx = np.dot(dout, self.W.T)",
        "dx = np.dot(np.ones_like(dout), self.W.T)",
        "x",
        "upstream-ignored",
        "ones for the upstream gradient",
    ),
    affine("dx = np.dot(dout, self.W.T)", "dx = -np.dot(dout, self.W.T)", "x", "sign", "sign lost"),
    affine(
        "self.db = np.sum(dout, axis=0)\n        dx = dx",
        "self.db = np.zeros_like(self.b)\n        dx = dx",
        "b",
        "zero",
        "db never filled",
    ),
)

SOFTMAX: tuple[Planted, ...] = (
    softmax("        dx = dx / batch_size\n", "", "x", "factor", "1/N forgotten"),
    softmax(
        "dx[np.arange(batch_size), self.t] -= 1",
        "dx[np.arange(batch_size), self.t] += 1",
        "x",
        "label-term sign",
        "+1 for -1 at the labels",
    ),
    softmax(
        "        dx[np.arange(batch_size), self.t] -= 1\n", "", "x", "label-term lost-term", "-1 forgotten"
    ),
    softmax(
        "dx[np.arange(batch_size), self.t] -= 1",
        "dx[:, self.t] -= 1",
        "x",
        "label-term",
        "columns for entries",
    ),
    softmax("dx = dx / batch_size", "dx = dx / dx.size", "x", "factor", "size for N"),
    softmax("dx = dx / batch_size", "dx = -dx / batch_size", "x", "sign", "sign lost"),
    softmax(
        "dx[np.arange(batch_size), self.t] -= 1",
        "dx[np.arange(batch_size), self.t] = -1",
        "x",
        "label-term",
        "= for -=",
    ),
    softmax(
        "dx[np.arange(batch_size), self.t] -= 1",
        "dx[self.t, np.arange(batch_size)] -= 1",
        "x",
        "crash",
        "rows and columns exchanged",
    ),
)

MISTAKES: tuple[Planted, ...] = MUL + ADD + RELU + SIGMOID + AFFINE + SOFTMAX
