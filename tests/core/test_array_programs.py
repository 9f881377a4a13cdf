"""Random programs of arrays: no crash and no false alarm of the check.

`python tests/core/test_array_programs.py 2000` runs as many as one likes.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest

import gradcalc
from gradcalc import GATES
from gradcalc.checks import check
from gradcalc.generate import array_gates, array_program
from gradcalc.recipes import RECIPES
from gradcalc.verdicts import Verdict, exit_code

COUNT = 150


def off(seed: int) -> str | None:
    """What the check says about the random program of this seed, where it is not a pass."""
    sample = array_program(np.random.default_rng(seed))
    sample.graph.backward()
    found = check(sample.graph)
    return None if exit_code(found.verdict) == 0 else f"{seed}: {found.verdict}: {sample.text}"


def test_no_false_alarm() -> None:
    """Right gates pass: random programs are finite and differentiable by construction."""
    told = [words for words in map(off, range(COUNT)) if words]
    noise = [words for words in told if str(Verdict.NOISE) in words]
    assert [words for words in told if words not in noise] == []
    # A cosine of x with itself has the gradient zero, as the difference of two roundings.
    assert len(noise) <= COUNT / 100
    assert all("cosine_similarity" in words for words in noise)


def test_programs_are_reproducible() -> None:
    """The same seed gives the same program, and its text and inputs give its value again."""
    one, two = (array_program(np.random.default_rng(7)) for _ in range(2))
    assert one.text == two.text
    graph = gradcalc.graph(one.text, **one.inputs)
    assert graph.forward() == one.graph.values[one.graph.output]


@pytest.mark.parametrize("name", array_gates())
def test_every_gate_can_be_asked_for(name: str) -> None:
    """`names` draws from these gates only, and each of them gets used."""
    found = []
    for seed in range(3):
        sample = array_program(np.random.default_rng(seed), size=2, names=[name])
        found += [gate.name for gate in sample.graph.gates]
    if name not in found and GATES[name].frameworks.startswith("scipy"):
        pytest.skip("needs the scipy extra")
    assert name in found


def test_recipes_are_of_gates() -> None:
    """Every gate that is not elementwise has a recipe, and every recipe a gate."""
    assert set(RECIPES) <= set(GATES)
    assert {name for name, gate in GATES.items() if gate.vjp} <= set(RECIPES)


if __name__ == "__main__":
    alarms = [told for told in map(off, range(int(sys.argv[1]))) if told]
    print("\n".join([*alarms, f"{len(alarms)} of {sys.argv[1]} programs are off"]))
