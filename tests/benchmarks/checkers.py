"""Other people's gradient checkers, each asked about a function and its gradient by its own default rule.

Every one takes numpy functions: `f` of an array, `gradient` of the same array, and the point. It answers
True (agreed), False (refused), or None (its rule leaves it open), or raises what the checker raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any
Checker = Callable[[Callable[[Array], Array], Callable[[Array], Array], Array], bool | None]


def torch() -> Checker:
    """torch.autograd.gradcheck of an autograd.Function, slow mode: eps 1e-6, atol 1e-5, rtol 1e-3."""
    import torch

    def check(f: Any, gradient: Any, x: Array) -> bool:
        class Function(torch.autograd.Function):  # type: ignore[misc]
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_backward(x)
                return torch.tensor(float(f(x.numpy())), dtype=torch.float64)

            @staticmethod
            def backward(ctx: Any, dz: Any) -> Any:
                (x,) = ctx.saved_tensors
                slope = torch.tensor(np.asarray(gradient(x.numpy()), dtype=np.float64))
                return dz * slope.reshape(x.shape)

        leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        return bool(torch.autograd.gradcheck(Function.apply, (leaf,), raise_exception=False))

    return check


def jax() -> Checker:
    """jax.test_util.check_grads of a custom_vjp in float64: eps 1e-4, atol = rtol = 1e-5, one direction."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)

    def check(f: Any, gradient: Any, x: Array) -> bool:
        value = jax.ShapeDtypeStruct((), np.float64)
        slope = jax.ShapeDtypeStruct(x.shape, np.float64)

        def called(function: Any, like: Any) -> Any:
            def host(x: Any) -> Array:
                return np.asarray(function(np.asarray(x)), dtype=np.float64).reshape(like.shape)

            return lambda x: jax.pure_callback(host, like, x, vmap_method="sequential")

        forward = jax.custom_vjp(called(f, value))
        forward.defvjp(lambda x: (called(f, value)(x), x), lambda x, dz: (dz * called(gradient, slope)(x),))
        return agrees(lambda: check_grads(forward, (jax.numpy.asarray(x),), order=1, modes=["rev"]))

    return check


def autograd() -> Checker:
    """HIPS autograd's check_grads of a primitive: eps 1e-6, tolerance and relative tolerance 1e-6."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    def check(f: Any, gradient: Any, x: Array) -> bool:
        function = primitive(lambda x: np.float64(f(x)))
        defvjp(function, lambda z, x: lambda dz: dz * np.asarray(gradient(x)))
        return agrees(lambda: check_grads(function, modes=["rev"], order=1)(x if x.ndim else float(x)))

    return check


def cs231n() -> Checker:
    """CS231n's central differences (h = 1e-5) and relative error, read by the table of its notes.

    Above 1e-2 "usually means the gradient is probably wrong", 1e-7 and less "you should be happy"; what
    stands between depends on the depth and on kinks, so it is left open here. The floor of 1e-8 is that of
    the assignments' rel_error.
    """

    def check(f: Any, gradient: Any, x: Array) -> bool | None:
        a, n = np.asarray(gradient(x), dtype=float).reshape(x.shape), np.zeros(x.shape)
        for entry in np.ndindex(x.shape):
            step = np.zeros(x.shape)
            step[entry] = 1e-5
            n[entry] = (f(x + step) - f(x - step)) / 2e-5
        error = np.max(np.abs(a - n) / np.maximum(1e-8, np.abs(a) + np.abs(n)))
        return None if 1e-7 < error <= 1e-2 else bool(error <= 1e-7)

    return check


def agrees(run: Callable[[], object]) -> bool:
    """Whether a checker that answers by an AssertionError has none."""
    try:
        run()
    except AssertionError:
        return False
    return True


CHECKERS: dict[str, Callable[[], Checker]] = {
    "torch gradcheck": torch,
    "jax check_grads": jax,
    "autograd check_grads": autograd,
    "CS231n rel_error": cs231n,
}
