"""Why a forward pass broke: the first node that left its domain, the shapes that do not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import GradcalcError
from .gate import unbroadcast

if TYPE_CHECKING:
    from .graphs import Graph


def non_finite(graph: Graph) -> GradcalcError | None:
    """The error of the first node whose value is not finite though all its inputs are, or None.

    Entries that nobody needs, because every `where` on the way discards them, are forgiven.
    """
    values = graph.values
    suspects = [
        i
        for i in _not_finite(values, graph.inputs)
        if all(np.isfinite(values[j]).all() for j in graph.inputs[i])
    ]
    if not suspects:
        return None
    needed = entries_needed(graph)
    for i in suspects:
        bad = ~np.isfinite(values[i])
        mask = needed[i]
        if mask is not None and np.any(bad & mask):
            return _left_domain(graph, i, bad & mask)
    return None


def refuse_infinite(graph: Graph) -> None:
    """Raise where the output is not finite because an input or a constant is not: nothing to check there."""
    if not graph.leaves or np.isfinite(graph.values[graph.output]).all():
        return
    needed = entries_needed(graph)
    for i, ins in enumerate(graph.inputs):
        if ins or needed[i] is None or graph.values[i] is None:
            continue
        bad = ~np.isfinite(graph.values[i]) & needed[i]
        if np.any(bad):
            where = np.argwhere(bad)[0] if np.ndim(bad) else ()
            entry = f"[{', '.join(str(int(k)) for k in where)}]" if len(where) else ""
            name, text = graph.names_by_index.get(i, "a number in it"), _short(graph.text(graph.output))
            value = float(np.asarray(graph.values[i])[tuple(where)])
            so = "" if i == graph.output else f", and so {text} is not finite"
            raise GradcalcError(
                f"{name}{entry} is {value:g}{so}: there is no gradient to check",
                kind="domain",
                span=graph.span(i),
                source=graph.source,
                hint="give it a finite value",
            )


def _not_finite(values: list[Any], inputs: list[tuple[int, ...]]) -> list[int]:
    try:
        flat = np.fromiter(values, np.float64, len(values))
        return [int(i) for i in np.flatnonzero(~np.isfinite(flat)) if inputs[i]]
    except (TypeError, ValueError):  # arrays among them
        return [i for i, v in enumerate(values) if inputs[i] and v is not None and not np.isfinite(v).all()]


def entries_needed(graph: Graph) -> list[Any]:
    """For each node, which of its entries reach the output's value (a bool array), or None."""
    needed: list[Any] = [None] * len(graph)
    # Every node that nothing uses is somebody's result: the output, or a named node beside it.
    for i in range(len(graph) - 1, -1, -1):
        if needed[i] is None and (i == graph.output or not graph.used[i]):
            needed[i] = np.ones(np.shape(graph.values[i]), dtype=bool)
        ins = graph.inputs[i]
        if needed[i] is None or not ins:
            continue
        gate = graph.gates[i]
        for position, j in enumerate(ins):
            shape = np.shape(graph.values[j])
            mask = needed[i]
            if gate.name == "where" and position > 0:
                chosen = np.asarray(graph.values[ins[0]]) != 0
                mask = mask & (chosen if position == 1 else ~chosen)
            if gate.elementwise or gate.name == "where":
                mask = np.asarray(unbroadcast(np.asarray(mask, dtype=float), shape)) > 0
            else:
                mask = np.full(shape, bool(np.any(mask)))
            needed[j] = mask if needed[j] is None else needed[j] | mask
    return needed


def _left_domain(graph: Graph, i: int, bad: Any) -> GradcalcError:
    gate, ins = graph.gates[i], graph.inputs[i]
    xs = [graph.values[j] for j in ins]
    where = np.argwhere(bad)[0] if np.ndim(bad) else ()
    entry = f"[{', '.join(str(int(k)) for k in where)}]" if len(where) else ""

    def at(x: Any) -> str:
        try:
            return f"{float(np.broadcast_to(x, np.shape(bad))[tuple(where)]):.6g}"
        except (ValueError, IndexError):
            return "an array"

    given = ", ".join(dict.fromkeys(f"{name} = {at(x)}" for name, x in _operands(graph, i, xs)))
    text = _short(graph.text(i))
    if gate.domain is not None:
        with np.errstate(all="ignore"):
            holds = np.asarray(gate.domain.holds(*xs))
        inside = bool(np.all(np.broadcast_to(holds, np.shape(bad)) | ~bad)) if np.shape(bad) else bool(holds)
        if not inside:
            return GradcalcError(
                f"{text}{entry} is not defined here: {needs(graph, i)}{', and ' * bool(given)}{given}",
                kind="domain",
                span=graph.span(i),
                source=graph.source,
            )
    value = np.asarray(graph.values[i])[tuple(where)] if np.ndim(bad) else graph.values[i]
    if np.isnan(value):
        return GradcalcError(
            f"{text}{entry} is not a number{f': {gate.name} at {given}' if given else ''}",
            kind="domain",
            span=graph.span(i),
            source=graph.source,
        )
    what, stable = f"{gate.name} at {given}" if given else "it", STABLE.get(gate.name)
    return GradcalcError(
        f"{text}{entry} overflows: {what} is beyond the largest number, 1.8e308",
        kind="overflow",
        span=graph.span(i),
        source=graph.source,
        hint=stable,
    )


