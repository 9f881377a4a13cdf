"""Only some entries are wrong: which ones, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...gate import Array
from ..record import Mistake
from .forms import masks
from .pair import Pair


def labelled(p: Pair) -> Iterator[Mistake]:
    """Wrong only at the places that labels pick."""
    if p.a.shape != p.n.shape or not p.wrong.any() or p.wrong.all():
        return
    for name in p.clues.integers:
        labels = np.asarray(p.clues.values[name])
        for axis in range(p.a.ndim - 1) if labels.ndim == 1 else ():
            if p.a.ndim == 2 and labels.shape == (p.a.shape[0],) and axis == 0:
                mask = np.zeros(p.a.shape, dtype=bool)
                try:
                    mask[np.arange(len(labels)), labels] = True
                except IndexError:
                    continue
                if np.all(mask[p.wrong]) and mask.sum() < mask.size:
                    yield Mistake(
                        "label-term",
                        f"d{p.name} is wrong only at [i, {name}[i]]: the right class's term is lost or wrong",
                    )
                    return


def overwritten(p: Pair) -> Iterator[Mistake]:
    """Where several contributions meet only one of them is left: = for +=."""
    if p.a.shape != p.n.shape or not p.wrong.any() or not p.clues.seeded:
        return
    flat = np.concatenate([np.ravel(u) for u in p.clues.upstreams])
    given = p.a[p.wrong]
    slack = float(p.slack.max())
    single = [bool(np.any(np.abs(flat - v) <= slack)) for v in given]
    true = [bool(np.any(np.abs(flat - v) <= slack)) for v in p.n[p.wrong]]
    ratio = p.n[p.wrong] / np.where(given == 0, np.nan, given)
    if len(ratio) > 1 and np.ptp(ratio) <= 1e-9 * np.max(np.abs(ratio)):
        return  # the slopes have a wrong factor there; contributions that are lost differ
    if all(single) and not all(true) and len(given) >= 1 and (p.known & ~p.wrong).any():
        yield Mistake(
            "overwritten", f"where several uses of an entry of {p.name} meet, only one gradient is left: "
            "= where += belongs",
        )  # fmt: skip


def somewhere(p: Pair) -> Iterator[Mistake]:
    """A region of the array."""
    if p.a.shape != p.n.shape or not p.wrong.any():
        return
    wrong, right = p.wrong, p.known & ~p.wrong
    if not right.any() or (right.sum() < 0.1 * p.known.sum() and p.a.ndim < 2):
        return
    said = region(wrong, right) or _by_sign(p, wrong, right)
    if said is not None:
        yield Mistake("region", f"d{p.name} is wrong only {said}{_how(p)}")


def leaking(p: Pair) -> Iterator[Mistake]:
    """Whatever else is wrong: entries that no gradient reaches, or that none should reach."""
    if p.a.shape != p.n.shape or p.rank < 4:
        return
    for given, true, name, said in (
        (p.a, p.n, "mask", "gradient arrives at {} entries of {} where none should"),
        (p.n, p.a, "mask", "no gradient arrives at {} entries of {} where it should"),
    ):
        count = int((p.known & (np.abs(true) <= p.slack) & (np.abs(given) > p.slack)).sum())
        if 5 * count >= p.rank and count > 2:
            yield Mistake(name, said.format(count, p.name))


def region(wrong: Array, right: Array) -> str | None:
    """The wrong entries as rows, columns, a border or a block; None where they are none of these."""
    shape = wrong.shape
    for axis in range(wrong.ndim):
        others = tuple(k for k in range(wrong.ndim) if k != axis)
        touched = wrong.any(axis=others) if others else wrong
        clean = right.any(axis=others) if others else right
        places = np.flatnonzero(touched)
        if len(places) < shape[axis] and not np.any(touched & clean & ~_whole(wrong, axis)):
            return f"in {_named(wrong.ndim, axis, places)}"
    if wrong.ndim >= 2 and min(shape[-2:]) > 2:
        border = np.ones(shape, dtype=bool)
        border[..., 1:-1, 1:-1] = False
        if np.all(border[wrong]) and not np.all(border[right]):
            return "at the border"
        if not np.any(border[wrong]) and np.any(border[right]):
            return "inside the border"
    if wrong.ndim == 2 and shape[0] == shape[1]:
        eye = np.eye(shape[0], dtype=bool)
        if np.all(eye[wrong]):
            return "on the diagonal"
        if not np.any(eye[wrong]) and not np.any(right & ~eye):
            return "off the diagonal"
    return None


def _whole(wrong: Array, axis: int) -> Array:
    """Which slices across an axis are mostly wrong: right entries among them may be right by accident."""
    others = tuple(k for k in range(wrong.ndim) if k != axis)
    return np.asarray(wrong.mean(axis=others) > 0.3) if others else wrong


def _named(ndim: int, axis: int, places: Array) -> str:
    if ndim == 1:
        one, many = "entry", "entries"
    elif ndim == 2:
        one, many = (("row", "rows"), ("column", "columns"))[axis]
    else:
        one, many = f"slice {{}} of axis {axis}", f"slices {{}} of axis {axis}"
    text = spans(places.tolist())
    if ndim > 2:
        return (one if len(places) == 1 else many).format(text)
    return f"{one if len(places) == 1 else many} {text}"


def spans(numbers: Sequence[int]) -> str:
    """0, 3 to 5 and 9.

    >>> spans([0, 3, 4, 5, 9])
    '0, 3 to 5 and 9'
    """
    runs: list[list[int]] = []
    for n in numbers:
        if runs and runs[-1][-1] == n - 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    texts: list[str] = []
    for run in runs:
        texts += [f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(n) for n in run]
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " and " + texts[-1]


def _by_sign(p: Pair, wrong: Array, right: Array) -> str | None:
    for form in masks(p.clues, p.a.shape):
        if np.all(form.array[wrong]) and not np.any(form.array[right]):
            return f"where {form.text}"
    return None


def _how(p: Pair) -> str:
    """What the wrong entries have in common."""
    a, n = p.a[p.wrong], p.n[p.wrong]
    if not np.any(a):
        return ": no gradient arrives there"
    if np.all(np.abs(n) <= p.slack[p.wrong]):
        return ": none should arrive there"
    norm = float(np.sum(n * n))
    c = float(np.sum(a * n) / norm) if norm else 0.0
    if c and len(a) > 1 and np.all(np.abs(a - c * n) <= 4 * p.slack[p.wrong]):
        return f": {c:.6g} times the true gradient there"
    return ""
