"""The pattern of one gate's Jacobian, input by input, from what the gate knows about itself.

Elementwise gates need no rule: an entry of the output depends on the entry at its own place. Selectors
are asked: they run on the numbers of the entries. For the others a rule says which axes of the output
stand for which axes of the input; a gate without a rule is dense.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from .gate import Array, Gate
from .gates.convolution import Plan, Sweep, plan, transpose_plan
from .gates.indexing import axes_of, axis_of
from .gates.linear import _dot_axes, _einsum_plan, _inner_axes, _tensordot_axes
from .gates.pooling import grid, windows
from .gates.reduction import running
from .sparsity import (
    EXPLICIT,
    Index,
    Pattern,
    bound,
    dense,
    diagonal,
    labelled,
    listed,
    selection,
    zero,
)

Shape = tuple[int, ...]
Pairs = Iterable[tuple[int, int]]
TAPS = 1 << 22  # places of a kernel on an image that are looked at one by one, at most


class Use(NamedTuple):
    """One use of a gate: the input that is asked for, by `position`, and the values on both sides."""

    gate: Gate
    position: int
    z: Array
    xs: tuple[Array, ...]

    @property
    def name(self) -> str:
        return self.gate.input_name(self.position)

    @property
    def x(self) -> Array:
        return self.xs[self.position]

    @property
    def out(self) -> Shape:
        return np.shape(self.z)

    @property
    def shape(self) -> Shape:
        return np.shape(self.x)

    @property
    def size(self) -> tuple[int, int]:
        """The number of rows and of columns of the Jacobian."""
        return int(np.size(self.z)), int(np.size(self.x))

    def param(self, name: str) -> Any:
        return self.gate.bound.get(name, self.gate.params.get(name))

    def params(self, *without: str) -> dict[str, Any]:
        return {name: self.param(name) for name in self.gate.params if name not in without}


Rule = Callable[[Use], Pattern]


def footprint(gate: Gate, position: int, z: Array, xs: tuple[Array, ...]) -> Pattern:
    """Which entries of output `z` depend on which of the input at `position`; both in row-major order."""
    use = Use(gate, position, z, xs)
    m, n = use.size
    if gate.elementwise:
        slope = next((slope for k, _, slope in gate.slopes if k == position), None)
        return zero(m, n) if slope == 0.0 else aligned(use, unit=slope == 1.0)
    word = gate.structure.get(use.name)  # a function of the program has none
    if word is None:
        return dense(m, n)
    if word == "zero":
        return zero(m, n)
    if word == "identity" and m == n:
        return diagonal(n, unit=True)
    rule = RULES.get(gate.name)
    if rule is not None:
        return rule(use)
    if gate.pattern.word == "selector" and word in ("selection", "diagonal"):
        return picked(use)
    if "keepdims" in gate.params:
        return reduced(use)
    if "reduction" in gate.params:
        return lossy(use)
    if word == "diagonal":
        return aligned(use)
    return bound(m, n, m, 1, m) if word == "selection" else dense(m, n)


# --- what the rules are made of ----------------------------------------------------------------------


def numbers(shape: Shape) -> Index:
    """The number of each entry, in row-major order."""
    return np.arange(math.prod(shape), dtype=np.int64).reshape(shape)


def aligned(use: Use, unit: bool = False) -> Pattern:
    """Entry by entry, the input stretched to the output's shape as in broadcasting."""
    m, n = use.size
    if m == n:
        return diagonal(n, unit)
    return selection(np.broadcast_to(numbers(use.shape), use.out).ravel(), n, unit)


def shared(use: Use, pairs: Pairs, unit: bool = False) -> Pattern:
    """Entries meet where they agree on each pair of (axis of the output, axis of the input)."""
    kept = [(o, i) for o, i in pairs if use.out[o] == use.shape[i]]  # the others are stretched
    rows = along(use.out, [o for o, _ in kept])
    return labelled(rows, along(use.shape, [i for _, i in kept]), unit)


def along(shape: Shape, axes: list[int]) -> Index:
    """For each entry its number among the entries of these axes alone."""
    label: Index = np.zeros((1,) * len(shape), np.int64)
    for axis in axes:
        place = np.arange(shape[axis], dtype=np.int64)
        label = label * shape[axis] + place.reshape([-1 if k == axis else 1 for k in range(len(shape))])
    return np.broadcast_to(label, shape).ravel()


def from_right(out: int, shape: int, skip: int = 0) -> list[tuple[int, int]]:
    """Pairs of the axes that broadcasting aligns; `skip` leaves out as many of the last."""
    return [(out - k, shape - k) for k in range(1 + skip, min(out, shape) + 1)]


