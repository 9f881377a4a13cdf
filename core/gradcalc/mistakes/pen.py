"""Slips of the pen: what was written is nearly the right number, and the text itself shows how."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from ..digits import by_digits
from ..gate import Array
from ..quantities import Quantity
from ..written import Written
from .mutant import Mutant

FEWEST = 2  # digits that can be transposed
SAME = 1e-9


def pen_slips(name: str, quantity: Quantity, written: Written, true: Array) -> Iterator[Mutant]:
    """Two digits transposed; single entries of an array with the wrong sign."""
    if written.shape != np.shape(true):
        return
    if not written.shape:
        if FEWEST <= written.figures <= 15 and any(
            by_digits(value, written.half, float(true)) == "right" for value in transposed(written)
        ):
            text = f"when two digits of {name} are transposed"
            yield Mutant("digits transposed", text, name, 2.2, given={quantity: written.value})
        return
    with np.errstate(all="ignore"):
        room = written.half * (1 + SAME) + SAME * np.abs(true)
        off = np.abs(written.value - true) > room
        flipped = off & (np.abs(written.value + true) <= room)
    if 0 < np.sum(flipped) == np.sum(off) < np.size(true):
        places = [", ".join(str(int(k)) for k in at) for at in np.argwhere(flipped)]
        entries = f"entry {listed(places)}" if len(places) == 1 else f"entries {listed(places)}"
        text = f"when {entries} of {name} {'has' if len(places) == 1 else 'have'} the wrong sign"
        yield Mutant("sign lost", text, name, 2.0, given={quantity: written.value})


def transposed(written: Written) -> Iterator[float]:
    """The numbers that come out when two neighbouring digits change places."""
    value: Any = written.value
    text = f"{value:.{max(written.decimals, 0)}f}"
    places = [k for k, c in enumerate(text) if c.isdigit()]
    for a, b in pairwise(places):
        if text[a] != text[b]:
            chars = list(text)
            chars[a], chars[b] = chars[b], chars[a]
            yield float("".join(chars))


def listed(places: list[str]) -> str:
    """[0], [2] and 3 more."""
    shown = [f"[{place}]" for place in places[:4]]
    if len(places) > len(shown):
        shown.append(f"{len(places) - len(shown)} more")
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]
