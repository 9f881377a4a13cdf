"""Shapes for arguments that were given none: customary ones, the first in which the code runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import GradcalcError
from .child.broken import Broken
from .given import Given, Point, resolve
from .witness import Runner

Shapes = dict[str, tuple[int, ...]]
N, D, H, M, T = 4, 5, 3, 3, 2
NUMBERS = {
    "reg",
    "lam",
    "lambda_",
    "alpha",
    "eps",
    "epsilon",
    "delta",
    "margin",
    "lr",
    "c",
    "k",
    "scale",
    "dt",
}
# What an argument of this name usually is: for matrices first, then for images, then for steps in time.
CUSTOMARY: tuple[Mapping[str, tuple[int, ...]], ...] = (
    {"w": (D, M), "weights": (D, M), "weight": (D, M), "b": (M,), "bias": (M,), "biases": (M,), "y": (N,),
     "t": (N,), "labels": (N,), "gamma": (D,), "beta": (D,), "prev_h": (N, H), "h_prev": (N, H),
     "prev_c": (N, H), "c_prev": (N, H), "wx": (D, H), "wh": (H, H)},
    {"w": (D,), "weights": (D,), "theta": (D,), "y": (N,), "t": (N,), "b": (), "bias": ()},
    {"w": (D, D), "b": (D,), "wx": (D, 4 * H), "wh": (H, 4 * H), "b_lstm": (4 * H,), "prev_h": (N, H),
     "h_prev": (N, H), "prev_c": (N, H), "c_prev": (N, H), "bias": (4 * H,)},
    {"w": (D, 2, N), "b": (D,), "y": (N, D), "t": (N, D), "target": (N, D), "targets": (N, D)},
)  # fmt: skip
IMAGES: Shapes = {"w": (3, 2, 3, 3), "b": (3,), "bias": (3,), "gamma": (2,), "beta": (2,)}
TIMES: Shapes = {"h0": (N, H), "wx": (D, H), "wh": (H, H), "b": (H,), "w": (D, M), "y": (N, T)}


def resolved(
    runner: Runner, arguments: Sequence[Mapping[str, Any]], given: Given, target: str
) -> tuple[Point, dict[str, tuple[int, ...]]]:
    """A value for every argument; where some have none, in customary shapes, which are told.

    Raises GradcalcError (kind "name") naming what is missing where the code runs in none of them.
    """
    try:
        return resolve(arguments, given, target), {}
    except GradcalcError as error:
        if error.kind != "name":
            raise
        lacking = [
            a["name"]
            for a in arguments
            if a["required"] and a["kind"] == "value" and not _has(a["name"], given)
        ]
        if not lacking or len(lacking) < len(
            [a for a in arguments if a["required"] and a["kind"] == "value"]
        ):
            raise
        for shapes in guesses(lacking):
            point = resolve(arguments, given._replace(shapes={**given.shapes, **shapes}), target)
            try:
                whole, drawn = list(point.whole), list(point.drawn)
                runner.ask("start", "forward", values=point.values, whole=whole, drawn=drawn)
            except Broken as broken:
                if broken.kind in ("time", "crash", "exit"):
                    raise
                continue
            return point, shapes
        raise


def _has(name: str, given: Given) -> bool:
    return name in given.typed or name in given.shapes or name in given.loads or name in given.params


def guesses(names: Sequence[str]) -> Iterator[Shapes]:
    """Shapes to try for these arguments, the likeliest first."""
    lower = {n: n.lower() for n in names}
    last = {**CUSTOMARY[2], "b": (4 * H,)}
    others: tuple[tuple[int, ...], ...] = ((N, D), (N, D), (N, D), (N, D), (2, 2, 4, 4), (N, T, D), (N, D))
    for table, other in zip((*CUSTOMARY, IMAGES, TIMES, last), others, strict=True):
        yield {n: () if k in NUMBERS else table.get(k, other) for n, k in lower.items()}
    for shape in ((), (N,), (N, D), (N, N)):
        yield dict.fromkeys(names, shape)
