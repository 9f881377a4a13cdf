"""gradcalc explain: the two passes told gate by gate."""

from typing import Annotated

import typer

from .. import options as o
from ..arguments import ExpressionCommand
from ..completion import choices
from ..console import out

SHORT = "The backward pass in sentences, gate by gate."
CLASS = ExpressionCommand
FORMATS = ("table", "json", "markdown", "latex")
EXAMPLES = """\b
Examples:
  gradcalc explain "(x+y)*z" -x -2 -y 5 -z -4
  gradcalc explain "x*sigmoid(x*y)" -x 2 -y -1 --wrt x
  gradcalc explain "sum(max(0, X@W))" -X "[[1,2],[3,4]]" -W "[[1,-1],[0,2]]"
  gradcalc explain "q = x + y; f = q*z" x=1 y=2 z=3 --format markdown
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
    expand: Annotated[
        list[str] | None,
        typer.Option(
            "--expand",
            metavar="[NAME]",
            help="Tell the inside of every function, or of the function NAME; repeatable.",
        ),
    ] = None,
    of: o.Of = None,
    wrt: o.Wrt = None,
    upstream: o.Upstream = None,
    tie: o.Tie = "",
    load: o.Load = None,
    many: o.Inputs = None,
    seed: o.Seed = 0,
    precision: o.Precision = 4,
    color: o.Color = "auto",
    width: o.Width = None,
    max_rows: o.MaxRows = 100,
    max_items: o.MaxItems = 1000,
) -> None:
    """Tell what each gate does: its value, what arrives from above, its local gradient, what goes back.

    The gates come in the order of the backward pass, from the output to the inputs; a value that is used
    several times is a fork, and its shares are added when the last of them is known.

    \b
    Exit codes:
      0  told    2  the question can't be answered
    """
    o.one_of("--format", format_, FORMATS)
    o.one_of("--color", color, o.COLORS)
    o.in_range(width=width, precision=precision, seed=seed, max_rows=max_rows, max_items=max_items)
    asked = o.question(ctx, expr, load=load, many=many, seed=seed, of=of, wrt=wrt, upstream=upstream, tie=tie)

    from gradcalc.explain import explain
    from gradcalc.session import answer

    report = answer(asked, check=False, max_items=max_items, expand=tuple(expand or ()))
    told = explain(report, asked.wrt)
    console = out({"color": color, "width": width})
    if format_ == "json":
        from ..views.explain_json import explain_json

        console.text(explain_json(report, told, max_items))
        return
    from ..views.explain import as_latex, as_lines, as_markdown, story
    from ..views.table import Look

    look = Look(console.width, console.glyphs, precision, max_rows)
    times = look.glyphs.times if format_ == "table" else "×"
    said = story(told, precision, times, max_rows)
    if format_ == "table":
        console.lines(as_lines(said, look))
    else:
        console.text(as_markdown(said) if format_ == "markdown" else as_latex(said))
