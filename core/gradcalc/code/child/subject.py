"""What all ways of writing a gradient have in common: arguments, a forward, and a backward."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from .naming import assign, meant, undecorated

Values = dict[str, Any]
CACHES = {"cache", "caches", "ctx", "context", "saved", "memory", "mem", "state", "tape"}
# What the layers of a well-known course take, where nobody says otherwise.
CUSTOMARY: dict[str, dict[str, Any]] = {
    "conv_param": {"stride": 1, "pad": 1},
    "pool_param": {"pool_height": 2, "pool_width": 2, "stride": 2},
    "bn_param": {"mode": "train"},
    "ln_param": {},
    "gn_param": {"eps": 1e-5},
    "dropout_param": {"mode": "train", "p": 0.5, "seed": 1},
}


class Argument(NamedTuple):
    """One argument of a call.

    `kind` is "value", "dict" for a dictionary of parameters, or "rest" for `*args`, which takes whatever else
    is given.
    """

    name: str
    kind: str
    required: bool
    default: Any


class Gradients(NamedTuple):
    """What a backward gave: gradients by input, what could not be placed, and what its author named."""

    found: dict[str, Any]
    lost: list[str]


class Subject:
    """A forward and a backward as their author wrote them, behind one form.

    `words` tells how they are called, `arguments` what they need, `seeded` whether the backward takes an
    upstream gradient. `held` are arrays that the code holds itself (a network's weights), by name, and
    `silent` the names of those for which no gradient is to be had. `gradient` is the function in which the
    gradient is written, and `value` that of the forward.
    """

    words = ""
    seeded = True
    remembers = False  # what the forward drew at random reaches the backward: a dropout layer may do that
    elementwise = False  # the gradient is the local one, entry by entry
    ends = False  # the upstream gradient is 1 by default: the loss at the end of a network
    fixed: frozenset[str] = frozenset()  # what is given and never moved: no gradient belongs to it

    def __init__(self) -> None:
        self.arguments: list[Argument] = []
        self.held: dict[str, Any] = {}
        self.silent: list[str] = []
        self.gradient: Any = None
        self.value: Any = None

    def take(self, names: Sequence[str]) -> None:
        """Let the `*args` of the call stand for these names."""
        for held in vars(self).values():
            if isinstance(held, list) and any(isinstance(a, Argument) and a.kind == "rest" for a in held):
                known = [a for a in held if a.kind != "rest"]
                held[:] = known + [Argument(n, "value", False, None) for n in names]

    def begin(self, values: Values) -> None:
        """Prepare whatever is made once, for these values."""

    def forward(self, values: Values) -> tuple[list[Any], Any]:
        """The outputs (raw), and what the backward needs."""
        raise NotImplementedError

    def backward(self, state: Any, upstreams: Sequence[Any], values: Values) -> Gradients:
        """The gradients for these upstream gradients, raw, by input."""
        raise NotImplementedError

    def inputs(self, values: Values) -> list[str]:
        """The names that a gradient may belong to, in the order of the call."""
        return [n for n in self.every(values) if n not in self.fixed]

    def every(self, values: Values) -> list[str]:
        """The same with what is fixed, of which a backward may give the gradient all the same."""
        return [a.name for a in self.arguments if a.kind == "value" and a.name in values] + list(self.held)

    def placed(self, result: Any, names: Sequence[str | None], values: Values) -> Gradients:
        """What a backward returned, each gradient with its input; those of what is fixed are left out."""
        every = self.every(values)
        result = fields(result, every)
        count = len(result) if isinstance(result, (tuple, list)) else 1
        named = isinstance(result, Mapping) or (bool(names) and all(n and meant(n, every) for n in names))
        whole = named or count == len(every)
        found, lost = placed(result, names, every if whole else self.inputs(values), values)
        return Gradients({n: g for n, g in found.items() if n not in self.fixed}, lost)


def arguments_of(function: Callable[..., Any], *, skip_self: bool = False) -> list[Argument]:
    """The arguments of a function, as far as it tells them."""
    try:
        params = list(inspect.signature(undecorated(function)).parameters.values())
    except (ValueError, TypeError):
        return []
    found = []
    for k, p in enumerate(params):
        if p.kind is p.VAR_KEYWORD or (skip_self and k == 0):
            continue
        if p.kind is p.VAR_POSITIONAL:
            found.append(Argument(p.name, "rest", False, None))
            continue
        required = p.default is p.empty
        kind = "dict" if is_dict(p.name, None if required else p.default) else "value"
        found.append(Argument(p.name, kind, required, None if required else p.default))
    return found


def is_dict(name: str, default: Any) -> bool:
    """Whether an argument is a dictionary of parameters."""
    lower = name.lower()
    return isinstance(default, dict) or lower.endswith(("_param", "_params", "_config", "_kwargs"))


def call(function: Callable[..., Any], arguments: Sequence[Argument], values: Values) -> Any:
    """Call with the values that are there; what has none keeps its default."""
    positional: list[Any] = []
    named: dict[str, Any] = {}
    given = [a for a in arguments if a.name in values]
    try:
        params = inspect.signature(undecorated(function)).parameters
    except (ValueError, TypeError):
        params = MappingProxyType({})
    if any(a.name not in params for a in given):
        return function(*[values[a.name] for a in given])
    rest = any(params[a.name].kind is inspect.Parameter.VAR_POSITIONAL for a in given)
    for a in arguments:
        if a.name not in values:
            continue
        if params[a.name].kind is inspect.Parameter.VAR_POSITIONAL:  # (dout, *cache)
            several = values[a.name]
            positional += several if isinstance(several, (tuple, list)) else [several]
        elif rest or params[a.name].kind is inspect.Parameter.POSITIONAL_ONLY:
            positional.append(values[a.name])
        else:
            named[a.name] = values[a.name]
    return function(*positional, **named)


def fields(result: Any, inputs: Sequence[str]) -> Any:
    """A named tuple or a dataclass whose fields are called like inputs, as a dict."""
    names = getattr(result, "_fields", None) or tuple(getattr(result, "__dataclass_fields__", ()))
    if names and all(name in inputs or meant(str(name), inputs) is not None for name in names):
        return {name: getattr(result, name) for name in names}
    return result


def placed(result: Any, names: Sequence[str | None], inputs: Sequence[str], values: Values) -> Gradients:
    """Gradients as a dict, a record with fields, a tuple or a single array, each with its input."""
    result = fields(result, inputs)
    if isinstance(result, Mapping):
        found, lost = {}, []
        for key, value in result.items():
            target = key if key in inputs else meant(str(key), inputs)
            if target is None:
                lost.append(f"a gradient called {key} that fits no input")
            else:
                found[target] = value
        return Gradients(found, lost)
    items = list(result) if isinstance(result, (tuple, list)) else [result]
    tables = [i for i in items if isinstance(i, Mapping)]
    if tables and len(tables) < len(items):
        # (dx, {"w": dw}): what the dictionaries name, and the others for what is left.
        named = placed({k: v for t in tables for k, v in t.items()}, [], inputs, values)
        rest = [k for k, i in enumerate(items) if not isinstance(i, Mapping)]
        free = [n for n in inputs if n not in named.found]
        labels = [names[k] for k in rest] if len(names) == len(items) else []
        found, lost = assign([items[k] for k in rest], labels, free, values)
        return Gradients({**named.found, **found}, named.lost + lost)
    if len(items) != len(inputs) and _is_one(result, inputs, values):
        items = [result]
    return Gradients(*assign(items, names, inputs, values))


def _is_one(result: Any, inputs: Sequence[str], values: Values) -> bool:
    """Whether a list is the one gradient of an input, written as a list of its entries."""
    try:
        array = np.array(result)
    except ValueError:
        return False
    return array.dtype.kind in "fi" and any(np.shape(values[n]) == array.shape for n in inputs)
