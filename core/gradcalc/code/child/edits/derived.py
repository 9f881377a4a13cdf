"""How one name of a function is made from another: what is left out where the first stands for the second."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from ..naming import is_label
from .sites import MODULES, array_of, text_of

SAME = ("copy", "clone", "astype", "array", "asarray", "reshape")
Step = tuple[str, str]  # the name of the mistake that leaves it out, and its text
Made = Iterator[tuple[str, tuple[Step, ...]]]


def derivations(functions: Iterable[ast.AST]) -> dict[tuple[str, str], Step]:
    """For each (here, there) what distinguishes `there` from `here`, of which it was made."""
    found: dict[tuple[str, str], Step] = {}
    for function in functions:
        made: dict[str, list[tuple[str, tuple[Step, ...]]]] = {}
        statements = [n for n in ast.walk(function) if isinstance(n, (ast.Assign, ast.AugAssign))]
        for node in sorted(statements, key=lambda n: n.lineno):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name = text_of(array_of(target))
            if isinstance(node, ast.AugAssign) or target is not array_of(target):
                step = _changed(node, target)
                made[name] = [(source, (*steps, step)) for source, steps in made.get(name, [])]
            else:
                # What takes several steps at once is another thing altogether.
                made[name] = [(source, steps) for source, steps in _sources(node.value) if len(steps) < 2]
            for source, steps in made[name]:
                if steps and source != name:
                    found[source, name] = steps[0][0], " and ".join(words for _, words in steps)
    return found


def _changed(node: Any, target: Any) -> Step:
    """What a statement does to an array that is there already."""
    words = f"`{text_of(node)}`"
    index = [text_of(n) for n in ast.walk(target) if isinstance(n, ast.Name)]
    if any(isinstance(n, ast.Compare) for n in ast.walk(target)) or any("mask" in i.lower() for i in index):
        return "mask", words
    if target is not array_of(target):
        return ("label-term" if any(map(is_label, index)) else "region"), words
    return ("factor" if isinstance(node.op, (ast.Mult, ast.Div)) else "lost-term"), words


def _sources(node: Any) -> Made:
    """The names that an expression is made of, each with the steps that lead from it."""
    if isinstance(node, (ast.Name, ast.Attribute)) and not _is_turned(node):
        yield text_of(node), ()
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SAME:
        yield from _sources(
            node.args[0] if text_of(node.func.value) in MODULES and node.args else node.func.value
        )
    elif isinstance(node, ast.BinOp) and not isinstance(node.op, ast.MatMult):
        for mine, other in ((node.left, node.right), (node.right, node.left)):
            for source, steps in _sources(mine):
                yield source, (*steps, _step(node.op, other))
    elif isinstance(node, ast.Call):
        where = isinstance(node.func, ast.Attribute) and node.func.attr == "where"
        step = "mask" if where else "wrong-point", f"`{text_of(node)}`"
        for argument in node.args[1:] if where else node.args[:1]:
            for source, steps in _sources(argument):
                yield source, (*steps, step)


def _step(op: Any, other: Any) -> Step:
    words = text_of(other)
    if isinstance(op, (ast.Add, ast.Sub)):
        return "lost-term", f"the term {words}"
    if not isinstance(op, (ast.Mult, ast.Div)):
        return "wrong-point", f"the exponent {words}"
    if any(isinstance(n, ast.Compare) for n in ast.walk(other)) or "mask" in words.lower():
        return "mask", f"the mask {words}"
    kind = "factor" if isinstance(other, ast.Constant) else "missing-factor"
    return kind, f"the factor {'1/' if isinstance(op, ast.Div) else ''}{words}"


def _is_turned(node: Any) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "T"
