"""From a parsed program to a graph: inputs first, then its statements in order."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..calls import Slot
from ..errors import GradcalcError
from ..gate import Array, Gate, as_value
from ..gates import GATES
from ..graphs import INPUT, Graph, steady
from ..syntax import Bind, Define, For, Part, Program, Statement
from .expressions import makers
from .functions import Functions
from .names import Input, Names, no_value, not_used
from .slots import Limits


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


class Builder(Functions):
    """One walk over a program."""

    def __init__(
        self,
        program: Program,
        inputs: Mapping[str, Any],
        gates: Mapping[str, Gate],
        seed: int,
        limits: Limits,
    ) -> None:
        super().__init__(program, gates, seed, limits)
        self.given = {name: given(name, value) for name, value in inputs.items()}

    def run(self) -> Graph:
        """The whole program."""
        if len(self.items) > self.limits.nodes:
            self.check_size(sum(item[0] in ("op", "call") for item in self.items))
        names = self.declare()
        last = self.wanted = self.output_statement()
        self.block(self.program.statements)
        for name in self.given:
            if name not in names.inputs:
                raise not_used(name, names)
        graph, result = self.graph, self.result
        if isinstance(last, Define):
            result = self.node(self.call_by_names(last), last.body.root)
            graph.name(last.name, result)
        graph.output = self.node(result, self.part_of(last).root)
        graph.functions = frozenset(self.functions)
        if len(graph) > self.limits.nodes:
            self.check_size(sum(1 for ins in graph.inputs if ins))
        return graph

    def declare(self) -> Names:
        """Make the input nodes, first of all, in the order in which the program names them."""
        names = Names(self.program, self.given)
        self.defaults = names.defaults
        last = self.output_statement()
        if isinstance(last, Define):  # it is called by the names of its parameters
            for name in last.params:
                if name in self.given and name not in names.bound:
                    names.inputs.setdefault(name, Input(last.name_span, None))
        self.functions.update(names.functions)  # an input's default may call one
        if names.unbound:
            # First of all: an unused variable is most often one that the unknown name should have been.
            raise no_value(names, {*self.functions, *self.table.all(), *makers()}, self.program.source)
        for name, where in names.inputs.items():
            self.input(name, where)
        return names

    def input(self, name: str, where: Input) -> None:
        """An input with the value that is given for it, or its default."""
        value = self.given.get(name)
        if value is None and where.default is not None:
            # Each input draws from a stream of its own, so that one's values do not hang on the others.
            self.generator = np.random.default_rng([self.seed, zlib.crc32(name.encode())])
            value = self.static(self.evaluate(where.default))
            self.generator = None
            if value is None or isinstance(value, (str, bool)):
                raise GradcalcError(f"{name} needs a number or an array", kind="value", span=where.span)
        index = self.graph.add(INPUT, (), where.span, as_value(value))
        self.env[name] = index
        self.graph.name(name, index)

    def statement(self, statement: Define | For) -> Slot:
        """Run a definition or a loop; a loop's value is its last statement's."""
        if isinstance(statement, For):
            return self.loop(statement)
        self.define(statement)
        return None

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

    def names_in(self, statement: Statement) -> list[str]:
        part = self.part_of(statement)
        return [str(i.value) for i in self.items[part.first : part.root + 1] if i.kind == "name"]


def given(name: str, value: Any) -> Array:
    """The value of an input, which may come from anywhere; GradcalcError where it is not made of numbers."""
    try:
        kind = np.asarray(value).dtype.kind
        if value is not None and kind not in "cUSmM":
            return as_value(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise GradcalcError(
        f"{name} needs a number or an array of numbers",
        kind="value",
        hint="the rows of an array are of one length, and there are no complex numbers",
    )
