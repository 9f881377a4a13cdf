"""The gates that make few numbers of many: totals, means, extremes, norms, spreads, and running totals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import GradcalcError
from ..gate import Array, Kink, Mistake, Pattern, as_value, gate
from .arithmetic import complex_pow
from .indexing import axes_of, axis_of, plain, shown

Axes = tuple[int, ...]

# --- axes --------------------------------------------------------------------------------------------


def over(x: Array, axis: Any, keepdims: Any) -> dict[str, Any]:
    """`axis` and `keepdims` as numpy's own reductions take them."""
    return {"axis": axes_of(axis, np.shape(x)), "keepdims": bool(keepdims)}


def count(x: Array, axis: Any) -> int:
    """How many entries go into each result."""
    shape = np.shape(x)
    return math.prod([shape[k] for k in axes_of(axis, shape)])


def needs_entries(x: Array, axis: Any, name: str) -> None:
    """Refuse a reduction of nothing that has no value."""
    if count(x, axis) == 0:
        raise GradcalcError(f"{name} of an empty array has no value", kind="shape",
                            hint=f"the shape is {shown(np.shape(x))}")


def widened(v: Array, x: Array, axis: Any) -> Array:
    """A result of a reduction (or its gradient) with the reduced axes back, each of size 1."""
    axes = axes_of(axis, np.shape(x))
    return np.reshape(v, [1 if k in axes else n for k, n in enumerate(np.shape(x))])


def spread(dz: Array, x: Array, axis: Any) -> Array:
    """The upstream gradient of each total, at every entry that went into it."""
    return as_value(np.broadcast_to(widened(dz, x, axis), np.shape(x)))


def rows(x: Array, axis: Any) -> Array:
    """`x` with the reduced axes moved to the end and made one."""
    shape = np.shape(x)
    axes = axes_of(axis, shape)
    kept = [k for k in range(len(shape)) if k not in axes]
    return np.reshape(np.transpose(x, [*kept, *axes]), [*[shape[k] for k in kept], count(x, axis)])


def unrows(g: Array, x: Array, axis: Any) -> Array:
    """The way back from rows."""
    shape = np.shape(x)
    axes = axes_of(axis, shape)
    order = [*[k for k in range(len(shape)) if k not in axes], *axes]
    return as_value(np.transpose(np.reshape(g, [shape[k] for k in order]), np.argsort(order)))


def placed(v: Array, x: Array, axis: Any, keepdims: Any) -> Array:
    """One value a row, as the reduction returns it."""
    return as_value(widened(v, x, axis) if keepdims else v)


def abreast(reduce: Callable[..., Array]) -> Callable[..., Array]:
    """A reduction at many points at once: the same over axes that stand one further back."""

    def run(x: Array, *, axis: Any = None, **params: Any) -> Array:
        return reduce(x, axis=[k + 1 for k in axes_of(axis, np.shape(x)[1:])], **params)

    return run


# --- totals ------------------------------------------------------------------------------------------


@gate("sum(x)", pattern=Pattern.SPREADER, complex=True, structure={"x": "dense"},
      lanes=abreast(lambda x, axis, keepdims=False: np.add.reduce(x, **over(x, axis, keepdims))),
      frameworks="np.sum, torch.sum",
      examples=("sum([1, 2, 3])", "sum([[1, 2], [3, 4]], axis=0)"),
      mistakes=(Mistake("x", "divided by the number of entries, as for a mean",
                        lambda dz, z, x, axis=None, keepdims=False: spread(dz, x, axis) / count(x, axis)),),
      vjp={"x": ("dz at every entry", lambda dz, z, x, axis=None, keepdims=False: spread(dz, x, axis))})
def sum_(x: Array, *, axis: Any = None, keepdims: Any = False) -> Array:
    """Every entry receives the upstream gradient of the total that it went into."""
    return np.add.reduce(x, **over(x, axis, keepdims))


