"""Expressions: each item becomes a node, a constant, or something that only its place can use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..calls import Later, Slot, Words, choose, match, operators, spellings
from ..errors import NOWHERE, GradcalcError, Span, nearest
from ..gate import Gate, as_value
from ..gates import GATES
from ..syntax import Bind, Define, For, Part, Program, Statement
from .names import CONSTANTS, WORDS
from .slots import Limits, Slots

if TYPE_CHECKING:
    from ..gates.makers import Maker

MASKS = {"lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or", "logical_not"}


@lru_cache(maxsize=1)
def makers() -> Mapping[str, Maker]:
    """The makers of constants by every spelling of their names."""
    from ..gates import MAKERS

    return {spelling: maker for maker in MAKERS.values() for spelling in (maker.name, *maker.names)}


@lru_cache(maxsize=1)
def usual() -> tuple[Words, Words]:
    """What names of functions and operators mean, for gradcalc's own gates."""
    return spellings(GATES), operators(GATES)


class Expressions(Slots, ABC):
    """Walks the items of bindings in order; `env` holds what names are worth."""

    def __init__(self, program: Program, gates: Mapping[str, Gate], seed: int, limits: Limits) -> None:
        super().__init__(program, gates, limits)
        self.table, self.operators = usual() if gates is GATES else (spellings(gates), operators(gates))
        self.functions: dict[str, Define] = {}
        self.env: dict[str, Slot] = {}
        self.defaults: set[int] = set()  # statements (by their first item) that only declare an input
        self.wanted: Statement | None = None  # the statement whose result is asked for
        self.result: Slot = None
        self.plain_calls: dict[tuple[str, str, int], Gate] = {}  # by name, form and how many nodes
        self.seed = seed
        self.generator: np.random.Generator | None = None
        self.draws: dict[int, int] = {}

    def block(self, statements: Sequence[Statement]) -> Slot:
        """Run statements in order; the slot of the last one's value.

        Bindings are done here and their items walked in place: this loop runs once for each operation of
        the text, a million times in a row, so it calls as little as it can.
        """
        slots, items, graph = self.slots, self.items, self.graph
        operators, env, defaults, wanted = self.operators, self.env, self.defaults, self.wanted
        gates, inputs, values, spans = graph.gates, graph.inputs, graph.values, graph.spans
        names, names_by_index = graph.names, graph.names_by_index
        slot: Slot = None
        for statement in statements:
            if not isinstance(statement, Bind):
                slot = self.statement(statement)
            elif defaults and statement[2][0] in defaults and statement[0] is not None:
                slot = env[statement[0]]
            else:
                name, _, (first, root), _ = statement
                k = first
                for item in items[first : root + 1]:
                    kind, value, args, _, _, _, _ = item
                    if kind == "name":
                        slot = env.get(value)
                        slots[k] = self.constant(value, k) if slot is None else slot
                    elif kind == "op":
                        if len(args) == 2:
                            a, b = args
                            a, b = slots[a], slots[b]
                            if type(a) is int and type(b) is int:
                                slots[k] = len(gates)
                                gates.append(operators[value])
                                inputs.append((a, b))
                                values.append(None)
                                spans.append(item)
                            elif value == "/" and type(a) is np.float64 and a == 1.0:
                                slots[k] = self.apply(self.gates["reciprocal"], [b], args[1:], k)
                            else:
                                slots[k] = self.apply(operators[value], [a, b], args, k)
                        elif type(slots[args[0]]) is int:
                            slots[k] = graph.add(operators[value], (slots[args[0]],), item)
                        else:
                            slots[k] = self.apply(operators[value], [slots[args[0]]], args, k)
                    elif kind == "number":
                        slots[k] = np.float64(value)
                    else:
                        slots[k] = self.other(kind, k)
                    k += 1
                slot = slots[root]
                if name is not None:
                    if type(slot) is not int:
                        slot = self.node(slot, root)
                    env[name] = names[name] = slot
                    names_by_index.setdefault(slot, name)
            if statement is wanted:
                self.result = slot
        return slot

    def other(self, kind: str, k: int) -> Slot:
        """An item that is no name, no number and no operation."""
        try:
            slot: Slot = getattr(self, f"item_{kind}")(k)
            return slot
        except GradcalcError as error:
            error.span = error.span or self.items[k].span
            raise

    @abstractmethod
    def statement(self, statement: Define | For) -> Slot:
        """What a definition or a loop comes to."""

    @abstractmethod
    def call(self, function: Define, positional: list[Slot], keywords: dict[str, Slot], k: int) -> Slot:
        """What a call of one of the program's functions comes to."""

    def evaluate(self, part: Part) -> Slot:
        """Walk one expression's items in order; the slot of its root."""
        return self.block((Bind(None, NOWHERE, part, NOWHERE),))

    def constant(self, name: str, k: int) -> Slot:
        if name in CONSTANTS:
            return np.float64(CONSTANTS[name])
        if name in WORDS:
            return Later("word", WORDS[name])
        hint = f"{name} is a function: write {name}(...)" if name in self.functions else None
        raise GradcalcError(f"{name} has no value here", kind="name", span=self.items[k].span, hint=hint)

    def item_text(self, k: int) -> Slot:
        return Later("text", self.items[k].value)

    def item_list(self, k: int) -> Slot:
        return Later("list", tuple(self.slots[j] for j in self.items[k].args))

    def item_all(self, k: int) -> Slot:
        return Later("all", ... if self.items[k].value == "..." else None)

    def item_slice(self, k: int) -> Slot:
        from ..gates.indexing import key_part

        parts = [None if j < 0 else key_part(self.static(self.slots[j])) for j in self.items[k].args]
        return Later("slice", slice(*parts))

    def item_index(self, k: int) -> Slot:
        base, *entries = self.items[k].args
        key = tuple(self.key(self.slots[j]) for j in entries)
        return self.apply(self.gates["index"].bind(key=key), [self.slots[base]], (base,), k)

    def key(self, slot: Slot) -> Any:
        from ..gates.indexing import key_part

        if isinstance(slot, Later) and slot.kind in ("slice", "all"):
            return slot.value
        if isinstance(slot, int) and self.graph.gates[slot].name in MASKS:
            return np.asarray(self.static(slot)) != 0
        return key_part(self.static(slot))

    def item_call(self, k: int) -> Slot:
        item = self.items[k]
        name = str(item.value)
        n = len(item.args) - len(item.keys)
        positional = [self.slots[j] for j in item.args[:n]]
        plain = not item.keys and all(type(slot) is int for slot in positional)
        if plain and (name, item.form, n) in self.plain_calls:
            return self.graph.add(self.plain_calls[name, item.form, n], tuple(positional), item)
        keywords = {key: self.slots[j] for key, j in zip(item.keys, item.args[n:], strict=True)}
        if name in self.functions and item.form == "":
            return self.call(self.functions[name], positional, keywords, k)
        if name in ("max", "min") and len(positional) > 2 and item.form == "":
            positional = [Later("list", tuple(positional))]
            keywords = {"axis": np.float64(0)}
        gate = choose(self.table, name, item.form, positional)
        if gate is None and name in makers():
            return self.make(name, positional, keywords, k)
        if gate is None:
            raise self.unknown(name, item.span)
        inputs, params = match(gate, name, positional, keywords, item.span)
        fixed = {key: self.static(slot) for key, slot in params.items()}
        library = gate.defaults.get(item.form.partition(".")[0], {})
        bound = gate.bind(**{**library, **fixed})
        if plain and inputs == positional and not gate.variadic:
            self.plain_calls[name, item.form, n] = bound
        return self.apply(bound, inputs, item.args, k)

    def unknown(self, name: str, span: Span) -> GradcalcError:
        near = nearest(name, [*self.functions, *self.table.all(), *makers()])
        hint = f"did you mean {near}?" if near else "`gradcalc gates` lists them all"
        return GradcalcError(f"there is no function {name}", kind="name", span=span, hint=hint)

    def make(self, name: str, positional: list[Slot], keywords: dict[str, Slot], k: int) -> Slot:
        generator = self.generator
        if generator is None:
            # One stream for each place in the text, and another one each time round a loop.
            start = self.items[k].start
            self.draws[start] = self.draws.get(start, -1) + 1
            generator = np.random.default_rng([self.seed, start, self.draws[start]])
        args = [self.static(slot) for slot in positional]
        options = {key: self.static(slot) for key, slot in keywords.items()}
        try:
            made = makers()[name].make(generator, *args, max_elements=self.limits.elements, **options)
        except TypeError:
            raise GradcalcError(
                f"{name} does not take these arguments",
                kind="arity",
                span=self.items[k].span,
                hint=makers()[name].signature,
            ) from None
        return as_value(made)
