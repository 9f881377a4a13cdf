"""Random programs of arrays against torch in float64: values and gradients.

`python tests/core/test_against_torch.py 2000` asks as many as one likes.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import NamedTuple

import numpy as np
import pytest

from gradcalc.generate import array_gates, array_program

torch_programs = pytest.importorskip(
    "torch_programs", reason="needs torch, of the peers extra", exc_type=ImportError
)
COUNT = 100
AGREE = 1e-10


FLOOR = 1e-3


class Gap(NamedTuple):
    """How far the two are apart in one program, its text and its gates."""

    value: float
    gradient: float
    text: str
    gates: frozenset[str]

    @property
    def agrees(self) -> bool:
        return max(self.value, self.gradient) <= AGREE


def relative(ours: object, theirs: object, floor: float) -> float:
    """max|a-b| / max|b| of two arrays, or / `floor` where that is more."""
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    assert a.shape == b.shape
    worst = float(np.max(np.abs(a - b), initial=0.0))
    return worst / max(floor, float(np.max(np.abs(b), initial=0.0))) if worst else 0.0


def gap(seed: int) -> Gap:
    """The random program of this seed, worked out by both.

    A gradient that is a thousand times smaller than the program's largest is measured by that: of a
    cosine of x with itself both find roundings where the truth is zero.
    """
    sample = array_program(np.random.default_rng(seed))
    graph = sample.graph
    value, gradients = torch_programs.in_torch(graph, sample.inputs)
    ours = {**{name: np.zeros(np.shape(x)) for name, x in sample.inputs.items()}, **graph.backward()}
    floor = FLOOR * max((float(np.max(np.abs(g), initial=0.0)) for g in gradients.values()), default=0.0)
    return Gap(
        relative(graph.values[graph.output], value, 0.0),
        max((relative(ours[name], g, floor) for name, g in gradients.items()), default=0.0),
        sample.text,
        frozenset(gate.name for gate in graph.gates),
    )


def test_values_and_gradients_are_torchs() -> None:
    """Both agree to 1e-10 of each array's largest entry."""
    found = [gap(seed) for seed in range(COUNT)]
    assert [g for g in found if not g.agrees] == []


def test_torch_has_every_gate() -> None:
    """No gate of the random programs is left out of the comparison."""
    assert set(array_gates()) - set(torch_programs.GATES) == {"dropout"}


if __name__ == "__main__":
    gaps = [gap(seed) for seed in range(int(sys.argv[1]))]
    off = [f"{g.value:.1e} {g.gradient:.1e} {g.text}" for g in gaps if not g.agrees]
    seen = Counter(name for g in gaps for name in g.gates)
    print(
        *off,
        f"{len(gaps) - len(off)} of {len(gaps)} programs agree with torch {torch_programs.VERSION} "
        f"to {AGREE:g}: "
        f"worst value {max(g.value for g in gaps):.1e}, worst gradient {max(g.gradient for g in gaps):.1e}; "
        f"{len(seen)} gates, each in at least {min(seen.values())} programs",
        sep="\n",
    )