@gate("sum(x)/n", pattern=Pattern.SPREADER, complex=True, structure={"x": "dense"},
      lanes=abreast(lambda x, axis, keepdims=False: np.mean(x, **over(x, axis, keepdims))),
      names=("average",), frameworks="np.mean, torch.mean",
      examples=("mean([1, 2, 6])", "mean([[1, 2], [3, 4]], axis=1)"),
      mistakes=(Mistake("x", "1/n forgotten",
                        lambda dz, z, x, axis=None, keepdims=False: spread(dz, x, axis)),),
      vjp={"x": ("dz/n at every entry",
                 lambda dz, z, x, axis=None, keepdims=False: spread(dz, x, axis) / count(x, axis))})
def mean(x: Array, *, axis: Any = None, keepdims: Any = False) -> Array:
    """Every entry receives an equal share of the upstream gradient: dz over the number of entries."""
    needs_entries(x, axis, "mean")
    return np.add.reduce(x, **over(x, axis, keepdims)) / count(x, axis)


def before(row: Array) -> Array:
    """The product of all entries to the left of each entry of the last axis."""
    products = np.ones_like(row)
    np.cumprod(row[..., :-1], axis=-1, out=products[..., 1:])
    return products


def others(x: Array, axis: Any) -> Array:
    """For every entry the product of the others: left of it times right of it, so zeros do no harm."""
    row = rows(x, axis)
    if row.shape[-1] == 0:
        return np.zeros(np.shape(x))
    return unrows(before(row) * before(row[..., ::-1])[..., ::-1], x, axis)


@gate("prod(x)", pattern=Pattern.SWITCHER, complex=True, structure={"x": "dense"},
      frameworks="np.prod, torch.prod", examples=("prod([2, 3, -4])", "prod([[1, 0], [3, 4]], axis=1)"),
      mistakes=(Mistake("x", "its own value instead of the others'",
                        lambda dz, z, x, axis=None, keepdims=False: spread(dz, x, axis) * x),),
      vjp={"x": ("dz times the product of the other entries",
                 lambda dz, z, x, axis=None, keepdims=False: spread(dz, x, axis) * others(x, axis))})
def prod(x: Array, *, axis: Any = None, keepdims: Any = False) -> Array:
    """Each entry's gradient is the upstream gradient times the product of all the others."""
    return np.multiply.reduce(x, **over(x, axis, keepdims))


# --- the largest and the smallest --------------------------------------------------------------------


def shared(dz: Array, chosen: Array, x: Array, axis: Any) -> Array:
    """The upstream gradient in equal shares to the chosen entries, and exactly 0 to the rest."""
    k = np.add.reduce(chosen, axis=axes_of(axis, np.shape(x)), keepdims=True)
    return as_value(np.where(chosen, widened(dz, x, axis) / k, 0.0))


def winners(dz: Array, z: Array, x: Array, axis: Any = None, keepdims: Any = False) -> Array:
    """Each upstream gradient to the entry whose value came out; k tied entries get 1/k of it each."""
    return shared(dz, x == widened(z, x, axis), x, axis)


def gap(high: Array, low: Array) -> Array:
    """high - low, and 0 where both are the same infinity."""
    return np.where(high == low, 0.0, high - low)


def lead(x: Array, axis: Any, keepdims: Any) -> Array:
    """How far the largest entry is ahead of the runner-up; inf where there is none."""
    row = rows(x, axis)
    n = row.shape[-1]
    if n > 1:
        row = np.partition(row, n - 2, axis=-1)
    return placed(gap(row[..., -1], row[..., -2] if n > 1 else -np.inf), x, axis, keepdims)


TIE = "k tied entries get 1/k of the upstream gradient each"


@gate("max(x)", pattern=Pattern.ROUTER, complex=True, structure={"x": "dense"},
      names=("amax",), frameworks="np.max, torch.amax",
      examples=("max([3, -1, 2])", "max([[1, 5], [7, 4]], axis=0)"),
      kink=Kink("the two largest entries are equal", TIE,
                lambda z, x, axis=None, keepdims=False: lead(x, axis, keepdims), first=-1),
      mistakes=(Mistake("x", "every entry credited",
                        lambda dz, z, x, axis=None, keepdims=False: spread(dz, x, axis)),),
      vjp={"x": ("dz at the largest entry, 0 elsewhere", winners)})
