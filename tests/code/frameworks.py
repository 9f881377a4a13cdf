"""How the witness calls code of torch and jax, where they are installed."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from convention import Code, Values, as_tuple, call
from planting import Setup


def torch_code(module: ModuleType, target: str, setup: Setup) -> Code:
    """A torch.autograd.Function or a Module in float64; floating arrays and parameters get gradients."""
    import torch

    owner = getattr(module, target)
    is_function = issubclass(owner, torch.autograd.Function)
    instance = None if is_function else call(owner, {}, setup.params).double()

    def tensors(inputs: Values) -> Values:
        made: Values = {}
        for name, value in inputs.items():
            made[name] = torch.tensor(np.asarray(value)) if isinstance(value, np.ndarray) else value
            if name in setup.wrt:
                made[name].requires_grad_()
        return made

    def ahead(inputs: Values) -> tuple[tuple[Any, ...], Any]:
        given = tensors(inputs)
        if instance is None:
            out = owner.apply(*given.values(), *setup.params.values())
        else:
            out = torch.func.functional_call(
                instance, {k: v for k, v in given.items() if k != "x"}, (given["x"],)
            )
        outputs = as_tuple(out)
        return tuple(o.detach().numpy() for o in outputs), (outputs, given)

    def back(upstream: tuple[Any, ...], cache: Any) -> Values:
        outputs, given = cache
        leaves = [given[name] for name in setup.wrt]
        seeds = [torch.tensor(u) for u in upstream]
        slopes = torch.autograd.grad(outputs, leaves, seeds, retain_graph=True, allow_unused=True)
        pairs = zip(setup.wrt, slopes, leaves, strict=True)
        return {k: np.zeros(leaf.shape) if s is None else s.numpy() for k, s, leaf in pairs}

    own = {} if instance is None else {k: v.detach().numpy().copy() for k, v in instance.named_parameters()}
    return Code(ahead, back, own)


def jax_code(module: ModuleType, target: str, setup: Setup) -> Code:
    """A function with a custom_vjp in float64."""
    import jax

    jax.config.update("jax_enable_x64", True)
    function = getattr(module, target)

    def ahead(inputs: Values) -> tuple[tuple[Any, ...], Any]:
        out, pullback = jax.vjp(function, *inputs.values())
        return (np.asarray(out),), pullback

    def back(upstream: tuple[Any, ...], pullback: Any) -> Values:
        return {k: np.asarray(s) for k, s in zip(setup.wrt, pullback(*upstream), strict=True)}

    return Code(ahead, back)
