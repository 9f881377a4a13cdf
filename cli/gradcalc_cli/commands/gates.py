"""gradcalc gates: the operations that an expression may use, and what each does to a gradient."""

from typing import Annotated

import typer

from gradcalc.errors import GradcalcError, nearest

from .. import options as o
from ..arguments import PlainCommand
from ..completion import choices, complete_gate
from ..console import out

SHORT = "The operations there are, and what each does to gradients."
CLASS = PlainCommand
FORMATS = ("table", "json")
EXAMPLES = """\b
Examples:
  gradcalc gates
  gradcalc gates mul
  gradcalc gates routing
  gradcalc gates sigmoid --width 120
  gradcalc gates max --format json
"""


def run(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            show_default=False,
            autocompletion=complete_gate,
            help="A gate, by any of its names, or a family such as routing. Without it: all gates.",
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
    color: o.Color = "auto",
    width: o.Width = None,
) -> None:
    """List the gates, or show one: its formula, its derivatives, and how gradients pass through it."""
    o.one_of("--format", format_, FORMATS)
    o.one_of("--color", color, o.COLORS)
    o.in_range(width=width)

    from gradcalc import GATES, MAKERS

    from ..views.gates import by_family, by_name, gates_json, listing

    console = out({"color": color, "width": width})
    families = by_family(GATES)
    gate = None if name is None else by_name(GATES, name)
    makers = {spelling: maker for maker in MAKERS.values() for spelling in (maker.name, *maker.names)}
    if gate is None and name in families:
        families = {name: families[name]}
    elif gate is None and name in makers:
        maker = makers[name]
        console.lines([[(f" {maker.signature}", "bold")], [(f" {maker.doc.strip()}", "")]])
        return
    elif gate is None and name is not None:
        near = nearest(name, [*GATES, *families, *makers])
        hint = f"did you mean {near}?" if near else "gradcalc gates lists them all"
        raise GradcalcError(f"there is no gate {name}", kind="name", hint=hint)
    if format_ == "json":
        console.text(gates_json(families if gate is None else {"": [gate]}))
    elif gate is None:
        console.lines(
            listing(families, () if name else tuple(MAKERS.values()), console.width, console.glyphs)
        )
    else:
        from ..views.gate import one_gate
        from ..worked import worked

        console.lines(one_gate(gate, worked(gate), console.width, console.glyphs))
