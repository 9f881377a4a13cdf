"""Two expressions that should be the same function: their values and all their gradients, at one point."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .errors import GradcalcError
from .gate import Array
from .graphs import Graph, steady
from .jitter import Chance, bars, nudged
from .session import Question, prepare, uses
from .verdicts import Verdict

AGREE = 10.0


class Compared(NamedTuple):
    """One quantity of both expressions: `name` is "value" or dNAME, `bar` how far rounding may part them."""

    name: str
    first: Array
    second: Array
    error: float
    bar: float
    verdict: str


class Same(NamedTuple):
    """Whether two expressions agree: "pass" or "fail", and each quantity."""

    verdict: str
    first: str
    second: str
    quantities: tuple[Compared, ...]


def same(first: Question, text: str) -> Same:
    """Compare an expression with another one, `text`, at the same inputs.

    Each must use some of the inputs, and both together all of them; an input that only one uses has the
    gradient 0 in the other. Raises GradcalcError like `prepare`.
    """
    given = {*first.inputs, *first.loads}
    taken = [uses(first.text, tuple(given)), uses(text, tuple(given))]
    for name in sorted(given - taken[0] - taken[1]):
        raise GradcalcError(f"neither expression uses {name}", kind="unused", hint=f"remove -{name}")
    graphs = [prepare(_only(first, t, names)) for t, names in zip((first.text, text), taken, strict=True)]
    one, two = graphs
    shapes = [np.shape(g.values[g.output]) for g in graphs]
    if shapes[0] != shapes[1]:
        raise GradcalcError(
            f"the expressions have values of different shapes, {shapes[0]} and {shapes[1]}", kind="shape"
        )
    seeds = [one.upstreams[one.output]]
    if shapes[0]:
        rng = np.random.default_rng([first.seed, 3])
        seeds.append(rng.uniform(0.5, 1.5, shapes[0]) * rng.choice([-1.0, 1.0], shapes[0]))
    sides = [_side(g, seeds, first.seed) for g in graphs]
    values = [(g.values[g.output], _value_bar(g, first.seed)) for g in graphs]
    rows = [_compared("value", values[0][0], values[1][0], values[0][1] + values[1][1])]
    names = list(dict.fromkeys((*one.variables, *two.variables)))
    for name in names:
        if first.wrt and name not in first.wrt:
            continue
        shape = np.shape((one if name in one.variables else two)[name].value)
        pairs = []
        for k in range(len(seeds)):
            (a, bar_a), (b, bar_b) = (s[k].get(name, (np.zeros(shape), 0.0)) for s in sides)
            pairs.append(_compared(f"d{name}", a, b, bar_a + bar_b))
        rows.append(max(pairs, key=lambda c: (c.verdict == "fail", -pairs.index(c))))
    verdict = Verdict.FAIL if any(r.verdict == "fail" for r in rows) else Verdict.PASS
    return Same(str(verdict), first.text, text, tuple(rows))


def _only(question: Question, text: str, names: set[str]) -> Question:
    return question._replace(
        text=text,
        inputs={n: v for n, v in question.inputs.items() if n in names},
        loads={n: v for n, v in question.loads.items() if n in names},
        origin=question.origin if text == question.text else None,
        wrt=(),
    )


def _side(graph: Graph, seeds: list[Array], seed: int) -> list[dict[str, tuple[Array, Array]]]:
    """For each upstream gradient: every input's gradient and its error bar."""
    with steady():
        found = bars(graph, seeds, Chance(seed), False)
        ups = [graph.rerun_backward(s) for s in seeds]
    result = []
    for up, bar in zip(ups, found, strict=True):
        table = {}
        for name, i in graph.variables.items():
            zero = np.zeros(np.shape(graph.values[i]))
            table[name] = (
                zero if up[i] is None else up[i],
                zero if bar.bar[i] is None else bar.bar[i],
            )
        result.append(table)
    return result


def _value_bar(graph: Graph, seed: int) -> Array:
    """How far the value moves when every number on the way moves by an ulp or two."""
    value = graph.values[graph.output]
    chance = Chance(seed)
    with steady():
        moved = [np.abs(nudged(graph, chance) - value) for _ in range(3)]
    return np.maximum(np.max(moved, axis=0), 4 * np.finfo(float).eps * np.abs(value))


def _compared(name: str, a: Array, b: Array, bar: Array) -> Compared:
    with np.errstate(all="ignore"):
        gap = np.where(np.equal(a, b), 0.0, np.abs(np.subtract(a, b)))
        slack = AGREE * np.asarray(bar) + 1e-300
        wrong = ~(gap <= slack)
        size = float(max(np.max(np.abs(a), initial=0.0), np.max(np.abs(b), initial=0.0)))
        error = float(np.max(gap, initial=0.0) / size) if size else 0.0
    verdict = Verdict.FAIL if np.any(wrong) else Verdict.PASS
    return Compared(name, a, b, error, float(np.max(bar, initial=0.0)), str(verdict))
