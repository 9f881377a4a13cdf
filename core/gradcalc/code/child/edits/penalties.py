"""Edits inside a regularisation term: whatever is wrong there, it is that term's gradient."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ..naming import STRENGTHS
from .sites import Edit

PLAIN = STRENGTHS[:-2]


def in_penalties(function: ast.AST, edits: Iterable[Edit]) -> Iterator[Edit]:
    """The same edits; those inside a summand with a strength of regularisation in it are named so."""
    inside = {id(n) for term in _summands(function) if _has_strength(term) for n in ast.walk(term)}
    for edit in edits:
        if id(edit.node) in inside:
            edit = edit._replace(kind="regularisation", says=f"in the regularisation term, {edit.says}")
        yield edit


def _summands(function: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            terms = [node.left, node.right]
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Add, ast.Sub)):
            terms = [node.value]
        else:
            continue
        yield from (
            t for t in terms if not (isinstance(t, ast.BinOp) and isinstance(t.op, (ast.Add, ast.Sub)))
        )


def _has_strength(term: ast.AST) -> bool:
    names = [getattr(n, "id", getattr(n, "attr", "")) for n in ast.walk(term)]
    return any(name.lower() in PLAIN for name in names)
