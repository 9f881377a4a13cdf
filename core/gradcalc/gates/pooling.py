"""Pooling: a window slides over an image and keeps the largest entry, or the average, of what it sees."""

from __future__ import annotations

from functools import partial

import numpy as np

from ..errors import GradcalcError
from ..gate import Array, Kink, Mistake, Pattern, gate
from .convolution import Sweep, count, pair, sweep
from .indexing import shown, wholes

# --- the largest -------------------------------------------------------------------------------------


def windows(x: Array, axes: int, *, kernel_size: object = 2, stride: object = None, padding: object = 0,
            dilation: object = 1) -> tuple[Array, Sweep]:
    """x as images (..., rows, columns), and the sweep of the window over them."""
    shape = np.shape(x)
    if len(shape) not in (axes + 1, axes + 2):
        size = "H,W" if axes == 2 else "L"
        raise GradcalcError(f"pooling takes x of shape (C,{size}) or (N,C,{size}), not {shown(shape)}",
                            kind="shape")
    kernel = pair(kernel_size, "kernel_size", axes)[2 - axes :]
    margin = pair(padding, "padding", axes, 0)[2 - axes :]
    if any(2 * m > k for m, k in zip(margin, kernel, strict=True)):
        raise GradcalcError(
            f"padding must be at most half of the kernel {shown(kernel)}, not {shown(margin)}", kind="value")
    stride = kernel if stride is None else stride
    swept = sweep(shape[-axes:], kernel, axes, stride=stride, padding=padding, dilation=dilation)
    return x.reshape(*shape[:-axes], *swept.size), swept


def pooled_shape(x: Array, swept: Sweep, axes: int) -> tuple[int, ...]:
    return (*x.shape[:-axes], *swept.out[2 - axes :])


def largest(x: Array, *, axes: int, **steps: object) -> Array:
    """The largest entry under each window; complex numbers are ordered by their real part first."""
    images, swept = windows(x, axes, **steps)
    padded = swept.pad(images, -np.inf)
    z: Array = None
    for _, _, tap in swept.taps():
        z = padded[tap].copy() if z is None else np.maximum(z, padded[tap], out=z)
    return z.reshape(pooled_shape(x, swept, axes))


def largest_dx(dz: Array, z: Array, x: Array, *, axes: int, **steps: object) -> Array:
    """Each window's upstream gradient in equal shares to its largest entries."""
    images, swept = windows(x, axes, **steps)
    padded = swept.pad(images, -np.inf)
    z, dz = (a.reshape(*images.shape[:-2], *swept.out) for a in (z, dz))
    ties = np.zeros(z.shape)
    for _, _, tap in swept.taps():
        ties += padded[tap] == z
    share = dz / np.maximum(ties, 1)
    gradient = np.zeros(padded.shape)
    for _, _, tap in swept.taps():
        gradient[tap] += np.where(padded[tap] == z, share, 0.0)
    return np.ascontiguousarray(swept.crop(gradient)).reshape(x.shape)


def lead(z: Array, x: Array, *, axes: int, **steps: object) -> Array:
    """How far each window's largest entry is ahead of the runner-up; inf where there is none."""
    images, swept = windows(x, axes, **steps)
    padded = swept.pad(images, -np.inf)
    first = np.full((*images.shape[:-2], *swept.out), -np.inf)
    second = first.copy()
    for _, _, tap in swept.taps():
        second = np.maximum(second, np.minimum(first, padded[tap]))
        first = np.maximum(first, padded[tap])
    return np.where(first == second, 0.0, first - second).reshape(np.shape(z))


def unshared(dz: Array, z: Array, x: Array, *, axes: int, **steps: object) -> Array:
    """The mistake of writing where one should add: of overlapping windows the last one wins."""
    images, swept = windows(x, axes, **steps)
    padded = swept.pad(images, -np.inf)
    z, dz = (a.reshape(*images.shape[:-2], *swept.out) for a in (z, dz))
    gradient = np.zeros(padded.shape)
    for _, _, tap in swept.taps():
        gradient[tap] = np.where(padded[tap] == z, dz, gradient[tap])
    return np.ascontiguousarray(swept.crop(gradient)).reshape(x.shape)


TIE = "k tied entries get 1/k of the upstream gradient each"


@gate("max_pool2d(x)", pattern=Pattern.ROUTER, complex=True, structure={"x": "sparse"},
      names=("maxpool2d", "max_pool"), frameworks="torch.nn.functional.max_pool2d",
      examples=("max_pool2d([[[1, 2, 5, 0], [4, 3, -1, 6]]])",
                "max_pool2d([[[1, 2, 3], [6, 5, 4], [7, 8, 9]]], kernel_size=2, stride=1)"),
      kink=Kink("the two largest entries under a window are equal", TIE, partial(lead, axes=2), first=-1),
      mistakes=(Mistake("x", "= for += where windows overlap", partial(unshared, axes=2)),),
      vjp={"x": ("dz to the largest entry under each window, added up", partial(largest_dx, axes=2))})
def max_pool2d(x: Array, *, kernel_size: object = 2, stride: object = None, padding: object = 0,
               dilation: object = 1) -> Array:
    """The largest entry under each window takes its upstream gradient; k tied entries take 1/k each."""
    return largest(x, axes=2, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation)


@gate("max_pool1d(x)", pattern=Pattern.ROUTER, complex=True, structure={"x": "sparse"},
      frameworks="torch.nn.functional.max_pool1d",
      examples=("max_pool1d([[1, 5, 2, 3]], kernel_size=3, stride=1)",),
      kink=Kink("the two largest entries under a window are equal", TIE, partial(lead, axes=1), first=-1),
      vjp={"x": ("dz to the largest entry under each window, added up", partial(largest_dx, axes=1))})
