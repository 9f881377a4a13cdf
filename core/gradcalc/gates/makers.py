"""The functions that make constants: zeros, arange, randn and friends. No gates: nothing flows back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ..errors import GradcalcError
from ..gate import Array, as_value
from .indexing import key_part, plain, rank, shown, whole

MOST = 200_000_000  # entries in one array, unless the caller says otherwise


class Maker(NamedTuple):
    """A function whose value is a constant.

    name        its own name; `names` are further accepted spellings
    signature   how it is called, for people
    make        make(rng, *args, max_elements=..., **params) -> value; rng a numpy Generator, unused (it may
                be None) unless `random`. Too large an array is refused before it is allocated
    """

    name: str
    names: tuple[str, ...]
    signature: str
    make: Callable[..., Array]
    random: bool
    doc: str


class Call(NamedTuple):
    """One call of a maker: what it is called, where its chance comes from, how much it may allocate."""

    name: str
    rng: Any
    most: int

    def no(self, message: str, kind: str = "value") -> GradcalcError:
        return GradcalcError(f"{self.name}: {message}", kind=kind)

    def room(self, shape: tuple[int, ...], said: tuple[object, ...] | str = ()) -> tuple[int, ...]:
        """`shape`, once it is sure that it can be allocated; `said` are the arguments as written."""
        if len(shape) > 32:
            raise self.no(f"an array has at most 32 axes, not {len(shape)}", "limit")
        count = math.prod(n or 1 for n in shape)
        if count > self.most:
            parts = [shown(a) if isinstance(a, tuple) else plain(a) for a in said or shape]
            call = said if isinstance(said, str) else ",".join(parts)
            number = f"{count:,}" if count < 10**18 else f"about 1e{int(math.log10(count))}"
            raise GradcalcError(f"{self.name}({call}) has {number} entries, more than the limit of "
                                f"{self.most:,}", kind="limit", hint="--max-elements raises the limit")
        return shape

    def size(self, value: Any, what: str = "a size") -> int:
        n = whole(value, f"{self.name}: {what}")
        if n < 0:
            raise self.no(f"{what} cannot be negative: {n}")
        return n

    def shape(self, given: Any) -> tuple[int, ...]:
        """A shape from a number, or a tuple, list or array of numbers."""
        if rank(given) > 1:
            raise self.no(f"a shape is a row of sizes, not {plain(given)}", "shape")
        return tuple(self.size(n) for n in (given if rank(given) else (given,)))

    def sizes(self, sizes: tuple[Any, ...], shape: Any, size: Any = None) -> tuple[int, ...]:
        """A shape from (2, 3), ((2, 3),), shape=(2, 3) or size=(2, 3)."""
        named = shape if shape is not None else size
        if named is not None:
            if sizes:
                raise self.no("the shape is given twice")
            return self.room(self.shape(named))
        return self.room(self.shape(sizes[0] if len(sizes) == 1 else sizes))

    def number(self, value: Any, what: str) -> float:
        if isinstance(value, str) or rank(value) or value is None:
            raise self.no(f"{what} must be a number, not {plain(value)}")
        number = float(value)
        if not math.isfinite(number):
            raise self.no(f"{what} must be finite, not {number:g}")
        return number


def maker(
    signature: str, *, names: tuple[str, ...] = (), random: bool = False
) -> Callable[[Callable[..., Array]], Maker]:
    """Declare a maker: decorates function(call, *args, **params), which gives it its name and its doc."""

    def declare(function: Callable[..., Array]) -> Maker:
        name = function.__name__

        def make(
            rng: Any, *args: Any, max_elements: int = MOST, dtype: object = None, **params: Any
        ) -> Array:
            # A dtype is accepted, since pasted code has it, and makes no difference: all is float64.
            try:
                return as_value(function(Call(name, rng, max_elements), *args, **params))
            except TypeError as error:
                if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                    raise  # from inside; only what this line itself raises says that the arguments don't fit
            raise GradcalcError(f"{name} is called as {signature}", kind="value")

        return Maker(name, names, signature, make, random, function.__doc__ or "")

    return declare


# --- filled ---------------------------------------------------------------------------------------------


def _given(call: Call, sizes: tuple[Any, ...], shape: Any) -> tuple[int, ...]:
    if not sizes and shape is None:
        raise call.no(f"the shape is missing, as in {call.name}(2,3)")
    return call.sizes(sizes, shape)


@maker("zeros(2, 3) or zeros((2, 3))")
def zeros(call: Call, *sizes: Any, shape: Any = None) -> Array:
    """An array of zeros."""
    return np.zeros(_given(call, sizes, shape))


@maker("ones(2, 3) or ones((2, 3))")
def ones(call: Call, *sizes: Any, shape: Any = None) -> Array:
    """An array of ones."""
    return np.ones(_given(call, sizes, shape))


@maker("full((2, 3), value)")
def full(call: Call, shape: Any, fill_value: Any) -> Array:
    """An array with the same value everywhere."""
    sizes = call.shape(shape)
    call.room(sizes, (sizes, fill_value))
    return _filled(call, sizes, fill_value)


def _filled(call: Call, shape: tuple[int, ...], value: Any) -> Array:
    try:
        return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), shape))
    except ValueError:
        raise call.no(f"{plain(value)} does not fill shape {shown(shape)}", "shape") from None


@maker("zeros_like(x)")
def zeros_like(call: Call, x: Any) -> Array:
    """Zeros in the shape of x."""
    return np.zeros(call.room(np.shape(x)))


@maker("ones_like(x)")
def ones_like(call: Call, x: Any) -> Array:
    """Ones in the shape of x."""
    return np.ones(call.room(np.shape(x)))


@maker("full_like(x, value)")
def full_like(call: Call, x: Any, fill_value: Any) -> Array:
    """The same value everywhere, in the shape of x."""
    return _filled(call, call.room(np.shape(x)), fill_value)


@maker("eye(3) or eye(3, 4, k=1)", names=("identity",))
def eye(call: Call, n: Any, m: Any = None, k: Any = 0) -> Array:
    """The identity matrix; with k, ones on another diagonal."""
    rows = call.size(n)
    columns = rows if m is None else call.size(m)
    call.room((rows, columns), (n,) if m is None else (n, m))
    return np.eye(rows, columns, k=whole(k, "eye: k"))


@maker("tri(3) or tri(3, 4, k=1)")
def tri(call: Call, n: Any, m: Any = None, k: Any = 0) -> Array:
    """Ones on and below the diagonal, zeros above."""
    rows = call.size(n)
    columns = rows if m is None else call.size(m)
    call.room((rows, columns), (n,) if m is None else (n, m))
    return np.tri(rows, columns, k=whole(k, "tri: k"))


@maker("one_hot(labels) or one_hot(labels, num_classes)")
def one_hot(call: Call, y: Any, num_classes: Any = None) -> Array:
    """A row for each label: 1 at the label's place, zeros elsewhere."""
    labels = np.asarray(key_part(y))
    largest = int(labels.max(initial=-1))
    classes = -1 if num_classes is None else whole(num_classes, "one_hot: the number of classes")
    classes = largest + 1 if classes == -1 else call.size(classes, "the number of classes")
    wrong = labels[(labels < 0) | (labels >= classes)]
    if wrong.size:
        raise call.no(f"label {wrong.flat[0]} is not one of 0 to {classes - 1}")
    call.room((*labels.shape, classes), f"labels,{classes}")
    return (labels[..., None] == np.arange(classes)).astype(np.float64)


