"""How a random program uses each gate that takes arrays: one recipe a gate, drawn from a pantry of values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

Shape = tuple[int, ...]
DIGITS = 6
T = TypeVar("T")


class Pantry:
    """The values that stand in a program so far, and new inputs in the shape that a gate needs."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.values: dict[str, Any] = {}
        self.fresh: dict[str, Any] = {}

    def pick(self, options: Sequence[T]) -> T:
        """One of several, each as likely."""
        return options[int(self.rng.integers(len(options)))]

    def some(self, ranks: tuple[int, ...] = (0, 1, 2, 3)) -> str:
        """The name of a value with one of these numbers of axes; a new input where there is none."""
        fit = [name for name, value in self.values.items() if np.ndim(value) in ranks]
        if fit and self.rng.random() < 0.9:
            return str(self.pick(fit))
        return self.new(tuple(self.rng.integers(1, 5, self.pick(ranks))))

    def new(self, shape: Shape, low: float | None = None, high: float = 1.0) -> str:
        """A new input of this shape: normal, or uniform between `low` and `high`."""
        drawn = self.rng.normal(0, 1.5, shape) if low is None else self.rng.uniform(low, high, shape)
        name = f"x{len(self.fresh)}"
        self.values[name] = self.fresh[name] = np.round(drawn, DIGITS)
        return name

    def like(self, shape: Shape) -> str:
        """A value of exactly this shape: one that stands, or a new input."""
        fit = [name for name, value in self.values.items() if np.shape(value) == shape]
        return str(self.pick(fit)) if fit and self.rng.random() < 0.7 else self.new(shape)

    def fitting(self, name: str) -> str:
        """A value that broadcasts against another one: axes of size 1, axes left out, or its own shape."""
        shape = [n if self.rng.random() < 0.7 else 1 for n in self.shape(name)]
        return self.like(
            tuple(shape[int(self.rng.integers(len(shape) + 1)) if self.rng.random() < 0.4 else 0 :])
        )

    def shape(self, name: str) -> Shape:
        return np.shape(self.values[name])

    def whole(self, low: int, high: int) -> int:
        """A whole number, `high` excluded."""
        return int(self.rng.integers(low, high))

    def axis(self, name: str) -> int:
        """One axis of a value, counted from either end."""
        rank = len(self.shape(name))
        return self.whole(-rank, rank)

    def labels(self, count: int, classes: int) -> str:
        return str([self.whole(0, classes) for _ in range(count)])


Recipe = Callable[[Pantry], str]


def _reduction(name: str, *more: str) -> Recipe:
    def recipe(p: Pantry) -> str:
        x = p.some((1, 2, 3))
        options = [*more]
        if p.rng.random() < 0.7:
            options.append(f"axis={p.axis(x)}")
            if name.startswith("cum"):
                return f"{name}({x}, {options[-1]})"
        elif len(p.shape(x)) == 3 and name in ("sum", "mean", "max", "min", "var", "std", "logsumexp"):
            options.append("axis=(0, 2)")
        if not name.startswith("cum") and p.rng.random() < 0.3:
            options.append("keepdims=True")
        return f"{name}({', '.join([x, *options])})"

    return recipe


def _norm(p: Pantry) -> str:
    x = p.some((1, 2))
    if len(p.shape(x)) == 1:
        return f"norm({x}, {p.pick(['1', '2', 'inf', '3'])})"
    return p.pick(
        [f"norm({x})", f'norm({x}, "fro")', f"norm({x}, axis={p.axis(x)})", f"norm({x}, ord=1, axis=1)"]
    )


def _matmul(p: Pantry) -> str:
    a = p.some((1, 2, 3))
    inner = p.shape(a)[-1]
    b = p.like(p.pick([(inner,), (inner, p.whole(1, 4)), (inner, p.whole(1, 4))]))
    return f"{a} @ {b}"


def _pair(text: str, rank: int) -> Recipe:
    """Two values that share the length of their last axis (the first axis of the second)."""

    def recipe(p: Pantry) -> str:
        a = p.some((rank,))
        b = p.like(p.shape(a)) if rank == 1 else p.like((p.shape(a)[-1], p.whole(1, 4)))
        return text.format(a=a, b=b)

    return recipe


