"""A text to a program: statements, definitions and loops, without recursion."""

from __future__ import annotations

import gc
from collections.abc import Collection

from ..errors import Span
from .expression import Reader
from .lexer import Token, tokens
from .refusals import refuse
from .scope import declared, shadowed
from .statements import begins, defines, unfinished, unpacking
from .tree import Bind, Define, For, Part, Program, Statement

MAX_TEXT = 64 * 2**20
MAX_DEPTH = 200


def parse(
    text: str, *, bound: Collection[str] = (), max_text: int = MAX_TEXT, max_depth: int = MAX_DEPTH
) -> Program:
    """What `text` says, or a GradcalcError of kind "syntax" or "limit" that shows where it says nothing.

    `bound` are the variables that get their values from outside; what the text itself binds is known.

    >>> [statement.name for statement in parse("x = 2; q = 3x").statements]
    ['x', 'q']
    """
    if len(text) > max_text:
        what = f"the text has {len(text):,} characters, more than {max_text:,}"
        refuse(text, what, 0, 0, f"--max-text {len(text)} allows it", "limit")
    # A parse makes objects and drops none: the collector would walk all of them again and again.
    collecting = gc.isenabled()
    gc.disable()
    try:
        words = tokens(text)
        variables, functions = declared(words)
        reader = Reader(text, words, variables.union(bound), functions, max_depth)
        parser = Parser(reader)
        statements = parser.program()
    finally:
        if collecting:
            gc.enable()
    if not statements:
        refuse(text, "there is no expression here", 0, 0, 'write one, such as "(x+y)*z"')
    news = parser.news if all(type(statement) is Bind for statement in parser.news) else statements
    return Program(text, reader.items, statements, tuple(news))


class Block:
    """The statements of the program, or of one for that is still open."""

    def __init__(self, outer: str = "", inline: bool = False) -> None:
        self.statements: list[Statement] = []
        self.outer = outer  # the indentation of the for's own line
        self.indent: str | None = None  # that of the body, as soon as it is known
        self.inline = inline  # the body is on the for's line
        self.head: tuple[Token, Token, Part, Token] | None = None  # for, its name, its range, the colon


