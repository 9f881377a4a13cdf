"""Which gate a call means, and which of its arguments are inputs and which are parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .errors import GradcalcError, Span, nearest
from .gate import Gate
from .gates import Gates


class Later(NamedTuple):
    """Something in a program that is no node and no number yet: only some places can use it.

    | kind    | value                                   |
    |---------|-----------------------------------------|
    | "list"  | the entries' slots                      |
    | "text"  | the quoted text                         |
    | "word"  | True, False or None                     |
    | "slice" | a slice of whole numbers                |
    | "all"   | Ellipsis, or None for a new axis        |
    """

    kind: str
    value: Any


Slot = Any  # int: a node; np.float64 or np.ndarray: a constant; Later: neither yet

# Parameters that take the rest of the positional arguments, as x.reshape(2, -1) does.
COLLECTING = {"shape", "axes", "reps", "dims"}
# Variadic gates whose one list argument is an operand, not a sequence of them.
BY_ITSELF = {"einsum"}
# Other libraries' words for parameters.
ALIASES = {"dim": "axis", "keepdim": "keepdims", "correction": "ddof", "p": "ord"}


class Words(dict[str, Gate]):
    """Gates by what they are called, looked for family by family as words come up."""

    def __init__(self, gates: Mapping[str, Gate], called: Callable[[Gate], Iterable[str]]) -> None:
        super().__init__()
        self._gates = gates
        self._called = called
        self._taken = 0  # how many families the words are of

    def __missing__(self, word: str) -> Gate:
        # Another thread may be here too: then both take the same families.
        families = self._gates.families() if isinstance(self._gates, Gates) else iter((self._gates,))
        for at, family in enumerate(families):
            if at >= self._taken:
                self.update({word: gate for gate in family.values() for word in self._called(gate)})
                self._taken = at + 1
            if word in self:
                return self[word]
        raise KeyError(word)

    def find(self, word: str) -> Gate | None:
        """The gate that is called so, or None."""
        try:
            return self[word]
        except KeyError:
            return None

    def all(self) -> list[str]:
        """Every word."""
        self.find("")
        return list(self)


def spellings(gates: Mapping[str, Gate]) -> Words:
    """The gates by every accepted spelling of their names."""
    return Words(gates, lambda gate: (gate.name, *gate.names))


def operators(gates: Mapping[str, Gate]) -> Words:
    """The gates that have an operator, by it."""
    return Words(gates, lambda gate: (gate.symbol,) if gate.symbol else ())


def choose(table: Words, name: str, form: str, positional: Sequence[Slot]) -> Gate | None:
    """The gate that `name(...)` means, or None. max and min are two gates each, told apart by arity."""
    if name in ("max", "min", "amax", "amin") and len(positional) == 2:
        whole = not isinstance(positional[1], (int, Later)) and not getattr(positional[1], "shape", ())
        if form == "" or not whole:
            return table["maximum" if "max" in name else "minimum"]
    return table.find(name)


def match(
    gate: Gate, called: str, positional: Sequence[Slot], keywords: Mapping[str, Slot], span: Span
) -> tuple[list[Slot], dict[str, Slot]]:
    """Split a call's arguments into the gate's inputs, in order, and its parameters by name.

    Raises GradcalcError (kind "arity") for too few or too many arguments and for unknown keywords.
    """
    if gate.name == "clip":
        positional, keywords = _open_bounds(positional, keywords)
    params: dict[str, Slot] = {}
    order = list(gate.params)
    inputs: list[Slot] = []
    most = len(gate.inputs)
    extras: list[Slot] = []
    for slot in positional:
        if isinstance(slot, Later) and slot.kind in ("text", "word"):
            extras.append(slot)
        elif gate.variadic or len(inputs) < most:
            inputs.append(slot)
        else:
            extras.append(slot)
    sequence = gate.variadic and gate.name not in BY_ITSELF
    if sequence and len(inputs) == 1 and isinstance(inputs[0], Later) and inputs[0].kind == "list":
        inputs = list(inputs[0].value)
    by_name: dict[int, Slot] = {}
    for key, slot in keywords.items():
        if key in gate.inputs:
            position = gate.inputs.index(key)
            if position < len(inputs):
                raise _wrong(f"{called} gets {key} twice", gate, called, span)
            by_name[position] = slot
            continue
        name = key if key in gate.params else ALIASES.get(key, key)
        if name in ("dtype", "inplace", "device") and name not in gate.params:
            continue  # everything is float64 here
        if name not in gate.params:
            near = nearest(key, [*gate.params, *gate.inputs])
            hint = f"did you mean {near}?" if near else signature(gate, called)
            raise GradcalcError(f"{called} has no parameter {key}", kind="arity", span=span, hint=hint)
        params[name] = slot
    for position in sorted(by_name):
        if position != len(inputs):
            raise _wrong(f"{called} lacks its input {gate.input_name(len(inputs))}", gate, called, span)
        inputs.append(by_name[position])
    free = [name for name in order if name not in params]
    if len(extras) > 1 and free and free[0] in COLLECTING:
        params[free[0]] = Later("list", tuple(extras))
    else:
        if len(extras) > len(free):
            raise _wrong(_count(gate, called, len(positional)), gate, called, span)
        params.update(zip(free, extras, strict=False))
    optional = len(gate.forward.__defaults__ or ()) if hasattr(gate.forward, "__defaults__") else 0
    if len(inputs) < most - optional or (gate.variadic and not inputs):
        raise _wrong(_count(gate, called, len(positional)), gate, called, span)
    return inputs, params


def _open_bounds(
    positional: Sequence[Slot], keywords: Mapping[str, Slot]
) -> tuple[list[Slot], dict[str, Slot]]:
    """clip's bounds by any name, with None or nothing for a side that stays open."""
    words = {"min": "lo", "a_min": "lo", "max": "hi", "a_max": "hi"}
    named = {words.get(key, key): slot for key, slot in keywords.items()}
    slots = list(positional[:1])
    for place, (name, free) in enumerate((("lo", -np.inf), ("hi", np.inf)), 1):
        slot = positional[place] if place < len(positional) else named.pop(name, None)
        absent = slot is None or (isinstance(slot, Later) and slot.kind == "word" and slot.value is None)
        slots.append(np.float64(free) if absent else slot)
    return [*slots, *positional[3:]], named


def _count(gate: Gate, called: str, got: int) -> str:
    n = len(gate.inputs)
    want = "at least one input" if gate.variadic else "one input" if n == 1 else f"{n} inputs"
    return f"{called} takes {want}, not {got}"


def _wrong(message: str, gate: Gate, called: str, span: Span) -> GradcalcError:
    return GradcalcError(message, kind="arity", span=span, hint=signature(gate, called))


def signature(gate: Gate, called: str | None = None) -> str:
    """How the gate is called: `sum(x, axis=None, keepdims=False)`."""
    inputs = [f"{name[1:]}1, {name[1:]}2, ..." if name.startswith("*") else name for name in gate.inputs]
    params = [f"{name}={default!r}" for name, default in gate.params.items()]
    return f"{called or gate.name}({', '.join([*inputs, *params])})"