def max_(x: Array, *, axis: Any = None, keepdims: Any = False) -> Array:
    """The largest entry takes the whole upstream gradient, the others none; k tied entries take 1/k each."""
    needs_entries(x, axis, "max")
    return np.maximum.reduce(x, **over(x, axis, keepdims))


@gate("min(x)", pattern=Pattern.ROUTER, complex=True, structure={"x": "dense"},
      names=("amin",), frameworks="np.min, torch.amin",
      examples=("min([3, -1, 2])", "min([[1, 5], [7, 4]], axis=0)"),
      kink=Kink("the two smallest entries are equal", TIE,
                lambda z, x, axis=None, keepdims=False: lead(-x, axis, keepdims), first=1),
      mistakes=(Mistake("x", "every entry credited",
                        lambda dz, z, x, axis=None, keepdims=False: spread(dz, x, axis)),),
      vjp={"x": ("dz at the smallest entry, 0 elsewhere", winners)})
def min_(x: Array, *, axis: Any = None, keepdims: Any = False) -> Array:
    """The smallest entry takes the whole upstream gradient, the others none; k tied entries take 1/k each."""
    needs_entries(x, axis, "min")
    return np.minimum.reduce(x, **over(x, axis, keepdims))


def extremes(dz: Array, z: Array, x: Array, axis: Any = None, keepdims: Any = False) -> Array:
    """The upstream gradient to the largest entry, and its negative to the smallest."""
    axes = axes_of(axis, np.shape(x))
    high, low = (ufunc.reduce(x, axis=axes, keepdims=True) for ufunc in (np.maximum, np.minimum))
    return as_value(shared(dz, x == high, x, axis) - shared(dz, x == low, x, axis))


@gate("max(x) - min(x)", pattern=Pattern.ROUTER, complex=True, structure={"x": "dense"},
      frameworks="np.ptp", examples=("ptp([3, -1, 2])",),
      kink=Kink("the two largest or the two smallest entries are equal", TIE,
                lambda z, x, axis=None, keepdims=False:
                    np.minimum(lead(x, axis, keepdims), lead(-x, axis, keepdims))),
      vjp={"x": ("dz at the largest entry, -dz at the smallest", extremes)})
def ptp(x: Array, *, axis: Any = None, keepdims: Any = False) -> Array:
    """The largest entry takes the upstream gradient, the smallest its negative, all others none."""
    needs_entries(x, axis, "ptp")
    how = over(x, axis, keepdims)
    return np.maximum.reduce(x, **how) - np.minimum.reduce(x, **how)


def middle(x: Array, axis: Any) -> tuple[Array, int, int]:
    """The sorted rows, and the positions of the lower and the upper middle entry (the same if n is odd)."""
    row = np.sort(rows(x, axis), axis=-1)
    n = row.shape[-1]
    return row, (n - 1) // 2, n // 2


def middles(dz: Array, z: Array, x: Array, axis: Any = None, keepdims: Any = False) -> Array:
    """Half of the upstream gradient to each of the two middle entries (which may be one and the same)."""
    row, low, high = middle(x, axis)
    both = [shared(dz, x == widened(row[..., k], x, axis), x, axis) for k in (low, high)]
    return 0.5 * both[0] + 0.5 * both[1]


def gap_of_median(z: Array, x: Array, axis: Any = None, keepdims: Any = False) -> Array:
    """How far the middle entries are from their outer neighbours; inf where there are none."""
    row, low, high = middle(x, axis)
    if low == 0:
        return placed(np.full(row.shape[:-1], np.inf), x, axis, keepdims)
    nearest = np.minimum(gap(row[..., low], row[..., low - 1]), gap(row[..., high + 1], row[..., high]))
    return placed(nearest, x, axis, keepdims)


@gate("median(x)", pattern=Pattern.ROUTER, complex=True, structure={"x": "dense"},
      frameworks="np.median", examples=("median([3, -1, 2])", "median([[1, 5, 9], [7, 4, 0]], axis=1)"),
      kink=Kink("a middle entry is equal to its outer neighbour", TIE, gap_of_median),
      vjp={"x": ("dz at the middle entry, or dz/2 at the two middle ones", middles)})
