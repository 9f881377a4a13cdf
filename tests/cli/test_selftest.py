"""gradcalc selftest: its table, its JSON and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gradcalc.checks import check
from gradcalc.selftest import planted
from gradcalc.verdicts import Verdict

Run = Callable[..., Any]
TABLE = """\
 fault                        planted  caught  named  equivalent  below bar  missed
────────────────────────────────────────────────────────────────────────────────────
 in each gate
   broadcast not summed back        2       1      1           1          0       0
   factor 1 + 0.001                 2       2      2           0          0       0
   factor 1 + 1e-06                 2       2      2           0          0       0
   factor 1 + 1e-09                 2       2      2           0          0       0
   factor 1/2                       2       2      2           0          0       0
   factor 2                         2       2      2           0          0       0
   inputs swapped                   1       1      1           0          0       0
   sign lost                        2       2      2           0          0       0
   upstream forgotten               2       2      2           0          0       0
   zero                             2       2      2           0          0       0
────────────────────────────────────────────────────────────────────────────────────
 all                               19      18     18           1          0       0

 the check caught 18 of 18 visible faults and named the gate of 18
 0 false alarms in 1 right programs (1 pass)
 1 are equivalent: they change no number at all, so nobody can see them
"""


def test_one_gate(run: Run) -> None:
    """The faults of one gate, by kind."""
    ran = run("selftest", "--gate", "*", "--jobs", "1", "--width", "85")
    assert (ran.code, ran.out, ran.err) == (0, TABLE, "")


def test_json(run: Run) -> None:
    """Counts and findings; the columns add up."""
    ran = run("selftest", "--gate", "hypot", "--gate", "sigmoid", "--jobs", "1", "--format", "json")
    data = json.loads(ran.out)
    assert (ran.code, data["schema"], data["ok"]) == (0, "gradcalc.selftest/1", True)
    kinds = ("caught", "equivalent", "below_the_bar", "at_a_corner", "missed")
    assert data["planted"] == sum(data[kind] for kind in kinds)
    for fault in data["faults"]:
        parts = ("caught", "equivalent", "below bar", "corner", "missed")
        assert fault["planted"] == sum(fault[part] for part in parts)


def test_an_alarm_is_exit_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm is told with the program to try it on."""
    monkeypatch.setattr(planted, "check", lambda graph: check(graph)._replace(verdict=Verdict.FAIL))
    ran = run("selftest", "--gate", "tanh", "--jobs", "1", "--width", "80")
    assert ran.code == 1
    assert " 1 false alarms in 1 right programs (1 fail)\n" in ran.out
    assert "\n false alarms\n gates; verdict fail\n     tanh(a) * [1, -2, 3, 0.5, -1, 2]" in ran.out


def test_narrow_and_ascii(run: Run) -> None:
    """At 40 columns no line is longer, and columns of zeros go first."""
    ran = run("selftest", "--gate", "relu", "--jobs", "1", "--width", "60")
    assert max(map(len, ran.out.splitlines())) <= 60
    assert "equivalent" not in ran.out.splitlines()[0]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--gate", "sigmod"], "error: there is no gate sigmod\nhint: did you mean sigmoid?\n"),
        (["--jobs", "0"], "error: --jobs takes a number from 1 to 1000, not 0\n"),
        (["--format", "csv"], "error: --format takes table or json, not csv\n"),
    ],
)
def test_bad_questions(run: Run, args: list[str], message: str) -> None:
    """One error, one hint, nothing on stdout."""
    ran = run("selftest", *args)
    assert (ran.code, ran.out, ran.err) == (2, "", message)
