"""What the judges of all nodes share, and the slope of one entry by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .gate import Array
from .graphs import Graph
from .jitter import Bars
from .numeric import Slope, differentiate
from .probe import moved_values


class Task(NamedTuple):
    """What the judges of all nodes share."""

    graph: Graph
    seeds: list[Array]
    analytic: list[list[Array]]  # for each seed, each node's gradient
    bars: list[Bars]  # for each seed, each node's error bar of the analytic side
    tied: bool
    step: float | None


def entry(task: Task, i: int, e: int) -> float:
    """The value of entry e of node i."""
    return float(np.asarray(task.graph.values[i]).reshape(-1)[e])


def along(task: Task, i: int, e: int, seed: Array) -> Callable[[Array], Array]:
    """What the output comes to, weighed by `seed`, at other values of entry e of node i."""
    graph = task.graph
    base = np.asarray(graph.values[i])

    def f(points: Array) -> Array:
        lanes = np.repeat(base[None], len(points), axis=0)
        lanes.reshape(len(points), -1)[:, e] = points
        return (moved_values(graph, i, lanes) * seed).reshape(len(points), -1).sum(axis=1)

    return f


def difference(task: Task, i: int, e: int, seed: Array) -> Slope:
    """The slope of one entry by differences."""
    return differentiate(along(task, i, e, seed), entry(task, i, e), step=task.step)
