"""Random programs: right ones that must pass, and the same with a fault in their midst."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..build import build
from ..checks import check
from ..faults import faults, overwrite
from ..gates import GATES
from ..generate import Sample, array_program, scalar_program
from ..graphs import Graph
from ..mistakes import Place
from ..mistakes.catalogue import Catalogue
from ..quantities import Names
from ..replay import UNFIT, Replay
from ..syntax import parse
from .planted import SMALL, effect, judged, passed
from .tally import EMPTY, Plant, Tally

Draw = Callable[[int], tuple[np.random.Generator, Sample]]
MUTANTS = 24  # mistakes of people that are planted in one program


def program(seed: int) -> tuple[np.random.Generator, Sample]:
    """A random program of scalars, with the generator that drew it."""
    rng = np.random.default_rng(seed)
    sample = scalar_program(rng, size=int(rng.integers(2, 12)))
    sample.graph.backward()
    return rng, sample


def of_arrays(seed: int) -> tuple[np.random.Generator, Sample]:
    """A random program of arrays, with the generator that drew it."""
    rng = np.random.default_rng(seed)
    sample = array_program(rng, size=int(rng.integers(2, 9)))
    sample.graph.backward()
    return rng, sample


def planted_program(seed: int, draw: Draw = program, kind: str = "programs") -> Tally:
    """A random program with one gate broken at random, and once more with its forks overwritten."""
    rng, sample = draw(seed)
    right, total = sample.graph, EMPTY
    names = sorted({g.name for g, ins in zip(right.gates, right.inputs, strict=True) if ins})
    if names:
        name = names[int(rng.integers(len(names)))]
        choices = [f for f in faults(GATES[name], small=SMALL) if f.name != "broadcast not summed back"]
        fault = choices[int(rng.integers(len(choices)))] if choices else None
        if fault is not None:
            wrong = again(sample, {**GATES, name: fault.gate})
            wrong.backward()
            plant = Plant(kind, fault.name, fault.input, name, sample.text, sample.inputs)
            total += judged(plant, right, wrong)
    wrong = again(sample)
    wrong.backward(accumulate=overwrite)
    plant = Plant(kind, "= for += at a fork", "", "", sample.text, sample.inputs)
    return total + judged(plant, right, wrong)


def planted_arrays(seed: int) -> Tally:
    """The same in a random program of arrays."""
    return planted_program(seed, of_arrays, "arrays")


def mistaken_program(seed: int) -> Tally:
    """A random program with the mistakes of people at its nodes: those that change gradients alone."""
    rng, sample = program(seed)
    right, total = sample.graph, EMPTY
    replay = Replay(right)
    mutants = [m for m in Catalogue(Place(Names(right), replay), ()).mutants if m.change is not None]
    for k in rng.permutation(len(mutants))[:MUTANTS].tolist():
        mutant = mutants[k]
        change = mutant.change
        assert change is not None
        try:
            values, upstreams = replay.run(change)
        except UNFIT:
            continue
        if any(effect(right.values[i], v) for i, v in values.items()):
            continue
        wrong = again(sample)
        wrong.backward()
        wrong.upstreams = [upstreams.get(i, dz) for i, dz in enumerate(wrong.upstreams)]
        plant = Plant("mistakes", mutant.name, mutant.text, "", sample.text, sample.inputs)
        total += judged(plant, right, wrong)
    return total


def again(sample: Sample, gates: Mapping[str, Any] = GATES) -> Graph:
    """A program's graph built anew with these gates, its forward pass run."""
    graph = build(parse(sample.text, bound=tuple(sample.inputs)), sample.inputs, gates=gates)
    graph.forward()
    return graph


def right_scalars(seed: int) -> Tally:
    """The check of a right scalar program."""
    _, sample = program(seed)
    return passed("scalars", sample.text, sample.inputs, check(sample.graph))


def right_arrays(seed: int) -> Tally:
    """The check of a right program of arrays."""
    _, sample = of_arrays(seed)
    return passed("arrays", sample.text, sample.inputs, check(sample.graph))


PROGRAMS: dict[str, Callable[[int], Tally]] = {
    "planted": planted_program,
    "mistakes": mistaken_program,
    "scalars": right_scalars,
    "planted_arrays": planted_arrays,
    "arrays": right_arrays,
}
