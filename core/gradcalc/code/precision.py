"""The precision in which code computes: what a cast inside it leaves behind.

A cast shows itself in two ways: all results are numbers of the short precision, and use it to the last bit;
or the value jumps exactly half-way between two such inputs, and stays where it is in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..gate import Array
from .child.broken import Broken
from .witness import Runner

EPS = 2.0**-52
PRECISION = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
CASTS: Mapping[str, Any] = {"float32": np.float32, "float16": np.float16}


def shown(runner: Runner, values: Mapping[str, Array], gradients: Sequence[Array]) -> str | None:
    """The short precision that float64 inputs `values` are cast to inside, or None where there is none.

    `gradients` are those that the code gave. The value is looked at beside the point, where numbers use all
    their digits.
    """
    rng = np.random.default_rng(11)
    beside = {n: v * (1 + 1e-3 * rng.standard_normal(v.shape)) for n, v in values.items()}
    outputs = _outputs(runner, values, beside)
    if outputs is None:
        return None
    for name in CASTS:
        if any(_on_grid(arrays, name) for arrays in (outputs, gradients)):
            return name
    for name in values:
        for cast in CASTS:
            if _jumps(runner, values, name, beside[name], cast):
                return cast
    return None


def _outputs(runner: Runner, values: Mapping[str, Array], at: Mapping[str, Array]) -> list[Array] | None:
    try:
        # Exact: what is added is no longer than what it is added to.
        shift = {n: v - values[n] for n, v in at.items()}
        return list(runner.ask("outputs", "forward", shift=shift)["values"])
    except Broken:
        return None


def _on_grid(arrays: Sequence[Array], name: str) -> bool:
    """Whether all entries are numbers of a short precision and use it; short numbers are on every grid."""
    found = [np.ravel(a) for a in arrays if np.asarray(a).dtype == np.float64]
    flat = np.concatenate(found) if found else np.zeros(0)
    flat = flat[np.isfinite(flat) & (flat != 0)]
    cast = CASTS[name]
    with np.errstate(all="ignore"):
        if not flat.size or not np.array_equal(flat.astype(cast).astype(float), flat):
            return False
    digits = np.frexp(flat)[0] * 2.0 ** (np.finfo(cast).nmant + 1)
    if not np.any(digits % 4):
        return False
    # A fixed grid, as of a quantiser, is none of a floating-point number.
    step = float(np.spacing(cast(np.max(np.abs(flat)))))
    return name == "float32" or bool(np.any(flat % step))


def _jumps(runner: Runner, values: Mapping[str, Array], name: str, beside: Array, cast: str) -> bool:
    """Whether the value jumps where this input is rounded to one or the other number of a short precision."""
    kind = CASTS[cast]
    with np.errstate(all="ignore"):
        low = beside.astype(kind)
        high = np.nextafter(low, kind(np.inf)).astype(float)
        low = low.astype(float)
    half = (low + high) / 2
    sure = np.isfinite(half) & (np.abs(beside) > float(np.finfo(kind).tiny))
    if not sure.any():
        return False

    def at(point: Array) -> list[Array] | None:
        return _outputs(runner, values, {name: np.where(sure, point, values[name])})

    below, under = at(low), at(np.nextafter(half, low))
    if below is None or under is None or not _same(below, under):
        return False
    above, over = at(high), at(np.nextafter(half, high))
    return above is not None and over is not None and _same(above, over) and not _same(below, above)


def _same(first: Sequence[Array], second: Sequence[Array]) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, second, strict=True))
