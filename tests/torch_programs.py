"""Programs of gradcalc in torch, gate by gate: the second opinion that tests and benchmarks ask for.

Nothing here is gradcalc's: values come from torch's own functions in float64, gradients from its autograd.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from gradcalc.graphs import Graph

Tensor = Any
VERSION = torch.__version__
LN2, LN10 = math.log(2), math.log(10)


def whole(value: Any) -> Any:
    """A parameter as torch takes it: whole numbers as int, arrays of them as tuples."""
    if isinstance(value, (tuple, list, np.ndarray)):
        return tuple(whole(v) for v in value)
    return int(value) if isinstance(value, (float, np.floating)) and value == int(value) else value


def reduced(one: Callable[..., Tensor], **fixed: Any) -> Callable[..., Tensor]:
    """A reduction with numpy's axis and keepdims, from torch's dim and keepdim."""

    def run(x: Tensor, axis: Any = None, keepdims: Any = False, **more: Any) -> Tensor:
        dim = tuple(range(x.ndim)) if axis is None else whole(axis)
        return one(x, dim=dim, keepdim=bool(keepdims), **fixed, **more)

    return run


def one_axis(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A reduction that torch has for one axis only: several are laid in a row first."""

    def run(x: Tensor, axis: Any = None, keepdims: Any = False) -> Tensor:
        axes = tuple(range(x.ndim)) if axis is None else (axis,) if np.ndim(axis) == 0 else axis
        axes = tuple(int(k) % x.ndim for k in axes)
        rest = [k for k in range(x.ndim) if k not in axes]
        out = function(x.permute(*rest, *axes).reshape(*[x.shape[k] for k in rest], -1))
        return out.reshape([1 if k in axes else n for k, n in enumerate(x.shape)]) if keepdims else out

    return run


