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
