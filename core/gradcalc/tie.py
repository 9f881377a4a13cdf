"""What a gate answers on a kink, by other rules than its own: for `--tie`, and to say where they differ.

The value does not hang on it, nor does the numeric check: only which of the slopes that meet at a kink the
backward pass takes. Losses and norms keep their own rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .diagnose import as_written
from .gate import Array, Derivative, Gate, Pattern, as_value, with_slopes
from .gates import GATES
from .graphs import CONSTANT, Graph
from .probe import ties

RULES: Mapping[str, str] = {
    "first": "of equal inputs or entries the first one takes the whole upstream gradient",
    "half": "the mean of both slopes: k tied entries take 1/k each, relu'(0) = 1/2",
    "zero": "nothing passes on a tie, as with masks of > and <",
    "torch": "PyTorch's: maximum 1/2 each, amax equal shares, relu'(0) = 0, clamp passes, max_pool the first",
    "numpy": "as numpy code has it: x > 0 for max(0, x), np.argmax (the first), np.sign, np.clip passes",
}
H = 1e-200


def retie(graph: Graph, rule: str) -> None:
    """Let the gates that stand on a kink answer by a rule of RULES; call it between the two passes."""
    for i in ties(graph):
        gate = graph.gates[i]
        # A function that declares its own gradients means them.
        if gate.kink is None or gate.kink.jump or gate.name not in GATES:
            continue
        xs = tuple(graph.values[j] for j in graph.inputs[i])
        fixed = tuple(graph.gates[j] is CONSTANT for j in graph.inputs[i])
        graph.gates[i] = by_rule(gate, rule, graph.values[i], xs, fixed)


def by_rule(gate: Gate, rule: str, z: Array, xs: tuple[Array, ...], fixed: tuple[bool, ...]) -> Gate:
    """The gate with the derivatives of a rule; `z` and `xs` are its values, `fixed` marks constants."""
    kink = None if gate.kink is None else gate.kink._replace(rule=RULES[rule], asked=True)
    if gate.local:
        table = {name: _local(gate, rule, k, z, xs, fixed) for k, name in enumerate(gate.inputs)
                 if name in gate.local}  # fmt: skip
        return with_slopes(gate._replace(local=table, kink=kink))
    table = {name: d._replace(code=_vjp(gate, rule, d.code)) for name, d in gate.vjp.items()}
    return gate._replace(vjp=table, kink=kink)


def _local(
    gate: Gate, rule: str, k: int, z: Array, xs: tuple[Array, ...], fixed: tuple[bool, ...]
) -> Derivative:
    """The derivative for one input of an elementwise gate."""
    own = gate.local[gate.inputs[k]]

    def code(z: Array, *xs: Array) -> Array:
        slope = own.code(z, *xs)
        assert gate.kink is not None
        tied = np.asarray(gate.kink.margin(z, *xs)) == 0
        if rule == "torch" or not tied.any():
            return slope
        chosen = _chosen(gate, rule, k, slope, xs, fixed)
        return as_value(np.where(tied, chosen, slope)) + 0.0

    if np.ndim(z):
        return own._replace(code=code)
    # What stands in a table is then the number itself: the formula is that of the gate's own rule.
    text = f"{float(code(z, *xs)):g}"
    return own if text == f"{float(own.code(z, *xs)):g}" else Derivative(text, code)


def _chosen(
    gate: Gate, rule: str, k: int, own: Array, xs: tuple[Array, ...], fixed: tuple[bool, ...]
) -> Array:
    """What one input takes at a tie: its slopes on both sides, weighed by the rule."""
    sides = [(_side(gate, j, xs, 1.0), _side(gate, j, xs, -1.0)) for j in range(len(xs))]
    right, left = sides[k]
    if rule == "half":
        return (right + left) / 2
    if rule == "zero":
        return np.where(right * left <= 0, 0.0, own)
    bent = [up != down for up, down in sides]
    rivals = sum(np.asarray(b, dtype=int) for b in bent)
    before = sum((np.asarray(b, dtype=int) for b in bent[:k]), start=np.asarray(0))
    mine = before == 0
    if rule == "numpy" and any(fixed) and gate.name in ("maximum", "minimum"):
        mine = mine & fixed[k]
    sizes = np.abs(right) >= np.abs(left)
    most, least = np.where(sizes, right, left), np.where(sizes, left, right)
    # Only where inputs are chosen among: hypot(0, 0) has no first one.
    chosen = (rivals > 1) & (gate.pattern is Pattern.ROUTER)
    return np.where(chosen, np.where(mine, most, least), own)


def _side(gate: Gate, k: int, xs: tuple[Array, ...], sign: float) -> Array:
    """The slope for input k on one side, by a complex step: no derivative of the gate is used."""
    function: Any = gate.forward if gate.complex is True else gate.complex
    moved = [x + 1j * sign * H if j == k else x for j, x in enumerate(xs)]
    with np.errstate(all="ignore"):
        return np.asarray(function(*moved)).imag / (sign * H)


def _vjp(gate: Gate, rule: str, own: Callable[..., Array]) -> Callable[..., Array]:
    """The derivative of a gate that chooses among entries."""
    kink = gate.kink
    assert kink is not None

    def code(dz: Array, z: Array, *xs: Array, **params: Any) -> Array:
        if rule == "zero":
            return own(np.where(np.asarray(kink.margin(z, *xs)) == 0, 0.0, dz), z, *xs, **params)
        if kink.first and (rule in ("first", "numpy") or (rule == "torch" and "pool" in gate.name)):
            spread = (ordered(xs[0], kink.first), *xs[1:])
            return own(dz, gate.forward(*spread), *spread, **params)
        return own(dz, z, *xs, **params)

    return code


def ordered(x: Array, sense: int) -> Array:
    """Almost `x`: each entry a little lower (sense -1) or higher (1) than equal ones before it."""
    values = np.unique(x)
    gap = float(np.min(np.diff(values), initial=max(1.0, float(np.abs(values).max(initial=0.0)))))
    ranks = np.arange(np.size(x)).reshape(np.shape(x))
    return x + sense * (gap / (2 * np.size(x))) * ranks


def gradients_by_rule(graph: Graph) -> dict[str, dict[str, Array]]:
    """What the inputs' gradients would be by each rule, and by the graph's own ("")."""
    kept, seed = list(graph.gates), graph.upstreams[graph.output]
    found: dict[str, dict[str, Array]] = {}
    try:
        for rule in ("", *RULES):
            graph.gates[:] = kept
            if rule:
                retie(graph, rule)
            ups = graph.rerun_backward(seed)
            found[rule] = {name: ups[i] for name, i in graph.variables.items() if ups[i] is not None}
    finally:
        graph.gates[:] = kept
    return found


def convention(graph: Graph, rule: str) -> str:
    """One sentence on what passes on the kinks of a graph, by a rule or by the gates' own ("")."""
    if rule:
        return f"--tie {rule}: {RULES[rule]}"
    kinks = ((i, graph.gates[i].kink) for i in ties(graph))
    own = dict.fromkeys(as_written(graph, i, k.rule) for i, k in kinks if k is not None and not k.jump)
    return disagreement(graph) or (f"by convention {'; '.join(own)}" if own else "")


