"""Guards: numbers so small that they only keep a logarithm or a quotient away from its pole.

log(p + 1e-7) is written for the day when p underflows, and the gradient beside it is that of log(p).
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import CodeType
from typing import Any, NamedTuple

from .repair import Target, compiled, related

LARGEST = 1e-2


class Guard(NamedTuple):
    """Where a guard stands, as written: its file and line, the sum that it is part of, and its size."""

    file: str
    line: int
    text: str
    size: float


class Unguarded:
    """Functions of people's code, with and without their guards."""

    def __init__(self, starts: Sequence[Any], home: str) -> None:
        self.guards: list[Guard] = []
        self.kept: list[tuple[Any, CodeType]] = []
        for one in related(starts, home):
            found = list(taken_out(one))
            code = compiled(one) if found else None
            if code is not None:
                self.guards += found
                self.kept.append((one.function, one.function.__code__))
                one.function.__code__ = code

    def restore(self) -> None:
        """Put the guards back."""
        while self.kept:
            function, code = self.kept.pop()
            function.__code__ = code


def taken_out(one: Target) -> Iterator[Guard]:
    """Put zero in the place of every guard in a function's tree."""
    defaults = _defaults(one.function)
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
        if sum(_size(operand, one.function, defaults) is not None for _, _, operand in sides) == 2:
            continue  # 1 + 1e-9 is a number, and no guard
        for parent, field, operand in sides:
            size = _size(operand, one.function, defaults)
            if size is not None and 0 < size <= LARGEST:
                setattr(parent, field, ast.copy_location(ast.Constant(0.0), operand))
                yield Guard(one.file, one.first + node.lineno - 1, text, size)


def _size(node: ast.AST, function: Any, defaults: dict[str, Any]) -> float | None:
    """What a number is worth: `1e-7`, `10**-7`, the name of a constant or of a parameter with a default."""
    value: Any = None
    if isinstance(node, ast.Name):
        value = defaults[node.id] if node.id in defaults else function.__globals__.get(node.id)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        base, power = (_size(side, function, defaults) for side in (node.left, node.right))
        value = None if not base or power is None or abs(power) > 400 else base**power
    else:
        with suppress(ValueError):
            value = ast.literal_eval(node)
    return float(value) if type(value) in (int, float) else None


def _defaults(function: Any) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters.values()
    return {p.name: None if p.default is p.empty else p.default for p in parameters}
