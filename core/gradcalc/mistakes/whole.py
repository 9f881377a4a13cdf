"""Mistakes about all inputs of a gate at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from ..gate import Array, Pattern, unbroadcast
from ..graphs import CONSTANT
from ..replay import Change, Rule, careful
from .mutant import Mutant, Place


class Whole:
    """One gate with all of its inputs that get a gradient."""

    def __init__(self, place: Place, node: int) -> None:
        graph = place.graph
        self.node, self.gate = node, graph.gates[node]
        self.inputs = graph.inputs[node]
        self.moving = [
            k
            for k, j in enumerate(self.inputs)
            if graph.gates[j] is not CONSTANT and self.gate.derivative(k) is not None
        ]
        self.word = place.word(node)

    def mutant(self, name: str, text: str, cost: float, rule: Callable[[int], Rule]) -> Mutant:
        """The mistake of following `rule(position)` to every input."""
        change = Change(rules={(self.node, k): rule(k) for k in self.moving})
        return Mutant(name, text, f"the gate {self.word}", cost, change)

    def times(self, factor: float, position: int) -> Rule:
        """The chain rule with a factor too many."""
        return lambda dz, z, xs: factor * careful(self.gate, position, dz, z, xs)

    def slopes(self, *codes: Callable[..., Array]) -> Callable[[int], Rule]:
        """The chain rule with other slopes, by position."""

        def rule(position: int) -> Rule:
            return lambda dz, z, xs: unbroadcast(dz * codes[position](z, *xs), np.shape(xs[position]))

        return rule

    def without_upstream(self, position: int) -> Rule:
        """The local gradient alone."""
        return lambda dz, z, xs: careful(self.gate, position, np.ones_like(dz), z, xs)


def node_mistakes(place: Place, i: int) -> Iterator[Mutant]:
    """The mistakes about all inputs of node i."""
    whole = Whole(place, i)
    word, gate = whole.word, whole.gate
    way = f"at {word}, on the way to all its inputs"
    if len({whole.inputs[k] for k in whole.moving}) > 1:
        yield whole.mutant("sign lost", f"when the sign turns {way}", 2.05, partial(whole.times, -1.0))
        text = f"when the upstream gradient is forgotten at {word}: its inputs get the local gradients alone"
        yield whole.mutant("upstream forgotten", text, 1.25, whole.without_upstream)
        for factor, n in ((2.0, "2"), (0.5, "1/2")):
            text = f"with a factor {n} too many {way}"
            yield whole.mutant(f"factor {n}", text, 2.25, partial(whole.times, factor))
        if gate.local and any(gate.local[gate.input_name(k)].text != "1" for k in whole.moving):
            text = f"when all inputs of {word} get its upstream gradient as it is"
            yield whole.mutant(
                "local gradient forgotten", text, 1.4, whole.slopes(*[one] * len(whole.inputs))
            )
    if len(gate.local) == 2:
        yield from pair_mistakes(whole)


def pair_mistakes(whole: Whole) -> Iterator[Mutant]:
    """The mistakes about the two slopes of an elementwise gate."""
    word, gate = whole.word, whole.gate
    first, second = (gate.local[name].code for name in gate.inputs)
    text, cost = f"when the two local gradients of {word} are exchanged", 1.9
    if gate.pattern is Pattern.ROUTER:
        text, cost = f"when the wrong input of {word} gets the gradient", 1.05
    elif gate.pattern is Pattern.SWITCHER:
        text, cost = f"when each input of {word} gets its own value instead of the other's", 1.05
    elif gate.name == "pow":
        text, cost = f"when the rules for base and exponent are exchanged at {word}", 1.5
    yield whole.mutant("inputs swapped", text, cost, whole.slopes(second, first))
    if any(m.text == "both inputs credited" for m in gate.mistakes):
        text = f"when both inputs of {word} are credited"
        yield whole.mutant("both inputs credited", text, 1.0, whole.slopes(one, one))
    if gate.name == "div":
        text = f"with the quotient rule at {word}, but not divided by the denominator"
        yield whole.mutant(
            "quotient rule", f"{text} squared", 1.3, whole.slopes(lambda z, x, y: y, lambda z, x, y: -x)
        )
        yield whole.mutant(
            "quotient rule", f"{text} once more", 1.3, whole.slopes(one, lambda z, x, y: -x / y)
        )


def one(z: Array, *xs: Array) -> Array:
    """The slope of something that passes everything on."""
    return np.ones_like(z)