def median(x: Array, *, axis: Any = None, keepdims: Any = False) -> Array:
    """The middle entry takes the whole upstream gradient; of an even number the two middle ones take half."""
    needs_entries(x, axis, "median")
    row, low, high = middle(x, axis)
    z = row[..., low] if low == high else 0.5 * row[..., low] + 0.5 * row[..., high]
    return placed(np.where(np.isnan(row[..., -1]), np.nan, z), x, axis, keepdims)  # nan sorts to the end


def place_of(pick: Callable[..., Array], name: str, x: Array, axis: Any, keepdims: Any) -> Array:
    """The index that np.argmax or np.argmin finds; complex numbers compare by their real parts first."""
    if np.ndim(axis) and len(axis) != 1:
        raise GradcalcError(f"{name} takes one axis, not {len(axis)}", kind="value")
    needs_entries(x, axis, name)
    return placed(np.float64(pick(rows(x, axis), axis=-1)), x, axis, keepdims)


@gate("argmax(x)", pattern=Pattern.STOPPER, complex=True, structure={"x": "zero"},
      frameworks="np.argmax, torch.argmax", examples=("argmax([3, -1, 7])",),
      kink=Kink("the two largest entries are equal", "the value jumps, the slope stays 0",
                lambda z, x, axis=None, keepdims=False: lead(x, axis, keepdims), jump=True),
      vjp={"x": ("0", lambda dz, z, x, axis=None, keepdims=False: as_value(np.zeros(np.shape(x))))})
def argmax(x: Array, *, axis: Any = None, keepdims: Any = False) -> Array:
    """The place of the largest entry (the first of equals) stays put under a small move: no gradient."""
    return place_of(np.argmax, "argmax", x, axis, keepdims)


@gate("argmin(x)", pattern=Pattern.STOPPER, complex=True, structure={"x": "zero"},
      frameworks="np.argmin, torch.argmin", examples=("argmin([3, -1, 7])",),
      kink=Kink("the two smallest entries are equal", "the value jumps, the slope stays 0",
                lambda z, x, axis=None, keepdims=False: lead(-x, axis, keepdims), jump=True),
      vjp={"x": ("0", lambda dz, z, x, axis=None, keepdims=False: as_value(np.zeros(np.shape(x))))})
def argmin(x: Array, *, axis: Any = None, keepdims: Any = False) -> Array:
    """The place of the smallest entry (the first of equals) stays put under a small move: no gradient."""
    return place_of(np.argmin, "argmin", x, axis, keepdims)


# --- norms -------------------------------------------------------------------------------------------


def order(x: Array, ord: Any, axis: Any) -> float:  # noqa: A002
    """Which norm is meant, as a number; matrix norms other than the Frobenius norm are refused."""
    if ord is None or (isinstance(ord, str) and ord == "fro"):
        return 2.0
    if isinstance(ord, str) or np.ndim(ord) or not (ord > 0 or ord == -np.inf):
        raise GradcalcError(f"norm has no ord={plain(ord)}", kind="value",
                            hint="a number above 0, inf, -inf or 'fro'")
    axes = axes_of(axis, np.shape(x))
    if len(axes) > 1:
        raise GradcalcError(f"ord={plain(ord)} has two readings for shape {shown(np.shape(x))}: "
                            "a matrix norm, or the norm of all entries", kind="value",
                            hint="say axis= for vectors, ravel(x) for all entries, or leave ord out")
    return float(ord)


def lengths(row: Array, p: float) -> Array:
    """The p-norm of each row, scaled by a power of two so that nothing overflows and nothing is rounded.

    Of complex rows it is the same function continued: roots of sums of powers, |x| as the larger of x and -x.
    """
    if row.shape[-1] == 0:
        return np.zeros(row.shape[:-1])
    size = np.maximum(row, -row) if np.iscomplexobj(row) else np.abs(row)
    if math.isinf(p):
        return size.max(axis=-1) if p > 0 else size.min(axis=-1)
    if p == 1.0:
        return size.sum(axis=-1)
    scale = np.frexp(np.real(size).max(axis=-1, keepdims=True))[1] - 1
    if not np.iscomplexobj(row):
        part = np.ldexp(size, -scale)
        z = np.sqrt((part * part).sum(axis=-1)) if p == 2.0 else (part**p).sum(axis=-1) ** (1.0 / p)
        return np.ldexp(z, scale[..., 0])
    part = np.ldexp(size.real, -scale) + 1j * np.ldexp(size.imag, -scale)
    if p == 2.0:
        z = np.sqrt((part * part).sum(axis=-1))
    else:
        z = complex_pow(complex_pow(part, np.float64(p)).sum(axis=-1), np.float64(1.0 / p))
    z = np.ldexp(np.real(z), scale[..., 0]) + 1j * np.ldexp(np.imag(z), scale[..., 0])
    # A row of zeros that moves by ih v has the length ih |v|.
    return np.where((row.real == 0.0).all(axis=-1), 1j * lengths(row.imag, p), z)


