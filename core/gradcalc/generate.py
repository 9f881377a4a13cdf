"""Random programs over the gates, at points inside every gate's domain: food for self-tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from .build import build
from .errors import GradcalcError
from .gate import Gate
from .gates import GATES
from .graphs import Graph
from .syntax import parse

INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "^", "mod": "%"}
LARGEST = 1e6


class Sample(NamedTuple):
    """A random program, its inputs, and its graph with the forward pass run."""

    text: str
    inputs: dict[str, float]
    graph: Graph


def scalar_gates(gates: Mapping[str, Gate] = GATES) -> list[str]:
    """The gates that map scalars to a scalar and need no parameter."""
    found = []
    for name, gate in gates.items():
        if gate.local and not gate.variadic and _takes_scalars(gate):
            found.append(name)
    return found


def _takes_scalars(gate: Gate) -> bool:
    try:
        with np.errstate(all="ignore"):
            return np.ndim(gate.forward(*[np.float64(0.5)] * len(gate.inputs))) == 0
    except (GradcalcError, TypeError, ValueError):
        return False


def scalar_program(rng: np.random.Generator, *, size: int = 8, gates: Mapping[str, Gate] = GATES) -> Sample:
    """A random scalar program of about `size` gates whose values are all finite and of modest size.

    Each gate is tried at values that stand already; a step that leaves a domain or grows beyond 1e6 is
    dropped, so the program is inside every domain by construction.
    """
    names = scalar_gates(gates)
    count = int(rng.integers(1, 5))
    inputs = {f"x{k}": float(np.round(rng.normal(0, 1.5), 6)) for k in range(count)}
    values: dict[str, float] = dict(inputs)
    lines: list[str] = []
    tries = 0
    while len(lines) < size and tries < 20 * size:
        tries += 1
        gate = gates[names[int(rng.integers(len(names)))]]
        pool = list(values)
        args = [pool[int(rng.integers(len(pool)))] for _ in gate.inputs]
        if rng.random() < 0.2 and len(args) > 1:
            args[int(rng.integers(len(args)))] = f"{rng.uniform(0.5, 3):.3f}"
        xs = [np.float64(values.get(a, 0) if a in values else float(a)) for a in args]
        with np.errstate(all="ignore"):
            inside = gate.domain is None or bool(gate.domain.holds(*xs))
            z = gate.forward(*xs) if inside else np.nan
            slopes = [d.code(z, *xs) for d in gate.local.values()] if inside else [np.nan]
        if not np.isfinite(z) or abs(z) > LARGEST or not all(np.all(np.abs(s) <= LARGEST) for s in slopes):
            continue
        name = f"v{len(lines)}"
        lines.append(f"{name} = {call(gate, args)}")
        values[name] = float(z)
    used = " ".join(lines)
    tail = [n for n in values if n not in inputs and used.count(f"{n} ") + used.count(f"{n})") <= 1]
    lines.append("f = " + (" + ".join(tail) if tail else next(iter(values))))
    text = "; ".join(lines)
    inputs = {n: v for n, v in inputs.items() if n in text}
    graph = build(parse(text, bound=tuple(inputs)), inputs, gates=gates)
    graph.forward()
    return Sample(text, inputs, graph)


def call(gate: Gate, args: list[str]) -> str:
    """A use of the gate as text."""
    if gate.name in INFIX:
        return f"{args[0]} {INFIX[gate.name]} {args[1]}"
    if gate.name == "neg":
        return f"-{args[0]}"
    if gate.name == "reciprocal":
        return f"1/{args[0]}"
    if gate.symbol in ("<", "<=", ">", ">=", "==", "!="):
        return f"({args[0]} {gate.symbol} {args[1]})"
    return f"{gate.name}({', '.join(args)})"
