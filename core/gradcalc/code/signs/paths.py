"""Which way a gradient went wrong: by output, and by the single contributions that meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...gate import Array
from ..record import Mistake
from .pair import Clues, Pair

MOST = 64  # contributions that are told apart

Namer = Callable[[Pair], "list[Mistake]"]


def by_output(p: Pair, name: Namer) -> Iterator[Mistake]:
    """With several outputs: the part that comes through each of them, alone."""
    clues = p.clues
    if len(clues.upstreams) < 2 or not clues.seeded or p.a.shape != p.n.shape:
        return
    ups = clues.upstreams
    sets = [[u if j == k else np.zeros_like(u) for j, u in enumerate(ups)] for k in range(len(ups))]
    slopes = clues.slopes(p.name, sets)
    given = [clues.again(alone).get(p.name) for alone in sets]
    if slopes is None or any(a is None or np.shape(a) != p.a.shape for a in given):
        return
    parts = [
        Pair(clues._replace(upstreams=alone), p.name, np.asarray(a), n, p.bars)
        for alone, a, n in zip(sets, given, slopes, strict=True)
    ]
    wrong = [k for k, part in enumerate(parts) if _differs(part, p)]
    if not wrong or len(wrong) == len(parts):
        return
    for k in wrong:
        part = parts[k]
        if not np.any(part.a):
            yield Mistake(
                "output-lost", f"nothing of the gradient of output {k} arrives at {p.name}: that path is lost"
            )
        elif np.all(np.abs(part.n)[part.known] <= p.slack[part.known]):
            yield Mistake(
                "extra-term", f"gradient of output {k} arrives at {p.name}, on which it does not depend"
            )
        else:
            inner = name(part)
            yield from (m._replace(text=f"in what comes from output {k}, {m.text}") for m in inner)
            yield Mistake("output-lost", f"only the part of d{p.name} that comes from output {k} is wrong")


def _differs(part: Pair, whole: Pair) -> bool:
    return bool(np.any((np.abs(part.a - part.n) > whole.slack)[part.known]))


def axes_of(clues: Clues) -> Iterator[tuple[int, ...]]:
    """Along which axes of the output contributions are told apart: places of images, steps, the batch."""
    if len(clues.upstreams) == 1 and np.ndim(clues.upstreams[0]):
        first = {4: (2, 3), 3: (1,)}.get(np.ndim(clues.upstreams[0]))
        yield from ([] if first is None else [first])
        yield (0,)


def contributions(clues: Clues, name: str, axes: tuple[int, ...]) -> Array | None:
    """What each place of the output along `axes` sends back, alone, or None where there are too many."""
    u = np.asarray(clues.upstreams[0])
    places = list(np.ndindex(*[u.shape[k] for k in axes]))
    if len(places) > MOST or len(places) < 2:
        return None
    sets = []
    for place in places:
        alone = np.zeros_like(u)
        at: list[Any] = [slice(None)] * u.ndim
        for axis, k in zip(axes, place, strict=True):
            at[axis] = k
        alone[tuple(at)] = u[tuple(at)]
        sets.append([alone])
    return clues.slopes(name, sets)


def last_one_left(p: Pair) -> Iterator[Mistake]:
    """Of all contributions that meet at an entry, one is left: = for +=. Or one of them is lost."""
    if p.a.shape != p.n.shape or not np.any(p.a) or p.rank < 3:
        return
    for axes in axes_of(p.clues):
        found = list(_left(p, axes))
        if found:
            yield from found
            return


def _left(p: Pair, axes: tuple[int, ...]) -> Iterator[Mistake]:
    parts = contributions(p.clues, p.name, axes)
    if parts is None:
        return
    word = "place" if axes == (2, 3) or np.ndim(p.clues.upstreams[0]) < 3 else f"axis {axes[0]}'s entry"
    slack = 4 * p.slack
    # An entry that nothing but one contribution reaches says nothing.
    meet = (np.abs(parts) > slack).sum(axis=0) > 1
    if (
        meet.any()
        and np.all((np.abs(parts - p.a) <= slack).any(axis=0) | (np.abs(p.a) <= slack))
        and np.any(p.wrong & meet)
    ):
        own = len(parts) == p.a.shape[0] and axes == (0,) and p.is_given(_own(parts))
        if own:
            yield Mistake(
                "lost-term", f"only the path from each entry of {p.name} to the same entry of the output is "
                "there: the paths to the others, through a sum, are lost",
            )  # fmt: skip
            return
        alone = next((k for k, part in enumerate(parts) if p.is_given(part)), None)
        which = "" if alone is None or word == "place" else f", that of {word} {alone}"
        yield Mistake(
            "overwritten",
            f"of the gradients that meet at an entry of {p.name} only one is left{which}: = where += belongs",
        )
        return
    for k, part in enumerate(parts):
        if np.any(np.abs(part) > slack) and p.is_given(p.n - part):
            yield Mistake(
                "lost-term", f"the part of d{p.name} that comes from {word} {k} of the output is lost"
            )
            return
        if np.any(np.abs(part) > slack) and p.is_given(part):
            yield Mistake("overwritten", f"only what comes from {word} {k} of the output arrives at {p.name}")
            return


def _own(parts: Array) -> Array:
    """Of the contributions to each entry along the first axis that of the same place."""
    return np.stack([parts[k, k] for k in range(len(parts))])
