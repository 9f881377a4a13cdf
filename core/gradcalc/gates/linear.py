"""The gates of linear algebra that multiply and add: matmul, dot, outer, einsum and friends."""

from __future__ import annotations

import functools
import string
from typing import Any

import numpy as np

from ..errors import GradcalcError
from ..gate import Array, Mistake, Pattern, gate, unbroadcast
from . import growth
from .indexing import axes_of, plain, rank, shown, whole, wholes
from .shape import from_diagonal, like, to_diagonal

# --- matrix products ---------------------------------------------------------------------------------


def _matmul_a(dz: Array, z: Array, a: Array, b: Array) -> Array:
    if np.ndim(b) == 1:  # each row of a met the one vector
        return unbroadcast(np.multiply.outer(dz, b), np.shape(a))
    if np.ndim(a) == 1:
        return unbroadcast((b @ dz[..., None])[..., 0], np.shape(a))
    return unbroadcast(dz @ np.swapaxes(b, -1, -2), np.shape(a))


def _matmul_b(dz: Array, z: Array, a: Array, b: Array) -> Array:
    if np.ndim(a) == 1:
        down = dz * a if np.ndim(b) == 1 else a[:, None] * dz[..., None, :]
        return unbroadcast(down, np.shape(b))
    if np.ndim(b) == 1:
        return np.tensordot(dz, a, np.ndim(dz))
    return unbroadcast(np.swapaxes(a, -1, -2) @ dz, np.shape(b))


def _turned(x: Array) -> Array:
    """A square matrix transposed; of any other the shapes would tell."""
    return np.swapaxes(x, -1, -2) if np.ndim(x) > 1 and np.shape(x)[-1] == np.shape(x)[-2] else x


def _products_abreast(a: Array, b: Array) -> Array:
    """a @ b at many points at once, which stand along the first axis."""
    row, column = a.ndim == 2, b.ndim == 2  # vectors, but for the points
    a, b = a[:, None, :] if row else a, b[..., None] if column else b
    rank = max(a.ndim, b.ndim)
    a, b = (v.reshape(len(v), *(1,) * (rank - v.ndim), *v.shape[1:]) for v in (a, b))
    z = np.matmul(a, b)
    z = z[..., 0] if column else z
    return (z[..., 0] if column else z[..., 0, :]) if row else z


@gate("a @ b", pattern=Pattern.SWITCHER, symbol="@", names=("mm", "bmm", "mv"), complex=True,
      lanes=_products_abreast, grows=growth.product,
      frameworks="np.matmul, torch.matmul", structure={"a": "block", "b": "sparse"},
      examples=("[[1, 2], [3, 4]] @ [[5, 6], [7, 8]]", "[[1, 2, 3], [4, 5, 6]] @ [1, 0, -1]"),
      mistakes=(Mistake("a", "the second factor not transposed: dz @ b",
                        lambda dz, z, a, b: _matmul_a(dz, z, a, _turned(b))),
                Mistake("b", "the first factor not transposed: a @ dz",
                        lambda dz, z, a, b: _matmul_b(dz, z, _turned(a), b))),
      vjp={"a": ("dz @ b.T", _matmul_a),
           "b": ("a.T @ dz", _matmul_b)})
def matmul(a: Array, b: Array) -> Array:
    """Each matrix gets the upstream gradient multiplied by the other one, transposed."""
    try:
        return np.matmul(a, b)
    except ValueError:
        one, two = np.shape(a), np.shape(b)
    if not one or not two:
        raise GradcalcError("matmul multiplies vectors and matrices, not numbers", kind="shape",
                            hint="* multiplies by a number")
    inner = one[-1] == two[-2 if len(two) > 1 else 0]
    what = "the leading sizes to agree or be 1" if inner else "the inner sizes to agree"
    raise GradcalcError(f"matmul needs {what}: {shown(one)} @ {shown(two)}", kind="shape")


def _contract(a: Array, b: Array, over_a: tuple[int, ...], over_b: tuple[int, ...], caller: str) -> Array:
    """Sum of products over axes of a and of b, pairwise: what is left of a, then what is left of b."""
    one, two = np.shape(a), np.shape(b)
    if [one[k] for k in over_a] != [two[k] for k in over_b]:
        raise GradcalcError(f"{caller} needs the sizes that it sums over to agree: {shown(one)} and "
                            f"{shown(two)}", kind="shape")
    return np.tensordot(a, b, (over_a, over_b))[()]


def _contract_a(dz: Array, a: Array, b: Array, over_a: tuple[int, ...], over_b: tuple[int, ...]) -> Array:
    """The gradient of a contraction for its first input: dz summed with b over what was left of b."""
    left_a = [k for k in range(np.ndim(a)) if k not in over_a]
    left_b = [k for k in range(np.ndim(b)) if k not in over_b]
    down = np.tensordot(dz, b, (list(range(len(left_a), np.ndim(dz))), left_b))
    # Its axes are those left of a, then the summed ones in the order in which they stand in b.
    order = left_a + [over_a[over_b.index(k)] for k in sorted(over_b)]
    return np.transpose(down, np.argsort(order))[()]


