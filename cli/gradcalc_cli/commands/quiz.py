"""gradcalc quiz: exercises to do here, or on paper."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from gradcalc.errors import GradcalcError

from .. import options as o
from ..arguments import OptionalCommand
from ..completion import choices, complete_gates
from ..console import err, out
from ..show import Show

SHORT = "Exercises: circuits to work out here, or a sheet for paper."
CLASS = OptionalCommand
FORMATS = ("ask", "table", "markdown", "latex", "json")
ENDINGS = {"md": "markdown", "tex": "latex", "json": "json", "txt": "table"}
LEVELS = ("easy", "medium", "hard")
STEPS = ("value", "local", "gradient")
EXAMPLES = """\b
Examples:
  gradcalc quiz
  gradcalc quiz --level hard --seed 7
  gradcalc quiz "(x+y)*z" -x -2 -y 5 -z -4
  gradcalc quiz --size 4 --gates add,mul,max,sigmoid --count 3 --format table
  gradcalc quiz --count 5 --format markdown --blank --key
  gradcalc quiz --count 5 --seed 3 --format latex --blank
"""


def run(
    ctx: typer.Context,
    expr: Annotated[
        str | None,
        typer.Argument(
            metavar="EXPR",
            show_default=False,
            help="Your own expression; a variable without a value gets one where mistakes show well. "
            "Without EXPR a circuit is drawn.",
        ),
    ] = None,
    level: Annotated[
        str,
        typer.Option(
            "--level",
            metavar="|".join(LEVELS),
            help="How many gates, which, and how many forks.",
            autocompletion=choices(*LEVELS),
        ),
    ] = "medium",
    size: Annotated[
        int | None, typer.Option("--size", metavar="N", help="Draw circuits of so many gates.")
    ] = None,
    gates: Annotated[
        list[str] | None,
        typer.Option(
            "--gates",
            metavar="NAME,NAME",
            autocompletion=complete_gates,
            help="Draw circuits of these gates only.",
        ),
    ] = None,
    count: Annotated[int, typer.Option("--count", metavar="N", help="How many exercises.")] = 1,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Other exercises; the same seed gives the same ones.")
    ] = 0,
    steps: Annotated[
        list[str] | None,
        typer.Option(
            "--steps",
            metavar="value,local,gradient",
            help="Ask for these only: values, local gradients, gradients.",
            autocompletion=choices(*STEPS),
        ),
    ] = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(FORMATS),
            help="Ask here, or print a sheet.",
            autocompletion=choices(*FORMATS),
        ),
    ] = "ask",
    blank: Annotated[
        bool, typer.Option("--blank", help="Add to the sheet an empty table to fill in.")
    ] = False,
    key: Annotated[
        bool, typer.Option("--key", help="Add the key to the sheet: the table filled in.")
    ] = False,
    output: Annotated[
        str | None,
        typer.Option("--output", metavar="FILE", help="Write the sheet to a file: .md, .tex, .json or .txt."),
    ] = None,
    precision: o.Precision = 4,
    color: o.Color = "auto",
    width: o.Width = None,
) -> None:
    """Work out a circuit gate by gate, and be told what went wrong; or print exercises for paper.

    Every drawn circuit comes at a point where the common mistakes give numbers that can be told apart,
    and that can be computed by hand. Answers are judged as by gradcalc check. While you are asked, ?
    gives a hint, s shows the answer and goes on, q ends. Answers may come from a pipe, one a line.

    \b
    Exit codes:
      0  nothing wrong, or a sheet is printed  2  the question can't be answered
      1  a wrong answer was left standing
    """
    given = ctx.meta["gradcalc.options"]
    if output is not None and "--format" not in given:
        format_ = ENDINGS.get(output.lower().rpartition(".")[2], "")
        if not format_:
            raise GradcalcError(
                f"{output}: what sheet is that?", kind="file", hint="end it in .md, .tex, .json or .txt"
            )
    o.one_of("--format", format_, FORMATS)
    o.one_of("--level", level, LEVELS)
    o.one_of("--color", color, o.COLORS)
    kinds = o.listed(steps) or STEPS
    for kind in kinds:
        o.one_of("--steps", kind, STEPS)
    o.in_range(width=width, precision=precision, seed=seed, count=count)
    if format_ == "ask" and (blank or key or output is not None):
        raise GradcalcError(
            f"--{'blank' if blank else 'key' if key else 'output'} goes with a sheet",
            hint="add --format markdown, latex, table or json",
        )
    found = drawn(ctx, expr, level, size, gates, count, seed)
    show = Show(format_, precision, out({"color": color, "width": width}))
    if format_ == "ask":
        from . import quiz_ask

        raise typer.Exit(quiz_ask.run(found, kinds, show))
    text = sheet(list(found), kinds, show, blank, key)
    if output is None:
        show.console.text(text)
        return
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)
    err({"color": color}).text(f"wrote {output}\n")


def drawn(
    ctx: typer.Context,
    expr: str | None,
    level: str,
    size: int | None,
    gates: list[str] | None,
    count: int,
    seed: int,
) -> Any:
    """The exercises: drawn by seed, or the one that the command line sets."""
    from gradcalc.exercises import completed, exercises

    if expr is None:
        if ctx.meta["gradcalc.bindings"]:
            name = next(iter(ctx.meta["gradcalc.bindings"]))
            raise GradcalcError(
                f"-{name} goes with an expression, and there is none",
                kind="usage",
                hint=f'gradcalc quiz "{name}^2" -{name} 3',
            )
        return exercises(seed, count, level, size=size, gates=o.listed(gates, "--gates"))
    for option in ("--size", "--gates", "--level", "--count"):
        if option in ctx.meta["gradcalc.options"]:
            raise GradcalcError(f"{option} is for circuits that are drawn, not for your own expression")
    asked = o.question(ctx, expr)
    return iter([completed(asked.text, asked.inputs, asked.origin, seed)])


def sheet(found: Sequence[Any], kinds: Sequence[str], show: Show, blank: bool, key: bool) -> str:
    """All exercises as a document."""
    if show.format == "json":
        from ..views.quiz_json import quiz_json

        return quiz_json(found, kinds, key)
    if show.format == "latex":
        from ..views.quiz_latex import quiz_latex

        return quiz_latex(found, show.precision, blank, key)
    if show.format == "markdown":
        from ..views.quiz_sheet import quiz_markdown

        return quiz_markdown(found, show.precision, blank, key)
    from ..views.quiz_sheet import quiz_text

    return quiz_text(found, show.look, blank, key)