def picked(use: Use) -> Pattern:
    """A selector on the numbers of the entries says where each came from."""
    m, n = use.size
    others = [np.zeros(np.shape(x)) if use.gate.derivative(k) else x for k, x in enumerate(use.xs)]
    came = use.gate.forward(*_with(use, others, numbers(use.shape) + 1.0))
    base = use.gate.forward(*_with(use, others, np.zeros(use.shape)))
    with np.errstate(invalid="ignore"):
        source = np.ravel(np.nan_to_num(came - base)) - 1
    if np.any(source != np.floor(source)) or np.any(source < -1) or np.any(source >= n):
        return bound(m, n, m, 1, m)
    return _found(source.astype(np.int64), n, unit=True)


def product(use: Use) -> Pattern:
    """Each output is one entry of each input, multiplied: with ones for the others it names its own."""
    ones = [np.ones(np.shape(x)) for x in use.xs]
    source = np.ravel(use.gate.forward(*_with(use, ones, numbers(use.shape) + 1.0))) - 1
    return _found(source.astype(np.int64), use.size[1], unit=False)


def _with(use: Use, others: list[Array], x: Array) -> list[Array]:
    """The inputs with `x` at this position; numbers as the engine carries them."""
    values = [*others[: use.position], x, *others[use.position + 1 :]]
    return [np.asarray(v)[()] for v in values]


def _found(source: Index, n: int, unit: bool) -> Pattern:
    if len(source) == n and np.array_equal(source, np.arange(n)):
        return diagonal(n, unit)
    return selection(source, n, unit)


def banded(m: int, n: int, lead: int, trail: int, size: tuple[int, int], pairs: Any) -> Pattern:
    """(output, input) places along one axis of `size`, again for all entries of the axes around it."""
    one, two = pairs
    across, down = (int(np.bincount(part).max(initial=0)) for part in (one, two))
    if lead * trail * len(one) > EXPLICIT:
        return bound(m, n, lead * trail * len(one), across, down)
    before, after = np.arange(lead)[:, None, None], np.arange(trail)
    rows = (before * size[0] + one[:, None]) * trail + after
    cols = (before * size[1] + two[:, None]) * trail + after
    return listed(m, n, rows.ravel(), cols.ravel())


# --- reductions and losses ---------------------------------------------------------------------------


def reduced(use: Use) -> Pattern:
    """A total depends on the entries that went into it."""
    axes = axes_of(use.param("axis"), use.shape)
    kept = [k for k in range(len(use.shape)) if k not in axes]
    places = kept if use.param("keepdims") else list(range(len(kept)))
    return shared(use, zip(places, kept, strict=True), unit=use.gate.name == "sum")


def within(use: Use) -> Pattern:
    """Entries depend on each other along one axis only."""
    axis = axis_of(use.param("axis"), use.shape)
    return shared(use, ((k, k) for k in range(len(use.shape)) if k != axis))


def runs(use: Use) -> Pattern:
    """A running total depends on the entries up to its own."""
    m, n = use.size
    x, axis = running(use.x, use.param("axis"))
    size, trail = x.shape[axis], math.prod(x.shape[axis + 1 :])
    lead = math.prod(x.shape[:axis])
    count = size * (size + 1) // 2
    if lead * trail * count > EXPLICIT:
        return bound(m, n, lead * trail * count, size, size)
    return banded(m, n, lead, trail, (size, size), np.tril_indices(size))


def lossy(use: Use) -> Pattern:
    """A total of losses depends on everything; losses that are not summed on their own example's scores."""
    if not use.out:
        return dense(*use.size)
    if use.out == use.shape:
        return aligned(use)
    classes = 1 if len(use.shape) > 2 else len(use.shape) - 1
    kept = [k for k in range(len(use.shape)) if k != classes]
    if use.out != tuple(use.shape[k] for k in kept):
        return dense(*use.size)
    return shared(use, enumerate(kept))


def similarity(use: Use) -> Pattern:
    """A cosine depends on the two vectors along its axis."""
    full = np.broadcast_shapes(*(np.shape(x) for x in use.xs))
    axis = axis_of(use.param("axis"), full)
    extra = len(full) - len(use.shape)
    kept = [k for k in range(len(full)) if k != axis]
    return shared(use, ((o, k - extra) for o, k in enumerate(kept) if k >= extra))


def traced(use: Use) -> Pattern:
    """What comes back names for each entry the total that it went into."""
    derivative = use.gate.derivative(use.position)
    assert derivative is not None
    dz = (numbers(use.out) + 1.0)[()]
    back = np.ravel(derivative.code(dz, use.z, *use.xs)).astype(np.int64) - 1
    return labelled(np.arange(use.size[0], dtype=np.int64), back, unit=True)