def max_pool1d(x: Array, *, kernel_size: object = 2, stride: object = None, padding: object = 0,
               dilation: object = 1) -> Array:
    """The largest entry under each window takes its upstream gradient; k tied entries take 1/k each."""
    return largest(x, axes=1, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation)


# --- the average -------------------------------------------------------------------------------------


def sizes(swept: Sweep, count_include_pad: object) -> Array:
    """How many entries each window averages: with or without those of the padding."""
    if count_include_pad:
        return swept.kernel[0] * swept.kernel[1]
    inside = swept.pad(np.ones(swept.size))
    return sum(inside[tap] for _, _, tap in swept.taps())


def average(x: Array, *, axes: int, count_include_pad: object = True, **steps: object) -> Array:
    images, swept = windows(x, axes, **steps)
    padded = swept.pad(images)
    total = sum(padded[tap] for _, _, tap in swept.taps())
    return (total / sizes(swept, count_include_pad)).reshape(pooled_shape(x, swept, axes))


def average_dx(dz: Array, z: Array, x: Array, *, axes: int, count_include_pad: object = True,
               **steps: object) -> Array:
    images, swept = windows(x, axes, **steps)
    share = dz.reshape(*images.shape[:-2], *swept.out) / sizes(swept, count_include_pad)
    gradient = np.zeros((*images.shape[:-2], *swept.padded))
    for _, _, tap in swept.taps():
        gradient[tap] += share
    return np.ascontiguousarray(swept.crop(gradient)).reshape(x.shape)


@gate("avg_pool2d(x)", pattern=Pattern.SPREADER, complex=True, structure={"x": "sparse"},
      names=("avgpool2d", "avg_pool", "mean_pool2d"), frameworks="torch.nn.functional.avg_pool2d",
      examples=("avg_pool2d([[[1, 2, 5, 0], [4, 3, -1, 6]]])",
                "avg_pool2d([[[1, 2], [3, 4]]], stride=1, padding=1, count_include_pad=False)"),
      vjp={"x": ("dz, in equal shares to the entries under each window", partial(average_dx, axes=2))})
def avg_pool2d(x: Array, *, kernel_size: object = 2, stride: object = None, padding: object = 0,
               count_include_pad: object = True) -> Array:
    """The entries under each window share its upstream gradient equally."""
    return average(x, axes=2, kernel_size=kernel_size, stride=stride, padding=padding,
                   count_include_pad=count_include_pad)


@gate("avg_pool1d(x)", pattern=Pattern.SPREADER, complex=True, structure={"x": "sparse"},
      frameworks="torch.nn.functional.avg_pool1d",
      examples=("avg_pool1d([[1, 5, 2, 3]], kernel_size=3, stride=1)",),
      vjp={"x": ("dz, in equal shares to the entries under each window", partial(average_dx, axes=1))})
def avg_pool1d(x: Array, *, kernel_size: object = 2, stride: object = None, padding: object = 0,
               count_include_pad: object = True) -> Array:
    """The entries under each window share its upstream gradient equally."""
    return average(x, axes=1, kernel_size=kernel_size, stride=stride, padding=padding,
                   count_include_pad=count_include_pad)


def cells(size: int, parts: int) -> Array:
    """The matrix that averages `size` entries in `parts` cells; cells overlap where they do not divide.

    Cell i reaches from floor(i*size/parts) to ceil((i+1)*size/parts), as in torch.
    """
    edges = np.arange(parts + 1) * size
    first, last = edges[:-1] // parts, -(-edges[1:] // parts)
    place = np.arange(size)
    inside = (place >= first[:, None]) & (place < last[:, None])
    return inside / (last - first)[:, None]


def grid(x: Array, output_size: object) -> tuple[Array, Array]:
    """The matrices that average rows (from the left) and columns (from the right)."""
    if np.ndim(x) not in (3, 4):
        raise GradcalcError(f"pooling takes x of shape (C,H,W) or (N,C,H,W), not {shown(np.shape(x))}",
                            kind="shape")
    parts = [count(n, "output_size") for n in wholes(output_size, "output_size")]
    if len(parts) not in (1, 2):
        raise GradcalcError(f"output_size must be one number or a pair, not {len(parts)} numbers",
                            kind="value")
    return cells(x.shape[-2], parts[0]), cells(x.shape[-1], parts[-1]).T


def adaptive_dx(dz: Array, z: Array, x: Array, *, output_size: object = 1) -> Array:
    rows, columns = grid(x, output_size)
    return rows.T @ dz @ columns.T


@gate("adaptive_avg_pool2d(x)", pattern=Pattern.SPREADER, complex=True, structure={"x": "sparse"},
      names=("global_avg_pool2d",), frameworks="torch.nn.functional.adaptive_avg_pool2d",
      examples=("adaptive_avg_pool2d([[[1, 2, 5], [4, 3, -1]]])",
                "adaptive_avg_pool2d([[[1, 2, 5], [4, 3, -1]]], output_size=[1, 2])"),
      vjp={"x": ("dz, in equal shares to the entries of each cell", adaptive_dx)})
def adaptive_avg_pool2d(x: Array, *, output_size: object = 1) -> Array:
    """The entries of each cell share its upstream gradient equally; one cell is the whole image's mean."""
    rows, columns = grid(x, output_size)
    return rows @ x @ columns
