"""The checks that a project lists in its pyproject.toml, under [tool.gradcalc]."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import GradcalcError, nearest
from ..session import Question
from .given import Given, shape
from .job import MEMORY, TIMEOUT, Job
from .place import place

KEYS = {
    "target": str, "expression": str, "same-as": str, "inputs": dict, "shapes": dict, "params": dict,
    "wrt": list, "vary": bool, "reference": str, "dtype": str, "exception": str, "timeout": (int, float),
    "memory": (int, float), "seed": int, "folder": str, "rtol": (int, float), "atol": (int, float),
    "strict": bool, "fixed": list, "allow": list,
}  # fmt: skip
TABLE = {"check": list, "undecided": str, "python": str}


class Listed(NamedTuple):
    """The checks of a project, in their order: jobs for code, and questions for expressions, each with what
    it is to be the same as; and what undecided verdicts mean ("fail", "warn" or None).
    """

    checks: tuple[Job | tuple[Question, str | None], ...]
    undecided: str | None
    path: Path


def listed(start: str = ".") -> Listed | None:
    """The checks in the pyproject.toml of `start` or the nearest folder above it; None where it lists none.

    Raises GradcalcError (kind "config") for keys and values that mean nothing.
    """
    folder = Path(start).resolve()
    for here in (folder, *folder.parents):
        path = here / "pyproject.toml"
        if path.is_file():
            found = _read(path)
            if found is not None:
                return found
    return None


def _read(path: Path) -> Listed | None:
    try:
        with open(path, "rb") as file:
            table = tomllib.load(file).get("tool", {}).get("gradcalc")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GradcalcError(f"{_name(path)} is no TOML: {error}", kind="config") from None
    if table is None:
        return None
    where = f"{_name(path)}, [tool.gradcalc]"
    _known(table, TABLE, where)
    undecided = table.get("undecided")
    if undecided not in (None, "fail", "warn"):
        raise GradcalcError(f"{where}: undecided is fail or warn, not {undecided}", kind="config")
    checks = []
    for number, entry in enumerate(table.get("check", []), 1):
        if not isinstance(entry, dict):
            raise GradcalcError(f"{where}: check {number} is no table", kind="config")
        checks.append(_check(entry, f"{where}, check {number}", path.parent, table.get("python")))
    if not checks:
        raise GradcalcError(
            f"{where} lists no check",
            kind="config",
            hint='[[tool.gradcalc.check]] with target = "FILE.py:NAME"',
        )
    return Listed(tuple(checks), undecided, path)


def _name(path: Path) -> str:
    return os.path.relpath(path)


def _known(table: Mapping[str, Any], keys: Mapping[str, Any], where: str) -> None:
    for key, value in table.items():
        if key not in keys:
            near = nearest(key, keys)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(keys)}"
            raise GradcalcError(f"{where}: there is no key {key}", kind="config", hint=hint)
        kinds = keys[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            word = {
                str: "a text",
                dict: "a table",
                list: "a list",
                bool: "true or false",
                int: "a whole number",
            }
            raise GradcalcError(
                f"{where}: {key} is {word.get(kinds, 'a number')}, not {value}", kind="config"
            )


def _check(
    entry: Mapping[str, Any], where: str, folder: Path, python: str | None
) -> Job | tuple[Question, str | None]:
    _known(entry, KEYS, where)
    inputs = {name: _typed(value, folder) for name, value in entry.get("inputs", {}).items()}
    wrt = tuple(str(n) for n in entry.get("wrt", ()))
    if ("target" in entry) == ("expression" in entry):
        raise GradcalcError(f"{where}: give a target or an expression", kind="config")
    if "expression" in entry:
        text, origin = entry["expression"], None
        if text.endswith(".grad"):
            origin = str(folder / text)
            text = _text(folder / text, where)
        question = Question(text, inputs, origin=origin, seed=entry.get("seed", 0), wrt=wrt)
        return question, entry.get("same-as")
    named = place(entry["target"])
    if named is None:
        raise GradcalcError(
            f"{where}: {entry['target']} names no code", kind="config", hint="write FILE.py:NAME"
        )
    target = entry["target"]
    if named.kind != "module":
        target = os.path.relpath(folder / named.where) + target[len(named.where) :]
    try:
        shapes = {n: shape(s if isinstance(s, str) else _dims(s)) for n, s in entry.get("shapes", {}).items()}
    except GradcalcError as error:
        raise GradcalcError(f"{where}: {error.message}", kind="config", hint=error.hint) from None
    return Job(
        target,
        Given(inputs, shapes, dict(entry.get("params", {})), seed=entry.get("seed", 0)),
        wrt=wrt,
        vary=entry.get("vary", False),
        reference=entry.get("reference"),
        dtype=entry.get("dtype"),
        exception=entry.get("exception", ""),
        timeout=float(entry.get("timeout", TIMEOUT)),
        memory=int(entry.get("memory", MEMORY / 2**30) * 2**30),
        python=None if python is None else str(folder / python) if os.sep in python else python,
        folder=None if "folder" not in entry else str(folder / entry["folder"]),
        rtol=entry.get("rtol"),
        atol=entry.get("atol"),
        strict=entry.get("strict", False),
        fixed=tuple(str(n) for n in entry.get("fixed", ())),
        allow=tuple(str(n) for n in entry.get("allow", ())),
    )


def _dims(value: Any) -> str:
    if isinstance(value, Sequence):
        return "x".join(map(str, value)) or "scalar"
    return str(value)


def _typed(value: Any, folder: Path) -> str:
    """A value as it would be typed; files are found from the project's folder."""
    if isinstance(value, str) and value.startswith("@") and value not in ("@-",):
        return f"@{os.path.relpath(folder / value[1:])}"
    return str(value)


def _text(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise GradcalcError(f"{where}: {path.name} can't be read: {said}", kind="config") from None
