"""The blanks of a circuit's table, in the order in which the two passes fill them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .graphs import CONSTANT, INPUT
from .key import Key
from .quantities import Quantity

KINDS = ("value", "local", "gradient")


class Blank(NamedTuple):
    """One number to find: `name` as an answer is called (`q`, `dq/dx`, `dx`), and what kind it is."""

    name: str
    kind: str
    quantity: Quantity


def blanks(key: Key, kinds: Sequence[str] = KINDS) -> tuple[Blank, ...]:
    """What there is to find: the gates' values forward, their slopes, then the gradients back.

    The slopes are asked of gates of scalars or entry by entry, but for the output's, whose slopes are the
    gradients themselves. The output's own gradient is where the backward pass starts, and no question.
    """
    found = {"value": values, "local": slopes, "gradient": gradients}
    return tuple(blank for kind in KINDS if kind in kinds for blank in found[kind](key))


def shown(key: Key) -> Iterator[int]:
    """The nodes with a row of their own that the output hangs on, inputs first, in forward order."""
    graph = key.graph
    nodes = sorted(key.names.label, key=lambda i: (graph.gates[i] is not INPUT, i))
    return (i for i in nodes if graph.reach[i] and graph.gates[i] is not CONSTANT)


def values(key: Key) -> Iterator[Blank]:
    for i in shown(key):
        if key.graph.inputs[i]:
            yield blank(key, Quantity("value", i))


def slopes(key: Key) -> Iterator[Blank]:
    graph = key.graph
    results = {group.result for group in graph.groups}
    for i in shown(key):
        if i == graph.output or i in results or not graph.gates[i].local:
            continue
        ins = graph.inputs[i]
        for position, j in enumerate(ins):
            if graph.gates[j] is not CONSTANT and ins.count(j) == 1 and graph.gates[i].derivative(position):
                yield blank(key, Quantity("local", i, position))


def gradients(key: Key) -> Iterator[Blank]:
    graph = key.graph
    # The gradient of an input that gets a new value is the input's: the new one's has no name.
    named = {i for i in shown(key) if graph.variables.get(key.names.shown(i), i) != i}
    nodes = [i for i in shown(key) if i != graph.output and i not in graph.parameters and i not in named]
    gates, inputs = [i for i in nodes if graph.inputs[i]], [i for i in nodes if not graph.inputs[i]]
    for i in (*reversed(gates), *inputs):
        yield blank(key, Quantity("gradient", i))


def blank(key: Key, quantity: Quantity) -> Blank:
    """The blank for a quantity, under a name that the key takes for just that."""
    name = key.names.spell(quantity)
    if key.quantity(name) != quantity:  # some node is really called dx
        name = f"{key.names.shown(quantity.node)}.grad"
    return Blank(name, quantity.kind, quantity)
