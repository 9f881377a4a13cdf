"""A person's answers against the true numbers: the digits that are written are the tolerance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from .errors import GradcalcError
from .gate import Array
from .report import Report
from .values import read_value

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
TIGHTEST = 1e-12
COARSE = 0.05


class Answer(NamedTuple):
    """One judged answer: what was given, what is true, and the verdict.

    The verdict is "right", "digits" (too few to tell), "wrong", "shape" or "unreadable".
    """

    name: str
    given: str
    value: Array
    verdict: str
    note: str = ""


EXIT = {"right": 0, "rounded": 0, "digits": 3, "wrong": 1, "shape": 1, "unreadable": 2}


def split_answers(names: Mapping[str, str], inputs: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Which of the bindings on a command line are values of inputs, and which are answers."""
    values = {name: text for name, text in names.items() if name in inputs}
    return values, {name: text for name, text in names.items() if name not in inputs}


def judge(
    report: Report, answers: Mapping[str, str], *, rtol: float | None = None, atol: float | None = None
) -> tuple[Answer, ...]:
    """A verdict for each answer: `dNAME` is a gradient, NAME of a computed node its value."""
    return tuple(_judge(report, name, text, rtol, atol) for name, text in answers.items())


def _judge(report: Report, name: str, text: str, rtol: float | None, atol: float | None) -> Answer:
    from .session import quantity

    true = quantity(report, name)
    cleaned = _normal(text)
    numbers = NUMBER.findall(cleaned)
    if not np.ndim(true):
        if NUMBER.fullmatch(cleaned) and rtol is None and atol is None:
            verdict, note = by_digits(cleaned, float(true))
            return Answer(name, text, true, verdict, note)
        try:
            given = read_value(name, cleaned)
        except GradcalcError as error:
            return Answer(name, text, true, "unreadable", error.message)
        if np.ndim(given):
            return Answer(
                name, text, true, "shape", f"an array of shape {np.shape(given)} where one number is asked"
            )
        gap = 0.0 if given == true else abs(given - true)
        right = gap <= (atol or 0.0) + (TIGHTEST if rtol is None else rtol) * abs(true)
        return Answer(name, text, true, "right" if right else "wrong")
    try:
        array = read_value(name, cleaned)
    except GradcalcError as error:
        return Answer(name, text, true, "unreadable", error.message)
    if np.shape(array) != np.shape(true):
        return Answer(name, text, true, "shape", f"shape {np.shape(array)}, asked is {np.shape(true)}")
    if rtol is not None or atol is not None:
        right = bool(np.allclose(array, true, rtol=rtol or 0.0, atol=atol or 0.0))
        return Answer(name, text, true, "right" if right else "wrong")
    texts = [m.group() for m in NUMBER.finditer(cleaned)]
    plain = not re.sub(r"[\[\](),\s]", "", NUMBER.sub("", cleaned)) and [float(t) for t in texts] == [
        float(v) for v in np.ravel(array)
    ]
    if not plain or not numbers:
        # Digits are a tolerance only where numbers alone are written: `-[2, 4]` says -2 and -4.
        right = bool(np.allclose(array, true, rtol=TIGHTEST, atol=0.0))
        return Answer(name, text, true, "right" if right else "wrong")
    verdicts = [by_digits(t, float(v))[0] for t, v in zip(texts, np.ravel(true), strict=True)]
    for verdict in ("wrong", "digits"):
        if verdict in verdicts:
            where = np.unravel_index(verdicts.index(verdict), np.shape(true))
            entry = ", ".join(str(int(k)) for k in where)
            return Answer(name, text, true, verdict, f"entry [{entry}]")
    return Answer(name, text, true, "right")


def _normal(text: str) -> str:
    return text.strip().replace("−", "-").replace("–", "-")


def by_digits(text: str, true: float) -> tuple[str, str]:
    """Right when the true value rounds to the digits written and lies within 5 % of them, or is exact.

    Half a unit of the last place, never tighter than 1e-12 relative. A bare 0 is right only for zero.

    >>> by_digits("-0.53", -0.5344)
    ('right', '')
    >>> by_digits("4", 3.6)
    ('digits', 'too coarse to tell: write more digits')
    """
    given = Decimal(text)
    value = float(given)
    if value == 0 or true == 0:
        return ("right", "") if value == true else ("wrong", "")
    if not np.isfinite(true):
        return "wrong", ""
    exponent = given.as_tuple().exponent
    assert isinstance(exponent, int)
    half = float(Decimal(1).scaleb(exponent) / 2)
    gap = abs(value - true)
    tight = TIGHTEST * abs(true)
    if gap <= tight:
        return "right", ""
    if gap <= half * (1 + 1e-9):
        if gap <= COARSE * abs(true):
            return "right", ""
        return "digits", "too coarse to tell: write more digits"
    return "wrong", ""


def exit_code(answers: tuple[Answer, ...]) -> int:
    """1 if any is wrong, else 2 if any is unreadable, else 3 if any is too coarse, else 0."""
    codes = {EXIT[a.verdict] for a in answers}
    return next((code for code in (1, 2, 3) if code in codes), 0)
