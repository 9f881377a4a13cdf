"""Where people's code stands, as it is typed: FILE.py:NAME, notebook.ipynb:NAME, pkg.mod:NAME."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import GradcalcError

NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
TARGET = re.compile(rf"(?P<where>.+):(?P<names>{NAME}(?:\s*,\s*{NAME})?)", re.S)
MODULE = re.compile(NAME)
ENDINGS = {".py": "file", ".ipynb": "notebook"}


class Place(NamedTuple):
    """A place of code: `kind` is "file", "notebook" or "module", `names` one name or two (f, grad_f)."""

    kind: str
    where: str
    names: tuple[str, ...]
    text: str


def place(text: str) -> Place | None:
    """The place that `text` means, or None where it is no place but an expression.

    The last colon splits, so `C:\\hw\\a.py:f` works. Raises GradcalcError for a file without a name.

    >>> place("layers.py:affine")
    Place(kind='file', where='layers.py', names=('affine',), text='layers.py:affine')
    >>> place("(x+y)*z") is None
    True
    """
    text = text.strip()
    kind = ending(text)
    if kind is not None:
        return Place(kind, text, (), text)
    found = TARGET.fullmatch(text)
    if found is None:
        return None
    where, names = found["where"].strip(), tuple(n.strip() for n in found["names"].split(","))
    kind = ending(where)
    if kind is None and MODULE.fullmatch(where):
        kind = "module"
    return None if kind is None else Place(kind, where, names, text)


def ending(path: str) -> str | None:
    """What a file's ending makes of it."""
    return next((kind for end, kind in ENDINGS.items() if path.lower().endswith(end)), None)


def unnamed(where: Place, known: list[str]) -> GradcalcError:
    """A file is named, but nothing in it."""
    hint = f"it has {', '.join(known[:12])}" if known else None
    example = f"{where.where}:{known[0]}" if known else f"{where.where}:NAME"
    return GradcalcError(f"what in {where.where} is to be checked? write {example}", kind="usage", hint=hint)
