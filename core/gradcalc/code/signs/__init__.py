"""The likely mistake behind a wrong gradient, from its numbers alone; silence rather than a guess."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..record import Argument, Mistake
from .factors import masked, missing
from .pair import Clues, Pair
from .paths import by_output, last_one_left
from .regions import labelled, leaking, overwritten, somewhere
from .scales import constant, exchanged, order, upstream, zero
from .shapes import misshapen
from .terms import lost, regularised

MOST = 4
Sign = Callable[[Pair], Iterator[Mistake]]
# Whoever explains every entry comes first; a region only says where.
SURE: tuple[Sign, ...] = (zero, exchanged, constant, order, regularised, labelled)
FITTING: tuple[Sign, ...] = (masked, missing)
LIKELY: tuple[Sign, ...] = (overwritten, lost)


def name_mistakes(clues: Clues, argument: Argument) -> tuple[Mistake, ...]:
    """The mistakes that give this argument's numbers, the likeliest first; none where nothing fits."""
    with np.errstate(all="ignore"):  # ratios of numbers some of which are zero
        return _name(clues, argument)


def _name(clues: Clues, argument: Argument) -> tuple[Mistake, ...]:
    if argument.analytic is None or argument.analytic.dtype.kind == "c":
        return ()
    a = np.asarray(argument.analytic, dtype=float)
    n = argument.numeric
    if n is None:
        n = np.full(argument.shape, np.nan)
    pair = Pair(clues, argument.name, a, n, argument.bars)
    if a.shape != n.shape:
        return tuple(misshapen(pair))[:MOST]
    if not np.all(np.isfinite(a)) or not pair.known.any():
        return ()
    found = named(pair)
    if not found:
        found += last_one_left(pair)
    if not found or found[0].name in ("region",):
        found = [*by_output(pair, named), *found]
    return tuple(_distinct(found))[:MOST]


def named(pair: Pair) -> list[Mistake]:
    """What explains this pair, without running the code again for its parts."""
    found = list(upstream(pair))
    if not found:  # what ignores the upstream gradient is off by a factor, too
        found = [m for sign in SURE for m in sign(pair)]
    for group in (FITTING, LIKELY, (somewhere, leaking)):
        if not found:
            found = [m for sign in group for m in sign(pair)]
    return found


def _distinct(found: list[Mistake]) -> list[Mistake]:
    seen: dict[str, Mistake] = {}
    for mistake in found:
        seen.setdefault(mistake.text, mistake)
    return list(seen.values())


__all__ = ["Clues", "name_mistakes"]