def _contract_b(dz: Array, a: Array, b: Array, over_a: tuple[int, ...], over_b: tuple[int, ...]) -> Array:
    """The same for the second input: b contracted with a is a contracted with b, its axes in turn."""
    left = np.ndim(a) - len(over_a)
    turned = np.transpose(dz, [*range(left, np.ndim(dz)), *range(left)])
    return _contract_a(turned, b, a, over_b, over_a)


def _dot_axes(a: Array, b: Array) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if not (np.ndim(a) and np.ndim(b)):
        return (), ()  # a number multiplies every entry
    return (np.ndim(a) - 1,), (max(np.ndim(b) - 2, 0),)


@gate("dot(a, b)", pattern=Pattern.SWITCHER, complex=True, grows=growth.dot,
      structure={"a": "block", "b": "sparse"},
      frameworks="np.dot, torch.dot",
      examples=("dot([1, 2, 3], [4, 5, 6])", "dot([[1, 2], [3, 4]], [5, 6])"),
      vjp={"a": ("dz @ b.T (dz * b for two vectors)",
                 lambda dz, z, a, b: _contract_a(dz, a, b, *_dot_axes(a, b))),
           "b": ("a.T @ dz (a * dz for two vectors)",
                 lambda dz, z, a, b: _contract_b(dz, a, b, *_dot_axes(a, b)))})
def dot(a: Array, b: Array) -> Array:
    """Each input gets the upstream gradient times the other input; of two matrices, transposed."""
    try:
        return np.dot(a, b)
    except ValueError:
        raise GradcalcError(f"dot needs the inner sizes to agree: {shown(np.shape(a))} and "
                            f"{shown(np.shape(b))}", kind="shape") from None


def _inner_axes(a: Array, b: Array) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return ((np.ndim(a) - 1,), (np.ndim(b) - 1,)) if np.ndim(a) and np.ndim(b) else ((), ())


@gate("inner(a, b)", pattern=Pattern.SWITCHER, complex=True, grows=growth.inner,
      structure={"a": "block", "b": "sparse"},
      frameworks="np.inner, torch.inner", examples=("inner([1, 2, 3], [4, 5, 6])",),
      vjp={"a": ("dz @ b", lambda dz, z, a, b: _contract_a(dz, a, b, *_inner_axes(a, b))),
           "b": ("dz.T @ a", lambda dz, z, a, b: _contract_b(dz, a, b, *_inner_axes(a, b)))})
def inner(a: Array, b: Array) -> Array:
    """Each input gets the upstream gradient times the other input."""
    return _contract(a, b, *_inner_axes(a, b), "inner")


