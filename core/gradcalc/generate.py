"""Random programs over the gates, at points inside every gate's domain: food for self-tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .build import build
from .errors import GradcalcError
from .gate import Gate
from .gates import GATES
from .graphs import Graph
from .recipes import RECIPES, Pantry
from .syntax import parse

INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "^", "mod": "%"}
LARGEST = 1e6
LARGEST_ENTRY = 50.0
STEEPEST = 1e4
NEAREST = 1e-4


class Sample(NamedTuple):
    """A random program, its inputs, and its graph with the forward pass run."""

    text: str
    inputs: dict[str, Any]
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
    inputs: dict[str, Any] = {f"x{k}": float(np.round(rng.normal(0, 1.5), 6)) for k in range(count)}
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


def array_gates(gates: Mapping[str, Gate] = GATES) -> list[str]:
    """The gates that a random program of arrays may use."""
    return [name for name, gate in gates.items() if name in RECIPES or (gate.local and not gate.variadic)]


def array_program(
    rng: np.random.Generator,
    *,
    size: int = 6,
    gates: Mapping[str, Gate] = GATES,
    names: Sequence[str] | None = None,
) -> Sample:
    """A random program of about `size` statements over arrays of up to four axes, ending in a scalar.

    `names` are the gates to draw from, each as likely (all of `array_gates` by default). A statement
    that leaves a domain, whose values or slopes grow large, or that stands within 1e-4 of a kink is
    dropped, so the program is finite and differentiable by construction. Every value that nothing else
    uses goes into the last statement under a slope of its own, so no gradient is lost on the way.
    """
    names = list(names) if names is not None else array_gates(gates)
    pantry = Pantry(rng)
    for _ in range(int(rng.integers(1, 4))):
        pantry.new(tuple(int(n) for n in rng.integers(1, 5, int(rng.integers(0, 4)))))
    lines: list[str] = []
    used: set[str] = set()
    tries = 0
    while len(lines) < size and tries < 20 * size:
        tries += 1
        before = set(pantry.fresh)
        text = statement(pantry, gates[pantry.pick(names)])
        found = _tried(text, pantry.values, gates)
        if found is None:
            for name in set(pantry.fresh) - before:
                del pantry.fresh[name], pantry.values[name]
            continue
        name = f"v{len(lines)}"
        lines.append(f"{name} = {text}")
        pantry.values[name], taken = found
        used |= taken
    tail = [n for n in pantry.values if n not in used and n not in pantry.fresh] or [
        next(iter(pantry.values))
    ]
    lines.append("f = " + " + ".join(f"sum(sin({n} + {k + 1}))" for k, n in enumerate(tail)))
    text = "; ".join(lines)
    inputs = {n: v for n, v in pantry.fresh.items() if n in used or n in tail}
    graph = build(parse(text, bound=tuple(inputs)), inputs, gates=gates)
    graph.forward()
    return Sample(text, inputs, graph)


def statement(pantry: Pantry, gate: Gate) -> str:
    """A use of the gate on values of the pantry, as text; its shapes may still not fit."""
    if gate.name in RECIPES:
        return RECIPES[gate.name](pantry)
    first = pantry.some()
    args = [first, *[pantry.fitting(first) for _ in gate.inputs[1:]]]
    if gate.domain is not None:
        # Squeezed into the interval that examples are drawn from.
        for k, name in enumerate(gate.inputs):
            low, high = gate.domain.sample.get(name, (-2.0, 2.0))
            args[k] = f"({low:g} + {high - low:g}*sigmoid({args[k]}))"
    return call(gate, args)


def _tried(text: str, values: Mapping[str, Any], gates: Mapping[str, Gate]) -> tuple[Any, set[str]] | None:
    """The value of a statement and the names it takes, or None where it does not fit this program."""
    try:
        program = parse(text, bound=tuple(values))
        taken = {str(item.value) for item in program.items if item.kind == "name"} & set(values)
        graph = build(program, {n: values[n] for n in taken}, gates=gates)
        value = graph.forward()
        slopes = graph.backward()
    except GradcalcError:
        return None
    if not np.size(value) or np.size(value) > 500 or not np.all(np.abs(value) <= LARGEST_ENTRY):
        return None
    if not all(np.all(np.abs(s) <= STEEPEST) for s in slopes.values()) or _near_kink(graph):
        return None
    return value, taken


def _near_kink(graph: Graph) -> bool:
    for i, gate in enumerate(graph.gates):
        if gate.kink is not None:
            with np.errstate(all="ignore"):
                margin = gate.kink.margin(graph.values[i], *[graph.values[j] for j in graph.inputs[i]])
            if np.any(np.abs(np.asarray(margin)) < NEAREST):
                return True
    return False


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
