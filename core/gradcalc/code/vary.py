"""Other shapes and parameters than those that were asked for: the friendly ones of a course hide mistakes.

Padding of 0 and 2, stride 1 with overlapping windows, a kernel that is not square, a batch of one, biases
away from zero, train and test mode, regularisation on and off, tiny variance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np

from ..gate import Array
from .child.naming import STRENGTHS
from .given import Point

OTHERS = {"mode": ("train", "test"), "reduction": ("mean", "sum"), "padding": ("valid", "same")}
MOST = 30


class Variation(NamedTuple):
    """A point to try, and in words what is different there."""

    words: str
    point: Point


def variations(point: Point, described: Mapping[str, Any], fixed: Sequence[str] = ()) -> Iterator[Variation]:
    """Points near `point`, each different in one respect; the forward may refuse some.

    Arrays that are `fixed` only change their shapes.
    """
    labels = {a["name"] for a in described["arguments"] if a["label"]}
    still = {n for n in labels if n in point.whole} | set(fixed)
    defaults = {a["name"]: a["default"] for a in described["arguments"] if a["kind"] == "value"}
    rng = np.random.default_rng(7)
    every = chain(_parameters(point, defaults), _contents(point, still, rng), _sizes(point, still, rng))
    for words, values in islice(every, MOST):
        yield Variation(words, point._replace(values=values, notes=()))


def _parameters(point: Point, defaults: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each parameter in turn with another value, also those that keep their defaults."""
    for name, value in {**defaults, **point.values}.items():
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
        return [n for n in _whole(lower) if n != value]
    if isinstance(value, float):
        if lower.startswith(STRENGTHS):
            return [0.0, 0.7] if value else [0.3]
        if lower.startswith("eps"):
            return [0.1]
        return [0.3] if value in (0.0, 0.5) else [round(0.6 * value, 6)]
    return []


def _whole(name: str) -> tuple[int, ...]:
    """What a parameter of this name may be that is a whole number."""
    if "pad" in name:
        return (0, 1, 2)
    if "stride" in name or "dilation" in name or name.startswith("pool_"):
        return (1, 2)
    return (0, 1) if name == "axis" else ()


def _contents(
    point: Point, still: set[str], rng: np.random.Generator
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Other numbers in the arrays: away from zero, far apart, almost equal."""
    arrays = {n: v for n, v in point.values.items() if _moves(n, v, still)}
    equal = {n: v for n, v in arrays.items() if v.size and np.ptp(v) == 0}
    if equal:
        fresh = {n: v + rng.standard_normal(v.shape) for n, v in equal.items()}
        yield f"{' and '.join(equal)} not all equal", {**point.values, **fresh}
    for name, value in arrays.items():
        yield f"{name} ten times as large", {**point.values, name: 10.0 * value}
    first = next((n for n, v in arrays.items() if v.ndim >= 2), None)
    if first is not None:
        tiny = 1.0 + 1e-3 * rng.standard_normal(arrays[first].shape)
        yield f"{first} of tiny variance", {**point.values, first: tiny}


def _moves(name: str, value: Any, still: set[str]) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and name not in still


def _sizes(point: Point, still: set[str], rng: np.random.Generator) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each length in turn: 1, 2, one more; and one axis alone of those that are equal."""
    arrays = {n: v for n, v in point.values.items() if isinstance(v, np.ndarray)}
    lengths = sorted({size for v in arrays.values() for size in v.shape})
    batch = next((v.shape[0] for v in arrays.values() if v.ndim >= 2), None)
    for length in sorted(lengths, key=lambda n: n != batch):
        for other in (1, length + 1) if length == batch else (length + 1,):
            changed = _resized(arrays, still, rng, lambda n, k, s, a=length, b=other: b if s == a else s)
            if changed is not None and other != length:
                yield _told(arrays, changed), {**point.values, **changed}
    for name, value in arrays.items():
        if value.ndim >= 2 and value.shape[-1] == value.shape[-2]:
            changed = _resized(
                {name: value},
                still,
                rng,
                lambda n, k, s, last=value.ndim - 1: s + 1 if k == last else s,
            )
            if changed is not None:
                yield _told(arrays, changed), {**point.values, **changed}


def _resized(
    arrays: Mapping[str, Array], still: set[str], rng: np.random.Generator, size: Any
) -> dict[str, Array] | None:
    changed: dict[str, Array] = {}
    for name, value in arrays.items():
        shape = tuple(size(name, k, s) for k, s in enumerate(value.shape))
        if shape == value.shape:
            continue
        if name in still:
            changed[name] = rng.choice(value.reshape(-1), shape) if value.size else value
        else:
            spread = float(value.std()) or 1.0
            changed[name] = float(value.mean()) + spread * rng.standard_normal(shape)
    return changed or None


def _told(arrays: Mapping[str, Array], changed: Mapping[str, Array]) -> str:
    return "shapes " + " ".join(f"{n}={'x'.join(map(str, v.shape))}" for n, v in changed.items())
