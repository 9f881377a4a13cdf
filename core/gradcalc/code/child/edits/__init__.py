"""Small edits of a function's source: each undoes one mistake that people make in a backward pass."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from .expressions import of_expression
from .insertions import insertions
from .labels import label_terms
from .penalties import in_penalties
from .sites import COUNTS, Edit, Known, masks, module, sites, variables
from .statements import of_statements


def edits(
    function: ast.AST,
    upstream: Sequence[str],
    sizes: Sequence[str],
    labels: Sequence[str],
    steps: Mapping[tuple[str, str], tuple[str, str]],
    attributes: Sequence[str] = (),
) -> Iterator[Edit]:
    """Every single edit of a function, the likelier first.

    `upstream` are its arguments that are upstream gradients, `sizes` expressions of lengths and parameters
    that people divide by, `labels` names of index arrays, `steps` how names are made from others
    (see derived), `attributes` what other methods of its class keep (self.x).
    """
    every = sites(function)
    library = module(function)
    names = list(dict.fromkeys([*variables(function), *attributes]))
    known = Known(names, upstream, [*sizes, *(n for n in names if n in COUNTS)], steps)
    plain: list[Edit] = []
    for site in every:
        plain += of_expression(site, known, library)
    plain += of_statements(function, known)
    yield from in_penalties(function, sorted(plain, key=lambda e: e.rank))
    yield from label_terms(function, every, known.names, labels)
    yield from insertions(every, known.names, upstream, masks(function))
