"""The options that several commands share, and how their texts are read."""

from typing import Annotated, Any

import typer

from gradcalc.errors import GradcalcError, nearest

from .arguments import plain_name
from .completion import choices, complete_input, complete_node

COLORS = ("auto", "always", "never")
METHODS = ("auto", "complex", "central")

Expr = Annotated[str, typer.Argument(
    metavar="EXPR", show_default=False,
    help="An expression, a file that ends in .grad, or - for standard input. Quote it.",
)]  # fmt: skip
Color = Annotated[str, typer.Option(
    "--color", metavar="auto|always|never", help="Colour the output; auto: on a terminal, unless NO_COLOR is set.",
    autocompletion=choices(*COLORS),
)]  # fmt: skip
Width = Annotated[int | None, typer.Option(
    "--width", min=40, max=1000, metavar="COLUMNS", help="Lay the table out for this many columns.",
)]  # fmt: skip
Precision = Annotated[int, typer.Option(
    "--precision", min=1, max=17, metavar="DIGITS", help="Show this many significant digits.",
)]  # fmt: skip
MaxRows = Annotated[int, typer.Option(
    "--max-rows", min=0, metavar="N", help="Cut a longer table in the middle; 0 shows all of it.",
)]  # fmt: skip
Seed = Annotated[int, typer.Option(
    "--seed", min=0, metavar="N", help="Seed of the random numbers: rand, randn and the check's directions.",
)]  # fmt: skip
Load = Annotated[list[str] | None, typer.Option(
    "--load", metavar="NAME=FILE[:KEY]", help="Read a variable from a .npy, .npz, .csv or .json file; repeatable.",
)]  # fmt: skip
Of = Annotated[str | None, typer.Option(
    "--of", metavar="NODE", help="Take another node as the output, by its name or label.",
    autocompletion=complete_node,
)]  # fmt: skip
Wrt = Annotated[list[str] | None, typer.Option(
    "--wrt", metavar="NAME,NAME", help="Differentiate (and check) these inputs only.", autocompletion=complete_input,
)]  # fmt: skip
Upstream = Annotated[str | None, typer.Option(
    "--upstream", metavar="VALUE", help="The upstream gradient of the output; an array has all ones by default.",
)]  # fmt: skip
Method = Annotated[str, typer.Option(
    "--method", metavar="auto|complex|central", help="How the numeric gradient is found: complex step, central "
    "differences, or whichever suits.", autocompletion=choices(*METHODS),
)]  # fmt: skip
Step = Annotated[float | None, typer.Option(
    "--step", metavar="H", help="The step of the central differences; chosen by their own error bar by default.",
)]  # fmt: skip
MaxItems = Annotated[int, typer.Option(
    "--max-items", min=0, metavar="N", help="Summarise larger arrays in json and csv; check them by directions.",
)]  # fmt: skip
MaxNodes = Annotated[int, typer.Option("--max-nodes", min=1, metavar="N", help="The largest circuit.")]
MaxElements = Annotated[int, typer.Option("--max-elements", min=1, metavar="N", help="The largest array.")]
MaxText = Annotated[int, typer.Option("--max-text", min=1, metavar="N", help="The longest text, in characters.")]
MaxDepth = Annotated[int, typer.Option("--max-depth", min=1, metavar="N", help="The deepest nesting of brackets.")]


def one_of(option: str, given: str, allowed: tuple[str, ...]) -> str:
    """An option's value, if it is one of these."""
    if given in allowed:
        return given
    near = nearest(given, allowed)
    hint = f"did you mean {near}?" if near else None
    raise GradcalcError(f"{option} takes {', '.join(allowed[:-1])} or {allowed[-1]}, not {given}", hint=hint)


def loads(given: list[str] | None, bindings: dict[str, str]) -> dict[str, str]:
    """The files of --load, by variable."""
    found: dict[str, str] = {}
    for text in given or ():
        name, equals, place = text.partition("=")
        name = plain_name(name.lstrip("-"))
        if not equals or not place or not name.isidentifier():
            raise GradcalcError(f"--load takes NAME=FILE, not {text}", hint="--load W=model.npz:W1")
        if name in bindings or name in found:
            raise GradcalcError(f"{name} is given twice", hint=f"once as -{name}, once with --load"
                                if name in bindings else "twice with --load")  # fmt: skip
        found[name] = place
    return found


def listed(given: list[str] | None) -> tuple[str, ...]:
    """Names from a repeatable option that also takes commas."""
    return tuple(plain_name(name.strip()) for text in given or () for name in text.split(",") if name.strip())


def question(ctx: typer.Context, expr: str, **given: Any) -> Any:
    """The question that the command line asks."""
    from gradcalc.session import Question

    from .expression import read

    text, origin = read(expr)
    bindings = ctx.meta["gradcalc.bindings"]
    return Question(
        text=text,
        origin=origin,
        inputs=given.pop("inputs", bindings),
        loads=loads(given.pop("load", None), bindings),
        wrt=listed(given.pop("wrt", None)),
        **given,
    )
