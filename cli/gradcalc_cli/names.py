"""Which names of an expression are inputs: they have no value yet, or are given a constant one."""

from collections.abc import Sequence
from typing import Any


def unbound(text: str, bound: Sequence[str]) -> Sequence[str]:
    """The names that `text` needs, whether or not they are bound."""
    from gradcalc.build import UnboundError, build
    from gradcalc.syntax import parse

    try:
        build(parse(text, bound=bound))
    except UnboundError as error:
        return error.names
    return ()


def inputs_of(text: str, bound: Sequence[str]) -> set[str]:
    """The names that may get a value from outside."""
    from gradcalc.syntax import parse

    program = parse(text, bound=bound)
    names = set(unbound(text, bound))
    computed = set(names)
    for statement in program.statements:
        name, part = getattr(statement, "name", None), getattr(statement, "value", None)
        if name is not None and part is not None and name not in computed:
            if is_constant(program.items[part.first : part.root + 1]):
                names.add(name)
            computed.add(name)
    return names


def is_constant(items: Sequence[Any]) -> bool:
    """Whether an expression is without names, pi and its like apart."""
    from gradcalc.build import CONSTANTS, WORDS

    return all(item.kind != "name" or item.value in CONSTANTS or item.value in WORDS for item in items)
