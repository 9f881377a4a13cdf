"""Numbers as people write them in an answer: the value, and how far the digits reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from .build import Limits
from .errors import GradcalcError
from .gate import Array
from .syntax.characters import RAISED, plain
from .values import read_value

LIMITS = Limits(nodes=10_000, elements=20_000_000)  # of what an answer may make somebody's machine compute
DEEPEST = 32  # dimensions
DIGITS = r"(?:\d+\.?(\d*)|\.(\d+))"
NUMBER = re.compile(rf"([+-]?{DIGITS})(?:[eE]([+-]?\d{{1,3}}))?")
# 2*10^-3 in its spellings: the mantissa's digits are the tolerance, as in 2e-3.
TEN = re.compile(
    rf"([+-]?{DIGITS})\s*[*x]\s*10\s*(?:(?:\^|\*\*)\s*\(?\s*([+-]?\d{{1,3}})\s*\)?|([⁻⁺]?[⁰¹²³⁴-⁹]{{1,3}}))"
)
DECIMAL_COMMA = re.compile(r"([+-]?\d*),(\d+)((?:[eE][+-]?\d+)?)")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d*|[+-]?\d{1,3}(?:\.\d{3})+,\d*|[+-]?\d+(?:,\d+){2,}")
SPACED_SIGN = re.compile(r"^([+-])\s+(?=[\d.])")
WRAPPED = re.compile(
    r"(?:(?:np|numpy|torch|jnp)\.)?(?:array|tensor|asarray|Array)\((.*?)(?:,\s*(?:dtype|requires_grad)=[\w.]+)*\)",
    re.S,
)
LOWER = {ord(c): d for c, d in RAISED.items()} | {ord("⁺"): "+"}


class Written(NamedTuple):
    """A number, or an array of numbers, as somebody wrote it.

    `half` is half a unit of the last place written, entry by entry, and 0 where an exact expression
    stands (`1/3`, `sqrt(2)`). `decimals` is the place of the last digit (2 for 0.39, -2 for 12e2) and
    `figures` the number of significant digits, both of the entry with the most of them.
    """

    value: Array
    half: Array
    decimals: int = 0
    figures: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        return () if type(self.value) is float else np.shape(self.value)


@lru_cache(maxsize=1 << 16)
def read_number(name: str, text: str, files: bool = False) -> Written:
    """What is written where one number is asked.

    A comma between digits is a decimal comma; `1,234.5` has two readings and is refused. What is no plain
    number is an exact constant expression, or with `files` an `@FILE`. Raises GradcalcError where nothing
    can be read.

    >>> read_number("dx", "−0,39")
    Written(value=-0.39, half=0.005, decimals=2, figures=2)
    >>> read_number("dx", "2·10^-3")
    Written(value=0.002, half=0.0005, decimals=3, figures=1)
    """
    cleaned = cleared(text)
    found = number(cleaned)
    if found is not None:
        return found
    if THOUSANDS.fullmatch(cleaned):
        raise two_readings(name, cleaned)
    comma = DECIMAL_COMMA.fullmatch(cleaned)
    if comma is not None:
        found = number(f"{comma[1]}.{comma[2]}{comma[3]}")
        assert found is not None
        return found
    return expression(name, wrapped(cleaned), files)


def read_array(name: str, text: str, files: bool = False) -> Written:
    """What is written where an array is asked: here a comma, like a blank, stands between entries.

    Each entry is judged as it is written: `[0.39, 1/3]` has two decimals, and an exact number. Brackets
    round a list on one line may be left out. What is no list is an expression (`zeros(3)`, `@dx.npy`).
    """
    cleaned = wrapped(cleared(text))
    single = number(cleaned)
    if single is not None:
        return single
    if not cleaned.startswith("[") and not (
        re.search(r"[,;]|\d\s", cleaned) and re.match(r"[\d.+-]", cleaned)
    ):
        return expression(name, cleaned, files)
    bare = cleaned if cleaned.startswith("[") else f"[{cleaned}]"
    try:
        entries = nested(re.sub(r"\]\s*\[", "],[", bare))
    except ValueError:
        return expression(name, cleaned, files)
    shape: list[int] = []
    level: Any = entries
    while isinstance(level, list):
        shape.append(len(level))
        level = level[0] if level else None
    flat = list(flattened(entries, tuple(shape), name))
    parts = [number(t) or expression(name, t, files) for t in flat]
    if any(part.shape for part in parts):
        return expression(name, cleaned, files)
    return Written(
        np.array([p.value for p in parts], dtype=np.float64).reshape(shape),
        np.array([p.half for p in parts], dtype=np.float64).reshape(shape),
        max((p.decimals for p in parts), default=0),
        max((p.figures for p in parts), default=0),
    )


def cleared(text: str) -> str:
    """`text` in plain characters, without what people put around a number."""
    cleaned = plain(text).strip()
    if cleaned[:1] in ("≈", "~", "="):
        cleaned = cleaned[1:].lstrip()
    return SPACED_SIGN.sub(r"\1", cleaned)


def wrapped(text: str) -> str:
    """`array([1, 2])` without the word around the list."""
    found = WRAPPED.fullmatch(text)
    return found[1].strip() if found else text


def number(text: str) -> Written | None:
    """A plain number with its digits, or None."""
    found = NUMBER.fullmatch(text)
    if found is not None:
        mantissa, whole, point, power = found.groups()
    else:
        found = TEN.fullmatch(text)
        if found is None:
            return None
        mantissa, whole, point, power, raised = found.groups()
        power = power or raised.translate(LOWER)
    value = float(f"{mantissa}e{power}" if power else mantissa)
    decimals = len(whole or point or "") - (int(power) if power else 0)
    figures = len(mantissa.replace(".", "").lstrip("+-0"))
    if value in (float("inf"), float("-inf")):
        return None
    return Written(value, half_unit(decimals), decimals, figures)


@lru_cache(maxsize=1000)
def half_unit(decimals: int) -> float:
    """Half a unit of the last of so many decimals."""
    return float(f"5e{-decimals - 1}")


def expression(name: str, text: str, files: bool) -> Written:
    """An exact constant expression, or a file after an @ where one may stand."""
    refusal = "there is no number" if not text else "a semicolon stands in no number" if ";" in text else ""
    if text.startswith("@") and not files:
        refusal = "a file is no answer here"
    if refusal:
        raise GradcalcError(refusal, kind="value", source=text, origin=f"-{name}")
    try:
        value = read_value(name, text, limits=LIMITS)
    except GradcalcError as error:
        if not set("[],;@") & set(text):
            error.hint = "an answer is a number, such as -4, 0.39, 4e-3, 1/3 or sqrt(2)"
        elif error.hint and f"-{name} " in error.hint:  # that is a command line's
            error.hint = "an array is written as [0.39, -4], or as [[1, 2], [3, 4]]"
        raise
    if not np.ndim(value):
        return Written(float(value), 0.0, 17, 17)
    return Written(value, np.zeros(np.shape(value)), 17, 17)


def two_readings(name: str, text: str) -> GradcalcError:
    """The refusal of a number that has a thousands separator, or is a list."""
    point_last = text.rfind(",") < text.rfind(".") or "." not in text
    single = text.replace(",", "") if point_last else text.replace(".", "").replace(",", ".")
    other = text.replace(",", ", ")
    return GradcalcError(
        f"{text} has two readings",
        kind="value",
        source=text,
        span=(0, len(text)),
        origin=f"-{name}",
        hint=f"write {single} for one number, or [{other}] for a list",
    )


def nested(text: str, level: int = 0) -> Any:
    """The texts of the entries of a bracketed list, nested as they are; ValueError where it does not close.

    >>> nested("[[1, 2],[sqrt(2), -.5]]")
    [['1', '2'], ['sqrt(2)', '-.5']]
    """
    text = text.strip()
    if not text.startswith("["):
        return text
    if level == DEEPEST:
        raise ValueError
    depth, start, parts = 0, 1, []
    for k, c in enumerate(text):
        if c in "[(":
            depth += 1
        elif c in "])":
            depth -= 1
            if depth == 0 and k != len(text) - 1:
                raise ValueError
        if (c == "," and depth == 1) or (k == len(text) - 1):
            parts.append(text[start:k].strip())
            start = k + 1
    if depth or not text.endswith("]"):
        raise ValueError
    if parts and not parts[-1]:
        parts.pop()  # a comma after the last entry
    if len(parts) == 1 and not parts[0].startswith("["):
        words = parts[0].split()
        if all(NUMBER.fullmatch(word) for word in words):
            parts = words
    return [nested(part, level + 1) for part in parts]


def flattened(entries: Any, shape: tuple[int, ...], name: str) -> Iterator[str]:
    """The entries in order, if the list is as rectangular as its first row."""
    if isinstance(entries, list) != bool(shape) or (shape and len(entries) != shape[0]):
        raise GradcalcError("the rows of this list differ in length", kind="shape", origin=f"-{name}")
    if not shape:
        yield entries
    else:
        for entry in entries:
            yield from flattened(entry, shape[1:], name)
