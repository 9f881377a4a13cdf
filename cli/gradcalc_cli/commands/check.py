"""gradcalc check: is this answer right, and do these gradients hold?"""

from typing import Annotated

import typer

from .. import options as o
from ..arguments import ExpressionCommand
from ..completion import choices
from ..console import out
from ..names import inputs_of
from ..show import Show

SHORT = "Check your own answers, or every input's gradient."
CLASS = ExpressionCommand
FORMATS = ("table", "json")
EXAMPLES = """\b
Examples:
  gradcalc check "(x+y)*z" -x -2 -y 5 -z -4 -dx -4 -dy -4 -dz 3
  gradcalc check "sigmoid(w*x)" -w 2 -x -1 -dw -0.105 -dx 0.21
  gradcalc check "q = x + y; f = q * z" -x -2 -y 5 -z -4 -q 3 -dq -4
  gradcalc check "sum((W@x)^2)" -W "[[1,2],[3,4]]" -x "[1,-1]" -dx "[-8,-12]"
  gradcalc check "norm(x)" -x "[3,4]" --format json
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
    hint: Annotated[
        int | None,
        typer.Option(
            "--hint",
            metavar="1|2|3",
            help="Say less of a wrong answer: 1 where, 2 what kind of mistake, 3 the answer.",
        ),
    ] = None,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show the true values beside the answers.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Count as wrong what was rounded on the way.")
    ] = False,
    rtol: Annotated[
        float | None,
        typer.Option(
            "--rtol",
            metavar="R",
            help="Accept this relative error, instead of judging by the digits written.",
        ),
    ] = None,
    atol: Annotated[
        float | None,
        typer.Option(
            "--atol",
            metavar="A",
            help="Accept this absolute error, instead of judging by the digits written.",
        ),
    ] = None,
    of: o.Of = None,
    wrt: o.Wrt = None,
    upstream: o.Upstream = None,
    load: o.Load = None,
    many: o.Inputs = None,
    seed: o.Seed = 0,
    method: o.Method = "auto",
    step: o.Step = None,
    precision: o.Precision = 4,
    color: o.Color = "auto",
    width: o.Width = None,
) -> None:
    """Check your own answers, or the gradients of an expression.

    -dx -4 is an answer for the gradient of x, and -q 3 one for the value of a node that the expression
    computes; the other variables are inputs. df/dx=-4 and x.grad=-4 mean the same, and dq/dx=1 the slope
    of the gate q. The digits that you write are the tolerance: -0.53 is right if the true value rounds to
    it. A wrong answer is told what mistake gives it, and whether it follows from the others. Without
    answers, every input's gradient is checked numerically.

    \b
    Exit codes:
      0  right, or the check agrees       2  the question can't be answered
      1  an answer or a gradient is wrong 3  undecided: too few digits, or noise
    """
    o.one_of("--format", format_, FORMATS)
    o.one_of("--color", color, o.COLORS)
    o.one_of("--method", method, o.METHODS)
    if hint is not None:
        o.one_of("--hint", str(hint), ("1", "2", "3"))
    o.in_range(width=width, precision=precision, seed=seed, step=step)
    asked = o.question(ctx, expr, load=load, many=many, seed=seed, of=of, wrt=wrt, upstream=upstream)
    console = out({"color": color, "width": width})
    show = Show(format_, precision, console)

    from gradcalc.answers import split_answers

    names = tuple(name for name in asked.inputs if name.isidentifier())
    inputs, answers = split_answers(asked.inputs, inputs_of(asked.text, names))
    asked = asked._replace(inputs=inputs)
    if answers:
        from .check_answers import Judging
        from .check_answers import run as judge

        judging = Judging(rtol, atol, strict, reveal, hint)
        raise typer.Exit(judge(asked, answers, show, method, step, judging))
    from . import check_expression

    raise typer.Exit(check_expression.run(asked, show, method, step))
