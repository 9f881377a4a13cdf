"""A dot between numbers is a product; between arrays it has two readings."""

from __future__ import annotations

import numpy as np
import pytest

from gradcalc.errors import GradcalcError
from gradcalc.session import Question, prepare

A, V = [[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("‖W·v‖²", 2), ("v·v", 1), ("sum(2·v·v)", 7), ("u = 3*v\nsum(u ⋅ v)", 14),
        ("f(a) = sum(a·a); f(v)", 12), ("sum(v·(W@v))", 5),
    ],
)  # fmt: skip
@pytest.mark.parametrize("plain", [False, True])
def test_between_arrays(text: str, at: int, plain: bool) -> None:
    """Refused, with the caret on it; a star is taken as it is."""
    inputs = {"v": V, "W": A} if "W" in text else {"v": V}
    if plain:
        prepare(Question(text.replace("·", "*").replace("⋅", "*"), inputs))
        return
    with pytest.raises(GradcalcError, match="a dot between arrays of shapes") as caught:
        prepare(Question(text, inputs))
    assert caught.value.span == (at, at + 1)


@pytest.mark.parametrize("text", ["2·x", "x·y", "sum(2·v)", "sum(x·v*v)", "sum(v·x@W)", "sum(v*(x·y)*v)"])
def test_between_numbers(text: str) -> None:
    """A number times whatever there is."""
    inputs = {name: value for name, value in {"x": 2.0, "y": 3.0, "v": V, "W": A}.items() if name in text}
    graph = prepare(Question(text, inputs))
    other = prepare(Question(text.replace("·", "*"), inputs))
    assert np.array_equal(graph.values[graph.output], other.values[other.output])
