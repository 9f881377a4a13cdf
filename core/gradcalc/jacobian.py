"""Jacobians that nobody forms: their shape, structure and size, and their entries when asked for.

The structure comes from the gates' own knowledge, composed along the graph from the output back, as the
backward pass composes slopes. It is an upper bound: what it calls zero is zero at every point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

import numpy as np

from .errors import GradcalcError
from .footprints import footprint
from .gate import Array, as_value
from .graphs import Graph, steady
from .labels import labels
from .session import Question, find, prepare
from .sparsity import Pattern, add, compose, diagonal, is_block, is_diagonal, zero

SMALL = 64  # entries that are shown without being asked for
BYTES = 8  # of one entry
NAMED = 8  # nonzero entries of a row that are named one by one


class Structure(Enum):
    """What a Jacobian looks like, from the most special to the most general, and what follows from it."""

    ZERO = "zero", "nothing in the output depends on this input: no gradient comes back"
    IDENTITY = (
        "identity",
        "every output entry follows the input entry at its own place one to one: the upstream gradient "
        "comes back unchanged",
    )
    DIAGONAL = (
        "diagonal",
        "every output entry depends on the input entry at its own place and on no other, so everything off "
        "the diagonal is zero. The diagonal is all that is needed: the backward pass multiplies the "
        "upstream gradient by these slopes, entry by entry, and never forms the matrix",
    )
    SELECTION = (
        "selection",
        "every output entry depends on one input entry at most: the backward pass adds each upstream "
        "gradient, times one slope, to the place that its entry came from",
    )
    BLOCK = (
        "block",
        "the entries depend on each other within groups only, such as a row or an example: each block on "
        "the diagonal meets its own part of the upstream gradient, and the rest is zero",
    )
    SPARSE = (
        "sparse",
        "every output entry depends on some of the input entries only: the backward pass gathers the "
        "upstream gradients along these paths, without the zeros between them",
    )
    DENSE = (
        "dense",
        "any output entry may depend on any input entry. Even so one backward pass needs only the product "
        "of the upstream gradient and the matrix, and finds it gate by gate without forming the matrix",
    )

    def __init__(self, word: str, sentence: str) -> None:
        self.word = word
        self.sentence = sentence


class JacobianRow(NamedTuple):
    """One row: the derivatives of one output entry in all entries of the input.

    The entry stands at the index `at`, and is the `number`th in row-major order, counted from 0. `nonzero`
    names the first few entries that are not zero, by their place in the input; there are `total` of them.
    """

    number: int
    at: tuple[int, ...]
    entries: Array
    nonzero: tuple[tuple[tuple[int, ...], float], ...]
    total: int


class Jacobian(NamedTuple):
    """d(output)/d(input) as a matrix: a row for each output entry, a column for each input entry.

    `nonzeros` are structural: no more entries than these can differ from zero. `dense_bytes` is what the
    whole matrix would take. `entries` is the matrix itself, where it is small or was asked for.
    """

    input: str
    input_shape: tuple[int, ...]
    shape: tuple[int, int]
    structure: Structure
    nonzeros: int
    dense_bytes: int
    entries: Array | None
    rows: tuple[JacobianRow, ...]


class Jacobians(NamedTuple):
    """The Jacobians of one output with respect to each input; `label` and `text` are the output's."""

    expression: str
    label: str
    text: str
    shape: tuple[int, ...]
    jacobians: tuple[Jacobian, ...]


def answer(question: Question, *, dense: bool = False, rows: tuple[str, ...] = ()) -> Jacobians:
    """Build the graph, run its passes, and report the Jacobians. Raises GradcalcError."""
    return jacobians(prepare(question), question.wrt, dense=dense, rows=rows)


def jacobians(
    graph: Graph, wrt: tuple[str, ...] = (), *, dense: bool = False, rows: tuple[str, ...] = ()
) -> Jacobians:
    """The Jacobians of a graph whose passes have run.

    `wrt` names the inputs (all by default), `dense` asks for all entries, `rows` for those of single
    output entries: a number ("3"), or an index ("0,2").
    """
    chosen = _inputs(graph, wrt)
    shape = np.shape(graph.values[graph.output])
    wanted = [_row(text, shape) for text in rows]
    found = patterns(graph, tuple(chosen.values()))
    size = math.prod(shape)
    small = {i: _shown(graph, i, name, size, dense) for name, i in chosen.items()}
    matrices = {i: np.zeros((size, np.size(graph.values[i]))) for i, shown in small.items() if shown}
    if matrices:
        for k, gradients in _passes(graph, range(size), list(matrices)):
            for i, gradient in zip(matrices, gradients, strict=True):
                matrices[i][k] = gradient
    single: dict[int, list[JacobianRow]] = {i: [] for i in chosen.values()}
    for k, gradients in _passes(graph, wanted, list(single)):
        for i, gradient in zip(single, gradients, strict=True):
            single[i].append(_jacobian_row(k, shape, gradient, np.shape(graph.values[i])))
    return Jacobians(
        expression=graph.source,
        label=labels(graph).get(graph.output, graph.text(graph.output)),
        text=graph.text(graph.output),
        shape=shape,
        jacobians=tuple(
            Jacobian(
                input=name,
                input_shape=np.shape(graph.values[i]),
                shape=(found[i].m, found[i].n),
                structure=structure(found[i]),
                nonzeros=found[i].nonzeros,
                dense_bytes=BYTES * found[i].m * found[i].n,
                entries=matrices.get(i),
                rows=tuple(single[i]),
            )
            for name, i in chosen.items()
        ),
    )


