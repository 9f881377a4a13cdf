"""Gradients written for a framework: it is asked for them itself, with a random upstream gradient."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .subject import Argument, Gradients, Subject, Values, arguments_of, call


def _is_float(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.floating)) and np.asarray(value).dtype.kind == "f"


class _Torch(Subject):
    """What all ways of writing a gradient for torch share: leaves in, torch.autograd.grad out.

    `refused` are gradients that torch does not take, since their shape does not fit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refused: dict[str, Any] = {}

    def forward(self, values: Values) -> tuple[list[Any], Any]:
        torch = sys.modules["torch"]
        leaves: dict[str, Any] = {}
        given: Values = {}
        for name, value in values.items():
            if isinstance(value, (np.ndarray, np.generic)):
                given[name] = torch.tensor(np.asarray(value))
                if _is_float(value):
                    given[name].requires_grad_(True)
                    leaves[name] = given[name]
            else:
                given[name] = value
        result = self.run(given)
        many = list(result) if isinstance(result, (tuple, list)) else [result]
        outputs = [o for o in many if isinstance(o, torch.Tensor) and o.is_floating_point()]
        return outputs, (outputs, leaves)

    def run(self, given: Values) -> Any:
        """The tensors that come out."""
        raise NotImplementedError

    def backward(self, state: Any, upstreams: Sequence[Any], values: Values) -> Gradients:
        torch = sys.modules["torch"]
        outputs, leaves = state
        live = [(o, u) for o, u in zip(outputs, upstreams) if o.requires_grad]
        if not live:
            return Gradients({name: np.zeros(np.shape(values[name])) for name in leaves}, [])
        seeds = [torch.tensor(np.asarray(u)).to(o.dtype).reshape(o.shape) for o, u in live]
        found = torch.autograd.grad([o for o, _ in live], list(leaves.values()), seeds, allow_unused=True)
        zero = {n: np.zeros(np.shape(values[n])) for n in leaves}
        none = [n for n, g in zip(leaves, found) if g is None and n in self.settings(values)]
        said = [f"{n} gets no gradient (None): taken for a setting" for n in none]
        given = {n: zero[n] if g is None else g for n, g in zip(leaves, found) if n not in none}
        return Gradients({**given, **self.refused}, said)

    def settings(self, values: Values) -> list[str]:
        """Arguments that need no gradient if the code gives them none."""
        return []


class TorchFunction(_Torch):
    """A torch.autograd.Function."""

    def __init__(self, name: str, cls: Any) -> None:
        super().__init__()
        torch = sys.modules["torch"]
        self.cls = self.recording(cls)
        separate = cls.setup_context is not torch.autograd.Function.setup_context
        self.arguments = arguments_of(cls.forward, skip_self=not separate)
        self.gradient, self.value = cls.backward, cls.forward
        self.words = f"the torch.autograd.Function {name}"

    def settings(self, values: Values) -> list[str]:
        """Single numbers: the backward of a function answers None for what it takes as a plain number."""
        return [n for n, v in values.items() if np.ndim(v) == 0]

    def run(self, given: Values) -> Any:
        last = max((k for k, a in enumerate(self.arguments) if a.name in given), default=-1)
        self.given = [given.get(a.name, a.default) for a in self.arguments[: last + 1]]
        return self.cls.apply(*self.given)

    def recording(self, cls: Any) -> Any:
        """The function with a backward that keeps what torch would refuse, and hands on zeros for it."""
        torch = sys.modules["torch"]

        def backward(ctx: Any, *upstreams: Any) -> Any:
            result = cls.backward(ctx, *upstreams)
            many = list(result) if isinstance(result, tuple) else [result]
            self.refused = {}
            for k, (argument, x) in enumerate(zip(self.arguments, self.given)):
                both = k < len(many) and isinstance(many[k], torch.Tensor) and isinstance(x, torch.Tensor)
                if both and not _fits(tuple(many[k].shape), tuple(x.shape)):
                    self.refused[argument.name] = many[k]
                    many[k] = torch.zeros_like(x)
            return tuple(many)

        return type(cls.__name__, (cls,), {"backward": staticmethod(backward)})


def _fits(have: tuple[int, ...], want: tuple[int, ...]) -> bool:
    """Whether torch takes a gradient of one shape for an input of another: it sums over broadcast axes."""
    return len(have) >= len(want) and all(w in (1, h) for h, w in zip(have[::-1], want[::-1]))


class TorchModule(_Torch):
    """An nn.Module: its parameters and the arguments of its forward."""

    def __init__(self, name: str, made: Any) -> None:
        super().__init__()
        self.made = made
        cls: Any = made if isinstance(made, type) else type(made)
        self.own = arguments_of(cls.forward, skip_self=True)
        taken = {a.name for a in self.own}
        self.built: list[Argument] = arguments_of(made) if isinstance(made, type) else []
        self.arguments = [*self.own, *(a for a in self.built if a.name not in taken)]
        self.gradient = cls.forward
        self.words = f"the torch module {name}"

    def begin(self, values: Values) -> None:
        made = self.made
        if isinstance(made, type):
            made = call(made, self.built, {k: _plain(v) for k, v in values.items()})
        self.module = made.double()
        self.held = {n: p.detach().numpy().copy() for n, p in self.module.named_parameters()}

    def run(self, given: Values) -> Any:
        torch = sys.modules["torch"]
        module = copy.deepcopy(self.module)  # buffers (running means) start anew each time
        held = {n: given[n] for n in self.held if n in given}
        args = [given[a.name] for a in self.own if a.name in given]
        return torch.func.functional_call(module, held, tuple(args))


def _plain(value: Any) -> Any:
    array = np.asarray(value)
    if array.ndim == 0 and array.dtype.kind in "fi":
        number = array.item()
        return int(number) if number == int(number) else number
    return value


class TorchPlain(_Torch):
    """A function from tensors to tensors."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function
        self.arguments = arguments_of(function)
        self.gradient = function
        self.words = f"the function {name}, differentiated by torch"

    def run(self, given: Values) -> Any:
        return call(self.function, self.arguments, given)


class JaxFunction(Subject):
    """A jax.custom_vjp, or any function that jax differentiates."""

    def __init__(self, name: str, function: Any) -> None:
        super().__init__()
        self.function = function
        self.arguments = arguments_of(function)
        self.gradient = getattr(function, "bwd", None) or function
        self.value = getattr(function, "fwd", None)
        self.words = f"the function {name}, differentiated by jax"

    def forward(self, values: Values) -> tuple[list[Any], Any]:
        jax = sys.modules["jax"]

        names = [a.name for a in self.arguments if a.name in values]
        moving = [n for n in names if _is_float(values[n])]

        def run(*xs: Any) -> Any:
            given = {**values, **dict(zip(moving, xs))}
            return self.function(*[given[n] for n in names])

        leaves = [jax.numpy.asarray(values[n]) for n in moving]
        result = run(*leaves)
        many = list(result) if isinstance(result, (tuple, list)) else [result]
        return many, (run, moving, leaves, isinstance(result, (tuple, list)), type(result))

    def backward(self, state: Any, upstreams: Sequence[Any], values: Values) -> Gradients:
        jax = sys.modules["jax"]

        run, moving, leaves, several, kind = state
        outputs, pull = jax.vjp(run, *leaves)
        first = outputs if several else [outputs]
        seeds = [jax.numpy.asarray(u, dtype=o.dtype).reshape(o.shape) for u, o in zip(upstreams, first)]
        return Gradients(dict(zip(moving, pull(kind(seeds) if several else seeds[0]))), [])
