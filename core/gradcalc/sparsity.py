"""Where a matrix may have nonzero entries, without the matrix: patterns, their products and their sums.

A pattern is an upper bound: outside it every entry is zero. It is exact as long as it can be told from
labels (an entry is nonzero where its row and its column carry the same label, which covers diagonals,
selections, sums over axes, batches of matrices), or from a list of places while that list is short.
Otherwise only counts are left.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Index = Any  # np.ndarray of np.int64

EXPLICIT = 1 << 16  # nonzero entries that are listed one by one, at most


class Pattern(NamedTuple):
    """The nonzero entries of an m x n matrix: their number, and what is known about their places.

    `across` and `down` are the most nonzero entries of one row and of one column. `unit` says that every
    nonzero entry is exactly 1. At most one of these three is set: `whole` for a diagonal without a gap,
    `labels` of the rows and of the columns (-1 for those that are zero), `places` (row * n + column,
    ascending). With none of them the counts are bounds, and the places unknown.
    """

    m: int
    n: int
    nonzeros: int
    across: int
    down: int
    unit: bool = False
    whole: bool = False
    labels: tuple[Index, Index] | None = None
    places: Index = None


# --- making them -------------------------------------------------------------------------------------


def zero(m: int, n: int) -> Pattern:
    """No nonzero entry at all."""
    return Pattern(m, n, 0, 0, 0)


def diagonal(n: int, unit: bool = False) -> Pattern:
    """The diagonal of a square matrix; with `unit` the identity."""
    return Pattern(n, n, n, 1, 1, unit, whole=True) if n else zero(0, 0)


def dense(m: int, n: int) -> Pattern:
    """Every entry."""
    return labelled(np.zeros(m, np.int64), np.zeros(n, np.int64))


def bound(m: int, n: int, nonzeros: int, across: int, down: int) -> Pattern:
    """Counts only; what follows from one of them for the others is used."""
    across, down = min(across, n), min(down, m)
    nonzeros = min(nonzeros, m * across, n * down)
    if nonzeros == m * n:
        return dense(m, n)
    return Pattern(m, n, nonzeros, across, down) if nonzeros else zero(m, n)


def labelled(rows: Index, cols: Index, unit: bool = False) -> Pattern:
    """Nonzero where the labels of the row and of the column agree; -1 agrees with nothing."""
    m, n = len(rows), len(cols)
    most = 1 + max(int(rows.max(initial=-1)), int(cols.max(initial=-1)))
    tall, wide = (np.bincount(part[part >= 0], minlength=most) for part in (rows, cols))
    lonely = (tall == 0) != (wide == 0)
    if lonely.any():  # a label that only rows or only columns have stands for nothing
        lonely = np.append(lonely, False)
        rows, cols = np.where(lonely[rows], -1, rows), np.where(lonely[cols], -1, cols)
        tall, wide = np.where(lonely[:-1], 0, tall), np.where(lonely[:-1], 0, wide)
    nonzeros = int(np.dot(tall, wide))
    if not nonzeros:
        return zero(m, n)
    return Pattern(m, n, nonzeros, int(wide.max()), int(tall.max()), unit, labels=(rows, cols))


def selection(sources: Index, n: int, unit: bool = False) -> Pattern:
    """At most one entry a row: that of column sources[row], or none where that is -1."""
    return labelled(sources, np.arange(n, dtype=np.int64), unit)


def listed(m: int, n: int, rows: Index, cols: Index, unit: bool = False) -> Pattern:
    """The entries at these rows and columns; the same place may occur more than once."""
    return _listed(m, n, np.unique(rows * n + cols), unit)


def _listed(m: int, n: int, places: Index, unit: bool) -> Pattern:
    if not len(places):
        return zero(m, n)
    rows, cols = np.divmod(places, n)
    across, down = int(np.bincount(rows).max()), int(np.bincount(cols).max())
    return Pattern(m, n, len(places), across, down, unit, places=places)


# --- looking at them ---------------------------------------------------------------------------------


def as_labels(p: Pattern) -> tuple[Index, Index] | None:
    """The labels of rows and columns, where labels tell the pattern."""
    if p.whole:
        every = np.arange(p.n, dtype=np.int64)
        return every, every
    return p.labels


def as_places(p: Pattern) -> Index:
    """The list of nonzero places (row * n + column), or None where it is unknown or too long."""
    if p.places is not None:
        return p.places
    labels = as_labels(p) if p.nonzeros <= EXPLICIT else None
    if labels is None:
        return None if p.nonzeros else np.zeros(0, np.int64)
    rows, cols = labels
    order = np.argsort(cols, kind="stable")
    order = order[np.count_nonzero(cols < 0) :]
    live = np.flatnonzero(rows >= 0)
    which, at = _runs(cols[order], rows[live])
    return live[which] * p.n + order[at]


def _runs(keys: Index, wanted: Index) -> tuple[Index, Index]:
    """For each of `wanted` its run in the sorted `keys`: who wants it, and the places, one after another."""
    first = np.searchsorted(keys, wanted, "left")
    counts = np.searchsorted(keys, wanted, "right") - first
    which = np.repeat(np.arange(len(wanted)), counts)
    return which, np.arange(len(which)) + np.repeat(first - np.cumsum(counts) + counts, counts)


def extent(p: Pattern) -> tuple[Index, Index] | None:
    """The first and the last nonzero column of each row (n and -1 for a row of zeros), where known."""
    if p.places is not None:
        rows, cols = np.divmod(p.places, p.n)
        low, high = np.full(p.m, p.n), np.full(p.m, -1)
        np.minimum.at(low, rows, cols)
        np.maximum.at(high, rows, cols)
        return low, high
    labels = as_labels(p)
    if labels is None:
        return None
    row, col = labels
    live = np.flatnonzero(col >= 0)
    first = np.full(int(max(row.max(initial=-1), col.max(initial=-1))) + 2, p.n)  # the last is for -1
    last = np.full(len(first), -1)
    first[col[live][::-1]] = live[::-1]
    last[col[live]] = live
    return first[row], last[row]


def is_diagonal(p: Pattern) -> bool:
    """Whether nothing stands off the diagonal of a square matrix."""
    if p.whole:
        return True
    ends = extent(p) if p.m == p.n and p.across <= 1 else None
    return ends is not None and bool(np.all((ends[1] < 0) | (ends[1] == np.arange(p.m))))


def is_block(p: Pattern) -> bool:
    """Whether the matrix falls into blocks along its diagonal, at least half full of nonzero entries."""
    ends = extent(p)
    if ends is None:
        return False
    low, high = (end[ends[1] >= 0] for end in ends)
    last = np.maximum.accumulate(high)
    first = np.minimum.accumulate(low[::-1])[::-1]
    cuts = np.flatnonzero(last[:-1] < first[1:])
    if not len(cuts):
        return False
    starts, stops = np.append(0, cuts + 1), np.append(cuts, len(low) - 1)
    areas = (stops - starts + 1) * (last[stops] - first[starts] + 1)
    return 2 * p.nonzeros >= int(areas.sum())


# --- the chain rule ----------------------------------------------------------------------------------


def compose(a: Pattern, b: Pattern) -> Pattern:
    """The pattern of the product a @ b: what depends on what through something in between."""
    m, n = a.m, b.n
    if not a.nonzeros or not b.nonzeros:
        return zero(m, n)
    if a.whole:
        return b if a.unit or not b.unit else b._replace(unit=False)
    if b.whole:
        return a if b.unit or not a.unit else a._replace(unit=False)
    joined = _through(a, b)
    if joined is not None and joined[1]:
        return joined[0]
    exact = _product(a, b)
    if exact is not None:
        return exact
    nonzeros = min(a.nonzeros * b.across, a.down * b.nonzeros)
    counted = bound(m, n, nonzeros, a.across * b.across, a.down * b.down)
    return joined[0] if joined is not None and joined[0].nonzeros <= counted.nonzeros else counted


def _through(a: Pattern, b: Pattern) -> tuple[Pattern, bool] | None:
    """The product of two labelled patterns, and whether it is exact."""
    one, two = as_labels(a), as_labels(b)
    if one is None or two is None:
        return None
    (ra, ca), (rb, cb) = one, two
    unit = a.unit and b.unit
    if a.across == 1:  # a's rows are rows of b
        return labelled(_followed(ra, ca, rb), cb, unit), True
    if b.down == 1:  # b's columns are columns of a
        return labelled(ra, _followed(cb, rb, ca), unit), True
    both = (ca >= 0) & (rb >= 0)
    sizes = int(ca.max()) + 1, int(rb.max()) + 1
    edges = np.unique(ca[both] * sizes[1] + rb[both])
    left, right = np.divmod(edges, sizes[1])
    group_a, group_b = _components(left, right, *sizes)
    # Exact where within each component every label of a meets every label of b.
    counts = [np.bincount(group[group >= 0], minlength=len(edges) + 1) for group in (group_a, group_b)]
    full = int(np.dot(*counts)) == len(edges)
    return labelled(_looked_up(group_a, ra), _looked_up(group_b, cb)), full


def _looked_up(table: Index, keys: Index) -> Index:
    """table[key], and -1 for the key -1."""
    return np.append(table, -1)[keys]


def _followed(start: Index, via: Index, to: Index) -> Index:
    """start's labels, each of which one entry of `via` has, replaced by the label of that entry in `to`."""
    table = np.full(int(max(start.max(initial=-1), via.max(initial=-1))) + 1, -1, np.int64)
    live = via >= 0
    table[via[live]] = to[live]
    return _looked_up(table, start)


