"""Gradients written as classes: layers with forward and backward, networks that hold their weights."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from .arrays import is_numbers, parts
from .broken import Broken
from .functions import TwoFunctions, ValueAndGradient
from .naming import meant, plain, returned_names
from .subject import Gradients, Subject, Values, arguments_of, call, placed

WEIGHTS = ("params", "weights", "parameters", "p")
SLOPES = ("grads", "gradients", "grad", "dparams")


class Instance:
    """How an object of a class is made anew, with given arrays in it, as often as it is needed."""

    def __init__(self, made: Any) -> None:
        self.cls = made if isinstance(made, type) else None
        self.pristine = None if self.cls else made
        self.arguments = arguments_of(made) if self.cls else []
        self.arrays = False  # whether the constructor takes arrays that move

    def begin(self, values: Values) -> dict[str, Any]:
        """Make the object once; the float arrays that it holds, by name."""
        if self.cls is not None:
            mine = [values.get(a.name) for a in self.arguments]
            self.arrays = any(isinstance(v, np.ndarray) and v.dtype.kind == "f" and v.ndim for v in mine)
            self.pristine = call(self.cls, self.arguments, values)
        passed = [id(v) for v in values.values() if isinstance(v, np.ndarray)]
        known = {plain(n) for n in values}
        held = holdings(self.pristine).items()
        return {n: v for n, v in held if id(v) not in passed and plain(n) not in known}

    def fresh(self, values: Values) -> Any:
        """An object as after its making, the arrays that it holds set to these values."""
        if self.arrays and self.cls is not None:
            made = call(self.cls, self.arguments, values)
        else:
            made = copy.deepcopy(self.pristine)
        for name, array in holdings(made).items():
            if name in values and array is not values[name] and np.shape(array) == np.shape(values[name]):
                array[...] = values[name]
        return made


def holdings(made: Any) -> dict[str, Any]:
    """The float arrays in an object's attributes, and in its dictionaries and lists of weights."""
    found: dict[str, Any] = {}
    for name, value in _attributes(made):
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            found.setdefault(name, value)
        elif _is_group(name, value):
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for key, array in pairs:
                label = str(key) if isinstance(value, dict) else f"{name}[{key}]"
                known = any(array is other for other in found.values())
                if isinstance(array, np.ndarray) and array.dtype.kind == "f" and not known:
                    found[label] = array
        elif _is_parameter(value):
            found.setdefault(name, value.data)
    return found


def _is_group(name: str, value: Any) -> bool:
    """Whether something is a dictionary of weights, or a list of nothing but float arrays."""
    if isinstance(value, dict):
        return name in WEIGHTS
    return (
        isinstance(value, (list, tuple))
        and bool(value)
        and all(isinstance(v, np.ndarray) and v.dtype.kind == "f" for v in value)
    )


def _is_parameter(value: Any) -> bool:
    """Whether something holds an array as its data, beside a gradient of it."""
    data = getattr(value, "data", None)
    return isinstance(data, np.ndarray) and data.dtype.kind == "f" and hasattr(value, "grad")


def _attributes(made: Any) -> Iterator[tuple[str, Any]]:
    table = dict(getattr(made, "__dict__", {}))
    slots = [s for c in type(made).__mro__ for s in getattr(c, "__slots__", ())]
    table.update({s: getattr(made, s) for s in slots if isinstance(s, str) and hasattr(made, s)})
    return iter(table.items())


