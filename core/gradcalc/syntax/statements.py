"""Where a statement starts, and what is said when it doesn't end where it should."""

from __future__ import annotations

from typing import NoReturn

from .expression import Reader
from .refusals import OTHER_LANGUAGES, quoted, refuse


def begins(reader: Reader, at: int) -> bool:
    """Whether a binding or a definition starts at token `at`."""
    tokens = reader.tokens
    return (tokens[at].kind == "name" and tokens[at + 1].kind == "=") or defines(reader, at)


def defines(reader: Reader, at: int) -> bool:
    """Whether a definition starts at token `at`: name(...) = and so on."""
    tokens = reader.tokens
    if tokens[at].kind != "name" or tokens[at + 1].kind != "(" or tokens[at].text not in reader.defined:
        return False
    return tokens[reader.partner(at + 1) + 1].kind == "="


def unpacking(reader: Reader, at: int) -> None:
    """Refuse x, y = 1, 2, whose first statement is the lone name at token `at`."""
    name, other = reader.tokens[at], reader.tokens[at + 2]
    hint = f"write {name.text} = 1; {other.text} = 2 for two bindings, or ; in place of the comma"
    refuse(reader.source, "one binding binds one name", name.start, other.end, hint)


def unfinished(reader: Reader, first: int, at: int) -> NoReturn:
    """Refuse what stands at token `at`, after a statement that began at token `first`."""
    tokens, source = reader.tokens, reader.source
    token, before, after = tokens[at], tokens[at - 1], tokens[at + 1]
    kind, start = token.kind, tokens[first].start
    left = quoted(source[start : before.end])
    what, span = f'"{token.text}" cannot stand here', (token.start, token.end)
    hint = "put a new line or a ; between two statements"
    if kind == ",":
        if before.kind == "number" and after.kind == "number" and before.end == token.start:
            number = f"{before.text},{after.text}"
            decimal = f"{before.text}.{after.text}"
            other = f"[{before.text}, {after.text}] for two values"
            if len(after.text) == 3 and before.text != "0":
                other = f"{before.text}{after.text} for the large number"
            hint = f"write {decimal} for the decimal number or {other}"
            refuse(source, f"{number} has two readings", before.start, after.end, hint)
        what, hint = "nothing follows this comma", "remove it"
        if after.kind not in ("line", "end", ";"):
            what = "a comma stands only between bindings and inside brackets"
            hint = "write [a, b] for a list and x = 1, y = 2 for two bindings"
    elif kind == "=":
        what, span = 'only a name, or f(x) for a definition, can stand before "="', (start, before.end)
        hint = "to compare write =="
        if before.kind == "]":
            hint = "entries are not changed one by one: write the whole list, x = [1, 2]"
        elif tokens[first].kind == "name" and tokens[first + 1].kind == "=":
            what, span = 'a second "=" in one statement', (token.start, token.end)
            hint = "to compare write ==; put ; between two bindings"
    elif kind == "assign":
        what, hint = f'"{token.text}" is not in the language', "write the whole binding, as in x = x+1"
        if tokens[first].kind == "name" and before is tokens[first]:
            sign = token.text[:-1]
            rest = source[after.start : after.end].strip()
            plain = f"{left} = {rest}" if sign == ":" else f"{left} = {left}{sign}{rest}"
            hint = f"write {plain}"
    elif before.kind == "name" and before.text in OTHER_LANGUAGES:
        what, span = f'"{before.text}" is not a word of the language', (before.start, before.end)
        hint = OTHER_LANGUAGES[before.text]
    elif kind == "with":
        hint = '"with" belongs to a definition: f(x) = x^2  with  dx = 2*x'
    elif kind in ("for", "in"):
        hint = "a loop is a statement of its own: for t in range(4): h = tanh(h)"
    elif kind == ":":
        hint = "a colon stands in a subscript, as in x[1:3], and after for t in range(...)"
    elif kind == "...":
        hint = "... stands only inside a subscript, as in x[..., 0]"
    refuse(source, what, *span, hint)
