"""Which names of a program are its inputs: read off the text, before anything has a value."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..errors import GradcalcError, Span, nearest
from ..syntax import Bind, Define, For, Part, Program, Statement

CONSTANTS = {"pi": np.pi, "π": np.pi, "e": np.e, "inf": np.inf, "∞": np.inf, "nan": np.nan}
WORDS = {"True": True, "False": False, "None": None}


MOST_NAMES = 12
LONGEST_NAME = 40


class UnboundError(GradcalcError):
    """Names of an expression that nobody gave a value; `names` holds them all, in order."""

    def __init__(self, names: tuple[str, ...], *, span: Span, source: str, hint: str) -> None:
        shown = [short(name) for name in names]
        if len(shown) > MOST_NAMES:
            shown[MOST_NAMES - 1 :] = [f"{len(shown) - MOST_NAMES + 1} more"]
        listed = " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)
        super().__init__(
            f"{listed} {'has' if len(names) == 1 else 'have'} no value",
            kind="name",
            span=span,
            source=source,
            hint=hint,
        )
        self.names = names


class Input(NamedTuple):
    """Where an input is named first, and the constant expression that the program gives it, if any."""

    span: Span
    default: Part | None


class Names:
    """The names of a program, where those of `given` have values from outside.

    `inputs` are in the order in which the program names them; `unbound` are used and have no value;
    `bound` are all that the program binds; `defaults` are the statements, by their first item, that only
    give an input its value. Raises GradcalcError where a given name is computed by the program.
    """

    def __init__(self, program: Program, given: Collection[str]) -> None:
        self.items = program.items
        self.given = given
        self.inputs: dict[str, Input] = {}
        self.unbound: dict[str, Span] = {}
        self.defaults: set[int] = set()
        self.functions: dict[str, Define] = {}
        self.known: set[str] = set()  # what is bound so far
        self.walk(program.news, frozenset())
        self.bound = {statement.name for statement in binds(program.news)}

    def walk(self, statements: Iterable[Statement], local: frozenset[str]) -> None:
        """Statements in order; `local` are the variables of the loops around them."""
        for statement in statements:
            if isinstance(statement, For):
                self.uses(statement.over, local)
                self.walk(statement.body, local | {statement.name})
            elif isinstance(statement, Define):
                inside = local | {*statement.params, statement.name}
                for part in (statement.body, *statement.locals.values()):
                    self.uses(part, inside)
                self.functions[statement.name] = statement
            else:
                self.bind(statement, self.uses(statement.value, local))

    def bind(self, statement: Bind, computed: bool) -> None:
        """A binding; the first one of a name, to a constant expression, makes an input."""
        name = statement.name
        if name is None:
            return
        first = name not in self.known and (name not in self.inputs or name in self.unbound)
        if first and not computed:
            self.defaults.add(statement.value.first)
            self.inputs.setdefault(name, Input(statement.name_span, statement.value))
            self.unbound.pop(name, None)
        elif first and name in self.given:
            raise GradcalcError(
                f"{name} is computed by the program, so -{name} can't set it",
                kind="name",
                span=statement.name_span,
                hint=f"remove -{name}, or the line that computes it",
            )
        self.known.add(name)

    def uses(self, part: Part, local: Container[str]) -> bool:
        """Whether a part needs names from outside; the given ones become inputs."""
        found = False
        previous = None
        for item in self.items[part.first : part.root + 1]:
            if item[0] != "name" or item[1] == previous:
                continue
            name = previous = item[1]
            if name in self.known or name in self.inputs or name in local:
                found = True
            elif name in self.given:
                self.inputs[name] = Input(item.span, None)
                found = True
            elif name not in CONSTANTS and name not in WORDS:
                self.unbound.setdefault(name, item.span)
                found = True
        return found


def binds(statements: Sequence[Statement]) -> Iterator[Bind]:
    """All bindings, those in loops too."""
    for statement in statements:
        if isinstance(statement, Bind):
            yield statement
        elif isinstance(statement, For):
            yield from binds(statement.body)


def not_used(name: str, names: Names) -> GradcalcError:
    """The error of a variable that the program has no use for."""
    known = [n for n in (*names.inputs, *names.bound) if n]
    near = nearest(name, known)
    if near is not None:
        hint = f"did you mean -{near}?"
    elif known:
        hint = f"its inputs are {', '.join(sorted(names.inputs))}" if names.inputs else f"remove -{name}"
    else:
        hint = f"remove -{name}: nothing here needs a value"
    return GradcalcError(f"the expression does not use {name}", kind="unused", hint=hint)


def short(name: str) -> str:
    """A name in a message."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def glued(name: str, names: Names, functions: Container[str]) -> str | None:
    """sin(x) for sinx, where sin is a function and x has a value."""
    for k in range(len(name) - 1, 1, -1):
        if name[:k] in functions and (name[k:] in names.inputs or name[k:] in names.given):
            return f"{name[:k]}({name[k:]})"
    return None


def no_value(names: Names, functions: Container[str], source: str) -> UnboundError:
    """The error of the names without a value; `functions` are those that there are."""
    missing = names.unbound
    first, span = next(iter(missing.items()))
    typed = [f"-{name} 1" for name in missing if len(name) <= LONGEST_NAME][:MOST_NAMES]
    hint = f"give {'it a value' if len(missing) == 1 else 'them values'}"
    if len(typed) == len(missing):
        hint += f": {' '.join(typed)}"
    if first in names.bound:
        hint = f"{first} is used before the line that computes it"
    elif first in functions:
        hint = f"{first} is a function: write {first}(...)"
    elif 1 < len(first) < 6 and all(c in names.inputs or c in names.given for c in first):
        hint = f"write {'*'.join(first)} for a product: {first} is one name"
    elif re.fullmatch(r"[d∂]\w+", first) and re.search(rf"\b{first}\s*/\s*[d∂]\w", source):
        hint = "gradients are what comes out; write only the function"
    elif (spare := nearest(first, [n for n in names.given if n not in names.inputs])) is not None:
        hint = f"-{spare} is not used: did you mean -{first}?"
    elif glued(first, names, functions):
        hint = f"write {glued(first, names, functions)}: {first} is one name"
    else:
        near = nearest(first, [*names.inputs, *names.given])
        if near is not None and len(missing) == 1 and len(first) > 1:
            hint = f"did you mean {near}? or give it a value: -{first} 1"
    return UnboundError(tuple(missing), span=span, source=source, hint=hint)
