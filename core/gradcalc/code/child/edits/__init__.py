"""Small edits of a function's source: each undoes one mistake that people make in a backward pass."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from .expressions import of_expression
from .insertions import insertions
from .labels import label_terms
from .sites import Edit, sites, variables
from .statements import of_statements


def edits(
    function: ast.AST, upstream: Sequence[str], sizes: Sequence[str], labels: Sequence[str]
) -> Iterator[Edit]:
    """Every single edit of a function, the likelier first.

    `upstream` are its arguments that are upstream gradients, `sizes` expressions of lengths and parameters
    that people divide by, `labels` names of index arrays.
    """
    every = sites(function)
    names = variables(function)
    plain: list[Edit] = []
    for site in every:
        plain += of_expression(site, names, sizes, upstream)
    plain += of_statements(function)
    yield from sorted(plain, key=lambda e: e.rank)
    yield from label_terms(function, every, names, labels)
    yield from insertions(every, names, upstream)
