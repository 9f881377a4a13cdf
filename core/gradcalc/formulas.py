"""The formula of a derivative with a node's labels put in, made short: 2*x^(2-1) is 2*q."""

from __future__ import annotations

import functools
import re

from .errors import GradcalcError
from .syntax import Bind, parse, simplify, write

IDENTIFIER = re.compile(r"[^\W\d]\w*")
PLACE = "ϗ"  # no formula has it; with a number behind it, it stands for one of the labels


def put_in(text: str, names: tuple[tuple[str, str], ...], *, short: bool = True) -> str:
    """A formula with names replaced and, if it may be `short`, constants folded.

    In a sentence the names are replaced, and nothing else.
    """
    plain = {name: label for name, label in names if IDENTIFIER.fullmatch(label)}
    others = tuple((name, label) for name, label in names if name not in plain)
    pieces = template(text, tuple(plain), others, short)
    labels = list(plain.values())
    return "".join([piece if k % 2 == 0 else labels[int(piece)] for k, piece in enumerate(pieces)])


@functools.lru_cache(maxsize=4096)
def template(
    text: str, plain: tuple[str, ...], others: tuple[tuple[str, str], ...], short: bool = True
) -> tuple[str, ...]:
    """The formula in pieces: every other one is the number of a name among `plain`.

    How a formula is written does not hang on which identifier stands in it, so a hundred thousand
    nodes of one gate are worked out once.
    """
    table = {name: f"{PLACE}{k}" for k, name in enumerate(plain)} | dict(others)
    table = {
        name: label for name, label in table.items() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    }
    try:
        program = parse(text)
        (statement,) = program.statements
        assert isinstance(statement, Bind)
        replaced = write(program.items, statement.value.root, table)
        program = parse(replaced)
        (statement,) = program.statements
        assert isinstance(statement, Bind)
        items, root = program.items, statement.value.root
        written = write(*simplify(items, root)) if short else write(items, root)
    except (GradcalcError, ValueError, AssertionError):
        written = IDENTIFIER.sub(lambda found: table.get(found[0], found[0]), text)
    return tuple(re.split(rf"{PLACE}(\d+)", written))
