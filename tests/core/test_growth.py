"""What would have too many entries is refused before there is memory for it."""

from __future__ import annotations

import numpy as np
import pytest

import gradcalc
from gradcalc import GATES
from gradcalc.build import build
from gradcalc.errors import GradcalcError
from gradcalc.selftest.uses import moving
from gradcalc.session import Question, prepare
from gradcalc.syntax import parse

TOO_LARGE = [
    "x[:, None]*x", "where(x[:, None] > 0, x, 1)", "outer(x, x)", "kron(x, x)", "x[:, None] @ x[None, :]",
    "dot(x[:, None], x[None, :])", "inner(x[:, None], x[:, None])", 'einsum("i,j->ij", x, x)',
    'einsum("i,j", x, x)', "broadcast_to(x, (60, 50))", "broadcast_to(x[0], (60, 50))", "repeat(x, 60)",
    "tile(x, (60, 1))", "pad(x, 2000)", "pad(x, (0, 2000))", "diag(x)", "embedding(zeros(100), x[None])",
    "x[zeros(50), None] + x", "x[None][zeros(50), :]",
    "linear(x[:, None], x[:, None])", "affine(x[:, None], x[None, :])", "tensordot(x, x, axes=0)",
    "conv2d(x.reshape(1, 1, 5, 10), x.reshape(50, 1, 1, 1))",
    "conv1d(x[None, None], x[:3][None, None], padding=500)",
    "conv_transpose2d(x.reshape(1, 1, 5, 10), x[:4].reshape(1, 1, 2, 2), stride=9)",
    "concatenate([tile(x, 15), tile(x, 15)])", "stack([tile(x, 15), tile(x, 15)])",
]  # fmt: skip


@pytest.mark.parametrize("name", [name for name, gate in GATES.items() if gate.grows])
def test_what_is_said_is_what_comes(name: str) -> None:
    """The number from shapes alone is the number of entries of the gate's own answer, for each example."""
    for text in GATES[name].examples:
        use = moving(text)
        graph = build(parse(use.text, bound=tuple(use.inputs)), use.inputs)
        graph.forward()
        gate = graph.gates[graph.output]
        if gate.grows is None:  # numbers put together are a constant
            continue
        shapes = [np.shape(graph.values[j]) for j in graph.inputs[graph.output]]
        assert gate.grows(*shapes) == np.size(graph.values[graph.output]), text


MORE = [
    "x[2]", "x[..., 1]", "x[None, :, 1:]", "x[[0, 2, 2]]", "x[range(3), [0, 1, 0]]",
    "x[::-1, None, [0, 0, 1, 1]]",
    "x[:, :, None]",
    "conv2d(x[None, None], x[None, None, :2], padding=(1, 2), stride=(2, 1), dilation=(2, 1))",
    "conv_transpose2d(x[None, None], x[None, None, :2], padding=1, stride=(2, 3), output_padding=(1, 0))",
    "conv1d(x[None], x[:, :2].reshape(2, 3, 1))", "affine(x, x.T)", "linear(x, x)", "tensordot(x, x, axes=2)",
]  # fmt: skip


@pytest.mark.parametrize("text", MORE)
def test_more_of_what_is_said(text: str) -> None:
    """Keys of all kinds, and convolutions with every parameter."""
    graph = gradcalc.graph(text, x=np.arange(6.0).reshape(3, 2))
    graph.forward()
    gate = graph.gates[graph.output]
    assert gate.grows is not None
    shapes = [np.shape(graph.values[j]) for j in graph.inputs[graph.output]]
    assert gate.grows(*shapes) == np.size(graph.values[graph.output])


@pytest.mark.parametrize("text", TOO_LARGE)
def test_refused(text: str) -> None:
    """Products, copies and padding of modest inputs; the message has the number and the option."""
    with pytest.raises(GradcalcError, match=r"has \d,\d{3} entries, more than the limit of 1,000") as error:
        prepare(Question(text, {"x": np.arange(50.0)}, max_elements=1000))
    assert (error.value.kind, error.value.hint) == ("limit", "--max-elements raises the limit")


def test_the_gate_is_never_called() -> None:
    """A product of two vectors that would take 10^13 bytes: nothing is allocated."""
    with pytest.raises(GradcalcError, match=r"outer\(x,x\) has 1,000,000,000,000 entries"):
        gradcalc.graph("sum(outer(x,x))", x=np.zeros(1_000_000)).forward()


def test_shapes_that_do_not_fit_are_told_as_ever() -> None:
    """The gate's own message is not lost."""
    with pytest.raises(GradcalcError, match="matmul needs the inner sizes to agree"):
        gradcalc.graph("a @ b", a=np.ones((2, 3)), b=np.ones((2, 3))).forward()
