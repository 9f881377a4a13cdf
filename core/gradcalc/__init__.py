"""gradcalc: see, compute and check a gradient.

>>> import gradcalc
>>> graph = gradcalc.graph("(x+y)*z", x=-2, y=5, z=-4)
>>> float(graph.forward())
-12.0
>>> {name: float(g) for name, g in graph.backward().items()}
{'x': -4.0, 'y': -4.0, 'z': 3.0}
>>> gradcalc.check("(x+y)*z", x=-2, y=5, z=-4).assert_ok()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .api import Result, check, graph
    from .errors import GradcalcError
    from .gate import Derivative, Domain, Gate, Kink, Pattern
    from .gates import GATES, MAKERS
    from .graphs import Graph, Node
    from .key import Key

# Names are imported when they are first used, so that the version costs nothing.
HOMES = {
    "check": "api", "graph": "api", "Result": "api",
    "GradcalcError": "errors",
    "Derivative": "gate", "Domain": "gate", "Gate": "gate", "Kink": "gate", "Pattern": "gate",
    "GATES": "gates", "MAKERS": "gates",
    "Graph": "graphs", "Node": "graphs",
    "Key": "key",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in HOMES:
        raise AttributeError(f"module 'gradcalc' has no attribute {name!r}")
    value = getattr(import_module(f".{HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


__all__ = [
    "GATES", "MAKERS", "Derivative", "Domain", "Gate", "GradcalcError", "Graph", "Key", "Kink", "Node",
    "Pattern", "Result", "check", "graph",
]  # fmt: skip
