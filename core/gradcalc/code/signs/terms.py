"""A summand too few or too many: regularisation, a second path, the way through a mean or a variance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...gate import Array
from ..record import Mistake
from .forms import Form, points
from .pair import Pair


def regularised(p: Pair) -> Iterator[Mistake]:
    """The difference is a multiple of the input itself, by a factor that somebody wrote."""
    if p.a.shape != p.n.shape or p.rank < 2:
        return
    value = np.asarray(p.clues.values.get(p.name), dtype=float)
    c = multiple(p, p.n - p.a, value)
    if c is None or near_all(p):
        return
    told = _told(p, c)
    if told is None:
        return
    more = "too little" if c > 0 else "too much"
    name = p.name
    yield Mistake(
        "regularisation", f"d{name} differs by {abs(c):.6g} * {name} ({more}): the gradient of the "
        f"regularisation term is missing or has another factor{told}",
    )  # fmt: skip


def near_all(p: Pair) -> bool:
    """Whether the gradient is itself a multiple of the input, so that this says nothing."""
    value = np.asarray(p.clues.values.get(p.name), dtype=float)
    return multiple(p, p.n, value) is not None


def _told(p: Pair, c: float) -> str | None:
    """Where the factor comes from: a parameter, or a short number ("", nothing to tell); None for neither."""
    for name, value in p.clues.params.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value:
            for text, factor in ((f"2 * {name}", 2.0), (name, 1.0), (f"{name}/2", 0.5)):
                if abs(abs(c) - factor * abs(value)) <= 1e-5 * abs(c):
                    return f" ({abs(c):.6g} is {text})"
    return "" if abs(c - float(f"{c:.2g}")) <= 1e-6 * abs(c) else None


def multiple(p: Pair, difference: Array, form: Array) -> float | None:
    """c where the difference is c * form in every known entry, or None."""
    if form.shape != difference.shape:
        return None
    d, f = difference[p.known], form[p.known]
    norm = float(np.sum(f * f))
    if not norm or not np.all(np.isfinite(f)):
        return None
    c = float(np.sum(d * f) / norm)
    close = np.all(np.abs(d - c * f) <= 4 * p.slack[p.known])
    return c if c and close and np.any(np.abs(c * f) > 20 * p.slack[p.known]) else None


def lost(p: Pair) -> Iterator[Mistake]:
    """What is missing is a multiple of one named array, or the same along an axis."""
    if p.a.shape != p.n.shape or p.rank < 3 or not np.any(p.a):
        return
    difference = p.n - p.a
    through = list(_length(p, difference))
    yield from through
    if through:
        return
    named = [f for f in _terms(p) if f.array.shape == p.a.shape]
    for form in named:
        c = multiple(p, difference, form.array)
        if c is not None and p.rank >= 4:
            share = "" if abs(c - 1) < 1e-6 else "-" if abs(c + 1) < 1e-6 else f"{c:.6g} * "
            factor = " or has a wrong factor" if "*" in share else ""
            yield Mistake(
                "lost-term",
                f"what is missing in d{p.name} is {share}{form.text}: one of its terms is lost{factor}",
            )
            return
    yield from _through(p, difference)


def _length(p: Pair, d: Array) -> Iterator[Mistake]:
    """The way through a length or another sum over the input: a multiple of the input, vector by vector."""
    value = np.asarray(p.clues.values.get(p.name), dtype=float)
    if value.shape != d.shape or not p.known.all():
        return
    for axis in range(d.ndim):
        if d.shape[axis] < 3:
            continue
        size = np.sum(value * value, axis=axis, keepdims=True)
        if not np.all(size > 0):
            continue
        rest, whole = (v - value * np.sum(v * value, axis=axis, keepdims=True) / size for v in (d, p.n))
        # A gradient that is itself such a multiple says nothing.
        if np.all(np.abs(rest) <= 4 * p.slack) and np.any(np.abs(whole) > 20 * p.slack) and np.any(p.wrong):
            each = "" if d.ndim == 1 else f" in each vector along axis {axis}"
            yield Mistake(
                "lost-term", f"d{p.name} differs by a multiple of {p.name}{each}: the path through its "
                "length, or another sum over it, is lost or has a wrong factor",
            )  # fmt: skip
            return


def _terms(p: Pair) -> Iterator[Form]:
    for name, value in points(p.clues):
        yield Form(name, value)
    ups = [np.asarray(u, dtype=float) for u in p.clues.upstreams]
    for k, u in enumerate(ups):
        name = "the upstream gradient" if len(ups) == 1 else f"upstream gradient {k}"
        yield Form(name, u)
        for other, value in points(p.clues):
            try:
                yield Form(f"{name} * {other}", u * value)
            except ValueError:
                continue
    for other, n in p.clues.numeric.items():
        if other != p.name:
            yield Form(f"the gradient of {other}", np.asarray(n, dtype=float))


def _through(p: Pair, d: Array) -> Iterator[Mistake]:
    """The ways through a mean (the same along an axis) and through a variance (a multiple of x - mean)."""
    value = np.asarray(p.clues.values.get(p.name), dtype=float)
    if value.shape != d.shape or not p.known.all():
        return
    axes: list[tuple[int, ...]] = [(k,) for k in range(d.ndim) if d.shape[k] > 2]
    if d.ndim == 4:
        axes += [(0, 2, 3), (1, 2, 3), (2, 3)]
    gain = _gain(p)
    for axis in axes:
        if _is_affine(p.n, value, axis, 4 * p.slack):
            continue  # a gradient that is itself so says nothing
        along = f"axis {axis[0]}" if len(axis) == 1 else f"axes {', '.join(map(str, axis))}"
        for scaled, factor in ((d, 1.0), (d / gain, gain)) if gain is not None else ((d, 1.0),):
            with np.errstate(all="ignore"):
                if not np.all(np.isfinite(scaled)):
                    continue
                centred = value - value.mean(axis=axis, keepdims=True)
                flat = scaled.mean(axis=axis, keepdims=True)
                slope = (scaled * centred).sum(axis=axis, keepdims=True) / (centred**2).sum(
                    axis=axis, keepdims=True
                )
            slack = 4 * p.slack / np.maximum(np.abs(np.broadcast_to(factor, d.shape)), 1e-30)
            rest = scaled - flat
            if np.all(np.abs(rest) <= slack) and _speaks(p, flat, axis):
                yield Mistake(
                    "lost-term", f"what is missing in d{p.name} is the same all along {along}: the path "
                    "through a mean or a sum is lost, or has a wrong factor",
                )  # fmt: skip
                return
            if np.all(np.isfinite(slope)) and np.all(np.abs(scaled - slope * centred) <= slack):
                yield Mistake(
                    "lost-term", f"what is missing in d{p.name} is a multiple of {p.name} - mean along "
                    f"{along}: the path through the variance is lost, or has a wrong factor",
                )  # fmt: skip
                return
            if (
                np.all(np.isfinite(slope))
                and np.all(np.abs(rest - slope * centred) <= slack)
                and d.shape[axis[0]] > 3
            ):
                yield Mistake(
                    "lost-term", f"what is missing in d{p.name} comes, along {along}, through a mean and a "
                    "variance: those paths are lost, or have wrong factors",
                )  # fmt: skip
                return


def _is_affine(n: Array, value: Array, axis: tuple[int, ...], slack: Array) -> bool:
    """Whether a gradient is a constant plus a multiple of the input, along these axes."""
    centred = value - value.mean(axis=axis, keepdims=True)
    rest = n - n.mean(axis=axis, keepdims=True)
    slope = (rest * centred).sum(axis=axis, keepdims=True) / (centred**2).sum(axis=axis, keepdims=True)
    return bool(np.all(np.abs(rest - np.nan_to_num(slope) * centred) <= slack))


def _speaks(p: Pair, flat: Array, axis: tuple[int, ...]) -> bool:
    """Whether being the same along the axes is no accident of their being short."""
    count = int(np.prod([p.a.shape[k] for k in axis]))
    return count >= 3 and bool(np.any(np.abs(flat) > 20 * p.slack.max()))


def _gain(p: Pair) -> Array | None:
    """A scale that multiplies after the normalisation (gamma), in the input's shape."""
    shape = p.a.shape
    for name, value in p.clues.values.items():
        array = np.asarray(value)
        if name == p.name or array.dtype.kind != "f" or name in p.clues.integers or not array.ndim:
            continue
        if name.lower() in ("gamma", "weight", "scale", "g") and np.all(array):
            try:
                return np.broadcast_to(array, shape)
            except ValueError:
                if len(shape) == 4 and array.size == shape[1]:
                    return np.broadcast_to(array.reshape(1, -1, 1, 1), shape)
    return None
