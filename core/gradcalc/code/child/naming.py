"""Whose gradient is this: returned gradients find their inputs by name, by order and by shape."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

PREFIXES = ("grad_", "gradient_", "grads_", "dl_d", "dloss_d", "delta_", "d_", "df_d", "grad", "d", "g_", "g")
SUFFIXES = ("_gradient", "_grad", "_bar", "grad", ".grad")
LABELS = {
    "y", "t", "label", "labels", "target", "targets", "idx", "index", "indices", "ids", "classes", "ytrue",
    "ytrain", "captions", "words", "tokens",
}  # fmt: skip


def plain(name: str) -> str:
    """A name without case, underscores and the plural's s, so that `weights` meets `dWeight`."""
    bare = name.replace("_", "").lower()
    return bare[:-1] if len(bare) > 3 and bare.endswith("s") else bare


def meant(name: str, inputs: Iterable[str]) -> str | None:
    """The input whose gradient is called `name`: dx, grad_x, x_grad, dL_dx ...; None where it fits none."""
    table = {plain(x): x for x in inputs}
    lower = name.lower().lstrip("_")
    bare = [lower[len(p) :] for p in PREFIXES if lower.startswith(p) and len(lower) > len(p)]
    bare += [lower[: -len(s)] for s in SUFFIXES if lower.endswith(s) and len(lower) > len(s)]
    for candidate in bare:
        if plain(candidate) in table:
            return table[plain(candidate)]
    return None


# What people call the strength of a regularisation term; the last two mean other things as well.
STRENGTHS = ("reg", "lam", "lambda_", "l2", "weight_decay", "alpha", "decay")


def is_label(name: str) -> bool:
    """Whether an argument of this name usually holds whole numbers that choose something."""
    return plain(name) in LABELS or name.lower() in LABELS


def undecorated(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as its author wrote it, also behind a decorator that doesn't tell what it wraps: one that
    takes whatever it is given, and hands it to the only function that it holds.
    """
    function = inspect.unwrap(function)
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None) or ()
    if code is None or code.co_argcount or not code.co_flags & inspect.CO_VARARGS:
        return function
    contents = []
    for cell in cells:
        with suppress(ValueError):  # not set yet
            contents.append(cell.cell_contents)
    held = [c for c in contents if inspect.isfunction(c)]
    return undecorated(held[0]) if len(held) == 1 else function


def returned_names(function: Callable[..., Any]) -> list[list[str | None]]:
    """For each return statement of a function the names of what it returns (None where it is no name)."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(undecorated(function))))
    except (OSError, TypeError, SyntaxError, ValueError):
        return []
    found = []
    for node in _own(tree.body[0]):
        if isinstance(node, ast.Return) and node.value is not None:
            parts = node.value.elts if isinstance(node.value, (ast.Tuple, ast.List)) else [node.value]
            found.append([_name(part) for part in parts])
    return found


def _own(top: ast.AST) -> Iterable[ast.AST]:
    """The nodes of a function's body, functions inside it left out."""
    todo = list(ast.iter_child_nodes(top))[::-1]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            todo.extend(list(ast.iter_child_nodes(node))[::-1])


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return None


def assign(
    parts: Sequence[Any], names: Sequence[str | None], inputs: Sequence[str], values: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Give each returned gradient to an input: {input: gradient}, and what could not be placed.

    As many gradients as inputs stand in the order of the inputs, whatever they are called: that is how
    callers unpack them. Else by name where the return statement has names that fit, and the rest in order, to
    inputs of its shape first.
    `inputs` are the candidates in the order of the call, `values` their arrays.
    """
    if len(parts) == len(inputs):
        return dict(zip(inputs, parts)), []
    found: dict[str, Any] = {}
    left: list[int] = []
    whole = len(names) == len(parts)
    for k, part in enumerate(parts):
        name = names[k] if whole else None
        target = meant(name, inputs) if name else None
        if target is not None and target not in found:
            found[target] = part
        else:
            left.append(k)
    free = [name for name in inputs if name not in found]
    left = [k for k in left if parts[k] is not None or len(left) == len(free)]
    if len(left) == len(free):
        found.update({name: parts[k] for name, k in zip(free, left)})
        return found, []
    lost = []
    for k in left:
        shape = np.shape(parts[k])
        fits = [name for name in free if np.shape(values[name]) == shape]
        target = fits[0] if fits else free[0] if len(left) == 1 and len(parts) == 1 and free else None
        if target is None:
            lost.append(f"a gradient of shape {shape} that fits no input")
        else:
            found[target] = parts[k]
            free.remove(target)
    return found, lost
