"""What comes out when somebody rounds on the way: the right answer, but for the last digits."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np

from .digits import BARE, SLACK
from .gate import Array, downstream
from .graphs import CONSTANT, Graph
from .quantities import Quantity
from .written import Written

NEAR = 0.15  # rounding is no excuse for more than this, relative to the true value,
UNITS = 4  # or for more than so many halves of the last of two decimals or more
MOST_WORK = 5000  # nodes, an array counting as one more for each
ENTRIES = 400
MOST_SAID = 20_000
Round = Callable[[Array], Array]


class Rounding:
    """The two passes of a graph with every intermediate number rounded, run when they are asked for."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        work = sum(1 + np.size(v) // ENTRIES for v in graph.values)
        self.affordable = work <= MOST_WORK
        self.said: dict[tuple[Hashable, ...], str] = {}
        self.runs: dict[tuple[str, int, bool], tuple[list[Array], list[Array]]] = {}

    def explains(self, quantity: Quantity, written: Written, true: Array) -> str:
        """In words how the intermediate numbers were rounded for this answer, or "".

        Tried are the decimals written and the significant digits written, and one more of each, in both
        passes and in the backward pass alone.
        """
        if written.shape:
            return self.explained(quantity, written, true)
        key = (quantity, *written)
        words = self.said.get(key)
        if words is None:
            words = self.explained(quantity, written, true)
            if len(self.said) < MOST_SAID:
                self.said[key] = words
        return words

    def explained(self, quantity: Quantity, written: Written, true: Array) -> str:
        """As `explains`, worked out."""
        value, half, decimals, figures = written
        if np.shape(value) != np.shape(true) or not self.affordable or figures > 15:
            return ""
        bare = (value == 0) & (half >= BARE) & (true != 0)  # a bare 0 claims a true zero
        near = abs(value - true) <= NEAR * abs(true) + (UNITS * half if decimals >= 2 else 0.0)
        if np.ndim(value) and (bare.any() or not near.all()):
            return ""
        if not np.ndim(value) and (bare or not near):
            return ""
        for kind, least in (("decimals", decimals), ("digits", figures)):
            for n in (least, least + 1) if kind == "decimals" or least else ():
                for both in (True, False):
                    number = self.number(quantity, kind, n, both)
                    if number is None:
                        continue
                    close = abs(number - value) <= half * SLACK
                    if close.all() if np.ndim(value) else close:
                        what = {"decimals": "decimal", "digits": "significant digit"}[kind]
                        where = "intermediate results" if both else "gradients"
                        return f"{where} rounded to {n} {what}{'s' * (n != 1)} on the way"
        return ""

    def number(self, quantity: Quantity, kind: str, n: int, both: bool) -> Array | None:
        """What comes out for this quantity, all intermediate numbers rounded."""
        key = (kind, n, both)
        if key not in self.runs:
            with np.errstate(all="ignore"):
                self.runs[key] = rounded_passes(self.graph, rounder(kind, n), both)
        values, upstreams = self.runs[key]
        return {"value": values, "gradient": upstreams}.get(quantity.kind, [None] * len(values))[
            quantity.node
        ]


def rounder(kind: str, n: int) -> Round:
    """Rounding to so many decimals, or significant digits."""
    if kind == "decimals":
        return lambda x: np.round(x, n)

    def significant(x: Array) -> Array:
        power = np.where((x == 0) | ~np.isfinite(x), 0.0, n - 1 - np.floor(np.log10(np.abs(x))))
        scale = 10.0 ** np.clip(power, -300, 300)
        return np.round(x * scale) / scale

    return significant


def rounded_passes(graph: Graph, rounded: Round, both: bool) -> tuple[list[Array], list[Array]]:
    """Values and upstream gradients with every one of them rounded; with `both` the values too."""
    values = list(graph.values)
    if both:
        for i, (gate, ins) in enumerate(zip(graph.gates, graph.inputs, strict=True)):
            if ins and graph.reach[i]:
                values[i] = rounded(gate.forward(*[values[j] for j in ins]))
    up: list[Array] = [None] * len(graph)
    up[graph.output] = graph.upstreams[graph.output]
    for i in range(graph.output, -1, -1):
        if up[i] is None or not graph.inputs[i]:
            continue
        xs = tuple([values[j] for j in graph.inputs[i]])
        for position, j in enumerate(graph.inputs[i]):
            if graph.gates[j] is not CONSTANT and graph.gates[i].derivative(position) is not None:
                term = rounded(downstream(graph.gates[i], position, up[i], values[i], xs))
                up[j] = term if up[j] is None else rounded(up[j] + term)
    return values, up
