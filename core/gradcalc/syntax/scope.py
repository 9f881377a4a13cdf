"""Which names of a program are variables and which are functions, before anything is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .lexer import Token

if TYPE_CHECKING:
    from .expression import Reader


def declared(tokens: list[Token]) -> tuple[set[str], set[str]]:
    """The variables and the functions that the text itself binds."""
    variables: set[str] = set()
    functions: set[str] = set()
    for at, token in enumerate(tokens):
        kind = token[0]
        if kind == "=":
            before = tokens[at - 1]
            if before.kind == "name":
                variables.add(before.text)
            elif before.kind == ")":
                name = tokens[opening(tokens, at - 1) - 1]
                if name.kind == "name":
                    functions.add(name.text)
        elif kind == "for" and tokens[at + 1].kind == "name":
            variables.add(tokens[at + 1].text)
    return variables, functions


def opening(tokens: list[Token], at: int) -> int:
    """The bracket that the one at token `at` closes."""
    depth = 0
    while True:
        kind = tokens[at].kind
        depth += (kind in (")", "]")) - (kind in ("(", "["))
        if not depth:
            return at
        at -= 1


@contextmanager
def shadowed(reader: Reader, names: Iterable[str]) -> Iterator[None]:
    """Inside a definition its parameters are variables, whatever they are outside."""
    variables = set(names) - reader.bound
    functions = reader.defined.intersection(names)
    reader.bound |= variables
    reader.defined -= functions
    yield
    # An error ends the reading as a whole, so nothing needs to be put back then.
    reader.bound -= variables
    reader.defined |= functions