IDENTIFIER = r"[^\W\d]\w*"
NUMBER = r"[-\u2212]?[\d.]+(e[-+]?\d+)?"
LONGEST_NAME = 30
STABLE = {
    "exp": "sigmoid, softplus, softmax, logsumexp and logaddexp are gates that do not overflow",
}


def needs(graph: Graph, i: int) -> str:
    """The domain of node i's gate: `log needs a-b > 0`, in the words of who wrote a-b."""
    gate = graph.gates[i]
    assert gate.domain is not None
    return f"{gate.name} needs {as_written(graph, i, gate.domain.text)}"


def as_written(graph: Graph, i: int, text: str) -> str:
    """A sentence about node i's gate with its inputs called as whoever wrote them did."""
    return renamed(text, dict(zip(graph.gates[i].inputs, _names(graph, i), strict=False)))


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A sentence with other names in it."""
    return re.sub(IDENTIFIER, lambda found: names.get(found[0], found[0]), text)


def _names(graph: Graph, i: int) -> list[str]:
    """What node i's inputs are called: as they are written, or as the gate has it where that is a number."""
    gate, ins = graph.gates[i], graph.inputs[i]
    return [_operand(graph.text(j)) or gate.input_name(k).lstrip("*") for k, j in enumerate(ins)]


def _operand(text: str) -> str:
    """A text that can stand in a sentence for its value; "" for a number, an array, or a long one."""
    if len(text) > LONGEST_NAME or re.fullmatch(NUMBER, text, re.I) or "[" in text:
        return ""
    return f"({text})" if any(sign in text for sign in "<>=!") else text


def _operands(graph: Graph, i: int, xs: list[Any]) -> list[tuple[str, Any]]:
    """Node i's inputs with their values; numbers that are written out are left out."""
    named = list(zip(_names(graph, i), xs, strict=True))
    texts = [graph.text(j) for j in graph.inputs[i]]
    said = [pair for pair, text in zip(named, texts, strict=True) if _operand(text)]
    return said or [
        pair for pair, text in zip(named, texts, strict=True) if not re.fullmatch(NUMBER, text, re.I)
    ]


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def shape_mismatch(graph: Graph, i: int, error: Exception) -> GradcalcError:
    """What does not fit at node i: the operation, both shapes, and what would fit where that is clear."""
    gate = graph.gates[i]
    shapes = [np.shape(graph.values[j]) for j in graph.inputs[i]]
    names = [_short(graph.text(j)) for j in graph.inputs[i]]
    listed = " and ".join(f"{n} has shape {word(s)}" for n, s in zip(names, shapes, strict=True))
    if gate.elementwise and len(shapes) > 1:
        message = f"{gate.symbol or gate.name} does not fit: {listed}"
        return GradcalcError(
            message, kind="shape", span=graph.span(i), source=graph.source, hint=_fit(names, shapes)
        )
    detail = str(error).splitlines()[0] if str(error) else type(error).__name__
    return GradcalcError(
        f"{gate.name} does not fit: {listed} ({detail})",
        kind="shape",
        span=graph.span(i),
        source=graph.source,
    )


def _fit(names: list[str], shapes: list[tuple[int, ...]]) -> str:
    a, b = shapes[0], shapes[1]
    for name, s, other in ((names[1], b, a), (names[0], a, b)):
        if len(s) == 1 and len(other) == 2 and s[0] == other[0]:
            return f"{name}[:, None] has shape {word((*s, 1))}, and would fit"
        if len(s) == 2 and s[::-1] == other:
            return f"{name}.T has shape {word(s[::-1])}, and would fit"
    return "from the right, sizes must be equal or 1"


def word(shape: tuple[int, ...]) -> str:
    """A shape as people write it: (2,3), (5,), and () for a scalar."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({','.join(str(n) for n in shape)})"


def too_large(graph: Graph, i: int) -> GradcalcError:
    """The machine has no memory for the value of node i."""
    return GradcalcError(
        f"no memory for the value of {_short(graph.text(i))}",
        kind="limit",
        span=graph.span(i),
        source=graph.source,
    )
