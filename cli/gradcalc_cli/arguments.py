"""The command classes: they take the variables out of a command line before Typer reads it.

Typer's own parser walks an unknown `-exp(p)` letter by letter. So it is given only long options and,
after a `--`, the expression.
"""

from collections.abc import Callable
from typing import Any

from typer.core import TyperCommand

from gradcalc.errors import GradcalcError

from .splitting import Splitter

EXAMPLE = '"(x+y)*z" -x -2 -y 5 -z -4'


def options_of(command: Any, ctx: Any) -> tuple[set[str], set[str]]:
    """The long options of a command that take a value, and those that don't."""
    takes: set[str] = set()
    flags: set[str] = {"--help"}
    for param in command.get_params(ctx):
        if param.param_type_name == "option":
            (flags if param.is_flag else takes).update((*param.opts, *param.secondary_opts))
    return takes, flags


class ExpressionCommand(TyperCommand):
    """A command that takes EXPR and variables: `-name VALUE`, `-name=VALUE`, and after EXPR `name=VALUE`."""

    several = False  # whether several targets, or none, may be given
    optional = False  # whether EXPR may be left out

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the variables out; Typer reads what is left."""
        command = str(ctx.info_name)
        remember(ctx, args)
        splitter = Splitter(
            command, *options_of(self, ctx), forgiving=ctx.resilient_parsing, one_word=not self.several
        )
        options, words, bindings, wants_help = splitter.split(args)
        ctx.meta["gradcalc.bindings"] = bindings
        ctx.meta["gradcalc.words"] = words
        ctx.meta["gradcalc.options"] = {option.partition("=")[0] for option in options}
        if wants_help:
            return super().parse_args(ctx, ["--help"])
        if not (ctx.resilient_parsing or words or self.several or self.optional):
            raise GradcalcError("there is no expression", hint=f"gradcalc {command} {EXAMPLE}")
        if self.several and len(words) > 1 and not wants_help and not all(map(is_target, words)):
            splitter.fail(f"two expressions are given: {words[0]} and {words[1]}", splitter.two_words())
        return super().parse_args(ctx, [*options, "--", *(words if self.several else words[:1])])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """EXPR and variables, in any order with the options."""
        return ["EXPR", "[-NAME VALUE]...", "[--OPTION]..."]

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Long options, and the names of the expression that have no value yet."""
        from .completion import files, names

        found = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("--"):
            return found
        kind: Callable[..., Any] = type(super().shell_complete(ctx, "--")[0])
        if incomplete.startswith("@"):
            return [kind(word) for word in files(incomplete)]
        free = [f"-{name}" for name in names(ctx.meta)]
        return [kind(word, help="a variable") for word in free if word.startswith(incomplete)] + found


def is_target(word: str) -> bool:
    """Whether a word names code, and no expression."""
    if ":" not in word and not word.endswith((".py", ".ipynb")):
        return False
    from gradcalc.code.place import place

    return place(word) is not None


class TargetsCommand(ExpressionCommand):
    """A command that also takes FILE.py:NAME, several of them, or none."""

    several = True

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """EXPR or targets, and variables, in any order with the options."""
        return ["EXPR|FILE.py:NAME...", "[-NAME VALUE]...", "[--OPTION]..."]


class OptionalCommand(ExpressionCommand):
    """A command that takes EXPR and variables, or no expression at all."""

    optional = True

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """EXPR in brackets."""
        return ["[EXPR]", "[-NAME VALUE]...", "[--OPTION]..."]


class PlainCommand(TyperCommand):
    """A command without variables; -h is help, and an unknown option is answered as everywhere."""

    several = False  # whether its last argument takes any number of words

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read long options only."""
        remember(ctx, args)
        splitter = Splitter(
            str(ctx.info_name),
            *options_of(self, ctx),
            ctx.resilient_parsing,
            one_word=False,
            variables=False,
        )
        options, words, bindings, wants_help = splitter.split(args)
        ctx.meta["gradcalc.options"] = {option.partition("=")[0] for option in options}
        if wants_help:
            return super().parse_args(ctx, ["--help"])
        if bindings:
            name = next(iter(bindings))
            splitter.fail(f"gradcalc {ctx.info_name} takes no variables: -{name}")
        places = sum(param.param_type_name == "argument" for param in self.params)
        if len(words) > places and not self.several:
            splitter.fail(
                f"{words[places]} is one word too many",
                f"gradcalc {ctx.info_name} --help shows how it is used",
            )
        return super().parse_args(ctx, [*options, "--", *words])


class FilesCommand(PlainCommand):
    """A command without variables that takes any number of files."""

    several = True


def remember(ctx: Any, args: list[str]) -> None:
    """Keep what errors need to know before the options are read: format, colour, the command line."""
    ctx.meta["gradcalc.args"] = [str(ctx.info_name), *args]
    for name in ("format", "color"):
        for at, arg in enumerate(args):
            if arg == "--":
                break
            if arg == f"--{name}" and at + 1 < len(args):
                ctx.meta[f"gradcalc.{name}"] = args[at + 1]
            elif arg.startswith(f"--{name}="):
                ctx.meta[f"gradcalc.{name}"] = arg.partition("=")[2]
