"""Mistakes of one step of the backward pass: a gate that sends the wrong thing down to an input."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from ..gate import Array, Gate, Pattern, unbroadcast
from ..graphs import CONSTANT
from ..replay import Change, Edge, Rule, careful
from .mutant import Mutant, Place

PARTICIPLE = re.compile(r"(not )?(passed|credited|divided|multiplied|averaged|summed|rolled|transposed)\b")


def edge_mistakes(place: Place, edge: Edge) -> Iterator[Mutant]:
    """The mistakes that can be made where node `edge[0]` sends its gradient to its input number `edge[1]`."""
    graph = place.graph
    i, position = edge
    j = graph.inputs[i][position]
    gate = graph.gates[i]
    derivative = gate.derivative(position)
    assert derivative is not None
    node, to = place.word(i), place.word(j)
    at = f"at {node}, on the way to {to}" if len(set(graph.inputs[i])) > 1 or to[0] != "`" else f"at {node}"
    where = f"the step from {node} to {to}"

    def mutant(name: str, text: str, cost: float, rule: Rule | None) -> Mutant:
        return Mutant(name, text, where, cost, Change(rules={edge: rule}))

    def true(dz: Array, z: Array, xs: tuple[Array, ...]) -> Array:
        return careful(gate, position, dz, z, xs)

    def times(factor: float) -> Rule:
        return lambda dz, z, xs: factor * true(dz, z, xs)

    if derivative.text.startswith("-"):
        yield mutant("sign lost", f"when the minus sign of {node} is lost on the way to {to}", 1.0, times(-1.0))
    else:
        yield mutant("sign lost", f"when the sign turns {at}", 2.0, times(-1.0))
    yield mutant(
        "upstream forgotten", f"when the upstream gradient is forgotten {at}: only the local gradient arrives", 1.2,
        lambda dz, z, xs: true(np.ones_like(dz), z, xs),
    )  # fmt: skip
    yield from own_mistakes(place, edge, at, where)
    if gate.local and derivative.text != "1":
        name = "local gradient forgotten" if i == graph.output else "inner derivative forgotten"
        yield mutant(
            name, f"when the local gradient of {node} is forgotten: {to} gets the upstream gradient as it is", 1.3,
            lambda dz, z, xs: unbroadcast(dz * np.ones_like(z), np.shape(xs[position])),
        )  # fmt: skip
        yield from wrong_point(gate, position, node, mutant)
    if gate.vjp and np.shape(graph.values[i]) == np.shape(graph.values[j]) != ():
        yield mutant(
            "inner derivative forgotten", f"when the local gradient of {node} is forgotten {at}", 1.5,
            lambda dz, z, xs: dz,
        )  # fmt: skip
    if gate.pattern in (Pattern.DISTRIBUTOR, Pattern.ROUTER):
        name = "term forgotten" if gate.pattern is Pattern.DISTRIBUTOR else "nothing passed"
        yield mutant(name, f"when nothing arrives from {node} at {to}", 1.6, None)
    yield from array_mistakes(place, edge, at, mutant, true)
    yield mutant("factor 2", f"with a factor 2 too many {at}", 2.1, times(2.0))
    yield mutant("factor 1/2", f"with a factor 1/2 too many {at}", 2.2, times(0.5))


def own_mistakes(place: Place, edge: Edge, at: str, where: str) -> Iterator[Mutant]:
    """The mistakes that the gate's own record knows."""
    i, position = edge
    gate = place.graph.gates[i]
    for mistake in gate.mistakes:
        if mistake.input != gate.input_name(position):
            continue

        def rule(
            dz: Array, z: Array, xs: tuple[Array, ...], code: Rule = mistake.code
        ) -> Array:
            if gate.vjp:
                return code(dz, z, *xs)  # type: ignore[arg-type]
            return unbroadcast(dz * code(z, *xs), np.shape(xs[position]))  # type: ignore[arg-type]

        yield Mutant(mistake.text, own_words(place, i, mistake.text, at), where, 1.1, Change(rules={edge: rule}))


def own_words(place: Place, i: int, text: str, at: str) -> str:
    """A mistake of a gate's record in a sentence, in the names of the nodes that it is about."""
    if "'" in text.split(",")[0].replace("other's", "").replace("label's", ""):
        return f"with the rule {text}, {at}"
    graph, gate = place.graph, place.graph.gates[i]
    table = {gate.input_name(k): place.names.shown(j) for k, j in enumerate(graph.inputs[i])}
    table["z"] = place.names.shown(i)
    if ":" in text and not gate.variadic:
        words, formula = text.split(":", 1)
        formula = re.sub(r"\b[^\W\d]\w*\b", lambda m: bracketed(table.get(m[0], m[0])), formula)
        text = f"{words}:{formula}"
    return f"with {'the gradient ' if PARTICIPLE.match(text) else ''}{text}, {at}"


def bracketed(text: str) -> str:
    """An operand that may stand in any formula."""
    return text if re.fullmatch(r"[\w.]+|.*\)", text) else f"({text})"


def wrong_point(gate: Gate, position: int, node: str, mutant: object) -> Iterator[Mutant]:
    """The slope at the output, where the input belongs, and the reverse."""
    name = gate.input_name(position)
    text, code = gate.local[name]
    make = mutant
    assert callable(make)

    def slope_at(dz: Array, z: Array, xs: tuple[Array, ...], new_z: Array, new_x: Array) -> Array:
        moved = (*xs[:position], new_x, *xs[position + 1 :])
        return unbroadcast(dz * code(new_z, *moved), np.shape(xs[position]))

    if re.search(rf"\b{re.escape(name)}\b", text):
        yield make(
            "slope at the wrong point", f"when the slope of {node} is taken at its output, not at its input", 1.6,
            lambda dz, z, xs: slope_at(dz, z, xs, z, z),
        )  # fmt: skip
    if re.search(r"\bz\b", text):
        yield make(
            "slope at the wrong point", f"when the slope of {node} is taken at its input, where its output belongs",
            1.6, lambda dz, z, xs: slope_at(dz, z, xs, xs[position], xs[position]),
        )  # fmt: skip


