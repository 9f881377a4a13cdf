"""What can go wrong with a question: one exception, whose parts are data."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Spanned(Protocol):
    """Anything that stands somewhere in the source text, such as an item of a program."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Span(NamedTuple):
    """A stretch of source text: offsets in characters, the end excluded."""

    start: int
    end: int


NOWHERE = Span(0, 0)


class GradcalcError(Exception):
    """A question that can't be answered, and why.

    `kind` is one short word for scripts (syntax, name, shape, domain, overflow, usage, file, limit ...),
    `message` says what is wrong in one line, `span` where in `source`, `hint` what to do about it.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str = "usage",
        span: Span | tuple[int, int] | None = None,
        hint: str | None = None,
        source: str | None = None,
        origin: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.span = None if span is None else Span(*span)
        self.hint = hint
        self.source = source
        self.origin = origin  # the file or the option that the source came from

    def located(self, source: str, origin: str | None = None) -> GradcalcError:
        """This error with the source text it points into, unless it already knows one."""
        if self.source is None:
            self.source = source
            self.origin = origin
        return self

    def __str__(self) -> str:
        """The message, the source line with a caret under the span, and the hint."""
        lines = [self.message]
        if self.span is not None and self.source is not None:
            lines += caret(self.source, self.span, self.origin)
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


WIDEST = 100


def caret(
    source: str, span: Span, origin: str | None = None, ellipsis: str = "…", widest: int = WIDEST
) -> list[str]:
    """The line of `source` that holds the start of `span`, and carets under the span.

    `ellipsis` stands where a line longer than `widest` is cut.
    """
    start = min(max(span.start, 0), len(source))
    first = source.rfind("\n", 0, start) + 1
    last = source.find("\n", start)
    last = len(source) if last < 0 else last
    end = max(min(span.end, last), start)
    # A long line is shown around the span only.
    left = first if end - first <= widest else max(first, start - widest // 2)
    right = last if last - left <= widest else min(last, max(left + widest, min(end, start + widest // 2)))
    head, tail = ellipsis if left > first else "", ellipsis if right < last else ""
    text = source[left:right].replace("\t", " ").rstrip("\r")
    before = width(head + source[left:start])
    marks = max(1, width(source[start : min(end, right)]))
    number = source.count("\n", 0, start) + 1
    where = (
        [] if number == 1 and origin is None else [f"  {origin or 'line'}{':' if origin else ' '}{number}"]
    )
    return [*where, f"  {head}{text}{tail}", f"  {' ' * before}{'^' * marks}"]


def width(text: str) -> int:
    """How many terminal columns `text` takes: East Asian wide characters two, combining marks none."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` is most likely a misspelling of, or None.

    >>> nearest("Relu", ["elu", "relu"]), nearest("tahn", ["tan", "tanh"]), nearest("cosine", ["cos", "sec"])
    ('relu', 'tanh', 'cos')
    """
    import difflib  # only an error needs it

    folded = {plain(word): word for word in sorted(known)}
    asked = plain(name)
    turned = [word for word in folded if len(word) > 2 and sorted(word) == sorted(asked)]
    begun = [word for word in folded if len(word) > 2 and asked.startswith(word)][-1:]
    begun += [word for word in folded if len(asked) > 2 and word.startswith(asked)][:1]
    close = (
        [word for word in (asked, *turned) if word in folded]
        or difflib.get_close_matches(asked, folded, 1, 0.76)
        or begun  # cosine, sigm
        or difflib.get_close_matches(asked, folded, 1, 0.6)
    )
    return folded[close[0]] if close else None


def plain(name: str) -> str:
    """A name without what is easily mistaken in it: capitals and underscores."""
    return name.replace("_", "").casefold()
