"""The check at the edges: domain borders, ties, tiny and huge numbers, saturation. Right gradients never
fail, planted ones never pass, and what can't be told is called undecided.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from gradcalc import GATES, Gate
from gradcalc.build import build
from gradcalc.checks import Check, check
from gradcalc.errors import GradcalcError
from gradcalc.faults import factor
from gradcalc.generate import call
from gradcalc.graphs import Graph
from gradcalc.judge import weigh
from gradcalc.limits import EXPONENTS, limit
from gradcalc.numeric import differentiate
from gradcalc.syntax import parse
from gradcalc.verdicts import Verdict

FACTORS = (2.0, -1.0, 0.0, 1.001)
NEGLIGIBLE = 1e-290  # a change of a gradient so small is nearly underflow
EDGES = (
    *(0.0, 1.0, -1.0, 2.0, 0.5, 5e-324, 1e-310, 1e-300, -1e-155, 1e-60, -1e-20, np.pi / 2, np.pi),
    *(1 - 2**-53, 1 + 2**-52, 20.0, -37.0, 100.0, -745.0, 1e6, 1e150, -1e155, 1e300),
)


def graph_of(text: str, inputs: dict[str, Any], gates: dict[str, Gate] | None = None) -> Graph:
    """The graph with both passes run."""
    graph = build(parse(text, bound=tuple(inputs)), inputs, gates=gates or GATES)
    graph.forward()
    graph.backward()
    return graph


def checked(text: str, gates: dict[str, Gate] | None = None, **inputs: Any) -> Check:
    """The check of a text at these inputs."""
    return check(graph_of(text, inputs, gates))


CASES = [
    ("x^0", {"x": 0}, "pass"),
    ("x^y", {"x": 0, "y": 1}, "pass"),
    ("x^y", {"x": 0, "y": 2}, "pass"),
    ("x^y", {"x": 0, "y": 2.5}, "pass"),
    ("x^y", {"x": 0, "y": 0.5}, "nonfinite"),
    ("x^y", {"x": 0, "y": 0}, "jump"),
    ("where(x > 0, sqrt(x), 0)", {"x": 0}, "kink"),
    ("where(x > 0, 1/x, 0)", {"x": 0}, "jump"),
    ("arctan2(y, x)", {"x": 0, "y": 0}, "jump"),
    ("arctan2(y, x)", {"x": -1, "y": 0}, "jump"),
    ("norm(x)", {"x": [1e300, 1e300]}, "pass"),
    ("norm(x)", {"x": [1e-300, 1e-300]}, "pass"),
    ("hypot(x, y)", {"x": 1e300, "y": 1e300}, "pass"),
    ("hypot(x, y)", {"x": 1e200, "y": 1e-8}, "pass"),
    ("std(x)", {"x": [1e300, 2e300, 4e300]}, "pass"),
    ("x*y", {"x": 1e-300, "y": 1e-20}, "pass"),
    ("x/y", {"x": 1e-300, "y": 1e-155}, "pass"),
    ("x^2", {"x": 1e-300}, "pass"),
    ("sin(x)", {"x": np.pi / 2}, "pass"),
    ("cos(pi*x)", {"x": 1}, "pass"),
    ("sqrt(x)", {"x": 1e-300}, "pass"),
    ("cbrt(x)", {"x": 0}, "nonfinite"),
    ("sqrt(x)", {"x": 5e-324}, "noise"),
    ("sigmoid(x)", {"x": 700}, "pass"),
    ("tanh(x)", {"x": 37}, "pass"),
    ("x*1e-200*1e-200*1e300", {"x": 1}, "pass"),
    ("cos(log(logical_or(x, 1)))", {"x": 0.5}, "pass"),
]


@pytest.mark.parametrize(("text", "inputs", "verdict"), CASES, ids=[f"{t} {i}" for t, i, _ in CASES])
def test_verdicts_at_edges(text: str, inputs: dict[str, Any], verdict: str) -> None:
    """Each edge has its verdict."""
    assert checked(text, **inputs).verdict == verdict


def test_an_infinite_side_is_said() -> None:
    """The steep side of a kink is infinite, not a power of the step."""
    found = checked("where(x > 0, sqrt(x), 0)", x=0).nodes[0]
    assert found.evidence == "a kink: slope 0 on the left, inf on the right; 0 lies between them"


def test_a_steep_side_of_a_jump_is_infinite() -> None:
    """As at a kink: no power of the step."""
    found = checked("where(x > 0, sqrt(x), 1)", x=0).nodes[0]
    assert found.verdict is Verdict.JUMP
    assert found.numeric == np.inf
    assert checked("floor(x)", x=2).nodes[0].numeric == 0


def test_a_jump_stays_where_it_is() -> None:
    """Nodes that a jump does not depend on are checked as if there were none."""
    text = """v0 = sin(x1); v1 = hypot(x2, x1); v2 = logical_and(v1, x2); v3 = ceil(v2); v4 = softsign(v3)
    v5 = sigmoid(x1); v6 = tan(v3); v7 = square(v3); v8 = coth(v1); f = v0 + v4 + v5 + v6 + v7 + v8"""
    graph = graph_of(text, {"x1": 2.495586, "x2": 0.988722})
    found = check(graph)
    assert [graph.text(i) for i, c in found.nodes.items() if c.verdict == "jump"] == ["logical_and(v1, x2)"]
    assert found.verdict == "pass"


def test_a_declared_slope_that_cancels_is_no_fault() -> None:
    """1 - h is off by as much as h is: the bar of a slope that is written with the output knows it."""
    text = "h(t) = 1/(1 + exp(-t)) with dt = (1 - h)*h; h(t)"
    assert [checked(text, t=t).verdict for t in (1, 20, 20.3, 40)] == ["pass", "pass", "pass", "noise"]
    wrong = "h(t) = 1/(1 + exp(-t)) with dt = 1.001*(1 - h)*h; h(t)"
    assert checked(wrong, t=20).verdict == "fail"


def planted(text: str, inputs: dict[str, Any], name: str) -> list[tuple[str, float, str]]:
    """What the check says of each wrong derivative of one gate that changes an input's gradient."""
    right, said = graph_of(text, inputs), []
    for key, by in itertools.product(GATES[name].local, FACTORS):
        wrong = graph_of(text, inputs, {**GATES, name: factor(GATES[name], key, by)})
        with np.errstate(all="ignore"):
            pairs = [(right.gradients[v], wrong.gradients[v]) for v in right.gradients]
            if any(abs(a - b) > NEGLIGIBLE for a, b in pairs):
                said.append((key, by, str(check(wrong).verdict)))
    return said


