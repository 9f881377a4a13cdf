"""One target from beginning to end: a process, the code in it, its examination, and its variations."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..errors import GradcalcError
from . import ALLOWED, DTYPES
from .child.broken import UNCLEAR, Broken
from .examine import Asked, examine
from .given import Given
from .hints import hinted
from .place import Place, place, unnamed
from .process import Process
from .record import Examined
from .reference import compare
from .vary import Variation, variations
from .witness import Runner

TIMEOUT = 60.0
MEMORY = 8 * 2**30


class Job(NamedTuple):
    """What is to be checked, and how.

    `target` is FILE.py:NAME (see place), `vary` tries other shapes and parameters too, `reference` names a
    trusted implementation to compare with, `dtype` the precision of the inputs. `timeout` is in seconds and
    `memory` in bytes, for the whole target; `python` is the interpreter that the code belongs to, `folder`
    where it runs (an empty one of its own, if none); `mend` looks for the line that is wrong, `hint` tells
    less (see hints); `rtol`, `atol` and `strict` say what may differ (see allowance). `threads` bounds those
    of its linear algebra (0: as the library likes). `fixed` are inputs that are never moved and have no
    gradient, `allow` what is no failure though it is none of a good backward's habits (see ALLOWED).
    """

    target: str
    given: Given = Given()
    wrt: tuple[str, ...] = ()
    vary: bool = False
    reference: str | None = None
    dtype: str | None = None
    exception: str = ""
    timeout: float = TIMEOUT
    memory: int = MEMORY
    python: str | None = None
    folder: str | None = None
    mend: bool = True
    hint: int | None = None
    threads: int = 0
    rtol: float | None = None
    atol: float | None = None
    strict: bool = False
    fixed: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


def run(job: Job) -> Examined:
    """Examine one target; what the code does wrong is the verdict, never an exception.

    A target that can't be examined (no such file, an exception in the forward, too slow) has the verdict
    "error". Raises GradcalcError where the question itself is wrong: values missing, unknown parameters.
    """
    if job.dtype not in (None, *DTYPES):
        raise GradcalcError(f"there is no check in {job.dtype}", hint=f"there are {', '.join(DTYPES)}")
    for word in job.allow:
        if word not in ALLOWED:
            raise GradcalcError(f"there is no {word} to allow", hint=f"there is {', '.join(ALLOWED)}")
    where = place(job.target)
    if where is None:
        raise GradcalcError(
            f"{job.target} names no code",
            hint="write FILE.py:NAME, notebook.ipynb:NAME or package.module:NAME",
        )
    try:
        with loaded(job, where) as (runner, described):
            return hinted(placed(look(runner, described, job), described), job.hint)
    except Broken as error:
        return failed(job, error)


def placed(found: Examined, described: Mapping[str, Any]) -> Examined:
    """With the file and the line of the gradient; a file below the current folder is named from there."""
    if not described.get("place") or not described["place"][0]:
        return found
    file, line = described["place"]
    near = os.path.relpath(file) if os.path.abspath(file).startswith(os.getcwd() + os.sep) else file
    return found._replace(file=near, line=line)


@contextmanager
def loaded(job: Job, where: Place) -> Iterator[tuple[Process, Mapping[str, Any]]]:
    """A process that has loaded the target, and what the worker says of it."""
    with Process(
        timeout=job.timeout, memory=job.memory, python=job.python, folder=job.folder, threads=job.threads
    ) as process:
        home = _home(where, job)
        asked = {"kind": where.kind, "where": _absolute(where), "shown": where.where, "home": home}
        if not where.names:
            raise unnamed(where, process.ask("names", "load", **asked))
        yield process, process.ask("load", "load", names=list(where.names), **asked)


def _home(where: Place, job: Job) -> str:
    """The folder that a module is imported from: where the command runs, if its package stands there."""
    here = os.path.abspath(job.folder or os.curdir)
    first = os.path.join(here, where.where.partition(".")[0])
    stands = where.kind == "module" and (os.path.isdir(first) or os.path.isfile(f"{first}.py"))
    return here if stands else ""


def _absolute(where: Place) -> str:
    return where.where if where.kind == "module" else os.path.abspath(where.where)


def look(runner: Runner, described: Mapping[str, Any], job: Job) -> Examined:
    """Examine what a runner has loaded, and vary it if that is asked for."""
    mend = job.mend and job.hint in (None, 3)
    asked = Asked(
        job.target, job.given, job.wrt, job.exception, job.dtype, mend, job.rtol, job.atol, job.strict,
        job.fixed, job.allow,
    )  # fmt: skip
    if job.reference is not None:
        return compare(runner, described, asked, job.reference)
    found, point = examine(runner, described, asked)
    if not job.vary or found.verdict in ("error", "nonfinite"):
        return found
    others = variations(point, described, job.fixed)
    return _worst(found, [_varied(runner, described, asked, v) for v in others])


def _varied(
    runner: Runner, described: Mapping[str, Any], asked: Asked, variation: Variation
) -> Examined | None:
    """The verdict on one variation; None where the forward does not take it."""
    if runner.left < 2:
        return None
    try:
        found, _ = examine(runner, described, asked, variation.point)
    except Broken as error:
        stage, ended = error.stage in ("forward", "load", "call"), error.kind in ("time", "crash", "exit")
        if (stage and not ended) or error.kind == "cache":
            return None
        raise
    return found._replace(case=variation.words)


def _worst(found: Examined, others: list[Examined | None]) -> Examined:
    """The examination of the given point, or the variation that fails where that does not."""
    ran = [o for o in others if o is not None]
    failing = [o for o in ran if o.verdict == "fail"]
    result = found
    if found.verdict != "fail" and failing:
        more = [o.case for o in failing[1:]]
        result = failing[0]
        notes = (f"it also fails with {'; '.join(more)}",) if more else ()
        result = result._replace(notes=(*result.notes, *notes))
    elif failing:
        result = result._replace(
            notes=(*result.notes, f"it also fails with {'; '.join(o.case for o in failing)}")
        )
    return result._replace(tried=1 + len(ran))


def failed(job: Job, error: Broken) -> Examined:
    """The verdict on code that can't be examined, or whose backward ends or hangs the process."""
    verdict = "fail" if error.stage == "backward" and error.kind not in UNCLEAR else "error"
    what = {"load": "it can't be loaded", "backward": "the backward fails", "forward": "the forward fails"}
    said = error.message if error.kind in ("missing", "python", "notebook", *UNCLEAR) else None
    said = said or f"{what.get(error.stage, 'it fails')}: {error.message}"
    trace = tuple(error.trace)
    notes: tuple[str, ...] = (said,)
    if error.kind == "missing" and trace:
        trace, notes = (), (said, *trace)
    if error.kind == "time":
        notes += ("--timeout SECONDS allows more",)
    elif error.kind == "MemoryError":
        notes += ("--memory GIB allows more",)
    elif error.kind == "FileNotFoundError" and job.folder is None:
        notes += ("the code runs in an empty folder of its own; --folder . lets it run here",)
    return Examined(job.target, verdict, notes=notes, trace=trace, exception=job.exception)