class Parser:
    """Reads the statements of a program one after the other."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.source = reader.source
        self.tokens = reader.tokens
        self.blocks = [Block()]
        self.news: list[Statement] = []
        self.met = 0  # how many names had been used before this statement
        self.names: set[str | None] = set()  # those that were bound

    def program(self) -> tuple[Statement, ...]:
        """All statements."""
        at, indent = 0, ""
        while True:
            token = self.tokens[at]
            if token.kind == "line":
                if self.tokens[at + 1].kind != "end":
                    indent = token.text
                    self.indentation(self.tokens[at + 1], indent)
                at += 1
            elif token.kind == "end":
                while len(self.blocks) > 1:
                    self.close()
                return tuple(self.blocks[0].statements)
            elif token.kind == ";":
                at += 1
            elif token.kind == "for":
                at = self.loop(at, indent)
            else:
                at = self.statement(at)

    def statement(self, at: int) -> int:
        """A binding, a definition or an expression, and the sign that ends it."""
        first = self.tokens[at]
        following = self.tokens[at + 1].kind
        if following == "=" and first.kind == "name":
            value = self.reader.expression(at + 2)
            self.add(Bind(first.text, Span(first.start, first.end), value, self.since(first)))
        elif defines(self.reader, at):
            self.add(self.definition(at))
        elif following == "=" and first.kind in ("in", "with", "range"):
            hint = "the reserved words are for, in, with and range"
            refuse(self.source, f'"{first.text}" cannot be a name', first.start, first.end, hint)
        elif first.kind == "with":
            hint = "write it on the same line: f(x) = x^2  with  dx = 2*x"
            refuse(self.source, '"with" belongs to a definition', first.start, first.end, hint)
        else:
            value = self.reader.expression(at)
            self.add(Bind(None, Span(first.start, first.start), value, self.since(first)))
        end = self.reader.at
        if self.tokens[end].kind == "," and begins(self.reader, end + 1):
            if end == at + 1 and first.kind == "name":
                unpacking(self.reader, at)
            return end + 1
        if self.tokens[end].kind not in (";", "line", "end"):
            unfinished(self.reader, at, end)
        return end

    def definition(self, at: int) -> Define:
        """name(params) = body, perhaps with the gradients of the parameters."""
        name, params = self.tokens[at], self.parameters(at + 1)
        reader = self.reader
        with shadowed(reader, params):
            body = reader.expression(reader.partner(at + 1) + 2)
            formulas: dict[str, Part] = {}
            if self.tokens[reader.at].kind == "with":
                with shadowed(reader, [name.text]):
                    self.gradients(name, params, formulas)
        span = Span(name.start, name.end)
        return Define(name.text, span, tuple(params), body, formulas, self.since(name))

    def parameters(self, at: int) -> list[str]:
        """The names between the brackets of a definition; `at` is the opening one."""
        params: dict[str, None] = {}  # in order
        last = self.reader.partner(at)
        hint = "a definition is written f(x, y) = ..."
        if last == at + 1:
            what = "a function needs a parameter"
            refuse(self.source, what, self.tokens[at].start, self.tokens[last].end, hint)
        for place in range(at + 1, last):
            token = self.tokens[place]
            expected = "," if (place - at) % 2 == 0 else "name"
            if token.kind != expected or (token.kind == "," and place == last - 1):
                what = "a function's parameters are names with commas between them"
                refuse(self.source, what, token.start, token.end, hint)
            if token.text in params:
                what = f"the parameter {token.text} occurs twice"
                refuse(self.source, what, token.start, token.end, "give each one a name of its own")
            if token.kind == "name":
                params[token.text] = None
        return list(params)

    def gradients(self, name: Token, params: list[str], formulas: dict[str, Part]) -> None:
        """with da = ..., db = ...: the gradients that a definition declares."""
        known = {"d" + param: param for param in params}
        at = self.reader.at + 1
        hint = f"{name.text} has {', '.join(known)}"
        while True:
            token = self.tokens[at]
            if token.kind != "name" or self.tokens[at + 1].kind != "=":
                what = '"with" must be followed by a gradient'
                refuse(self.source, what, token.start, token.end, f"write with {next(iter(known))} = ...")
            if token.text not in known:
                what = f"{token.text} is not the gradient of a parameter"
                refuse(self.source, what, token.start, token.end, hint)
            if known[token.text] in formulas:
                what = f"{token.text} is given twice"
                refuse(self.source, what, token.start, token.end, "remove one of them")
            formulas[known[token.text]] = self.reader.expression(at + 2)
            at = self.reader.at + 1
            if self.tokens[at - 1].kind != "," or self.tokens[at].text not in known:
                return

    def loop(self, at: int, indent: str) -> int:
        """for name in range(...): and, if it is on the same line, the way into its body."""
        head, name, word = self.tokens[at : at + 3] if len(self.tokens) > at + 3 else [self.tokens[at]] * 3
        hint = "write for t in range(4):"
        if name.kind != "name" or word.kind != "in":
            wrong = name if name.kind != "name" else word
            refuse(self.source, 'a for is followed by one name and "in"', wrong.start, wrong.end, hint)
        if len(self.blocks) > self.reader.max_depth:
            what = f"loops are nested more than {self.reader.max_depth} deep"
            allowed = f"--max-depth {2 * self.reader.max_depth} allows more"
            refuse(self.source, what, head.start, head.end, allowed, "limit")
        self.reader.in_for = True
        over = self.reader.expression(at + 3)
        self.reader.in_for = False
        colon = self.tokens[self.reader.at]
        root = self.reader.items[over.root]
        ranged = self.tokens[at + 3].kind == "range"
        if ranged and (root.value != "range" or colon.kind != ":"):
            end = self.tokens[self.reader.partner(at + 4)].end
            refuse(self.source, 'a ":" is missing after the range', end, end, hint)
        if not ranged or root.kind != "call":
            refuse(self.source, "a for runs over a range", root.start, root.end, hint)
        inline = self.tokens[self.reader.at + 1].kind not in ("line", "end")
        block = Block(indent, inline)
        block.head = (head, name, over, colon)
        self.blocks.append(block)
        return self.reader.at + 1

    def indentation(self, token: Token, indent: str) -> None:
        """Open and close blocks for a new line that starts with `token`, indented by `indent`."""
        while self.blocks[-1].inline:
            self.close()
        block = self.blocks[-1]
        if block.head is not None and block.indent is None:
            if not indent.startswith(block.outer) or indent == block.outer:
                self.no_body(block)
            block.indent = indent
        while len(self.blocks) > 1 and indent != block.indent:
            if len(indent) > len(block.outer) or not block.outer.startswith(indent):
                what = "this line is indented like no line above it"
                both = indent + (block.indent or "")
                hint = "give all lines of a for the same indentation"
                if " " in both and "\t" in both:
                    hint = "indent with spaces only, or with tabs only"
                refuse(self.source, what, token.start, token.end, hint)
            self.close()
            block = self.blocks[-1]

    def close(self) -> None:
        """Finish the innermost for."""
        block = self.blocks.pop()
        if block.head is None or not block.statements:
            self.no_body(block)
        else:
            head, name, over, _ = block.head
            body = tuple(block.statements)
            span = Span(head.start, body[-1].span.end)
            self.add(For(name.text, Span(name.start, name.end), over, body, span))

    def no_body(self, block: Block) -> None:
        """Refuse a for that repeats nothing."""
        if block.head is not None:
            head, _, _, colon = block.head
            hint = "put statements after the colon, or on the next lines, indented"
            refuse(self.source, "this for repeats nothing", head.start, colon.end, hint)

    def add(self, statement: Statement) -> None:
        """Append to the innermost block."""
        self.blocks[-1].statements.append(statement)
        met = len(self.reader.met)
        if met > self.met or statement[0] not in self.names or type(statement) is not Bind:
            self.met = met
            self.names.add(statement.name)
            self.news.append(statement)

    def since(self, first: Token) -> Span:
        """From `first` to the end of the last expression."""
        return Span(first.start, self.tokens[self.reader.at - 1].end)
