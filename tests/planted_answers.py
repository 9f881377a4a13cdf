"""Mistakes planted in answers of three digits, and noise that is nobody's mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from circuits import answers, gradients
from gradcalc.answers import Marked
from gradcalc.key import Key
from gradcalc.mistakes.table import Row


def planted(key: Key) -> Iterator[tuple[Row, dict[str, str]]]:
    """Every mistake at every node, and the answers that it gives, where they look different."""
    true = gradients(key)
    right = answers(key, true)
    for row in key.table(list(true)).rows:
        given = answers(key, {q: row.numbers.get(q, value) for q, value in true.items()})
        if given != right:
            yield row, given


def told(row: Row, marked: Marked) -> bool:
    """Whether a mistake is among the candidates, or among those that are the same as one of them."""
    name, text = row.mutant.name, row.mutant.text
    return any(
        (found.name == name and (found.kind == text or found.kind.startswith(f"{text}; or, which")))
        or (name, text) in found.also
        for found in marked.mistakes
    )


Noise = Callable[[np.random.Generator, Any], Any]
NOISES: dict[str, Noise] = {
    "a relative error of 30 %": lambda rng, true: true * (1 + 0.3 * rng.standard_normal(np.shape(true))),
    "a relative error of 10 %": lambda rng, true: true * (1 + 0.1 * rng.standard_normal(np.shape(true))),
    "another number of the size": lambda rng, true: rng.uniform(-2, 2, np.shape(true)) * np.abs(true),
    "any number": lambda rng, true: rng.standard_normal(np.shape(true)),
}


class Planted(NamedTuple):
    """Of the visible mistakes at one circuit: how many were named, and how many as the only candidate.

    A candidate stands for all mistakes that give the very same numbers; `single` counts those that share
    theirs with no other. `unseen` ones change a text, and are right by its digits: -1.00 for -0.9996.
    """

    visible: int = 0
    named: int = 0
    alone: int = 0
    single: int = 0
    unseen: int = 0


def plant(key: Key) -> Planted:
    """Plant every mistake at every node, all input gradients given, and look for each."""
    visible = named = alone = single = unseen = 0
    for row, given in planted(key):
        marked = key.judge(given)
        if all(a.verdict == "right" for a in marked.answers):
            unseen += 1
            continue
        visible += 1
        if told(row, marked):
            named += 1
            alone += len(marked.mistakes) == 1
            single += len(marked.mistakes) == 1 and not marked.mistakes[0].also
    return Planted(visible, named, alone, single, unseen)


def accused(keys: Sequence[Key], noise: Noise, which: str, count: int) -> float:
    """The share of so many random wrong answers ("all" of a circuit, or "one" of them) that get a mistake."""
    rng = np.random.default_rng(20110)
    wrong = found = 0
    while wrong < count:
        key = keys[wrong % len(keys)]
        true = gradients(key)
        chosen = list(true) if which == "all" else [list(true)[rng.integers(len(true))]]
        marked = key.judge(answers(key, {q: noise(rng, v) if q in chosen else v for q, v in true.items()}))
        if any(a.verdict == "wrong" for a in marked.answers):
            wrong += 1
            found += bool(marked.mistakes)
    return found / wrong
