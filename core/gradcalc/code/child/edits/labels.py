"""Edits where labels choose entries: the right class's own term, at the right places."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ..naming import is_label
from .sites import Edit, Site, parsed, text_of

CHANGES = ("-= 1", "+= 1", "= -{a}.sum(axis=1)", "-= {a}.sum(axis=1)", "-= ({a} > 0).sum(axis=1)", "= 0")


def label_terms(
    function: ast.AST, every: Sequence[Site], names: Sequence[str], labels: Sequence[str]
) -> Iterator[Edit]:
    """Edits with each name that may be a label: those that are, and those that are called so."""
    known = list(dict.fromkeys([*(n for n in labels if n in names), *(n for n in names if is_label(n))]))
    for site in every:
        if isinstance(site.node, ast.Subscript):
            yield from _of_index(site, known)
    loops = [text_of(n.target) for n in ast.walk(function) if isinstance(n, ast.For)]
    for parent in ast.walk(function):
        block = getattr(parent, "body", None)
        for k, node in enumerate(block if isinstance(block, list) else ()):
            array = _array(node)
            if array:
                yield from _of_term((parent, "body", k), node, array, known)
                yield from _of_loop((parent, "body", k), node, known, loops)


def _of_index(site: Site, labels: Sequence[str]) -> Iterator[Edit]:
    """a[:, y] where a[i, y[i]] is meant, and another class than the right one."""
    index = site.node.slice
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    for k, part in enumerate(parts):
        for y in labels:
            if text_of(part) == y and len(parts) == 2 and k == 1 and isinstance(parts[0], ast.Slice):
                rows = parsed(f"range(len({y}))")
                says = f"{{}} takes whole columns where one entry of each row belongs: [i, {y}[i]]"
                yield Edit((index, "elts", 0), parts[0], rows, "label-term", says, 2)
            elif text_of(part) != y and not isinstance(part, (ast.Slice, ast.Constant)):
                place = (index, "elts", k) if isinstance(index, ast.Tuple) else (site.node, "slice", None)
                says = f"{{}} stands in an index where {y} belongs"
                yield Edit(place, part, parsed(y), "label-term", says, 4)


def _of_term(place: tuple[Any, str, int], node: Any, array: str, labels: Sequence[str]) -> Iterator[Edit]:
    for y in labels:
        for form in CHANGES:
            line = f"{array}[range(len({y})), {y}] {form.format(a=array)}"
            both = ast.If(ast.Constant(True), [node, ast.parse(line).body[0]], [])
            says = "the term of the right class is missing after {}"
            yield Edit(place, node, both, "label-term", says, 7)
            if isinstance(node, ast.AugAssign):
                only = ast.parse(line).body[0]
                yield Edit(place, node, only, "label-term", "{} belongs to the right class only", 5)


def _of_loop(
    place: tuple[Any, str, int], node: Any, labels: Sequence[str], loops: Sequence[str]
) -> Iterator[Edit]:
    """Beside a[:, j] += v the right class's a[:, y[i]] -= v is missing."""
    if not isinstance(node, ast.AugAssign) or not isinstance(node.op, (ast.Add, ast.Sub)):
        return
    op = "-" if isinstance(node.op, ast.Add) else "+"
    target, value = text_of(node.target), text_of(node.value)
    for j, i, y in itertools.product(loops, loops, labels):
        other = re.sub(rf"\b{re.escape(j)}\b(?=[\],])", f"{y}[{i}]", target)
        if i != j and other != target:
            both = ast.If(ast.Constant(True), [node, ast.parse(f"{other} {op}= {value}").body[0]], [])
            yield Edit(place, node, both, "label-term", "the right class's term is missing after {}", 5)


def _array(node: Any) -> str:
    """The name of the array that a statement sets or changes, or nothing."""
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""
