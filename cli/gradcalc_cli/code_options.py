"""The options for checking code, and how their texts are read."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from gradcalc.code import ALLOWED, DTYPES
from gradcalc.errors import GradcalcError

from .completion import choices

Shapes = Annotated[
    list[str] | None,
    typer.Option("--shapes", metavar="NAME=4x5...", help="Draw these arguments at random, in these shapes."),
]
Param = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        metavar="KEY=VALUE",
        help="A parameter that is never moved, such as stride=2 or mode=train; repeatable.",
    ),
]
Vary = Annotated[
    bool, typer.Option("--vary", help="Try other shapes and parameters too: friendly ones hide mistakes.")
]
Reference = Annotated[
    str | None,
    typer.Option(
        "--reference",
        metavar="CODE",
        help="Compare with a trusted implementation, at the precision of the numbers.",
    ),
]
Dtype = Annotated[
    str | None,
    typer.Option(
        "--dtype",
        metavar="DTYPE",
        help="Give the inputs in float64 (default), float32 or bfloat16.",
        autocompletion=choices(*DTYPES),
    ),
]
Exception_ = Annotated[
    str | None,
    typer.Option(
        "--exception",
        metavar="TEXT",
        help="Declare why the gradient differs, such as straight-through: no failure.",
    ),
]
Fixed = Annotated[
    list[str] | None,
    typer.Option(
        "--fixed",
        metavar="NAME,NAME",
        help="Never move these inputs, such as masks: they have no gradient.",
    ),
]
Allow = Annotated[
    str | None,
    typer.Option(
        "--allow",
        metavar="mutation",
        help="Let the code write into its inputs and upstream gradients.",
        autocompletion=choices(*ALLOWED),
    ),
]
Timeout = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", help="How long the code of one target may take.")
]
Memory = Annotated[float, typer.Option("--memory", metavar="GIB", help="How much memory it may take.")]
Python = Annotated[
    str | None,
    typer.Option(
        "--python", metavar="PATH", help="Run the code in this Python; gradcalc need not be installed there."
    ),
]
Folder = Annotated[
    str | None,
    typer.Option("--folder", metavar="DIR", help="Run the code in this folder, not in an empty one."),
]


def shapes(given: Sequence[str] | None) -> dict[str, tuple[int, ...]]:
    """The shapes of --shapes, by name: `x=4x5 w=5x3`, also with commas between dimensions."""
    from gradcalc.code.given import shape

    found: dict[str, tuple[int, ...]] = {}
    for text in given or ():
        for word in text.replace(", ", " ").split():
            name, equals, dims = word.lstrip("-").partition("=")
            if not equals or not name:
                raise GradcalcError(f"--shapes takes NAME=SHAPE, not {word}", hint="--shapes x=4x5 w=5x3 b=3")
            found[name] = shape(dims)
    return found


def params(given: Sequence[str] | None) -> dict[str, Any]:
    """The parameters of --param, by name."""
    from gradcalc.code.given import plain

    found: dict[str, Any] = {}
    for text in given or ():
        words = text.split()
        for word in words if len(words) > 1 and all("=" in w for w in words) else [text]:
            name, equals, value = word.partition("=")
            if not equals or not name.strip() or "=" in value:
                hint = "--param stride=2" + (" --param pad=1" if "=" in value else "")
                raise GradcalcError(f"--param takes KEY=VALUE, not {word}", hint=hint)
            found[name.strip()] = plain(value)
    return found


def only_for_code(given: Mapping[str, Any]) -> None:
    """Refuse options that say something of code where an expression is checked."""
    for option, value in given.items():
        if value:
            raise GradcalcError(
                f"--{option} goes with code, not with an expression", hint="code is named FILE.py:NAME"
            )