def _inputs(graph: Graph, wrt: tuple[str, ...]) -> dict[str, int]:
    """The inputs to differentiate, by name."""
    variables = graph.variables
    chosen = {name: find(graph, name, "--wrt") for name in wrt}
    for name, i in chosen.items():
        if i not in variables.values():
            raise GradcalcError(
                f"--wrt: {name} is not an input that can be differentiated",
                kind="name",
                hint=f"there are {', '.join(variables)}" if variables else None,
            )
    return {name: i for name, i in variables.items() if not wrt or i in chosen.values()}


# --- structure ---------------------------------------------------------------------------------------


def patterns(graph: Graph, inputs: tuple[int, ...]) -> dict[int, Pattern]:
    """The pattern of d(output)/d(input) for each of these nodes: one sweep back over the graph."""
    size = int(np.size(graph.values[graph.output]))
    needed = _leads_from(graph, set(inputs))
    found: dict[int, Pattern] = {graph.output: diagonal(size, unit=True)}
    with steady():
        for i in range(graph.output, -1, -1):
            ins = graph.inputs[i]
            upper = found.pop(i, None) if ins else None
            if upper is None or not upper.nonzeros:
                continue
            gate, xs = graph.gates[i], tuple([graph.values[j] for j in ins])
            for position, j in enumerate(ins):
                if not needed[j] or gate.derivative(position) is None:
                    continue
                pattern = compose(upper, footprint(gate, position, graph.values[i], xs))
                found[j] = add(found[j], pattern) if j in found else pattern
    return {i: found.get(i, zero(size, int(np.size(graph.values[i])))) for i in inputs}


def _leads_from(graph: Graph, inputs: set[int]) -> list[bool]:
    """For each node, whether any of these inputs goes into it."""
    leads = [i in inputs for i in range(len(graph))]
    for i, ins in enumerate(graph.inputs):
        if ins and any(leads[j] for j in ins):
            leads[i] = True
    return leads


def structure(pattern: Pattern) -> Structure:
    """The most special word that is true of a pattern."""
    m, n = pattern.m, pattern.n
    if not pattern.nonzeros:
        return Structure.ZERO
    if is_diagonal(pattern):
        return Structure.IDENTITY if pattern.unit and pattern.nonzeros == n else Structure.DIAGONAL
    if pattern.across <= 1:
        return Structure.SELECTION
    if pattern.nonzeros == m * n:
        return Structure.DENSE
    return Structure.BLOCK if is_block(pattern) else Structure.SPARSE


# --- entries -----------------------------------------------------------------------------------------


def _shown(graph: Graph, i: int, name: str, size: int, dense: bool) -> bool:
    """Whether the whole matrix is wanted; refuses one that is too large."""
    count = size * int(np.size(graph.values[i]))
    if dense and count > graph.max_elements:
        raise GradcalcError(
            f"the dense Jacobian in {name} would have {count:,} entries",
            kind="limit",
            hint="--row I shows one row of it; --max-elements raises the limit",
        )
    return dense or count <= SMALL


def _row(text: str, shape: tuple[int, ...]) -> int:
    """The number of the output entry that `--row` means."""
    try:
        parts = [int(part) for part in text.strip("[]() ").split(",") if part.strip()]
    except ValueError:
        parts = []
    if not parts:
        raise GradcalcError(
            f"--row takes the number of an output entry, or its index, not {text}", hint="--row 3, --row 0,2"
        )
    count = math.prod(shape)
    sizes = shape if len(parts) == len(shape) else (count,)
    if len(parts) != len(sizes) or not all(-n <= k < n for k, n in zip(parts, sizes, strict=True)):
        have = f"{count:,} entries, shape {shape}" if shape else "one entry, number 0"
        hint = f"they are numbered from 0 to {count - 1}" if count > 1 else None
        raise GradcalcError(f"--row {text}: the output has {have}", kind="value", hint=hint)
    index = 0
    for k, n in zip(parts, sizes, strict=True):
        index = index * n + k % n
    return index


def _passes(graph: Graph, rows: range | list[int], inputs: list[int]) -> Iterator[tuple[int, list[Array]]]:
    """For each row one backward pass, with an upstream gradient of 1 at its entry and 0 elsewhere."""
    value = graph.values[graph.output]
    for k in rows:
        seed = np.zeros(np.shape(value))
        seed.flat[k] = 1.0
        up = graph.rerun_backward(as_value(seed))
        yield k, [np.zeros(np.size(graph.values[i])) if up[i] is None else np.ravel(up[i]) for i in inputs]


def _jacobian_row(k: int, shape: tuple[int, ...], entries: Array, inner: tuple[int, ...]) -> JacobianRow:
    places = np.flatnonzero(entries)
    named = tuple(
        (tuple(int(p) for p in np.unravel_index(j, inner)), float(entries[j])) for j in places[:NAMED]
    )
    at = tuple(int(p) for p in np.unravel_index(k, shape))
    return JacobianRow(k, at, entries, named, len(places))
