"""Guards: numbers so small that they only keep a logarithm or a quotient away from its pole.

log(p + 1e-7) is written for the day when p underflows, and the gradient beside it is that of log(p).
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from types import CodeType
from typing import Any, NamedTuple

from .called import Called
from .repair import Target, compiled, editable

LARGEST = 1e-2


class Guard(NamedTuple):
    """Where a guard stands, as written: its file and line, the sum that it is part of, and its size."""

    file: str
    line: int
    text: str
    size: float


class Unguarded:
    """Functions of people's code, with and without their guards.

    `ran` is the code that ran, and the numbers that it was given; `moved` the names of the inputs,
    which are no guards however small; `only` the places, in `guards`, of those to take out.
    """

    def __init__(
        self, starts: Sequence[Any], ran: Sequence[Called], home: str, moved: Container[str],
        only: Container[int],
    ) -> None:  # fmt: skip
        self.guards: list[Guard] = []
        self.kept: list[tuple[Any, CodeType]] = []
        numbers = {id(one.code): one.numbers for one in ran}
        for one in editable(starts, home):
            given = numbers.get(id(one.function.__code__), {})
            found = list(taken_out(one, given, moved, only, len(self.guards)))
            taken = [k in only for k in range(len(self.guards), len(self.guards) + len(found))]
            code = compiled(one) if found else None
            if code is None:
                continue
            self.guards += found
            if any(taken):
                self.kept.append((one.function, one.function.__code__))
                one.function.__code__ = code

    def restore(self) -> None:
        """Put the guards back."""
        while self.kept:
            function, code = self.kept.pop()
            function.__code__ = code


def taken_out(
    one: Target, given: Mapping[str, float], moved: Container[str], only: Container[int], start: int
) -> Iterator[Guard]:
    """The guards of a function, from number `start` on; zero is put in the place of those in `only`."""
    names = {**one.function.__globals__, **given}
    for name in _variables(one, given):
        names.pop(name, None)
    names.update(_constants(one))
    names = {n: v for n, v in names.items() if n.removeprefix("self.") not in moved or n not in given}
    source = textwrap.dedent(inspect.getsource(one.function))
    for node in ast.walk(one.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            sides: list[tuple[ast.AST, str, ast.expr]]
            sides = [(node, "left", node.left), (node, "right", node.right)]
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            sides = [(node, "value", node.value)]
        else:
            continue
        text = ast.get_source_segment(source, node) or ast.unparse(node)
        if sum(_size(operand, names) is not None for _, _, operand in sides) == 2:
            continue  # 1 + 1e-9 is a number, and no guard
        for parent, field, operand in sides:
            size = _size(operand, names)
            if size is not None and 0 < size <= LARGEST:
                if start in only:
                    setattr(parent, field, ast.copy_location(ast.Constant(0.0), operand))
                start += 1
                yield Guard(one.file, one.first + node.lineno - 1, text, size)


def _size(node: ast.AST, names: Mapping[str, Any]) -> float | None:
    """What a number is worth: `1e-7`, `10**-7`, the name of a constant or of a parameter, `self.eps`."""
    value: Any = None
    if isinstance(node, (ast.Name, ast.Attribute)):
        value = names.get(ast.unparse(node))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        base, power = (_size(side, names) for side in (node.left, node.right))
        value = None if not base or power is None or abs(power) > 400 else base**power
    else:
        with suppress(ValueError):
            value = ast.literal_eval(node)
    return float(value) if type(value) in (int, float) else None


def _variables(one: Target, given: Container[str]) -> Iterator[str]:
    """The names in a function that mean no constant: what it assigns, and the parameters without a number."""
    for node in ast.walk(one.tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg) and node.arg not in given:
            yield node.arg


def _constants(one: Target) -> Iterator[tuple[str, float]]:
    """The names that a function gives one number, and nothing else."""
    stored = list(_variables(one, ()))
    for node in ast.walk(one.tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, _size(node.value, {})
            if value is not None and stored.count(name) == 1:
                yield name, value
