"""A computational graph and its two passes: loops over a list, forward and then in reverse."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from .diagnose import non_finite, shape_mismatch, too_large
from .errors import GradcalcError, Span, Spanned
from .gate import Array, Gate, Pattern, as_value, downstream
from .growth import refuse_growth

LONGEST_TEXT = 400
MAX_ELEMENTS = 200_000_000


def _leaf(name: str, doc: str) -> Gate:
    return Gate(name=name, formula=name, inputs=(), forward=lambda: None, doc=doc, pattern=Pattern.STOPPER)


INPUT = _leaf("input", "A value from outside; the backward pass ends here.")
CONSTANT = _leaf("constant", "A number that never moves; it has no gradient.")


class Node:
    """One use of a gate in a graph, with its value: a view of one row of the graph's lists."""

    __slots__ = ("graph", "index")

    def __init__(self, graph: Graph, index: int) -> None:
        self.graph = graph
        self.index = index

    @property
    def id(self) -> str:
        return f"n{self.index}"

    @property
    def gate(self) -> Gate:
        return self.graph.gates[self.index]

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The nodes whose values go into this one, in the gate's order."""
        return tuple(Node(self.graph, i) for i in self.graph.inputs[self.index])

    @property
    def value(self) -> Array:
        """The forward value: np.float64 for a scalar, a float64 array otherwise."""
        return self.graph.values[self.index]

    @property
    def upstream(self) -> Array:
        """d(final output)/d(this node's value), in the value's shape; zero where nothing came back."""
        dz = self.graph.upstreams[self.index]
        return as_value(np.zeros(self.shape)) if dz is None else dz

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.value)

    @property
    def name(self) -> str | None:
        """The name that the program or the command line gave to this node, if any."""
        return self.graph.names_by_index.get(self.index)

    @property
    def span(self) -> Span:
        """Where in the source text the node stands."""
        return self.graph.span(self.index)

    @property
    def text(self) -> str:
        """The node as its author wrote it: `x+y`."""
        return self.graph.text(self.index)

    def __repr__(self) -> str:
        return f"<node {self.id} {self.gate.name}: {self.text} = {self.value}>"


class Group(NamedTuple):
    """One call of a function whose body stands in the graph: nodes `start` to `stop` (excluded).

    `args` are the nodes that went in (constants left out), by parameter; `result` is the node of the value.
    """

    name: str
    start: int
    stop: int
    args: tuple[tuple[str, int], ...]
    result: int
    span: tuple[int, int]