def array_mistakes(place: Place, edge: Edge, at: str, mutant: object, true: Rule) -> Iterator[Mutant]:
    """What goes wrong with arrays: transposed, averaged, 1/N forgotten."""
    make = mutant
    assert callable(make)
    graph, (i, position) = place.graph, edge
    gate, j = graph.gates[i], graph.inputs[i][position]
    shape, out = np.shape(graph.values[j]), np.shape(graph.values[i])
    to = place.word(j)
    if gate.vjp and len(shape) == 2 and shape[0] == shape[1]:
        yield make(
            "transposed", f"when what goes to {to} is transposed {at}", 1.2,
            lambda dz, z, xs: np.transpose(true(dz, z, xs)),
        )  # fmt: skip
    if gate.local and shape != out:
        share = np.size(graph.values[i]) / max(np.size(graph.values[j]), 1)
        yield make(
            "mean for sum", f"when {to}, which is broadcast {at}, gets the mean instead of the sum", 1.4,
            lambda dz, z, xs: true(dz, z, xs) / share,
        )  # fmt: skip
    if not gate.local and shape and len(out) < len(shape):
        for n, what in counts(shape):
            yield make(
                f"factor {n}", f"with a factor {what} too many {at}: a sum for a mean", 1.4,
                lambda dz, z, xs, n=n: n * true(dz, z, xs),
            )  # fmt: skip
            yield make(
                f"factor 1/{n}", f"with a factor 1/{what} too many {at}: a mean for a sum", 1.4,
                lambda dz, z, xs, n=n: true(dz, z, xs) / n,
            )  # fmt: skip


def counts(shape: tuple[int, ...]) -> list[tuple[int, str]]:
    """The numbers that a mean may divide by: rows, and all entries."""
    found = {shape[0]: str(shape[0]), int(np.prod(shape)): str(int(np.prod(shape)))}
    return [(n, text) for n, text in found.items() if n > 2]


def node_mistakes(place: Place, i: int) -> Iterator[Mutant]:
    """Mistakes about all inputs of a gate at once."""
    graph, gate = place.graph, place.graph.gates[i]
    moving = [
        (k, j)
        for k, j in enumerate(graph.inputs[i])
        if graph.gates[j] is not CONSTANT and gate.derivative(k) is not None
    ]
    node = place.word(i)
    where = f"the gate {node}"

    def mutant(name: str, text: str, cost: float, rule: Callable[[int], Rule]) -> Mutant:
        return Mutant(name, text, where, cost, Change(rules={(i, k): rule(k) for k, _ in moving}))

    def slopes(*codes: Callable[..., Array]) -> Callable[[int], Rule]:
        return lambda k: lambda dz, z, xs: unbroadcast(dz * codes[k](z, *xs), np.shape(xs[k]))

    if len({j for _, j in moving}) > 1:
        yield mutant("sign lost", f"when the sign turns at {node}, on the way to all its inputs", 2.05,
                     lambda k: lambda dz, z, xs: -careful(gate, k, dz, z, xs))  # fmt: skip
        yield mutant("upstream forgotten", f"when the upstream gradient is forgotten at {node}: its inputs get the local gradients alone", 1.25,
                     lambda k: lambda dz, z, xs: careful(gate, k, np.ones_like(dz), z, xs))  # fmt: skip
        for n, word in ((2.0, "2"), (0.5, "1/2")):
            yield mutant(f"factor {word}", f"with a factor {word} too many at {node}, on the way to all its inputs", 2.25,
                         lambda k, n=n: lambda dz, z, xs: n * careful(gate, k, dz, z, xs))  # fmt: skip
        if gate.local and any(gate.local[gate.input_name(k)].text != "1" for k, _ in moving):
            yield mutant("local gradient forgotten", f"when all inputs of {node} get its upstream gradient as it is", 1.4,
                         slopes(*[lambda z, *xs: np.ones_like(z)] * len(graph.inputs[i])))  # fmt: skip
    if len(gate.local) != 2:
        return
    one, other = (gate.local[name].code for name in gate.inputs)
    if gate.pattern is Pattern.ROUTER:
        text = f"when the wrong input of {node} gets the gradient"
    elif gate.pattern is Pattern.SWITCHER:
        text = f"when each input of {node} gets its own value instead of the other's"
    else:
        text = f"when the two local gradients of {node} are exchanged"
    yield mutant("inputs swapped", text, 1.05, slopes(other, one))
    if any(m.text == "both inputs credited" for m in gate.mistakes):
        yield mutant("both inputs credited", f"when both inputs of {node} are credited", 1.0,
                     slopes(*[lambda z, x, y: np.ones_like(z)] * 2))  # fmt: skip
    if gate.name == "div":
        text = f"with the quotient rule at {node}, but not divided by the denominator"
        yield mutant("quotient rule", f"{text} squared", 1.3, slopes(lambda z, x, y: y, lambda z, x, y: -x))
        yield mutant("quotient rule", f"{text} squared, only by the denominator", 1.3, slopes(lambda z, x, y: 1.0, lambda z, x, y: -x / y))
