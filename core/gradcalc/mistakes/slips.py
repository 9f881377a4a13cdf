"""Mistakes about answers as wholes: a factor, a sign, another quantity's number, a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from ..gate import Array
from ..graphs import INPUT
from ..quantities import Quantity, true_value
from .edges import counts
from .mutant import Mutant, Place
from .shapes import shape_mistakes


def slips(place: Place, asked: Mapping[Quantity, Array]) -> Iterator[Mutant]:
    """The mistakes that can be made with these answers, whose true values are given."""
    gradients = {q: v for q, v in asked.items() if q.kind == "gradient"}
    yield from whole(place, gradients)
    for quantity, true in asked.items():
        yield from single(place, quantity, true)
    for (p, a), (q, b) in combinations(asked.items(), 2):
        if np.shape(a) == np.shape(b) and p.kind == q.kind:
            one, other = place.names.spell(p), place.names.spell(q)
            yield Mutant("answers exchanged", f"when {one} and {other} are exchanged", f"{one} and {other}", 1.4, given={p: b, q: a})


def whole(place: Place, gradients: Mapping[Quantity, Array]) -> Iterator[Mutant]:
    """One thing wrong with every gradient."""
    graph = place.graph
    top = graph.output
    seed = graph.upstreams[top]
    below = {q: v for q, v in gradients.items() if q.node != top}
    name = place.names.shown(top)
    start = f"the start, d{name}/d{name}"

    def scaled(kind: str, text: str, cost: float, factor: Array) -> Mutant:
        return Mutant(kind, text, start, cost, given={q: v * factor for q, v in below.items()})

    yield scaled("sign lost", "when every gradient has the wrong sign", 1.8, -1.0)
    yield scaled("factor 2", "with a factor 2 too many everywhere", 1.9, 2.0)
    yield scaled("factor 1/2", "with a factor 1/2 too many everywhere", 2.0, 0.5)
    if not np.ndim(graph.values[top]) and not np.ndim(seed):
        yield scaled("start with the value", f"when the backward pass starts with {name} itself instead of 1", 1.9, graph.values[top])
    sizes = {n: w for i, v in enumerate(graph.values) if graph.gates[i] is INPUT and np.ndim(v) for n, w in counts(np.shape(v))}
    for n, what in sizes.items():
        yield scaled(f"factor {n}", f"with a factor {what} too many everywhere: a sum for a mean", 1.6, float(n))
        yield scaled(f"factor 1/{n}", f"with a factor 1/{what} too many everywhere: a mean for a sum", 1.6, 1.0 / n)
    values = {q: graph.values[q.node] for q in gradients}
    yield Mutant("value for gradient", "when the nodes' values are given instead of their gradients", "what is asked", 1.5, given=values)


def single(place: Place, quantity: Quantity, true: Array) -> Iterator[Mutant]:
    """One thing wrong with one answer."""
    graph, names = place.graph, place.names
    name, node = names.spell(quantity), names.shown(quantity.node)

    def instead(kind: str, text: str, cost: float, value: Array) -> Mutant:
        return Mutant(kind, text, name, cost, given={quantity: value})

    yield instead("sign lost", f"when {name} has the wrong sign", 1.9, -true)
    if quantity.kind == "gradient":
        yield instead("value for gradient", f"when the value of {node} is given instead of its gradient", 1.5, graph.values[quantity.node])
        for other in graph.variables.values():
            if other != quantity.node and np.shape(graph.values[other]) == np.shape(true):
                text = f"when the gradient of {names.shown(other)} is given for that of {node}"
                yield instead("gradient of another", text, 2.0, true_value(graph, Quantity("gradient", other)))
        if not np.ndim(true):
            with np.errstate(all="ignore"):
                yield instead("upside down", f"when {name} is turned upside down: 1/{name}", 2.3, 1.0 / true)
    elif quantity.kind == "value" and graph.upstreams[quantity.node] is not None:
        yield instead("gradient for value", f"when the gradient of {node} is given instead of its value", 1.6, graph.upstreams[quantity.node])
    yield from shape_mistakes(place, quantity, true)
    for power in (10.0, 0.1, 100.0, 0.01):
        text = f"when the decimal point of {name} is {'two places' if power in (100.0, 0.01) else 'one place'} too far to the {'right' if power > 1 else 'left'}"
        yield instead("decimal point", text, 2.0 if power in (10.0, 0.1) else 2.6, true * power)
