"""A factor that differs from entry to entry: missing, too many, or taken at the wrong point."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...gate import Array
from ..record import Mistake
from .forms import Form, forms, masks
from .pair import Pair
from .regions import region

SIMPLE = (1.0, -1.0, 2.0, 0.5)


def masked(p: Pair) -> Iterator[Mistake]:
    """Gradient where none should be, or none where it should."""
    if p.a.shape != p.n.shape or not p.wrong.any() or p.rank < 3:
        return
    right = p.known & ~p.wrong
    leaks = p.wrong & (np.abs(p.n) <= p.slack)
    blocks = p.wrong & (np.abs(p.a) <= p.slack)
    if np.array_equal(leaks | blocks, p.wrong) and leaks.any() and blocks.any():
        said = "where none should, and is blocked where it should: the mask is a wrong one"
        yield Mistake("mask", f"gradient arrives at entries of {p.name} {said}")
        return
    if not right.any() or not (np.array_equal(leaks, p.wrong) or np.array_equal(blocks, p.wrong)):
        return
    if region(p.wrong, right) is not None:
        return
    stopped = p.known & (np.abs(p.n) <= p.slack)
    let = p.known & ~stopped
    if np.array_equal(leaks, p.wrong):
        where = next((m.text for m in masks(p.clues, p.a.shape) if _only(p.wrong, m.array, let)), None)
        tail = f", where {where}" if where else ""
        whole = int((stopped & ~p.wrong).sum()) == 0
        said = "a mask is forgotten" if whole else "the mask lets too much through"
        yield Mistake("mask", f"gradient arrives at entries of {p.name} where none should{tail}: {said}")
    else:
        where = next(
            (m.text for m in masks(p.clues, p.a.shape) if _only(p.wrong, m.array, right & let)), None
        )
        tail = f", where {where}" if where else ""
        yield Mistake(
            "mask", f"no gradient arrives at entries of {p.name} where it should{tail}: it is blocked"
        )


def _only(wrong: Array, mask: Array, others: Array) -> bool:
    """Whether a mask holds at all wrong entries and at none of the others."""
    return bool(np.all(mask[wrong])) and not bool(np.any(mask[others]))


def missing(p: Pair) -> Iterator[Mistake]:
    """A named factor too few or too many."""
    if p.a.shape != p.n.shape or p.rank < 1:
        return
    table = forms(p.clues, p.a.shape)
    few: list[tuple[Form, float]] = []
    many: list[tuple[Form, float]] = []
    for form in table:
        for c in SIMPLE:
            if p.is_numeric(c * p.a * form.array):
                few.append((form, c))
            elif p.is_given(c * p.n * form.array) and p.a.any():
                many.append((form, c))
    if p.rank < 2 and len(few) + len(many) > 2:
        return  # one number alone fits too much
    if few:
        form, c = min(few, key=lambda f: (f[1] != 1, len(f[0].text)))
        yield Mistake(
            "missing-factor", f"the factor {_times(c)}{_bracket(form.text)} is missing in d{p.name}"
        )
    if many:
        form, c = min(many, key=lambda f: (f[1] != 1, len(f[0].text)))
        yield Mistake(
            "extra-factor", f"d{p.name} has the factor {_times(c)}{_bracket(form.text)} once too often"
        )
    if not few and not many:
        if untouched(p):
            yield Mistake(
                "missing-factor", f"d{p.name} is the upstream gradient itself: the slope is missing"
            )
        else:
            yield from misplaced(p, table)


def untouched(p: Pair) -> bool:
    """Whether the upstream gradient comes back as it is."""
    return p.clues.seeded and any(np.shape(u) == p.a.shape and p.is_given(u) for u in p.clues.upstreams)


def misplaced(p: Pair, table: list[Form]) -> Iterator[Mistake]:
    """One factor stands where another belongs: most often the same slope at another point."""
    if p.rank < 3:
        return
    useful = [f for f in table if np.all(f.array != 0)]
    if len(useful) > 400:
        return
    with np.errstate(all="ignore"):
        ratio = np.where(p.known & (np.abs(p.n) > p.slack), p.a / p.n, np.nan)
    sure = np.isfinite(ratio)
    if sure.sum() < 3:
        return
    flat = ratio[sure]
    logs = np.stack([np.log(np.abs(f.array[sure])) for f in useful]) if useful else np.zeros((0, flat.size))
    target = np.log(np.abs(flat))
    found: list[tuple[int, Form, Form]] = []
    for i, wrong in enumerate(useful):
        gaps = np.abs(logs[i] - logs - target).max(axis=1)
        for j in np.flatnonzero(gaps < 1e-6):
            right = useful[int(j)]
            same = wrong.slope == right.slope and wrong.slope != ""
            guess = p.n * wrong.array / right.array
            if i != j and (p.is_given(guess) or p.is_given(-guess)):
                found.append((0 if same else 1 + len(wrong.text) + len(right.text), wrong, right))
    if not found:
        return
    _, wrong, right = min(found, key=lambda f: f[0])
    if wrong.slope == right.slope and wrong.slope:
        yield Mistake(
            "wrong-point", f"the slope in d{p.name} is taken at {wrong.point} where {right.point} belongs: "
            f"{wrong.text} instead of {right.text}",
        )  # fmt: skip
    else:
        yield Mistake(
            "missing-factor",
            f"d{p.name} has the factor {_bracket(wrong.text)} where {_bracket(right.text)} belongs",
        )


def _times(c: float) -> str:
    return "" if c == 1 else "-" if c == -1 else f"{c:g} * "


def _bracket(text: str) -> str:
    return f"({text})" if " - " in text or " + " in text or " * " in text else text
