"""Edits where labels choose entries: the right class's own term, at the right places."""

from __future__ import annotations

import ast
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
    for parent in ast.walk(function):
        block = getattr(parent, "body", None)
        for k, node in enumerate(block if isinstance(block, list) else ()):
            array = _array(node)
            if array:
                yield from _of_term((parent, "body", k), node, array, known)


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


def _array(node: Any) -> str:
    """The name of the array that a statement sets or changes, or nothing."""
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""
