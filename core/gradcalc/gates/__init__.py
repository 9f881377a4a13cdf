"""All gates, by name: GATES. A broken gate for a test is `{**GATES, "mul": broken}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..gate import Gate

if TYPE_CHECKING:
    from .makers import MAKERS

FAMILIES = (
    "arithmetic", "elementary", "trigonometric", "hyperbolic", "activation", "routing", "reduction",
    "linear", "linalg", "indexing", "shape", "loss", "layer", "convolution", "pooling",
)  # fmt: skip


class Gates(Mapping[str, Gate]):
    """The gates of some families, by name; immutable, and safe to read from several threads.

    A family's module is read when a gate is asked for that no family before it has: most circuits need
    one or two, and all of them together cost as much as the rest of a small circuit's start.
    """

    def __init__(self, families: tuple[str, ...]) -> None:
        self._families = families
        self._read: dict[str, Mapping[str, Gate]] = {}

    def families(self) -> Iterator[Mapping[str, Gate]]:
        """The gates family by family, each read when the iterator comes to it."""
        for family in self._families:
            if family not in self._read:
                self._read[family] = gates_of(family)
            yield self._read[family]

    def __getitem__(self, name: str) -> Gate:
        for family in self.families():
            if name in family:
                return family[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        for family in self.families():
            yield from family

    def __len__(self) -> int:
        return sum(map(len, self.families()))

    def __or__(self, others: Mapping[str, Gate]) -> dict[str, Gate]:
        return {**self, **others}


def gates_of(family: str) -> Mapping[str, Gate]:
    """The gates that a family's module declares, by name."""
    module = import_module(f".{family}", __name__)
    every = [value for value in vars(module).values() if isinstance(value, Gate)]
    own = [gate for gate in every if gate.forward.__module__ == module.__name__]
    gates = {gate.name: gate for gate in own}
    if len(gates) < len({id(gate) for gate in own}):
        raise TypeError(f"two gates of one name in {family}")
    return gates


GATES: Mapping[str, Gate] = Gates(FAMILIES)


def __getattr__(name: str) -> Any:
    # Few programs make constants of their own.
    if name != "MAKERS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .makers import MAKERS

    return MAKERS


__all__ = ["FAMILIES", "GATES", "MAKERS"]
