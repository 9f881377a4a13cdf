"""What a planted mistake is, and how a piece of code is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

FOLDER = Path(__file__).parent
NOTHING: Mapping[str, str] = MappingProxyType({})
NO_PARAMS: Mapping[str, object] = MappingProxyType({})

# What a mistake may be called.
CATALOGUE = {
    "factor": "a constant factor too much or too little: 2, 1/2, N, 1/N, p ...",
    "sign": "the sign is lost",
    "zero": "every entry is zero",
    "transposed": "a matrix or a factor of a product is transposed",
    "not-summed": "a broadcast axis is not summed, or the wrong one is; the shape tells",
    "averaged": "a mean where a sum belongs",
    "regularisation": "its term is missing or has another factor",
    "upstream-ignored": "the local gradient alone",
    "mask": "the gradient arrives where it should be zero, or is blocked where it should pass",
    "permuted": "rows, columns or entries stand in another order",
    "swapped": "the gradient of another input, or gradients returned in another order",
    "lost-term": "one of several summands or paths is missing",
    "extra-term": "a summand too many",
    "missing-factor": "an elementwise factor such as 1 - out, gamma, x, 1/std is missing",
    "extra-factor": "an elementwise factor too many",
    "overwritten": "= for +=: only the last contribution remains",
    "region": "wrong only in a region: a border, some rows or columns, some channels",
    "flipped": "a kernel or an axis is reversed",
    "label-term": "wrong only at the entries that the labels pick",
    "output-lost": "the part that comes through one of several outputs is missing",
    "wrong-point": "the slope is taken at the output where the input belongs, or the reverse",
    "shape": "wrong shape without an obvious sum",
    "mutates": "an input or the upstream gradient is changed in place",
    "nondeterministic": "another answer every time",
    "crash": "the backward pass raises",
}


class Planted(NamedTuple):
    """One mistake: `old` occurs once in `file` and becomes `new`.

    `arguments` are the inputs whose gradients are then wrong: all of them where the backward pass raises,
    none where the numbers stay right and only something is changed in place. `names` are the diagnoses that
    a teacher would accept for at least one of them; none means that no name of the catalogue fits, so that
    wrong without a name is the right answer. Where the mistake is in one term of a sum (a factor 2 of the
    regularisation, a lost sign of one path), the name is that of the mistake and not of the whole array.
    """

    file: str
    target: str
    old: str
    new: str
    arguments: tuple[str, ...]
    names: frozenset[str]
    note: str


class Setup(NamedTuple):
    """How to call a target.

    `kind` is "layer" (forward and backward with a cache), "loss" (value and gradient together), "pair" (f and
    its gradient), "class" (construct, forward, backward), "network" (an object with params and loss),
    "torch" or "jax". `wrt` names the inputs that have gradients, in the order in which the code gives them.
    `shapes` are inputs drawn from a normal distribution, `values` inputs that are given, `params` everything
    that is no array: entries of a `*_param` dictionary, numbers for a constructor.
    """

    kind: str
    wrt: tuple[str, ...]
    shapes: Mapping[str, str]
    values: Mapping[str, str] = NOTHING
    params: Mapping[str, object] = NO_PARAMS


def planter(file: str, target: str) -> Callable[[str, str, str, str, str], Planted]:
    """Entries of one target, with arguments and names as words."""

    def plant(old: str, new: str, arguments: str, names: str, note: str) -> Planted:
        return Planted(file, target, old, new, tuple(arguments.split()), frozenset(names.split()), note)

    return plant


def planted_source(mistake: Planted) -> str:
    """The file's text with the mistake in it.

    Raises:
        ValueError: `old` does not occur exactly once.
    """
    text = (FOLDER / mistake.file).read_text(encoding="utf-8")
    if (count := text.count(mistake.old)) != 1:
        raise ValueError(f"{mistake.file}:{mistake.target}: {count} occurrences of {mistake.old!r}")
    return text.replace(mistake.old, mistake.new)