class Graph:
    """Nodes in topological order: a node is appended after its inputs.

    The parallel lists `gates`, `inputs`, `values` and `upstreams` hold one entry a node, so that a
    million nodes are a million list entries; `nodes` and `graph[i]` give views of them.

    `names` maps a name to its last node, `output` is the index of the last statement's node, and
    `static` holds inputs that were used only to build the graph (an index, a shape, a loop's end).
    """

    def __init__(self, source: str = "", *, max_elements: int = MAX_ELEMENTS) -> None:
        self.source = source
        self.gates: list[Gate] = []
        self.inputs: list[tuple[int, ...]] = []
        self.values: list[Any] = []
        self.upstreams: list[Any] = []
        self.spans: list[Spanned] = []
        self.leaves: list[int] = []  # the inputs
        self.names: dict[str, int] = {}
        self.names_by_index: dict[int, str] = {}
        self.static: set[int] = set()
        self.groups: list[Group] = []
        self.functions: frozenset[str] = frozenset()
        self.output = -1
        self.accumulate: Callable[[Any, Any], Any] | None = None
        self.wanted: list[bool] | None = None
        self.max_elements = max_elements

    # -- building -----------------------------------------------------------------------------------

    def add(self, gate: Gate, inputs: tuple[int, ...], span: Spanned, value: Array = None) -> int:
        """Append a node and return its index. Leaves bring their value; others get theirs in forward()."""
        self.gates.append(gate)
        self.inputs.append(inputs)
        self.values.append(value)
        self.spans.append(span)
        index = len(self.gates) - 1
        if gate is INPUT:
            self.leaves.append(index)
        return index

    def name(self, name: str, index: int) -> None:
        """Give a node a name. A name means its last node; a node keeps the first name that it got."""
        self.names[name] = index
        self.names_by_index.setdefault(index, name)

    # -- looking at it ------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.gates)

    def __getitem__(self, key: int | str) -> Node:
        index = self.names[key] if isinstance(key, str) else range(len(self))[key]
        return Node(self, index)

    @property
    def nodes(self) -> Iterator[Node]:
        return (Node(self, i) for i in range(len(self)))

    def span(self, index: int) -> Span:
        place = self.spans[index]
        return Span(place.start, place.end)

    def text(self, index: int) -> str:
        """The node as written, on one line; a very long text is cut."""
        start, end = self.span(index)
        text = self.source[start : min(end, start + LONGEST_TEXT)]
        text = " ".join(line.split("#")[0] for line in text.splitlines()).strip() if "\n" in text else text
        return text if end - start <= LONGEST_TEXT else text + "..."

    @cached_property
    def reach(self) -> list[bool]:
        """For each node, whether the output depends on it differentiably."""
        reached = [False] * len(self)
        if self.output < 0:
            return reached
        reached[self.output] = True
        for i in range(self.output, -1, -1):
            if reached[i]:
                gate = self.gates[i]
                for position, j in enumerate(self.inputs[i]):
                    if not reached[j] and gate.derivative(position) is not None:
                        reached[j] = True
        return reached

    @cached_property
    def used(self) -> list[bool]:
        """For each node, whether any other node takes it as an input, or the graph was built from it."""
        used = [False] * len(self)
        for ins in self.inputs:
            for j in ins:
                used[j] = True
        for i in self.static:
            used[i] = True
        return used

    @cached_property
    def parameters(self) -> frozenset[int]:
        """The inputs used only as index, label, condition or size: never moved, without a gradient."""
        silent = [i for i in self.leaves if not self._arrived(i)]
        return frozenset(i for i in silent if self.used[i] and not self.reach[i] and not self._idle(i))

    def _arrived(self, index: int) -> bool:
        return bool(self.upstreams) and index not in self.static and self.upstreams[index] is not None

    def _idle(self, index: int) -> bool:
        # An input that merely does not reach this output (--of another node) has the gradient 0.
        if index in self.static:
            return False
        follow = {index}
        for i in range(index + 1, len(self)):
            gate = self.gates[i]
            for position, j in enumerate(self.inputs[i]):
                if j in follow:
                    if gate.derivative(position) is None:
                        return False
                    follow.add(i)
        return True

    @property
    def variables(self) -> dict[str, int]:
        """The differentiable inputs: name -> index, in order (also of one whose name was bound again).

        After `want` only those that were asked for.
        """
        wanted = self.wanted
        return {
            self.names_by_index[i]: i
            for i in self.leaves
            if i not in self.parameters and (wanted is None or wanted[i])
        }

    @property
    def gradients(self) -> dict[str, Array]:
        """d(output)/d(input) by name, each in its input's shape. Runs backward() where nobody has."""
        if not self.upstreams:
            self.backward()
        return {name: Node(self, i).upstream for name, i in self.variables.items()}

    # -- the two passes -----------------------------------------------------------------------------

    def want(self, inputs: Collection[int]) -> None:
        """Differentiate with respect to these inputs alone: backward passes leave out what leads to none."""
        self.wanted = wanted = [False] * len(self)
        for i in inputs:
            wanted[i] = True
        for i, ins in enumerate(self.inputs):
            wanted[i] = wanted[i] or any(wanted[j] for j in ins)

    def forward(self) -> Array:
        """Compute every node's value from its inputs, in order; returns the output's value.

        Raises GradcalcError where shapes do not fit, or a value is not finite though its inputs are
        (entries that a `where` discards are forgiven).
        """
        with steady():
            self.run(0)
        broken = non_finite(self)
        if broken is not None:
            raise broken
        return self.values[self.output]

    def run(self, start: int) -> None:
        """The loop of the forward pass, from node `start` on."""
        values, i = self.values, start
        arrays, most = np.ndarray in set(map(type, values)), self.max_elements
        pairs = (
            zip(self.gates, self.inputs, strict=True)
            if not start
            else zip(self.gates[start:], self.inputs[start:], strict=True)
        )
        try:
            for i, (gate, ins) in enumerate(pairs, start):
                if len(ins) == 2:
                    a, b = ins
                    if arrays and (gate.grows or np.size(values[a]) * np.size(values[b]) > most):
                        refuse_growth(self, i)
                    values[i] = gate.forward(values[a], values[b])
                elif ins:
                    if gate.grows or (arrays and len(ins) > 2):
                        refuse_growth(self, i)
                    values[i] = gate.forward(*[values[j] for j in ins])
        except GradcalcError as error:
            error.span = error.span or self.span(i)
            raise error.located(self.source) from None
        except MemoryError:
            raise too_large(self, i) from None
        except (ValueError, TypeError, IndexError, ZeroDivisionError) as error:
            raise shape_mismatch(self, i, error) from None

    def backward(
        self, upstream: Array = 1.0, *, accumulate: Callable[[Any, Any], Any] | None = None
    ) -> dict[str, Array]:
        """Compute every node's upstream gradient, from the output back; returns the inputs' gradients.

        `upstream` is d(final)/d(output) in the output's shape (a scalar is stretched to it).
        After `want` the way to the other inputs is left out.
        `accumulate(old, new)` joins what the uses of a fork send back; it adds, unless a fault is planted.
        A zero upstream gradient times a non-finite slope is zero. Runs forward() first where nobody has.
        """
        if self.values[self.output] is None:
            self.forward()
        self.accumulate = accumulate
        output = self.values[self.output]
        shape = np.shape(output)
        seed = as_value(upstream)
        if np.shape(seed) != shape:
            seed = stretch(seed, shape)
        with steady():
            if accumulate is None and self.wanted is None and self.scalar:
                self.upstreams = scalar_backward(self, seed)
                flat = np.array(self.upstreams, dtype=np.float64)  # None becomes nan
                if np.count_nonzero(np.isfinite(flat)) + self.upstreams.count(None) == len(flat):
                    return self.gradients
            self.upstreams = careful_backward(self, seed, accumulate)
        return self.gradients

    @property
    def scalar(self) -> bool:
        """Whether every value is a scalar."""
        return np.ndarray not in set(map(type, self.values))

    def rerun_backward(self, seed: Array) -> list[Any]:
        """The upstream gradients of all nodes for another seed; the graph keeps the ones it has."""
        with steady():
            return careful_backward(self, seed, self.accumulate)


