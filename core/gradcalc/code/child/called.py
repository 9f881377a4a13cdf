"""Which of people's functions a run goes through: methods of layers in a list are found only that way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from .own import own


def called(run: Callable[[], Any], home: str) -> tuple[Any, list[FunctionType]]:
    """What `run` gives, and people's own functions that it calls, in the order of their first call."""
    codes: dict[CodeType, None] = {}

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and own(frame.f_code.co_filename, home):
            codes.setdefault(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        result = run()
    finally:
        sys.setprofile(before)
    known = {f.__code__: f for module in list(sys.modules.values()) for f in _functions(module, home)}
    return result, [known[code] for code in codes if code in known]


def _functions(module: ModuleType, home: str) -> Iterator[FunctionType]:
    """The functions of a module, and the methods of its classes."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not own(file, home):
        return
    for value in list(vars(module).values()):
        for each in vars(value).values() if isinstance(value, type) else (value,):
            function = getattr(each, "__func__", each)
            if isinstance(function, FunctionType):
                yield function
