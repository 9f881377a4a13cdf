"""Other shapes and parameters than those that were asked for: the friendly ones of a course hide mistakes.

Padding of 0 and 2, stride 1 with overlapping windows, a kernel that is not square, a batch of one, biases
away from zero, train and test mode, regularisation on and off, tiny variance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np

from ..gate import Array
from .given import Point

OTHERS = {"mode": ("train", "test"), "reduction": ("mean", "sum")}
MOST = 24


class Variation(NamedTuple):
    """A point to try, and in words what is different there."""

    words: str
    point: Point


def variations(point: Point, described: Mapping[str, Any]) -> Iterator[Variation]:
    """Points near `point`, each different in one respect; the forward may refuse some."""
    labels = {a["name"] for a in described["arguments"] if a["label"]}
    rng = np.random.default_rng(7)
    every = chain(_parameters(point), _contents(point, labels, rng), _sizes(point, labels, rng))
    for words, values in islice(every, MOST):
        yield Variation(words, point._replace(values=values, notes=()))


def _parameters(point: Point) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each parameter in turn with another value."""
    for name, value in point.values.items():
        if isinstance(value, dict):
            for key, setting in value.items():
                for other in _settings(key, setting):
                    yield f"{key}={other}", {**point.values, name: {**value, key: other}}
            if "stride" in value and "pad" in value:
                yield "stride=1, pad=0", {**point.values, name: {**value, "stride": 1, "pad": 0}}
        elif not isinstance(value, np.ndarray):
            for other in _settings(name, value):
                yield f"{name}={other}", {**point.values, name: other}


def _settings(name: str, value: Any) -> list[Any]:
    lower = name.lower()
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, str):
        return [o for o in OTHERS.get(lower, ()) if o != value]
    if isinstance(value, int):
        if "pad" in lower:
            return [p for p in (0, 1, 2) if p != value]
        return [s for s in (1, 2) if s != value] if "stride" in lower or lower.startswith("pool_") else []
    if isinstance(value, float):
        if lower.startswith(("reg", "lam", "l2", "weight_decay", "alpha", "decay")):
            return [0.0, 0.7] if value else [0.3]
        return [0.3] if lower == "p" and value != 0.3 else []
    return []


def _contents(
    point: Point, labels: set[str], rng: np.random.Generator
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Other numbers in the arrays: away from zero, far apart, almost equal."""
    arrays = {n: v for n, v in point.values.items() if _moves(n, v, point, labels)}
    still = {n: v for n, v in arrays.items() if v.size and np.ptp(v) == 0}
    if still:
        fresh = {n: v + rng.standard_normal(v.shape) for n, v in still.items()}
        yield f"{' and '.join(still)} not all equal", {**point.values, **fresh}
    first = next((n for n, v in arrays.items() if v.ndim >= 2), None)
    if first is not None:
        value = arrays[first]
        yield (
            f"{first} of tiny variance",
            {**point.values, first: 1.0 + 1e-3 * rng.standard_normal(value.shape)},
        )
        yield f"{first} ten times as large", {**point.values, first: 10.0 * value}


def _moves(name: str, value: Any, point: Point, labels: set[str]) -> bool:
    return (
        isinstance(value, np.ndarray)
        and value.dtype.kind == "f"
        and not (name in labels and name in point.whole)
    )


def _sizes(point: Point, labels: set[str], rng: np.random.Generator) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each length in turn: 1, 2, one more; and one axis alone of those that are equal."""
    arrays = {n: v for n, v in point.values.items() if isinstance(v, np.ndarray)}
    lengths = sorted({size for v in arrays.values() for size in v.shape})
    batch = next((v.shape[0] for v in arrays.values() if v.ndim >= 2), None)
    for length in sorted(lengths, key=lambda n: n != batch):
        for other in (1, length + 1) if length == batch else (length + 1,):
            changed = _resized(
                point, arrays, labels, rng, lambda n, k, s, a=length, b=other: b if s == a else s
            )
            if changed is not None and other != length:
                yield _told(arrays, changed), {**point.values, **changed}
    for name, value in arrays.items():
        if value.ndim >= 2 and value.shape[-1] == value.shape[-2]:
            changed = _resized(
                point,
                {name: value},
                labels,
                rng,
                lambda n, k, s, last=value.ndim - 1: s + 1 if k == last else s,
            )
            if changed is not None:
                yield _told(arrays, changed), {**point.values, **changed}


def _resized(
    point: Point, arrays: Mapping[str, Array], labels: set[str], rng: np.random.Generator, size: Any
) -> dict[str, Array] | None:
    changed: dict[str, Array] = {}
    for name, value in arrays.items():
        shape = tuple(size(name, k, s) for k, s in enumerate(value.shape))
        if shape == value.shape:
            continue
        if name in point.whole and name in labels:
            changed[name] = rng.choice(value.reshape(-1), shape) if value.size else value
        else:
            spread = float(value.std()) or 1.0
            changed[name] = float(value.mean()) + spread * rng.standard_normal(shape)
    return changed or None


def _told(arrays: Mapping[str, Array], changed: Mapping[str, Array]) -> str:
    return "shapes " + " ".join(f"{n}={'x'.join(map(str, v.shape))}" for n, v in changed.items())
