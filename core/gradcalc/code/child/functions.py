"""Gradients written as functions: a value with its gradient, two functions, a forward and a backward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .arrays import is_numbers, is_plain_list, parts
from .broken import Broken
from .naming import returned_names
from .subject import CACHES, Gradients, Subject, Values, arguments_of, call

Maker = Callable[[Values], Callable[..., Any]]  # the function for these values: itself, or a bound method


class ValueAndGradient(Subject):
    """`f(...) -> (value, gradient)`, the gradient an array, a tuple or a dictionary."""

    seeded = False

    def __init__(
        self, name: str, function: Callable[..., Any], make: Maker | None = None, skip: bool = False
    ):
        super().__init__()
        self.name = name
        self.make = make or (lambda values: function)
        self.own = arguments_of(function, skip_self=skip)
        self.arguments = list(self.own)
        self.names = [names for names in returned_names(function) if len(names) > 1]
        self.gradient = function
        self.words = f"{name} returns its value and its gradient"

    def forward(self, values: Values) -> tuple[list[Any], Any]:
        result = call(self.make(values), self.own, values)
        if not isinstance(result, (tuple, list)) or is_plain_list(result) or len(result) < 2:
            raise Broken(
                "convention", "convention",
                f"{self.name} returns {_what(result)}, not a value and its gradient",
            )  # fmt: skip
        self.seeded = len(result) == 2 and callable(result[1])  # (value, vjp)
        self.elementwise = np.ndim(_numbers(result[0])) > 0 and not self.seeded
        return [result[0]], list(result[1:])

    def backward(self, state: Any, upstreams: Sequence[Any], values: Values) -> Gradients:
        if self.seeded:
            return self.placed(state[0](upstreams[0]), [], values)
        if len(state) == 1 and not is_numbers(state[0]):
            return self.placed(state[0], [], values)
        names: list[str | None] = next((n[1:] for n in self.names if len(n) == len(state) + 1), [])
        return self.placed(state[0] if len(state) == 1 else state, names, values)


class TwoFunctions(Subject):
    """`f(...)` and a function that gives its gradient at the same arguments."""

    seeded = False

    def __init__(
        self,
        names: tuple[str, str],
        functions: tuple[Callable[..., Any], Callable[..., Any]],
        makes: tuple[Maker, Maker] | None = None,
        skip: bool = False,
    ):
        super().__init__()
        f, g = functions
        self.makes = makes or (lambda values: f, lambda values: g)
        self.own = arguments_of(f, skip_self=skip)
        self.slope = arguments_of(g, skip_self=skip)
        self.arguments = list(self.own)
        self.returned = returned_names(g)
        self.gradient, self.value = g, f
        self.words = f"{names[0]}, and its gradient {names[1]} at the same arguments"

    def forward(self, values: Values) -> tuple[list[Any], Any]:
        value = call(self.makes[0](values), self.own, values)
        self.shape = np.shape(_numbers(value))
        return [value], None

    def backward(self, state: Any, upstreams: Sequence[Any], values: Values) -> Gradients:
        renamed = dict(values)
        for mine, other in zip(self.own, self.slope):
            if other.name not in values and mine.name in values:
                renamed[other.name] = values[mine.name]
        result = call(self.makes[1](values), self.slope, renamed)
        many = [n for n in self.returned if isinstance(result, tuple) and len(n) == len(result)]
        found, lost = self.placed(result, many[0] if many else [], values)
        if self.shape:
            upstream = np.asarray(upstreams[0])
            for name, gradient in found.items():
                shape = np.shape(values[name])
                if np.shape(gradient) == (*self.shape, *shape) and (shape or np.ndim(gradient)):
                    found[name] = np.tensordot(upstream, gradient, axes=len(self.shape))
                    self.seeded = True  # a whole Jacobian was given
                else:
                    self.elementwise = True
        return Gradients(found, lost)


CONTEXTS = ("ctx", "context")


class Context:
    """What a forward may keep things on for its backward."""

    def save_for_backward(self, *values: Any) -> None:
        """Keep values, under the names that frameworks use."""
        self.saved_tensors = self.saved_values = self.saved = values


class Pair(Subject):
    """A forward that returns a cache, and a backward that takes upstream gradients and the cache."""

    remembers = True

    def __init__(
        self, names: tuple[str, str], forward: Callable[..., Any], backward: Callable[..., Any]
    ) -> None:
        super().__init__()
        self.pair = forward, backward
        self.bundled = False  # several outputs in one tuple
        self.gradient, self.value = backward, forward
        every = arguments_of(forward)
        self.context = next((a for a in every if a.required and a.name in CONTEXTS), None)
        self.arguments = [a for a in every if a is not self.context]
        self.own = every
        self.results = returned_names(forward)
        self.returned = returned_names(backward)
        # A cache that is spread out, (dout, *cache), is one argument all the same.
        self.takes = [
            a._replace(kind="value") if a.kind == "rest" and a.name in CACHES else a
            for a in arguments_of(backward)
        ]
        known = {a.name for a in self.arguments}
        rest = [a for a in self.takes if a.name not in known and (a.required or a.name in CACHES)]
        cache = [a.name for a in rest if a.name.lower() in CACHES]
        self.cache = cache[0] if cache else rest[-1].name if len(rest) > 1 else None
        self.upstream = [a.name for a in rest if a.name != self.cache]
        if not self.upstream and self.cache and not cache:
            self.upstream, self.cache = [self.cache], None
        if not self.upstream:
            raise Broken("convention", "convention", f"{names[1]} takes no upstream gradient")
        self.words = f"{names[0]}, and {names[1]} with {'its cache' if self.cache else 'the same arguments'}"

    def forward(self, values: Values) -> tuple[list[Any], Any]:
        context = Context()
        given = values if self.context is None else {**values, self.context.name: context}
        result = parts(call(self.pair[0], self.own, given))
        names = next((n for n in self.results if len(n) == len(result)), [None] * len(result))
        cached = [k for k, n in enumerate(names) if n and n.lower() in CACHES]
        outputs = [k for k in range(len(result)) if k not in cached] or [0]
        if self.cache and not cached and len(result) > 1:
            outputs = outputs[: max(1, min(len(self.upstream), len(result) - 1))]
        rest = [result[k] for k in range(len(result)) if k not in outputs]
        cache = None if not rest else rest[0] if len(rest) == 1 else tuple(rest)
        named = {n: v for n, v in zip(names, result) if n}
        cache = cache if self.context is None else context
        bundle = result[outputs[0]]
        self.bundled = len(self.upstream) == 1 and _is_bundle(bundle)
        if self.bundled:
            return list(bundle), (cache, named)
        for k in outputs[: len(self.upstream)]:
            if not is_numbers(result[k]):
                raise Broken(
                    "convention", "convention", f"the forward returns {_what(result[k])} as an output"
                )
        return [result[k] for k in outputs[: len(self.upstream)]], (cache, named)

    def backward(self, state: Any, upstreams: Sequence[Any], values: Values) -> Gradients:
        cache, named = state
        bound = dict(zip(self.upstream, [tuple(upstreams)] if self.bundled else upstreams))
        for a in self.takes:
            if a.name in values:
                bound[a.name] = values[a.name]
            elif a.name == self.cache:
                bound[a.name] = named.get(a.name, cache)
            elif a.name not in bound and a.name in named:
                bound[a.name] = named[a.name]
        try:
            result = call(self.pair[1], self.takes, bound)
        except (TypeError, AttributeError) as error:
            if self.cache and bound.get(self.cache, self) is None and "NoneType" in str(error):
                raise Broken(
                    "backward", "cache", "the forward returns None for the cache: nothing to go back with"
                ) from None
            raise
        many = result if isinstance(result, (tuple, list)) else [result]
        names: list[str | None] = next((n for n in self.returned if len(n) == len(many)), [])
        return self.placed(result, names, values)


def _is_bundle(value: Any) -> bool:
    """Whether several outputs come as one tuple, whose upstream gradients then do too."""
    return isinstance(value, tuple) and len(value) > 1 and all(is_numbers(v) for v in value)


def _numbers(value: Any) -> Any:
    if not is_numbers(value) and not is_plain_list(value):
        raise Broken("convention", "convention", f"the value is {_what(value)}, not a number or an array")
    return value


def _what(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return f"{len(value)} results" if not is_plain_list(value) else "a list of numbers"
    if is_numbers(value):
        return "one value"
    return "nothing" if value is None else f"a {type(value).__name__}"
