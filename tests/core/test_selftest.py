"""The self-test itself: what it plants, what it counts, and that a check which sleeps is found out."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import gradcalc
from gradcalc import GATES
from gradcalc.checks import Check, check
from gradcalc.graphs import Graph
from gradcalc.selftest import EMPTY, QUICK, Part, Size, Tally, plan, planted, programs, run, work
from gradcalc.selftest.tally import Plant
from gradcalc.selftest.uses import missing, uses
from gradcalc.verdicts import Verdict

SMALLEST = Size(points=1, planted=3, mistakes=1, scalars=10, planted_arrays=3, arrays=5)


def test_every_fault_of_a_gate_is_caught_and_named() -> None:
    """Down to one part in a billion, in every input."""
    tally = work(Part("gate", "hypot", range(1), 2))
    assert tally.ok
    assert tally.count("caught") == sum(tally.named.values()) > 20
    assert ("gates", "factor 1 + 1e-09", "hypot") in tally.named


def test_faults_that_change_nothing_are_equivalent() -> None:
    """add's two derivatives are the same: swapped, they change no number."""
    tally = work(Part("gate", "add", range(1), 1))
    assert tally.outcomes["gates", "inputs swapped", "add", "equivalent"] == 1
    assert tally.count("missed") == 0


def test_programs_with_faults_and_mistakes() -> None:
    """Random programs: whatever is visible is caught; the right ones pass."""
    total = sum(run(plan(SMALLEST)[len(GATES) :]), EMPTY)
    assert total.ok
    assert total.count("caught") > 10
    assert total.programs == SMALLEST.scalars + SMALLEST.arrays


def test_a_check_that_sleeps_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the check says pass of everything, every visible fault counts as missed."""

    def asleep(graph: Graph) -> Check:
        found = check(graph)
        nodes = {i: node._replace(verdict=Verdict.PASS) for i, node in found.nodes.items()}
        return found._replace(verdict=Verdict.PASS, nodes=nodes, guilty=())

    monkeypatch.setattr(planted, "check", asleep)
    tally = work(Part("gate", "tanh", range(1), 1))
    assert not tally.ok
    assert tally.count("caught") == 0
    assert tally.count("missed") == tally.planted == len(tally.missed)
    assert tally.missed[0].effect > tally.missed[0].bar


def test_a_check_that_cries_wolf_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right program that is accused is listed with its text and its point, to try it again."""
    monkeypatch.setattr(planted, "check", lambda graph: check(graph)._replace(verdict=Verdict.FAIL))
    tally = work(Part("gate", "tanh", range(1), 1))
    assert not tally.ok
    (alarm,) = tally.alarms
    assert alarm.verdict == "fail"
    assert gradcalc.check(alarm.plant.text, **alarm.plant.inputs).verdict == "pass"


def test_an_overwritten_fork_is_missed_by_nobody() -> None:
    """= for += at the forks of a program that has some."""
    seed = next(s for s in range(50) if "caught" in str(programs.planted_program(s).outcomes))
    assert programs.planted_program(seed).ok


def test_programs_of_arrays_count_on_their_own() -> None:
    """Faults in the midst of array programs have their own place, and broken gates are named."""
    tally = work(Part("planted_arrays", seeds=range(6)))
    assert tally.ok
    assert {kind for kind, *_ in tally.outcomes} == {"arrays"}
    assert tally.count("caught") >= 6
    assert sum(tally.named.values()) > 0
    assert work(Part("arrays", seeds=range(4))).verdicts["arrays", "pass"] == 4


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_same_for_any_number_of_processes(jobs: int) -> None:
    """Order and counts do not depend on how the work is shared."""
    parts = plan(QUICK, ("mul", "sigmoid"), seed=3)
    assert list(run(parts, jobs)) == [work(part) for part in parts]


def test_tallies_add_up() -> None:
    """Counts add, findings are kept in order."""
    plant = Plant("gates", "sign lost", "x", "exp", "exp(a)", {"a": 1.0})
    one, two = plant.came_to("caught", named=True), plant.came_to("missed", effect=1.0, bar=1e-9)
    both: Tally = one + two + one
    assert (both.planted, both.count("caught"), both.count("missed")) == (3, 2, 1)
    assert both.named["gates", "sign lost", "exp"] == 2
    assert [found.effect for found in both.missed] == [1.0]
    assert not both.ok


def test_a_gate_that_needs_an_extra_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without scipy its gates are listed, not failed."""
    monkeypatch.setattr(planted, "missing", lambda gate: gate.name == "exp")
    assert work(Part("gate", "exp", range(1), 1)).skipped == ("exp",)


@pytest.mark.parametrize("name", GATES)
def test_uses_move_inside_the_domain(name: str) -> None:
    """Every gate has uses at random points, where both passes are finite."""
    gate = GATES[name]
    if missing(gate):
        pytest.skip("needs the scipy extra")
    found = list(uses(gate, np.random.default_rng(5), 2))
    assert found
    for use in found:
        graph = use.graph()
        assert np.all(np.isfinite(graph.values[graph.output]))


def test_gates_without_their_library_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where scipy is not installed nothing is planted in the gates that need it, and nothing breaks."""
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    needing = {name for name, gate in GATES.items() if missing(gate)}
    assert needing == {"gamma", "lgamma", "digamma", "polygamma"}
