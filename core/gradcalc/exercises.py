"""Exercises: circuits of a given size and gates, drawn by seed, at points that tell mistakes apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from .circuits import LARGEST, circuit, gates_by_name
from .errors import GradcalcError
from .session import Question, prepare
from .telling import point

DRAWS = 60  # circuits that are tried for one exercise


class Level(NamedTuple):
    """How hard an exercise is: how many gates, which, and how many values are used again."""

    size: int
    gates: tuple[str, ...]
    forks: int


LEVELS = {
    "easy": Level(3, ("add", "sub", "mul", "max"), 0),
    "medium": Level(5, ("add", "mul", "max", "sigmoid", "square", "relu"), 1),
    "hard": Level(7, ("add", "sub", "mul", "div", "max", "sigmoid", "tanh", "exp", "log", "square"), 2),
}


class Exercise(NamedTuple):
    """An expression or program, and the values of its inputs as they are written."""

    text: str
    inputs: dict[str, str]
    origin: str | None = None

    @property
    def question(self) -> Question:
        return Question(self.text, self.inputs, self.origin)


def exercises(
    seed: int,
    count: int,
    level: str = "medium",
    *,
    size: int | None = None,
    gates: Sequence[str] = (),
) -> Iterator[Exercise]:
    """`count` exercises; the k-th hangs on the seed and k only.

    Raises GradcalcError where the gates are not fit, or no telling point is found.

    >>> next(exercises(0, 1, "easy")) == next(exercises(0, 5, "easy"))
    True
    """
    chosen = LEVELS[level]
    if size is not None and not 1 <= size <= LARGEST:
        raise GradcalcError(f"an exercise has 1 to {LARGEST} gates, not {size}")
    used = gates_by_name(gates or chosen.gates)
    for k in range(count):
        rng = np.random.default_rng([seed, k])
        for _ in range(DRAWS):
            text = circuit(rng, size or chosen.size, used, forks=chosen.forks)
            values = point(rng, text, inputs(text))
            if values is not None:
                yield Exercise(text, values)
                break
        else:
            raise GradcalcError(
                f"no point was found where mistakes show well, for {size or chosen.size} gates of "
                f"{', '.join(g.name for g in used)}",
                hint="take other gates, fewer of them, or another --seed",
            )


def inputs(text: str, bound: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The inputs of a program that need a value from outside, as they come in it."""
    from .build import UnboundError, build
    from .syntax import parse

    try:
        build(parse(text, bound=bound))
    except UnboundError as error:
        return tuple(error.names)
    return ()


def completed(text: str, given: Mapping[str, str], origin: str | None = None, seed: int = 0) -> Exercise:
    """Somebody's own expression as an exercise; inputs without a value get one where mistakes show well.

    Raises GradcalcError where the expression can't be evaluated, or no such values are found.

    >>> sorted(completed("(x+y)*z", {"x": "-2"}).inputs)
    ['x', 'y', 'z']
    """
    open_ = inputs(text, tuple(given))
    free = tuple(name for name in open_ if name not in given)
    if not free:
        return Exercise(text, dict(given), origin)
    drawn = point(np.random.default_rng(seed), text, free, given)
    if drawn is None:
        try:
            prepare(Question(text, {**given, **dict.fromkeys(free, "2")}, origin=origin))
        except GradcalcError as error:
            if error.kind not in ("shape", "domain", "nonfinite"):
                raise  # it hangs on no value
        raise GradcalcError(
            f"no values for {', '.join(free)} were found where mistakes show well",
            kind="name",
            hint=f"give {'it a value' if len(free) == 1 else 'them values'}",
        )
    return Exercise(text, {n: {**given, **drawn}[n] for n in {**dict.fromkeys(open_), **given}}, origin)
