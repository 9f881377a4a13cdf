"""Edits of expressions: signs, factors, terms, exponents, numbers, names, masks."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from typing import Any

from .calls import of_call
from .sites import COUNTS, Edit, Known, Make, Site, is_slope, parsed, text_of, times
from .sites import turned as transposed

COMPARED: tuple[Any, ...] = (ast.Gt, ast.GtE, ast.Lt, ast.LtE)
FACTORS = (2.0, 0.5, 3.0, 1.0 / 3.0)


def of_expression(s: Site, known: Known, library: str) -> Iterator[Edit]:
    place, node = (s.parent, s.field, s.at), s.node

    def edit(new: Any, kind: str, says: str, rank: int) -> Edit:
        return Edit(place, node, new, kind, says, rank)

    if isinstance(node, ast.BinOp):
        yield from _of_operation(edit, node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if not isinstance(s.parent, ast.Slice):  # x[::-1] is turned round, and no sign
            yield edit(node.operand, "sign", "the sign of {} is wrong", 0)
    elif s.root or isinstance(s.parent, (ast.BinOp, ast.Call)):
        yield edit(ast.UnaryOp(ast.USub(), node), "sign", "the sign of {} is lost", 1 if s.root else 4)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        yield edit(node.operand, "mask", "the mask {} is the wrong way round", 1)
    if isinstance(node, ast.Call):
        yield from of_call(edit, node)
    if isinstance(node, ast.Compare):
        for op in COMPARED:
            if not isinstance(node.ops[0], op) and len(node.ops) == 1:
                new = ast.Compare(node.left, [op()], node.comparators)
                yield edit(new, "mask", "the mask {} lets the wrong entries through", 2)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield edit(node.value, "transposed", "{} is transposed", 2)
    elif isinstance(node, (ast.Name, ast.Attribute, ast.Call)) and _numeric(s):
        yield edit(ast.Attribute(node, "T", ast.Load()), "transposed", "{} is not transposed", 3)
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, (int, float))
        and not isinstance(node.value, bool)
    ):
        yield from _of_constant(edit, s, known.names)
    if isinstance(node, (ast.Name, ast.Attribute)) and _numeric(s):
        yield from _of_name(edit, s, known, library)
    if s.root and not isinstance(node, (ast.Tuple, ast.List, ast.Dict)):
        for c in FACTORS:
            text = {0.5: "1/2", 1.0 / 3.0: "1/3"}.get(c, f"{c:g}")
            yield edit(times(node, ast.Constant(c)), "factor", f"{{}} lacks the factor {text}", 4)
        for size in known.sizes:
            by = parsed(size)
            yield edit(ast.BinOp(node, ast.Div(), by), "factor", f"{{}} is not divided by {size}", 4)
            yield edit(times(node, by), "averaged", f"{{}} is divided by {size} once too often", 4)
    if isinstance(node, ast.Subscript):
        straight = _straight(node)
        if straight is not None:
            yield edit(straight, "flipped", "{} is turned round", 2)
        yield edit(node.value, _cut(node), "{} takes only a part, or turns it", 5)


def _straight(node: ast.Subscript) -> Any:
    """The same without its [::-1], or None where it has none."""
    new = copy.deepcopy(node)
    turned = [part for part in ast.walk(new.slice) if isinstance(part, ast.Slice) and part.step is not None]
    for part in turned:
        part.lower = part.upper = part.step = None
    return new if turned else None


def _cut(node: ast.Subscript) -> str:
    """What it is called when an index should not be there."""
    if any(isinstance(part, ast.Slice) and part.step is not None for part in ast.walk(node.slice)):
        return "flipped"
    return "mask" if "mask" in text_of(node.value).lower() else "region"


def _numeric(s: Site) -> bool:
    """Whether a name stands where a number or array is calculated with, and is no function or module."""
    if isinstance(s.parent, ast.Attribute) and s.field == "value":
        return s.parent.attr in ("T", "dot", "sum", "mean", "reshape", "transpose", "copy", "shape", "size")
    if isinstance(s.node, ast.Attribute):
        return not (
            isinstance(s.node.value, ast.Name) and s.node.value.id in ("np", "numpy", "torch", "jnp", "math")
        )
    return True


def _of_operation(edit: Make, node: ast.BinOp) -> Iterator[Edit]:
    op, a, b = node.op, node.left, node.right
    if isinstance(op, (ast.Add, ast.Sub)):
        new = ast.BinOp(a, ast.Sub() if isinstance(op, ast.Add) else ast.Add(), b)
        yield edit(new, "sign", "the sign in {} is wrong", 1)
        yield edit(a, "extra-term", f"{{}} has a term too many: {text_of(b)}", 3)
        yield edit(b, "extra-term", f"{{}} has a term too many: {text_of(a)}", 3)
        yield edit(ast.UnaryOp(ast.USub(), b), "extra-term", f"{{}} has a term too many: {text_of(a)}", 4)
    elif isinstance(op, (ast.Mult, ast.Div)):
        kind = "factor" if isinstance(b, ast.Constant) else "extra-factor"
        if _is_length(text_of(b)):
            kind = "averaged" if isinstance(op, ast.Div) else "factor"
        yield edit(a, kind, f"{{}} has a factor too many: {text_of(b)}", 2)
        kind = "factor" if isinstance(a, ast.Constant) else "extra-factor"
        yield edit(b, kind, f"{{}} has a factor too many: {text_of(a)}", 2)
        new = ast.BinOp(a, ast.Div() if isinstance(op, ast.Mult) else ast.Mult(), b)
        words = ("*", "/") if isinstance(op, ast.Mult) else ("/", "*")
        yield edit(new, "extra-factor", f"{words[0]} stands in {{}} where {words[1]} belongs", 2)
        yield edit(
            times(node, copy.deepcopy(b)),
            "missing-factor",
            f"{{}} lacks a factor: {text_of(b)} is squared",
            5,
        )
        if isinstance(op, ast.Div):
            again = ast.BinOp(node, ast.Div(), copy.deepcopy(b))
            yield edit(again, "missing-factor", f"{{}} must be divided by {text_of(b)} twice", 4)
    elif isinstance(op, ast.Pow):
        if isinstance(b, ast.Constant) and isinstance(b.value, (int, float)) and b.value not in (0, 1):
            power = a if b.value == 2 else ast.BinOp(a, ast.Pow(), ast.Constant(b.value - 1))
            yield edit(times(b, power), "extra-factor", "{} is not differentiated", 3)
        yield edit(a, "extra-factor", "{} has the exponent too many", 3)
        for n in (-1.0, 0.5, -0.5, 2.0, 3.0, -1.5, -2.0):
            yield edit(
                ast.BinOp(a, ast.Pow(), ast.Constant(n)),
                "wrong-point",
                f"{{}} has the wrong exponent: {n:g} belongs",
                5,
            )
    elif isinstance(op, ast.MatMult):
        yield edit(ast.BinOp(b, op, a), "transposed", "the matrices of {} stand in the wrong order", 3)
        for left, right in (
            (transposed(a), b),
            (a, transposed(b)),
            (transposed(b), a),
            (b, transposed(a)),
            (transposed(a), transposed(b)),
        ):
            yield edit(
                ast.BinOp(left, op, right), "transposed", "the matrices of {} don't fit as they stand", 4
            )


def _is_length(text: str) -> bool:
    """Whether something is a length or a count: N, len(x), x.shape[0], x.size."""
    return text in COUNTS or text.startswith("len(") or ".shape[" in text or text.endswith(".size")


def _of_constant(edit: Make, s: Site, names: Sequence[str]) -> Iterator[Edit]:
    value = s.node.value
    in_index = isinstance(s.parent, (ast.Subscript, ast.Slice)) or (
        isinstance(s.parent, ast.Tuple) and not s.root
    )
    if in_index:
        kind = "factor" if _is_shape(s.parent) else "region"
        for other in (value - 1, value + 1, 0, 1):
            if other != value:
                yield edit(ast.Constant(other), kind, f"{{}} is the wrong index: {other} belongs", 3)
        for name in names if kind == "region" else ():
            yield edit(parsed(name), "permuted", f"{{}} stands in the index where {name} belongs", 3)
        return
    kind = "missing-factor" if abs(value) == 1 else "factor"
    for name in names:
        yield edit(parsed(name), kind, f"{{}} stands where {name} belongs", 3)
    for other in (-value, value + 1, value - 1, 2 * value, value / 2, 1.0, 0.0):
        if other != value:
            whole = isinstance(value, int) and other == int(other)
            yield edit(
                ast.Constant(int(other) if whole else other),
                "sign" if other == -value else "factor",
                f"{{}} is the wrong number: {other:g} belongs",
                2,
            )


def _is_shape(parent: Any) -> bool:
    value = getattr(parent, "value", None)
    return isinstance(value, ast.Attribute) and value.attr == "shape"


def _of_name(edit: Make, s: Site, known: Known, library: str) -> Iterator[Edit]:
    here = text_of(s.node)
    masking = isinstance(s.parent, ast.Compare) or "mask" in here.lower()
    for name in known.names:
        if name != here:
            kind, why = ("mask", "") if masking else _mixed(s, here, name, known)
            yield edit(parsed(name), kind, f"{{}} stands where {name} belongs{why}", 3)
    for function in ("exp", "log", "tanh", "sqrt", "square", "abs", "cos", "sin"):
        wrapped = f"{library}.{function}({here})"
        kind = "missing-factor" if function == "square" else "wrong-point"
        yield edit(parsed(wrapped), kind, f"{{}} stands where {wrapped} belongs", 5)


MORE = {"lost-term": "extra-term", "missing-factor": "extra-factor"}


def _mixed(s: Site, here: str, there: str, known: Known) -> tuple[str, str]:
    """What it is called when one name stands where another belongs, and what makes the difference."""
    if s.field == "slice":
        return "permuted", " in the index"
    if _is_length(here) and _is_length(there):
        return "factor", ""
    for pair, said, names in (((here, there), "is left out", {}), ((there, here), "comes in too much", MORE)):
        if pair in known.steps:
            kind, words = known.steps[pair]
            if kind == "lost-term" and _in_exp(s):
                kind = "missing-factor"  # exp(a - b) is exp(a)/exp(b)
            return names.get(kind, kind), f": {words} {said}"
    if here in known.upstream:
        return "missing-factor", ""  # the upstream gradient itself, where a slope should have multiplied it
    if there in known.upstream:
        return "extra-factor", ""
    alike = is_slope(here) == is_slope(there)
    return "swapped" if alike and (is_slope(here) or len(here) <= 2 >= len(there)) else "wrong-point", ""


def _in_exp(s: Site) -> bool:
    return (
        isinstance(s.parent, ast.Call)
        and isinstance(s.parent.func, ast.Attribute)
        and s.parent.func.attr == "exp"
    )
