"""gradcalc eval: both passes of a circuit, every node beside its numeric check."""

from typing import Annotated, Any

import typer

from gradcalc.errors import GradcalcError

from .. import options as o
from ..arguments import ExpressionCommand
from ..completion import choices, complete_get
from ..console import Console, err, out

SHORT = "Both passes of an expression, and a check of every gradient."
CLASS = ExpressionCommand
FORMATS = ("table", "json", "csv", "tsv", "markdown", "latex")
EXAMPLES = """\b
Examples:
  gradcalc eval "(x+y)*z" -x -2 -y 5 -z -4
  gradcalc eval "sum((W@x)^2)" -W "[[0.1,0.5],[-0.3,0.8]]" -x "[0.2,0.4]"
  gradcalc eval "q = x + y; f = q * z" x=-2 y=5 z=-4 --tree
  gradcalc eval "sigmoid(w*x + b)" -w 2 -x -1 -b 0.5 --get dw --get db
  gradcalc eval "max(0, x)" -x "randn(64,64)" --seed 1 --format json --summary
  gradcalc eval -x^2 -x 3
"""


def run(
    ctx: typer.Context,
    expr: o.Expr,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(FORMATS),
            help="What to print.",
            autocompletion=choices(*FORMATS),
        ),
    ] = "table",
    summary: Annotated[
        bool, typer.Option("--summary", help="Leave the nodes out: inputs and output only.")
    ] = False,
    get: Annotated[
        list[str] | None,
        typer.Option(
            "--get",
            metavar="NAME",
            help="Print one bare value: dx, a node's name, output; repeatable.",
            autocompletion=complete_get,
        ),
    ] = None,
    tree: Annotated[bool, typer.Option("--tree", help="Draw the circuit as a tree under the table.")] = False,
    expand: Annotated[
        list[str] | None,
        typer.Option(
            "--expand",
            metavar="[NAME]",
            help="Show the inside of every function, or of the function NAME; repeatable.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            metavar="FILE",
            help="Also write a file: .npz takes the arrays, .json and .csv the nodes.",
        ),
    ] = None,
    of: o.Of = None,
    wrt: o.Wrt = None,
    upstream: o.Upstream = None,
    tie: o.Tie = "",
    load: o.Load = None,
    many: o.Inputs = None,
    rows: o.Rows = None,
    seed: o.Seed = 0,
    no_check: Annotated[bool, typer.Option("--no-check", help="Skip the numeric check.")] = False,
    method: o.Method = "auto",
    step: o.Step = None,
    precision: o.Precision = 4,
    color: o.Color = "auto",
    width: o.Width = None,
    max_rows: o.MaxRows = 100,
    max_items: o.MaxItems = 1000,
    max_nodes: o.MaxNodes = 2_000_000,
    max_elements: o.MaxElements = 200_000_000,
    max_text: o.MaxText = 64 * 2**20,
    max_depth: o.MaxDepth = 200,
) -> None:
    """Evaluate an expression, and show each node's value, its gradient, and a numeric check of it.

    Give every variable a value, with one dash: -x 3, -x=-2, -W "[[1,2],[3,4]]", -x pi/2, -x @data.npy.

    \b
    Exit codes:
      0  all gradients agree with the check    2  the question can't be answered
      1  one does not                          3  undecided: noise, or a jump
    """
    o.one_of("--format", format_, FORMATS if rows is None else (*FORMATS, "jsonl"))
    o.one_of("--color", color, o.COLORS)
    o.one_of("--method", method, o.METHODS)
    if tree and (format_ != "table" or get):
        raise GradcalcError(
            "--tree goes with the table only", hint=f"leave out {'--get' if get else '--format'}"
        )
    if output is not None and rows is None:
        from ..views.files import ending

        ending(output)
    o.in_range(width=width, precision=precision, seed=seed, max_rows=max_rows, max_items=max_items, step=step)
    limits = {
        "max_nodes": max_nodes,
        "max_elements": max_elements,
        "max_text": max_text,
        "max_depth": max_depth,
    }
    o.in_range(**limits)
    asked = o.question(
        ctx, expr, load=load, many=many, seed=seed, of=of, wrt=wrt, upstream=upstream, tie=tie, **limits
    )
    if rows is not None:
        if tie:
            raise GradcalcError("--tie goes with one point, not with --rows")
        from .rows import run as run_rows

        raise typer.Exit(run_rows(ctx, asked, rows, output, not no_check, method, step, color))

    from gradcalc.session import answer

    report = answer(
        asked, check=not no_check, method=method, step=step, max_items=max_items, expand=tuple(expand or ())
    )
    bare = ""
    if get:
        from ..views.get import gotten

        bare = gotten(report, get, precision if "--precision" in ctx.meta["gradcalc.options"] else None)
    if output is not None:
        write(report, output, precision, max_items, err({"color": color}))
    console = out({"color": color, "width": width})
    if get:
        console.text(bare)
    elif format_ == "table":
        from ..views.table import Look, table

        look = Look(console.width, console.glyphs, precision, max_rows, summary)
        console.lines(table(report, look))
        if tree:
            from ..views.tree import tree as draw

            console.lines([[], *draw(report, look)])
    else:
        console.text(document(report, format_, precision, summary, max_items, output))
    if report.check is not None:
        from gradcalc.verdicts import exit_code

        raise typer.Exit(exit_code(report.check.verdict))


def document(
    report: Any, kind: str, precision: int, summary: bool, max_items: int, output: str | None
) -> str:
    """The report in one of the formats that are not the table."""
    if kind == "json":
        from ..views.json import report_json

        return report_json(report, max_items, summary, (output or "").lower().endswith(".npz"))
    if kind == "markdown":
        from ..views.markdown import markdown

        return markdown(report, precision, summary)
    if kind == "latex":
        from ..views.latex import latex

        return latex(report, precision, summary)
    from ..views.delimited import delimited

    return delimited(report, "," if kind == "csv" else "\t", max_items, summary)


def write(report: Any, path: str, precision: int, max_items: int, console: Console) -> None:
    """Write the report to a file, and say so."""
    from ..views.files import contents
    from ..whole import whole

    data = contents(report, path, precision, max_items)
    with whole(path) as file:
        file.write(data)
    console.text(f"wrote {path}\n")
