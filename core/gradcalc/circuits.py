"""Random circuits of a given size over given gates, as a person would write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from .errors import GradcalcError, nearest
from .gate import Gate, Pattern
from .gates import GATES

VARIABLES = [
    "x",
    "y",
    "z",
    "w",
    "u",
    "v",
    "a",
    "b",
    "c",
    "d",
    "p",
    "s",
    "t",
    "r",
    "g",
    "h",
    "k",
    "m",
    "n",
    "o",
]
LARGEST = 40
SPELT = {
    "add": "{}+{}", "sub": "{}-{}", "mul": "{}*{}", "div": "{}/{}", "neg": "-{}", "reciprocal": "1/{}",
    "square": "{}^2", "maximum": "max({}, {})", "minimum": "min({}, {})",
}  # fmt: skip
BINDS = {"add": 1, "sub": 1, "mul": 2, "div": 2, "reciprocal": 2, "neg": 1, "square": 4}
ATOM = 9
CHAINED = 0.75  # how often a gate goes on from what stands, instead of starting anew
TRIES = 200


class Part(NamedTuple):
    """A piece of a circuit: its text, how tightly that binds, and the gate that it ends in."""

    text: str
    binds: int = ATOM
    gate: str = ""


def gates_by_name(names: Sequence[str], gates: Mapping[str, Gate] = GATES) -> list[Gate]:
    """The gates that these names or signs mean, as far as circuits of scalars can be made of them.

    Raises GradcalcError for one that does not exist, does not take scalars, or passes no gradient.
    """
    known = {
        word: g for g in gates.values() for word in (g.name, *g.names, *([g.symbol] if g.symbol else []))
    }
    known |= {"max": gates["maximum"], "min": gates["minimum"]}
    found = []
    for name in names:
        gate = known.get(name)
        if gate is None:
            near = nearest(name, [word for word, g in known.items() if is_usable(g)])
            raise GradcalcError(
                f"there is no gate {name}",
                kind="name",
                hint=f"did you mean {near}?" if near else "gradcalc gates lists them",
            )
        if not is_usable(gate):
            raise GradcalcError(
                f"no exercise can be made of {name}",
                kind="name",
                hint="an exercise takes gates of one or two numbers with a slope: add, mul, max, sigmoid",
            )
        if gate not in found:
            found.append(gate)
    return found


def is_usable(gate: Gate) -> bool:
    """Whether the gate maps one or two scalars to a scalar and lets a gradient pass."""
    return (
        set(gate.local) == set(gate.inputs)
        and not gate.variadic
        and len(gate.inputs) <= 2
        and gate.pattern is not Pattern.STOPPER
        and not (gate.kink is not None and gate.kink.jump)
        and gate.name not in ("mod", "pow")
    )


def circuit(rng: np.random.Generator, size: int, gates: Sequence[Gate], *, forks: int = 0) -> str:
    """A program of exactly `size` gates in which at least `forks` values are used again, if that can be.

    A node that only one gate uses stands inside the expression; a shared one gets a statement and a name.
    """
    for _ in range(TRIES):
        text, shared = attempt(rng, size, gates, forks)
        if shared >= forks:
            break
    return text


def attempt(rng: np.random.Generator, size: int, gates: Sequence[Gate], forks: int) -> tuple[str, int]:
    """One random circuit, and how many of its values are used again."""
    widest = max(len(gate.inputs) for gate in gates)
    loose: list[Part] = []  # what no gate uses yet
    inputs: list[str] = []
    lines: list[str] = []
    shared: set[str] = set()
    for left in range(size - 1, -1, -1):
        most = left * (widest - 1)  # so many loose parts more than one can still be joined
        least = max(len(loose) - most, 0)
        fit = [g for g in gates if len(g.inputs) >= least] or list(gates)
        fit = [g for g in fit if not is_silly(g, loose[-1:], gates)] or fit
        gate = fit[int(rng.integers(len(fit)))]
        count = max(least, int(rng.random() < CHAINED) + int(rng.random() < 0.2))
        count = min(count, len(loose), len(gate.inputs))
        args = [loose.pop() for _ in range(count)]
        while len(args) < len(gate.inputs):
            args.append(leaf(rng, inputs, lines, shared, args, 0.35 if forks else 0.0))
        if len(args) == 2 and rng.random() < 0.5:
            args.reverse()
        part = written(gate, args)
        if forks > 1 and left and rng.random() < 0.3:
            name = f"q{len(lines) + 1}"
            lines.append(f"{name} = {part.text}")
            part = Part(name)
        loose.append(part)
    return in_order("; ".join([*lines, loose[0].text]), inputs), len(shared)


def is_silly(gate: Gate, last: Sequence[Part], gates: Sequence[Gate]) -> bool:
    """Whether nobody would put this gate on what was last: relu(sigmoid(x)), max(max(x, y), z)."""
    below = {part.gate for part in last}
    if len(gate.inputs) == 1:
        return any(len(g.inputs) == 1 for g in gates if g.name in below)
    return gate.name in below and gate.name not in ("add", "mul")


def in_order(text: str, inputs: Sequence[str]) -> str:
    """The text with its variables named in the order in which they come."""
    found = list(dict.fromkeys(w for w in re.findall(r"\w+", text) if w in inputs))
    names = dict(zip(found, VARIABLES, strict=False))
    return re.sub(r"\w+", lambda word: names.get(word[0], word[0]), text)


def leaf(
    rng: np.random.Generator,
    inputs: list[str],
    lines: list[str],
    shared: set[str],
    args: list[Part],
    again: float,
) -> Part:
    """Something for an open input: a value that stands already, or a new variable."""
    taken = {part.text for part in args}
    standing = [name for name in (*inputs, *(line.partition(" =")[0] for line in lines)) if name not in taken]
    if standing and (rng.random() < again or len(inputs) == len(VARIABLES)):
        name = standing[int(rng.integers(len(standing)))]
        shared.add(name)
        return Part(name)
    inputs.append(VARIABLES[len(inputs)])
    return Part(inputs[-1])


def written(gate: Gate, args: Sequence[Part]) -> Part:
    """A use of the gate, with brackets where they are needed."""
    binds = BINDS.get(gate.name, 0)
    texts = []
    for k, part in enumerate(args):
        tight = part.binds > binds or (part.binds == binds and k == 0 and gate.name in ("add", "sub", "mul"))
        texts.append(part.text if not binds or tight else f"({part.text})")
    form = SPELT.get(gate.name) or f"{gate.name}({', '.join(['{}'] * len(args))})"
    return Part(form.format(*texts), binds or ATOM, gate.name)
