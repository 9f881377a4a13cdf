"""gradcalc selftest: the check on trial, with faults planted on purpose and with right programs."""

import os
from typing import Annotated

import typer

from gradcalc.errors import GradcalcError, nearest

from .. import options as o
from ..arguments import PlainCommand
from ..completion import choices, complete_gate
from ..console import err, out
from ..progress import Bar

SHORT = "Plant faults in every gate, and see whether the check finds them."
CLASS = PlainCommand
FORMATS = ("table", "json")
EXAMPLES = """\b
Examples:
  gradcalc selftest
  gradcalc selftest --gate sigmoid --gate max
  gradcalc selftest --thorough --jobs 4
  gradcalc selftest --seed 7 --format json
"""


def run(
    gate: Annotated[
        list[str] | None,
        typer.Option(
            "--gate",
            metavar="NAME",
            autocompletion=complete_gate,
            help="Only the faults of this gate, by any of its names; repeatable.",
        ),
    ] = None,
    thorough: Annotated[
        bool,
        typer.Option("--thorough", help="More points and programs: minutes instead of seconds."),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", metavar="N", help="Work in this many processes; as many as there are cores."),
    ] = None,
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="N", help="Draw other points and other programs."),
    ] = 0,
    format_: Annotated[
        str,
        typer.Option(
            "--format", metavar="|".join(FORMATS), help="What to print.", autocompletion=choices(*FORMATS)
        ),
    ] = "table",
    color: o.Color = "auto",
    width: o.Width = None,
) -> None:
    """Put the check on trial: plant faults that it must find, and give it right programs that it must pass.

    Planted are: a lost sign, a factor (down to one part in a billion), a zero, a forgotten upstream gradient,
    swapped inputs and an unsummed broadcast in every gate; the same in random programs of scalars and of
    arrays; = for += at their forks; and the mistakes that people make. A fault that changes no number is
    equivalent: nobody can see it.

    \b
    Exit codes:
      0  every visible fault caught, no false alarm    1  one missed, or an alarm
      2  the question can't be answered
    """
    o.one_of("--format", format_, FORMATS)
    o.one_of("--color", color, o.COLORS)
    o.in_range(width=width, seed=seed, jobs=jobs)

    from gradcalc import GATES
    from gradcalc.selftest import EMPTY, FULL, QUICK, plan
    from gradcalc.selftest import run as tried

    from ..views.gates import by_name
    from ..views.selftest import selftest_json, selftest_table

    names = []
    for name in gate or ():
        found = by_name(GATES, name)
        if found is None:
            near = nearest(name, GATES)
            hint = f"did you mean {near}?" if near else "gradcalc gates lists them all"
            raise GradcalcError(f"there is no gate {name}", kind="name", hint=hint)
        names.append(found.name)
    parts = plan(FULL if thorough else QUICK, tuple(dict.fromkeys(names)), seed=seed)
    bar = Bar(err({"color": color}), len(parts), True, "faults and programs")
    total = EMPTY
    for done, tally in enumerate(tried(parts, jobs or os.cpu_count() or 1), 1):
        total += tally
        bar.show(done, total.planted + total.programs)
    bar.clear()
    console = out({"color": color, "width": width})
    if format_ == "json":
        console.text(selftest_json(total, seed))
    else:
        console.lines(selftest_table(total, console.width, console.glyphs))
    if not total.ok:
        raise typer.Exit(1)
