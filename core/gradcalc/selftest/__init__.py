"""The check on trial: faults planted on purpose that it must find, and right programs that it must pass.

What is planted: every single fault of every gate's derivatives at random points, down to one part in a
billion; the same in the middle of random programs of scalars and of arrays; `=` for `+=` at their forks;
and the mistakes that people make at every node of them. A fault that changes no number at all is
equivalent: nobody can see it. One whose effect is smaller than the error bars is below the bar. Every
other one must be caught.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from ..gates import GATES
from .planted import in_gate
from .programs import PROGRAMS
from .tally import EMPTY, Finding, Tally

__all__ = ["EMPTY", "FULL", "QUICK", "Finding", "Part", "Size", "Tally", "plan", "run", "work"]


class Size(NamedTuple):
    """How much of everything: random points for each use of a gate, and programs of each sort."""

    points: int
    planted: int
    mistakes: int
    scalars: int
    planted_arrays: int
    arrays: int


QUICK = Size(points=1, planted=200, mistakes=40, scalars=2_000, planted_arrays=60, arrays=400)
FULL = Size(points=4, planted=2_000, mistakes=300, scalars=10_000, planted_arrays=1_000, arrays=2_000)
# How many programs are in one share of the work.
SHARES = {"planted": 10, "mistakes": 2, "scalars": 50, "planted_arrays": 5, "arrays": 10}


class Part(NamedTuple):
    """A share of the work: faults in one gate, or programs from a range of seeds."""

    kind: str  # gate, or one of PROGRAMS
    gate: str = ""
    seeds: range = range(0)
    points: int = 0


def plan(size: Size, gates: Sequence[str] = (), *, seed: int = 0) -> list[Part]:
    """The work in shares. `gates` restricts it to faults in those gates: then there are no programs."""
    parts = [Part("gate", name, range(seed, seed + 1), size.points) for name in gates or GATES]
    for kind, share in SHARES.items():
        last = seed + (0 if gates else getattr(size, kind))
        parts += [Part(kind, seeds=range(k, min(k + share, last))) for k in range(seed, last, share)]
    return parts


def run(parts: Iterable[Part], jobs: int = 1) -> Iterator[Tally]:
    """Each share's tally, in order, worked out by `jobs` processes."""
    if jobs == 1:
        yield from map(work, parts)
        return
    pool = ProcessPoolExecutor(jobs)
    try:
        yield from pool.map(work, parts)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def work(part: Part) -> Tally:
    """One share of the work."""
    if part.kind == "gate":
        return in_gate(part.gate, part.seeds.start, part.points)
    total = EMPTY
    for seed in part.seeds:
        total += PROGRAMS[part.kind](seed)
    return total