def _einsum(p: Pantry) -> str:
    a = p.some((2,))
    n, m = p.shape(a)
    options: list[tuple[str, list[Shape]]] = [
        ("ij->ji", []), ("ij->i", []), ("ij,ij->", [(n, m)]), ("ij,jk->ik", [(m, 2)]), ("ij,j->i", [(m,)]),
        ("ij,ik->jk", [(n, 3)]), ("ij,jk,k->i", [(m, 2), (2,)]), ("ij,i->ij", [(n,)]),
        ("ij,kj->ik", [(2, m)]),
    ]  # fmt: skip
    subscripts, shapes = p.pick(options)
    return f'einsum("{subscripts}", {", ".join([a, *[p.like(s) for s in shapes]])})'


def _regular(text: str) -> Recipe:
    """A square matrix that is far from singular: the identity and more is added to it."""

    def recipe(p: Pantry) -> str:
        n = p.whole(1, 4)
        a = p.like((n, n))
        return text.format(a=f"({a} + {4 * n + 2}*eye({n}))", b=p.like(p.pick([(n,), (n, 2)])))

    return recipe


def _cholesky(p: Pantry) -> str:
    n = p.whole(1, 4)
    a = p.like((n, n))
    return f"cholesky({a} @ {a}.T + {n + 1}*eye({n}))"


def _index(p: Pantry) -> str:
    x = p.some((1, 2, 3))
    n = p.shape(x)[0]
    row = p.whole(-n, n)
    if len(p.shape(x)) == 1:
        return x + p.pick([f"[{row}]", "[::-1]", "[:, None]", f"[{p.labels(3, n)}]", f"[{p.whole(0, n)}:]"])
    m = p.shape(x)[1]
    return x + p.pick(
        [f"[{row}]", f"[:, {p.whole(0, m)}]", f"[arange({n}), {p.labels(n, m)}]", "[::2]", "[None]",
         "[..., 0]", f"[{p.labels(3, n)}]", f"[{p.whole(0, n)}:, ::-1]", f"[:, {p.labels(2, m)}]"]
    )  # fmt: skip


def _on(text: str, *ranks: int) -> Recipe:
    """One value; {x} is its name, {axis} one of its axes, {size} its size, {k} a small whole number."""

    def recipe(p: Pantry) -> str:
        x = p.some(ranks or (1, 2, 3))
        rank = len(p.shape(x))
        return text.format(
            x=x, axis=p.axis(x) if rank else 0, size=math.prod(p.shape(x)), k=p.whole(-1, 2), n=p.whole(1, 4),
            last=rank - 1, shape=p.shape(x), first=p.shape(x)[0] if rank else 1,
        )  # fmt: skip

    return recipe


def _take(p: Pantry) -> str:
    x = p.some((1, 2, 3))
    axis = p.axis(x)
    return f"take({x}, {p.labels(3, p.shape(x)[axis])}, axis={axis})"


def _along(text: str) -> Recipe:
    def recipe(p: Pantry) -> str:
        x = p.some((2,))
        n, m = p.shape(x)
        rows = [[p.whole(0, m) for _ in range(2)] for _ in range(n)]
        return text.format(x=x, rows=rows)

    return recipe


def _transpose(p: Pantry) -> str:
    x = p.some((2, 3))
    axes = [int(k) for k in p.rng.permutation(len(p.shape(x)))]
    return p.pick([f"{x}.T", f"transpose({x}, {axes})"])


def _joined(name: str) -> Recipe:
    def recipe(p: Pantry) -> str:
        a = p.some((1, 2))
        return f"{name}([{a}, {p.like(p.shape(a))}])"

    return recipe


def _broadcast(p: Pantry) -> str:
    x = p.some((0, 1, 2))
    return f"broadcast_to({x}, {(2, *[3 if n == 1 else n for n in p.shape(x)])})"


def _scores(text: str) -> Recipe:
    """A loss of scores and labels; {r} is how it is reduced."""

    def recipe(p: Pantry) -> str:
        n, classes = p.whole(1, 4), p.whole(2, 5)
        return text.format(x=p.like((n, classes)), y=p.labels(n, classes), r=p.pick(["mean", "sum", "none"]))

    return recipe


def _between(name: str, more: str = "") -> Recipe:
    """A loss of two arrays of one shape."""

    def recipe(p: Pantry) -> str:
        x = p.some((1, 2))
        return f'{name}({x}, {p.like(p.shape(x))}, reduction="{p.pick(["mean", "sum", "none"])}"{more})'

    return recipe


def _probabilities(text: str) -> Recipe:
    def recipe(p: Pantry) -> str:
        x = p.some((1, 2))
        return text.format(x=x, y=p.new(p.shape(x), 0.05, 0.95), r=p.pick(["mean", "sum"]))

    return recipe


