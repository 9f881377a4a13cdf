"""What is said to somebody whose text cannot be read, or can be read in two ways."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

from ..errors import GradcalcError
from .characters import plain
from .lexer import Token
from .operators import POWER, Operator

LONGEST = 40  # of a text repeated in a message
# Functions that stand without brackets on paper.
UNBRACKETED = "sin", "cos", "tan", "sinh", "cosh", "tanh", "sec", "csc", "cot", "exp", "log", "ln", "sqrt"

OTHER_LANGUAGES = {
    "and": "to require two conditions multiply them: (x>0)*(y>0)",
    "or": "for either of two conditions write max(x>0, y>0)",
    "not": "for the opposite of a condition write 1-(x>0)",
    "if": "for a choice write where(condition, a, b)",
    "else": "for a choice write where(condition, a, b)",
    "elif": "for a choice write where(condition, a, b)",
    "is": "to compare write ==",
    "lambda": "a function is written f(x) = x^2",
    "def": "a function is written f(x) = x^2",
    "return": "the last statement is the output; write it alone",
    "print": "the last statement is the output; write it alone",
    "while": "only for t in range(...): repeats",
    "import": "nothing needs importing; prefixes such as np. are understood",
    "from": "nothing needs importing; prefixes such as np. are understood",
}


def refuse(
    source: str, message: str, start: int, end: int, hint: str | None = None, kind: str = "syntax"
) -> NoReturn:
    """Raise the error with its place in `source`."""
    raise GradcalcError(message, kind=kind, span=(start, end), hint=hint, source=source)


def found(token: Token) -> str:
    """`token` as the end of "expected a value, but ..."."""
    if token.kind == "end":
        return "the text ends"
    if token.kind == "line":
        return "the line ends"
    return "found quoted text" if token.kind == "text" else f'found "{token.text}"'


def no_value(source: str, token: Token, before: Token) -> NoReturn:
    """An operand was due at `token`."""
    kind, last = token.kind, before.kind
    hint = "put a number, a name or a bracket here"
    if last in ("(", "[") and kind in (")", "]"):
        refuse(source, "these brackets are empty", before.start, token.end, "put a value between them")
    if kind == "|" or (kind == "||" and last in ("|", "||")):
        hint = "an absolute value is written |x| or abs(x), a norm ||x|| or norm(x)"
    elif kind in ("=", "key") and last in ("=", "key", "<", ">"):
        hint = f"write {last}= without a space" if last in ("<", ">") else "to compare write =="
    elif kind in ("<", ">") and last in ("=", "key", "<"):
        hint = f"to compare write {'!=' if last == '<' else kind + '='}"
    elif kind in ("line", "end") and last not in ("line", ";"):
        hint = f'write a value after "{before.text}"'
        if kind == "line":
            hint += "; inside brackets an expression may go on to the next line"
    elif last in ("*", "(", ",") and kind in ("*", "**"):
        hint = "a power is written x^2 or x**2, without a space; * before an argument is not read"
    elif kind == "text":
        hint = 'quoted text must be a whole argument of a call, as in einsum("ij,jk->ik", A, B)'
    elif kind == "...":
        hint = "... stands only inside a subscript, as in x[..., 0]"
    elif kind == ":":
        hint = "a colon stands only in a subscript, as in x[1:3], and after for t in range(...)"
    elif kind == ",":
        hint = "remove the comma or put a value before it"
    elif kind in ("/", "%", "@", ")", "]"):
        hint = f'write a value before the "{token.text}"'
    elif kind in ("for", "in", "with", "range"):
        hint = f'"{kind}" is a reserved word; choose another name'
    elif kind == ".":
        hint = "a number is written 0.5 or .5"
    elif kind == "raised":
        hint = "a superscript needs a value before it"
    refuse(source, f"expected a value, but {found(token)}", token.start, token.end, hint)


def quoted(text: str) -> str:
    """`text` on one line and not too long, for the start of a message."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST and text.isprintable() else "this"


def two_readings(source: str, start: int, end: int, *readings: str) -> NoReturn:
    """Refuse source[start:end], showing both readings where they fit on a line."""
    hint = "write " + " or ".join(" ".join(reading.split()) for reading in readings)
    if len(hint) > 3 * LONGEST or not hint.isprintable():
        hint = "put in the brackets or the * that you mean"
    refuse(source, f"{quoted(source[start:end])} has two readings", start, end, hint)


def doubtful_product(
    source: str,
    before: Operator,
    left: int,
    middle: tuple[int, int],
    right: tuple[int, int],
    bound: Collection[str],
) -> NoReturn:
    """Refuse 1/2x, 2^3x and √2x: a product without a sign, next to an operator that binds as tightly.

    `left` is where the first operand starts, `middle` and `right` are the spans of the two factors.
    """
    second, third = plain(source[slice(*middle)]).strip(), plain(source[slice(*right)]).strip()
    if before.operands == 1:
        two_readings(source, before.place, right[1], f"√({second}*{third})", f"√({second})*{third}")
    first = plain(source[left : middle[0]]).rstrip()
    sign = "**" if first.endswith("**") else first[-1:]
    first = first.removesuffix(sign).rstrip()
    readings = f"{first}{sign}({second}*{third})", f"({first}{sign}{second})*{third}"
    if before.level == POWER and first.isidentifier() and first not in bound and third.startswith("("):
        readings = f"{first}{third}{sign}{second}", readings[1]  # sin^2(x)
    if before.level == POWER and first in UNBRACKETED and first not in bound and third[0] != "(":
        readings = f"{first}({third}){sign}{second}", readings[1]  # sin^2 x
    two_readings(source, left, right[1], *readings)


def doubtful_comparison(source: str, left: int, middle: tuple[int, int], end: int) -> NoReturn:
    """Refuse 0<x<1, offering both what it says on paper and what a machine would do."""
    first = plain(source[left : middle[1]]).strip()
    second = plain(source[middle[0] : end]).strip()
    rest = plain(source[middle[1] : end]).strip()
    two_readings(source, left, end, f"({first})*({second})", f"({first}){rest}")
