"""How the witness calls code, by `Setup.kind`: told, not guessed, so it shares nothing with a checker."""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple

import numpy as np
from planting import FOLDER, Setup

Values = dict[str, Any]
Gradients = dict[str, Any]


class Code(NamedTuple):
    """A target with one convention: forward gives the outputs and a cache, backward gradients by input.

    `own` are parameters that the code draws itself; they are inputs like the others.
    """

    forward: Callable[[Values], tuple[tuple[Any, ...], Any]]
    backward: Callable[[tuple[Any, ...], Any], Gradients]
    own: Mapping[str, Any] = MappingProxyType({})


def load(file: str, source: str | None = None) -> ModuleType:
    """A file of the corpus as a fresh module, with another text where given."""
    text = (FOLDER / file).read_text(encoding="utf-8") if source is None else source
    module = ModuleType(file.removesuffix(".py"))
    exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)
    return module


def draw(setup: Setup, seed: int = 0) -> Values:
    """The inputs of a setup: normal numbers for shapes, the values as they stand."""
    rng = np.random.default_rng(seed)
    inputs: Values = {}
    for name, shape in setup.shapes.items():
        inputs[name] = rng.normal(size=tuple(map(int, shape.split("x"))))
    for name, text in setup.values.items():
        value = json.loads(text)
        inputs[name] = np.array(value) if isinstance(value, list) else value
    return inputs


def call(function: Callable[..., Any], inputs: Values, params: Mapping[str, object]) -> Any:
    """Call with what the signature asks for; a `*_param` takes all params; `*args` takes every input."""
    positional: list[Any] = []
    by_name: Values = {}
    skipped = False
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += inputs.values()
            continue
        if name in inputs or name in params:
            value = inputs[name] if name in inputs else params[name]
        elif name.endswith("_param"):
            value = copy.deepcopy(dict(params))
        else:
            skipped = True
            continue
        if parameter.kind is parameter.KEYWORD_ONLY or skipped:
            by_name[name] = value
        else:
            positional.append(value)
    return function(*positional, **by_name)


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Several results, or one."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def by_input(given: Any, wrt: tuple[str, ...]) -> Gradients:
    """Gradients by input: from a mapping by its keys, else in the order of `wrt`."""
    if given is None:
        return {}
    if hasattr(given, "_asdict"):
        given = given._asdict()
    if isinstance(given, Mapping):
        spellings = ("{}", "d{}", "grad_{}", "{}_grad", "dL_d{}")
        keys = {spelling.format(name): name for name in wrt for spelling in spellings}
        return {keys[key]: gradient for key, gradient in given.items() if key in keys}
    if isinstance(given, tuple) and len(given) > len(wrt):
        given = tuple(gradient for gradient in given if gradient is not None)
    if len(wrt) == 1:
        alone = isinstance(given, (tuple, list)) and len(given) == 1
        return {wrt[0]: given[0] if alone else given}
    return dict(zip(wrt, given, strict=True))


def layer(module: ModuleType, target: str, setup: Setup) -> Code:
    """NAME_forward and NAME_backward, the two named, or the static methods of a class."""
    if "," in target:
        forward, backward = (getattr(module, name) for name in target.split(","))
    elif hasattr(module, target):
        forward, backward = (getattr(getattr(module, target), name) for name in ("forward", "backward"))
    else:
        forward, backward = getattr(module, f"{target}_forward"), getattr(module, f"{target}_backward")
    names = list(inspect.signature(backward).parameters)

    def ahead(inputs: Values) -> tuple[tuple[Any, ...], Any]:
        *outputs, cache = call(forward, inputs, setup.params)
        return tuple(outputs), cache

    def back(upstream: tuple[Any, ...], cache: Any) -> Gradients:
        cache_first = names[0] in ("cache", "saved")
        given = backward(cache, *upstream) if cache_first else backward(*upstream, cache)
        return by_input(given, setup.wrt)

    return Code(ahead, back)


def loss(module: ModuleType, target: str, setup: Setup) -> Code:
    """A function of value and gradient together."""

    def ahead(inputs: Values) -> tuple[tuple[Any, ...], Any]:
        value, gradient = call(getattr(module, target), inputs, setup.params)
        return (value,), gradient

    return Code(ahead, lambda upstream, gradient: by_input(gradient, setup.wrt))


def pair(module: ModuleType, target: str, setup: Setup) -> Code:
    """A function and its gradient, both of the same arguments."""
    function, gradient = (getattr(module, name) for name in target.split(","))

    def ahead(inputs: Values) -> tuple[tuple[Any, ...], Any]:
        return (call(function, inputs, setup.params),), inputs

    return Code(ahead, lambda upstream, cache: by_input(call(gradient, cache, setup.params), setup.wrt))


def kept(instance: Any, wrt: tuple[str, ...]) -> Gradients:
    """Gradients that an object keeps: attributes dNAME, or a list or dictionary called grads."""
    grads = getattr(instance, "grads", None)
    if isinstance(grads, list):  # in the order of the constructor, which is that of wrt
        return dict(zip(wrt[len(wrt) - len(grads) :], grads, strict=True))
    if isinstance(grads, dict):
        return by_input(grads, wrt)
    return {name: getattr(instance, f"d{name}") for name in wrt if hasattr(instance, f"d{name}")}


def layer_class(module: ModuleType, target: str, setup: Setup) -> Code:
    """A new object for every forward pass; weights come through the constructor."""
    owner = getattr(module, target)

    def ahead(inputs: Values) -> tuple[tuple[Any, ...], Any]:
        instance = call(owner, inputs, setup.params)
        method = instance.forward if hasattr(instance, "forward") else instance
        return as_tuple(call(method, inputs, setup.params)), instance

    def back(upstream: tuple[Any, ...], instance: Any) -> Gradients:
        given = instance.backward(*upstream)
        method = instance.forward if hasattr(instance, "forward") else instance
        moved = tuple(name for name in setup.wrt if name in inspect.signature(method).parameters)
        return kept(instance, setup.wrt) | by_input(given, setup.wrt if isinstance(given, Mapping) else moved)

    return Code(ahead, back)


def network(module: ModuleType, target: str, setup: Setup) -> Code:
    """An object with params and loss(...); gradients from loss or from gradient(...)."""
    instance = call(getattr(module, target), {}, setup.params)

    def ahead(inputs: Values) -> tuple[tuple[Any, ...], Any]:
        for name in setup.wrt:
            instance.params[name][...] = inputs[name]
        given = call(instance.loss, inputs, {})
        return (given[0] if isinstance(given, tuple) else given,), (inputs, given)

    def back(upstream: tuple[Any, ...], cache: Any) -> Gradients:
        inputs, given = cache
        if not isinstance(given, tuple):
            return by_input(call(instance.gradient, inputs, {}), setup.wrt)
        return by_input(given[1], setup.wrt)

    return Code(ahead, back, {name: np.array(instance.params[name]) for name in setup.wrt})
