"""Which of people's functions a run goes through: methods of layers in a list are found only that way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any, NamedTuple

from .own import own


class Called(NamedTuple):
    """Code that ran, the largest number that each of its parameters (and self.x) was, and its function where
    that is one of a module or of a class.
    """

    code: CodeType
    numbers: dict[str, float]
    function: FunctionType | None


def called(run: Callable[[], Any], home: str) -> tuple[Any, list[Called]]:
    """What `run` gives, and people's own code that it runs, in the order of their first call."""
    # By identity: equal functions at the same lines of two files have equal code.
    codes: dict[int, tuple[CodeType, dict[str, float]]] = {}

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event == "call" and own(code.co_filename, home):
            _, numbers = codes.setdefault(id(code), (code, {}))
            for name, value in _numbers(frame):
                numbers[name] = max(abs(numbers.get(name, 0.0)), abs(value))

    with watching(profile):
        result = run()
    known = {id(f.__code__): f for module in list(sys.modules.values()) for f in _functions(module, home)}
    return result, [Called(code, numbers, known.get(key)) for key, (code, numbers) in codes.items()]


@contextmanager
def watching(profile: Callable[[FrameType, str, Any], None]) -> Iterator[None]:
    """Profile with this function; a profiler that runs pauses meanwhile."""
    before: Any = sys.getprofile()
    if before is not None and not callable(before):  # cProfile, before Python 3.12
        before.disable()
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before if callable(before) else None)
        if before is not None and not callable(before):
            before.enable()


def _numbers(frame: FrameType) -> Iterator[tuple[str, float]]:
    """The parameters of a call that are numbers, and the attributes of its object: eps, self.eps."""
    code, given = frame.f_code, frame.f_locals
    for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        value: Any = given.get(name)
        if type(value) in (int, float):
            yield name, value
    if code.co_varnames[:1] == ("self",):
        held = given.get("self")
        layers = [*reversed(type(held).__mro__), held]  # what comes later hides what comes before
        names = {name: each for one in layers for name, each in getattr(one, "__dict__", {}).items()}
        for name, value in names.items():
            if type(value) in (int, float):
                yield f"self.{name}", value


def _functions(module: ModuleType, home: str) -> Iterator[FunctionType]:
    """The functions of a module, and the methods of its classes."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not own(file, home):
        return
    for value in list(vars(module).values()):
        for each in vars(value).values() if isinstance(value, type) else (value,):
            function = getattr(each, "__func__", getattr(each, "fget", each))
            if isinstance(function, FunctionType):
                yield function
