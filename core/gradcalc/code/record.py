"""What an examination of people's code found: immutable records, which views show."""

from __future__ import annotations

from typing import NamedTuple

from ..gate import Array


class Mistake(NamedTuple):
    """A likely mistake: a short `name` for machines, a `text` for people.

    `line` is that of the code which is wrong, where editing it was seen to mend the gradient; else 0.
    """

    name: str
    text: str
    line: int = 0


class Worst(NamedTuple):
    """The entry where both gradients differ most, and the error bar of their difference there."""

    place: tuple[int, ...]
    analytic: float
    numeric: float
    bar: float


class Argument(NamedTuple):
    """The verdict on the gradient of one argument.

    `analytic` and `numeric` are arrays (None where there is none; `numeric` also where only directions were
    tried), `wrong` marks the entries that disagree. `checked` is "entries", "directions", "reference",
    or "" for none. `error` is relative to the largest entry, and so is `limit`: what is off by less passes.
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
    limit: float | None = None


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
    file: str = ""  # where the gradient is written, and its line
    line: int = 0

    @property
    def ok(self) -> bool:
        """Whether the gradients agree (or a declared exception says why they need not)."""
        return self.verdict in ("pass", "kink") or (self.verdict == "fail" and bool(self.exception))

    @property
    def gradients(self) -> dict[str, Array]:
        """The gradients that the code gave, by argument."""
        return {a.name: a.analytic for a in self.arguments if a.analytic is not None}

    def assert_ok(self) -> None:
        """Raise AssertionError, with what was found as its message, unless the gradients agree."""
        if not self.ok:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        lines = [f"{self.target}: {self.verdict}" + (f" (with {self.case})" if self.case else "")]
        for a in self.arguments:
            lines.append(f"  d{a.name} {a.verdict}")
            if a.verdict in ("pass", "kink"):
                continue
            lines += [f"    {m.text}" for m in a.mistakes] + [f"    {note}" for note in a.notes]
            if a.worst is not None:
                at = f" at {list(a.worst.place)}" if a.worst.place else ""
                other = "in the reference" if a.checked == "reference" else "numerically"
                lines.append(
                    f"    {a.worst.analytic:.8g} given, {a.worst.numeric:.8g} {other}{at} "
                    f"(bar {a.worst.bar:.2g})"
                )
        return "\n".join([*lines, *(f"  {note}" for note in self.notes), *(f"    {t}" for t in self.trace)])
