"""What came of faults planted on purpose and of right programs: counts that add up, and the odd ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

LISTED = 100  # of what went wrong, so many are kept with their text

CAUGHT, EQUIVALENT, BELOW, CORNER, MISSED = "caught", "equivalent", "below the bar", "at a corner", "missed"


class Plant(NamedTuple):
    """A fault in a program: what it is, where (an input of the gate, or words), and in which gate if any."""

    kind: str  # gates, programs, arrays or mistakes
    fault: str
    where: str
    gate: str
    text: str
    inputs: Mapping[str, Any]

    def came_to(
        self, outcome: str, *, named: bool = False, effect: float = 0.0, bar: float = 0.0, verdict: str = ""
    ) -> Tally:
        """The tally of this fault alone."""
        key = (self.kind, self.fault, self.gate)
        found = (Finding(self, outcome, effect, bar, verdict),)
        return EMPTY._replace(
            outcomes=Counter({(*key, outcome): 1}),
            named=Counter({key: 1} if named else {}),
            missed=found if outcome == MISSED else (),
            spared=found if outcome in (BELOW, CORNER) else (),
        )


class Finding(NamedTuple):
    """A fault that was not caught, or an alarm without a fault.

    `effect` is the largest change of a gradient that the fault makes, `bar` the error bar at that
    gradient: an effect of less than ten bars decides nothing.
    """

    plant: Plant
    outcome: str
    effect: float = 0.0
    bar: float = 0.0
    verdict: str = ""


class Tally(NamedTuple):
    """What came of a share of the work; tallies add up.

    `outcomes` counts (kind, fault, gate, outcome), `named` those of the caught whose gate the check named;
    `verdicts` counts (kind, verdict) of right programs.
    """

    outcomes: Counter[tuple[str, str, str, str]]
    named: Counter[tuple[str, str, str]]
    verdicts: Counter[tuple[str, str]]
    spared: tuple[Finding, ...] = ()
    missed: tuple[Finding, ...] = ()
    alarms: tuple[Finding, ...] = ()
    skipped: tuple[str, ...] = ()

    def __add__(self, other: Tally) -> Tally:  # type: ignore[override]
        return Tally(
            self.outcomes + other.outcomes,
            self.named + other.named,
            self.verdicts + other.verdicts,
            (self.spared + other.spared)[:LISTED],
            (self.missed + other.missed)[:LISTED],
            (self.alarms + other.alarms)[:LISTED],
            self.skipped + other.skipped,
        )

    def count(self, *outcomes: str) -> int:
        """How many faults came to one of these outcomes."""
        return sum(n for (*_, outcome), n in self.outcomes.items() if outcome in outcomes)

    @property
    def planted(self) -> int:
        """All faults that were planted, the equivalent ones among them."""
        return sum(self.outcomes.values())

    @property
    def programs(self) -> int:
        """All right programs that were checked."""
        return sum(self.verdicts.values())

    @property
    def ok(self) -> bool:
        """Whether nothing was missed and nothing right was accused."""
        return not self.count(MISSED) and not self.alarms


EMPTY = Tally(Counter(), Counter(), Counter())
