"""Layers, losses, networks and functions, right and with planted mistakes: how many are caught and named.

Every target of tests/code, one line each: how many of its mistakes are caught at exactly the wrong arguments,
and how many get a name that a teacher would accept. torch's and jax's are left out, and said so, where they
are not installed. `python tests/benchmarks/run.py corpus`; it takes minutes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).parents[1] / "code"))

from mistakes import MISTAKES, RIGHT_SETUPS, Planted

CODE = Path(__file__).parents[1] / "code"
SHARE = 0.8  # of the mistakes of a target have to be named


def checked() -> Any:
    """The test of the same corpus, which needs pytest."""
    return import_module("test_checked")


class Found(NamedTuple):
    """What came of one mistake."""

    caught: bool
    named: bool
    said: str


def look(mistake: Planted) -> Found:
    """Check the code with the mistake in it."""
    with tempfile.TemporaryDirectory() as folder:
        found = checked().planted(mistake, Path(folder), mend=True)
    wrong = {a.name for a in found.arguments if a.verdict == "fail"}
    loose = not mistake.arguments or "crash" in mistake.names
    names = checked().diagnoses(found)
    said = "; ".join(m.text for a in found.arguments for m in a.mistakes[:1]) or "; ".join(found.notes)
    # Where no name of the catalogue fits, silence is right.
    named = bool(names & mistake.names) if mistake.names else True
    return Found(found.verdict == "fail" and (loose or wrong == set(mistake.arguments)), named, said)


def verdict(key: str) -> str:
    """The verdict on right code."""
    return str(checked().examined(CODE / key.partition(":")[0], key).verdict)


def needed(key: str) -> str | None:
    """The framework that a target needs."""
    found: str | None = checked().NEEDS.get(key.partition(":")[0])
    return found


def here(key: str) -> bool:
    """Whether a target can be run."""
    need = needed(key)
    return need is None or find_spec(need) is not None


def targets(wanted: str) -> Iterator[tuple[str, list[Planted]]]:
    """The targets that can be run, with their mistakes."""
    for key in RIGHT_SETUPS:
        if wanted in key and here(key):
            yield key, [m for m in MISTAKES if f"{m.file}:{m.target}" == key]


def main(wanted: str = "") -> None:
    """Print a line for each target, and the mistakes that were missed."""
    start = time.perf_counter()
    missing = sorted({str(needed(k)) for k in RIGHT_SETUPS if not here(k)})
    for need in missing:
        print(f"absent: {need} is not installed, so its targets are left out")
    rows = list(targets(wanted))
    total = [0, 0, 0]
    below, wrongly, missed = [], [], []
    print(f"{'target':52} {'right':8} {'mistakes':>8} {'caught':>7} {'named':>7}")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        verdicts = pool.map(verdict, [key for key, _ in rows])
        looked = pool.map(look, [m for _, mistakes in rows for m in mistakes])
        for key, mistakes in rows:
            right, found = next(verdicts), [next(looked) for _ in mistakes]
            caught, named = sum(f.caught for f in found), sum(f.named for f in found)
            print(f"{key:52} {right:8} {len(found):8} {caught:7} {named:7}", flush=True)
            total = [a + b for a, b in zip(total, (len(found), caught, named), strict=True)]
            wrongly += [key] if right not in ("pass", "kink") else []
            below += [key] if named < SHARE * len(found) else []
            missed += [
                f"  {key}: {m.note} {sorted(m.names)}, "
                f"not {'named' if f.caught else 'caught'}: {f.said[:140]}"
                for m, f in zip(mistakes, found, strict=True)
                if not (f.caught and f.named)
            ]
    print("\nmissed:", *missed, sep="\n")
    print(f"\n{len(rows)} targets, {total[0]} mistakes: {total[1]} caught, {total[2]} named")
    print(f"right code not passed: {', '.join(wrongly) or 'none'}")
    print(f"targets with less than {SHARE:.0%} named: {', '.join(below) or 'none'}")
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:2])