def stretch(seed: Array, shape: tuple[int, ...]) -> Array:
    """An upstream gradient in the output's shape; GradcalcError where it does not fit."""
    try:
        return as_value(np.broadcast_to(seed, shape).copy())
    except ValueError:
        raise GradcalcError(
            f"the upstream gradient has shape {np.shape(seed)}, but the output has shape {shape}",
            kind="shape",
            hint="--upstream takes one number, or one for each entry of the output",
        ) from None


def scalar_backward(graph: Graph, seed: Array) -> list[Any]:
    """The backward pass of a graph of scalars: no shapes to sum back, no zeros to guard.

    Kept apart from careful_backward because it runs once for each of a million nodes; whatever comes
    out non-finite is done again with care.
    """
    gates, inputs, values = graph.gates, graph.inputs, graph.values
    up: list[Any] = [None] * len(gates)
    up[graph.output] = seed
    for i in range(graph.output, -1, -1):
        dz = up[i]
        ins = inputs[i]
        if dz is None or not ins:
            continue
        gate = gates[i]
        slopes = gate.slopes
        if len(ins) == 2 and len(slopes) == 2:
            a, b = ins
            (_, code, slope), (_, code_b, slope_b) = slopes
            if gates[a] is not CONSTANT:
                if slope is None:
                    dx = dz * code(values[i], values[a], values[b])
                else:
                    dx = dz if slope == 1.0 else slope * dz
                old = up[a]
                up[a] = dx if old is None else old + dx
            if gates[b] is not CONSTANT:
                if slope_b is None:
                    dx = dz * code_b(values[i], values[a], values[b])
                else:
                    dx = dz if slope_b == 1.0 else slope_b * dz
                old = up[b]
                up[b] = dx if old is None else old + dx
        elif len(ins) == 1 and slopes:
            (j,) = ins
            _, code, slope = slopes[0]
            dx = dz * (code(values[i], values[j]) if slope is None else slope)
            old = up[j]
            up[j] = dx if old is None else old + dx
        else:
            xs = tuple([values[j] for j in ins])
            for position, j in enumerate(ins):
                if gates[j] is not CONSTANT and gate.derivative(position) is not None:
                    dx = downstream(gate, position, dz, values[i], xs)
                    up[j] = dx if up[j] is None else up[j] + dx
    return up


