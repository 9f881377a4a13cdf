"""Tokens to items, by precedence and with stacks of its own: however long or deep, nothing recurses.

`values` holds the finished operands, `waiting` the operators whose right operand is still being read, and
`frames` the open brackets. An operator is done as soon as a looser one follows it.
"""

from __future__ import annotations

from . import adjacent, names
from .brackets import Frame, close, colon, comma, dangling
from .lexer import Token
from .operators import BASE, COMPARE, DOUBTFUL, INFIX, LOOSEST, MINUS, POWER, ROOT, Operator
from .refusals import doubtful_comparison, no_value, refuse
from .tree import Item, Part

INFINITY = float("inf")
SIGNS = {"-": (MINUS, "neg"), "√": (ROOT, "sqrt")}
OPENERS = {"(": "group", "[": "list", "|": "|", "||": "||"}
LOOKED_AT = frozenset(["(", ".", "key"])  # after a name: a call, a prefix or a method, a keyword


class Reader:
    """Reads the expressions of one text into one arena."""

    def __init__(
        self, source: str, tokens: list[Token], bound: set[str], defined: set[str], max_depth: int
    ) -> None:
        self.source = source
        self.tokens = tokens
        self.bound = bound  # variables
        self.defined = defined  # functions of the program
        self.max_depth = max_depth
        self.in_for = False  # range(...) is welcome
        self.items: list[Item] = []
        self.met: set[str] = set()  # the names that the items use
        self.values: list[int] = []  # positions of finished operands
        self.starts: list[int] = []  # where each of them starts, its brackets included
        self.waiting: list[Operator] = [BASE]
        self.frames: list[Frame] = []
        self.at = 0  # the token after the last expression

    def expression(self, at: int) -> Part:
        """Read one expression from token `at`, up to the first token that cannot belong to it."""
        tokens, items, values, starts, waiting, met = (
            self.tokens, self.items, self.values, self.starts, self.waiting, self.met
        )  # fmt: skip
        infix, new = INFIX.get, tuple.__new__
        first = len(items)
        due = True  # an operand is due, not an operator
        while True:
            kind, text, start, end = tokens[at]
            if due:
                if kind == "name" and tokens[at + 1][0] not in LOOKED_AT:
                    values.append(len(items))
                    starts.append(start)
                    items.append(new(Item, ("name", text, (), start, end, (), "")))
                    met.add(text)
                    due = False
                    at += 1
                elif kind == "number":
                    number = float(text)
                    if number == INFINITY:
                        refuse(self.source, "this number is too large", start, end, "write inf for infinity")
                    values.append(len(items))
                    starts.append(start)
                    items.append(new(Item, ("number", number, (), start, end, (), "")))
                    due = False
                    at += 1
                else:
                    at, due = self.operand(at)
                continue
            operator = infix(kind)
            if operator is None:
                follows = self.after(at)
                if follows is None:
                    break
                at, due = follows
                continue
            level = operator[0]
            if level == POWER:
                adjacent.power(self, at)
            if waiting[-1][0] >= operator[2]:
                self.reduce(operator[2], tokens[at - 1][3])
            if level == COMPARE and waiting[-1][0] == COMPARE:
                operator = operator._replace(place=tokens[at - 1][3], operands=0)
            waiting.append(operator)
            at += 1
            due = True
        self.reduce(LOOSEST, tokens[at - 1][3])
        values.pop()
        starts.pop()
        self.at = at
        return Part(first, len(items) - 1)

    def reduce(self, level: int, end: int) -> None:
        """Finish the waiting operators that bind at least as tightly as `level`; operands end at `end`."""
        items, values, starts, waiting = self.items, self.values, self.starts, self.waiting
        new = tuple.__new__
        while waiting[-1][0] >= level:
            operator = waiting.pop()
            if operator[3] == 2 and operator[0] != DOUBTFUL:
                right = values.pop()
                starts.pop()
                operands = (values[-1], right)
                values[-1] = len(items)
                items.append(new(Item, ("op", operator[1], operands, starts[-1], end, (), "")))
            elif operator.operands == 1:
                kind = "call" if operator.level == ROOT else "op"
                items.append(Item(kind, operator.symbol, (values[-1],), operator.place, end))
                values[-1] = len(items) - 1
                starts[-1] = operator.place
            elif operator.level == DOUBTFUL:
                adjacent.doubtful(self, operator, end)
            else:
                doubtful_comparison(self.source, starts[-3], (starts[-2], operator.place), end)

    def operand(self, at: int) -> tuple[int, bool]:
        """What stands where an operand is due, other than a number or a plain name."""
        token = self.tokens[at]
        kind = token.kind
        fresh = self.waiting[-1] is BASE
        if kind == "name":
            return names.named(self, at)
        if kind == "+":
            return at + 1, True
        if kind == "-" and self.waiting[-1].level == ROOT:
            refuse(self.source, "√ takes the value right after it", token.start, token.end, "write √(-x)")
        if kind in SIGNS:
            self.waiting.append(Operator(*SIGNS[kind], LOOSEST, 1, token.start))
            return at + 1, True
        if kind in OPENERS:
            self.open(Frame(OPENERS[kind], token.start, token.end, len(self.values)))
            return at + 1, True
        if kind == "range":
            return names.ranged(self, at)
        frame = self.frames[-1] if self.frames else None
        if frame is not None and fresh:
            if kind == "text":
                return self.text(frame, at)
            if kind in (",", ")", "]", ":", "..."):
                follows = dangling(self, frame, at)
                if follows is not None:
                    return follows
        no_value(self.source, token, self.tokens[at - 1])

    def after(self, at: int) -> tuple[int, bool] | None:
        """What follows an operand, other than an infix operator; None where the expression ends."""
        token = self.tokens[at]
        kind = token.kind
        frame = self.frames[-1] if self.frames else None
        if kind == "," and frame is not None:
            return comma(self, frame, at)
        if kind in (")", "]") and frame is not None:
            return close(self, frame, at)
        if kind == "[":
            if self.tokens[at - 1].kind == "number":
                left, right = self.tokens[at - 1].text, self.enclosed(at)
                hint = f"write {left}*{right} for a product"
                refuse(self.source, "a number has no entries", token.start, token.end, hint)
            self.open(Frame("index", token.start, token.end, len(self.values) - 1), self.starts[-1])
            return at + 1, True
        if kind == ".":
            return names.dotted(self, at)
        if kind == ".T":
            self.put("op", ".T", (self.values.pop(),), self.starts.pop(), token.end)
            return at + 1, False
        if kind == "raised":
            return adjacent.raised(self, at)
        if kind in ("|", "||"):
            return adjacent.bars(self, frame, at)
        if kind == ":" and frame is not None and frame.kind == "index":
            return colon(self, frame, at, True)
        if kind in adjacent.OPERANDS:
            return adjacent.product(self, at)
        if frame is not None:
            self.interrupted(frame, token)
        return None

    def text(self, frame: Frame, at: int) -> tuple[int, bool]:
        """Quoted text, which must be a whole argument of a call."""
        token = self.tokens[at]
        if frame.kind != "call" or self.tokens[at + 1].kind not in (",", ")"):
            no_value(self.source, token, self.tokens[at - 1])
        self.put("text", token.text, (), token.start, token.end)
        return at + 1, False

    def interrupted(self, frame: Frame, token: Token) -> None:
        """Refuse a token that ends an expression inside brackets."""
        if frame.kind in ("|", "||"):
            self.unclosed_bar(frame)
        what, hint = f'"{token.text}" cannot stand inside brackets', "close the brackets before it"
        if token.kind == "key":
            hint = "to compare write ==; a call's keyword stands at the start of an argument: sum(x, axis=0)"
        elif token.kind == "for":
            hint = "write the entries out, or use for t in range(...): as a line of its own"
        elif token.kind == ":":
            hint = "a colon stands only in a subscript, as in x[1:3]"
        elif token.kind == "in":
            hint = '"in" belongs to for t in range(...):'
        refuse(self.source, what, token.start, token.end, hint)

    def unclosed_bar(self, frame: Frame) -> None:
        """Refuse a bar without its partner."""
        function = "abs(x)" if frame.kind == "|" else "norm(x)"
        hint = f"add the one that closes it, or write {function}"
        refuse(self.source, f'this "{frame.kind}" is never closed', frame.start, frame.end, hint)

    def open(self, frame: Frame, place: int | None = None) -> None:
        """Open a bracket; `place` is where the whole begins, where that is not the bracket."""
        if len(self.frames) >= self.max_depth:
            what = f"brackets are nested more than {self.max_depth} deep"
            hint = f"--max-depth {2 * self.max_depth} allows more"
            refuse(self.source, what, frame.start, frame.end, hint, "limit")
        if place is not None:
            frame.place = place
        self.frames.append(frame)
        self.waiting.append(BASE)

    def name(self, name: str, start: int, end: int) -> None:
        """Add the use of a name."""
        self.put("name", name, (), start, end)
        self.met.add(name)

    def put(self, kind: str, value: object, args: tuple[int, ...], start: int, end: int) -> None:
        """Add an item and make it the operand that was read last."""
        self.values.append(len(self.items))
        self.starts.append(start)
        self.items.append(Item(kind, value, args, start, end))

    def enclosed(self, at: int) -> str:
        """The text from the opening bracket at token `at` to the one that closes it."""
        return self.source[self.tokens[at].start : self.tokens[self.partner(at)].end]

    def partner(self, at: int) -> int:
        """The token that closes the bracket at token `at`."""
        depth = 0
        while True:
            kind = self.tokens[at].kind
            depth += (kind in ("(", "[")) - (kind in (")", "]"))
            if not depth:
                return at
            at += 1
