"""Examine functions and objects of this process, without one of their own: for tests and notebooks."""

from __future__ import annotations

import inspect
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from ..errors import GradcalcError
from .child.broken import Broken
from .child.resolve import candidates
from .child.worker import Worker, put_back, random_state
from .given import Given
from .job import Job, failed, look
from .record import Examined

ALONE = threading.RLock()  # the code that is looked at may look at some itself


class Local:
    """A runner in this process: it can't be stopped, and what the code does to the process stays done."""

    def __init__(self) -> None:
        self.worker = Worker()
        self.left = float("inf")

    def ask(self, do: str, stage: str, **given: Any) -> Any:
        """Call a method of the worker."""
        with warnings.catch_warnings():
            # Moves go where the code was never meant to be: what numpy says of that is nobody's concern.
            warnings.simplefilter("ignore")
            return getattr(self.worker, do)(**given)


@contextmanager
def alone() -> Iterator[None]:
    """One at a time, since functions are edited meanwhile; the global generators are put back."""
    with ALONE:
        state = random_state()
        try:
            yield
        finally:
            put_back(state)


@alone()
def examine_here(what: Any, positional: tuple[Any, ...], inputs: Mapping[str, Any], **how: Any) -> Examined:
    """The verdict on a function that returns value and gradient, a pair of functions, a class or an object.

    `positional` are a gradient function, if the first is one, and then values in the order of the call;
    `inputs` are values by name, `params` among `how` parameters that are never moved.
    """
    parts = [what]
    if positional and callable(positional[0]) and not isinstance(positional[0], np.ndarray):
        parts, positional = [what, positional[0]], positional[1:]
    elif isinstance(what, tuple):
        parts = list(what)
    names = _names(parts)
    module = ModuleType("given")
    vars(module).update(zip(names, parts, strict=True))
    shown = ", ".join(names)
    runner = Local()
    given = Given(params=how.pop("params", {}), seed=how.get("seed", 0))
    how.pop("seed", None)
    job = Job(shown, given, **how)
    try:
        described = runner.worker.take(candidates(module, names, shown))
        taken = [a["name"] for a in described["arguments"]]
        if len(positional) > len(taken):
            raise GradcalcError(f"{shown} takes {len(taken)} arguments, not {len(positional)}", kind="arity")
        values = {**dict(zip(taken, positional, strict=False)), **inputs}
        typed = {n: v for n, v in values.items() if _is_array(v)}
        rest = {n: v for n, v in values.items() if n not in typed}
        given = given._replace(typed=typed, params={**given.params, **rest})
        return look(runner, described, job._replace(given=given))
    except Broken as error:
        return failed(job, error)


def _names(parts: list[Any]) -> list[str]:
    found = []
    for k, part in enumerate(parts):
        cls = part if inspect.isclass(part) or inspect.isroutine(part) else type(part)
        name = str(getattr(cls, "__name__", ""))
        found.append(name if name.isidentifier() and name not in found else "fgh"[k] if k < 3 else f"f{k}")
    return found


def _is_array(value: Any) -> bool:
    if isinstance(value, (str, bool, dict)) or value is None:
        return False
    try:
        return np.asarray(value).dtype.kind in "fiu"
    except (ValueError, TypeError):
        return False