def cumulative(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def run(x: Tensor, axis: Any = None) -> Tensor:
        return function(x.reshape(-1), dim=0) if axis is None else function(x, dim=int(axis))

    return run


def variance(root: bool) -> Callable[..., Tensor]:
    def run(x: Tensor, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Tensor:
        dim = tuple(range(x.ndim)) if axis is None else whole(axis)
        function = torch.std if root else torch.var
        return function(x, dim=dim, correction=int(ddof), keepdim=bool(keepdims))

    return run


def norm(x: Tensor, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Tensor:  # noqa: A002
    order = ord if ord is None or isinstance(ord, str) else float(ord)
    dim = None if axis is None else whole(axis)
    if order is None or order == "fro":
        return torch.linalg.vector_norm(x, 2, dim=dim, keepdim=bool(keepdims))
    return torch.linalg.vector_norm(x, order, dim=dim, keepdim=bool(keepdims))


def taken(x: Tensor, key: Any) -> Tensor:
    """x[key]: torch has no slices that run backwards, so the places are numpy's."""
    places = np.arange(x.numel()).reshape(x.shape)[key]
    return x.reshape(-1)[torch.as_tensor(places.reshape(-1).copy())].reshape(places.shape)


def take(x: Tensor, indices: Any, axis: Any = None) -> Tensor:
    if axis is None:
        return x.reshape(-1)[torch.tensor(whole(indices))]
    return torch.index_select(x, int(axis) % x.ndim, torch.tensor(whole(indices)))


def along(x: Tensor, dim: Any, index: Any) -> Tensor:
    return torch.gather(x, int(dim), torch.tensor(whole(index)))


def flipped(x: Tensor, axis: Any = None) -> Tensor:
    return torch.flip(x, tuple(range(x.ndim)) if axis is None else (int(axis),))


def rolled(x: Tensor, shift: Any = 1, axis: Any = None) -> Tensor:
    return torch.roll(x, whole(shift), None if axis is None else whole(axis))


def transposed(x: Tensor, axes: Any = None) -> Tensor:
    return x.permute(tuple(range(x.ndim))[::-1] if axes is None else whole(axes))


def padded(x: Tensor, pad_width: Any, **_: Any) -> Tensor:
    return F.pad(x, (int(pad_width),) * (2 * x.ndim))


def tiled(x: Tensor, reps: Any) -> Tensor:
    return torch.tile(x, whole(reps) if np.ndim(reps) else (int(reps),))


def einsum(*xs: Tensor, subscripts: str) -> Tensor:
    return torch.einsum(subscripts, *xs)


def labelled(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def run(x: Tensor, y: Tensor, **more: Any) -> Tensor:
        return function(x, y.detach().long(), **more)

    return run


def svm(scores: Tensor, y: Tensor, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """The hinge of CS231n; torch's own is divided by the number of classes."""
    per_row = scores.shape[1] * F.multi_margin_loss(scores, y.long(), margin=float(margin), reduction="none")
    return per_row if reduction == "none" else per_row.sum() if reduction == "sum" else per_row.mean()


def joined(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def run(*xs: Tensor, axis: Any = 0) -> Tensor:
        return function(xs, dim=int(axis))

    return run


def dropped(gate: Any) -> Callable[..., Tensor]:
    """The mask is gradcalc's, as each library has its own random numbers."""
    return lambda x, **_: x * torch.as_tensor(np.asarray(gate.forward(np.ones(x.shape))))


def convolved(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def run(x: Tensor, w: Tensor, b: Tensor, **more: Any) -> Tensor:
        return function(x, w, b, **{name: whole(v) for name, v in more.items()})

    return run


def pooled(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def run(x: Tensor, kernel_size: Any = 2, **more: Any) -> Tensor:
        return function(x, whole(kernel_size), **{name: whole(v) for name, v in more.items()})

    return run


def attention(q: Tensor, k: Tensor, v: Tensor, is_causal: Any = False, scale: Any = None) -> Tensor:
    scaled = None if scale is None else float(scale)
    return F.scaled_dot_product_attention(
        q[None, None], k[None, None], v[None, None], is_causal=bool(is_causal), scale=scaled
    )[0, 0]


def response(x: Tensor, size: Any = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    return F.local_response_norm(x, int(size), float(alpha), float(beta), float(k))


def flag(function: Callable[..., Any]) -> Callable[..., Tensor]:
    """A comparison as gradcalc has it: 0 and 1, and no gradient."""
    return lambda *xs: function(*[x.detach() for x in xs]).to(torch.float64)


def layernorm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float = 1e-5) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], gamma, beta, float(eps))


def batchnorm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float = 1e-5) -> Tensor:
    return F.batch_norm(x, None, None, gamma, beta, training=True, eps=float(eps))


def soft(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda x, axis=-1: function(x, dim=int(axis))


def digamma(x: Tensor) -> Tensor:
    """torch's digamma with the slope from its zeta: its own trigamma is good to 1e-9 only."""
    return torch.digamma(x).detach() + torch.special.zeta(2, x.detach()) * (x - x.detach())


def polygamma(n: Tensor, x: Tensor) -> Tensor:
    """(-1)^(n+1) n! zeta(n + 1, x); DLMF 5.15."""
    order = int(n)
    return (-1) ** (order + 1) * math.factorial(order) * torch.special.zeta(order + 1, x)


SAME = {
    name: getattr(torch, name)
    for name in [
        "add",
        "sub",
        "mul",
        "div",
        "reciprocal",
        "neg",
        "pow",
        "exp",
        "exp2",
        "expm1",
        "log",
        "log2",
        "log10",
        "log1p",
        "logaddexp",
        "sqrt",
        "square",
        "hypot",
        "erf",
        "erfc",
        "lgamma",
        "digamma",
        "sin",
        "cos",
        "tan",
        "arcsin",
        "arccos",
        "arctan",
        "arctan2",
        "sinc",
        "deg2rad",
        "rad2deg",
        "sinh",
        "cosh",
        "tanh",
        "arcsinh",
        "arccosh",
        "arctanh",
        "sigmoid",
        "maximum",
        "minimum",
        "abs",
        "sign",
        "floor",
        "ceil",
        "trunc",
        "round",
        "matmul",
        "inner",
        "vdot",
        "outer",
        "kron",
        "logdet",
        "cholesky",
        "ravel",
        "atleast_1d",
        "atleast_2d",
        "flipud",
        "fliplr",
        "det",
        "inverse",
    ]
    if hasattr(torch, name)
}
NEURAL = {
    name: getattr(F, name)
    for name in [
        "logsigmoid",
        "softplus",
        "silu",
        "mish",
        "gelu",
        "relu",
        "leaky_relu",
        "relu6",
        "hardtanh",
        "hardsigmoid",
        "hardswish",
        "softsign",
        "elu",
        "celu",
        "selu",
        "mse_loss",
        "l1_loss",
        "huber_loss",
        "smooth_l1_loss",
        "binary_cross_entropy",
        "binary_cross_entropy_with_logits",
        "kl_div",
        "linear",
    ]
}
GATES: dict[str, Callable[..., Tensor]] = {
    **SAME,
    **NEURAL,
    "det": torch.linalg.det,
    "inv": torch.linalg.inv,
    "cholesky": torch.linalg.cholesky,
    "logdet": lambda x: torch.linalg.slogdet(x)[1],
    "slogdet": lambda x: torch.stack(tuple(torch.linalg.slogdet(x))),
    "solve": torch.linalg.solve,
    "mod": torch.remainder,
    "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3),
    "gamma": lambda x: torch.exp(torch.lgamma(x)),  # right of 0, where programs stand
    "digamma": digamma,
    "polygamma": polygamma,
    "hardsigmoid": lambda x: F.relu6(x + 3) / 6,  # torch's own slope is 1/6 in single precision
    "sec": lambda x: 1 / torch.cos(x),
    "csc": lambda x: 1 / torch.sin(x),
    "cot": lambda x: 1 / torch.tan(x),
    "arcsec": lambda x: torch.arccos(1 / x),
    "arccsc": lambda x: torch.arcsin(1 / x),
    "arccot": lambda x: math.pi / 2 - torch.arctan(x),
    "sech": lambda x: 1 / torch.cosh(x),
    "csch": lambda x: 1 / torch.sinh(x),
    "coth": lambda x: 1 / torch.tanh(x),
    "arcsech": lambda x: torch.arccosh(1 / x),
    "arccsch": lambda x: torch.arcsinh(1 / x),
    "arccoth": lambda x: torch.arctanh(1 / x),
    "clip": torch.clamp,
    "clamp_min": torch.maximum,
    "clamp_max": torch.minimum,
    "where": lambda c, a, b: torch.where(c != 0, a, b),
    "lt": flag(torch.lt),
    "le": flag(torch.le),
    "gt": flag(torch.gt),
    "ge": flag(torch.ge),
    "eq": flag(torch.eq),
    "ne": flag(torch.ne),
    "logical_and": flag(torch.logical_and),
    "logical_or": flag(torch.logical_or),
    "logical_not": flag(torch.logical_not),
    "heaviside": flag(torch.heaviside),
    "sum": reduced(torch.sum),
    "mean": reduced(torch.mean),
    "max": reduced(torch.amax),
    "min": reduced(torch.amin),
    "ptp": reduced(lambda x, **how: torch.amax(x, **how) - torch.amin(x, **how)),
    "logsumexp": reduced(torch.logsumexp),
    "prod": one_axis(lambda x: torch.prod(x, dim=-1)),
    "median": one_axis(lambda x: torch.quantile(x, 0.5, dim=-1)),
    "argmax": lambda x, axis=None: torch.argmax(x, None if axis is None else int(axis)).to(torch.float64),
    "argmin": lambda x, axis=None: torch.argmin(x, None if axis is None else int(axis)).to(torch.float64),
    "norm": norm,
    "var": variance(False),
    "std": variance(True),
    "cumsum": cumulative(torch.cumsum),
    "cumprod": cumulative(torch.cumprod),
    "dot": torch.matmul,
    "tensordot": lambda a, b, axes=2: torch.tensordot(a, b, whole(axes)),
    "trace": lambda x, offset=0: torch.diagonal(x, int(offset)).sum(),
    "einsum": einsum,
    "ravel": lambda x, start_dim=0, end_dim=-1: torch.flatten(x, int(start_dim), int(end_dim)),
    "index": taken,
    "take": take,
    "take_along_axis": lambda x, indices, axis=-1: along(x, axis, indices),
    "gather": along,
    "reshape": lambda x, shape: x.reshape(whole(shape) if np.ndim(shape) else (int(shape),)),
    "squeeze": lambda x, axis=None: torch.squeeze(x) if axis is None else torch.squeeze(x, int(axis)),
    "expand_dims": lambda x, axis=0: torch.unsqueeze(x, int(axis)),
    "transpose": transposed,
    "swapaxes": lambda x, axis1=0, axis2=1: torch.swapaxes(x, int(axis1), int(axis2)),
    "moveaxis": lambda x, source, destination: torch.moveaxis(x, whole(source), whole(destination)),
    "roll": rolled,
    "flip": flipped,
    "concatenate": joined(torch.cat),
    "stack": joined(torch.stack),
    "vstack": lambda *xs: torch.vstack(xs),
    "hstack": lambda *xs: torch.hstack(xs),
    "broadcast_to": lambda x, shape: torch.broadcast_to(x, whole(shape)),
    "repeat": lambda x, repeats, axis=None: torch.repeat_interleave(
        x, whole(repeats), None if axis is None else int(axis)
    ),
    "tile": tiled,
    "pad": padded,
    "diag": lambda x, k=0: torch.diag(x, int(k)),
    "diagonal": lambda x, offset=0: torch.diagonal(x, int(offset)),
    "tril": lambda x, k=0: torch.tril(x, int(k)),
    "triu": lambda x, k=0: torch.triu(x, int(k)),
    "softmax": soft(torch.softmax),
    "log_softmax": soft(torch.log_softmax),
    "cross_entropy": labelled(F.cross_entropy),
    "nll_loss": labelled(F.nll_loss),
    "svm_loss": svm,
    "cosine_similarity": lambda x, y, axis=-1: F.cosine_similarity(x, y, dim=int(axis)),
    "affine": lambda x, w, b: x @ w + b,
    "embedding": lambda idx, w: F.embedding(idx.long(), w),
    "layernorm": layernorm,
    "batchnorm": batchnorm,
    "local_response_norm": response,
    "scaled_dot_product_attention": attention,
    "conv2d": convolved(F.conv2d),
    "conv1d": convolved(F.conv1d),
    "conv_transpose2d": convolved(F.conv_transpose2d),
    "max_pool2d": pooled(F.max_pool2d),
    "max_pool1d": pooled(F.max_pool1d),
    "avg_pool2d": pooled(F.avg_pool2d),
    "avg_pool1d": pooled(F.avg_pool1d),
    "adaptive_avg_pool2d": lambda x, output_size=1: F.adaptive_avg_pool2d(x, whole(output_size)),
}


def values_in_torch(graph: Graph, leaves: Mapping[str, Tensor]) -> Tensor:
    """The output of a graph from these leaves, worked out by torch.

    Raises KeyError for a gate that has no counterpart here.
    """
    values: list[Tensor] = []
    for i, (gate, ins) in enumerate(zip(graph.gates, graph.inputs, strict=True)):
        name = graph.names_by_index.get(i, "")
        if gate.name == "input" and name in leaves:
            values.append(leaves[name])
        elif not ins:
            values.append(torch.tensor(np.asarray(graph.values[i]), dtype=torch.float64))
        else:
            run = dropped(gate) if gate.name == "dropout" else GATES[gate.name]
            values.append(run(*[values[j] for j in ins], **gate.bound))
    return values[graph.output]


def in_torch(graph: Graph, inputs: Mapping[str, Any]) -> tuple[float, dict[str, np.ndarray]]:
    """The output's value and each input's gradient, all of it worked out by torch."""
    leaves = {
        name: torch.tensor(np.asarray(x), dtype=torch.float64, requires_grad=True)
        for name, x in inputs.items()
    }
    output = values_in_torch(graph, leaves)
    found: Any = [None] * len(leaves)
    if output.requires_grad:
        found = torch.autograd.grad(output, list(leaves.values()), allow_unused=True)
    gradients = {
        name: np.zeros(leaf.shape) if g is None else g.numpy()
        for (name, leaf), g in zip(leaves.items(), found, strict=True)
    }
    return float(output.detach()), gradients
