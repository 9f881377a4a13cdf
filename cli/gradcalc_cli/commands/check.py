"""gradcalc check: is this answer right, and do these gradients hold?"""

from typing import Annotated

import typer

from gradcalc.code import ALLOWED, DTYPES
from gradcalc.errors import GradcalcError

from .. import code_options as c
from .. import options as o
from ..arguments import TargetsCommand, is_target
from ..completion import choices
from ..console import out
from ..expression import standard_input
from ..names import inputs_of
from ..show import Show

SHORT = "Check your own answers, or every input's gradient."
CLASS = TargetsCommand
FORMATS = ("table", "json", "junit", "github", "markdown")
EXAMPLES = """\b
Examples:
  gradcalc check "(x+y)*z" -x -2 -y 5 -z -4 -dx -4 -dy -4 -dz 3
  gradcalc check "sigmoid(w*x)" -w 2 -x -1 -dw -0.105 -dx 0.21
  gradcalc check "q = x + y; f = q * z" -x -2 -y 5 -z -4 -q 3 -dq -4
  gradcalc check "sum((W@x)^2)" -W "[[1,2],[3,4]]" -x "[1,-1]" -dx "[-8,-12]"
  gradcalc check "norm(x)" -x "[3,4]" --format json
  gradcalc check "1/(1+exp(-x))" -x 0.3 --same-as "sigmoid(x)"
  gradcalc check samples/layers.py:affine --shapes x=4x5 w=5x3 b=3
  gradcalc check samples/layers.py:conv --vary --param stride=2
  gradcalc check samples/layers.py:conv --fixed w --allow mutation
  gradcalc check samples/layers.py:ridge,grad_ridge --shapes w=3 X=9x3 y=9
"""


def run(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EXPR|FILE.py:NAME...",
            show_default=False,
            help="An expression, a .grad file, - for standard input; or code, also notebook.ipynb:NAME and "
            "package.module:NAME. Without any: the checks listed in pyproject.toml.",
        ),
    ] = None,
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
        bool,
        typer.Option(
            "--strict",
            help="Count as wrong what was rounded, or leaves out a guard as in log(p + 1e-7).",
        ),
    ] = False,
    rtol: Annotated[
        float | None,
        typer.Option(
            "--rtol",
            metavar="R",
            help="Accept this relative error, instead of judging by digits (or by error bars).",
        ),
    ] = None,
    atol: Annotated[
        float | None,
        typer.Option(
            "--atol",
            metavar="A",
            help="Accept this absolute error, instead of judging by digits (or by error bars).",
        ),
    ] = None,
    of: o.Of = None,
    wrt: o.Wrt = None,
    upstream: o.Upstream = None,
    tie: o.Tie = "",
    load: o.Load = None,
    many: o.Inputs = None,
    seed: o.Seed = 0,
    method: o.Method = "auto",
    step: o.Step = None,
    precision: o.Precision = 4,
    color: o.Color = "auto",
    width: o.Width = None,
    same_as: Annotated[
        str | None,
        typer.Option(
            "--same-as", metavar="EXPR", help="Compare with another expression: value and all gradients."
        ),
    ] = None,
    shapes: c.Shapes = None,
    param: c.Param = None,
    vary: c.Vary = False,
    reference: c.Reference = None,
    dtype: c.Dtype = None,
    exception: c.Exception_ = None,
    fixed: c.Fixed = None,
    allow: c.Allow = None,
    timeout: c.Timeout = 60.0,
    memory: c.Memory = 8.0,
    python: c.Python = None,
    folder: c.Folder = None,
    undecided: Annotated[
        str | None,
        typer.Option(
            "--undecided",
            metavar="fail|warn",
            help="Let an undecided check fail (exit 1) or only warn (exit 0).",
        ),
    ] = None,
) -> None:
    """Check your own answers, the gradients of an expression, or gradients written in Python.

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
    o.in_range(width=width, precision=precision, seed=seed, step=step, rtol=rtol, atol=atol)
    if undecided is not None:
        o.one_of("--undecided", undecided, ("fail", "warn"))
    if dtype is not None:
        o.one_of("--dtype", dtype, DTYPES)
    if allow is not None and allow not in ALLOWED:
        raise GradcalcError(f"--allow takes {' or '.join(ALLOWED)}, not {allow}")
    for option, number in (("--timeout", timeout), ("--memory", memory)):
        if not 0 < number < float("inf"):
            raise GradcalcError(f"{option} takes a positive number, not {number:g}")
    console = out({"color": color, "width": width})
    show = Show(format_, precision, console)
    words = targets or []
    if not words or is_target(words[0]):
        from . import check_code

        plain = {
            "reveal": reveal, "same-as": same_as, "of": of, "upstream": upstream, "tie": tie or None,
            "inputs": many, "step": step,
        }  # fmt: skip
        o.not_for_code(plain)
        given = {
            "shapes": c.shapes(shapes), "params": c.params(param), "typed": ctx.meta["gradcalc.bindings"],
            "loads": o.loads(load, ctx.meta["gradcalc.bindings"]), "seed": seed, "stdin": standard_input(),
        }  # fmt: skip
        how = {
            "wrt": o.listed(wrt), "vary": vary, "reference": reference, "dtype": dtype,
            "exception": exception or "", "timeout": timeout, "memory": int(memory * 2**30),
            "python": python, "folder": folder, "hint": hint, "rtol": rtol, "atol": atol, "strict": strict,
            "fixed": o.listed(fixed, "--fixed"), "allow": () if allow is None else (allow,),
        }  # fmt: skip
        if words:
            raise typer.Exit(check_code.run(words, given, how, show, undecided))
        raise typer.Exit(check_code.run_listed(show, undecided, method))
    c.only_for_code({
        "shapes": shapes, "param": param, "vary": vary, "reference": reference, "dtype": dtype,
        "exception": exception, "python": python, "folder": folder, "fixed": fixed, "allow": allow,
    })  # fmt: skip
    expr = words[0]
    asked = o.question(ctx, expr, load=load, many=many, seed=seed, of=of, wrt=wrt, upstream=upstream, tie=tie)

    if same_as is not None:
        from . import check_expression

        raise typer.Exit(check_expression.run_same(asked, same_as, show))
    from gradcalc.answers import split_answers

    names = tuple(name for name in asked.inputs if name.isidentifier())
    inputs, answers = split_answers(asked.inputs, inputs_of(asked.text, names))
    asked = asked._replace(inputs=inputs)
    if answers:
        from .check_answers import Judging
        from .check_answers import run as judge

        judging = Judging(rtol, atol, strict, reveal, hint)
        raise typer.Exit(judge(asked, answers, show, method, step, judging))
    o.only_for_answers({"hint": hint, "rtol": rtol, "atol": atol, "strict": strict, "reveal": reveal})
    from . import check_expression

    raise typer.Exit(check_expression.run(asked, show, method, step, undecided))
