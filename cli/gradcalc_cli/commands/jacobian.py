"""gradcalc jacobian: what the Jacobian of an expression looks like, without forming it."""

from typing import Annotated

import typer

from .. import options as o
from ..arguments import ExpressionCommand
from ..completion import choices
from ..console import out

SHORT = "The shape, structure and size of Jacobians that nobody forms."
CLASS = ExpressionCommand
FORMATS = ("table", "json")
EXAMPLES = """\b
Examples:
  gradcalc jacobian "max(0, x)" -x "randn(4096)"
  gradcalc jacobian "max(0, x)" -x "randn(100,4096)" --row 7
  gradcalc jacobian "W@x" -W "[[1,2],[3,4]]" -x "[5,6]"
  gradcalc jacobian "softmax(s)" -s "[1,2,3]" --format json
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
    dense: Annotated[
        bool, typer.Option("--dense", help="Form the matrices, and show all their entries.")
    ] = False,
    row: Annotated[
        list[str] | None,
        typer.Option(
            "--row",
            metavar="I",
            help="Show the row of one output entry: its number, or index I,J; repeatable.",
        ),
    ] = None,
    of: o.Of = None,
    wrt: o.Wrt = None,
    load: o.Load = None,
    many: o.Inputs = None,
    seed: o.Seed = 0,
    precision: o.Precision = 4,
    color: o.Color = "auto",
    width: o.Width = None,
    max_rows: o.MaxRows = 100,
    max_nodes: o.MaxNodes = 2_000_000,
    max_elements: o.MaxElements = 200_000_000,
    max_text: o.MaxText = 64 * 2**20,
    max_depth: o.MaxDepth = 200,
) -> None:
    """Show the Jacobian of an expression in each input: its shape, its structure, and what it would take.

    The structure comes from what each gate knows about itself; it holds at every point. The matrix has
    a row for each output entry and a column for each input entry, and is formed when it is small or
    when --dense or --row ask for it.

    \b
    Exit codes:
      0  answered    2  the question can't be answered
    """
    o.one_of("--format", format_, FORMATS)
    o.one_of("--color", color, o.COLORS)
    o.in_range(width=width, precision=precision, seed=seed, max_rows=max_rows)
    limits = {
        "max_nodes": max_nodes,
        "max_elements": max_elements,
        "max_text": max_text,
        "max_depth": max_depth,
    }
    o.in_range(**limits)
    asked = o.question(ctx, expr, load=load, many=many, seed=seed, of=of, wrt=wrt, **limits)

    from gradcalc.jacobian import answer

    found = answer(asked, dense=dense, rows=tuple(row or ()))
    console = out({"color": color, "width": width})
    if format_ == "json":
        from ..views.jacobian import jacobian_json

        console.text(jacobian_json(found))
    else:
        from ..views.jacobian import jacobian_table
        from ..views.table import Look

        console.lines(jacobian_table(found, Look(console.width, console.glyphs, precision, max_rows)))
