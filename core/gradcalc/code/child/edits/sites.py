"""Where a function can be edited, and what an edit is."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

COUNTS = {"N", "D", "M", "T", "H", "C", "n", "m", "batch_size", "num_train", "n_samples"}
MODULES = ("np", "numpy", "torch", "jnp")


class Edit(NamedTuple):
    """One change: at `node`'s place stands `new`.

    `kind` is the catalogue's name of the mistake that it undoes, `says` tells it in words ({} stands for the
    text of the node as written). `rank` orders edits: the simpler, the likelier.
    """

    place: tuple[Any, str, int | None]
    node: ast.AST
    new: Any
    kind: str
    says: str
    rank: int


class Site(NamedTuple):
    """An expression and where it stands: in `field` of `parent`, at `at` of a list."""

    parent: Any
    field: str
    at: int | None
    node: Any
    root: bool  # a whole right-hand side, a summand of one, or one of several results


class Known(NamedTuple):
    """What edits of a function may put in: its names, those of upstream gradients, expressions of lengths
    that people divide by, and how names are made from others (see derived).
    """

    names: Sequence[str]
    upstream: Sequence[str]
    sizes: Sequence[str]
    steps: Mapping[tuple[str, str], tuple[str, str]]


Make = Callable[[Any, str, str, int], Edit]  # new, kind, says, rank


def sites(function: ast.AST) -> list[Site]:
    """The expressions of a function's body, outer ones first."""
    found: list[Site] = []
    todo: list[tuple[Any, bool]] = [(s, False) for s in function.body[::-1]]  # type: ignore[attr-defined]
    while todo:
        parent, summand = todo.pop()
        inner: list[tuple[Any, bool]] = []
        for field, value in ast.iter_fields(parent):
            many = isinstance(value, list)
            for k, node in enumerate(value) if many else [(None, value)]:
                if not isinstance(node, ast.AST):
                    continue
                root = _is_root(parent, field, summand)
                # What is calculated in a dictionary of results; its names are calculated elsewhere.
                root |= isinstance(parent, ast.Dict) and summand and isinstance(node, ast.BinOp)
                stored = isinstance(getattr(node, "ctx", None), ast.Store)
                if isinstance(node, ast.expr) and not stored and field != "func" and not _is_slice(node):
                    found.append(Site(parent, field, k, node, root))
                inner.append((node, root))
        todo.extend(inner[::-1])
    return found


def _is_slice(node: Any) -> bool:
    return isinstance(node, (ast.Slice, ast.Starred)) or (
        isinstance(node, ast.Tuple) and any(isinstance(e, ast.Slice) for e in node.elts)
    )


def _is_root(parent: Any, field: str, summand: bool) -> bool:
    """Whether what stands in a field is added up or handed on as a whole."""
    if isinstance(parent, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return)):
        return field == "value"
    if isinstance(parent, (ast.Tuple, ast.List)) and summand:
        return True
    return isinstance(parent, ast.BinOp) and summand and isinstance(parent.op, (ast.Add, ast.Sub))


def variables(function: ast.AST) -> list[str]:
    """The names and attributes (self.x) that a function reads or sets, upstream first."""
    found: list[str] = [a.arg for a in function.args.args if a.arg not in ("self", "cls")]  # type: ignore[attr-defined]
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            found.append(f"self.{node.attr}")
    return list(dict.fromkeys(found))


def masks(function: ast.AST) -> list[str]:
    """The names that a comparison is given to."""
    return [
        text_of(node.targets[0])
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Compare)
    ]


def module(function: ast.AST) -> str:
    """The name under which a function calls its array library: np, torch, jnp ..."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in MODULES:
            return node.value.id
    return "np"


def array_of(target: Any) -> Any:
    """What `a[i][:, j]` are entries of: `a`."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return target


def times(a: Any, b: Any) -> ast.BinOp:
    """a * b"""
    return ast.BinOp(a, ast.Mult(), b)


def turned(a: Any) -> Any:
    """a.T, and a for a.T"""
    return a.value if isinstance(a, ast.Attribute) and a.attr == "T" else ast.Attribute(a, "T", ast.Load())


def parsed(text: str) -> Any:
    """The tree of an expression."""
    return ast.parse(text, mode="eval").body


def text_of(node: Any) -> str:
    """An expression or statement as text."""
    return ast.unparse(ast.fix_missing_locations(copy.deepcopy(node)))


def is_slope(name: str) -> bool:
    """Whether a name is that of a gradient."""
    bare = name.rpartition(".")[2].lower()
    return bare.startswith(("d", "grad", "delta")) and bare not in ("data", "dim", "d")
