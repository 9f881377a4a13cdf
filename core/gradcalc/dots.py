"""The dot of paper, W·x: between numbers a product, between arrays refused, for it has two readings."""

from __future__ import annotations

import numpy as np

from .errors import GradcalcError
from .graphs import Graph
from .syntax.characters import PLAIN

DOTS = "·⋅∙•"
OPEN, CLOSED = "([{", ")]}"
PRODUCTS = {"*", *(sign for sign, plain in PLAIN.items() if plain == "*")}


def refuse_dots(graph: Graph, text: str) -> None:
    """Raise GradcalcError where a dot stands between two arrays; the forward pass has been run."""
    for i, gate in enumerate(graph.gates):
        if gate.name != "mul" or min(np.ndim(graph.values[j]) for j in graph.inputs[i]) == 0:
            continue
        where = last_product(text, *graph.span(i))
        if where is not None and text[where] in DOTS:
            a, b = (np.shape(graph.values[j]) for j in graph.inputs[i])
            raise GradcalcError(
                f"a dot between arrays of shapes {a} and {b} has two readings",
                kind="syntax",
                span=(where, where + 1),
                hint="write @ for the matrix product, or * for the product entry by entry",
            )


def last_product(text: str, start: int, end: int) -> int | None:
    """Where the sign of the product stands that a span is: the last one outside of all brackets.

    >>> last_product("2·(a·b)·c + 1", 0, 9), last_product("2 x", 0, 3)
    (7, None)
    """
    depth = 0
    for k in range(end - 1, start - 1, -1):
        c = text[k]
        depth += (c in CLOSED) - (c in OPEN)
        if depth == 0 and c in PRODUCTS:
            return k
    return None