def norm_back(dz: Array, z: Array, x: Array, ord: Any = None, axis: Any = None,  # noqa: A002
              keepdims: Any = False) -> Array:
    """The slope of a norm: the direction sign(x) (|x|/z)^(p-1), or the entry of largest or smallest size."""
    p, size = order(x, ord, axis), abs(x)
    if math.isinf(p):
        return as_value(winners(dz, z, size, axis) * np.sign(x))
    length = widened(z, x, axis)
    dz = widened(dz, x, axis)
    if p == 1.0:
        return as_value(dz * np.sign(x))
    flat = (length == 0.0) | (x == 0.0)
    if p == 2.0:
        return as_value(dz * np.where(flat, 0.0, x / length))
    return as_value(dz * np.where(flat, 0.0, np.sign(x) * (size / length) ** (p - 1.0)))


def gap_of_norm(z: Array, x: Array, ord: Any = None, axis: Any = None,  # noqa: A002
                keepdims: Any = False) -> Array:
    """The distance to a kink: the length itself, each |x| for ord <= 1, or the lead of the chosen entry."""
    p, size = order(x, ord, axis), abs(x)
    if math.isinf(p):
        return np.minimum(lead(size if p > 0 else -size, axis, keepdims), z)
    return size if p <= 1.0 else z


def norm_of(x: Array, ord: Any, axis: Any, keepdims: Any) -> Array:  # noqa: A002
    p = order(x, ord, axis)
    if math.isinf(p):
        needs_entries(x, axis, f"norm with ord={plain(ord)}")
    return placed(lengths(rows(x, axis), p), x, axis, keepdims)


@gate("sqrt(sum(x^2))", pattern=Pattern.MIXER, complex=True, structure={"x": "dense"},
      lanes=abreast(lambda x, axis, **how: norm_of(x, how.get("ord"), axis, how.get("keepdims", False))),
      frameworks="np.linalg.norm, torch.linalg.vector_norm",
      examples=("norm([3, 4])", "norm([[1, -2], [3, 4]], ord=1, axis=1)", "norm([3, -4], inf)"),
      kink=Kink("x = 0 (an entry that is 0 for ord <= 1; a tie of sizes for inf and -inf)",
                "the slope of a zero vector is 0; ties share equally", gap_of_norm),
      mistakes=(Mistake("x", "the slope of the squared norm: 2x",
                        lambda dz, z, x, axis=None, **params: spread(dz, x, axis) * 2.0 * x),
                Mistake("x", "not divided by the norm: x",
                        lambda dz, z, x, axis=None, **params: spread(dz, x, axis) * x)),
      vjp={"x": ("dz*x/norm(x); for other orders dz*sign(x)*(abs(x)/norm(x))^(ord-1)", norm_back)})