ELEMENTWISE = [name for name, gate in GATES.items() if gate.local and not gate.variadic]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_gates_at_edges(name: str) -> None:
    """No gate is accused at an edge, and none passes there with a wrong derivative.

    At a kink, or where conventions decide, the gradient is one of several: there only alarms count.
    """
    gate, rng = GATES[name], np.random.default_rng([7, *name.encode()])
    letters = "xyzuvw"[: len(gate.inputs)]
    points = list(itertools.product(EDGES, repeat=len(letters)))
    alarms, missed = [], []
    for k in rng.permutation(len(points))[:40]:
        inputs = dict(zip(letters, points[k], strict=True))
        text = call(gate, list(letters))
        try:
            found = check(graph_of(text, inputs))
        except GradcalcError:
            continue  # outside the domain, or an extra is not installed
        if found.verdict == "fail":
            alarms.append((inputs, found))
        missed += [(inputs, *one) for one in planted(text, inputs, name) if one[-1] == "pass"]
    assert alarms == []
    assert missed == []


@pytest.mark.parametrize("size", [1e-300, 1e-150, 1e150, 1e300])
@pytest.mark.parametrize("text", ["norm(x)", "std(x)", "max(x)", "sum(x)", "mean(x)", "logsumexp(x)"])
def test_arrays_of_every_size(text: str, size: float) -> None:
    """Reductions of huge and tiny entries pass for what they are, and never with a wrong derivative."""
    x = np.array([1.0, -2.0, 3.5]) * size
    assert checked(text, x=x).verdict in ("pass", "noise")
    name = text.partition("(")[0]
    for by in FACTORS:
        wrong = {**GATES, name: factor(GATES[name], "x", by)}
        assert checked(text, wrong, x=x).verdict in ("fail", "noise")


def test_no_pass_rests_on_a_wide_bar() -> None:
    """Under a bar that a wrong gradient would pass as well, agreement within it is noise."""
    slopes = np.array([1.0])
    for bar in 10.0 ** np.arange(-16, 3):
        for by in (*FACTORS, 1.0):
            w = weigh(by * slopes, slopes, slopes, np.array([bar]), None, np.array([1.0]))
            assert w.wrong[0] or w.noisy[0] or by == 1.0
            assert not (by == 1.0 and w.wrong[0])


