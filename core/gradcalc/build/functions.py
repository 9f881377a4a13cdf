"""Functions of a program: a call runs the body in place, or is a gate with its own declared gradients."""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import Slot
from ..compose import composite
from ..errors import GradcalcError
from ..gate import Gate
from ..graphs import CONSTANT, INPUT, Graph, Group
from ..syntax import Define, Part, Program, write
from .expressions import Expressions
from .names import UnboundError
from .slots import Limits

DEEPEST_CALL = 200


class Functions(Expressions):
    """Expressions that may call the program's functions."""

    def __init__(self, program: Program, gates: Mapping[str, Gate], seed: int, limits: Limits) -> None:
        super().__init__(program, gates, seed, limits)
        self.calling: list[str] = []
        self.made: dict[str, Gate] = {}  # the functions that are gates of their own

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
