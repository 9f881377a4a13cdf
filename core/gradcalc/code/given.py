"""The values that people's code is called with: typed, drawn to a shape, or customary."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import GradcalcError, nearest
from ..files import Stdin, read_file
from ..gate import Array
from ..values import read_value

DIMS = re.compile(r"\(?\s*(\d+(?:\s*[x×,*]\s*\d+)*)?\s*,?\s*\)?")
INTEGER = re.compile(r"[+-]?\d+")
FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|nan)")
WORDS = {"true": True, "false": False, "none": None}
POSITIVE = ("var", "std", "sigma", "scale", "prob")


class Given(NamedTuple):
    """What the command line says about values.

    `typed` maps names to texts or arrays, `shapes` to the shapes of arrays that are drawn, `params` to
    parameters that are never moved, `loads` to files; `seed` is that of all draws.
    """

    typed: Mapping[str, Any] = {}
    shapes: Mapping[str, tuple[int, ...]] = {}
    params: Mapping[str, Any] = {}
    loads: Mapping[str, str] = {}
    seed: int = 0
    stdin: Stdin | None = None


class Point(NamedTuple):
    """Values by argument.

    `whole` are arrays of whole numbers, `drawn` those of them that are labels drawn at random; `held`
    belong to what the code holds itself.
    """

    values: dict[str, Any]
    whole: tuple[str, ...]
    held: dict[str, Array]
    notes: tuple[str, ...]
    drawn: tuple[str, ...] = ()


def shape(text: str) -> tuple[int, ...]:
    """`4x5`, `4,5`, `(4,5)`, `3`, and `()` or `scalar` for a number.

    >>> shape("4x5"), shape("(3,)"), shape("scalar")
    ((4, 5), (3,), ())
    """
    found = DIMS.fullmatch(text.strip())
    if text.strip() == "scalar":
        return ()
    if found is None or not text.strip():
        raise GradcalcError(f"{text} is no shape", hint="a shape is written 4x5, 3 or scalar")
    return tuple(int(n) for n in re.findall(r"\d+", text))


def plain(text: str) -> Any:
    """A parameter's value: a number, a truth value, None, a tuple of numbers, or a word.

    >>> plain("1"), plain("0.5"), plain("train"), plain("true"), plain("2,2")
    (1, 0.5, 'train', True, (2, 2))
    """
    text = text.strip().strip("'\"")
    if INTEGER.fullmatch(text):
        return int(text)
    if FLOAT.fullmatch(text):
        return float(text)
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    parts = [p.strip() for p in text.strip("()[]").split(",")]
    if len(parts) > 1 and all(INTEGER.fullmatch(p) or FLOAT.fullmatch(p) for p in parts if p):
        return tuple(plain(p) for p in parts if p)
    return text


def resolve(arguments: Sequence[Mapping[str, Any]], given: Given, target: str) -> Point:
    """A value for every argument of a call, as the worker describes them.

    Raises GradcalcError where one is missing, or a parameter belongs nowhere.
    """
    names = [a["name"] for a in arguments]
    values: dict[str, Any] = {}
    whole, notes = [], []
    dicts = [a for a in arguments if a["kind"] == "dict"]
    loose = {k: v for k, v in given.params.items() if k not in names and k.partition(".")[0] not in names}
    if loose and not dicts:
        raise GradcalcError(f"{target} takes no parameter {next(iter(loose))}", hint=_takes(names))
    arrays = {n: _array(n, given) for n in names if _says(n, given)}
    for argument in arguments:
        name = argument["name"]
        if argument["kind"] == "rest":
            continue
        if argument["kind"] == "dict":
            own = {k.partition(".")[2]: v for k, v in given.params.items() if k.startswith(name + ".")}
            if name in given.params:
                own = {**_table(name, given.params[name]), **own}
            customary = argument["customary"]
            if argument["required"] or own or loose:
                values[name] = {**(customary or {}), **_meant(loose, customary, len(dicts)), **own}
                if customary and not own and not loose:
                    listed = ", ".join(f"{k}={v}" for k, v in customary.items())
                    notes.append(f"{name} is not given: {listed} (--param KEY=VALUE changes it)")
        elif name in given.params:
            values[name] = given.params[name]
        elif name in arrays:
            values[name] = arrays[name]
            if np.all(np.isfinite(arrays[name])) and np.all(arrays[name] == np.round(arrays[name])):
                whole.append(name)
        elif name in given.shapes:
            values[name] = draw(name, given.shapes[name], given, argument["label"])
            if argument["label"]:
                whole.append(name)
    if any(a["kind"] == "rest" for a in arguments):
        names += [n for n in {**given.typed, **given.shapes, **given.loads} if n not in names]
    for name in names[len(arguments) :]:
        values[name] = (
            _array(name, given) if _says(name, given) else draw(name, given.shapes[name], given, False)
        )
    lacking = [a for a in arguments if a["required"] and a["name"] not in values]
    if lacking:
        raise _missing(lacking, target, given)
    foreign = [n for n in (*given.typed, *given.shapes, *given.loads) if n not in names]
    held = {
        n: _array(n, given) if _says(n, given) else draw(n, given.shapes[n], given, False) for n in foreign
    }
    drawn = tuple(n for n in whole if n in given.shapes and n not in arrays)
    return Point(values, tuple(whole), held, tuple(notes), drawn)


def _table(name: str, value: Any) -> dict[str, Any]:
    """A dictionary that is given whole, as JSON or as a table of TOML."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, dict):
        raise GradcalcError(f"{name} is a dictionary", hint=f"--param {name}.KEY=VALUE, or KEY=VALUE")
    return value


