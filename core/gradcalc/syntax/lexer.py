"""Text to tokens, with spans in characters of the original text.

A line token stands before each line and holds its indentation; inside brackets lines do not count.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from ..errors import GradcalcError
from .characters import OFF_LINE, described, height, plain


class Token(NamedTuple):
    """One word of the language.

    `kind` is "number", "name", "text", "raised" (a superscript), ".T" (ᵀ), "line", "end", "assign" (such
    as +=), "key" (an = inside brackets), or the operator, bracket or reserved word itself; both signs for
    the power are "**". `text` is the plain form: "x1" for x₁.
    """

    kind: str
    text: str
    start: int
    end: int


RESERVED = ("for", "in", "with", "range")

NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
ASCII_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
NAME = rf"[^\W\d{OFF_LINE}](?:[^\W{OFF_LINE}]|[₀-₉\u0300-\u036f])*"
TEXT = r"\"[^\"\r\n]*\"?|'[^'\r\n]*'?"
SPACE = r"[ \t]+"
LINE = r"\r\n?|\n"
COMMENT = r"\#[^\r\n]*"
SIGNS = r"\.\.\.|\*\*=|//=|\*\*|//|[<>=!:+\-*/@%^]=|\|\||&&"
RAISED = r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+"
REST = r"[\s\S]"


# The master patterns cover any text without a gap. They are compiled when they are first used, and
# names of ASCII letters, which are most, need only the quicker one.
ASCII = "|".join([ASCII_NAME, NUMBER, SPACE, SIGNS, LINE, COMMENT, TEXT, REST])
UNICODE = "|".join([NAME, NUMBER, SPACE, SIGNS, LINE, COMMENT, TEXT, RAISED, REST])

FIXED = {
    **{sign: sign for sign in "+-*/@%<>()[],;:.|√="},
    **{sign: sign for sign in ("**", "<=", ">=", "==", "!=", "...", "||")},
    **dict.fromkeys(("+=", "-=", "*=", "/=", "@=", "%=", "^=", "**=", "//=", ":="), "assign"),
    **{word: word for word in RESERVED},
    "^": "**",
    "‖": "||",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "…": "...",
    "ᵀ": ".T",
    "∞": "∞",
    "\n": "line",
    "\r": "line",
    "\r\n": "line",
}
UNICODE_FIRST = {
    **dict.fromkeys("0123456789.", "number"),
    **dict.fromkeys(" \t", "space"),
    **dict.fromkeys("\"'", "text"),
    "#": "comment",
}
# Where letters outside ASCII occur, every name is looked at.
FIRST = UNICODE_FIRST | dict.fromkeys("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", "name")
CLOSERS = {")": "(", "]": "["}
CLOSED_BY = {"(": ")", "[": "]"}
# The kinds that need more than a token of their own.
SPECIAL = frozenset(["space", "comment", "line", "text", "other", "(", ")", "[", "]", "=", ";", "∞"])

HINTS = {
    "&": "to require two conditions multiply them: (x>0)*(y>0)",
    "&&": "to require two conditions multiply them: (x>0)*(y>0)",
    "!": "for the opposite of a condition write 1-(x>0); there is no factorial",
    "~": "for the opposite of a condition write 1-(x>0)",
    "?": "for a choice write where(condition, a, b)",
    "{": "use ( ) to group and [ ] for lists",
    "}": "use ( ) to group and [ ] for lists",
    "\\": "LaTeX is not read: write (a)/(b) for a fraction, a*b for a product, sqrt(a), exp(a)",
    "$": "LaTeX is not read, and in a shell single quotes keep a $ from being replaced",
    "//": "for whole quotients write floor(x/y)",
    "∑": "write sum(...)",
    "∏": "write prod(...)",
    "∂": "gradients are what comes out; write only the function",
    "∇": "gradients are what comes out; write only the function",
    "°": "angles are in radians: write x*pi/180",
}
OTHER_HINT = "names are made of letters, digits and _; the operators are + - * / @ % ^"


def tokens(text: str) -> list[Token]:
    """The words of `text`; brackets are known to match.

    >>> [token.kind for token in tokens("2x₁ ≥ y")]
    ['line', 'number', 'name', '>=', 'name', 'end']
    """
    source = plain(text)
    pattern, starts = (ASCII, FIRST) if source.isascii() else (UNICODE, UNICODE_FIRST)
    found = [Token("line", "", 0, 0)]
    opened: list[Token] = []
    fixed, first, special = FIXED.get, starts.get, SPECIAL
    append, new = found.append, tuple.__new__
    end = 0
    for piece in re.findall(pattern, source):
        start = end
        end += len(piece)
        kind = fixed(piece) or first(piece[0], "other")
        if kind in special:
            if kind == "space":
                if found[-1].kind == "line" and found[-1].end == start:
                    found[-1] = Token("line", piece, found[-1].start, end)
                continue
            if kind == "comment":
                continue
            if kind == "line":
                if not opened:
                    begin = found.pop().start if found[-1].kind == "line" else start
                    append(Token("line", "", begin, end))
                continue
            if kind == "other" or kind == "text" or kind == "∞":
                append(unusual(text, piece, kind, start, end))
                continue
            token = Token(kind, piece, start, end)
            if kind == "(" or kind == "[":
                opened.append(token)
            elif opened or kind in CLOSERS:
                token = bracketed(text, opened, token)
            append(token)
        else:
            append(new(Token, (kind, piece, start, end)))
    if opened:
        raise unclosed(text, opened[-1])
    append(Token("end", "", end, end))
    return found


def bracketed(text: str, opened: list[Token], token: Token) -> Token:
    """A closing bracket, = or ; that stands inside brackets, or closes them."""
    if token.kind == "=":
        return token._replace(kind="key")
    if token.kind == ";":
        if "\n" in text[opened[-1].start : token.start]:
            raise unclosed(text, opened[-1])
        hint = 'close the "(" before it, or write a comma'
        if opened[-1].kind == "[":
            hint = "rows are written [[1, 2], [3, 4]]"
        raise wrong(text, token, 'a ";" cannot stand inside brackets', hint)
    if not opened:
        hint = "remove it, or add the one that opens"
        raise wrong(text, token, f'this "{token.kind}" closes nothing', hint)
    if opened[-1].kind != CLOSERS[token.kind]:
        what = f'"{opened[-1].kind}" is closed by "{token.kind}"'
        hint = f'write "{CLOSED_BY[opened[-1].kind]}" here, or close it before'
        raise wrong(text, token, what, hint)
    opened.pop()
    return token


def unusual(text: str, piece: str, kind: str, start: int, end: int) -> Token:
    """A quoted text, or a word with characters outside ASCII; anything else is refused."""
    token = Token("name", piece, start, end)
    if piece[0] in FIRST and FIRST[piece[0]] == "name" and piece.isascii():
        return token
    if kind == "∞":
        return token._replace(text="inf")
    if kind == "text":
        if len(piece) > 1 and piece[-1] == piece[0]:
            return Token("text", piece[1:-1], start, end)
        hint = "write W.T for a transpose, and f(x) = ... for a function"
        if piece[0] == '"':
            hint = 'add a " at the end of the text'
        raise wrong(text, token._replace(end=start + 1), f"this quote is never closed ({piece[0]})", hint)
    if piece[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺":
        return token._replace(kind="raised")
    if len(piece) == 1 and piece in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞":
        return Token("number", repr(unicodedata.numeric(piece)), start, end)
    name = unicodedata.normalize("NFKC", piece)
    if name.isidentifier() and not height(piece[0]):
        return token._replace(text=name)
    raise unknown(text, piece, start)


def unknown(text: str, piece: str, start: int) -> GradcalcError:
    """A character that is not part of the language."""
    bad = piece if piece in HINTS else next((c for c in piece if not c.isalnum() or c.isnumeric()), piece[0])
    start += piece.index(bad)
    token = Token("other", bad, start, start + len(bad))
    high = height(bad[0])
    if high:
        base = unicodedata.normalize("NFKC", bad)
        hint = f"write ^{base}"
        if high == "subscript":
            hint = f"write x{base} for a name or x[{base}] for an entry"
        if bad.isdecimal() or bad.isdigit():
            return wrong(text, token, f"a {high} needs a name before it", hint)
        return wrong(text, token, f'the {high} "{bad}" is not read', hint)
    what = f'"{bad}"' if len(bad) > 1 else described(bad)
    hint = HINTS.get(bad, OTHER_HINT)
    if text.startswith("\\\n", token.start):
        hint = "inside brackets an expression goes on to the next line without it"
    return wrong(text, token, f"{what} is not part of the language", hint)


def unclosed(text: str, token: Token) -> GradcalcError:
    """An opening bracket without its partner."""
    closer = CLOSED_BY[token.kind]
    return wrong(text, token, f'this "{token.kind}" is never closed', f'add the "{closer}" where it ends')


def wrong(text: str, token: Token, message: str, hint: str | None) -> GradcalcError:
    """An error that points at `token`."""
    return GradcalcError(message, kind="syntax", span=(token.start, token.end), hint=hint, source=text)