def slopes(made: Any, names: Sequence[str], values: Values) -> dict[str, Any]:
    """The gradients that an object holds after its backward: self.dW, self.grads["W"], self.W.grad ..."""
    table = {**_properties(made, names), **dict(_attributes(made))}
    found: dict[str, Any] = {}
    for key in SLOPES:
        held = table.get(key)
        if isinstance(held, dict):
            found.update(placed({k: v for k, v in held.items() if v is not None}, [], names, {}).found)
        elif isinstance(held, (list, tuple)):
            weights = next((table[w] for w in WEIGHTS if isinstance(table.get(w), (list, tuple))), ())
            labels = _labels(weights, table, values)
            found.update({n: v for n, v in zip(labels, held) if n in names and is_numbers(v)})
    groups = [n for n, v in table.items() if isinstance(v, (list, tuple)) and f"{n}[0]" in names]
    for name, value in table.items():
        group = meant(name, groups) if isinstance(value, (list, tuple)) else None
        if group is not None:
            found.update({f"{group}[{k}]": v for k, v in enumerate(value) if is_numbers(v)})
        if is_numbers(value) and name not in names:
            found.update(placed({name: value}, [], [n for n in names if n not in found], {}).found)
        elif name in names and getattr(value, "grad", None) is not None:
            found[name] = value.grad
    return found


def _properties(made: Any, names: Sequence[str]) -> dict[str, Any]:
    """What the properties of an object give that are called like a gradient."""
    found = {}
    for cls in type(made).__mro__:
        for name, value in vars(cls).items():
            if isinstance(value, property) and name not in found and meant(name, names):
                found[name] = getattr(made, name)
    return found


def _labels(weights: Sequence[Any], table: dict[str, Any], values: Values) -> list[str]:
    by_id = {id(v): n for n, v in {**table, **values}.items() if isinstance(v, np.ndarray)}
    word = next((w for w in WEIGHTS if table.get(w) is weights), "params")
    return [by_id.get(id(w), f"{word}[{k}]") for k, w in enumerate(weights)]


class Layer(Subject):
    """A class with `forward(x, ...)` that remembers, and `backward(dz)`."""

    remembers = True

    def __init__(self, name: str, made: Any, forward: str = "forward", backward: str = "backward") -> None:
        super().__init__()
        self.instance = Instance(made)
        cls = made if isinstance(made, type) else type(made)
        self.methods = forward, backward
        self.own = arguments_of(getattr(cls, forward), skip_self=True)
        self.takes = arguments_of(getattr(cls, backward), skip_self=True)
        self.returned = returned_names(getattr(cls, backward))
        taken = {a.name for a in self.own}
        self.made = [a for a in self.instance.arguments if a.name not in taken]
        self.arguments = [*self.own, *self.made]
        self.upstream = [a.name for a in self.takes if a.name not in taken]
        if not self.upstream:
            raise Broken("convention", "convention", f"{name}.{backward} takes no upstream gradient")
        ups = [a for a in self.takes if a.name in self.upstream]
        self.ends = all(type(a.default) in (int, float) and a.default == 1 for a in ups)
        self.gradient, self.value = getattr(cls, backward), getattr(cls, forward)
        self.words = f"the class {name}, with {forward} and {backward}"

    def begin(self, values: Values) -> None:
        self.held, self.silent = {}, []
        mine = self.instance.begin(values)
        if mine:
            # Only arrays for which a gradient comes back are weights; others are buffers.
            probe = {**values, **mine}
            outputs, state = self.forward(probe)
            self.held = mine
            found = probed(lambda: self.backward(state, [np.ones(np.shape(o)) for o in outputs], probe), mine)
            grouped = self._weights(state)
            self.held = {n: v for n, v in mine.items() if n in found or n in grouped}
            self.silent = [n for n in mine if n not in self.held and np.size(mine[n]) > 1]

    def _weights(self, made: Any) -> list[str]:
        table = dict(_attributes(made))
        return [str(k) for w in WEIGHTS if isinstance(table.get(w), dict) for k in table[w]]

    def forward(self, values: Values) -> tuple[list[Any], Any]:
        made = self.instance.fresh(values)
        outputs = parts(call(getattr(made, self.methods[0]), self.own, values))
        if len(outputs) == 1 and outputs[0] is None:
            raise Broken("convention", "convention", f"{self.methods[0]} returns nothing")
        return outputs[: max(1, len(self.upstream))], made

    def backward(self, state: Any, upstreams: Sequence[Any], values: Values) -> Gradients:
        before = {id(v) for v in values.values() if isinstance(v, np.ndarray)}
        bound = {**values, **dict(zip(self.upstream, upstreams))}
        result = call(getattr(state, self.methods[1]), self.takes, bound)
        mine = self.inputs(values)
        inputs = [a.name for a in self.own if a.name in mine]
        rest = [n for n in mine if n not in inputs]
        many = parts(result)
        names: list[str | None] = next((n for n in self.returned if len(n) == len(many)), [])
        found: Values = {}
        lost: list[str] = []
        if result is not None:
            # A backward of one input may return that alone; a longer tuple goes on to the weights.
            moving = [n for n in inputs if _floats(values[n])]
            free = moving if len(many) <= len(moving) and len(many) != len(inputs) else inputs
            free = inputs + rest if len(many) > len(moving) or isinstance(result, dict) else free
            found, lost = placed(result, names, free, values)
        known = {n: v for n, v in slopes(state, [*rest, *inputs], values).items() if n not in found}
        own = {n: v for n, v in known.items() if id(v) not in before and not _is_input(n, v, values)}
        return Gradients({**found, **own}, lost)


