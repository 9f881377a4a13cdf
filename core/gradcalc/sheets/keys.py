"""The keys of a TOML table, held against those that are known."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import GradcalcError, nearest

WORDS = {str: "a text", dict: "a table", list: "a list", bool: "true or false", int: "a whole number"}
HEADER = re.compile(r"^[ \t]*\[\[\s*problem\s*\]\]", re.M)


class Source(NamedTuple):
    """A TOML file, for errors that point into it."""

    text: str
    name: str

    def wrong(
        self, message: str, key: str, problem: int | None = None, hint: str | None = None
    ) -> GradcalcError:
        """An error that points at the line where `key` stands, in the problem of this number (from 0)."""
        start = 0
        if problem is not None:
            heads = [m.start() for m in HEADER.finditer(self.text)]
            start = heads[problem] if problem < len(heads) else 0
        found = re.compile(rf"(?<![\w-])[\"']?{re.escape(key)}[\"']?\s*(?==|\.|\])").search(self.text, start)
        span = None if found is None else (found.start(), found.start() + len(found.group().rstrip()))
        start_ = self.name if problem is None else f"{self.name}, problem {problem + 1}"
        return GradcalcError(
            f"{start_}: {message}",
            kind="assignment",
            hint=hint,
            span=span,
            source=self.text,
            origin=self.name,
        )


def shown(value: Any) -> str:
    """A value as TOML writes it, so that a text is seen to be one."""
    if isinstance(value, dict):
        return "a table"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool | list) else str(value)


def known(
    table: Mapping[str, Any],
    keys: Mapping[str, Any],
    source: Source,
    problem: int | None = None,
    inside: str = "",
) -> None:
    """Refuse a key that means nothing, with the nearest that does, and a value of the wrong kind."""
    for key, value in table.items():
        if key not in keys:
            near = nearest(key, keys)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(keys)}"
            raise source.wrong(f"there is no key {inside}{key}", key, problem, hint)
        kinds = keys[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            listed = kinds if isinstance(kinds, tuple) else (kinds,)
            words = [WORDS.get(kind, "a number") for kind in listed if not (kind is int and float in listed)]
            what = " or ".join(words)
            said = "write [[problem]] above each" if key == "problem" else None
            raise source.wrong(f"{inside}{key} is {what}, not {shown(value)}", key, problem, said)
