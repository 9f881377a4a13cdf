"""An expression back to text, as on paper and with no more brackets than it needs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from ..errors import GradcalcError
from .characters import RAISE
from .operators import COMPARE, INFIX, LOOSEST, MINUS, NUMBER, POSTFIX, POWER, ROOT
from .tree import Item

SIMPLE = re.compile(r"[^\W\d]\w*")
PLAIN_NUMBER = re.compile(r"\d+(\.\d+)?")
PAPER = {"*": "·", "-": "−", "<=": "≤", ">=": "≥", "!=": "≠"}

# What is still to be written: a text, or an item and the level that it must have to go without brackets.
Work = str | tuple[int, int]


def write(
    items: Sequence[Item], root: int, names: Mapping[str, str] | None = None, *, unicode: bool = False
) -> str:
    """The expression at `root` as text; reading it again gives the same tree.

    `names` replaces names by texts ("q", "-4", "x+y"), with brackets where they need them. `unicode`
    writes x²·y − 1 as on paper, still in the language.

    >>> from .parser import parse
    >>> write(parse("(x+y)*(z)").items, 4)
    '(x+y)*z'
    >>> write(parse("(x+y)*(z)").items, 4, {"x": "-2", "y": "5", "z": "-4"})
    '(-2+5)*(-4)'
    """
    replaced: dict[str, tuple[str, int]] = {}
    if names:
        replaced = {name: (text, level_of(text)) for name, text in names.items()}
    pieces: list[str] = []
    work: list[Work] = [(root, LOOSEST)]
    while work:
        todo = work.pop()
        if isinstance(todo, str):
            pieces.append(todo)
            continue
        at, needed = todo
        level, parts = spelled(items, at, replaced, unicode)
        if level < needed:
            work.append(")")
            work.extend(reversed(parts))
            work.append("(")
        else:
            work.extend(reversed(parts))
    return "".join(pieces)


def spelled(
    items: Sequence[Item], at: int, names: Mapping[str, tuple[str, int]], unicode: bool
) -> tuple[int, list[Work]]:
    """How tightly an item binds, and what it is written as."""
    item = items[at]
    kind, value, args = item.kind, item.value, item.args
    if kind == "op":
        return operation(items, str(value), args, names, unicode)
    if kind == "name":
        text, level = names.get(str(value), (str(value), POSTFIX))
        return level, [text]
    if kind == "number":
        return number(value)
    if kind == "call":
        return POSTFIX, [f"{value}(", *arguments(item), ")"]
    if kind == "index":
        return POSTFIX, [(args[0], POSTFIX), "[", *separated(args[1:]), "]"]
    if kind == "list":
        if value == "[":
            return POSTFIX, ["[", *separated(args), "]"]
        return POSTFIX, ["(", *separated(args), ",)" if len(args) == 1 else ")"]
    if kind == "slice":
        start, stop, step = args
        parts: list[Work] = [*optional(start), ":", *optional(stop)]
        return LOOSEST, parts if step < 0 else [*parts, ":", (step, LOOSEST)]
    if kind == "text":
        return POSTFIX, [f"'{value}'" if '"' in str(value) else f'"{value}"']
    return LOOSEST, [str(value)]


def operation(
    items: Sequence[Item],
    symbol: str,
    args: tuple[int, ...],
    names: Mapping[str, tuple[str, int]],
    unicode: bool,
) -> tuple[int, list[Work]]:
    """An operator between, before or after its operands."""
    if symbol == ".T":
        return POSTFIX, [(args[0], POSTFIX), "ᵀ" if unicode else ".T"]
    if symbol == "neg":
        return MINUS, ["−" if unicode else "-", (args[0], MINUS)]
    left, right = args
    level = INFIX[symbol].level
    if symbol == "**":
        high = superscript(items, right) if unicode else ""
        if high:
            # A superscript is refused as an exponent and after another one, so it counts as a power.
            return POWER, [(left, NUMBER), high]
        return POWER, [(left, ROOT), "^", (right, ROOT if raised(items, right, unicode) else MINUS)]
    sign = PAPER.get(symbol, symbol) if unicode else symbol
    if level == COMPARE:
        return level, [(left, level + 1), sign, (right, level + 1)]
    # Nobody writes x*-y on paper.
    return level, [(left, level), sign, (right, POWER if signed(items[right], names) else level + 1)]


def signed(item: Item, names: Mapping[str, tuple[str, int]]) -> bool:
    """Whether an item will be written with a minus that belongs to all of it."""
    if item.kind == "name":
        return names.get(str(item.value), ("", POSTFIX))[1] == MINUS
    return item.value == "neg" if item.kind == "op" else item.kind == "number" and str(item.value)[0] == "-"


def negative(items: Sequence[Item], at: int) -> bool:
    """Whether an item is minus something."""
    return items[at].kind == "op" and items[at].value == "neg"


def superscript(items: Sequence[Item], at: int) -> str:
    """A small whole exponent as a superscript, or nothing."""
    sign = ""
    if negative(items, at):
        at, sign = items[at].args[0], "-"
    value = items[at].value
    if items[at].kind != "number" or not isinstance(value, float) or not 0 <= value < 100 or value % 1:
        return ""
    return f"{sign}{int(value)}".translate(RAISE)


def raised(items: Sequence[Item], at: int, unicode: bool) -> bool:
    """Whether an exponent will itself end in a superscript."""
    while negative(items, at):
        at = items[at].args[0]
    return unicode and items[at].value == "**"


def number(value: object) -> tuple[int, list[Work]]:
    """A number in as few characters as give it back."""
    number = float(str(value))
    text = repr(abs(number))
    text = text.removesuffix(".0")
    if math.copysign(1.0, number) < 0:
        return MINUS, ["-" + text]
    return (POSTFIX if not math.isfinite(number) else NUMBER), [text]


def arguments(item: Item) -> list[Work]:
    """The arguments of a call, with their keywords."""
    plain = len(item.args) - len(item.keys)
    parts = separated(item.args[:plain])
    for key, arg in zip(item.keys, item.args[plain:], strict=True):
        parts += [f", {key}=" if parts else f"{key}=", (arg, LOOSEST)]
    return parts


def separated(args: Sequence[int]) -> list[Work]:
    """Entries with commas between them."""
    parts: list[Work] = []
    for arg in args:
        if parts:
            parts.append(", ")
        parts.append((arg, LOOSEST))
    return parts


def optional(at: int) -> list[Work]:
    """A part of a slice, which may be left out."""
    return [] if at < 0 else [(at, LOOSEST)]


def level_of(text: str) -> int:
    """How tightly a text binds that is put in place of a name."""
    if SIMPLE.fullmatch(text):
        return POSTFIX
    if PLAIN_NUMBER.fullmatch(text):
        return NUMBER
    from .parser import parse

    try:
        program = parse(text)
    except GradcalcError:
        return LOOSEST - 1
    last = program.statements[-1]
    if len(program.statements) > 1 or not hasattr(last, "value") or last.name is not None:
        return LOOSEST - 1
    if bracketed(text):
        return POSTFIX
    return spelled(program.items, last.value.root, {}, False)[0]


def bracketed(text: str) -> bool:
    """Whether one pair of round brackets holds all of `text`."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for at, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if not depth:
            return at == len(text) - 1
    return False