def probed(backward: Callable[[], Gradients], held: Values) -> Values:
    """What a first backward gives; `held` where it fails, which is the backward's fault, to be told later."""
    try:
        return backward().found
    except Exception:
        return held


def _floats(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _is_input(name: str, value: Any, values: Values) -> bool:
    return plain(name) in values and value is values[plain(name)]


def network(name: str, made: Any, methods: tuple[str, ...]) -> Subject:
    """A class whose method returns its loss and the gradients of the weights, or that has one for each."""
    instance = Instance(made)
    cls = made if isinstance(made, type) else type(made)

    def bound(method: str) -> Callable[[Values], Callable[..., Any]]:
        return lambda values: getattr(instance.fresh(values), method)

    subject: Subject
    if len(methods) == 1:
        function = getattr(cls, methods[0])
        subject = _Network(
            instance, ValueAndGradient(f"{name}.{methods[0]}", function, bound(methods[0]), True)
        )
    else:
        f, g = (getattr(cls, m) for m in methods)
        names = (f"{name}.{methods[0]}", f"{name}.{methods[1]}")
        both = (bound(methods[0]), bound(methods[1]))
        subject = _Network(instance, TwoFunctions(names, (f, g), both, True))
    return subject


class _Network(Subject):
    """A method's subject, with what its object is made of and what it holds."""

    def __init__(self, instance: Instance, inner: Subject) -> None:
        super().__init__()
        self.instance, self.inner = instance, inner
        taken = {a.name for a in inner.arguments}
        self.arguments = [*inner.arguments, *(a for a in instance.arguments if a.name not in taken)]
        self.words = inner.words
        self.gradient, self.value = inner.gradient, inner.value
        self.seeded = False

    def begin(self, values: Values) -> None:
        mine = self.instance.begin(values)
        self.inner.fixed = self.fixed
        self.inner.held = self.held = mine
        probe = {**values, **mine}
        state = self.forward(probe)[1]
        found = probed(lambda: self.backward(state, [np.float64(1.0)], probe), mine)
        grouped = {
            str(k)
            for n, v in _attributes(self.instance.pristine)
            if n in WEIGHTS and isinstance(v, dict)
            for k in v
        }
        self.inner.held = self.held = {n: v for n, v in mine.items() if n in found or n in grouped}

    def forward(self, values: Values) -> tuple[list[Any], Any]:
        result = self.inner.forward(values)
        self.elementwise = self.inner.elementwise
        return result

    def backward(self, state: Any, upstreams: Sequence[Any], values: Values) -> Gradients:
        return self.inner.backward(state, upstreams, values)
