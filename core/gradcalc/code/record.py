"""What an examination of people's code found: immutable records, which views show."""

from __future__ import annotations

from typing import NamedTuple

from ..gate import Array


class Mistake(NamedTuple):
    """A likely mistake: a short `name` for machines, a `text` for people."""

    name: str
    text: str


class Worst(NamedTuple):
    """The entry where both gradients differ most, and the error bar of their difference there."""

    place: tuple[int, ...]
    analytic: float
    numeric: float
    bar: float


class Argument(NamedTuple):
    """The verdict on the gradient of one argument.

    `analytic` and `numeric` are arrays (None where there is none; `numeric` also where only directions were
    tried), `wrong` marks the entries that disagree. `checked` is "entries", "directions", or "" for none.
    """

    name: str
    shape: tuple[int, ...]
    verdict: str
    worst: Worst | None = None
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()
    checked: str = ""
    error: float | None = None
    analytic: Array | None = None
    numeric: Array | None = None
    wrong: Array | None = None
    bars: Array | None = None


class Examined(NamedTuple):
    """The verdict on one target at one point.

    `words` says how the code was called, `trace` are lines of its traceback, `case` names the variation that
    was tried ("" for the point that was asked for), `tried` counts all variations.
    """

    target: str
    verdict: str
    words: str = ""
    arguments: tuple[Argument, ...] = ()
    notes: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()
    case: str = ""
    tried: int = 1
    exception: str = ""  # a declared one: straight-through, gradient reversal
