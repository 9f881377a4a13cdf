"""Edits of calls: sums and means, axes, products of matrices, reshapes."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import Any

from .sites import MODULES, Edit, Make, is_slope, parsed, text_of, turned

SUMS = {"mean": "sum", "sum": "mean", "average": "sum"}
TWINS = {
    "sin": "cos", "cos": "sin", "argmax": "argmin", "argmin": "argmax", "max": "min", "min": "max",
    "maximum": "minimum", "minimum": "maximum", "exp": "log", "log": "exp", "log2": "log", "log10": "log",
    "ones_like": "zeros_like", "ones": "zeros", "tanh": "sinh", "sinh": "cosh", "cosh": "sinh",
    "sqrt": "square", "square": "sqrt",
}  # fmt: skip
AXES: tuple[Any, ...] = (0, 1, -1, (0, 1), (0, 2), (0, 2, 3), (1, 2), (0, 1, 2), (1, 2, 3), (2, 3), None)
MOVES = ((0, 2, 3, 1), (0, 3, 1, 2), (1, 0), (1, 0, 2), (0, 2, 1), (1, 2, 3, 0))
ELEMENTWISE = ("exp", "log", "tanh", "sqrt", "square", "abs")


def of_call(edit: Make, node: ast.Call) -> Iterator[Edit]:
    function = node.func
    if not isinstance(function, ast.Attribute):
        if isinstance(function, ast.Name) and len(node.args) == 1 and function.id not in ("len", "range"):
            yield edit(node.args[0], "wrong-point", "{} stands where its input belongs", 3)
        return
    word = function.attr

    def renamed(to: str) -> ast.Call:
        return ast.Call(ast.Attribute(function.value, to, ast.Load()), node.args, node.keywords)

    yield from _ones(edit, node, function)
    yield from _copied(edit, node, function)
    yield from _summed(edit, node, function)
    yield from _reshaped(edit, node, function)
    if word == "where" and len(node.args) == 3:
        mask, a, b = node.args
        yield edit(ast.Call(function, [mask, b, a], []), "mask", "the branches of {} are exchanged", 2)
    if word in SUMS:
        kind, says = (
            ("averaged", "is a mean where a sum belongs")
            if word != "sum"
            else ("factor", "is a sum where a mean belongs")
        )
        yield edit(renamed(SUMS[word]), kind, "{} " + says, 1)
    if word in TWINS:
        kind = "mask" if "arg" in word or word in ("max", "min", "maximum", "minimum") else "wrong-point"
        kind = "factor" if word in ("log2", "log10") else kind
        yield edit(renamed(TWINS[word]), kind, f"{{}}: {TWINS[word]} belongs here, not {word}", 2)
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
    for k, keyword in enumerate(node.keywords):
        if keyword.arg in ("keepdims", "order"):
            rest = node.keywords[:k] + node.keywords[k + 1 :]
            kind = "permuted" if keyword.arg == "order" else "not-summed"
            yield edit(ast.Call(function, node.args, rest), kind, f"{{}}: {keyword.arg} is wrong", 3)


def _ones(edit: Make, node: ast.Call, function: ast.Attribute) -> Iterator[Edit]:
    """Ones where what they are shaped like belongs."""
    if function.attr in ("ones", "ones_like") and node.args:
        inner = node.args[0]
        if isinstance(inner, ast.Attribute) and inner.attr == "shape":
            inner = inner.value
        kind = "upstream-ignored" if is_slope(text_of(inner)) else "missing-factor"
        yield edit(inner, kind, f"{{}} stands where {text_of(inner)} itself belongs", 2)


def _copied(edit: Make, node: ast.Call, function: ast.Attribute) -> Iterator[Edit]:
    """A copy where a function of the same belongs."""
    if function.attr in ("copy", "clone") and _is_method(function) and not node.args:
        array = text_of(function.value)
        for other in ELEMENTWISE:
            text = f"{array}.{other}()" if function.attr == "clone" else f"np.{other}({array})"
            yield edit(parsed(text), "wrong-point", f"{{}} stands where its {other} belongs", 5)


def _summed(edit: Make, node: ast.Call, function: ast.Attribute) -> Iterator[Edit]:
    """Other axes, or none."""
    word = function.attr
    if word not in ("sum", "mean", "max"):
        return
    for axis in AXES:
        new = _with_axis(node, axis)
        yield edit(new, "not-summed", f"{{}} runs over the wrong axis: axis={axis} belongs", 2)
        if axis is not None and word != "max":
            rest = [k for k in new.keywords if k.arg != "keepdims"]
            kept = ast.Call(new.func, new.args, [*rest, ast.keyword("keepdims", ast.Constant(True))])
            says = f"{{}} runs over the wrong axis: axis={axis}, keepdims=True belongs"
            yield edit(kept, "not-summed", says, 3)
    inner = function.value if _is_method(function) else node.args[0] if node.args else None
    if inner is not None:
        yield edit(inner, "not-summed", "{} should not be there", 4)


def _reshaped(edit: Make, node: ast.Call, function: ast.Attribute) -> Iterator[Edit]:
    """Axes that stand in another order, before or after."""
    word = function.attr
    if word not in ("reshape", "transpose") or not _is_method(function):
        return
    yield edit(function.value, "permuted", "{} should not be there", 4)
    if word == "reshape":
        for axes in MOVES:
            moved = parsed(f"({text_of(function.value)}).transpose{axes}")
            new = ast.Call(ast.Attribute(moved, "reshape", ast.Load()), node.args, node.keywords)
            says = f"the axes of {{}} are not moved before the reshape: transpose{axes}"
            yield edit(new, "permuted", says, 5)
    if word == "reshape" and len(node.args) >= 2:
        yield edit(turned(function.value), "transposed", "{} is a reshape where a transpose belongs", 3)
    yield from _reordered(edit, node)


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
