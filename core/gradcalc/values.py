"""The value of an input, as it is typed: a constant expression, or a file after an @."""

from __future__ import annotations

import zlib
from pathlib import Path

from .build import Limits, UnboundError, build
from .errors import GradcalcError
from .files import READERS, Stdin, read_file
from .gate import Array
from .graphs import CONSTANT
from .syntax import Bind, parse


def read_value(
    name: str,
    text: str,
    *,
    seed: int = 0,
    limits: Limits | None = None,
    stdin: Stdin | None = None,
    option: str | None = None,
) -> Array:
    """The number or array that `text` stands for: an expression without names, or `@FILE[:KEY]`.

    `@-` is standard input, which `stdin` reads. `option` is how it is given, where that is not `-name`.
    Random values (`randn(3,4)`) come from a stream of the seed and the name, so one input's draw does not
    depend on the others. Raises GradcalcError whose source is the text.
    """
    if text.startswith("@"):
        return within(read_file(text[1:], stdin=stdin), name, limits)
    origin = option or f"-{name}"
    if not text.strip():
        raise GradcalcError(
            f"{origin} has an empty value", kind="value", hint=_value_hint(name, text, origin)
        )
    try:
        program = parse(text)
        first = program.statements[0]
        if len(program.statements) > 1 or not isinstance(first, Bind) or first.name is not None:
            raise GradcalcError(
                f"the value of {name} must be one expression",
                kind="value",
                span=program.statements[-1].span,
                hint=_value_hint(name, text, origin),
            )
        graph = build(program, seed=zlib.crc32(name.encode()) ^ seed, limits=limits)
    except UnboundError as error:
        raise GradcalcError(
            f"the value of {name} must be a number or an array, without names like {error.names[0]}",
            kind="value",
            span=error.span,
            source=text,
            origin=origin,
            hint=_value_hint(name, text, origin),
        ) from None
    except GradcalcError as error:
        error.origin = origin
        raise error.located(text, origin) from None
    if graph.gates[graph.output] is not CONSTANT and len(graph.variables) != 1:
        raise GradcalcError(f"the value of {name} must be a number or an array", kind="value", source=text)
    return graph.values[graph.output]


def within(array: Array, name: str, limits: Limits | None) -> Array:
    """An array from a file, if it is not larger than the limit."""
    most = (limits or Limits()).elements
    if array.size > most:
        raise GradcalcError(
            f"{name} has {array.size:,} entries, more than {most:,}",
            kind="limit",
            hint="--max-elements raises the limit",
        )
    return array


def _value_hint(name: str, text: str, origin: str) -> str:
    if Path(text).suffix.lower() in READERS:
        return f"a file's name follows an @: {origin} @{text}"
    return f"for example {origin} 2, {origin} pi/2 or {origin} '[1, 2, 3]'"