def _targets(text: str) -> Recipe:
    """Like _probabilities, with targets as written numbers: they have no gradient."""

    def recipe(p: Pantry) -> str:
        x = p.some((1, 2))
        targets = np.round(p.rng.uniform(0.05, 0.95, p.shape(x)), 3).tolist()
        return text.format(x=x, y=targets, r=p.pick(["mean", "sum"]))

    return recipe


def _polygamma(p: Pantry) -> str:
    return f"polygamma({p.whole(1, 3)}, 0.5 + 4*sigmoid({p.some()}))"


def _cosine(p: Pantry) -> str:
    x = p.some((1, 2))
    return f"cosine_similarity({x}, {p.like(p.shape(x))}, axis={p.axis(x)})"


def _linear(name: str) -> Recipe:
    def recipe(p: Pantry) -> str:
        n, d, m = p.whole(1, 4), p.whole(1, 4), p.whole(1, 4)
        return f"{name}({p.like((n, d))}, {p.like((m, d) if name == 'linear' else (d, m))}, {p.like((m,))})"

    return recipe


def _embedding(p: Pantry) -> str:
    n = p.whole(2, 5)
    return f"embedding({p.labels(4, n)}, {p.like((n, 2))})"


def _normalised(name: str) -> Recipe:
    def recipe(p: Pantry) -> str:
        n, d = p.whole(3, 6), p.whole(2, 4)
        return f"{name}({p.like((n, d))}, {p.like((d,))}, {p.like((d,))})"

    return recipe


def _attention(p: Pantry) -> str:
    n, d = p.whole(1, 4), p.whole(1, 4)
    more = p.pick(["", ", is_causal=True", ", scale=0.5"])
    return f"scaled_dot_product_attention({p.like((n, d))}, {p.like((n, d))}, {p.like((n, 2))}{more})"


