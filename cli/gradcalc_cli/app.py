"""The gradcalc app: its commands, each imported when it is first asked for, and its entry point."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command

from . import boundary

COMMANDS = ("eval", "check", "grade", "explain", "jacobian", "quiz", "gates", "selftest")
SETTINGS: dict[str, Any] = {
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["--help"], "max_content_width": 100},
}


class Commands(TyperGroup):
    """The group of all commands, and the boundary that every error stops at."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command, from its own module."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            module = import_module(f"{__package__}.commands.{cmd_name}")
            single = typer.Typer(add_completion=False, **SETTINGS)
            single.command(cmd_name, cls=module.CLASS, short_help=module.SHORT, epilog=module.EXAMPLES)(
                module.run
            )
            self.commands[cmd_name] = get_command(single)
        return self.commands[cmd_name]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names."""
        if self.get_command(ctx, args[0]) is None:
            if ctx.resilient_parsing:
                return None, None, args[1:]
            raise boundary.no_command(args, COMMANDS)
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """-h alone is help."""
        return super().parse_args(ctx, ["--help"] if args in (["-h"], ["-help"], ["-?"]) else args)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Read the app's own options; --version and --help write here already."""
        with boundary.guard({}):
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; whatever goes wrong becomes a message and an exit code."""
        with boundary.guard(ctx.meta):
            return super().invoke(ctx)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; standalone, exit with the code of its outcome."""
        if "_GRADCALC_COMPLETE" in os.environ:
            from .completion import rejoin

            rejoin(os.environ)
        args = list(map(repaired, sys.argv[1:] if args is None else args))
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, False, **extra)
        sys.exit(
            boundary.outcome(
                lambda: super(Commands, self).main(args, prog_name, complete_var, False, False, **extra)
            )
        )


def repaired(arg: str) -> str:
    """An argument in UTF-8, whatever the locale made of it."""
    if arg.isprintable():
        return arg
    try:
        return arg.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return arg


app = typer.Typer(cls=Commands, no_args_is_help=True, **SETTINGS)


def version(value: bool) -> None:
    """--version"""
    if value:
        from gradcalc import __version__

        print(f"gradcalc {__version__}")
        raise typer.Exit


@app.callback(
    epilog="""\b
One dash is a variable, two dashes are an option:
  gradcalc eval "(x+y)*z" -x -2 -y 5 -z -4
"""
)
def root(
    show_version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """See, compute and check a gradient.

    gradcalc turns an expression into a circuit of gates, runs the forward and the backward pass, and
    shows every node's value and gradient beside a numeric check of it.
    """


def main() -> NoReturn:
    """The entry point of the command."""
    try:
        app(prog_name="gradcalc", windows_expand_args=False)
    except KeyboardInterrupt:
        sys.exit(130)
    raise AssertionError("the app exits by itself")


if __name__ == "__main__":
    main()
