"""All gates, by name: GATES. A broken gate for a test is `{**GATES, "mul": broken}`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from ..gate import Gate
from .makers import MAKERS

FAMILIES = (
    "arithmetic", "elementary", "trigonometric", "hyperbolic", "activation", "routing", "reduction",
    "linear", "linalg", "indexing", "shape", "loss", "layer", "convolution", "pooling",
)  # fmt: skip


def _gather() -> Mapping[str, Gate]:
    table: dict[str, Gate] = {}
    for family in FAMILIES:
        module = import_module(f".{family}", __name__)
        for value in vars(module).values():
            if isinstance(value, Gate) and value.forward.__module__ == module.__name__:
                if table.get(value.name, value) is not value:
                    raise TypeError(f"two gates are called {value.name!r}")
                table[value.name] = value
    return MappingProxyType(table)


GATES = _gather()

__all__ = ["FAMILIES", "GATES", "MAKERS"]
