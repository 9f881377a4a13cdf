"""Bring people's code in: a file, an installed module, or the definitions of a notebook."""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.util
import json
import linecache
import os
import re
import sys
from types import CodeType, ModuleType
from typing import Any

from .broken import Broken, broken

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def load(kind: str, where: str, shown: str, home: str = "") -> ModuleType:
    """The module of a file, a notebook or an installed module; Broken where it can't be brought in.

    `shown` is what its user calls it, and `home` the folder that a module may stand in.
    """
    if kind != "module" and not os.path.isfile(where):
        raise Broken("load", "missing", f"there is no file {shown}")
    home = os.path.dirname(os.path.abspath(where)) if kind != "module" else home
    if home and home not in sys.path:
        sys.path.insert(0, home)
    try:
        if kind == "file":
            return _in_package(where) or _file(where)
        if kind == "notebook":
            return _notebook(where)
        return importlib.import_module(where)
    except Broken:
        raise
    except ModuleNotFoundError as error:
        if kind == "module" and error.name and (where + ".").startswith(error.name + "."):
            raise Broken("load", "missing", f"there is no module {where}") from None
        raise broken("load", error, home) from None
    except SystemExit as error:
        raise Broken("load", "exit", f"the file ends the program when it is imported ({error})") from None
    except BaseException as error:
        raise broken("load", error, home) from None


def _in_package(path: str) -> ModuleType | None:
    """A file with relative imports, as the module of its package that it is."""
    with open(path, "rb") as file:
        if re.search(rb"^\s*from\s+\.", file.read(), re.M) is None:
            return None
    folder, name = os.path.split(os.path.splitext(os.path.abspath(path))[0])
    names = [name]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        names.append(name)
    if len(names) == 1 or not all(name.isidentifier() for name in names):
        return None
    sys.path.insert(0, folder)
    return importlib.import_module(".".join(reversed(names)))


def _file(path: str) -> ModuleType:
    # By its own name, so that what it pickles or what imports it finds the same module.
    name = os.path.splitext(os.path.basename(path))[0]
    name = name if name.isidentifier() and name not in sys.modules else f"_{name}_checked"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise Broken("load", "missing", f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _notebook(path: str) -> ModuleType:
    """A notebook's imports, definitions and plain constants; its other lines are not run."""
    with open(path, encoding="utf-8") as file:
        try:
            cells = json.load(file)["cells"]
        except (ValueError, KeyError, TypeError):
            raise Broken("load", "notebook", f"{path} is no notebook") from None
    module = ModuleType("notebook")
    module.__file__ = path
    sys.modules["notebook"] = module
    for number, cell in enumerate(cells, 1):
        if cell.get("cell_type") != "code":
            continue
        text = "".join(cell.get("source", []))
        name = f"{path} cell {number}"
        body = kept(text, name)
        if body:
            linecache.cache[name] = len(text), None, text.splitlines(True), name
            tree = ast.Module(body=body, type_ignores=[])
            # This file's own `from __future__` must not become theirs: it breaks their dataclasses.
            _Cell(compile(tree, name, "exec", dont_inherit=True)).exec_module(module)
    return module


class _Cell(importlib.abc.InspectLoader):
    """Runs one cell in the notebook's module, as an import runs a file."""

    def __init__(self, code: CodeType) -> None:
        self.code = code

    def get_code(self, fullname: str) -> CodeType:
        return self.code

    def get_source(self, fullname: str) -> None:
        return None


def kept(text: str, name: str) -> list[ast.stmt]:
    """The statements of a cell that define something; magics and everything that computes is left out."""
    if text.lstrip().startswith("%%"):
        return []
    lines = text.split("\n")
    for k, line in enumerate(lines):
        if line.lstrip()[:1] in ("%", "!", "?") or line.rstrip().endswith("?"):
            lines[k] = line[: len(line) - len(line.lstrip())] + "pass"
    try:
        tree = ast.parse("\n".join(lines), filename=name)
    except SyntaxError as error:
        raise broken("load", error, "") from None
    return [node for node in tree.body if isinstance(node, DEFINITIONS) or _constant(node)]


def _constant(node: ast.stmt) -> bool:
    """`EPS = 1e-8`: a name given a literal."""
    if not isinstance(node, ast.Assign):
        return False
    try:
        ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return all(isinstance(target, ast.Name) for target in node.targets)


def attribute(module: ModuleType, dotted: str) -> Any:
    """`Class.method` of a module; AttributeError where there is none."""
    value: Any = module
    for part in dotted.split("."):
        value = getattr(value, part)
    return value


def public(module: ModuleType) -> list[str]:
    """The functions and classes that a module defines itself, in the order in which it does."""
    names = []
    for name, value in vars(module).items():
        own = getattr(value, "__module__", module.__name__) == module.__name__
        if not name.startswith("_") and callable(value) and own:
            names.append(name)
    return names