def norm(x: Array, *, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Array:  # noqa: A002
    """The upstream gradient comes back along the direction of x: longest entries take most of it."""
    return norm_of(x, ord, axis, keepdims)


# --- spread ------------------------------------------------------------------------------------------


def deviations(x: Array, axis: Any) -> Array:
    """x - mean(x) in rows, taken from the first entry on: exactly 0 where all entries are equal."""
    row = rows(x, axis)
    row = row - row[..., :1]
    return row - row.mean(axis=-1, keepdims=True)


def degrees(x: Array, axis: Any, ddof: Any, name: str) -> Any:
    """n - ddof, what the squared deviations are divided by."""
    needs_entries(x, axis, name)
    n = count(x, axis)
    if n - ddof <= 0:
        raise GradcalcError(f"{name} with ddof={plain(ddof)} needs more than {plain(ddof)} "
                            f"{'entry' if ddof == 1 else 'entries'}, not {n}", kind="shape")
    return n - ddof


def var_back(dz: Array, z: Array, x: Array, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Array:
    """2 (x - mean)/(n - ddof): what the mean itself passes on adds up to nothing."""
    slope = unrows(deviations(x, axis), x, axis) * (2.0 / degrees(x, axis, ddof, "var"))
    return as_value(spread(dz, x, axis) * slope)


@gate("sum((x - mean(x))^2)/(n - ddof)", pattern=Pattern.MIXER, complex=True, structure={"x": "dense"},
      frameworks="np.var, torch.var(correction=0)", defaults={"torch": {"ddof": 1}},
      examples=("var([1, 2, 6])", "var([1, 2, 6], ddof=1)"),
      mistakes=(Mistake("x", "the factor 2 forgotten",
                        lambda *args, **params: 0.5 * var_back(*args, **params)),
                Mistake("x", "1/n forgotten", lambda dz, z, x, axis=None, ddof=0, keepdims=False:
                        var_back(dz, z, x, axis, ddof) * (count(x, axis) - ddof))),
      vjp={"x": ("dz*2*(x - mean(x))/(n - ddof)", var_back)})
def var(x: Array, *, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Array:
    """Each entry receives the upstream gradient times twice its deviation from the mean, over n - ddof."""
    n, d = degrees(x, axis, ddof, "var"), deviations(x, axis)
    return placed((d * d).sum(axis=-1) / n, x, axis, keepdims)


def std_back(dz: Array, z: Array, x: Array, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Array:
    """(x - mean)/((n - ddof) z), and 0 where nothing deviates."""
    d, z = unrows(deviations(x, axis), x, axis), widened(z, x, axis)
    slope = np.where(z == 0.0, 0.0, d / (degrees(x, axis, ddof, "std") * z))
    return as_value(spread(dz, x, axis) * slope)


@gate("sqrt(var(x))", pattern=Pattern.MIXER, complex=True, structure={"x": "dense"},
      frameworks="np.std, torch.std(correction=0)", defaults={"torch": {"ddof": 1}},
      examples=("std([1, 2, 6])", "std([1, 2, 6], ddof=1)"),
      kink=Kink("all entries are equal", "the slope is 0 there",
                lambda z, x, axis=None, ddof=0, keepdims=False: z),
      mistakes=(Mistake("x", "the slope of the variance: the root forgotten", var_back),),
      vjp={"x": ("dz*(x - mean(x))/((n - ddof)*std(x))", std_back)})
def std(x: Array, *, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Array:
    """Each entry receives the upstream gradient times its deviation, over (n - ddof) standard deviations."""
    n = degrees(x, axis, ddof, "std")
    return placed(lengths(deviations(x, axis), 2.0) / np.sqrt(np.float64(n)), x, axis, keepdims)


# --- logsumexp ---------------------------------------------------------------------------------------


def shares(x: Array, axis: Any) -> tuple[Array, Array]:
    """The largest entry m of each row (0 if infinite), and exp(x - m) with 1 taken off at that entry."""
    row = rows(x, axis)
    best = np.argmax(np.real(row), axis=-1)[..., None]
    m = np.take_along_axis(np.real(row), best, axis=-1)
    m = np.where(np.isfinite(m), m, 0.0)
    e = np.exp(row - m)
    np.put_along_axis(e, best, np.take_along_axis(e, best, axis=-1) - 1.0, axis=-1)
    return m[..., 0], e


def complex_logsumexp(x: Array, *, axis: Any = None, keepdims: Any = False) -> Array:
    """The complex logarithm of the sum, its real part by log1p and its imaginary part as the angle."""
    needs_entries(x, axis, "logsumexp")
    m, e = shares(x, axis)
    rest = e.sum(axis=-1)
    return placed(m + np.log1p(rest.real) + 1j * np.arctan2(rest.imag, 1.0 + rest.real), x, axis, keepdims)


def softmax_back(dz: Array, z: Array, x: Array, axis: Any = None, keepdims: Any = False) -> Array:
    """exp(x - m)/sum(exp(x - m)): more exact than exp(x - z), whose difference rounds where z is large."""
    row = rows(x, axis)
    m = row.max(axis=-1, keepdims=True)
    e = np.exp(row - np.where(np.isfinite(m), m, 0.0))
    return as_value(spread(dz, x, axis) * unrows(e / e.sum(axis=-1, keepdims=True), x, axis))


@gate("log(sum(exp(x)))", pattern=Pattern.MIXER, complex=complex_logsumexp, structure={"x": "dense"},
      frameworks="scipy.special.logsumexp, torch.logsumexp",
      examples=("logsumexp([1, 2, 3])", "logsumexp([[1000, 1000], [-1000, 0]], axis=1)"),
      mistakes=(Mistake("x", "not divided by the sum: exp(x)", lambda dz, z, x, axis=None, keepdims=False:
                        as_value(spread(dz, x, axis) * np.exp(x))),
                Mistake("x", "the numerator forgotten: 1/sum(exp(x))",
                        lambda dz, z, x, axis=None, keepdims=False: spread(dz * np.exp(-z), x, axis))),
      vjp={"x": ("dz*softmax(x)", softmax_back)})
def logsumexp(x: Array, *, axis: Any = None, keepdims: Any = False) -> Array:
    """The upstream gradient is shared out as by softmax: the larger an entry, the more it takes."""
    needs_entries(x, axis, "logsumexp")
    m, e = shares(x, axis)
    return placed(m + np.log1p(e.sum(axis=-1)), x, axis, keepdims)


# --- running totals and products ---------------------------------------------------------------------


def running(x: Array, axis: Any) -> tuple[Array, int]:
    """`x` and the axis to run along; without an axis all entries in one line, as numpy has it."""
    return (np.ravel(x), 0) if axis is None else (x, axis_of(axis, np.shape(x)))


def cumsum_back(dz: Array, z: Array, x: Array, axis: Any = None) -> Array:
    """The running total of the upstream gradient from the end: an entry is in all totals after it."""
    _, along = running(x, axis)
    total = np.flip(np.cumsum(np.flip(dz, along), axis=along), along)
    return as_value(np.reshape(total, np.shape(x)))


@gate("cumsum(x)", pattern=Pattern.MIXER, complex=True, structure={"x": "dense"},
      frameworks="np.cumsum, torch.cumsum",
      examples=("cumsum([1, 2, 3])", "cumsum([[1, 2], [3, 4]], axis=1)"),
      mistakes=(Mistake("x", "summed from the front", lambda dz, z, x, axis=None:
                        as_value(np.reshape(np.cumsum(dz, axis=running(x, axis)[1]), np.shape(x)))),),
      vjp={"x": ("the running total of dz, from the end", cumsum_back)})
def cumsum(x: Array, *, axis: Any = None) -> Array:
    """Each entry receives the upstream gradients of all the totals that it is in, added up."""
    x, along = running(x, axis)
    return np.cumsum(x, axis=along)


def cumprod_back(dz: Array, z: Array, x: Array, axis: Any = None) -> Array:
    """The product of the entries before, times s = dz + (next entry) (next s), from the end on.

    The recurrence never divides, so any number of zeros is right.
    """
    line, along = running(x, axis)
    line = np.moveaxis(line, along, -1)
    s = np.array(np.moveaxis(dz, along, -1), dtype=np.float64)
    for k in range(line.shape[-1] - 2, -1, -1):
        s[..., k] += line[..., k + 1] * s[..., k + 1]
    return as_value(np.reshape(np.moveaxis(before(line) * s, -1, along), np.shape(x)))


@gate("cumprod(x)", pattern=Pattern.MIXER, complex=True, structure={"x": "dense"},
      frameworks="np.cumprod, torch.cumprod",
      examples=("cumprod([1, 2, 3])", "cumprod([[1, 0], [3, 4]], axis=1)"),
      vjp={"x": ("the sum over all later products of dz times the product without x", cumprod_back)})
def cumprod(x: Array, *, axis: Any = None) -> Array:
    """Each entry receives the upstream gradient of every product it is in, times that product without it."""
    x, along = running(x, axis)
    return np.cumprod(x, axis=along)