@pytest.mark.parametrize(
    ("f", "value"),
    [
        (lambda h: np.full_like(h, 2.5), 2.5),
        (lambda h: -(h**2), 0.0),
        (lambda h: h**-0.5, np.inf),
        (lambda h: -(h**-0.1), -np.inf),
        (lambda h: np.log(h), -np.inf),
        (lambda h: np.where(h < 1e-40, 0.0, 3.0), 3.0),
    ],
)
def test_limits(f: Any, value: float) -> None:
    """Slopes over a ladder of steps settle on a number, zero or infinity."""
    found = limit(f(2.0**-332 * 2.0 ** np.array(EXPONENTS, dtype=float))[:, None])
    assert (found.value[0], found.bar[0]) == (value, 0.0)


def test_a_leap_is_no_infinite_slope() -> None:
    """What grows as fast as the step shrinks is a difference of values that stays: nothing is concluded."""
    assert limit((1.0 / 2.0 ** np.array(EXPONENTS, dtype=float))[:, None]).bar[0] == np.inf


def test_differences_find_the_kinks_that_are_there() -> None:
    """Beside a kink that only differences see, entries without one stay smooth."""
    pytest.importorskip("scipy", reason="polygamma needs scipy, an extra")
    (found,) = [c for c in checked("max(x) + polygamma(1, sum(x))", x=[1, 2, 2]).nodes.values() if not c.node]
    assert found.left is not None
    assert found.right is not None
    assert np.round(found.right - found.left, 6).tolist() == [0, 1, 1]


def test_a_gate_that_refuses_beside_the_point_is_a_border() -> None:
    """Differences of a wrong cholesky leave the positive matrices: a verdict, and no error."""
    wrong = {**GATES, "cholesky": factor(GATES["cholesky"], "x", 2.0)}
    x = np.array([[2.0, 1.0], [1.0, 2.0]]) * 1e-20
    assert checked("sum(cholesky(x))", wrong, x=x).verdict in ("fail", "noise")


@pytest.mark.parametrize("x", [1e-300, 1e-155, 1e-12, 1.0, 1e12, 1e150])
def test_differences_see_small_scales(x: float) -> None:
    """Steps that are far larger than x find 1/x flat and are sure of it; the small ones are believed."""
    slope = differentiate(lambda points: np.sqrt(points), x)
    assert abs(slope.value - 0.5 / np.sqrt(x)) <= 10 * slope.bar
    assert slope.bar < 1e-3 * slope.value


@pytest.mark.parametrize(
    ("text", "x", "entry", "slopes"),
    [
        ("sqrt(x^2)", 0, 0, (-1, 1)),
        ("sqrt(x^2)*3 + x", 0, 0, (-2, 4)),
        ("(x^2)^0.5 + 7", 0, 0, (-1, 1)),
        ("sum(sqrt(x^2))", [3, 0, 1], 1, (-1, 1)),
    ],
)
def test_a_kink_where_the_chain_rule_has_no_number(
    text: str, x: Any, entry: int, slopes: tuple[float, float]
) -> None:
    """Infinity times 0 is no slope, the function has two: a kink, but no gradient for the whole."""
    found = checked(text, x=x)
    assert found.nodes[0].verdict is Verdict.KINK
    assert found.nodes[0].entry == entry
    assert found.nodes[0].slopes == pytest.approx(slopes, rel=1e-6)
    assert "slope {:g} on the left, {:g} on the right; the backward pass says nan".format(*slopes) in (
        found.nodes[0].evidence
    )
    assert np.ravel(np.asarray(found.nodes[0].numeric))[entry] == pytest.approx(sum(slopes) / 2, abs=1e-6)
    assert found.verdict is Verdict.NONFINITE


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [
        ("sqrt(x^4)", Verdict.FAIL, "says nan, but the slope is 0"),
        ("cbrt(x^3)", Verdict.FAIL, "says nan, but the slope is 1"),
        ("sqrt(abs(x))", Verdict.NONFINITE, "the slope is nan here"),
        ("sqrt(x^3)", Verdict.DOMAIN, "leaves the domain of sqrt(x^3)"),
    ],
)
def test_no_kink_where_there_is_none(text: str, verdict: Verdict, words: str) -> None:
    """A function that is smooth, infinitely steep, or ends here, behind the same infinity times 0."""
    found = checked(text, x=0).nodes[0]
    assert found.verdict is verdict
    assert words in found.evidence


def test_a_fault_beside_such_a_kink_is_found() -> None:
    """One entry has no number; that another one is wrong weighs more."""
    broken = {**GATES, "square": factor(GATES["square"], "x", 1.01)}
    graph = graph_of("sum(sqrt(square(x)))", {"x": [0, 2]}, broken)
    found = check(graph).nodes[0]
    assert found.verdict is Verdict.FAIL
    assert found.entry == 1