# --- sequences ------------------------------------------------------------------------------------------


@maker("arange(stop), arange(start, stop) or arange(start, stop, step)", names=("range",))
def arange(call: Call, start: Any, stop: Any = None, step: Any = 1.0) -> Array:
    """The numbers from start (0 unless given) up to but without stop, in steps of 1 or step."""
    by = call.number(step, "the step")
    said = (start,) if stop is None else (start, stop) if by == 1 else (start, stop, step)
    low = 0.0 if stop is None else call.number(start, "the start")
    high = call.number(start if stop is None else stop, "the stop")
    if by == 0:
        raise call.no("the step cannot be 0")
    count = high / by - low / by if math.isinf(high - low) else (high - low) / by
    call.room((max(0, math.ceil(min(count, 1e300))),), said)
    return np.arange(low, high, by)


def _points(call: Call, start: Any, stop: Any, num: Any) -> tuple[float, float, int]:
    count = call.size(num, "the number of points")
    low, high = call.number(start, "the start"), call.number(stop, "the stop")
    call.room((count,), (start, stop, num))
    return low, high, count


@maker("linspace(start, stop, num=50)")
def linspace(call: Call, start: Any, stop: Any, num: Any = 50, endpoint: Any = True) -> Array:
    """Evenly spaced numbers from start to stop, both included."""
    return np.linspace(*_points(call, start, stop, num), endpoint=bool(endpoint))


