"""Mistakes of one step of the backward pass: a gate that sends the wrong thing down to an input."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from ..formulas import put_in
from ..gate import Array, Pattern
from ..replay import Rule
from .arrays import array_mistakes
from .mutant import Mutant
from .step import Step

OPERAND = re.compile(r"\b(?!a [a-z])[a-z]\w*\b")  # but no article
PARTICIPLE = re.compile(r"(not )?(passed|credited|divided|multiplied|averaged|summed|rolled|transposed)\b")


def edge_mistakes(step: Step) -> Iterator[Mutant]:
    """The mistakes that can be made at this step."""
    at, to, gate_word = step.at, step.to, step.gate_word
    if step.text.startswith("-"):
        text = f"when the minus sign of {gate_word} is lost on the way to {to}"
        yield step.mutant("sign lost", text, 1.0, step.times(-1.0))
    else:
        yield step.mutant("sign lost", f"when the sign turns {at}", 2.0, step.times(-1.0))
    text = f"when the upstream gradient is forgotten {at}: only the local gradient arrives"
    yield step.mutant("upstream forgotten", text, 1.2, lambda dz, z, xs: step.right(np.ones_like(dz), z, xs))
    yield from own_mistakes(step)
    yield from local_forgotten(step)
    yield from wrong_point(step)
    yield from value_for_slope(step)
    if step.gate.pattern in (Pattern.DISTRIBUTOR, Pattern.ROUTER):
        name = "term forgotten" if step.gate.pattern is Pattern.DISTRIBUTOR else "nothing passed"
        yield step.mutant(name, f"when nothing arrives from {gate_word} at {to}", 1.6, None)
    yield from array_mistakes(step)
    yield step.mutant("factor 2", f"with a factor 2 too many {at}", 2.1, step.times(2.0))
    yield step.mutant("factor 1/2", f"with a factor 1/2 too many {at}", 2.2, step.times(0.5))


def local_forgotten(step: Step) -> Iterator[Mutant]:
    """The upstream gradient goes on as it is: the chain stops one gate too early."""
    output = step.node == step.place.graph.output
    name = "local gradient forgotten" if output else "inner derivative forgotten"
    text = (
        f"when the local gradient of {step.gate_word} is forgotten: "
        f"{step.to} gets the upstream gradient as it is"
    )
    cost = 1.3
    if step.constant:
        text, cost = f"when the factor {step.constant} of {step.gate_word} is forgotten on the way back", 1.15
    if step.gate.local and step.text not in ("1", "-1"):
        yield step.mutant(name, text, cost, lambda dz, z, xs: step.fitted(dz * np.ones_like(z)))
    elif step.gate.vjp and step.shape == step.out != ():
        yield step.mutant(name, text, 1.5, lambda dz, z, xs: dz)


def value_for_slope(step: Step) -> Iterator[Mutant]:
    """What a function of one input gives, where its slope belongs."""
    if (
        step.gate.local
        and (len(step.gate.inputs) == 1 or step.gate.name == "pow")
        and step.text not in ("1", "-1")
    ):
        text = f"when the value of {step.gate_word} is taken for its slope"
        yield step.mutant("value for slope", text, 1.7, lambda dz, z, xs: step.fitted(dz * z))


def own_mistakes(step: Step) -> Iterator[Mutant]:
    """The mistakes that the gate's own record knows."""
    for mistake in step.gate.mistakes:
        if mistake.input == step.gate.input_name(step.position):
            yield step.mutant(mistake.text, own_words(step, mistake.text), 1.1, coded(step, mistake.code))


def coded(step: Step, code: Rule) -> Rule:
    """The code of a gate's record as a rule: a slope, or for a vjp the whole step."""
    if step.gate.vjp:
        return lambda dz, z, xs: code(dz, z, *xs)
    return lambda dz, z, xs: step.fitted(dz * code(z, *xs))


def own_words(step: Step, text: str) -> str:
    """A mistake of a gate's record in a sentence, in the names of the nodes that it is about."""
    if is_rule(text):
        return f"with the rule {text}, {step.at}"
    names, gate = step.place.names, step.gate
    table = {gate.input_name(k): names.shown(j) for k, j in enumerate(step.inputs)}
    words, colon, formula = text.partition(": ")
    if colon:
        labels = (*table.items(), ("z", names.shown(step.node)))
        formula = put_in(formula, tuple((name, bracketed(label)) for name, label in labels))
    words = OPERAND.sub(lambda m: table.get(m[0], m[0]), words)
    return f"with {'the gradient ' if PARTICIPLE.match(words) else ''}{words}{colon}{formula}, {step.at}"


def is_rule(text: str) -> bool:
    """Whether a record's text is a rule for a derivative, such as "exp' = x"."""
    return re.match(r"\S*'( |$)", text) is not None


def bracketed(text: str) -> str:
    """An operand that may stand in any formula."""
    return text if re.fullmatch(r"[\w.]+|.*\)", text) else f"({text})"


def wrong_point(step: Step) -> Iterator[Mutant]:
    """The slope at the output, where the input belongs, and the reverse."""
    derivative = step.gate.local.get(step.gate.input_name(step.position))
    if derivative is None:
        return
    name, position = step.gate.input_name(step.position), step.position

    def slope_at(dz: Array, xs: tuple[Array, ...], point: Array) -> Array:
        moved = (*xs[:position], point, *xs[position + 1 :])
        return step.fitted(dz * derivative.code(point, *moved))

    kind, slope = "slope at the wrong point", f"when the slope of {step.gate_word} is taken at its"
    if re.search(rf"\b{re.escape(name)}\b", step.text):
        text = f"{slope} output, not at its input"
        yield step.mutant(kind, text, 1.6, lambda dz, z, xs: slope_at(dz, xs, z))
    if re.search(r"\bz\b", step.text):
        text = f"{slope} input, where its output belongs"
        yield step.mutant(kind, text, 1.6, lambda dz, z, xs: slope_at(dz, xs, xs[position]))
