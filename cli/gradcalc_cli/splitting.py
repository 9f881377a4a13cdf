"""A command line taken apart: one dash is a variable, two dashes are an option, and nothing is short."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from gradcalc.errors import GradcalcError, nearest

# What every command line needs is compiled here, the rest when it is first used.
BINDING = re.compile(r"-([^\W\d]\w*)(?:=(.*))?", re.S)  # one dash, a name, perhaps =VALUE
BARE = r"(?s)([^\W\d]\w*)=(?!=)(.*)"  # name=VALUE, after the expression
OPTION = re.compile(r"--[a-zA-Z][\w-]*(=.*)?", re.S)
CONSTANTS = {"inf", "nan", "pi", "e", "π"}  # -inf is a value where one is due
DASHES = "−–—‐‑‒―﹣－"
# df/dx=-4, ∂f/∂x=-4, x.grad=-4 after the expression: an answer, with or without a dash
GRADIENT = rf"(?s)([-{DASHES}]?)([d∂δ]\w+/[d∂δ]\w+|[^\W\d]\w*\.grad|∂\w+)\s*(?:=(?!=)\s*(.*))?"
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
RAISED = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")
SPLIT_DECIMAL = r"-\w+=-?\d+"


class Words(NamedTuple):
    """A command line taken apart: Typer's options, the words that are neither, and the variables' values."""

    options: list[str]
    words: list[str]
    bindings: dict[str, str]
    help: bool = False


# Options that may stand without a value, and what they mean then.
OPTIONAL = {"--expand": "*"}
# Options that take all the NAME=SHAPE words behind them.
GREEDY = {"--shapes"}
SHAPED = r"[^\W\d][\w.]*=(\(?[\dx×, ]*\)?|scalar)"


class Splitter:
    """Takes one command line apart; `takes` are the options with a value, `flags` those without."""

    def __init__(
        self,
        command: str,
        takes: set[str],
        flags: set[str],
        forgiving: bool = False,
        one_word: bool = True,
        variables: bool = True,
    ) -> None:
        self.command = command
        self.takes = takes
        self.known = takes | flags
        self.one_word = one_word
        self.variables = variables  # whether the command takes any
        self.forgiving = forgiving  # while a shell asks for completions, nothing is an error
        self.options: list[str] = []
        self.words: list[str] = []
        self.bindings: dict[str, str] = {}
        self.last = ""  # the last binding as it was typed
        self.before: list[str] = []  # the names of the bindings before the first word too many

    def split(self, args: Sequence[str]) -> Words:
        """The words of the command line, by what they are."""
        todo = list(args)[::-1]
        wants_help = False
        while todo:
            token = todo.pop()
            dashed = token.startswith(tuple(DASHES)) and token[1:2] not in DASHES
            word = "-" + token[1:] if dashed else token
            binding = match_name(BINDING, word)
            if word == "--":
                self.rest(todo[::-1])
                break
            if OPTION.fullmatch(word):
                self.option(word, todo)
            elif binding is None:
                self.word(token, todo)
            elif binding[1] == "" and todo and not self.lacks_value(todo):
                value = todo.pop()
                self.fail(f"{word} is followed by a blank", f"write {word}{value} or {word[:-1]} {value}")
            elif binding[1] is not None:
                self.bind(binding[0], binding[1], word)
            elif self.lacks_value(todo):
                if binding[0] in ("h", "help"):
                    wants_help = True
                else:
                    self.without_value(word, todo)
            else:
                self.bind(binding[0], todo.pop(), word)
        wants_help = wants_help or "--help" in self.options
        if len(self.words) > 1 and self.one_word and not wants_help:
            self.fail(f"two expressions are given: {self.words[0]} and {self.words[1]}", self.two_words())
        return Words(self.options, self.words, self.bindings, wants_help)

    def fail(self, message: str, hint: str | None = None) -> None:
        """Refuse the command line."""
        if not self.forgiving:
            raise GradcalcError(message, kind="usage", hint=hint)

    def option(self, word: str, todo: list[str]) -> None:
        """A long option, glued to its value so that no value is taken for something else."""
        name, equals, _ = word.partition("=")
        if name not in self.known:
            return self.unknown(name, word)
        if name not in self.takes or equals:
            if equals and name not in self.takes:
                self.fail(f"{name} takes no value")
            self.options.append(word)
        elif name in OPTIONAL and not (self.words and todo and todo[-1].isidentifier()):
            self.options.append(f"{name}={OPTIONAL[name]}")
        elif not todo or todo[-1] == "--" or todo[-1].partition("=")[0] in self.known:
            self.fail(f"{name} needs a value", f"gradcalc {self.command} --help shows how it is used")
        else:
            value = [todo.pop()]
            while name in GREEDY and todo and re.fullmatch(SHAPED, todo[-1]):
                value.append(todo.pop())
            self.options.append(f"{name}={' '.join(value)}")

    def unknown(self, name: str, word: str) -> None:
        """An option that does not exist."""
        bare = name[2:]
        near = nearest(bare, [known[2:] for known in self.known])
        if near is not None and len(bare) > 1:
            hint = f"did you mean --{near}?"
        elif bare.isidentifier() and self.variables:
            hint = f"a variable takes one dash: {word[1:]}" + ("" if "=" in word else " VALUE")
        else:
            hint = f"gradcalc {self.command} --help lists the options"
        self.fail(f"there is no option {name}", hint)

    def lacks_value(self, todo: list[str]) -> bool:
        """Whether the next word can't be a variable's value."""
        if not todo or todo[-1] == "--" or OPTION.fullmatch(todo[-1]):
            return True
        following = match_name(BINDING, todo[-1])
        return following is not None and (following[1] is not None or following[0] not in CONSTANTS)

    def without_value(self, word: str, todo: list[str]) -> None:
        """A variable at the end, or before another one."""
        hint = f"write {word} 2 or {word}=-2"
        if not self.words:
            hint += f"; an expression that is just {word} goes after --"
        elif todo and match_name(BINDING, todo[-1]):
            hint += f"; if {todo[-1]} is its value, write {word}={todo[-1]}"
        self.fail(f"{word} needs a value", hint)

    def bind(self, name: str, value: str, typed: str) -> None:
        """A variable and its value."""
        if name in self.bindings:
            self.fail(f"-{name} is given twice", f"its values are {self.bindings[name]} and {value}")
        self.bindings[name] = value
        self.last = typed

    def gradient(self, token: str, todo: list[str]) -> bool:
        """Take an answer whose name can't be a variable's: df/dx=-4, -df/dx -4."""
        found = re.fullmatch(GRADIENT, token)
        if found is None:
            return False
        if found[3] is None and (not found[1] or not todo):
            self.fail(f"{found[2]} needs a value", f"write {found[2]}=-2")
            return False
        self.bind(found[2], todo.pop() if found[3] is None else found[3], token)
        return True

    def word(self, token: str, todo: list[str]) -> None:
        """A word without dashes: the expression, name=VALUE after it, or one too many."""
        if self.words and self.command == "check" and self.gradient(token, todo):
            return None
        bare = match_name(BARE, token) if self.words else None
        if bare is not None and bare[1] is not None:
            return self.bind(bare[0], bare[1], token)
        if token[:1] == "." and token[1:2].isdigit() and re.fullmatch(SPLIT_DECIMAL, self.last):
            name, _, whole = self.last.partition("=")
            self.fail(
                f"{token} is left over",
                f"PowerShell splits {self.last}{token} at the point: "
                f'write {name} {whole}{token} or "{self.last}{token}"',
            )
        if len(self.words) == 1:
            self.before = list(self.bindings)
        self.words.append(token)

    def rest(self, words: list[str]) -> None:
        """What follows --: the expression, and then only name=VALUE."""
        for word in words:
            binding = match_name(BINDING, word)
            if self.words and (binding is not None or OPTION.fullmatch(word)):
                self.fail(f"{word} is left over after --", "variables and options come before --: -x 3 -- -x")
            self.word(word, [])

    def two_words(self) -> str:
        """What probably happened where more than one expression is given."""
        from os.path import exists

        words = self.words
        for name, value in self.bindings.items():
            if any(value.count(a) != value.count(b) for a, b in ("()", "[]")):
                return f'quote a value that has blanks in it: -{name} "{value} {" ".join(words[1:])}"'
        files = [word for word in words[1:] if exists(word)]
        if files:
            return f'{files[0]} is a file here: the shell turns an unquoted * into file names; write "x * y"'
        apart = next((name for name, value in self.bindings.items() if value == "="), "")
        if words[2:3] == ["="] or apart:
            name, value = (apart, words[1]) if apart else (words[1], "".join(words[3:4]) or "2")
            return f"write {'-' * bool(apart)}{name}={value}, without blanks"
        if words[1].startswith("-") and words[1][1:2].isalpha():
            return f"{words[1]} is no name of a variable"
        if self.before and is_number(words[1]):
            name = self.before[-1]
            return f'quote a list: -{name} "[{self.bindings[name]}, {words[1]}]"'
        if is_number(words[1]):
            return f"say whose value it is: -x {words[1]}"
        return f'quote an expression that has blanks in it: gradcalc {self.command} "{" ".join(words)}"'


def match_name(pattern: re.Pattern[str] | str, word: str) -> tuple[str, str | None] | None:
    """The name in a word and what follows its =, or None; x₁ is x1, 𝑥 is x, and x² is no name."""
    found = re.fullmatch(pattern, word)
    if found is None or not RAISED.isdisjoint(found[1]):
        return None
    name = plain_name(found[1])
    return (name, found[2]) if name.isidentifier() else None


def plain_name(name: str) -> str:
    """A name as expressions know it."""
    if name.isascii():
        return name
    from gradcalc.syntax.characters import plain

    return plain(name).translate(SUBSCRIPTS)


def is_number(text: str) -> bool:
    """Whether a word is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
