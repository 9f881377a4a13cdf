"""The gates that choose: larger or smaller, bounds, conditions, comparisons and steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..gate import Array, Gate, Kink, Mistake, Pattern, as_value, gate, unbroadcast
from . import growth
from .indexing import whole

# Complex numbers compare by their real parts first and at a tie by their imaginary ones. So np.maximum,
# np.minimum and the comparisons, given x + ih dx, already follow the side that dx points to.


@gate("maximum(x, y)", pattern=Pattern.ROUTER, names=("fmax",), complex=True,
      frameworks="np.maximum, torch.maximum",
      examples=("maximum(2, -1)", "maximum([1, 2, 3], [3, 1, -4])"),
      kink=Kink("x = y", "a tie gives half of the upstream gradient to each", lambda z, x, y: x - y),
      mistakes=(Mistake("x", "both inputs credited", lambda z, x, y: np.ones_like(z)),
                Mistake("y", "both inputs credited", lambda z, x, y: np.ones_like(z))),
      local={"x": ("(x > y) + (x == y)/2", lambda z, x, y: np.float64(x > y) + 0.5 * np.float64(x == y)),
             "y": ("(y > x) + (x == y)/2", lambda z, x, y: np.float64(y > x) + 0.5 * np.float64(x == y))})
def maximum(x: Array, y: Array) -> Array:
    """The larger input takes the whole upstream gradient, the other none; at a tie each takes half."""
    return np.maximum(x, y)


@gate("minimum(x, y)", pattern=Pattern.ROUTER, names=("fmin",), complex=True,
      frameworks="np.minimum, torch.minimum",
      examples=("minimum(2, -1)", "minimum([1, 2, 3], [3, 1, -4])"),
      kink=Kink("x = y", "a tie gives half of the upstream gradient to each", lambda z, x, y: x - y),
      mistakes=(Mistake("x", "both inputs credited", lambda z, x, y: np.ones_like(z)),
                Mistake("y", "both inputs credited", lambda z, x, y: np.ones_like(z))),
      local={"x": ("(x < y) + (x == y)/2", lambda z, x, y: np.float64(x < y) + 0.5 * np.float64(x == y)),
             "y": ("(y < x) + (x == y)/2", lambda z, x, y: np.float64(y < x) + 0.5 * np.float64(x == y))})
def minimum(x: Array, y: Array) -> Array:
    """The smaller input takes the whole upstream gradient, the other none; at a tie each takes half."""
    return np.minimum(x, y)


@gate("abs(x)", pattern=Pattern.SCALER, names=("absolute", "fabs"), complex=lambda x: np.maximum(x, -x),
      frameworks="np.abs, torch.abs", examples=("abs(-3)", "abs([1, -2, 0.5])"),
      kink=Kink("x = 0", "abs'(0) = 0", lambda z, x: x),
      mistakes=(Mistake("x", "abs' = 1: the sign of x forgotten", lambda z, x: np.ones_like(x)),),
      local={"x": ("sign(x)", lambda z, x: np.sign(x))})
def abs_(x: Array) -> Array:
    """The upstream gradient passes unchanged where x is positive and with its sign turned where negative."""
    return abs(x)


# --- bounds ---


def gap_of_clip(z: Array, x: Array, lo: Array, hi: Array) -> Array:
    """The distance to the nearest bound that is in force (where lo > hi only hi is)."""
    inner = np.maximum(x, lo)
    return np.minimum(np.abs(inner - hi), np.where(inner > hi, np.inf, np.abs(x - lo)))


def slope_of_hi(z: Array, x: Array, lo: Array, hi: Array) -> Array:
    """clip's slope in its upper bound; where x meets both bounds at once only hi can move z."""
    return np.float64(np.maximum(x, lo) > hi) + np.float64((x == lo) & (lo == hi))


@gate("minimum(maximum(x, lo), hi)", pattern=Pattern.ROUTER, names=("clamp",), complex=True,
      frameworks="np.clip, torch.clamp", examples=("clip(0.5, 0, 1)", "clip([-2, 0.5, 3], -1, 1)"),
      kink=Kink("x = lo or x = hi", "on a bound x takes the whole upstream gradient", gap_of_clip),
      mistakes=(Mistake("x", "passed on outside the bounds too", lambda z, x, lo, hi: np.ones_like(z)),),
      local={"x": ("(lo <= x)*(x <= hi)*(lo < hi)",
                   lambda z, x, lo, hi: np.float64((lo <= x) & (x <= hi) & (lo < hi))),
             "lo": ("(x < lo)*(lo <= hi)", lambda z, x, lo, hi: np.float64((x < lo) & (lo <= hi))),
             "hi": ("(maximum(x, lo) > hi) + (x == lo)*(lo == hi)", slope_of_hi)})
