"""Bare values for a shell: one number or nested list a line, and nothing else."""

from collections.abc import Sequence
from typing import Any

from .number import bare, number


def gotten(report: Any, names: Sequence[str], precision: int | None = None) -> str:
    """The values that were asked for, a line each, with every digit unless fewer are wanted."""
    from gradcalc.session import quantity

    return "".join(shown(quantity(report, name), precision) + "\n" for name in names)


def shown(value: Any, precision: int | None) -> str:
    """One value."""
    if not getattr(value, "shape", ()):
        return bare(value) if precision is None else number(value, precision)
    from .json import encode
    from .json import value as strict

    if precision is not None:
        return encode(rounded(value.tolist(), precision))
    return encode(strict(value))


def rounded(entries: Any, precision: int) -> Any:
    """Nested lists with fewer digits."""
    if isinstance(entries, list):
        return [rounded(entry, precision) for entry in entries]
    from .json import strict

    return strict(float(f"{entries:.{precision}g}"))