@maker("logspace(start, stop, num=50, base=10)")
def logspace(
    call: Call, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, base: Any = 10.0
) -> Array:
    """Powers of the base whose exponents are evenly spaced from start to stop."""
    exponents = np.linspace(*_points(call, start, stop, num), endpoint=bool(endpoint))
    return np.power(call.number(base, "the base"), exponents)


# --- random ---------------------------------------------------------------------------------------------


@maker("rand(2, 3)", names=("random", "random_sample"), random=True)
def rand(call: Call, *sizes: Any, size: Any = None) -> Array:
    """Random numbers, evenly distributed between 0 and 1."""
    return call.rng.random(call.sizes(sizes, size))


@maker("randn(2, 3)", names=("standard_normal",), random=True)
def randn(call: Call, *sizes: Any, size: Any = None) -> Array:
    """Random numbers from the normal distribution with mean 0 and standard deviation 1."""
    return call.rng.standard_normal(call.sizes(sizes, size))


@maker("rand_like(x)", random=True)
def rand_like(call: Call, x: Any) -> Array:
    """Random numbers between 0 and 1, in the shape of x."""
    return call.rng.random(call.room(np.shape(x)))


@maker("randn_like(x)", random=True)
def randn_like(call: Call, x: Any) -> Array:
    """Normal random numbers, in the shape of x."""
    return call.rng.standard_normal(call.room(np.shape(x)))


def _drawn(call: Call, size: Any, said: tuple[object, ...]) -> tuple[int, ...]:
    shape = () if size is None else call.shape(size)
    return call.room(shape, (*said, shape))


@maker("uniform(low=0, high=1, size)", random=True)
def uniform(call: Call, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Array:
    """Random numbers, evenly distributed between low and high."""
    least, most = call.number(low, "low"), call.number(high, "high")
    return least + (most - least) * call.rng.random(_drawn(call, size, (low, high)))


@maker("normal(mean=0, std=1, size)", random=True)
def normal(call: Call, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Array:
    """Random numbers from the normal distribution."""
    mean, deviation = call.number(loc, "the mean"), call.number(scale, "the standard deviation")
    if deviation < 0:
        raise call.no(f"the standard deviation cannot be negative: {deviation:g}")
    return mean + deviation * call.rng.standard_normal(_drawn(call, size, (loc, scale)))


@maker("randint(high) or randint(low, high, size)", random=True)
def randint(call: Call, low: Any, high: Any = None, size: Any = None) -> Array:
    """Random whole numbers from low (0 unless given) up to but without high."""
    if size is None and rank(high) == 1:  # torch writes randint(10, (2, 3))
        high, size = None, high
    least, most = (0, low) if high is None else (whole(low, "randint: low"), high)
    most = whole(most, "randint: high")
    if least >= most:
        raise call.no(f"low must be below high, not {least} and {most}")
    if max(-least, most) > 2**53:
        raise call.no("whole numbers are exact up to 2^53 only")
    return call.rng.integers(least, most, _drawn(call, size, (least, most))).astype(np.float64)


MAKERS: Mapping[str, Maker] = MappingProxyType({
    made.name: made for made in tuple(globals().values()) if isinstance(made, Maker)
})