def clip(x: Array, lo: Array, hi: Array) -> Array:
    """Between the bounds and on them x takes the upstream gradient; beyond, the bound that holds takes it."""
    return np.minimum(np.maximum(x, lo), hi)


@gate("maximum(x, lo)", pattern=Pattern.ROUTER, complex=True,
      frameworks="torch.clamp(x, min=lo)", examples=("clamp_min([-2, 0.5, 3], 0)",),
      kink=Kink("x = lo", "on the bound x takes the whole upstream gradient", lambda z, x, lo: x - lo),
      mistakes=(Mistake("x", "passed on outside the bound too", lambda z, x, lo: np.ones_like(z)),),
      local={"x": ("x >= lo", lambda z, x, lo: np.float64(x >= lo)),
             "lo": ("x < lo", lambda z, x, lo: np.float64(x < lo))})
def clamp_min(x: Array, lo: Array) -> Array:
    """Above the bound and on it x takes the upstream gradient; below, the bound takes it."""
    return np.maximum(x, lo)


@gate("minimum(x, hi)", pattern=Pattern.ROUTER, complex=True,
      frameworks="torch.clamp(x, max=hi)", examples=("clamp_max([-2, 0.5, 3], 1)",),
      kink=Kink("x = hi", "on the bound x takes the whole upstream gradient", lambda z, x, hi: x - hi),
      mistakes=(Mistake("x", "passed on outside the bound too", lambda z, x, hi: np.ones_like(z)),),
      local={"x": ("x <= hi", lambda z, x, hi: np.float64(x <= hi)),
             "hi": ("x > hi", lambda z, x, hi: np.float64(x > hi))})
def clamp_max(x: Array, hi: Array) -> Array:
    """Below the bound and on it x takes the upstream gradient; above, the bound takes it."""
    return np.minimum(x, hi)


# --- conditions ---


def holds(c: Array) -> Array:
    """A condition as True and False. Only the real part counts: a condition is never moved."""
    return np.not_equal(np.real(c), 0.0)


def passed(dz: Array, chosen: Array, x: Array) -> Array:
    """The upstream gradient where `chosen`, exactly 0 elsewhere, in the shape of x."""
    return unbroadcast(as_value(np.where(chosen, dz, 0.0)), np.shape(x))


# Not `local=`: the product 0 * dz is nan where upstream is infinite, as below sqrt(where(x > 0, x, 0)).
@gate("where(c, a, b)", pattern=Pattern.ROUTER, grows=growth.broadcast, complex=True,
      structure={"a": "diagonal", "b": "diagonal"},
      frameworks="np.where, torch.where", examples=("where([1, 0, 1], [1, 2, 3], [10, 20, 30])",
                                                    "where(2 > 1, 5, 7)"),
      mistakes=(Mistake("a", "credited where b was chosen too",
                        lambda dz, z, c, a, b: passed(dz, True, a)),),
      vjp={"a": ("dz where c holds, else 0",
                 lambda dz, z, c, a, b: passed(dz, holds(c), a)),
           "b": ("0 where c holds, else dz",
                 lambda dz, z, c, a, b: passed(dz, ~holds(c), b))})
def where(c: Array, a: Array, b: Array) -> Array:
    """The entry that was chosen takes the upstream gradient, the other exactly 0; the condition has none."""
    return as_value(np.where(holds(c), a, b))


def comparison(symbol: str, numpy: str, torch: str) -> Callable[[Callable[..., Array]], Gate]:
    """The declaration that the six comparisons share."""
    return gate(f"x {symbol} y", pattern=Pattern.STOPPER, symbol=symbol, names=(numpy,), complex=True,
                frameworks=f"np.{numpy}, torch.{torch}",
                examples=(f"2 {symbol} 3", f"[1, 2, 3] {symbol} [3, 1.5, -1]"),
                kink=Kink("x = y", "the value jumps, the slope stays 0", lambda z, x, y: x - y, jump=True),
                local={"x": ("0", lambda z, x, y: 0.0),
                       "y": ("0", lambda z, x, y: 0.0)})


