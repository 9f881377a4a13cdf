"""Mistakes about answers as wholes: a factor, a sign, another quantity's number, a decimal point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

import numpy as np

from ..gate import Array
from ..graphs import INPUT
from ..quantities import Quantity, true_value
from .arrays import counts
from .mutant import Mutant, Place
from .shapes import shape_mistakes

Instead = Callable[[str, str, float, Array], Mutant]
PLACES = {10.0: "one place", 0.1: "one place", 100.0: "two places", 0.01: "two places"}
MOST_PAIRED = 30  # answers that are tried in pairs


def slips(place: Place, asked: Mapping[Quantity, Array]) -> Iterator[Mutant]:
    """The mistakes that can be made with these answers, whose true values are given."""
    gradients = {q: v for q, v in asked.items() if q.kind == "gradient" and q.node != place.graph.output}
    if len(gradients) > 1:
        yield from everywhere(place, gradients)
    for quantity, true in asked.items():
        yield from single(place, quantity, true)
    for (p, a), (q, b) in combinations(list(asked.items())[:MOST_PAIRED], 2):
        if np.shape(a) == np.shape(b) and p.kind == q.kind:
            both = f"{place.names.spell(p)} and {place.names.spell(q)}"
            yield Mutant("answers exchanged", f"when {both} are exchanged", both, 1.4, given={p: b, q: a})


def everywhere(place: Place, gradients: Mapping[Quantity, Array]) -> Iterator[Mutant]:
    """One thing wrong with every gradient."""
    graph = place.graph
    top = graph.output
    name = place.names.shown(top)

    def scaled(kind: str, text: str, cost: float, factor: Array) -> Mutant:
        given = {q: v * factor for q, v in gradients.items()}
        return Mutant(kind, text, f"the start, d{name}/d{name}", cost, given=given)

    yield scaled("sign lost", "when every gradient has the wrong sign", 1.8, -1.0)
    yield scaled("factor 2", "with a factor 2 too many everywhere", 1.9, 2.0)
    yield scaled("factor 1/2", "with a factor 1/2 too many everywhere", 2.0, 0.5)
    if not np.ndim(graph.values[top]):
        text = f"when the backward pass starts with {name} itself instead of 1"
        yield scaled("start with the value", text, 1.9, graph.values[top])
    arrays = [v for v, gate in zip(graph.values, graph.gates, strict=True) if gate is INPUT and np.ndim(v)]
    for n in dict.fromkeys(n for v in arrays for n in counts(np.shape(v))):
        yield scaled(f"factor {n}", f"with a factor {n} too many everywhere: a sum for a mean", 1.6, n)
        yield scaled(
            f"factor 1/{n}", f"with a factor 1/{n} too many everywhere: a mean for a sum", 1.6, 1 / n
        )
    values = {q: graph.values[q.node] for q in gradients}
    text = "when the nodes' values are given instead of their gradients"
    yield Mutant("value for gradient", text, "what is asked", 1.45, given=values)


def single(place: Place, quantity: Quantity, true: Array) -> Iterator[Mutant]:
    """One thing wrong with one answer."""
    name = place.names.spell(quantity)

    def instead(kind: str, text: str, cost: float, value: Array) -> Mutant:
        return Mutant(kind, text, name, cost, given={quantity: value})

    yield instead("sign lost", f"when {name} has the wrong sign", 1.9, -true)
    yield from another(place, quantity, instead)
    yield from shape_mistakes(place, quantity, true)
    if not np.ndim(true):
        with np.errstate(all="ignore"):
            yield instead("upside down", f"when {name} is turned upside down: 1/{name}", 2.3, 1.0 / true)
    for power, places in PLACES.items():
        text = (
            f"when the decimal point of {name} is {places} too far to the {'right' if power > 1 else 'left'}"
        )
        yield instead("decimal point", text, 2.0 if places == "one place" else 2.6, true * power)


def another(place: Place, quantity: Quantity, instead: Instead) -> Iterator[Mutant]:
    """The number of something else."""
    graph, names, i = place.graph, place.names, quantity.node
    node = names.shown(i)
    if quantity.kind == "gradient":
        text = f"when the value of {node} is given instead of its gradient"
        yield instead("value for gradient", text, 1.5, graph.values[i])
        top = graph.output
        if i != top and np.shape(graph.values[top]) == np.shape(true_value(graph, quantity)):
            text = f"when the value of {names.shown(top)} is given instead of the gradient of {node}"
            yield instead("value for slope", text, 1.75, graph.values[top])
        for other in graph.variables.values():
            if other != i and np.shape(graph.values[other]) == np.shape(graph.values[i]):
                text = f"when the gradient of {names.shown(other)} is given for that of {node}"
                number = true_value(graph, Quantity("gradient", other))
                yield instead("gradient of another", text, 2.0, number)
    elif quantity.kind == "value" and graph.upstreams[i] is not None:
        text = f"when the gradient of {node} is given instead of its value"
        yield instead("gradient for value", text, 1.6, graph.upstreams[i])
