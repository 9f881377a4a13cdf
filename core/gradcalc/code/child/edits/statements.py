"""Edits of statements: = for +=, the order of results, the ends of loops, a term that is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from .sites import Edit, Known, array_of, text_of


def of_statements(function: ast.AST, known: Known) -> Iterator[Edit]:
    for parent in ast.walk(function):
        for field in ("body", "orelse"):
            block = getattr(parent, field, None)
            for k, node in enumerate(block if isinstance(block, list) else ()):
                yield from _of_statement((parent, field, k), node)
                yield from _scaled((parent, field, k), node, known.sizes)


def _of_statement(place: tuple[Any, str, int], node: Any) -> Iterator[Edit]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, (ast.Subscript, ast.Name, ast.Attribute)):
            new = ast.AugAssign(target, ast.Add(), node.value)
            yield Edit(place, node, new, "overwritten", "= stands in {} where += belongs", 1)
    if isinstance(node, ast.AugAssign):
        if isinstance(node.op, (ast.Add, ast.Sub)):
            op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield Edit(
                place, node, ast.AugAssign(node.target, op, node.value), "sign", "the sign in {} is wrong", 1
            )
        kind = {ast.Div: "averaged", ast.Mult: "factor"}.get(type(node.op), "extra-term")
        yield Edit(place, node, ast.Pass(), kind, "{} should not be there", 4)
        plain = ast.Assign([node.target], node.value, lineno=node.lineno)
        yield Edit(place, node, plain, "extra-term", "+= stands in {} where = belongs", 4)
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and 2 <= len(node.value.elts) <= 6:
        elts = node.value.elts
        for i in range(len(elts)):
            for j in range(i + 1, len(elts)):
                swapped = list(elts)
                swapped[i], swapped[j] = swapped[j], swapped[i]
                says = f"{text_of(elts[i])} and {text_of(elts[j])} are returned in the wrong order"
                yield Edit(place, node, ast.Return(ast.Tuple(swapped, ast.Load())), "swapped", says, 1)
    if isinstance(node, ast.For) and isinstance(node.iter, ast.Call):
        back = ast.Call(ast.Name("reversed", ast.Load()), [node.iter], [])
        loop = ast.For(node.target, back, node.body, node.orelse)
        yield Edit(place, node, loop, "permuted", "the loop runs in the wrong direction", 3)
        for k, arg in enumerate(node.iter.args if text_of(node.iter.func) == "range" else ()):
            for step in (1, -1):
                args = list(node.iter.args)
                args[k] = ast.BinOp(arg, ast.Add(), ast.Constant(step))
                loop = ast.For(node.target, ast.Call(node.iter.func, args, []), node.body, node.orelse)
                yield Edit(place, node, loop, "lost-term", "the loop is off by one", 3)


def _scaled(place: tuple[Any, str, int], node: Any, sizes: Sequence[str]) -> Iterator[Edit]:
    """Entries are changed in place, alone or in a loop, and then the array is not divided by a length."""
    arrays: dict[str, None] = {}
    for part in ast.walk(node) if isinstance(node, ast.For) else [node]:
        if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Subscript):
            arrays[text_of(array_of(part.target))] = None
    for name in arrays:
        for size in sizes:
            both = ast.If(ast.Constant(True), [node, ast.parse(f"{name} /= {size}").body[0]], [])
            where = "the loop" if isinstance(node, ast.For) else "{}"
            yield Edit(place, node, both, "factor", f"{name} is not divided by {size} after {where}", 4)