def disagreement(graph: Graph) -> str:
    """One sentence where PyTorch, numpy code and what is shown differ at a tie; "" where they agree."""
    if not ties(graph):
        return ""
    found = gradients_by_rule(graph)
    groups: list[tuple[list[str], dict[str, Array]]] = []
    for rule, gradients in found.items():
        for names, known in groups:
            if all(np.array_equal(known[n], g, equal_nan=True) for n, g in gradients.items()):
                names.append(rule)
                break
        else:
            groups.append(([rule], gradients))
    if any({"", "torch", "numpy"} <= set(names) for names, _ in groups):
        return ""
    shown = found[""]
    differs = [n for n in shown if any(not np.array_equal(g[n], shown[n], equal_nan=True) for _, g in groups)]
    small = len(differs) <= 4 and all(np.ndim(shown[n]) == 0 for n in differs)
    told = []
    for names, gradients in groups:
        words = ", ".join(n or "as shown" for n in sorted(names))
        if small:
            told.append(f"{', '.join(f'd{n} = {float(gradients[n]):.4g}' for n in differs)} ({words})")
        else:
            words = ", ".join(n for n in sorted(names) if n)
            told.append(f"{words} {'as shown' if '' in names else 'otherwise'}")
    where = (
        "" if small else f" in {', '.join(f'd{n}' for n in differs[:4])}{', ...' if len(differs) > 4 else ''}"
    )
    return f"at a tie conventions differ{where}: {'; '.join(t for t in told if t[0] != ' ')}; --tie chooses"
