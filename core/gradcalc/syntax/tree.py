"""What a program says, before anybody knows what its names mean: items in an arena, in postorder.

An item stands after all of its arguments, so whoever walks a program walks a list, and a sum of a
million terms needs no recursion. The items of one statement are contiguous: `first` to `root`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import Span


class Item(NamedTuple):
    """One operand, operation, call, list or subscript.

    | kind     | value            | args                                                         |
    |----------|------------------|--------------------------------------------------------------|
    | "number" | float            |                                                              |
    | "name"   | the name         |                                                              |
    | "text"   | the quoted text  | (only as an argument of a call)                              |
    | "op"     | the operator     | its operands: "+ - * / @ % **" "< <= > >= == !=" "neg" ".T"   |
    | "call"   | the function     | positional, then keyword arguments                           |
    | "list"   | "[" or "("       | the entries                                                  |
    | "index"  | None             | the indexed item, then one entry for each comma part         |
    | "slice"  | None             | start, stop, step; -1 for one left out                       |
    | "all"    | "..." or "None"  | inside a subscript only: an ellipsis, a new axis             |

    `args` are positions in the arena. `keys` names the last len(keys) arguments of a call.
    `form` of a call is "" for f(x), "method" for x.f(), and the prefix for np.f(x) ("np").
    `start`, `end` is the span in the source text.
    """

    kind: str
    value: Any  # by kind, as above
    args: tuple[int, ...]
    start: int
    end: int
    keys: tuple[str, ...] = ()
    form: str = ""

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


class Part(NamedTuple):
    """A contiguous run of items that makes one expression: items[first : root + 1]."""

    first: int
    root: int


class Bind(NamedTuple):
    """`name = expression`, or an expression alone (name None)."""

    name: str | None
    name_span: Span
    value: Part
    span: Span


class Define(NamedTuple):
    """`name(params) = body`, perhaps `with dp = local, ...`; locals are keyed by the parameter."""

    name: str
    name_span: Span
    params: tuple[str, ...]
    body: Part
    locals: dict[str, Part]
    span: Span


class For(NamedTuple):
    """`for name in range(...):` and its statements, to be unrolled. `over` is the range(...) call."""

    name: str
    name_span: Span
    over: Part
    body: tuple[Statement, ...]
    span: Span


Statement = Bind | Define | For


class Program(NamedTuple):
    """A parsed text: `statements` in order, their items in one arena.

    `news` are those that use or bind a name for the first time: whoever asks what names there are need not
    read the others. Where definitions or loops have names of their own, every statement is news.
    """

    source: str
    items: list[Item]
    statements: tuple[Statement, ...]
    news: tuple[Statement, ...]
