"""What a gate is: an operation that knows its forward and its backward, all of it in one declaration.

A gate is stateless; state is in the node that uses it. `dz` is the upstream gradient, d(final output)/dz
(the literature calls it the cotangent of z); a gate passes `dx`, `dy` downstream, one to each input.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

Array = Any  # np.float64 for a scalar, np.ndarray otherwise


class Pattern(Enum):
    """How a gate treats the upstream gradient, in the words of the course."""

    DISTRIBUTOR = "distributor", "passes the upstream gradient on to every input, unchanged but for sign"
    ROUTER = "router", "sends the upstream gradient to the chosen input, and zero to the others"
    SWITCHER = "switcher", "gives each input the upstream gradient times the other input"
    SCALER = "scaler", "multiplies the upstream gradient by its slope at this point"
    SPREADER = "spreader", "hands the upstream gradient of a total to every entry that went into it"
    SELECTOR = "selector", "returns each entry's gradient to the place that the entry was taken from"
    MIXER = "mixer", "makes every output of many inputs: the upstream gradient comes back as a weighted mix"
    STOPPER = "stopper", "is flat almost everywhere: no gradient passes"

    def __init__(self, word: str, sentence: str) -> None:
        self.word = word
        self.sentence = sentence


class Derivative(NamedTuple):
    """One derivative, as text for people and as code for the machine; a test holds them together.

    For `local=` the text is an expression of gradcalc's own language in the gate's variables and `z`,
    and the code is `code(z, *xs, **params)`: the slope, entry by entry. For `vjp=` the text is a formula
    or a sentence, and the code is `code(dz, z, *xs, **params)`: the downstream gradient, in x's shape.
    """

    text: str
    code: Callable[..., Array]


class Domain(NamedTuple):
    """Where a gate is defined: `text` for people, `holds(*xs, **params)` entry by entry.

    `sample` gives for each input the interval that tests and examples draw from.
    """

    text: str
    holds: Callable[..., Array]
    sample: Mapping[str, tuple[float, float]]


class Kink(NamedTuple):
    """Where a slope jumps (or, with `jump`, the value itself), and what the gate answers there.

    `margin(z, *xs, **params)` is each entry's distance to the kink: exactly 0 on it, in the unit of
    the inputs. Ties are found with it exactly, and safe steps chosen. `first` is for a choice among entries:
    -1 where lowering the later ones a little leaves it to the first of tied ones, 1 where raising them does.
    `asked` marks a rule that was chosen in place of the gate's own.
    """

    where: str
    rule: str
    margin: Callable[..., Array]
    jump: bool = False
    first: int = 0
    asked: bool = False


class Mistake(NamedTuple):
    """A wrong derivative that people really write for this gate: `text` like "exp' = x", and its code."""

    input: str
    text: str
    code: Callable[..., Array]


NOTHING: Mapping[str, Any] = MappingProxyType({})


class Gate(NamedTuple):
    """The record that everything else reads: parser, listing, explanations, verdicts, tests, faults.

    name        its own name; `names` are further accepted spellings, `symbol` its operator
    formula     the operation in gradcalc's own language
    inputs      input names in order; one name with a star stands for any number of inputs
    params      keyword parameters that are never differentiated, with their defaults
    forward     forward(*xs, **params) -> z. Scalars come in and go out as np.float64 (never 0-d arrays)
    local       for elementwise gates: input -> Derivative; the engine applies the chain rule and sums
                broadcast axes
    vjp         for all others: input -> Derivative. Inputs without a derivative are never moved
    complex     True where a test showed that `forward` takes complex input rightly, or a function of the
                same signature that does. The engine hands it x + ih·dx with a tiny h and reads the
                imaginary part only; at a tie it must take the side that the imaginary part points to
    lanes       `forward` at many points at once, for the check: every input has one more axis in front, of
                size 1 where it does not move. Without it `forward` is called point by point
    grows       where the output may have more entries than the inputs: how many, from the inputs' shapes and
                the parameters. What is too large is refused before there is memory for it
    defaults    where a library has another default for a parameter: {"torch": {"ddof": 1}}
    structure   of the Jacobian, input by input; elementwise gates are "diagonal"
    examples    calls in gradcalc's own language that show it off; every one is run by a test
    """

    name: str
    formula: str
    inputs: tuple[str, ...]
    forward: Callable[..., Array]
    doc: str
    pattern: Pattern
    local: Mapping[str, Derivative] = NOTHING
    vjp: Mapping[str, Derivative] = NOTHING
    params: Mapping[str, object] = NOTHING
    symbol: str | None = None
    names: tuple[str, ...] = ()
    frameworks: str = ""
    domain: Domain | None = None
    kink: Kink | None = None
    complex: bool | Callable[..., Array] = False
    lanes: Callable[..., Array] | None = None
    grows: Callable[..., int] | None = None
    mistakes: tuple[Mistake, ...] = ()
    defaults: Mapping[str, Mapping[str, object]] = NOTHING
    structure: Mapping[str, str] = NOTHING
    examples: tuple[str, ...] = ()
    source: str = ""
    # Derived once, for the passes: (position, code, constant slope or None) of each local derivative.
    slopes: tuple[tuple[int, Callable[..., Array], float | None], ...] = ()
    bound: Mapping[str, object] = NOTHING

    @property
    def elementwise(self) -> bool:
        """Whether every entry of the output depends on one entry of each input only."""
        return bool(self.local) or not self.vjp

    @property
    def variadic(self) -> bool:
        """Whether the last input stands for any number of inputs."""
        return bool(self.inputs) and self.inputs[-1].startswith("*")

    def derivative(self, position: int) -> Derivative | None:
        """The derivative with respect to the input at `position`, or None where it has none."""
        name = self.input_name(position)
        return self.local.get(name) or self.vjp.get(name)

    def input_name(self, position: int) -> str:
        """The name of the input at `position`; every input of a variadic gate has the starred one."""
        return self.inputs[min(position, len(self.inputs) - 1)]

    def bind(self, **params: object) -> Gate:
        """This gate with its keyword parameters fixed, so that whoever runs it need not know them."""
        params = {**self.bound, **params}
        if not params:
            return self

        def fix(function: Any) -> Any:
            return functools.partial(function, **params) if callable(function) else function

        def fix_all(table: Mapping[str, Derivative]) -> Mapping[str, Derivative]:
            return {name: Derivative(d.text, fix(d.code)) for name, d in table.items()}

        local = fix_all(self.local)
        return self._replace(
            forward=fix(self.forward),
            local=local,
            vjp=fix_all(self.vjp),
            complex=fix(self.complex),
            lanes=fix(self.lanes),
            grows=fix(self.grows),
            domain=self.domain and self.domain._replace(holds=fix(self.domain.holds)),
            kink=self.kink and self.kink._replace(margin=fix(self.kink.margin)),
            mistakes=tuple(m._replace(code=fix(m.code)) for m in self.mistakes),
            slopes=_slopes(self.inputs, local),
            bound=params,
        )

    def break_(self, name: str, change: Callable[[Callable[..., Array]], Callable[..., Array]]) -> Gate:
        """A copy whose derivative for the input `name` is change(code): for planting faults."""
        table = dict(self.local or self.vjp)
        table[name] = Derivative(table[name].text, change(table[name].code))
        if not self.local:
            return self._replace(vjp=table)
        # A planted fault must not be optimised away: no constant slopes.
        slopes = tuple((self.inputs.index(key), d.code, None) for key, d in table.items())
        return self._replace(local=table, slopes=slopes)

    def backward(self, dz: Array, z: Array, *xs: Array, **params: object) -> dict[str, Array]:
        """What goes downstream to each input: {input name: gradient in that input's shape}.

        >>> from gradcalc import GATES
        >>> mul = GATES["mul"]
        >>> z = mul.forward(3.0, -4.0)
        >>> mul.backward(2.0, z, 3.0, -4.0)
        {'x': np.float64(-8.0), 'y': np.float64(6.0)}
        """
        gate = self.bind(**params)
        xs = tuple(as_value(x) for x in xs)
        result = {}
        for position, x in enumerate(xs):
            derivative = gate.derivative(position)
            if derivative is None:
                continue
            name = gate.input_name(position)
            key = f"{name[1:]}{position}" if name.startswith("*") else name
            result[key] = downstream(gate, position, as_value(dz), as_value(z), xs)
            if np.shape(result[key]) != np.shape(x):
                raise ValueError(
                    f"gate {self.name!r}: the gradient on {key} has shape {np.shape(result[key])}, "
                    f"but {key} has shape {np.shape(x)}"
                )
        return result

    def __str__(self) -> str:
        return self.name


def downstream(gate: Gate, position: int, dz: Array, z: Array, xs: tuple[Array, ...]) -> Array:
    """The gradient that `gate` passes to one input: the chain rule, and broadcast axes summed back."""
    name = gate.input_name(position)
    if gate.local:
        return unbroadcast(dz * gate.local[name].code(z, *xs), np.shape(xs[position]))
    if name.startswith("*"):
        return gate.vjp[name].code(dz, z, *xs, position=position)
    return gate.vjp[name].code(dz, z, *xs)


def unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Sum a gradient over the axes along which an input of `shape` was broadcast.

    A gradient that is too small for `shape` is stretched: a slope without the broadcast axes (a
    constant, say) stands for the same slope at each entry.
    """
    have = np.shape(gradient)
    if have == shape:
        return gradient
    extra = len(have) - len(shape)
    if extra > 0:
        gradient = gradient.sum(axis=tuple(range(extra)))
    have = np.shape(gradient)
    axes = tuple(k for k, (h, w) in enumerate(zip(have, shape, strict=False)) if w == 1 and h != 1)
    if axes:
        gradient = gradient.sum(axis=axes, keepdims=True)
    if np.shape(gradient) != shape:
        gradient = np.broadcast_to(gradient, shape)
    return as_value(gradient)


def as_value(x: object) -> Array:
    """`x` as the engine carries it: np.float64 for a scalar, a float64 (or complex) array otherwise."""
    if type(x) is np.float64:
        return x
    array = np.asarray(x)
    if array.dtype.kind not in "fc" or array.dtype.itemsize < 8:
        array = array.astype(np.float64)
    return array[()] if array.ndim == 0 else array


def gate(
    formula: str,
    *,
    pattern: Pattern,
    local: Mapping[str, tuple[str, Callable[..., Array]]] | None = None,
    vjp: Mapping[str, tuple[str, Callable[..., Array]]] | None = None,
    **facts: Any,
) -> Callable[[Callable[..., Array]], Gate]:
    """Declare a gate: decorates its forward function, whose name, signature and docstring are its own.

    Positional parameters of the function are inputs, keyword-only ones are parameters that are never
    differentiated. A trailing underscore is stripped from the name. Give exactly one of `local` (for
    elementwise gates) and `vjp`; both are keyed by input name, {"x": (text, code)}. For the other
    facts see Gate.
    """

    def declare(forward: Callable[..., Array]) -> Gate:
        name = forward.__name__.rstrip("_")
        code = forward.__code__
        inputs = code.co_varnames[: code.co_argcount]
        keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        if code.co_flags & 0x04:  # the function takes *xs
            inputs = (*inputs, "*" + code.co_varnames[code.co_argcount + code.co_kwonlyargcount])
        if (local is None) == (vjp is None):
            raise TypeError(f"gate {name!r}: give exactly one of local= or vjp=")
        table = {key: Derivative(*pair) for key, pair in (local or vjp or {}).items()}
        unknown = set(table) - set(inputs)
        if unknown:
            raise TypeError(
                f"gate {name!r}: gradients for {', '.join(sorted(unknown))}, but inputs are "
                f"{', '.join(inputs)}"
            )
        if not forward.__doc__:
            raise TypeError(f"gate {name!r}: needs a docstring")
        return Gate(
            name=name,
            formula=formula,
            inputs=inputs,
            forward=forward,
            doc=forward.__doc__,
            pattern=pattern,
            local=table if local is not None else {},
            vjp=table if vjp is not None else {},
            params=MappingProxyType({k: (forward.__kwdefaults__ or {}).get(k) for k in keywords}),
            slopes=_slopes(inputs, table) if local is not None else (),
            **facts,
        )

    return declare


def with_slopes(gate: Gate) -> Gate:
    """A gate that was made by hand, ready for the passes."""
    return gate._replace(slopes=_slopes(gate.inputs, gate.local))


CONSTANT_SLOPES = {"1": 1.0, "-1": -1.0, "0": 0.0}


def _slopes(
    inputs: tuple[str, ...], table: Mapping[str, Derivative]
) -> tuple[tuple[int, Callable[..., Array], float | None], ...]:
    return tuple((inputs.index(name), d.code, CONSTANT_SLOPES.get(d.text)) for name, d in table.items())