# --- products of matrices ----------------------------------------------------------------------------


def matmul(use: Use) -> Pattern:
    """A row of the product depends on a row of the first matrix and on a column of the second."""
    first, second = (np.ndim(x) > 1 for x in use.xs)
    batch = len(use.out) - first - second
    pairs = from_right(batch, max(len(use.shape) - 2, 0))
    if use.position == 0 and first:
        pairs.append((batch, len(use.shape) - 2))
    elif use.position == 1 and second:
        pairs.append((len(use.out) - 1, len(use.shape) - 1))
    return shared(use, pairs)


def contracted(find: Callable[[Use], tuple[Shape, Shape]]) -> Rule:
    """The rule of a sum of products over axes of both inputs, which `find` tells."""

    def rule(use: Use) -> Pattern:
        over = find(use)
        left = [[k for k in range(np.ndim(x)) if k not in axes] for x, axes in zip(use.xs, over, strict=True)]
        start = len(left[0]) if use.position else 0
        return shared(use, ((start + o, k) for o, k in enumerate(left[use.position])))

    return rule


def einsum(use: Use) -> Pattern:
    """Indices that an operand shares with the output tie the two together."""
    terms, out, _ = _einsum_plan(use.param("subscripts"), use.xs)
    term = terms[use.position]
    pattern = shared(use, ((out.index(c), term.index(c)) for c in dict.fromkeys(term) if c in out))
    if len(set(term)) == len(term) or pattern.labels is None:
        return pattern
    rows, cols = pattern.labels
    for k, c in enumerate(term):  # "ii" reads a diagonal: where the two differ nothing is read
        cols = np.where(along(use.shape, [k]) == along(use.shape, [term.index(c)]), cols, -1)
    return labelled(rows, cols)


def solve(use: Use) -> Pattern:
    """A column of the solution depends on the same column of the right side, and on all of the matrix."""
    columns = np.ndim(use.xs[1]) > 1
    inner = 2 if columns else 1
    if use.position == 0:
        pairs = from_right(len(use.out) - inner, len(use.shape) - 2)
    elif columns:
        pairs = [
            *from_right(len(use.out), len(use.shape), skip=2),
            (len(use.out) - 1, len(use.shape) - 1),
        ]
    else:
        pairs = []
    return shared(use, pairs)


def matrices(use: Use) -> Pattern:
    """What is made of a matrix depends on that matrix of the batch."""
    batch = len(use.shape) - 2
    first = len(use.out) - batch if use.gate.name == "slogdet" else 0
    return shared(use, ((first + k, k) for k in range(batch)))


# --- layers ------------------------------------------------------------------------------------------


def linear(use: Use) -> Pattern:
    """An example's outputs depend on its features; each output has its own weights and bias."""
    last = len(use.out) - 1
    if use.name == "x":
        examples = last if use.gate.name == "linear" else min(last, 1)
        return shared(use, ((k, k) for k in range(examples)))
    weights = 1 if use.gate.name == "affine" and use.name == "w" else 0
    return shared(use, [(last, weights)])


def channels(use: Use) -> Pattern:
    """Statistics of a channel over the whole batch."""
    return shared(use, [(1, 1 if use.name == "x" else 0)])


def examples(use: Use) -> Pattern:
    """Statistics of an example over its last axes."""
    if use.name != "x":
        return aligned(use)
    own = max([1, *(np.ndim(v) for v in use.xs[1:])])
    return shared(use, ((k, k) for k in range(len(use.shape) - own)))


def attention(use: Use) -> Pattern:
    """A query has its own outputs; every key steers them all; a feature of the values goes to its like."""
    last = len(use.out) - 1
    own = {"q": [(last - 1, last - 1)], "k": [], "v": [(last, last)]}[use.name]
    return shared(use, [*((k, k) for k in range(last - 1)), *own])


def neighbours(use: Use) -> Pattern:
    """A channel is damped by those next to it."""
    m, n = use.size
    axis, window = axis_of(use.param("axis"), use.shape), int(use.param("size"))
    size = use.shape[axis]
    out = np.repeat(np.arange(size), window)
    into = out + np.tile(np.arange(window), size) - window // 2
    inside = (into >= 0) & (into < size)
    lead, trail = math.prod(use.shape[:axis]), math.prod(use.shape[axis + 1 :])
    return banded(m, n, lead, trail, (size, size), (out[inside], into[inside]))


# --- windows -----------------------------------------------------------------------------------------


