"""Circuits and array programs to plant mistakes in, and answers written as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gradcalc.key import Key
from gradcalc.quantities import Quantity
from gradcalc.session import Question


class Circuit(NamedTuple):
    """An expression or program, and a point."""

    text: str
    inputs: dict[str, str]

    def key(self) -> Key:
        """Its key, ready to judge."""
        return Key.of(Question(self.text, self.inputs))


def circuit(text: str, **inputs: Any) -> Circuit:
    """A circuit at a point given by numbers or texts."""
    return Circuit(text, {name: str(value) for name, value in inputs.items()})


X, W = "[[.3,-1.2],[1.1,.4],[-.6,.9]]", "[[.5,-.2,.1],[.3,.8,-.4]]"
LSTM = """
i = sigmoid(wi*x + ui*h + bi)
f = sigmoid(wf*x + uf*h + bf)
o = sigmoid(wo*x + uo*h + bo)
g = tanh(wg*x + ug*h + bg)
s = f*c + i*g
o * tanh(s)
"""

CIRCUITS = [
    circuit("(x+y)*z", x=-2, y=5, z=-4),
    circuit("(x+y)*z", x=-2.3, y=5.1, z=-4.2),
    circuit("(x+y)*x - x*z", x=3, y=-4, z=2),
    circuit("2*(x*y + max(z,w))", x=3, y=-4, z=2, w=-1),
    circuit("1/(1+exp(-(w0*x0+w1*x1+w2)))", w0=2, x0=-1, w1=-3, x1=-2, w2=-3),
    circuit("sigmoid(w0*x0+w1*x1+w2)", w0=1.2, x0=-1.1, w1=-0.3, x1=-2.4, w2=-0.7),
    circuit("(x+sigmoid(y))/(sigmoid(x)+(x+y)^2)", x=3, y=-4),
    circuit("x^3 - 2*x*y + y^2", x=1.5, y=-0.8),
    circuit("a*b + b*c - c/a", a=2, b=-3, c=4),
    circuit("log(x*y) + exp(-x^2)/y", x=1.3, y=0.7),
    circuit("sin(x*y) + cos(y) - x/y", x=1.3, y=0.7),
    circuit("sqrt(x^2+y^2)*tanh(z)", x=1.3, y=-0.7, z=0.4),
    circuit("tanh(w*tanh(w*h+x)+x)", w=0.7, h=0.4, x=-0.6),
    circuit(LSTM, x=0.7, h=-0.3, c=0.5, wi=0.4, ui=-0.2, bi=0.1, wg=0.9, ug=0.6, bg=-0.1,
            wo=-0.5, uo=0.3, bo=0.2, wf=0.8, uf=0.1, bf=1),
    circuit("sum((W@x)^2)", W="[[0.1,0.5],[-0.3,0.8]]", x="[0.2,0.4]"),
    circuit("sum(softmax(x)*y)", x="[.2,-.4,1.1]", y="[1.5,.3,-.7]"),
    circuit("s = X@W; sum(max(0, s - s[range(3), [0,2,1]][:,None] + 1)) - 3 + 0.1*sum(W^2)", X=X, W=W),
    circuit("cross_entropy(X@W + b, [0,2,1]) + 0.05*sum(W^2)", X=X, W=W, b="[.1,-.2,.3]"),
    circuit("h = max(0, X@A + a); mean((h@v - t)^2)", X=X, A="[[.5,-.2],[.3,.8]]", a="[.2,-.1]",
            v="[.7,-1.3]", t="[.5,.1,-.4]"),
]  # fmt: skip


def gradients(key: Key) -> dict[Quantity, Any]:
    """The true gradients of all inputs."""
    graph = key.graph
    return {key.quantity(f"d{name}"): graph.upstreams[i] for name, i in graph.variables.items()}


def written(value: Any, digits: int = 3) -> str:
    """A number or an array to so many significant digits, trailing zeros kept."""
    if np.ndim(value):
        return "[" + ",".join(written(entry, digits) for entry in value) + "]"
    return f"{float(value):#.{digits}g}"


def answers(key: Key, numbers: Mapping[Quantity, Any], digits: int = 3) -> dict[str, str]:
    """These numbers as somebody's answers."""
    return {key.names.spell(q): written(value, digits) for q, value in numbers.items()}
