"""The structure of Jacobians against the matrices themselves, on random programs of arrays."""

from __future__ import annotations

import numpy as np
import pytest

from gradcalc.generate import array_program
from gradcalc.jacobian import Structure, jacobians

LARGEST = 40


@pytest.mark.parametrize("seed", range(12))
def test_structure_is_an_upper_bound(seed: int) -> None:
    """Every node of a program as the output: what is called zero, diagonal or a selection is."""
    graph = array_program(np.random.default_rng(seed)).graph
    for i in graph.names.values():
        shape = np.shape(graph.values[i])
        if not graph.inputs[i] or not 1 <= np.prod(shape, initial=1) <= LARGEST:
            continue
        graph.output = i
        graph.__dict__.pop("reach", None)
        graph.__dict__.pop("parameters", None)
        graph.backward()
        for found in jacobians(graph, dense=True).jacobians:
            assert found.entries is not None
            matrix = np.zeros(found.shape)
            for k in range(len(matrix)):
                seed_at = np.zeros(shape)
                seed_at.flat[k] = 1.0
                up = graph.rerun_backward(seed_at[()])[graph.names[found.input]]
                matrix[k] = 0.0 if up is None else np.ravel(up)
            assert np.array_equal(found.entries, matrix)
            there = matrix != 0
            assert there.sum() <= found.nonzeros
            square = there.shape[0] == there.shape[1]
            off = there & ~(np.eye(*there.shape) == 1)
            assert {
                Structure.ZERO: not there.any(),
                Structure.IDENTITY: square and np.array_equal(matrix, np.eye(len(matrix))),
                Structure.DIAGONAL: square and not off.any(),
                Structure.SELECTION: there.sum(axis=1).max(initial=0) <= 1,
            }.get(found.structure, True), (found.input, graph.text(i))
