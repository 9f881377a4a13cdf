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
LAYERS = """
hidden = max(0, X@W1 + b1)
p = softmax(hidden@W2 + b2, axis=1)
data = -mean(log(p[range(3), [0,1,1]]))
data + 0.05*(sum(W1^2) + sum(W2^2))
"""
NORMALIZED = """
m = mean(x)
v = mean((x - m)^2)
y = (x - m)/sqrt(v + 0.1)
sum(g*y*y)
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
    circuit("a = x*y; b = a + x; c = b*a + y; d = c*b - a; e = d*c*x; e + d*b", x=0.9, y=-1.3),
    circuit("p = x + y; q = p*p*x; r = q*p + y*q; r*r - q", x=0.7, y=-1.6),
    circuit("p = x + y; q = p*p*x; r = q*p + y*q; r*r - q", x=0.99, y=-0.95),
    circuit("max(x*y, z) + min(x, y*z)*max(y, w)", x=1.2, y=0.83, z=1, w=0.82),
    circuit("max(max(a, b), max(c, a*b)) * min(c, b)", a=1.52, b=1.51, c=1.53),
    circuit("-sum(log(softmax(x))*t)", x="[.7,-1.3,.2,2.1]", t="[.1,.2,.6,.1]"),
    circuit("p = softmax(W@x); -log(p[1]) + 0.1*sum(W^2)", W="[[.5,-.2],[.3,.8],[-1.1,.4]]", x="[1.3,-.7]"),
    circuit("sum(A@B@c)", A="[[.5,-1.2],[.3,.8]]", B="[[1.1,.4],[-.6,.9]]", c="[.7,-1.3]"),
    circuit("sum((A@B - B@A)^2)", A="[[.5,-1.2],[.3,.8]]", B="[[1.1,.4],[-.6,.9]]"),
    circuit("norm(x - y)/(1 + norm(x))", x="[1.3,-.7,.4]", y="[.2,.5,-1.1]"),
    circuit("sqrt(x^2 + y^2 + z^2)*norm([x, y])", x=1.1, y=-0.6, z=2.3),
    circuit("sum(where(x > y, x^2*w, exp(y)*x))", x="[1.3,-.7,.4]", y="[.2,.5,-1.1]", w=1.7),
    circuit("where(x > 0, x*log(x), y^3) + where(y > 0, x, y*x)", x=1.4, y=-0.6),
    circuit(LAYERS, X=X, W1=W, b1="[.1,-.2,.3]", W2="[[.4,-.7],[.2,.6],[-.9,.5]]", b2="[.2,-.1]"),
    circuit(NORMALIZED, x="[1.2,-.7,.4,2.1]", g="[.3,1.1,-.6,.9]"),
    circuit("2^x*y + x^y", x=1.4, y=2.3),
    circuit("tan(x)/atan(y) + cosh(x*y) - log1p(x^2)", x=0.6, y=1.3),
    circuit("u = a/(b + c); v = u/(a - c); (u - v)/(u*v + 1)", a=2.3, b=1.1, c=0.7),
    circuit("abs(x - y)*relu(x*y) + leaky_relu(x - 2*y)", x=1.3, y=0.9),
    circuit("logsumexp([x, y, x*y]) - x*y", x=0.8, y=-0.5),
    circuit("sum(max(A, axis=1)*b) + sum(A)/4", A="[[.5,-1.2,.7],[.3,.8,-.4]]", b="[1.1,-.6]"),
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
