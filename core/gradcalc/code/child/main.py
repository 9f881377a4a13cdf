"""The child process: answers one request after another until its standard input ends.

It is started as a file, in whatever Python the code belongs to, so its siblings are imported by their
folder. The channel is moved off descriptors 0 and 1 first: what the code prints or asks for can't
disturb it.
"""

from __future__ import annotations

import importlib
import os
import sys
import types
from typing import Any


def main() -> None:
    """Serve requests `{"do": name, "with": {...}}`; each is answered by "done" or "broken"."""
    folder = os.path.dirname(os.path.abspath(__file__))
    package = types.ModuleType("_gradcalc_child")
    package.__path__ = [folder]
    sys.modules["_gradcalc_child"] = package
    sys.path[:] = [p for p in sys.path if os.path.abspath(p or os.curdir) != folder]
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    sys.stdin = os.fdopen(os.dup(nowhere))
    limit(int(os.environ.get("GRADCALC_MEMORY", "0")), float(os.environ.get("GRADCALC_SECONDS", "0")))
    wire: Any = importlib.import_module("_gradcalc_child.wire")
    broken: Any = importlib.import_module("_gradcalc_child.broken")
    worker: Any = importlib.import_module("_gradcalc_child.worker").Worker()
    worker.quiet = False
    import warnings

    warnings.simplefilter("ignore")
    while True:
        try:
            request = wire.receive(requests)
        except EOFError:
            return
        try:
            wire.send(answers, {"done": getattr(worker, request["do"])(**request["with"])})
        except broken.Broken as error:
            parts = {k: getattr(error, k) for k in ("stage", "kind", "message", "trace")}
            wire.send(answers, {"broken": parts})


def limit(size: int, seconds: float) -> None:
    """Let the process have so many bytes of memory (0: as many as there are), and so many seconds.

    Who started it ends it before that, unless it was ended itself: then no loop without end is left behind.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    if size:
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    if seconds:
        most = (int(seconds) + 1) * (os.cpu_count() or 1)
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
