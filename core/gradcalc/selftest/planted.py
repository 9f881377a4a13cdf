"""Faults in one gate, planted at random points, and what the check makes of a wrong graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..checks import Check, check
from ..faults import faults
from ..gates import GATES
from ..graphs import Graph
from ..judge import AGREE
from ..verdicts import Verdict, exit_code
from .tally import BELOW, CAUGHT, CORNER, EMPTY, EQUIVALENT, MISSED, Finding, Plant, Tally
from .uses import missing, uses

SMALL = (1e-3, 1e-6, 1e-9)
UNDECIDED = (Verdict.KINK, Verdict.JUMP, Verdict.NOISE)


def in_gate(name: str, seed: int, count: int) -> Tally:
    """Every single fault of one gate, at `count` random points for each of its uses."""
    gate, total = GATES[name], EMPTY
    if missing(gate):
        return EMPTY._replace(skipped=(name,))
    rng = np.random.default_rng([seed, *name.encode()])
    for use in uses(gate, rng, count):
        right = use.graph()
        total += passed("gates", use.text, use.inputs, check(right))
        for fault in faults(gate, small=SMALL):
            plant = Plant("gates", fault.name, fault.input, name, use.text, use.inputs)
            try:
                wrong = use.graph({**GATES, name: fault.gate})
            except ValueError:  # numpy itself refuses a gradient of the wrong shape
                total += plant.came_to(CAUGHT, named=True)
                continue
            total += judged(plant, right, wrong)
    return total


def judged(plant: Plant, right: Graph, wrong: Graph) -> Tally:
    """What the check says of a graph with wrong gradients, weighed against the right ones."""
    effects = {i: effect(a, b) for i, (a, b) in enumerate(zip(right.upstreams, wrong.upstreams, strict=True))}
    if not any(effects.values()):
        return plant.came_to(EQUIVALENT)
    found = check(wrong)
    if found.verdict is Verdict.FAIL:
        return plant.came_to(CAUGHT, named=plant.gate in found.guilty)
    over = [i for i, e in effects.items() if i in found.nodes and e > AGREE * found.nodes[i].bar]
    visible = [i for i in over if found.nodes[i].verdict not in UNDECIDED]
    i = max(visible or over or effects, key=lambda k: effects[k])
    bar = found.nodes[i].bar if i in found.nodes else 0.0
    outcome = MISSED if visible else CORNER if over else BELOW
    return plant.came_to(outcome, effect=effects[i], bar=bar, verdict=str(found.verdict))


def passed(kind: str, text: str, inputs: Mapping[str, Any], found: Check) -> Tally:
    """A right program must not be accused: neither of a wrong gradient nor of leaving a domain."""
    by_design = "cause: conventions" in str(found.nodes)
    verdict = "conventions" if by_design else str(found.verdict)
    tally = EMPTY._replace(verdicts=Counter({(kind, verdict): 1}))
    if by_design or exit_code(found.verdict) in (0, 3):
        return tally
    return tally._replace(
        alarms=(Finding(Plant(kind, "", "", "", text, inputs), "false alarm", verdict=verdict),)
    )


def effect(a: Any, b: Any) -> float:
    """The largest change from gradient `a` to `b`: infinite where shapes or finiteness differ."""
    if a is None and b is None:
        return 0.0
    a, b = np.asarray(0.0 if a is None else a, dtype=float), np.asarray(0.0 if b is None else b, dtype=float)
    if a.shape != b.shape and a.shape and b.shape:
        return np.inf
    with np.errstate(all="ignore"):
        change = np.where(a == b, 0.0, np.abs(a - b))
    return float(np.max(np.where(np.isnan(change), np.inf, change), initial=0.0))
