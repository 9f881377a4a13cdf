"""What happens between brackets: commas, subscripts and the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .operators import LOOSEST
from .refusals import refuse
from .tree import Item

if TYPE_CHECKING:
    from .expression import Reader

# Everything is float64, so a conversion of one value is that value.
CONVERSIONS = frozenset(["array", "asarray", "float", "float64", "double", "float_", "tensor"])
IGNORED = frozenset(["dtype", "requires_grad", "device", "copy"])


class Frame:
    """One open bracket: a group, a list, a call, a subscript, or the bars of |x| and ||x||.

    `first` is how many operands were finished before its own; the object of x.f() and of x[0] is its own.
    """

    __slots__ = (
        "end",
        "first",
        "form",
        "keys",
        "kind",
        "name",
        "named",
        "place",
        "sliced",
        "slices",
        "start",
    )

    def __init__(self, kind: str, start: int, end: int, first: int) -> None:
        self.kind = kind  # "group", "list", "call", "index", "|" or "||"
        self.start, self.end = start, end  # the span of the bracket itself
        self.first = first
        self.place = start  # where the whole begins: f in f(x)
        self.name = ""
        self.form = ""
        self.keys: dict[str, None] = {}  # in order
        self.named = 0  # how many finished arguments had a keyword
        self.slices: list[int] = []  # the finished parts of the slice that is being read
        self.sliced = start  # where it starts


def comma(reader: Reader, frame: Frame, at: int) -> tuple[int, bool]:
    """A comma after an entry."""
    if frame.kind in ("|", "||"):
        reader.unclosed_bar(frame)
    entry(reader, frame, at)
    return at + 1, True


def dangling(reader: Reader, frame: Frame, at: int) -> tuple[int, bool] | None:
    """A comma, bracket, colon or ellipsis where an entry is due, if it may stand there."""
    token, before = reader.tokens[at], reader.tokens[at - 1].kind
    kind = token.kind
    if frame.kind == "index":
        if kind == "..." and not frame.slices:
            after = reader.tokens[at + 1]
            if after.kind not in (",", "]"):
                hint = "write a comma after it, as in x[..., 0]"
                refuse(reader.source, '"..." is a whole entry', token.start, token.end, hint)
            reader.put("all", "...", (), token.start, token.end)
            return at + 1, False
        if kind == ":":
            return colon(reader, frame, at, False)
        if kind == "," and before == ":":
            part(reader, frame, at)
            return at + 1, True
        if kind == "]" and before == ":":
            part(reader, frame, at)
            return finish(reader, frame, at)
    if kind in (")", "]") and frame.kind not in ("|", "||"):
        if before == "," and len(reader.values) > frame.first:
            return finish(reader, frame, at)
        if before == "(" and frame.kind == "call":
            return finish(reader, frame, at)
    return None


def colon(reader: Reader, frame: Frame, at: int, after: bool) -> tuple[int, bool]:
    """A colon in a subscript, after a part of the slice or where one was left out."""
    if len(frame.slices) == 2:
        token = reader.tokens[at]
        hint = "a slice is start:stop or start:stop:step"
        refuse(reader.source, "a slice has at most two colons", token.start, token.end, hint)
    reader.reduce(LOOSEST, reader.tokens[at - 1].end)
    if not frame.slices:
        frame.sliced = reader.starts[-1] if after else reader.tokens[at].start
    if after:
        reader.starts.pop()
    frame.slices.append(reader.values.pop() if after else -1)
    return at + 1, True


def part(reader: Reader, frame: Frame, at: int, last: int = -1) -> None:
    """The end of a slice: its item, with -1 for each part that was left out."""
    parts = [*frame.slices, last]
    end = reader.tokens[at - 1].end
    reader.put("slice", None, tuple(parts + [-1] * (3 - len(parts))), frame.sliced, end)
    frame.slices = []


def entry(reader: Reader, frame: Frame, at: int) -> None:
    """The end of an entry that has a value."""
    reader.reduce(LOOSEST, reader.tokens[at - 1].end)
    if frame.kind == "index":
        if frame.slices:
            reader.starts.pop()
            part(reader, frame, at, reader.values.pop())
        elif reader.items[-1].kind == "name" and reader.items[-1].value == "None":
            reader.items[-1] = reader.items[-1]._replace(kind="all")
    elif frame.keys:
        if frame.named == len(frame.keys):
            start, end = reader.starts[-1], reader.tokens[at - 1].end
            hint = f"put it before {next(iter(frame.keys))}=, or give it a name too"
            refuse(reader.source, "an argument without a name follows one with a name", start, end, hint)
        frame.named += 1


def close(reader: Reader, frame: Frame, at: int) -> tuple[int, bool]:
    """A closing bracket after an entry."""
    if frame.kind in ("|", "||"):
        reader.unclosed_bar(frame)
    entry(reader, frame, at)
    return finish(reader, frame, at)


def finish(reader: Reader, frame: Frame, at: int) -> tuple[int, bool]:
    """Close a frame whose entries are complete: what was between its brackets becomes one operand."""
    items, values, starts = reader.items, reader.values, reader.starts
    end = reader.tokens[at].end
    reader.frames.pop()
    reader.waiting.pop()
    args = tuple(values[frame.first :])
    if frame.kind == "group" and reader.tokens[at - 1].kind != "," and len(args) == 1:
        starts[-1] = frame.start
        return at + 1, False
    del values[frame.first :], starts[frame.first :]
    if frame.kind == "call":
        if converts(reader, frame, args):
            del items[args[0] + 1 :]  # what the ignored keywords said
            values.append(args[0])
            starts.append(frame.place)
            return at + 1, False
        reader.put("call", frame.name, args, frame.place, end)
        items[-1] = items[-1]._replace(keys=tuple(frame.keys), form=frame.form)
    elif frame.kind == "index":
        reader.put("index", None, args, frame.place, end)
    elif frame.kind in ("|", "||"):
        reader.put("call", "abs" if frame.kind == "|" else "norm", args, frame.place, end)
    else:
        reader.put("list", "[" if frame.kind == "list" else "(", args, frame.place, end)
    return at + 1, False


def converts(reader: Reader, frame: Frame, args: tuple[int, ...]) -> bool:
    """Whether a call is only a conversion to float64, such as array([1, 2]), and so nothing."""
    name = frame.name
    if name not in CONVERSIONS or name in reader.bound or name in reader.defined:
        return False
    if len(args) - len(frame.keys) != 1 or not IGNORED.issuperset(frame.keys):
        return False
    value: Item = reader.items[args[0]]
    if value.kind == "text":
        hint = "write the number itself, or inf or nan"
        refuse(reader.source, "a number is written without quotes", value.start, value.end, hint)
    return True
