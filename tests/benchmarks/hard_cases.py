"""The hard cases of tests/hard.py, asked of gradcalc and of other checkers, in one run.

Peers come with `pip install -e '.[peers]'`. A missing one is shown as absent, with the reason.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))

import numpy as np
from checkers import CHECKERS, Checker

import gradcalc
from gradcalc.verdicts import exit_code
from hard import RIGHT, WRONG, Case

WORSE = """\
worse than another: a right gradient refused (or a crash) that the other leaves open or accepts, or left open
that the other accepts; a kink not named that the other names; a wrong gradient passed that the other leaves
open or refuses, or left open that the other refuses.
a vacuous verdict accepts: the gradient is 0, as it should be; exit 3 asks for a point that tests more."""


def expression(case: Case) -> str:
    """The verdict on the case as a program with a declared gradient."""
    inputs: dict[str, Any] = dict(case.inputs())
    return str(gradcalc.check(case.program(), **inputs).verdict)


def function(case: Case) -> str:
    """The verdict on the case as Python functions."""
    return str(gradcalc.check(case.f, case.gradient, point(case)).verdict)


def point(case: Case) -> Any:
    return np.array(case.x) if isinstance(case.x, tuple) else np.float64(case.x)


def peer(check: Checker) -> Callable[[Case], str]:
    """How a checker answers a case, as one of our words; "crash" with the error's name."""

    def ask(case: Case) -> str:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                agreed = check(case.f, case.gradient, np.asarray(point(case)))
        except Exception as error:
            return f"crash: {type(error).__name__}"
        return "open" if agreed is None else "pass" if agreed else "fail"

    return ask


def cell(case: Case, verdict: str, right: bool) -> tuple[int, str]:
    """How good a verdict is on a case, 0 being worst, and what to print."""
    word = verdict.partition(":")[0]
    if word == "absent":
        return -1, "absent"
    if word == "crash" and right:
        return 0, "crash"
    left_open = word in ("open", "crash") or (word != "vacuous" and exit_code(word) in (2, 3))
    accepted = not left_open and word != "fail"
    if not right:
        return (0, "PASSED") if accepted else (1, word) if left_open else (2, "caught")
    if not accepted:
        return (1, word) if left_open else (0, "REFUSED")
    if case.kink:
        return (3, "kink") if word == "kink" else (2, "kink unseen")
    return 2, "ok" if word == "pass" else word


def main() -> None:
    """Print a line for each case, a column for each checker, and who does worse where."""
    asked: dict[str, Callable[[Case], str]] = {"gradcalc expr": expression, "gradcalc Python": function}
    for name, load in CHECKERS.items():
        try:
            asked[name] = peer(load())
        except ImportError as error:
            print(f"{name} is absent: {error}")
            asked[name] = lambda case: "absent"
    widths = [max(11, *map(len, name.split())) for name in asked]
    for part in (0, 1):
        print(line("", [name.split()[part] for name in asked], widths))
    ranks: dict[str, list[int]] = {name: [] for name in asked}
    bad: dict[str, list[int]] = {name: [0, 0, 0] for name in asked}
    for title, cases, right in (("right gradients", RIGHT, True), ("wrong gradients", WRONG, False)):
        print(f"\n{title}")
        for case in cases:
            found = [cell(case, ask(case), right) for ask in asked.values()]
            print(line(case.name, [text for _, text in found], widths))
            for name, (rank, text) in zip(asked, found, strict=True):
                ranks[name].append(rank)
                for k, words in enumerate((("REFUSED", "crash"), ("PASSED",), ("kink unseen",))):
                    bad[name][k] += text in words
    print()
    here = [name for name in asked if -1 not in ranks[name]]
    for k, what in enumerate(("right refused or crashed", "wrong passed", "kinks unseen")):
        shown = [str(bad[name][k]) if name in here else "-" for name in asked]
        print(line(what, shown, widths))
    peers = [name for name in here if name in CHECKERS]
    mine = [name for name in here if name not in CHECKERS]
    names = [case.name for case in (*RIGHT, *WRONG)]
    for own in mine:
        worse = [
            f"{names[k]} ({name})"
            for name in peers
            for k in range(len(names))
            if ranks[own][k] < ranks[name][k]
        ]
        print(
            f"{own} is worse than a peer on {len(worse)} of {len(names)} cases{': ' * bool(worse)}"
            + ", ".join(worse)
        )
    print(f"\n{WORSE}")
    print(
        "versions: "
        + ", ".join(f"{name} {versioned(name)}" for name in ("torch", "jax", "autograd", "numpy"))
    )


def line(first: str, cells: list[str], widths: list[int]) -> str:
    return f"{first:28}" + "  ".join(text.ljust(w) for text, w in zip(cells, widths, strict=True)).rstrip()


def versioned(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


if __name__ == "__main__":
    main()
