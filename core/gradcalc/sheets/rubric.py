"""A look-up sheet for marking on paper: every known mistake, and the numbers that it gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..key import Key
from .assignment import Problem


class Line(NamedTuple):
    """A number that one may meet on paper: what is right to 2 and 3 digits, or a mistake's.

    `shared` counts further mistakes that give the same 3 digits.
    """

    problem: str
    name: str
    value: float
    two: str
    three: str
    what: str
    right: bool
    shared: int = 0


def rubric(problem: Problem, key: Key) -> Iterator[Line]:
    """The lines of one problem, quantity by quantity, sorted by value. Only numbers; arrays have too many."""
    for name in problem.points:
        quantity = key.quantity(name)
        true = key.true[quantity]
        if np.ndim(true):
            continue
        lines = [line(problem, name, float(true), "the right answer", True)]
        for row in key.table([quantity]).rows:
            number = row.numbers.get(quantity)
            if number is not None and not np.ndim(number):
                words = f"{row.mutant.name}: {row.mutant.text}"
                lines.append(line(problem, name, float(number), words, False))
        counts: dict[str, int] = {}
        for one in lines:
            counts[one.three] = counts.get(one.three, 0) + 1
        yield from sorted(
            (one._replace(shared=counts[one.three] - 1) for one in lines), key=lambda x: x.value
        )


def line(problem: Problem, name: str, value: float, what: str, right: bool) -> Line:
    """One number."""
    return Line(problem.id, name, value, digits(value, 2), digits(value, 3), what, right)


def digits(value: float, count: int) -> str:
    """A number to so many significant digits, as one writes it.

    >>> digits(-0.19661, 2), digits(3.0, 3), digits(123456.0, 2), digits(-400.0, 2), digits(4e-7, 2)
    ('-0.20', '3.00', '120000', '-400', '4.0e-07')
    """
    text = f"{value:#.{count}g}".rstrip(".")
    if "e+" in text and abs(value) < 1e6:
        return f"{float(text):.0f}"
    return text