def _components(left: Index, right: Index, m: int, n: int) -> tuple[Index, Index]:
    """The connected components of a graph with edges from left to right; -1 where no edge ends."""
    groups = np.full(m, -1, np.int64), np.full(n, -1, np.int64)
    a, b = np.full(m, m, np.int64), np.full(n, m, np.int64)
    a[left] = left
    while True:  # the smallest label spreads; jumping to its own label shortens long chains
        np.minimum.at(b, right, a[left])
        spread = a.copy()
        np.minimum.at(spread, left, b[right])
        spread[left] = spread[spread[left]]
        if np.array_equal(spread, a):
            break
        a = spread
    _, numbers = np.unique(a[left], return_inverse=True)
    groups[0][left] = numbers
    groups[1][right] = numbers
    return groups


def _product(a: Pattern, b: Pattern) -> Pattern | None:
    """The product place by place, where both lists are short."""
    one, two = as_places(a), as_places(b)
    if one is None or two is None or min(len(one) * b.across, a.down * len(two)) > 4 * EXPLICIT:
        return None
    rows, middle = np.divmod(one, a.n)
    which, at = _runs(two // b.n, middle)
    if len(which) > 4 * EXPLICIT:
        return None
    places = np.unique(rows[which] * b.n + two[at] % b.n)
    if len(places) > EXPLICIT:
        return None
    return _listed(a.m, b.n, places, a.unit and b.unit and len(places) == len(which))


# --- forks -------------------------------------------------------------------------------------------


def add(a: Pattern, b: Pattern) -> Pattern:
    """The pattern of the sum a + b: what a fork brings together."""
    if not a.nonzeros or not b.nonzeros:
        return a if a.nonzeros else b
    if a.whole and b.whole:
        return a._replace(unit=False)
    one, two = as_labels(a), as_labels(b)
    if one is not None and two is not None:
        if a.nonzeros >= b.nonzeros and _inside(two, one):
            return a._replace(unit=False)
        if a.nonzeros <= b.nonzeros and _inside(one, two):
            return b._replace(unit=False)
    listing = as_places(a), as_places(b)
    if listing[0] is not None and listing[1] is not None:
        places = np.union1d(*listing)
        if len(places) <= EXPLICIT:
            apart = len(places) == len(listing[0]) + len(listing[1])
            return _listed(a.m, a.n, places, a.unit and b.unit and apart)
    if one is not None and two is not None and a.across == b.across == 1:
        merged = _merged(_sources(one), _sources(two), a, b)
        if merged is not None:
            return merged
    return bound(a.m, a.n, a.nonzeros + b.nonzeros, a.across + b.across, a.down + b.down)


def _inside(small: tuple[Index, Index], large: tuple[Index, Index]) -> bool:
    """Whether every block of `small` lies within a block of `large`."""
    (rows, cols), (outer_rows, outer_cols) = small, large
    table = np.full(int(rows.max()) + 1, -1, np.int64)
    live = rows >= 0
    table[rows[live]] = outer_rows[live]
    if np.any(table[rows[live]] != outer_rows[live]) or np.any(outer_rows[live] < 0):
        return False
    live = cols >= 0
    return bool(np.all(table[cols[live]] == outer_cols[live]))


def _sources(labels: tuple[Index, Index]) -> Index:
    """The one column of each row of a selection, or -1."""
    rows, cols = labels
    return _followed(rows, cols, np.arange(len(cols), dtype=np.int64))


def _merged(one: Index, two: Index, a: Pattern, b: Pattern) -> Pattern | None:
    """Two selections as one, where no row has two different columns."""
    both = (one >= 0) & (two >= 0)
    if np.any(one[both] != two[both]):
        return None
    return selection(np.where(one >= 0, one, two), a.n, a.unit and b.unit and not both.any())
