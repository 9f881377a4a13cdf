"""Two operands side by side: 2x is a product; what has two readings is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .brackets import Frame, entry, finish
from .characters import POWER as SUPERSCRIPT
from .characters import RAISED, plain
from .lexer import RESERVED, Token
from .operators import DOUBTFUL, MINUS, POWER, PRODUCT, ROOT, TIMES, Operator
from .refusals import OTHER_LANGUAGES, UNBRACKETED, doubtful_product, quoted, refuse, two_readings
from .tree import Item

if TYPE_CHECKING:
    from .expression import Reader

OPERANDS = frozenset(["number", "name", "(", "√", "text", "range"])
OTHER_BASE = re.compile("[xX][0-9a-fA-F]|[bB][01]|[oO][0-7]")


def product(reader: Reader, at: int) -> tuple[int, bool]:
    """A product without a sign, whose right factor starts at token `at`."""
    left, right = reader.tokens[at - 1], reader.tokens[at]
    if right.kind == "text" or left.kind == "text":
        hint = 'such as in einsum("ij,jk->ik", A, B)'
        refuse(reader.source, "quoted text must be a whole argument of a call", right.start, right.end, hint)
    if right.kind in RESERVED:
        hint = "write for t in range(4): or x[range(4), y]"
        refuse(reader.source, "range(...) belongs to a for or a subscript", right.start, right.end, hint)
    transposed = left.kind == ".T" or (left.text == "T" and reader.tokens[at - 2].kind == ".")
    if transposed:
        first, second = text(reader, reader.starts[-1], left.end), following(reader, at)
        readings = (f"{first} @ {second}", f"{first} * {second}")
        two_readings(reader.source, reader.starts[-1], extent(reader, at), *readings)
    if right.kind == "number":
        before_number(reader, at)
    if right.kind == "name" and left.kind == "name":
        two_names(reader, at)
    if right.kind == "name" and left.end == right.start:
        not_a_number(reader, left, right)
    if left.kind == "raised" and right.kind == "(":
        raised_function(reader, at)
    multiply(reader, left.end)
    return at, True


def multiply(reader: Reader, end: int) -> None:
    """Wait for the right factor, whose left one ends at `end`; refuse a doubtful one when it is known."""
    if neighbour(reader) is not None:
        reader.waiting.append(Operator(DOUBTFUL, "", DOUBTFUL, 2, end))
    else:
        reader.reduce(PRODUCT, end)
        reader.waiting.append(TIMES)


def neighbour(reader: Reader) -> Operator | None:
    """The operator before the last operand that makes a product without a sign doubtful."""
    for operator in reversed(reader.waiting):
        if operator.level == ROOT and bracketed(reader):
            continue
        if operator.level in (POWER, ROOT) or operator.symbol in ("/", "%", "@"):
            return operator
        if operator.level != MINUS:
            return None
    return None


def bracketed(reader: Reader) -> bool:
    """Whether the last operand starts with a round bracket of its own."""
    return plain(reader.source[reader.starts[-1]]) == "("


def doubtful(reader: Reader, operator: Operator, end: int) -> None:
    """Refuse a doubtful product, now that its right factor is known; it ends at `end`."""
    starts, waiting = reader.starts, reader.waiting
    right, middle = starts[-1], starts[-2]
    depth = len(waiting) - 1
    while waiting[depth].level == MINUS or (waiting[depth].level == ROOT and reader.source[middle] == "("):
        middle = waiting[depth].place
        depth -= 1
    left = starts[-3] if waiting[depth].operands == 2 else waiting[depth].place
    doubtful_product(
        reader.source, waiting[depth], left, (middle, operator.place), (right, end), reader.bound
    )


def before_number(reader: Reader, at: int) -> None:
    """Refuse a number right after an operand."""
    left, right, after = reader.tokens[at - 1 : at + 2]
    source, begin = reader.source, reader.starts[-1]
    first, second = text(reader, begin, left.end), right.text
    if left.kind == "number":
        if left.end == right.start:
            hint = "a number has one point, as in 0.5"
            refuse(source, f"{left.text}{second} is not a number", left.start, right.end, hint)
        listed = bool(reader.frames) and reader.frames[-1].kind in ("list", "call")
        other = f"{first}, {second}" if listed else f"{first}{second}"
        two_readings(source, left.start, right.end, f"{first}*{second}", other)
    function = left.text in UNBRACKETED and left.text not in reader.bound
    if function and after.kind == "name" and after.start == right.end:  # sin 2x
        readings = f"{first}({second}{after.text})", f"{first}({second})*{after.text}"
        two_readings(source, left.start, after.end, *readings)
    if left.kind == "name":
        other = f"{first}{second}" if left.text in reader.bound else f"{first}({second})"
        two_readings(source, left.start, right.end, f"{first}*{second}", other)
    two_readings(source, begin, right.end, f"{first}*{second}", f"{first}^{second}")


def two_names(reader: Reader, at: int) -> None:
    """Refuse x y."""
    left, right = reader.tokens[at - 1], reader.tokens[at]
    for token in (left, right):
        if token.text in OTHER_LANGUAGES and token.text not in reader.bound:
            what = f'"{token.text}" is not a word of the language'
            refuse(reader.source, what, token.start, token.end, OTHER_LANGUAGES[token.text])
    second = following(reader, at)
    readings = [f"{left.text}*{second}", f"{left.text}{second}"]
    if left.text not in reader.bound:
        readings = [f"{left.text}({second})", f"{left.text}*{second}"]
    elif reader.frames and reader.frames[-1].kind in ("list", "call"):
        readings[1] = f"{left.text}, {second}"
    two_readings(reader.source, left.start, extent(reader, at), *readings)


def not_a_number(reader: Reader, left: Token, right: Token) -> None:
    """Refuse what other languages take for numbers: 0x1F, 1_000, 1j; and x_1 after brackets or bars."""
    both = f"{left.text}{right.text}"
    if left.kind in ("|", "||", ")", "]") and right.text.startswith("_"):
        hint = "norm(x) is the 2-norm, sum(abs(x)) the 1-norm, max(abs(x)) the largest entry"
        refuse(reader.source, "a subscript after a bracket is not read", right.start, right.end, hint)
    if left.kind != "number":
        return
    what, span = f"{both} is not a number here", (left.start, right.end)
    if left.text == "0" and OTHER_BASE.match(right.text):
        refuse(reader.source, what, *span, "numbers are decimal: write 31 for 0x1F")
    if right.text[0] == "_":
        digits = both.replace("_", "")
        hint = f"write {digits}" if digits.isdigit() else "write it without the _"
        refuse(reader.source, what, *span, hint)
    if right.text in ("j", "J") and right.text not in reader.bound:
        hint = f"there are no complex numbers; write {left.text}*{right.text} if {right.text} is a variable"
        refuse(reader.source, what, *span, hint)


def raised_function(reader: Reader, at: int) -> None:
    """Refuse sin²(x): the square of sin(x), or sin² times x?"""
    base = reader.items[reader.items[-1].args[0]] if reader.items[-1].args else None
    if base is None or base.kind != "name" or base.value in reader.bound or base.value in ("e", "pi"):
        return
    if plain(reader.source[reader.starts[-1]]) == "(":
        return
    power, inside = lowered(reader.tokens[at - 1].text), reader.enclosed(at)
    end = reader.tokens[reader.partner(at)].end
    readings = (f"{base.value}{inside}^{power}", f"{base.value}^{power}*{inside}")
    two_readings(reader.source, base.start, end, *readings)


def raised(reader: Reader, at: int) -> tuple[int, bool]:
    """A superscript after an operand: x² is x^2, and x⁻¹ is x^-1."""
    token = reader.tokens[at]
    if not SUPERSCRIPT.fullmatch(token.text):
        hint = "a superscript is a whole number, such as ² or ⁻¹; write other powers with ^"
        refuse(reader.source, f"the superscript {token.text} is not a number", token.start, token.end, hint)
    power = lowered(token.text)
    before = reader.tokens[at - 1]
    if before.kind == "raised":
        base, first = text(reader, reader.starts[-1], before.start), lowered(before.text)
        readings = (f"({base}^{first})^{power}", f"{base}^{first}{power}")
        two_readings(reader.source, reader.starts[-1], token.end, *readings)
    for operator in reader.waiting[:-3:-1]:  # one minus is looked through, not a chain of them
        if operator.level == ROOT:
            base = text(reader, reader.starts[-1], token.start)
            readings = (f"√({base}^{power})", f"(√{base})^{power}")
            two_readings(reader.source, operator.place, token.end, *readings)
        if operator.level == POWER:
            start = reader.starts[-2]
            below = text(reader, start, token.start)
            first = text(reader, start, reader.items[reader.values[-2]].end)
            rest = below[len(first) :].lstrip(" )")
            sign = "**" if rest.startswith("**") else "^"
            exponent = rest.removeprefix(sign).strip()
            readings = (f"{first}{sign}({exponent}^{power})", f"({below})^{power}")
            two_readings(reader.source, start, token.end, *readings)
        if operator.level != MINUS:
            break
    place = len(reader.items)
    digits = power.lstrip("-")
    reader.items.append(Item("number", float(digits), (), token.end - len(digits), token.end))
    if power[0] == "-":
        reader.items.append(Item("op", "neg", (place,), token.start, token.end))
    args = (reader.values.pop(), len(reader.items) - 1)
    reader.put("op", "**", args, reader.starts.pop(), token.end)
    return at + 1, False


def power(reader: Reader, at: int) -> None:
    """Refuse a power sign after √x and x², and W^T where T is no variable."""
    before, after = reader.tokens[at - 1], reader.tokens[at + 1]
    operator = reader.waiting[-1]
    transposed = after.kind == "name" and after.text == "T" and "T" not in reader.bound
    if operator.level != ROOT and before.kind != "raised" and not transposed:
        return
    exponent = after.text if after.kind in ("number", "name") else "n"
    base = text(reader, reader.starts[-1], before.end)
    if operator.level == ROOT:
        readings = (f"√({base}^{exponent})", f"(√{base})^{exponent}")
        two_readings(reader.source, operator.place, after.end, *readings)
    if before.kind == "raised":
        inner = base.removesuffix(before.text)
        square = lowered(before.text)
        readings = (f"{inner}^({square}^{exponent})", f"({inner}^{square})^{exponent}")
        two_readings(reader.source, reader.starts[-1], after.end, *readings)
    what = f"{quoted(base)}^T has two readings"
    hint = f"write {quoted(base)}.T for the transpose; for a power, give T a value"
    refuse(reader.source, what, reader.starts[-1], after.end, hint)


def bars(reader: Reader, frame: Frame | None, at: int) -> tuple[int, bool]:
    """A bar after an operand: it closes, or the text has two readings."""
    token, before = reader.tokens[at], reader.tokens[at - 1]
    if frame is not None and frame.kind == token.kind:
        entry(reader, frame, at)
        return finish(reader, frame, at)
    inside = frame is not None and frame.kind in ("|", "||")
    if not inside and before.kind == "number":
        multiply(reader, before.end)  # 2|x|, with no bar that could be closed here
        return at, True
    last = at
    depth = 0
    for place in range(at, len(reader.tokens)):
        kind = reader.tokens[place].kind
        depth += (kind in ("(", "[")) - (kind in (")", "]"))
        if depth < 0 or (depth == 0 and kind in ("line", "end", ";", ",")):
            break
        if kind in ("|", "||"):
            last = place
    end = reader.tokens[last].end
    if frame is not None and inside:
        whole = text(reader, frame.start, end)
        if last == at and (token.kind == "|" or len(reader.frames) < 2 or reader.frames[-2].kind != "|"):
            what = f'"{frame.kind}" is closed by "{token.kind}"'
            hint = "write |x| or abs(x) for an absolute value, ||x|| or norm(x) for a norm"
            refuse(reader.source, what, token.start, token.end, hint)
        if token.kind == "|":
            two_readings(reader.source, frame.start, end, f"abs({whole[1:-1].strip()})", "norm(...)")
        outer = [*reader.frames]
        while len(outer) > 1 and outer[-2].kind in ("|", "||"):
            outer.pop()
        begin = outer[-1].start
        between = "|*|" if outer[-1] is frame else "| |"
        reading = text(reader, begin, token.start) + between + text(reader, token.end, end)
        two_readings(reader.source, begin, end, reading, "norm(...)")
    start = reader.starts[-1]
    first = text(reader, start, before.end)
    if last == at:
        if reader.tokens[at + 1].kind not in OPERANDS:
            hint = "add the one that opens; an absolute value is written |x| or abs(x)"
            refuse(reader.source, f'this "{token.kind}" closes nothing', token.start, token.end, hint)
        second, end = following(reader, at + 1), extent(reader, at + 1)
    else:
        second = text(reader, token.end, reader.tokens[last].start)
    function = "abs" if token.kind == "|" else "norm"
    two_readings(reader.source, start, end, f"{first}*{function}({second})", f"max({first}, {second})")


def following(reader: Reader, at: int) -> str:
    """The operand that starts at token `at`, for a message."""
    return text(reader, reader.tokens[at].start, extent(reader, at))


def extent(reader: Reader, at: int) -> int:
    """Where the operand that starts at token `at` ends, the brackets of a call included."""
    token = reader.tokens[at]
    if token.kind == "(":
        return reader.tokens[reader.partner(at)].end
    if token.kind == "name" and reader.tokens[at + 1].kind == "(":
        return reader.tokens[reader.partner(at + 1)].end
    return token.end


def text(reader: Reader, start: int, end: int) -> str:
    """A stretch of the source in plain characters, for a message."""
    return plain(reader.source[start:end]).strip()


def lowered(superscript: str) -> str:
    """A superscript on the line."""
    return "".join(RAISED.get(c, c) for c in superscript)