def _tensordot_axes(a: Array, b: Array, axes: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    one, two = np.shape(a), np.shape(b)
    if rank(axes) == 0:
        n = whole(axes, "axes")
        if not 0 <= n <= min(len(one), len(two)):
            raise GradcalcError(f"tensordot cannot sum over {n} axes of {shown(one)} and {shown(two)}",
                                kind="value")
        return tuple(range(len(one) - n, len(one))), tuple(range(n))
    pairs = [axes_of(wholes(a, "axes"), shape) for a, shape in zip(axes, (one, two), strict=False)]
    if len(axes) != 2 or len(pairs[0]) != len(pairs[1]):
        raise GradcalcError("the axes of tensordot are a number, or as many axes of the first as of the "
                            "second", kind="value", hint="axes=([1], [0])")
    return pairs[0], pairs[1]


@gate("tensordot(a, b, axes)", pattern=Pattern.SWITCHER, complex=True, grows=growth.tensordot,
      structure={"a": "dense", "b": "dense"}, frameworks="np.tensordot, torch.tensordot",
      examples=("tensordot([[1, 2], [3, 4]], [[5, 6], [7, 8]], axes=1)",),
      vjp={"a": ("dz times b, summed over the axes that are left of b",
                 lambda dz, z, a, b, axes=2: _contract_a(dz, a, b, *_tensordot_axes(a, b, axes))),
           "b": ("a times dz, summed over the axes that are left of a",
                 lambda dz, z, a, b, axes=2: _contract_b(dz, a, b, *_tensordot_axes(a, b, axes)))})
def tensordot(a: Array, b: Array, *, axes: Any = 2) -> Array:
    """Each input gets the upstream gradient times the other, summed over the axes it does not have."""
    return _contract(a, b, *_tensordot_axes(a, b, axes), "tensordot")


@gate("vdot(a, b)", pattern=Pattern.SWITCHER, complex=True, structure={"a": "dense", "b": "dense"},
      frameworks="np.vdot, torch.vdot", examples=("vdot([[1, 2], [3, 4]], [[5, 6], [7, 8]])",),
      vjp={"a": ("dz * b", lambda dz, z, a, b: like(dz * b, a)),
           "b": ("dz * a", lambda dz, z, a, b: like(dz * a, b))})
def vdot(a: Array, b: Array) -> Array:
    """Each input gets the upstream gradient times the other input, entry by entry."""
    if np.size(a) != np.size(b):
        raise GradcalcError(f"vdot needs as many entries in both: {shown(np.shape(a))} and "
                            f"{shown(np.shape(b))}", kind="shape")
    return np.dot(np.ravel(a), np.ravel(b))  # np.vdot would conjugate


# --- all pairs ---------------------------------------------------------------------------------------


@gate("outer(a, b)", pattern=Pattern.SWITCHER, complex=True, grows=growth.every_pair,
      structure={"a": "sparse", "b": "sparse"},
      names=("ger",), frameworks="np.outer, torch.outer", examples=("outer([1, 2, 3], [4, 5])",),
      vjp={"a": ("dz @ b", lambda dz, z, a, b: like(dz @ np.ravel(b), a)),
           "b": ("a @ dz", lambda dz, z, a, b: like(np.ravel(a) @ dz, b))})
def outer(a: Array, b: Array) -> Array:
    """Each entry gets the upstream gradient of its whole row (or column), weighted by the other input."""
    return np.outer(a, b)


def _interleaved(a: Array, b: Array) -> tuple[Array, Array, tuple[int, ...]]:
    """a and b with axes such that their product is a Kronecker product once each pair is merged."""
    axes = max(np.ndim(a), np.ndim(b))
    one = (1,) * (axes - np.ndim(a)) + np.shape(a)
    two = (1,) * (axes - np.ndim(b)) + np.shape(b)
    wide_a = np.reshape(a, [n for size in one for n in (size, 1)])
    wide_b = np.reshape(b, [n for size in two for n in (1, size)])
    return wide_a, wide_b, tuple(m * n for m, n in zip(one, two, strict=True))


def _kron_back(dz: Array, z: Array, a: Array, b: Array, second: bool) -> Array:
    wide_a, wide_b, _ = _interleaved(a, b)
    mine, other = (wide_b, wide_a) if second else (wide_a, wide_b)
    pairs = np.reshape(dz, [n for s, t in zip(wide_a.shape[::2], wide_b.shape[1::2], strict=True)
                            for n in (s, t)])
    return like(unbroadcast(pairs * other, mine.shape), b if second else a)


@gate("kron(a, b)", pattern=Pattern.SWITCHER, complex=True, grows=growth.every_pair,
      structure={"a": "sparse", "b": "sparse"},
      frameworks="np.kron, torch.kron", examples=("kron([[1, 2], [3, 4]], [1, -1])",),
      vjp={"a": ("dz * b, summed over each block",
                 lambda dz, z, a, b: _kron_back(dz, z, a, b, second=False)),
           "b": ("dz * a, summed over all blocks",
                 lambda dz, z, a, b: _kron_back(dz, z, a, b, second=True))})
def kron(a: Array, b: Array) -> Array:
    """An entry of a gets its block of the upstream gradient, weighted by b; b the sum of blocks, by a."""
    wide_a, wide_b, shape = _interleaved(a, b)
    return np.reshape(wide_a * wide_b, shape)[()]


@gate("trace(x)", pattern=Pattern.SPREADER, complex=True, structure={"x": "sparse"},
      frameworks="np.trace, torch.trace", examples=("trace([[1, 2], [3, 4]])",),
      mistakes=(Mistake("x", "every entry credited, not the diagonal only",
                        lambda dz, z, x, offset=0, axis1=0, axis2=1: np.zeros(np.shape(x)) + np.expand_dims(
                            dz, axes_of((axis1, axis2), np.shape(x)))),),
      vjp={"x": ("dz on the diagonal, zero elsewhere",
                 lambda dz, z, x, offset=0, axis1=0, axis2=1: to_diagonal(
                     np.asarray(dz)[..., None], np.shape(x), offset, axis1, axis2))})
def trace(x: Array, *, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Array:
    """Every entry on the diagonal gets the upstream gradient, all others zero."""
    return from_diagonal(x, offset, axis1, axis2, "trace").sum(axis=-1)


# --- einsum ------------------------------------------------------------------------------------------


def _no(message: str, kind: str = "value") -> GradcalcError:
    return GradcalcError(f"einsum: {message}", kind=kind, hint='for example einsum("ij,jk->ik", A, B)')


@functools.lru_cache(maxsize=256)
def _terms(subscripts: str, ndims: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    """The indices of each operand and of the output, one letter for each axis, dots replaced."""
    text = subscripts.replace(" ", "")
    left, arrow, out = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        raise _no(f'"{subscripts}" is for {len(terms)} operands, not {len(ndims)}')
    for term in (*terms, out):
        letters = term.replace("...", "", 1)
        if letters and not (letters.isascii() and letters.isalpha()):
            raise _no(f'"{term}" should be letters, one for each axis')
    extra = [n - len(term.replace("...", "")) for term, n in zip(terms, ndims, strict=True)]
    for term, n, more in zip(terms, ndims, extra, strict=True):
        if more < 0 or (more and "..." not in term):
            raise _no(f'"{term}" names {n - more} axes, its operand has {n}', "shape")
    spare = [c for c in string.ascii_letters if c not in text]
    if max(extra) > len(spare):
        raise _no("too many axes for 52 letters")
    dots = "".join(spare[:max(extra)])
    terms = [t.replace("...", dots[len(dots) - n:]) for t, n in zip(terms, extra, strict=True)]
    named = "".join(terms)
    if arrow:
        out = out.replace("...", dots)
    else:  # implicit: the indices that occur once, in the order of the alphabet
        out = dots + "".join(c for c in sorted(set(named) - set(dots)) if named.count(c) == 1)
    for c in out:
        if out.count(c) > 1:
            raise _no(f'the output names "{c}" twice')
        if c not in named:
            raise _no(f'the output has an index "{c}" that no operand has')
    return tuple(terms), out


def _einsum_plan(subscripts: Any, xs: tuple[Array, ...]) -> tuple[tuple[str, ...], str, dict[str, int]]:
    """The terms, the output, and each index's size (an axis of size 1 is stretched, as numpy does)."""
    if not isinstance(subscripts, str):
        what = "nothing" if subscripts is None else plain(subscripts)
        raise _no(f"the first argument is the quoted subscripts, not {what}")
    terms, out = _terms(subscripts, tuple(np.ndim(x) for x in xs))
    sizes: dict[str, int] = {}
    for term, x in zip(terms, xs, strict=True):
        own: dict[str, int] = {}
        for c, n in zip(term, np.shape(x), strict=True):
            if own.setdefault(c, n) != n or (n != 1 and sizes.get(c, 1) not in (1, n)):
                other = own[c] if own[c] != n else sizes[c]
                raise _no(f'index "{c}" has size {other} in one place and {n} in another', "shape")
            sizes[c] = n if sizes.get(c, 1) == 1 else sizes[c]
    return terms, out, sizes


def _sum_products(terms: list[str], out: str, xs: list[Array]) -> Array:
    # Planning a contraction takes longer than doing a small one.
    big = len(xs) > 1 and sum(np.size(x) for x in xs) > 2000
    return np.einsum(f"{','.join(terms)}->{out}", *xs, optimize=big)[()]


def _einsum_back(dz: Array, z: Array, *xs: Array, position: int, subscripts: Any = None) -> Array:
    terms, out, sizes = _einsum_plan(subscripts, xs)
    term, shape = terms[position], np.shape(xs[position])
    rest = [k for k in range(len(xs)) if k != position]
    met = {*out, *"".join(terms[k] for k in rest)}
    own = "".join(dict.fromkeys(term))  # each index once: "ii" reads a diagonal
    kept = "".join(c for c in own if c in met)
    down = _sum_products([out, *(terms[k] for k in rest)], kept, [dz, *(xs[k] for k in rest)])
    # Indices that were only summed over here (or stretched in the others): the same for every entry.
    have = dict(zip(kept, np.shape(down), strict=True))
    down = np.broadcast_to(np.reshape(down, [have.get(c, 1) for c in own]), [sizes[c] for c in own])
    down = unbroadcast(down, tuple(shape[term.index(c)] for c in own))
    if own == term:
        return down[()]
    result = np.zeros(shape)
    np.einsum(f"{term}->{own}", result)[...] = down  # a view of the diagonal
    return result


@gate("einsum(subscripts, x, y, ...)", pattern=Pattern.SWITCHER, complex=True, grows=growth.einsum,
      structure={"*xs": "dense"}, frameworks="np.einsum, torch.einsum",
      examples=('einsum("ij,jk->ik", [[1, 2], [3, 4]], [[5, 6], [7, 8]])',
                'einsum("ij,j->i", [[1, 2], [3, 4]], [5, 6])'),
      vjp={"*xs": ("einsum of dz and the other operands, to this operand's indices", _einsum_back)})
def einsum(*xs: Array, subscripts: Any = None) -> Array:
    """Each operand gets the einsum of the upstream gradient with all other operands."""
    terms, out, _ = _einsum_plan(subscripts, xs)
    return _sum_products(list(terms), out, list(xs))
