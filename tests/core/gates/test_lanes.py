"""Gates at many points at once: the same as point by point, for real and for complex moves."""

from __future__ import annotations

import numpy as np
import pytest

import gradcalc
from gradcalc import GATES
from gradcalc.build import build
from gradcalc.selftest.uses import moving
from gradcalc.syntax import parse

COUNT = 5
Shape = tuple[int, ...]
MORE: dict[str, list[tuple[Shape, ...]]] = {
    "matmul": [
        ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((4, 2, 3), (3, 2)), ((2, 3), (4, 3, 2)),
        ((3,), (2, 3, 4)),
    ],
    "sum": [((2, 3, 4),)],
}  # fmt: skip


def points(shape: Shape, seed: int) -> np.ndarray:
    """Random points, lanes first, that move a little into the complex plane."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(COUNT, *shape)) + 1e-3j * rng.normal(size=(COUNT, *shape))


@pytest.mark.parametrize("name", [name for name, gate in GATES.items() if gate.lanes])
def test_examples(name: str) -> None:
    """Each example of the gate, its parameters among them, with any of its inputs moved."""
    for text in GATES[name].examples:
        use = moving(text)
        graph = build(parse(use.text, bound=tuple(use.inputs)), use.inputs)
        gate, ins = graph.gates[graph.output], graph.inputs[graph.output]
        xs = [np.asarray(graph.values[j]) for j in ins]
        same(gate, [x.shape for x in xs])


@pytest.mark.parametrize(
    ("name", "shapes"), [(name, shapes) for name, many in MORE.items() for shapes in many]
)
def test_ranks(name: str, shapes: tuple[Shape, ...]) -> None:
    """Vectors, matrices and batches of them in any pairing."""
    same(GATES[name], list(shapes))


def same(gate: gradcalc.Gate, shapes: list[Shape]) -> None:
    """Lanes against one call a lane: all inputs moved, and all but one."""
    assert gate.lanes is not None
    moved = [points(shape, k) for k, shape in enumerate(shapes)]
    for still in range(-1, len(shapes) if len(shapes) > 1 else 0):
        xs = [x[:1].real if k == still else x for k, x in enumerate(moved)]
        found = gate.lanes(*xs)
        for lane in range(COUNT):
            one = gate.forward(*[x[0] if k == still else x[lane] for k, x in enumerate(xs)])
            assert np.allclose(found[lane], one, rtol=1e-13, atol=1e-15)