def careful_backward(
    graph: Graph, seed: Array, accumulate: Callable[[Any, Any], Any] | None = None
) -> list[Any]:
    """The backward pass for any shapes; a zero upstream gradient stops a non-finite slope."""
    gates, inputs, values, wanted = graph.gates, graph.inputs, graph.values, graph.wanted
    up: list[Any] = [None] * len(gates)
    up[graph.output] = seed
    for i in range(graph.output, -1, -1):
        dz, ins = up[i], inputs[i]
        if dz is None or not ins:
            continue
        gate = gates[i]
        xs = tuple([values[j] for j in ins])
        for position, j in enumerate(ins):
            if gates[j] is CONSTANT or gate.derivative(position) is None or (wanted and not wanted[j]):
                continue
            dx = downstream(gate, position, dz, values[i], xs)
            # A sum that overflows is looked into for nothing; one that is finite has finite terms.
            if gate.local and not math.isfinite(np.add.reduce(dx, axis=None)):
                slope = gate.local[gate.input_name(position)].code(values[i], *xs)
                dx = _unbroadcast_product(dz, slope, np.shape(xs[position]))
            if up[j] is None:
                up[j] = dx
            else:
                up[j] = accumulate(up[j], dx) if accumulate else up[j] + dx
    return up


def _unbroadcast_product(dz: Array, slope: Array, shape: tuple[int, ...]) -> Array:
    from .gate import unbroadcast

    return unbroadcast(as_value(np.where(np.equal(dz, 0), 0.0, np.multiply(dz, slope))), shape)


@contextmanager
def steady() -> Iterator[None]:
    """Run a long loop undisturbed: non-finite numbers flow on, and the garbage collector waits.

    A pass allocates a few objects a node and frees none, so the collector would walk the whole graph
    again and again for nothing: a tenth of a million nodes would take five times as long each.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        if was_enabled:
            gc.enable()


def local_gradients(graph: Graph, index: int) -> list[Array | None]:
    """The gate's own derivatives at this node, one for each input; None where only a vjp will do."""
    gate = graph.gates[index]
    xs = [graph.values[j] for j in graph.inputs[index]]
    z = graph.values[index]
    with np.errstate(all="ignore"):
        return [
            as_value(gate.local[gate.input_name(k)].code(z, *xs))
            if gate.input_name(k) in gate.local
            else None
            for k in range(len(xs))
        ]


__all__ = ["CONSTANT", "INPUT", "Graph", "Mapping", "Node", "Sequence", "local_gradients", "steady"]