def taps(sweep: Sweep) -> tuple[Index, Index, Index] | None:
    """For each place of the window on the image: of the kernel, of the output, of the image."""
    places, kernel = math.prod(sweep.out), math.prod(sweep.kernel)
    if places * kernel > TAPS:
        return None
    padded = sweep.pad(numbers(sweep.size)[None, None] + 1)
    seen = sweep.patches(padded).reshape(kernel, places)
    tap, at = np.nonzero(seen)
    return tap, at, seen[tap, at] - 1


def pooling(axes: int) -> Rule:
    """The rule of a window over images, one for each channel."""

    def rule(use: Use) -> Pattern:
        m, n = use.size
        images, sweep = windows(use.x, axes, **use.params("count_include_pad"))
        found, lead = taps(sweep), math.prod(images.shape[:-2])
        if found is None:
            kernel = math.prod(sweep.kernel)
            return bound(m, n, m * kernel, kernel, m)
        _, at, pixel = found
        return banded(m, n, lead, 1, (math.prod(sweep.out), math.prod(sweep.size)), (at, pixel))

    return rule


def cells(use: Use) -> Pattern:
    """The cells of adaptive pooling, which may overlap."""
    rows, columns = (part != 0 for part in grid(use.x, use.param("output_size")))
    at, pixel = np.nonzero(np.kron(rows, columns.T))
    size = len(rows) * columns.shape[1], math.prod(use.shape[-2:])
    return banded(*use.size, math.prod(use.shape[:-2]), 1, size, (at, pixel))


def convolution(axes: int) -> Rule:
    """The rule of kernels over images."""

    def rule(use: Use) -> Pattern:
        if use.name == "b":
            return shared(use, [(len(use.out) - axes - 1, 0)])
        p = plan(np.shape(use.xs[0]), np.shape(use.xs[1]), axes, **use.params())
        return convolved(use, p, "maps", "images")

    return rule


def transposed(use: Use) -> Pattern:
    """The convolution that leads back: its images are the output."""
    if use.name == "b":
        return shared(use, [(len(use.out) - 3, 0)])
    p = transpose_plan(np.shape(use.xs[0]), np.shape(use.xs[1]), **use.params())
    return convolved(use, p, "images", "maps")


def convolved(use: Use, p: Plan, z: str, x: str) -> Pattern:
    """Every product of a convolution ties an entry of the maps, of the images and of the kernels."""
    m, n = use.size
    x = "kernels" if use.name == "w" else x
    found, (_, filters, _) = taps(p.sweep), p.kernels
    own = p.channels // p.groups
    kernel, places, pixels = (math.prod(part) for part in (p.sweep.kernel, p.sweep.out, p.sweep.size))
    if found is None:
        many = {"maps": own * kernel, "images": filters * kernel, "kernels": p.batch * places}
        return bound(m, n, m * many[z], many[z], many[x])
    tap, at, pixel = found
    total = p.batch * p.filters * own * len(tap)
    if total > EXPLICIT:
        most = [int(np.bincount(part).max(initial=0)) for part in (at, pixel, tap)]
        many = {"maps": own * most[0], "images": filters * most[1], "kernels": p.batch * most[2]}
        return bound(m, n, total, many[z], many[x])
    image, f, c = (a[..., None] for a in np.ogrid[: p.batch, : p.filters, :own])
    channel = f // filters * own + c
    ties = {
        "maps": (image * p.filters + f) * places + at,
        "images": (image * p.channels + channel) * pixels + pixel,
        "kernels": (f * own + c) * kernel + tap,
    }
    rows, cols = np.broadcast_arrays(ties[z], ties[x])
    return listed(m, n, rows.ravel(), cols.ravel())


RULES: Mapping[str, Rule] = {
    "softmax": within,
    "log_softmax": within,
    "cumsum": runs,
    "cumprod": runs,
    "cosine_similarity": similarity,
    "trace": traced,
    "matmul": matmul,
    "dot": contracted(lambda use: _dot_axes(*use.xs)),
    "inner": contracted(lambda use: _inner_axes(*use.xs)),
    "tensordot": contracted(lambda use: _tensordot_axes(use.xs[0], use.xs[1], use.param("axes"))),
    "einsum": einsum,
    "outer": product,
    "kron": product,
    "inv": matrices,
    "det": matrices,
    "logdet": matrices,
    "slogdet": matrices,
    "cholesky": matrices,
    "solve": solve,
    "linear": linear,
    "affine": linear,
    "batchnorm": channels,
    "layernorm": examples,
    "local_response_norm": neighbours,
    "scaled_dot_product_attention": attention,
    "conv1d": convolution(1),
    "conv2d": convolution(2),
    "conv_transpose2d": transposed,
    "max_pool1d": pooling(1),
    "max_pool2d": pooling(2),
    "avg_pool1d": pooling(1),
    "avg_pool2d": pooling(2),
    "adaptive_avg_pool2d": cells,
}