@comparison("<", "less", "lt")
def lt(x: Array, y: Array) -> Array:
    """1 where x is below y, else 0: flat on both sides, so no gradient passes."""
    return np.float64(x < y)


@comparison("<=", "less_equal", "le")
def le(x: Array, y: Array) -> Array:
    """1 where x is at most y, else 0: flat on both sides, so no gradient passes."""
    return np.float64(x <= y)


@comparison(">", "greater", "gt")
def gt(x: Array, y: Array) -> Array:
    """1 where x is above y, else 0: flat on both sides, so no gradient passes."""
    return np.float64(x > y)


@comparison(">=", "greater_equal", "ge")
def ge(x: Array, y: Array) -> Array:
    """1 where x is at least y, else 0: flat on both sides, so no gradient passes."""
    return np.float64(x >= y)


@comparison("==", "equal", "eq")
def eq(x: Array, y: Array) -> Array:
    """1 where x equals y, else 0: flat almost everywhere, so no gradient passes."""
    return np.float64(x == y)


@comparison("!=", "not_equal", "ne")
def ne(x: Array, y: Array) -> Array:
    """1 where x differs from y, else 0: flat almost everywhere, so no gradient passes."""
    return np.float64(x != y)


# Masks are 0 and 1, far from where a condition turns: logical gates have no kink of their own.
@gate("(x != 0)*(y != 0)", pattern=Pattern.STOPPER, complex=True,
      frameworks="np.logical_and, torch.logical_and", examples=("logical_and([1, 1, 0], [1, 0, 0])",),
      local={"x": ("0", lambda z, x, y: 0.0),
             "y": ("0", lambda z, x, y: 0.0)})
def logical_and(x: Array, y: Array) -> Array:
    """1 where both conditions hold, else 0: no gradient passes."""
    return np.float64(holds(x) & holds(y))


@gate("maximum(x != 0, y != 0)", pattern=Pattern.STOPPER, complex=True,
      frameworks="np.logical_or, torch.logical_or", examples=("logical_or([1, 1, 0], [1, 0, 0])",),
      local={"x": ("0", lambda z, x, y: 0.0),
             "y": ("0", lambda z, x, y: 0.0)})
def logical_or(x: Array, y: Array) -> Array:
    """1 where at least one of the conditions holds, else 0: no gradient passes."""
    return np.float64(holds(x) | holds(y))


@gate("x == 0", pattern=Pattern.STOPPER, complex=True,
      frameworks="np.logical_not, torch.logical_not", examples=("logical_not([1, 0])",),
      local={"x": ("0", lambda z, x: 0.0)})
def logical_not(x: Array) -> Array:
    """1 where the condition does not hold, else 0: no gradient passes."""
    return np.float64(np.real(x) == 0.0)


# --- steps: flat between jumps; a complex step takes the side that the imaginary part points to ---


def step_gate(where: str, margin: Callable[..., Array], **facts: Any) -> Callable[[Callable[..., Array]],
                                                                                 Gate]:
    """The declaration that the steps of one input share."""
    kink = Kink(where, "the value jumps, the slope stays 0", margin, jump=True)
    return gate(pattern=Pattern.STOPPER, kink=kink, local={"x": ("0", lambda z, x, **params: 0.0)}, **facts)


def to_integer(z: Array, x: Array) -> Array:
    """The signed distance to the nearest integer."""
    return x - np.rint(x)


def complex_sign(x: Array) -> Array:
    """The sign of the real part, or of the imaginary part where the real part is 0."""
    return np.sign(np.where(np.real(x) == 0.0, np.imag(x), np.real(x)))[()] + 0j


def complex_floor(x: Array) -> Array:
    """The floor, one less on an integer that is being left downwards."""
    below = np.floor(np.real(x))
    return below - ((np.real(x) == below) & (np.imag(x) < 0.0)) + 0j


def complex_ceil(x: Array) -> Array:
    """The ceiling, one more on an integer that is being left upwards."""
    return -complex_floor(-x)