def _conv2d(p: Pantry) -> str:
    groups = p.pick([1, 1, 2])
    c, k, stride, padding = 2, p.whole(1, 3), p.whole(1, 3), p.whole(0, 2)
    x, w, b = p.like((p.whole(1, 3), c, 4, 5)), p.like((2, c // groups, k, k)), p.like((2,))
    dilation = p.pick([1, 1, 2])
    return f"conv2d({x}, {w}, {b}, stride={stride}, padding={padding}, dilation={dilation}, groups={groups})"


def _conv1d(p: Pantry) -> str:
    c = p.whole(1, 3)
    x, w, b = p.like((2, c, 5)), p.like((2, c, p.whole(1, 4))), p.like((2,))
    return f"conv1d({x}, {w}, {b}, stride={p.whole(1, 3)}, padding={p.whole(0, 2)})"


def _deconv(p: Pantry) -> str:
    x, w, b = p.like((1, 2, 2, 3)), p.like((2, 2, 2, 2)), p.like((2,))
    return f"conv_transpose2d({x}, {w}, {b}, stride={p.whole(1, 3)}, padding={p.whole(0, 2)})"


def _pool(name: str, shape: Shape, most: int = 3) -> Recipe:
    def recipe(p: Pantry) -> str:
        kernel = p.whole(2, most + 1)
        padding = p.whole(0, 2)
        return f"{name}({p.like(shape)}, {kernel}, stride={p.whole(1, 3)}, padding={padding})"

    return recipe


def _where(p: Pantry) -> str:
    x = p.some((1, 2))
    return f"where({x} > 0, {x}, {p.fitting(x)})"


RECIPES: dict[str, Recipe] = {
    **{
        name: _reduction(name) for name in ("sum", "mean", "max", "min", "median", "ptp", "prod", "logsumexp")
    },
    **{name: _reduction(name) for name in ("var", "std", "cumsum", "cumprod")},
    "polygamma": _polygamma,
    "norm": _norm,
    "argmax": _on("argmax({x}, axis={axis})"),
    "argmin": _on("argmin({x}, axis={axis})"),
    "softmax": _on("softmax({x}, axis={axis})"),
    "log_softmax": _on("log_softmax({x}, axis={axis})"),
    "where": _where,
    "matmul": _matmul,
    "dot": _pair("dot({a}, {b})", 2),
    "inner": _pair("inner({a}, {b})", 1),
    "vdot": _pair("vdot({a}, {b})", 1),
    "outer": _pair("outer({a}, {b})", 1),
    "kron": _pair("kron({a}, {b})", 2),
    "tensordot": _pair("tensordot({a}, {b}, axes=1)", 2),
    "einsum": _einsum,
    "trace": _on("trace({x}, offset={k})", 2),
    "inv": _regular("inv({a})"),
    "det": _regular("det({a}/10)"),
    "logdet": _regular("logdet({a})"),
    "slogdet": _regular("slogdet({a})[1]"),
    "solve": _regular("solve({a}, {b})"),
    "cholesky": _cholesky,
    "index": _index,
    "take": _take,
    "take_along_axis": _along("take_along_axis({x}, {rows}, axis=1)"),
    "gather": _along("gather({x}, 1, {rows})"),
    "reshape": lambda p: p.pick([_on("{x}.reshape({first}, -1)"), _on("reshape({x}, -1)")])(p),
    "ravel": _on("ravel({x})"),
    "squeeze": _on("squeeze({x}[None])"),
    "expand_dims": _on("expand_dims({x}, {axis})"),
    "atleast_1d": _on("atleast_1d({x})", 0, 1),
    "atleast_2d": _on("atleast_2d({x})", 0, 1),
    "transpose": _transpose,
    "swapaxes": _on("swapaxes({x}, 0, {axis})", 2, 3),
    "moveaxis": _on("moveaxis({x}, 0, -1)", 2, 3),
    "roll": lambda p: p.pick([_on("roll({x}, {n}, axis={axis})"), _on("roll({x}, {k})")])(p),
    "flip": lambda p: p.pick([_on("flip({x}, axis={axis})"), _on("flip({x})")])(p),
    "flipud": _on("flipud({x})"),
    "fliplr": _on("fliplr({x})", 2),
    "concatenate": _joined("concatenate"),
    "stack": _joined("stack"),
    "vstack": _joined("vstack"),
    "hstack": _joined("hstack"),
    "broadcast_to": _broadcast,
    "repeat": _on("repeat({x}, {n}, axis={axis})"),
    "tile": lambda p: p.pick([_on("tile({x}, {n})"), _on("tile({x}, (2, 1))", 1, 2)])(p),
    "pad": _on("pad({x}, {n})", 1, 2),
    "diag": _on("diag({x}, {k})", 1, 2),
    "diagonal": _on("diagonal({x})", 2),
    "tril": _on("tril({x}, {k})", 2),
    "triu": _on("triu({x}, {k})", 2),
    "mse_loss": _between("mse_loss"),
    "l1_loss": _between("l1_loss"),
    "huber_loss": _between("huber_loss", ", delta=0.7"),
    "smooth_l1_loss": _between("smooth_l1_loss", ", beta=0.4"),
    "cross_entropy": _scores('cross_entropy({x}, {y}, reduction="{r}", label_smoothing=0.1)'),
    "nll_loss": _scores('nll_loss(log_softmax({x}, axis=1), {y}, reduction="{r}")'),
    "svm_loss": _scores('svm_loss({x}, {y}, margin=0.8, reduction="{r}")'),
    "binary_cross_entropy": _targets('binary_cross_entropy(sigmoid({x}), {y}, reduction="{r}")'),
    "binary_cross_entropy_with_logits": _targets(
        'binary_cross_entropy_with_logits({x}, {y}, reduction="{r}")'
    ),
    "kl_div": _probabilities('kl_div(logsigmoid({x}), {y}, reduction="{r}")'),
    "cosine_similarity": _cosine,
    "linear": _linear("linear"),
    "affine": _linear("affine"),
    "embedding": _embedding,
    "batchnorm": _normalised("batchnorm"),
    "layernorm": _normalised("layernorm"),
    "local_response_norm": lambda p: f"local_response_norm({p.like((1, 4, 2, 2))}, size=3, alpha=0.1, k=2)",
    "dropout": _on("dropout({x}, 0.4, seed={n})"),
    "scaled_dot_product_attention": _attention,
    "conv2d": _conv2d,
    "conv1d": _conv1d,
    "conv_transpose2d": _deconv,
    "max_pool2d": _pool("max_pool2d", (1, 2, 4, 5)),
    "max_pool1d": _pool("max_pool1d", (2, 2, 5)),
    "avg_pool2d": _pool("avg_pool2d", (1, 2, 4, 5)),
    "avg_pool1d": _pool("avg_pool1d", (2, 2, 5)),
    "adaptive_avg_pool2d": lambda p: f"adaptive_avg_pool2d({p.like((1, 2, 4, 5))}, output_size=[2, 3])",
}
