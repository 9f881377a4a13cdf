"""Convolution: a small kernel slides over an image, as one matrix product over its patches."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..errors import GradcalcError
from ..gate import Array, Mistake, Pattern, gate
from . import growth
from .indexing import plain, shown, whole, wholes

PATCHES = 1 << 22  # entries of the patch matrix that are in memory at one time
WIDE = 1 << 10  # columns of it beyond which one more image makes the product no quicker
Pair = tuple[int, int]  # rows and columns; a NamedTuple compiles the types of its fields, so they are short


def count(value: object, what: str, least: int = 1) -> int:
    """A parameter that counts something."""
    number = whole(value, what)
    if number < least:
        raise GradcalcError(f"{what} must be at least {least}, not {number}", kind="value")
    return number


def pair(value: object, what: str, axes: int, least: int = 1) -> Pair:
    """A parameter of the two image axes, given once for both or as (rows, columns).

    A sequence is an image of one row (axes = 1), for which `least` does nothing.
    """
    numbers = [count(n, what, least) for n in wholes(value, what)]
    if len(numbers) not in (1, axes):
        either = "one number or a pair" if axes == 2 else "one number"
        raise GradcalcError(f"{what} must be {either}, not {len(numbers)} numbers", kind="value")
    return (least, numbers[0]) if axes == 1 else (numbers[0], numbers[-1])


class Sweep(NamedTuple):
    """Where a window goes on an image: rows and columns of each."""

    size: Pair
    kernel: Pair
    stride: Pair
    dilation: Pair
    before: Pair  # the padding above and on the left
    padded: Pair
    out: Pair

    def pad(self, images: Array, fill: float = 0.0) -> Array:
        """The images (..., rows, columns) with their margins."""
        if self.padded == self.size:
            return images
        result = np.full((*images.shape[:-2], *self.padded), fill, images.dtype)
        self.crop(result)[...] = images
        return result

    def crop(self, padded: Array) -> Array:
        """The images without their margins, as a view."""
        (top, left), (rows, columns) = self.before, self.size
        return padded[..., top : top + rows, left : left + columns]

    def taps(self, first: int = 0, rows: int | None = None) -> Iterator[tuple[int, int, Array]]:
        """For each place (i, j) in the window: the entries that lie there, an index into padded images.

        `first` and `rows` choose a band of the output.
        """
        (sy, sx), (dy, dx) = self.stride, self.dilation
        height, width = self.out[0] if rows is None else rows, self.out[1]
        for i in range(self.kernel[0]):
            top = i * dy + first * sy
            for j in range(self.kernel[1]):
                left = j * dx
                yield i, j, (..., slice(top, top + sy * (height - 1) + 1, sy),
                             slice(left, left + sx * (width - 1) + 1, sx))

    def patches(self, padded: Array) -> Array:
        """All windows of padded images (N,C,rows,columns) as a view (C,i,j,N,out rows,out columns)."""
        n, c, y, x = padded.strides
        (sy, sx), (dy, dx) = self.stride, self.dilation
        shape = (padded.shape[1], *self.kernel, padded.shape[0], *self.out)
        return as_strided(padded, shape, (c, y * dy, x * dx, n, y * sy, x * sx), writeable=False)


def sweep(size: tuple[int, ...], kernel: tuple[int, ...], axes: int, *, stride: object, padding: object,
          dilation: object) -> Sweep:
    """The sweep of a window of `kernel` over an image of `size`; one row of it where axes = 1."""
    one = (1,) * (2 - axes)
    (height, width), (tall, wide) = (*one, *size), (*one, *kernel)
    steps, gaps = pair(stride, "stride", axes), pair(dilation, "dilation", axes)
    reach = (gaps[0] * (tall - 1) + 1, gaps[1] * (wide - 1) + 1)
    if isinstance(padding, str) and padding == "same":
        if steps != (1, 1):
            raise GradcalcError('padding="same" needs stride 1', kind="value")
        total = (reach[0] - 1, reach[1] - 1)
        before = (total[0] // 2, total[1] // 2)
    else:
        if isinstance(padding, str) and padding != "valid":
            raise GradcalcError(f"padding must be a number, 'same' or 'valid', not {plain(padding)}",
                                kind="value")
        before = (0, 0) if isinstance(padding, str) else pair(padding, "padding", axes, 0)
        total = (2 * before[0], 2 * before[1])
    padded = (height + total[0], width + total[1])
    if min(tall, wide) < 1:
        raise GradcalcError(f"the kernel {shown(kernel)} is empty", kind="shape")
    if reach[0] > padded[0] or reach[1] > padded[1]:
        spans = "" if reach == (tall, wide) else f" spans {shown(reach[-axes:])} with its dilation, which"
        margin = before[1] if axes == 1 or before[0] == before[1] else shown(before)
        raise GradcalcError(f"the kernel {shown(kernel)}{spans} is larger than the image {shown(size)} "
                            f"with padding {margin}", kind="shape")
    out = ((padded[0] - reach[0]) // steps[0] + 1, (padded[1] - reach[1]) // steps[1] + 1)
    return Sweep((height, width), (tall, wide), steps, gaps, before, padded, out)


class Plan(NamedTuple):
    """The shapes of a convolution, with a batch axis and two image axes whatever the inputs have."""

    batch: int
    channels: int
    filters: int
    groups: int
    sweep: Sweep

    @property
    def kernels(self) -> tuple[int, int, int]:
        """The shape of the kernels as one matrix a group: a row for each kernel."""
        each = self.channels // self.groups * self.sweep.kernel[0] * self.sweep.kernel[1]
        return self.groups, self.filters // self.groups, each

    def images(self, x: Array) -> Array:
        return x.reshape(self.batch, self.channels, *self.sweep.size)

    def maps(self, z: Array) -> Array:
        """Feature maps as (N, group, kernel of the group, rows, columns)."""
        return z.reshape(self.batch, *self.kernels[:2], *self.sweep.out)

    def bands(self) -> Iterator[tuple[slice, slice]]:
        """Cut the work into bands of images and output rows whose patches fit into PATCHES entries."""
        rows, columns = self.sweep.out
        row = max(1, self.groups * self.kernels[2] * columns)
        images = max(1, min(PATCHES // (row * rows), WIDE // (rows * columns)))
        height = rows if images > 1 else min(rows, max(1, PATCHES // row))
        for first in range(0, self.batch, images):
            for top in range(0, rows, height):
                yield slice(first, min(first + images, self.batch)), slice(top, min(top + height, rows))


def plan(x: tuple[int, ...], w: tuple[int, ...], axes: int, *, stride: object = 1, padding: object = 0,
         dilation: object = 1, groups: object = 1) -> Plan:
    """The plan of a convolution of x with the kernels w, from their shapes."""
    name, size, kernel = ("conv2d", "H,W", "KH,KW") if axes == 2 else ("conv1d", "L", "K")
    if len(x) not in (axes + 1, axes + 2):
        raise GradcalcError(f"{name} takes x of shape (C,{size}) or (N,C,{size}), not {shown(x)}",
                            kind="shape")
    if len(w) != axes + 2:
        raise GradcalcError(f"{name} takes kernels of shape (F,C,{kernel}), not {shown(w)}", kind="shape")
    parts, channels, filters = count(groups, "groups"), x[-axes - 1], w[0]
    for number, what in ((channels, "channels"), (filters, "kernels")):
        if number % parts:
            raise GradcalcError(f"{number} {what} can't be split into {parts} groups", kind="shape")
    if w[1] != channels // parts:
        split = "" if parts == 1 else f" in {parts} groups, {channels // parts} in each,"
        raise GradcalcError(f"x has {channels} channels{split} but each kernel has {w[1]}", kind="shape",
                            hint=f"x has shape {shown(x)}, w has shape {shown(w)}")
    swept = sweep(x[-axes:], w[2:], axes, stride=stride, padding=padding, dilation=dilation)
    return Plan(x[0] if len(x) == axes + 2 else 1, channels, filters, parts, swept)


def product(a: Array, b: Array) -> Array:
    """a @ b; where only one of them is complex the other stays real."""
    if np.iscomplexobj(a) and not np.iscomplexobj(b):
        z = np.empty((*a.shape[:-1], b.shape[-1]), np.complex128)
        z.real, z.imag = np.ascontiguousarray(a.real) @ b, np.ascontiguousarray(a.imag) @ b
        return z
    if np.iscomplexobj(b) and not np.iscomplexobj(a):
        # A complex row is a real row of twice the length.
        return (a @ np.ascontiguousarray(b).view(np.float64)).view(np.complex128)
    return a @ b


def correlate(images: Array, w: Array, p: Plan) -> Array:
    """The feature maps (N,F,rows,columns): each kernel times each patch, as one product a group."""
    patches = p.sweep.patches(p.sweep.pad(images))
    kernels = w.reshape(p.kernels)
    z = np.empty((p.batch, p.filters, *p.sweep.out), np.result_type(images, w))
    for batch, rows in p.bands():
        part = patches[:, :, :, batch, rows]
        columns = part.reshape(p.groups, p.kernels[2], -1)
        if columns.shape[2] < p.kernels[1] and z.dtype == np.float64:  # BLAS is quicker on tall than on wide
            maps = (columns.swapaxes(1, 2) @ kernels.swapaxes(1, 2)).swapaxes(1, 2)
        else:
            maps = product(kernels, columns)
        maps = maps.reshape(*p.kernels[:2], *part.shape[3:])
        p.maps(z)[batch, :, :, rows] = maps.transpose(2, 0, 1, 3, 4)
    return z


def scatter(maps: Array, w: Array, p: Plan) -> Array:
    """The transpose of `correlate` in its images: every output lays its kernel back, and they add up."""
    maps = p.maps(np.ascontiguousarray(maps))
    kernels = w.reshape(p.kernels).swapaxes(1, 2)
    images = np.zeros((p.channels, p.batch, *p.sweep.padded), np.result_type(maps, w))
    for batch, rows in p.bands():
        part = maps[batch, :, :, rows].transpose(1, 2, 0, 3, 4)
        patches = product(kernels, part.reshape(*p.kernels[:2], -1))
        patches = patches.reshape(p.channels, *p.sweep.kernel, *part.shape[2:])
        target = images[:, batch]
        for i, j, tap in p.sweep.taps(rows.start, part.shape[3]):
            target[tap] += patches[:, i, j]
    return np.ascontiguousarray(p.sweep.crop(images).swapaxes(0, 1))


def weigh(images: Array, maps: Array, p: Plan) -> Array:
    """The transpose of `correlate` in its kernels: every patch times what came back to its output."""
    patches = p.sweep.patches(p.sweep.pad(images))
    maps = p.maps(np.ascontiguousarray(maps))
    total: Array = None
    for batch, rows in p.bands():
        part = maps[batch, :, :, rows].transpose(1, 2, 0, 3, 4).reshape(*p.kernels[:2], -1)
        columns = patches[:, :, :, batch, rows].reshape(p.groups, p.kernels[2], -1)
        share = part @ columns.swapaxes(1, 2)
        total = share if total is None else total + share
    return np.zeros(p.kernels) if total is None else total


def add_bias(z: Array, b: Array | None, axes: int) -> Array:
    """z plus one number for each of its channels, if there are such."""
    if b is None:
        return z
    channels = z.shape[-axes - 1]
    if np.shape(b) != (channels,):
        raise GradcalcError(f"{channels} kernels need {channels} biases: b has shape {shown(np.shape(b))}",
                            kind="shape")
    return z + b.reshape(-1, *(1,) * axes)


def bias_gradient(dz: Array, z: Array, x: Array, w: Array, b: Array, *, axes: int, **steps: object) -> Array:
    channel = dz.ndim - axes - 1
    return dz.sum(axis=tuple(k for k in range(dz.ndim) if k != channel))


def convolve(x: Array, w: Array, b: Array | None, axes: int, **steps: object) -> Array:
    p = plan(np.shape(x), np.shape(w), axes, **steps)
    z = correlate(p.images(x), w, p)
    return add_bias(z.reshape(*x.shape[: -axes - 1], p.filters, *p.sweep.out[2 - axes :]), b, axes)


def convolve_dx(dz: Array, z: Array, x: Array, w: Array, b: Array | None = None, *, axes: int,
                **steps: object) -> Array:
    return scatter(dz, w, plan(x.shape, w.shape, axes, **steps)).reshape(x.shape)


def convolve_dw(dz: Array, z: Array, x: Array, w: Array, b: Array | None = None, *, axes: int,
                **steps: object) -> Array:
    p = plan(x.shape, w.shape, axes, **steps)
    return weigh(p.images(x), dz, p).reshape(w.shape)


@gate("conv2d(x, w, b)", pattern=Pattern.MIXER, complex=True, grows=growth.convolved,
      frameworks="torch.nn.functional.conv2d",
      source="patches as a matrix: Chellapilla, Puri and Simard 2006",
      mistakes=(Mistake("b", "averaged over the batch instead of summed",
                        lambda dz, z, x, w, b, **_: dz.sum(axis=(-2, -1)).reshape(-1, len(b)).mean(axis=0)),),
      structure={"x": "sparse", "w": "sparse", "b": "selection"},
      examples=("conv2d([[[1, 2, 0], [3, 4, 1], [0, 1, 2]]], [[[[1, -1], [2, 0]]]], [0.5])",
                "conv2d([[[1, 2], [3, 4]]], [[[[0, 1, 0], [1, -4, 1], [0, 1, 0]]]], padding=1)"),
      vjp={"x": ("the kernels, weighted with dz, laid back onto the image and added up",
                 partial(convolve_dx, axes=2)),
           "w": ("the patches of x, weighted with dz and added up", partial(convolve_dw, axes=2)),
           "b": ("sum of dz over images, rows and columns", partial(bias_gradient, axes=2))})
def conv2d(x: Array, w: Array, b: Array | None = None, *, stride: object = 1, padding: object = 0,
           dilation: object = 1, groups: object = 1) -> Array:
    """Each pixel collects the upstream gradient of every output that saw it, times the weight used."""
    return convolve(x, w, b, 2, stride=stride, padding=padding, dilation=dilation, groups=groups)


@gate("conv1d(x, w, b)", pattern=Pattern.MIXER, complex=True, grows=growth.convolved,
      frameworks="torch.nn.functional.conv1d",
      structure={"x": "sparse", "w": "sparse", "b": "selection"},
      examples=("conv1d([[1, 2, 4, 8]], [[[1, -1]]], [0.5])",),
      vjp={"x": ("the kernels, weighted with dz, laid back onto the sequence and added up",
                 partial(convolve_dx, axes=1)),
           "w": ("the patches of x, weighted with dz and added up", partial(convolve_dw, axes=1)),
           "b": ("sum of dz over examples and positions", partial(bias_gradient, axes=1))})
def conv1d(x: Array, w: Array, b: Array | None = None, *, stride: object = 1, padding: object = 0,
           dilation: object = 1, groups: object = 1) -> Array:
    """Each entry collects the upstream gradient of every output that saw it, times the weight used."""
    return convolve(x, w, b, 1, stride=stride, padding=padding, dilation=dilation, groups=groups)


def transpose_plan(x: tuple[int, ...], w: tuple[int, ...], *, stride: object = 1, padding: object = 0,
                   output_padding: object = 0, groups: object = 1, dilation: object = 1) -> Plan:
    """The plan of the convolution that would lead from the output back to x."""
    if len(x) not in (3, 4):
        raise GradcalcError(f"conv_transpose2d takes x of shape (C,H,W) or (N,C,H,W), not {shown(x)}",
                            kind="shape")
    if len(w) != 4:
        raise GradcalcError(f"conv_transpose2d takes kernels of shape (C,F,KH,KW), not {shown(w)}",
                            kind="shape")
    if x[-3] != w[0]:
        raise GradcalcError(f"x has {x[-3]} channels but w has kernels for {w[0]}", kind="shape",
                            hint=f"x has shape {shown(x)}, w has shape {shown(w)}")
    steps, gaps = pair(stride, "stride", 2), pair(dilation, "dilation", 2)
    margin, extra = pair(padding, "padding", 2, 0), pair(output_padding, "output_padding", 2, 0)
    if any(e >= max(s, d) for e, s, d in zip(extra, steps, gaps, strict=True)):
        raise GradcalcError("output_padding must be smaller than stride or dilation", kind="value")
    size = tuple((n - 1) * s - 2 * m + d * (k - 1) + 1 + e for n, s, m, d, k, e in
                 zip(x[-2:], steps, margin, gaps, w[2:], extra, strict=True))
    if min(size) < 1:
        raise GradcalcError(f"conv_transpose2d would make an image of shape {shown(size)}", kind="shape")
    shape = (*x[:-3], w[1] * count(groups, "groups"), *size)
    return plan(shape, w, 2, stride=steps, padding=margin, dilation=gaps, groups=groups)


def transpose_dx(dz: Array, z: Array, x: Array, w: Array, b: Array | None = None, **steps: object) -> Array:
    p = transpose_plan(x.shape, w.shape, **steps)
    return correlate(p.images(dz), w, p).reshape(x.shape)


def transpose_dw(dz: Array, z: Array, x: Array, w: Array, b: Array | None = None, **steps: object) -> Array:
    p = transpose_plan(x.shape, w.shape, **steps)
    return weigh(p.images(dz), x, p).reshape(w.shape)


@gate("conv_transpose2d(x, w, b)", pattern=Pattern.MIXER, complex=True, grows=growth.spread_out,
      names=("deconv2d",),
      frameworks="torch.nn.functional.conv_transpose2d",
      structure={"x": "sparse", "w": "sparse", "b": "selection"},
      examples=("conv_transpose2d([[[1, 2], [3, 4]]], [[[[1, -1], [2, 0]]]], stride=2)",),
      vjp={"x": ("conv2d(dz, w) with the same steps", transpose_dx),
           "w": ("the patches of dz, weighted with x and added up", transpose_dw),
           "b": ("sum of dz over images, rows and columns", partial(bias_gradient, axes=2))})
def conv_transpose2d(x: Array, w: Array, b: Array | None = None, *, stride: object = 1, padding: object = 0,
                     output_padding: object = 0, groups: object = 1, dilation: object = 1) -> Array:
    """Its backward is a convolution: each pixel collects the upstream gradient of all that it touched."""
    p = transpose_plan(np.shape(x), np.shape(w), stride=stride, padding=padding,
                       output_padding=output_padding, groups=groups, dilation=dilation)
    z = scatter(x, w, p)
    return add_bias(z.reshape(*x.shape[:-3], p.channels, *p.sweep.size), b, 2)
