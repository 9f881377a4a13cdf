"""The options that several commands share, and how their texts are read."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from gradcalc.errors import GradcalcError, nearest

from .completion import choices, complete_input, complete_node
from .splitting import plain_name

COLORS = ("auto", "always", "never")
HIGHEST = 2**63
RANGES = {
    "width": (40, 1000),
    "precision": (1, 17),
    "seed": (0, HIGHEST),
    "count": (1, 10_000),
    "jobs": (1, 1_000),
    "max_rows": (0, HIGHEST),
    "max_items": (0, HIGHEST),
    "max_nodes": (1, HIGHEST),
    "max_elements": (1, HIGHEST),
    "max_text": (1, HIGHEST),
    "max_depth": (1, HIGHEST),
}
METHODS = ("auto", "complex", "central")
TIES = ("first", "half", "zero", "torch", "numpy")

Expr = Annotated[
    str,
    typer.Argument(
        metavar="EXPR",
        show_default=False,
        help="An expression, a file that ends in .grad, or - for standard input. Quote it.",
    ),
]
Color = Annotated[
    str,
    typer.Option(
        "--color",
        metavar="auto|always|never",
        help="Colour the output; auto: on a terminal, unless NO_COLOR is set.",
        autocompletion=choices(*COLORS),
    ),
]
Width = Annotated[
    int | None,
    typer.Option(
        "--width",
        metavar="COLUMNS",
        help="Lay the table out for this many columns.",
    ),
]
Precision = Annotated[
    int,
    typer.Option(
        "--precision",
        metavar="DIGITS",
        help="Show this many significant digits.",
    ),
]
MaxRows = Annotated[
    int,
    typer.Option(
        "--max-rows",
        metavar="N",
        help="Cut a longer table in the middle; 0 shows all of it.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        metavar="N",
        help="Seed of the random numbers: rand, randn and the check's directions.",
    ),
]
Load = Annotated[
    list[str] | None,
    typer.Option(
        "--load",
        metavar="NAME=FILE[:KEY]",
        help="Read a variable from a .npy, .npz, .csv or .json file; repeatable.",
    ),
]
Inputs = Annotated[
    str | None,
    typer.Option(
        "--inputs",
        metavar="FILE",
        help="Read many variables from a .npz, .json or .toml file; -x overrides it.",
    ),
]
Rows = Annotated[
    str | None,
    typer.Option(
        "--rows",
        metavar="FILE",
        help="Evaluate at every row of a CSV file; its columns are variables; - is stdin.",
    ),
]
Of = Annotated[
    str | None,
    typer.Option(
        "--of",
        metavar="NODE",
        help="Take another node as the output, by its name or label.",
        autocompletion=complete_node,
    ),
]
Wrt = Annotated[
    list[str] | None,
    typer.Option(
        "--wrt",
        metavar="NAME,NAME",
        help="Differentiate (and check) these inputs only.",
        autocompletion=complete_input,
    ),
]
Upstream = Annotated[
    str | None,
    typer.Option(
        "--upstream",
        metavar="VALUE",
        help="The upstream gradient of the output; an array has all ones by default.",
    ),
]
Method = Annotated[
    str,
    typer.Option(
        "--method",
        metavar="auto|complex|central",
        help="Where the numeric gradient comes from: complex step, or central differences.",
        autocompletion=choices(*METHODS),
    ),
]
Step = Annotated[
    float | None,
    typer.Option(
        "--step",
        metavar="H",
        help="The step of the central differences; chosen by their own error bar by default.",
    ),
]
Tie = Annotated[
    str,
    typer.Option(
        "--tie",
        metavar="|".join(TIES),
        show_default=False,
        help="Who takes the gradient at a tie or kink; by default each gate has its rule.",
        autocompletion=choices(*TIES),
    ),
]
MaxItems = Annotated[
    int,
    typer.Option(
        "--max-items",
        metavar="N",
        help="Summarise larger arrays in json and csv; check them by directions.",
    ),
]
MaxNodes = Annotated[int, typer.Option("--max-nodes", metavar="N", help="The largest circuit.")]
MaxElements = Annotated[int, typer.Option("--max-elements", metavar="N", help="The largest array.")]
MaxText = Annotated[int, typer.Option("--max-text", metavar="N", help="The longest text, in characters.")]
MaxDepth = Annotated[int, typer.Option("--max-depth", metavar="N", help="The deepest nesting of brackets.")]


def in_range(**given: float | None) -> None:
    """Refuse numbers that are out of their option's range."""
    for name, number in given.items():
        if name in ("step", "rtol", "atol"):
            least = "a positive number" if name == "step" else "0 or more"
            if number is not None and not (0 < number < float("inf") or (number == 0 and name != "step")):
                raise GradcalcError(f"--{name} takes {least}, not {number:g}")
            continue
        low, high = RANGES[name]
        if number is not None and not low <= number <= high:
            what = f"a number from {low} to {high}"
            if high == HIGHEST:
                what = f"at least {low}" if number < low else f"at most {high}"
            raise GradcalcError(f"--{name.replace('_', '-')} takes {what}, not {number}")


def not_for_code(given: Mapping[str, Any]) -> None:
    """Refuse options that say something of an expression where code is checked."""
    for option, value in given.items():
        if value not in (None, False):
            raise GradcalcError(f"--{option} goes with an expression, not with code")


def only_for_answers(given: Mapping[str, Any]) -> None:
    """Refuse options that say how answers are judged where there are none."""
    for option, value in given.items():
        if value not in (None, False):
            hint = "an answer is written -dx -4, or -q 3 for a value"
            raise GradcalcError(f"--{option} goes with answers, and there are none", hint=hint)


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
            raise GradcalcError(
                f"{name} is given twice",
                hint=f"once as -{name}, once with --load" if name in bindings else "twice with --load",
            )
        found[name] = place
    return found


def listed(given: list[str] | None, option: str = "--wrt") -> tuple[str, ...]:
    """Names from a repeatable option that also takes commas."""
    names = [name.strip() for text in given or () for name in text.split(",")]
    if names and not any(names):
        raise GradcalcError(f"{option} needs names", hint=f"{option} x,y")
    return tuple(plain_name(name) for name in names if name)


def question(ctx: typer.Context, expr: str, **given: Any) -> Any:
    """The question that the command line asks."""
    from gradcalc.session import Question

    from .expression import read, standard_input

    if given.get("tie"):
        one_of("--tie", given["tie"], TIES)
    text, origin = read(expr)
    ctx.meta["gradcalc.text"], ctx.meta["gradcalc.origin"] = text, origin
    bindings = ctx.meta["gradcalc.bindings"]
    return Question(
        text=text,
        origin=origin,
        inputs=given.pop("inputs", bindings),
        loads=loads(given.pop("load", None), bindings),
        stdin=standard_input(),
        wrt=listed(given.pop("wrt", None)),
        **given,
    )
