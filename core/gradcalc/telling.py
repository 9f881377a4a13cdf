"""Points at which the common mistakes can be told apart by their numbers, and are easy to compute with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from .errors import GradcalcError
from .gate import Array
from .graphs import CONSTANT, Graph
from .key import Key
from .probe import ties
from .quantities import Quantity
from .session import Question, prepare

COMMON = 2.0  # mistakes of up to this cost are looked at
SHOWS = 0.06  # a mistake shows from here on: 6 is right for 6.2, see digits
APART = 0.01  # two numbers are seen to differ from here on, relative to the larger
ALIKE = 1e-9
NUDGE = 1e-3
LARGEST, SMALLEST = 200.0, 0.005  # of values and gradients, so that a person can compute them
TRIES = 60  # points on each grid
GRIDS: tuple[tuple[float, ...], ...] = (
    tuple(float(k) for k in range(-5, 6) if k),
    tuple(k / 2 for k in range(-8, 9) if k),
    tuple(k / 10 for k in range(-30, 31) if k),
)
KEPT = 25  # points whose mistakes are worked out, for one circuit


class Telling(NamedTuple):
    """How well mistakes show at a point: how many `seen`, and what can't be seen or told apart by accident.

    A coincidence is an accident if it does not outlive a small move of the inputs: at (x+y)*z every two
    faults of the same factor coincide everywhere, but 2*2 = 2+2 does so at 2 only.
    """

    seen: int
    hidden: tuple[str, ...]
    mixed: tuple[tuple[str, str], ...]

    @property
    def clear(self) -> bool:
        return not self.hidden and not self.mixed


def telling(question: Question) -> Telling:
    """How well the common mistakes show in the gradients of the inputs at this point.

    >>> telling(Question("x+y*z", {"x": "3", "y": "2", "z": "2"})).clear
    False
    >>> telling(Question("x+y*z", {"x": "3", "y": "2", "z": "-5"})).hidden
    ()
    """
    rng = np.random.default_rng(0)
    graph = prepare(question)
    moved = {
        name: graph.values[i] * (1 + NUDGE * rng.uniform(0.2, 1.0))
        for name, i in graph.variables.items()
        if name in question.inputs
    }
    near = prepare(question._replace(inputs={**question.inputs, **moved}))
    return compare(numbers(Key(graph)), numbers(Key(near)))


def numbers(key: Key) -> dict[tuple[str, str], Array]:
    """The gradients of all inputs with each common mistake, and ("", "") for the right ones."""
    asked = [Quantity("gradient", i) for i in key.graph.variables.values()]
    for q in asked:
        key.quantity(key.names.spell(q))
    true = np.array([float(key.true[q]) for q in asked])
    found = {("", ""): true}
    for mutant, given in key.table(asked).rows:
        if mutant.cost <= COMMON:
            row = [given.get(q, t) for q, t in zip(asked, true, strict=True)]
            found[mutant.name, mutant.text] = np.array([np.nan if v is None else float(v) for v in row])
    return found


def compare(here: Mapping[tuple[str, str], Array], near: Mapping[tuple[str, str], Array]) -> Telling:
    """What coincides here but not nearby."""
    right = here["", ""]
    hidden = [text for name, text in near if (name, text) not in here]
    names = [key for key in here if key in near and key != ("", "")]
    if not names:
        return Telling(0, tuple(hidden), ())
    a, b = np.array([here[n] for n in names]), np.array([near[n] for n in names])
    hidden += [n[1] for n, near_right in zip(names, alike(a, right, SHOWS), strict=True) if near_right]
    mixed = []
    for k in range(len(names) - 1):
        together = alike(a[k + 1 :], a[k], APART) & ~alike(b[k + 1 :], b[k], ALIKE)
        mixed += [(names[k][1], names[k + 1 + int(j)][1]) for j in np.flatnonzero(together)]
    return Telling(len(names), tuple(hidden), tuple(mixed))


def alike(rows: Array, one: Array, room: float) -> Array:
    """Which rows are `one` in every entry; where a mistake has no opinion, the others decide."""
    gap, size = np.abs(rows - one), np.maximum(np.abs(rows), np.abs(one))
    found: Array = ((gap <= room * size) | np.isnan(gap)).all(axis=1)
    return found


def point(
    rng: np.random.Generator, text: str, names: Sequence[str], given: Mapping[str, str] | None = None
) -> dict[str, str] | None:
    """Values for `names`, beside those that are `given`, at which the common mistakes show; None if none do.

    Small whole numbers are tried first, then halves, then one decimal. Every value and gradient is of modest
    size, no gate is at a kink, and few gradients are zero.
    """
    looked = 0
    for grid in GRIDS:
        for _ in range(TRIES):
            values = {name: f"{grid[int(rng.integers(len(grid)))]:g}" for name in names}
            question = Question(text, {**(given or {}), **values})
            if len({abs(float(v)) for v in values.values()}) < min(len(values), len(grid) // 2):
                continue
            try:
                if not modest(prepare(question)):
                    continue
                looked += 1
                if telling(question).clear:
                    return values
            except GradcalcError:
                continue
            if looked % KEPT == 0:
                break
    return None


def modest(graph: Graph) -> bool:
    """Whether a person can compute the two passes, and learn from all of it; arrays are for nobody's hand."""
    if not graph.scalar:
        return False
    slopes = np.array([float(g) for g in graph.gradients.values()])
    still = sum(u == 0 for u in graph.upstreams if u is not None)
    values = np.array(
        [float(v) for v, gate in zip(graph.values, graph.gates, strict=True) if gate is not CONSTANT]
    )
    ups = np.array([float(u) for u in graph.upstreams if u is not None])
    for found in (values, ups):
        small = (found != 0) & (np.abs(found) < SMALLEST)
        if not np.isfinite(found).all() or np.abs(found).max(initial=0.0) > LARGEST or small.any():
            return False
    return 2 * int((slopes == 0).sum()) <= len(slopes) and 3 * still <= len(ups) and not ties(graph)
