"""Whatever people's code takes and returns, as arrays."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def to_array(value: Any) -> Any:
    """A number, list, tensor or array as a numpy array of its own (a copy); None stays None.

    Raises TypeError where it is no numbers.
    """
    if value is None:
        return None
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        value = value.float() if value.dtype in (torch.bfloat16, torch.float16) else value
        return np.array(value.resolve_conj().numpy())
    array = np.array(value)
    if array.dtype.kind not in "fciub":
        if array.dtype.name == "bfloat16":
            return array.astype(np.float32)
        raise TypeError(f"{type(value).__name__} is no number or array")
    return array


def dtype_of(value: Any) -> str:
    """The precision in which something was computed: float64, float32, bfloat16, int64 ..."""
    name = getattr(getattr(value, "dtype", None), "name", None) or str(getattr(value, "dtype", ""))
    return name.replace("torch.", "") or np.asarray(value).dtype.name


def is_numbers(value: Any) -> bool:
    """Whether something is a number, an array or a tensor."""
    if isinstance(value, (bool, int, float, np.generic, np.ndarray)):
        return np.asarray(value).dtype.kind in "fiubc"
    return hasattr(value, "__array__") and hasattr(value, "shape") and hasattr(value, "dtype")


def parts(result: Any) -> list[Any]:
    """What a function returned, as a list."""
    return list(result) if isinstance(result, (tuple, list)) and not is_plain_list(result) else [result]


def is_plain_list(value: Any) -> bool:
    """A list of plain numbers is one array, not several results."""
    return isinstance(value, list) and bool(value) and all(isinstance(v, (int, float)) for v in value)


def copied(values: dict[str, Any]) -> dict[str, Any]:
    """The values once more, so that whoever changes them changes nothing of ours."""
    import copy

    return {k: v.copy() if isinstance(v, np.ndarray) else copy.deepcopy(v) for k, v in values.items()}


def changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """The names whose array is not what it was."""
    return tuple(
        name
        for name, value in before.items()
        if isinstance(value, np.ndarray)
        and isinstance(after.get(name), np.ndarray)
        and not np.array_equal(value, after[name], equal_nan=value.dtype.kind in "fc")
    )
