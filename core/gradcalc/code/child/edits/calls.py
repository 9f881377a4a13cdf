"""Edits of calls: sums and means, axes, products of matrices, reshapes."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import Any

from .sites import Edit, Make, parsed, turned

SUMS = {"mean": "sum", "sum": "mean", "average": "sum"}
TWINS = {
    "sin": "cos", "cos": "sin", "argmax": "argmin", "argmin": "argmax", "max": "min", "min": "max",
    "maximum": "minimum", "minimum": "maximum", "exp": "log", "log": "exp", "log2": "log", "log10": "log",
    "ones_like": "zeros_like", "tanh": "sinh", "sinh": "cosh", "cosh": "sinh", "sqrt": "square",
    "square": "sqrt",
}  # fmt: skip
AXES: tuple[Any, ...] = (0, 1, -1, (0, 1), (0, 2), (0, 2, 3), (1, 2), (0, 1, 2), (1, 2, 3), (2, 3), None)
MODULES = ("np", "numpy", "torch", "jnp")


def of_call(edit: Make, node: ast.Call) -> Iterator[Edit]:
    function = node.func
    if not isinstance(function, ast.Attribute):
        return
    word = function.attr

    def renamed(to: str) -> ast.Call:
        return ast.Call(ast.Attribute(function.value, to, ast.Load()), node.args, node.keywords)

    if word in SUMS:
        kind, says = (
            ("averaged", "is a mean where a sum belongs")
            if word != "sum"
            else ("factor", "is a sum where a mean belongs")
        )
        yield edit(renamed(SUMS[word]), kind, "{} " + says, 1)
    if word in TWINS:
        kind = "mask" if "arg" in word or word in ("max", "min", "maximum", "minimum") else "wrong-point"
        yield edit(renamed(TWINS[word]), kind, f"{{}}: {TWINS[word]} belongs here, not {word}", 2)
    if word in ("sum", "mean", "max"):
        for axis in AXES:
            new = _with_axis(node, axis)
            yield edit(new, "not-summed", f"{{}} runs over the wrong axis: axis={axis} belongs", 2)
        inner = function.value if _is_method(function) else node.args[0] if node.args else None
        if inner is not None:
            yield edit(inner, "not-summed", "{} should not be there", 4)
    if word in ("abs", "sqrt", "sign", "absolute", "square", "exp", "tanh", "clip") and node.args:
        kind = "sign" if "abs" in word else "mask" if word == "clip" else "wrong-point"
        yield edit(node.args[0], kind, "{} should not be there", 3)
    if word == "dot" and _is_method(function) and len(node.args) == 1:
        a, b = function.value, node.args[0]
        for left, right in (
            (b, a),
            (turned(a), b),
            (a, turned(b)),
            (turned(b), a),
            (b, turned(a)),
            (turned(a), turned(b)),
        ):
            new = ast.Call(ast.Attribute(left, "dot", ast.Load()), [right], [])
            yield edit(new, "transposed", "the matrices of {} don't fit as they stand", 3)
    if word in ("reshape", "transpose") and _is_method(function):
        yield edit(function.value, "permuted", "{} should not be there", 4)
        if word == "reshape" and len(node.args) >= 2:
            yield edit(turned(function.value), "transposed", "{} is a reshape where a transpose belongs", 3)
        yield from _reordered(edit, node)
    for k, keyword in enumerate(node.keywords):
        if keyword.arg in ("keepdims", "order"):
            rest = node.keywords[:k] + node.keywords[k + 1 :]
            kind = "permuted" if keyword.arg == "order" else "not-summed"
            yield edit(ast.Call(function, node.args, rest), kind, f"{{}}: {keyword.arg} is wrong", 3)


def _reordered(edit: Make, node: ast.Call) -> Iterator[Edit]:
    """reshape and transpose with their arguments in another order."""
    args = node.args[0].elts if len(node.args) == 1 and isinstance(node.args[0], ast.Tuple) else node.args
    if 2 <= len(args) <= 4:
        for order in itertools.permutations(args):
            if list(order) != list(args):
                yield edit(
                    ast.Call(node.func, list(order), node.keywords),
                    "transposed",
                    "the axes of {} stand in the wrong order",
                    5,
                )


def _is_method(function: ast.Attribute) -> bool:
    return not (isinstance(function.value, ast.Name) and function.value.id in MODULES)


def _with_axis(node: ast.Call, axis: Any) -> ast.Call:
    keywords = [k for k in node.keywords if k.arg not in ("axis", "dim")]
    args = node.args[: 0 if isinstance(node.func, ast.Attribute) and _is_method(node.func) else 1]
    given = [] if axis is None else [ast.keyword("axis", parsed(repr(axis)))]
    return ast.Call(node.func, args, [*given, *keywords])