def _meant(loose: Mapping[str, Any], customary: Mapping[str, Any] | None, count: int) -> dict[str, Any]:
    """Of loose parameters those that a dictionary takes: all, unless another one is known to take them."""
    if count == 1 or customary is None:
        return dict(loose)
    return {k: v for k, v in loose.items() if k in customary}


def _says(name: str, given: Given) -> bool:
    return name in given.typed or name in given.loads


def _array(name: str, given: Given) -> Array:
    if name in given.loads:
        return np.asarray(read_file(given.loads[name], stdin=given.stdin))
    value = given.typed[name]
    if isinstance(value, str):
        value = read_value(name, value, seed=given.seed, stdin=given.stdin)
    return np.asarray(value)


def draw(name: str, size: tuple[int, ...], given: Given, label: bool) -> Array:
    """Random numbers for an argument: normal, positive for variances, whole numbers for labels."""
    rng = np.random.default_rng([given.seed, zlib.crc32(name.encode())])
    if label and not any(s == size for n, s in given.shapes.items() if n != name):
        others = [s for n, s in given.shapes.items() if n != name and len(s) > 1]
        others += [np.shape(_array(n, given)) for n in given.typed if n != name]
        classes = min((min(s[0], s[-1]) for s in others if len(s) > 1), default=2)
        return rng.integers(0, max(classes, 1), size).astype(np.float64)
    values = rng.standard_normal(size)
    return np.abs(values) + 0.5 if any(word in name.lower() for word in POSITIVE) else np.asarray(values)


def _takes(names: Sequence[str]) -> str | None:
    return f"it takes {', '.join(names)}" if names else None


def _missing(lacking: Sequence[Mapping[str, Any]], target: str, given: Given) -> GradcalcError:
    names = [a["name"] for a in lacking]
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
    unused = [n for n in (*given.typed, *given.shapes) if nearest(n, names)]
    if unused:
        hint = f"did you mean {nearest(unused[0], names)} by {unused[0]}?"
    else:
        shapes = " ".join(f"{n}=4x5" if k == 0 else f"{n}=5" for k, n in enumerate(names))
        hint = f"give shapes: gradcalc check {target} --shapes {shapes}, or values: -{names[0]} 2"
    return GradcalcError(f"{target} needs {listed}", kind="name", hint=hint)
