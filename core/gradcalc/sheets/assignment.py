"""An assignment: problems with their points, read from TOML."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..code import DTYPES
from ..code.given import Given, shape
from ..code.job import MEMORY, TIMEOUT, Job
from ..code.place import place
from ..errors import GradcalcError
from ..files import decoded, opened
from ..session import Question
from .keys import Source, known, shown

NUMBER = (int, float)
SHEET = {
    "title": str, "variant": str, "tolerance": NUMBER, "credit": dict, "strict": bool, "hint": int,
    "problem": list,
}  # fmt: skip
SHARED = {"id": (str, int), "title": str, "points": (int, float, dict)}
EXPRESSION = {
    **SHARED, "expression": str, "program": str, "file": str, "inputs": dict, "tolerance": NUMBER,
    "credit": dict, "strict": bool, "variant": str, "fixed": list, "seed": int, "of": str,
    "upstream": (str, int, float, list),
}  # fmt: skip
FUNCTION = {
    **SHARED, "function": str, "inputs": dict, "shapes": dict, "params": dict, "wrt": list, "vary": bool,
    "reference": str, "dtype": str, "timeout": NUMBER, "memory": NUMBER, "seed": int,
}  # fmt: skip
CREDIT = {"rounded": NUMBER, "follows": NUMBER, "digits": NUMBER}
UNBOUND = re.compile(r"(\w+) has no value")
WHAT = ("expression", "program", "file", "function")


class Credit(NamedTuple):
    """The share of the points for an answer that was rounded on the way, follows from wrong ones, or is too
    coarse to tell; 1 for one that is right, and 0 for any other.
    """

    rounded: float = 1.0
    follows: float = 1.0
    digits: float = 0.0


class Problem(NamedTuple):
    """One problem: a circuit (`question`) whose quantities are worth `points`, or a function (`job`).

    The points of a function are by argument (`dx`), or under its own name for all arguments together.
    `variant` says that every student has numbers of their own, but for the inputs `fixed`.
    """

    id: str
    title: str
    points: Mapping[str, float]
    question: Question | None = None
    job: Job | None = None
    tolerance: float | None = None
    credit: Credit = Credit()
    strict: bool = False
    variant: bool = False
    fixed: tuple[str, ...] = ()
    number: int = 0

    @property
    def worth(self) -> float:
        return sum(self.points.values())

    @property
    def text(self) -> str:
        """The expression, the program or the function."""
        return self.question.text if self.question is not None else self.job.target if self.job else ""


class Assignment(NamedTuple):
    """A sheet of problems; `hint` is how much of a mistake its students are told (see hints)."""

    title: str
    problems: tuple[Problem, ...]
    source: Source
    hint: int | None = None

    @property
    def worth(self) -> float:
        return sum(problem.worth for problem in self.problems)

    @property
    def files(self) -> set[str]:
        """The files of code that are asked for."""
        jobs = [p.job for p in self.problems if p.job is not None]
        return {found.where for job in jobs if (found := place(job.target)) is not None}


def read_assignment(path: str) -> Assignment:
    """The assignment in a TOML file. Raises GradcalcError, with the key and its line, for a bad one."""
    with opened(Path(path)) as file:
        text = decoded(file.read(), path)
    return parse_assignment(text, path)


def parse_assignment(text: str, name: str = "assignment") -> Assignment:
    """The assignment in a text; files that it names stand beside the file `name`.

    >>> sheet = parse_assignment("[[problem]]\\nexpression = 'x*y'\\ninputs = {x = 2, y = 3}")
    >>> sheet.problems[0].id, dict(sheet.problems[0].points)
    ('p1', {'dx': 1.0, 'dy': 1.0})
    """
    source = Source(text, name)
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise GradcalcError(f"{name} is not TOML: {error}", kind="assignment") from None
    known(table, SHEET, source)
    problems: list[Problem] = []
    for number, entry in enumerate(table.get("problem", [])):
        if not isinstance(entry, dict):
            raise source.wrong("a problem is a table", "problem", hint="write [[problem]] above each")
        problem = read_problem(entry, number, table, source)
        if any(problem.id.casefold() == other.id.casefold() for other in problems):
            raise source.wrong(f"the id {problem.id} is taken by another problem", "id", number)
        problems.append(problem)
    if not problems:
        raise GradcalcError(
            f"{name} has no problem",
            kind="assignment",
            hint='[[problem]] with expression = "(x+y)*z" and inputs = {x = -2, y = 5, z = -4}',
        )
    hint = table.get("hint")
    if hint not in (None, 1, 2, 3):
        raise source.wrong(f"hint is 1, 2 or 3, not {hint}", "hint", hint="1 where, 2 what kind, 3 all")
    return Assignment(table.get("title", Path(name).stem), tuple(problems), source, hint)


def read_problem(entry: Mapping[str, Any], number: int, sheet: Mapping[str, Any], source: Source) -> Problem:
    """One problem; what it leaves open, the sheet says."""
    what = [key for key in WHAT if key in entry]
    if len(what) != 1:
        said = f"both {what[0]} and {what[1]} are given" if what else "nothing is asked"
        if not what:
            known(entry, EXPRESSION | FUNCTION, source, number)
        raise source.wrong(said, what[-1] if what else "problem", number, f"give one of {', '.join(WHAT)}")
    known(entry, FUNCTION if what[0] == "function" else EXPRESSION, source, number)
    named = str(entry.get("id", f"p{number + 1}")).strip()
    if not named or any(c in named for c in ".,;\"'\n"):
        raise source.wrong(f"{named or 'nothing'} is no id", "id", number, "an id is a word, such as p1")
    problem = Problem(named, entry.get("title", ""), {}, number=number)
    build = function if what[0] == "function" else circuit
    return build(problem, entry, what[0], sheet, source)


def circuit(
    problem: Problem, entry: Mapping[str, Any], what: str, sheet: Mapping[str, Any], source: Source
) -> Problem:
    """A problem about an expression or a program; its points are held against its graph."""
    from ..key import Key

    text, origin = entry[what], None
    folder = Path(source.name).parent
    if what == "file" or (what == "expression" and text.strip().endswith(".grad")):
        origin = str(folder / text.strip())
        with opened(Path(origin)) as file:
            text = decoded(file.read(), origin)
    inputs = values(entry, problem.number, folder, source)
    upstream = entry.get("upstream")
    question = Question(
        text, inputs, origin=origin or f"{source.name}, problem {problem.id}", seed=entry.get("seed", 0),
        of=entry.get("of"), upstream=None if upstream is None else typed(upstream, folder),
    )  # fmt: skip
    try:
        key = Key.of(question)
    except GradcalcError as error:
        error.message = f"{source.name}, problem {problem.id}: {error.message}"
        missing = UNBOUND.match(error.message.rpartition(": ")[2])
        if missing is not None:
            error.hint = f"give it one in inputs = {{..., {missing[1]} = 1}}"
        error.kind = "assignment"
        raise
    points = worth(entry, problem.number, source)
    if points is None or not isinstance(points, dict):
        each = 1.0 if points is None else points
        points = {
            f"d{name}": each for name, i in key.graph.variables.items() if i not in key.graph.parameters
        }
    for name in points:
        try:
            key.quantity(name)
        except GradcalcError as error:
            raise source.wrong(error.message, name, problem.number, error.hint) from None
    variant = entry.get("variant", sheet.get("variant", "none"))
    if variant not in ("student", "none"):
        raise source.wrong(f'variant is "student" or "none", not {variant}', "variant")
    for name in entry.get("fixed", ()):
        if name not in key.graph.variables:
            raise source.wrong(f"fixed names {name}, which is no input", "fixed", problem.number)
    tolerance = entry.get("tolerance", sheet.get("tolerance"))
    if tolerance is not None and not 0 <= tolerance < 1:
        raise source.wrong(f"tolerance is a relative error from 0 to 1, not {tolerance}", "tolerance")
    return problem._replace(
        question=question, points=points, tolerance=tolerance,
        strict=entry.get("strict", sheet.get("strict", False)),
        credit=credit(sheet, entry, problem.number, source), variant=variant == "student",
        fixed=tuple(str(name) for name in entry.get("fixed", ())),
    )  # fmt: skip


def function(
    problem: Problem, entry: Mapping[str, Any], _: str, sheet: Mapping[str, Any], source: Source
) -> Problem:
    """A problem about a Python function that students hand in."""
    where = place(entry["function"])
    if where is None or where.kind != "file" or not where.names:
        raise source.wrong(
            f"{entry['function']} names no code", "function", problem.number, "write FILE.py:NAME"
        )
    if os.path.isabs(where.where) or ".." in Path(where.where).parts:
        raise source.wrong(
            f"{where.where} is not inside a submission", "function", problem.number, "name the file alone"
        )
    folder = Path(source.name).parent
    try:
        shapes = {
            n: shape("x".join(map(str, s)) or "scalar" if isinstance(s, list) else str(s))
            for n, s in entry.get("shapes", {}).items()
        }
    except GradcalcError as error:
        raise source.wrong(error.message, "shapes", problem.number, error.hint) from None
    given = Given(
        values(entry, problem.number, folder, source),
        shapes, dict(entry.get("params", {})), seed=entry.get("seed", 0),
    )  # fmt: skip
    if entry.get("dtype") not in (None, *DTYPES):
        raise source.wrong(
            f"dtype is one of {', '.join(DTYPES)}, not {shown(entry['dtype'])}", "dtype", problem.number
        )
    reference = entry.get("reference")
    for limit in ("timeout", "memory"):
        if not 0 < entry.get(limit, 1) < math.inf:
            raise source.wrong(f"{limit} is a positive number, not {entry[limit]}", limit, problem.number)
    job = Job(
        entry["function"], given, wrt=tuple(map(str, entry.get("wrt", ()))), vary=entry.get("vary", False),
        reference=None if reference is None else str(folder.absolute() / reference), dtype=entry.get("dtype"),
        timeout=float(entry.get("timeout", TIMEOUT)), memory=int(entry.get("memory", MEMORY / 2**30) * 2**30),
    )  # fmt: skip
    points = worth(entry, problem.number, source)
    if not isinstance(points, dict):
        points = {where.names[-1].rpartition(".")[2]: 1.0 if points is None else points}
    return problem._replace(job=job, points=points)


def values(entry: Mapping[str, Any], number: int, folder: Path, source: Source) -> dict[str, str]:
    """The inputs as they would be typed."""
    for name, value in entry.get("inputs", {}).items():
        if isinstance(value, bool | dict) or (isinstance(value, float) and not math.isfinite(value)):
            raise source.wrong(f"{name} is a number, an array or a text, not {shown(value)}", name, number)
    return {name: typed(value, folder) for name, value in entry.get("inputs", {}).items()}


def worth(entry: Mapping[str, Any], number: int, source: Source) -> dict[str, float] | float | None:
    """The points: by quantity, or one number for each."""
    points = entry.get("points")
    for key, value in points.items() if isinstance(points, dict) else [("points", points)]:
        if value is None:
            return None
        if type(value) not in NUMBER or not 0 <= value < float("inf"):
            raise source.wrong(f"the points of {key} are a number from 0 on, not {shown(value)}", key, number)
    if isinstance(points, dict):
        if not points:
            raise source.wrong("points name no quantity", "points", number, "points = {dx = 1, dy = 1}")
        return {name: float(value) for name, value in points.items()}
    return float(points) if points is not None else None


def credit(sheet: Mapping[str, Any], entry: Mapping[str, Any], number: int, source: Source) -> Credit:
    """The credit for answers that are not plainly right or wrong."""
    found = Credit()
    for table, where in ((sheet.get("credit", {}), None), (entry.get("credit", {}), number)):
        known(table, CREDIT, source, where, "credit.")
        for key, value in table.items():
            if not 0 <= value <= 1:
                raise source.wrong(f"credit.{key} is a share from 0 to 1, not {value}", key, where)
        found = found._replace(**{key: float(value) for key, value in table.items()})
    return found


def typed(value: Any, folder: Path) -> str:
    """A value as it would be typed; files stand beside the assignment."""
    if isinstance(value, str) and value.startswith("@"):
        return f"@{folder / value[1:]}"
    if isinstance(value, list):
        return f"[{', '.join(typed(entry, folder) for entry in value)}]"
    return value if isinstance(value, str) else repr(value)
