"""What a check can conclude, in order of weight, and the exit code of each conclusion."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """The verdict on one node or on the whole; see each member's comment for when it is given."""

    FAIL = "fail"  # the witnesses disagree beyond both error bars
    DOMAIN = "domain"  # moving the value leaves the domain of a gate
    NONFINITE = "nonfinite"  # the slope itself is infinite or undefined
    NOISE = "noise"  # rounding hides the answer: the bar is wider than a thousandth of the value
    VACUOUS = "vacuous"  # every checked gradient is zero: nothing was tested
    JUMP = "jump"  # the value itself jumps here (a kink of kind jump)
    KINK = "kink"  # left and right slopes differ; the analytic value lies between them
    PASS = "pass"  # the witnesses agree within both error bars
    UNCHECKED = "unchecked"  # too costly; exit-neutral


EXIT = {
    Verdict.PASS: 0,
    Verdict.UNCHECKED: 0,
    Verdict.KINK: 0,
    Verdict.FAIL: 1,
    Verdict.DOMAIN: 2,
    Verdict.NONFINITE: 2,
    Verdict.NOISE: 3,
    Verdict.VACUOUS: 3,
    Verdict.JUMP: 3,
}


def exit_code(verdict: str) -> int:
    """0 agreed, 1 disagreed, 2 can't be answered, 3 undecided."""
    return EXIT[Verdict(verdict)]


def heaviest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that decides over several: fail over domain over ... over pass."""
    order = list(Verdict)
    return min(verdicts, key=order.index, default=Verdict.PASS)
