"""Mistakes that show in the shape of an answer: not summed back, transposed, an axis too many."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..gate import Array
from ..quantities import Quantity
from .mutant import Mutant, Place


def shape_mistakes(place: Place, quantity: Quantity, true: Array) -> Iterator[Mutant]:
    """The right numbers, or those that were not summed, in a shape that is not the asked one."""
    name = place.names.spell(quantity)

    def instead(kind: str, text: str, cost: float, value: Array) -> Mutant:
        return Mutant(kind, text, f"the shape of {name}", cost, given={quantity: value})

    shape = np.shape(true)
    if len(shape) == 2:
        yield instead("transposed", f"when {name} is transposed", 1.2, np.transpose(true))
        if 1 in shape:
            yield instead("another shape", f"when {name} has an axis too few", 1.3, np.ravel(true))
    elif len(shape) == 1:
        for row, what in ((true[None, :], "row"), (true[:, None], "column")):
            yield instead("another shape", f"when {name} is written as a {what} of a matrix", 1.3, row)
    if shape:
        yield instead("summed too far", f"when {name} is summed to one number", 1.5, np.sum(true))
    if quantity.kind == "gradient":
        yield from unsummed(place, quantity, instead)


def unsummed(
    place: Place, quantity: Quantity, instead: Callable[[str, str, float, Array], Mutant]
) -> Iterator[Mutant]:
    """The gradient of a broadcast input that is not summed back to the input's shape."""
    graph = place.graph
    edges = place.replay.uses.get(quantity.node, ())
    for i, position in edges if len(edges) == 1 else ():
        gate, dz, z = graph.gates[i], graph.upstreams[i], graph.values[i]
        if np.shape(z) == np.shape(graph.values[quantity.node]):
            continue
        node, name = place.word(i), place.names.spell(quantity)
        if gate.local:
            with np.errstate(all="ignore"):
                slope = gate.local[gate.input_name(position)].code(
                    z, *[graph.values[j] for j in graph.inputs[i]]
                )
                wide = dz * slope * np.ones_like(z)
            text = f"when {name} is not summed over the axes that are broadcast at {node}"
            yield instead("broadcast not summed", text, 1.0, wide)
            if np.ndim(wide) > 1:
                yield instead(
                    "broadcast not summed", f"{text}, but over the wrong axis", 1.3, np.sum(wide, axis=-1)
                )
