"""Arrays that would be too large are refused before there is any memory for them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .errors import GradcalcError

if TYPE_CHECKING:
    from .graphs import Graph

LONGEST = 40


def refuse_growth(graph: Graph, i: int) -> None:
    """Raise GradcalcError where the value of node i would have more entries than the graph allows."""
    gate, most = graph.gates[i], graph.max_elements
    shapes = [np.shape(graph.values[j]) for j in graph.inputs[i]]
    if gate.grows is None and (not gate.elementwise or math.prod(map(math.prod, shapes)) <= most):
        return
    try:
        count = math.prod(np.broadcast_shapes(*shapes)) if gate.grows is None else gate.grows(*shapes)
    except (GradcalcError, ValueError, TypeError, IndexError, KeyError):
        return  # what does not fit is told by the gate itself
    if count > most:
        text = graph.text(i) if len(graph.text(i)) <= LONGEST else gate.name
        raise GradcalcError(
            f"{text} has {count:,} entries, more than the limit of {most:,}",
            kind="limit",
            hint="--max-elements raises the limit",
        )
