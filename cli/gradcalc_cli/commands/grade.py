"""gradcalc grade: a whole class in one command."""

import os
from typing import Annotated

import typer

from gradcalc.errors import GradcalcError

from .. import options as o
from ..arguments import FilesCommand
from ..completion import choices
from ..console import out

SHORT = "Grade a class: answers and code against an assignment."
CLASS = FilesCommand
FORMATS = ("table", "json", "jsonl", "csv", "junit", "gradescope", "github", "markdown")
ENDINGS = {"json": "json", "jsonl": "jsonl", "csv": "csv", "xml": "junit", "md": "markdown", "txt": "table"}
EXAMPLES = """\b
Examples:
  gradcalc grade samples/homework/homework.toml samples/homework/ada.toml
  gradcalc grade samples/homework/layers.toml samples/homework/ada_layers.py
  gradcalc grade samples/homework/own.toml --variant ada
  gradcalc grade samples/homework/homework.toml --rubric
"""


def run(
    ctx: typer.Context,
    assignment: Annotated[
        str,
        typer.Argument(
            metavar="ASSIGNMENT.toml",
            show_default=False,
            help="The problems with their points: see the README.",
        ),
    ],
    submissions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SUBMISSION...",
            show_default=False,
            help="Answers (.toml), a class (.csv: a row a student), code (.py), folders of these, or - for "
            "standard input.",
        ),
    ] = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format", metavar="|".join(FORMATS), help="What to print.", autocompletion=choices(*FORMATS)
        ),
    ] = "table",
    output: Annotated[
        str | None,
        typer.Option("--output", metavar="FILE", help="Write to a file; its ending decides the format."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with an --output of .jsonl or .csv: who is in it is left out."),
    ] = False,
    variant: Annotated[
        str | None,
        typer.Option("--variant", metavar="STUDENT", help="Print the sheet with this student's own numbers."),
    ] = None,
    rubric: Annotated[
        bool,
        typer.Option("--rubric", help="Print the numbers that each mistake gives, for marking on paper."),
    ] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", help="Grade so many at once; needs the extra jobs.")
    ] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="ADDRESS", help="Grade on a dask cluster; needs the extra cluster."
        ),
    ] = None,
    hint: Annotated[
        int | None,
        typer.Option(
            "--hint", metavar="1|2|3", help="Tell students less: 1 where, 2 what kind of mistake, 3 all."
        ),
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 when all is graded, whatever the answers are.")
    ] = False,
    color: o.Color = "auto",
    width: o.Width = None,
) -> None:
    """Grade what students handed in: verdicts, points, what went wrong, and how each item went.

    Answers are judged as by gradcalc check: the digits that are written are the tolerance, a step that
    follows from a wrong one gets credit, and mistakes are named. What can't be read is that student's
    result and never ends the run. gradcalc grade hw.toml class.csv --output results.csv grades a table.

    \b
    Exit codes:
      0  everything is right           2  the assignment can't be used
      1  something is wrong or missing 3  undecided: too few digits, or noise
    """
    if output is not None:
        for path in (assignment, *(submissions or ())):
            if same_file(output, path):
                raise GradcalcError(f"--output {output} would be written over {path}")
    if output is not None and "--format" not in ctx.meta["gradcalc.options"]:
        format_ = ending(output)
    o.one_of("--format", format_, FORMATS)
    o.one_of("--color", color, o.COLORS)
    o.in_range(width=width, jobs=jobs)
    if hint is not None:
        o.one_of("--hint", str(hint), ("1", "2", "3"))
    if resume and (output is None or format_ not in ("jsonl", "csv")):
        raise GradcalcError("--resume goes on with a file", hint="--output results.jsonl --resume")
    from gradcalc.sheets.assignment import read_assignment

    sheet = read_assignment(assignment)
    console = out({"color": "never" if output is not None else color, "width": width})
    if variant is not None or rubric:
        if submissions:
            raise GradcalcError(
                f"{'--rubric' if rubric else '--variant'} prints a sheet and grades nothing",
                hint=f"leave out {submissions[0]}",
            )
        from .grade_paper import Paper

        Paper(sheet, variant, rubric, format_, output, console).write()
        return
    if not submissions:
        raise GradcalcError(
            "there is nothing to grade",
            hint=f"gradcalc grade {assignment} SUBMISSION..., or - for standard input",
        )
    from .grade_run import Run

    code = Run(sheet, submissions, format_, output, console, resume, jobs, scheduler, hint).all()
    raise typer.Exit(0 if exit_zero else code)


def ending(output: str) -> str:
    """The format that a file's ending says."""
    found = ENDINGS.get(output.lower().rpartition(".")[2] if "." in os.path.basename(output) else "txt")
    if found is None:
        known = ", ".join(f".{end}" for end in ENDINGS)
        raise GradcalcError(f"--output {output}: its ending says no format", hint=f"{known}, or --format")
    return found


def same_file(one: str, other: str) -> bool:
    """Whether two paths are one file, or a file in a folder that is read."""
    try:
        if os.path.isdir(other):
            return os.path.isfile(one) and os.path.samefile(os.path.dirname(one) or ".", other)
        return os.path.samefile(one, other) and os.path.isfile(one)
    except OSError:
        return False
