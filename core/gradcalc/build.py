"""From a parsed program to a graph: names become nodes, calls become gates."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .calls import Later, Slot, choose, match, spellings
from .compose import composite
from .errors import GradcalcError, Span, nearest
from .gate import Array, Gate, as_value
from .gates import GATES, MAKERS
from .gates.indexing import key_part
from .graphs import CONSTANT, INPUT, MAX_ELEMENTS, Graph, Group, steady
from .syntax import Bind, Define, For, Part, Program, Statement, write

CONSTANTS = {"pi": np.pi, "π": np.pi, "e": np.e, "inf": np.inf, "∞": np.inf, "nan": np.nan}
WORDS = {"True": True, "False": False, "None": None}
MAX_NODES = 2_000_000
DEEPEST_CALL = 200


class UnboundError(GradcalcError):
    """Names of an expression that nobody gave a value; `names` holds them all, in order."""

    def __init__(self, names: tuple[str, ...], *, span: Span, source: str, hint: str) -> None:
        listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
        super().__init__(
            f"{listed} {'has' if len(names) == 1 else 'have'} no value",
            kind="name",
            span=span,
            source=source,
            hint=hint,
        )
        self.names = names


class Limits(NamedTuple):
    """How large a graph may become; each error names the option that raises it."""

    nodes: int = MAX_NODES
    elements: int = MAX_ELEMENTS


def build(
    program: Program,
    inputs: Mapping[str, Any] | None = None,
    *,
    gates: Mapping[str, Gate] = GATES,
    seed: int = 0,
    limits: Limits | None = None,
) -> Graph:
    """The graph of `program` with these inputs; its forward pass has not run yet.

    `inputs` maps names to numbers or arrays. Raises GradcalcError for unknown functions, unbound names,
    inputs that the program does not use, wrong arguments, and graphs beyond the `limits`.
    """
    builder = Builder(program, inputs or {}, gates, seed, limits or Limits())
    try:
        with steady():
            return builder.run()
    except GradcalcError as error:
        raise error.located(program.source) from None


class Builder:
    """One walk over a program. A slot is what an item of the program has become (see calls.Slot)."""

    def __init__(
        self,
        program: Program,
        inputs: Mapping[str, Any],
        gates: Mapping[str, Gate],
        seed: int,
        limits: Limits,
    ) -> None:
        self.program = program
        self.items = program.items
        self.slots: list[Slot] = [None] * len(program.items)
        self.graph = Graph(program.source, max_elements=limits.elements)
        self.given = {name: as_value(value) for name, value in inputs.items()}
        self.gates = gates
        self.table = spellings(gates)
        self.makers = {spelling: m for m in MAKERS.values() for spelling in (m.name, *m.names)}
        self.operators = {gate.symbol: gate for gate in gates.values() if gate.symbol}
        self.functions: dict[str, Define] = {}
        self.env: dict[str, Slot] = {}
        self.defaults: set[int] = set()  # statements (by their first item) that only declare an input
        self.seed = seed
        self.limits = limits
        self.generator: np.random.Generator | None = None
        self.draws: dict[int, int] = {}
        self.calling: list[str] = []
        self.made: dict[str, Gate] = {}  # the functions that are gates of their own
        self.results: dict[int, Slot] = {}

    def run(self) -> Graph:
        self.check_size(sum(item[0] in ("op", "call") for item in self.items))
        self.declare_inputs()
        result = self.block(self.program.statements)
        graph = self.graph
        last = self.output_statement()
        if isinstance(last, Define):
            result = self.node(self.call_by_names(last), last.body.root)
            graph.name(last.name, result)
        elif last is not self.program.statements[-1]:
            result = self.results[id(last)]
        graph.output = self.node(result, self.part_of(last).root)
        graph.functions = frozenset(self.functions)
        self.check_size(sum(1 for ins in graph.inputs if ins))
        return graph

    # -- statements ---------------------------------------------------------------------------------

    def statement(self, statement: Statement) -> Slot:
        """Run one statement; the slot of its value (a loop's is its last statement's)."""
        if isinstance(statement, Define):
            self.define(statement)
            return None
        if isinstance(statement, For):
            return self.loop(statement)
        return self.block((statement,))

    def block(self, statements: Sequence[Bind | Define | For]) -> Slot:
        """Run statements in order; the slot of the last one's value.

        Bindings are done here and their items walked in place: this loop runs once for each operation of
        the text, a million times in a row, so it calls as little as it can.
        """
        slots, items, graph = self.slots, self.items, self.graph
        operators, env, defaults = self.operators, self.env, self.defaults
        gates, inputs, values, spans = graph.gates, graph.inputs, graph.values, graph.spans
        slot: Slot = None
        for statement in statements:
            if type(statement) is not Bind:
                slot = self.statement(statement)
                continue
            name, _, (first, root), _ = statement
            if first in defaults and name is not None:
                slot = self.results[id(statement)] = env[name]
                continue
            for k in range(first, root + 1):
                kind, value, args, start, end, _, _ = items[k]
                if kind == "op":
                    if len(args) == 2:
                        a, b = args
                        a, b = slots[a], slots[b]
                        if type(a) is int and type(b) is int:
                            slots[k] = len(gates)
                            gates.append(operators[value])
                            inputs.append((a, b))
                            values.append(None)
                            spans.append((start, end))
                        elif value == "/" and type(a) is np.float64 and a == 1.0:
                            slots[k] = self.apply(self.gates["reciprocal"], [b], (args[1],), k)
                        else:
                            slots[k] = self.apply(operators[value], [a, b], args, k)
                    else:
                        slots[k] = self.apply(operators[value], [slots[args[0]]], args, k)
                elif kind == "name":
                    slot = env.get(value)
                    slots[k] = self.constant(value, k) if slot is None else slot
                elif kind == "number":
                    slots[k] = np.float64(value)
                else:
                    slots[k] = getattr(self, f"item_{kind}")(k)
            slot = slots[root]
            if name is not None:
                slot = slot if type(slot) is int else self.node(slot, root)
                env[name] = slot
                graph.name(name, slot)
            self.results[id(statement)] = slot
        return slot

    def define(self, statement: Define) -> None:
        if statement.name in self.env:
            raise GradcalcError(
                f"{statement.name} is a value already, and can't become a function",
                kind="name",
                span=statement.name_span,
            )
        self.functions[statement.name] = statement

    def loop(self, loop: For) -> Slot:
        over = self.static(self.evaluate(loop.over))
        outer = self.env.get(loop.name)
        result: Slot = None
        for value in np.atleast_1d(over):
            self.env[loop.name] = np.float64(value)
            result = self.block(loop.body)
            self.check_size(len(self.graph))
        if outer is None:
            self.env.pop(loop.name, None)
        else:
            self.env[loop.name] = outer
        return result

    def output_statement(self) -> Statement:
        """The last statement; where that only gives an input its value, what these inputs are for."""
        statements = self.program.statements
        last = statements[-1]
        if not (isinstance(last, Bind) and last.value.first in self.defaults):
            return last
        for statement in reversed(statements):
            if not (isinstance(statement, Bind) and statement.value.first in self.defaults):
                late = {s.name for s in statements[statements.index(statement) + 1 :] if isinstance(s, Bind)}
                uses = isinstance(statement, Define) or late & set(self.names_in(statement))
                return statement if uses else last
        return last

    def part_of(self, statement: Statement) -> Part:
        if isinstance(statement, For):
            return self.part_of(statement.body[-1])
        return statement.body if isinstance(statement, Define) else statement.value

    # -- inputs -------------------------------------------------------------------------------------

    def declare_inputs(self) -> None:
        """Make the input nodes, first of all, in the order in which the program names them."""
        unbound: dict[str, Span] = {}
        self.walk_names(self.program.statements, set(), unbound, set())
        bound = {s.name for s in _binds(self.program.statements)}
        unbound = {name: span for name, span in unbound.items() if name not in self.env}
        if unbound:
            # First of all: an unused variable is most often one that the unknown name should have been.
            raise self.unbound(unbound, bound)
        for name in self.given:
            if name not in self.env:
                raise self.not_used(name, bound)

    def walk_names(
        self, statements: tuple[Statement, ...], local: set[str], unbound: dict[str, Span], known: set[str]
    ) -> None:
        for statement in statements:
            if isinstance(statement, For):
                self.uses(statement.over, local, known, unbound)
                self.walk_names(statement.body, local | {statement.name}, unbound, known)
                continue
            if isinstance(statement, Define):
                inside = local | set(statement.params) | {statement.name}
                for part in (statement.body, *statement.locals.values()):
                    self.uses(part, inside, known, unbound)
                self.functions[statement.name] = statement  # an input's default may call it
                continue
            names = self.uses(statement.value, local, known, unbound)
            name = statement.name
            if name is None:
                continue
            first = name not in known and (name not in self.env or name in unbound)
            if first and not names:
                self.defaults.add(statement.value.first)
                if name not in self.env:
                    self.input(name, statement.name_span, statement.value)
                unbound.pop(name, None)
            elif first and name in self.given:
                raise GradcalcError(
                    f"{name} is computed by the program, so -{name} can't set it",
                    kind="name",
                    span=statement.name_span,
                    hint=f"remove -{name}, or the line that computes it",
                )
            known.add(name)

    def uses(self, part: Part, local: set[str], known: set[str], unbound: dict[str, Span]) -> list[str]:
        """The names that a part needs from outside; the given ones become inputs at once."""
        found = []
        env, previous = self.env, None
        first, root = part
        for item in self.items[first : root + 1]:
            if item[0] != "name":
                continue
            name = item[1]
            if name == previous:
                continue
            previous = name
            if name in known or name in env or name in local:
                found.append(name)
            elif name in self.given:
                self.input(name, item.span, None)
                found.append(name)
            elif name not in CONSTANTS and name not in WORDS:
                unbound.setdefault(name, item.span)
                found.append(name)
        return found

    def names_in(self, statement: Statement) -> list[str]:
        part = self.part_of(statement)
        return [str(i.value) for i in self.items[part.first : part.root + 1] if i.kind == "name"]

    def input(self, name: str, span: Span, default: Part | None) -> None:
        value = self.given.get(name)
        if value is None and default is not None:
            # Each input draws from a stream of its own, so that one's values do not hang on the others.
            self.generator = np.random.default_rng([self.seed, zlib.crc32(name.encode())])
            value = self.static(self.evaluate(default))
            self.generator = None
            if value is None or isinstance(value, (str, bool)):
                raise GradcalcError(f"{name} needs a number or an array", kind="value", span=span)
        index = self.graph.add(INPUT, (), span, as_value(value))
        self.env[name] = index
        self.graph.name(name, index)

    def not_used(self, name: str, bound: set[str | None]) -> GradcalcError:
        known = [n for n in (*self.env, *bound) if n]
        near = nearest(name, known)
        if near is not None:
            hint = f"did you mean -{near}?"
        elif known:
            hint = f"its inputs are {', '.join(sorted(self.env))}" if self.env else f"remove -{name}"
        else:
            hint = f"remove -{name}: nothing here needs a value"
        return GradcalcError(f"the expression does not use {name}", kind="unused", hint=hint)

    def unbound(self, missing: dict[str, Span], bound: set[str | None]) -> GradcalcError:
        first, span = next(iter(missing.items()))
        hint = " ".join(f"-{name} 1" for name in missing)
        hint = f"give {'it a value' if len(missing) == 1 else 'them values'}: {hint}"
        if first in bound:
            hint = f"{first} is used before the line that computes it"
        elif first in self.functions or first in self.table or first in self.makers:
            hint = f"{first} is a function: write {first}(...)"
        elif len(first) > 1 and all(c in self.env or c in self.given for c in first):
            hint = f"write {'*'.join(first)} for a product: {first} is one name"
        else:
            near = nearest(first, [*self.env, *self.given])
            if near is not None and len(missing) == 1 and len(first) > 1:
                hint = f"did you mean {near}? or give it a value: -{first} 1"
        return UnboundError(tuple(missing), span=span, source=self.program.source, hint=hint)

    # -- expressions --------------------------------------------------------------------------------

    def evaluate(self, part: Part) -> Slot:
        """Walk one expression's items in order; the slot of its root."""
        nowhere = Span(0, 0)
        return self.block((Bind(None, nowhere, part, nowhere),))

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
        parts = [None if j < 0 else key_part(self.static(self.slots[j])) for j in self.items[k].args]
        return Later("slice", slice(*parts))

    def item_index(self, k: int) -> Slot:
        base, *entries = self.items[k].args
        key = tuple(self.key(self.slots[j]) for j in entries)
        return self.apply(self.gates["index"].bind(key=key), [self.slots[base]], (base,), k)

    def key(self, slot: Slot) -> Any:
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
        keywords = {key: self.slots[j] for key, j in zip(item.keys, item.args[n:], strict=True)}
        if name in self.functions and item.form == "":
            return self.call(self.functions[name], positional, keywords, k)
        if name in ("max", "min") and len(positional) > 2 and item.form == "":
            positional = [Later("list", tuple(positional))]
            keywords = {"axis": np.float64(0)}
        gate = choose(self.table, name, item.form, positional)
        if gate is None and name in self.makers:
            return self.make(name, positional, keywords, k)
        if gate is None:
            raise self.unknown(name, item.span)
        inputs, params = match(gate, name, positional, keywords, item.span)
        fixed = {key: self.static(slot) for key, slot in params.items()}
        return self.apply(gate.bind(**fixed), inputs, item.args, k)

    def unknown(self, name: str, span: Span) -> GradcalcError:
        near = nearest(name, [*self.functions, *self.table, *self.makers])
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
            made = self.makers[name].make(generator, *args, max_elements=self.limits.elements, **options)
        except GradcalcError as error:
            error.span = error.span or self.items[k].span
            raise
        except TypeError:
            raise GradcalcError(
                f"{name} does not take these arguments",
                kind="arity",
                span=self.items[k].span,
                hint=self.makers[name].signature,
            ) from None
        return as_value(made)

    # -- functions ----------------------------------------------------------------------------------

    def call(self, function: Define, positional: list[Slot], keywords: dict[str, Slot], k: int) -> Slot:
        """Run a function's body with its parameters bound."""
        span, name, params = self.items[k].span, function.name, function.params
        if name in self.calling:
            raise GradcalcError(
                f"{name} calls itself: a function can't be recursive", kind="recursion", span=span
            )
        if len(self.calling) >= DEEPEST_CALL:
            raise GradcalcError(
                f"functions call each other more than {DEEPEST_CALL} deep", kind="limit", span=span
            )
        unknown = [key for key in keywords if key not in params[len(positional) :]]
        if len(positional) + len(keywords) != len(params) or unknown:
            raise GradcalcError(
                f"{name} takes {len(params)} argument{'s' * (len(params) != 1)}, "
                f"not {len(positional) + len(keywords)}",
                kind="arity",
                span=span,
                hint=f"{name}({', '.join(params)})",
            )
        values = dict(zip(params, positional, strict=False)) | keywords
        arguments = self.items[k].args
        bound = {p: self.value(values[p], arguments[i]) for i, p in enumerate(params)}
        if function.locals:
            return self.apply(self.declared(function), list(bound.values()), arguments, k)
        start = len(self.graph)
        outer, self.env = self.env, {**self.env, **bound}
        self.calling.append(name)
        slot = self.value(self.evaluate(function.body), function.body.root)
        self.calling.pop()
        self.env = outer
        self.check_size(len(self.graph))
        if type(slot) is int and slot >= start:
            args = self.arguments(start, bound)
            item = self.items[k]
            self.graph.groups.append(Group(name, start, len(self.graph), args, slot, (item.start, item.end)))
        return slot

    def arguments(self, start: int, bound: Mapping[str, Slot]) -> tuple[tuple[str, int], ...]:
        """What went into the nodes from `start` on: each node once, under its parameters or its own name."""
        graph = self.graph
        found: dict[int, list[str]] = {}
        for param, slot in bound.items():
            if type(slot) is int:
                found.setdefault(slot, []).append(param)
        for ins in graph.inputs[start:]:
            for j in ins:
                if j < start and j not in found and graph.gates[j] is not CONSTANT:
                    found[j] = [graph.names_by_index.get(j, f"n{j}")]
        return tuple((",".join(params), j) for j, params in found.items())

    def declared(self, function: Define) -> Gate:
        """The function as a gate of its own, with the local gradients that it declares."""
        if function.name not in self.made:
            params, items, name = function.params, self.items, function.name
            body = self.template(function, function.body, params)
            slopes = {
                p: (
                    write(items, part.root, {function.name: "z"}),
                    self.template(function, part, (*params, function.name)),
                )
                for p, part in function.locals.items()
            }
            self.made[name] = composite(name, body, slopes)
        return self.made[function.name]

    def template(self, function: Define, part: Part, names: tuple[str, ...]) -> Graph:
        """An expression over names as a graph of its own, whose inputs have no values yet."""
        outer = self.graph, self.env
        self.graph, self.env = Graph(self.program.source), {}
        self.calling.append(function.name)
        try:
            for name in names:
                self.env[name] = self.graph.add(INPUT, (), function.name_span)
                self.graph.name(name, self.env[name])
            self.graph.output = self.node(self.evaluate(part), part.root)
            return self.graph
        except GradcalcError as error:
            if error.kind == "name" and not error.hint:
                error.hint = "a function with declared gradients uses its parameters only"
            raise
        finally:
            self.calling.pop()
            self.graph, self.env = outer

    def call_by_names(self, function: Define) -> Slot:
        missing = [p for p in function.params if p not in self.env]
        if missing:
            raise UnboundError(
                tuple(missing),
                span=function.name_span,
                source=self.program.source,
                hint="give values: " + " ".join(f"-{p} 1" for p in missing),
            )
        return self.evaluate(function.body)

    # -- slots --------------------------------------------------------------------------------------

    def apply(self, gate: Gate, slots: list[Slot], args: tuple[int, ...], k: int) -> Slot:
        """A node of `gate` over these slots; where all of them are constants, its value at once."""
        item = self.items[k]
        span = (item.start, item.end)
        values = [self.value(slot, k) for slot in slots]
        if all(type(v) is not int for v in values):
            return self.fold(gate, values, span)
        inputs = tuple(
            v if type(v) is int else self.graph.add(CONSTANT, (), self.span_of(args, n, span), v)
            for n, v in enumerate(values)
        )
        return self.graph.add(gate, inputs, span)

    def span_of(self, args: tuple[int, ...], n: int, span: tuple[int, int]) -> tuple[int, int]:
        return self.items[args[n]].span if n < len(args) else span

    def fold(self, gate: Gate, values: list[Array], span: tuple[int, int]) -> Array:
        single = Graph(self.program.source, max_elements=self.limits.elements)
        ins = tuple(single.add(CONSTANT, (), span, v) for v in values)
        single.output = single.add(gate, ins, span)
        return as_value(single.forward())

    def value(self, slot: Slot, k: int) -> Slot:
        """A node or a constant; a list becomes an array, or a stack of nodes."""
        if not isinstance(slot, Later):
            return slot
        if slot.kind == "word" and slot.value is not None:
            return np.float64(slot.value)
        if slot.kind != "list":
            what = {"text": "a text", "word": "None"}.get(slot.kind, "a slice")
            raise GradcalcError(f"{what} is no number", kind="value", span=self.items[k].span)
        entries = [self.value(entry, k) for entry in slot.value]
        span = self.items[k].span
        if all(type(v) is not int for v in entries):
            try:
                return as_value(np.array(entries, dtype=np.float64))
            except ValueError:
                raise GradcalcError(
                    "the rows of this list differ in length", kind="shape", span=span
                ) from None
        nodes = tuple(v if type(v) is int else self.graph.add(CONSTANT, (), span, v) for v in entries)
        return self.graph.add(self.gates["stack"], nodes, span)

    def node(self, slot: Slot, k: int) -> int:
        """The slot as a node: a constant becomes a leaf."""
        value = self.value(slot, k)
        return value if type(value) is int else self.graph.add(CONSTANT, (), self.items[k].span, value)

    def static(self, slot: Slot) -> Any:
        """What a slot is worth while the graph is built: a size, an axis, an index.

        Inputs that it hangs on become parameters: they are never moved.
        """
        if isinstance(slot, Later):
            if slot.kind == "list":
                return tuple(self.static(entry) for entry in slot.value)
            return slot.value
        if type(slot) is not int:
            return slot
        graph, todo, needed = self.graph, [slot], set()
        while todo:
            i = todo.pop()
            if i in needed:
                continue
            needed.add(i)
            if graph.gates[i] is INPUT:
                graph.static.add(i)
            todo.extend(graph.inputs[i])
        for i in sorted(needed):
            if graph.inputs[i]:
                xs = [graph.values[j] for j in graph.inputs[i]]
                graph.values[i] = graph.gates[i].forward(*xs)
        return graph.values[slot]

    def check_size(self, nodes: int) -> None:
        if nodes > self.limits.nodes:
            raise GradcalcError(
                f"the graph has more than {self.limits.nodes:,} nodes",
                kind="limit",
                hint="--max-nodes raises the limit",
            )


MASKS = {"lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or", "logical_not"}


def _binds(statements: tuple[Statement, ...]) -> Iterator[Bind]:
    for statement in statements:
        if isinstance(statement, Bind):
            yield statement
        elif isinstance(statement, For):
            yield from _binds(statement.body)