def complex_trunc(x: Array) -> Array:
    """The floor of positive numbers, the ceiling of negative ones, and 0 on both sides of 0."""
    re = np.real(x)
    return np.where(re > 0.0, complex_floor(x), np.where(re < 0.0, complex_ceil(x), 0j))[()]


@step_gate("x = 0", lambda z, x: x, formula="(x > 0) - (x < 0)", complex=complex_sign,
           frameworks="np.sign, torch.sign", examples=("sign(-3)", "sign([2, 7, -0.5])"))
def sign(x: Array) -> Array:
    """1, 0 or -1: flat on both sides of 0, so no gradient passes."""
    return np.sign(x)


@step_gate("x is an integer", to_integer, formula="floor(x)", complex=complex_floor,
           frameworks="np.floor, torch.floor", examples=("floor(2.7)", "floor([-0.5, 1.2])"))
def floor(x: Array) -> Array:
    """The integer below: flat between the integers, so no gradient passes."""
    return np.floor(x)


@step_gate("x is an integer", to_integer, formula="ceil(x)", complex=complex_ceil,
           frameworks="np.ceil, torch.ceil", examples=("ceil(2.2)", "ceil([-0.5, 1.2])"))
def ceil(x: Array) -> Array:
    """The integer above: flat between the integers, so no gradient passes."""
    return np.ceil(x)


@step_gate("x is an integer other than 0", lambda z, x: abs(x) - np.maximum(np.rint(abs(x)), 1.0),
           formula="trunc(x)", names=("fix",), complex=complex_trunc,
           frameworks="np.trunc, torch.trunc", examples=("trunc(-2.7)", "trunc([-0.5, 1.2])"))
def trunc(x: Array) -> Array:
    """The integer towards 0: flat between the integers, so no gradient passes."""
    return np.trunc(x)


def scaled(x: Array, decimals: object) -> tuple[Array, Callable[[Array], Array]]:
    """`x` in units of its last kept decimal, and the way back; divided where 10^-n would not be exact."""
    n = whole(decimals, "decimals")
    if n == 0:
        return x, lambda r: r
    unit = np.float64(10.0) ** abs(n)
    return (x * unit, lambda r: r / unit) if n > 0 else (x / unit, lambda r: r * unit)


def gap_of_round(z: Array, x: Array, decimals: object = 0) -> Array:
    """The signed distance to the nearest half (in the last decimal kept), where rounding turns."""
    size, back = scaled(abs(x), decimals)
    return back(size - np.floor(size) - 0.5)


def complex_round(x: Array, decimals: object = 0) -> Array:
    """The nearest integer; on a half the one that the imaginary part points to."""
    re, back = scaled(np.real(x), decimals)
    half = abs(re) - np.floor(abs(re)) == 0.5
    return back(np.rint(re + np.where(half, 0.5 * np.sign(np.imag(x)), 0.0)))[()] + 0j


@step_gate("x is halfway between two", gap_of_round, formula="round(x)", names=("rint", "around"),
           complex=complex_round, frameworks="np.round, torch.round",
           examples=("round(2.6)", "round([3.14159, 2.71828], decimals=2)"))
def round_(x: Array, *, decimals: object = 0) -> Array:
    """The nearest integer, a half to the even one: flat between its jumps, so no gradient passes."""
    scale, back = scaled(x, decimals)
    return back(np.rint(scale))


def complex_heaviside(x: Array, h: Array) -> Array:
    """0 or 1 by the side of 0 that x lies on or is moving to; h where x stays on 0."""
    side = np.where(np.real(x) == 0.0, np.imag(x), np.real(x))
    return np.where(side == 0.0, h, np.float64(side > 0.0))[()] + 0j


@gate("(x > 0) + h*(x == 0)", pattern=Pattern.STOPPER, complex=complex_heaviside,
      frameworks="np.heaviside, torch.heaviside", examples=("heaviside([-1, 0.1, 2], 0.5)",),
      kink=Kink("x = 0", "the value jumps, the slope stays 0", lambda z, x, h: x, jump=True),
      local={"x": ("0", lambda z, x, h: 0.0),
             "h": ("x == 0", lambda z, x, h: np.float64(x == 0.0))})
def heaviside(x: Array, h: Array) -> Array:
    """0 below 0, 1 above and h on 0: no gradient passes to x, and to h only where it is used."""
    return np.heaviside(x, h)
