"""Every gate through its record: text against code, derivative against the numeric witness, faults caught."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc import GATES, Gate
from gradcalc.blame import guilty
from gradcalc.build import build
from gradcalc.checks import check
from gradcalc.errors import GradcalcError
from gradcalc.faults import factor
from gradcalc.gate import as_value, downstream
from gradcalc.selftest.planted import in_gate
from gradcalc.selftest.uses import missing, moving
from gradcalc.selftest.uses import points as inside
from gradcalc.syntax import parse

LOCAL = [g for g in GATES.values() if g.local]
EXAMPLES = [(g.name, text) for g in GATES.values() for text in g.examples]
NAMES = "abcdefgh"


def points(gate: Gate, count: int = 40) -> list[np.ndarray]:
    """Values for each input, the same in every run."""
    return inside(gate, count, np.random.default_rng(sum(map(ord, gate.name))))


def evaluate(text: str, names: dict[str, Any]) -> Any:
    """A formula's value, through the language itself."""
    used = {n: v for n, v in names.items() if n in _words(text)}
    graph = gradcalc.graph(text, **used)
    graph.run(0)  # not forward(): a slope may be infinite
    return graph.values[graph.output]


def _words(text: str) -> set[str]:
    return {str(item.value) for item in parse(text).items if item.kind == "name"}


@pytest.mark.parametrize("gate", LOCAL, ids=str)
def test_formula_and_code_agree(gate: Gate) -> None:
    """The text of the forward and of each derivative gives what the code gives."""
    if missing(gate):
        pytest.skip("needs the scipy extra")
    xs = points(gate)
    params = {k: v for k, v in gate.params.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}
    with np.errstate(all="ignore"):
        z = gate.forward(*xs)
        names = {**dict(zip(gate.inputs, xs, strict=True)), **params}
        np.testing.assert_allclose(
            np.broadcast_to(evaluate(gate.formula, names), z.shape),
            z,
            rtol=1e-9,
            atol=1e-12,
            err_msg=f"gate {gate.name!r}: the formula {gate.formula} is not what forward computes",
        )
        for name, derivative in gate.local.items():
            slope = np.broadcast_to(derivative.code(z, *xs), z.shape)
            told = np.broadcast_to(evaluate(derivative.text, {**names, "z": z}), z.shape)
            np.testing.assert_allclose(
                told,
                slope,
                rtol=1e-8,
                atol=1e-10,
                err_msg=f"gate {gate.name!r}: the text {derivative.text} for d/d{name} is not its code",
            )


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[f"{n}: {t}" for n, t in EXAMPLES])
def test_examples_run(name: str, text: str) -> None:
    """Every example of a record is a constant expression with a finite value."""
    try:
        graph = gradcalc.graph(text)
        value = graph.forward() if graph.inputs[graph.output] else graph.values[graph.output]
    except GradcalcError as error:
        if error.kind == "missing":
            pytest.skip("needs the scipy extra")
        raise
    assert np.all(np.isfinite(value))


VJP = [(n, t) for n, t in EXAMPLES if GATES[n].vjp]


@pytest.mark.parametrize(("name", "text"), VJP, ids=[f"{n}: {t}" for n, t in VJP])
def test_vjp_gates_agree_with_the_numeric_side(name: str, text: str) -> None:
    """The example of a vjp gate, its literals moved: the check passes (or finds a declared kink)."""
    try:
        graph = moving(text).graph()
    except GradcalcError as error:
        if error.kind == "missing":
            pytest.skip("needs the scipy extra")
        raise
    found = check(graph)
    assert found.verdict in ("pass", "kink", "jump"), str(found.nodes)


@pytest.mark.parametrize("gate", GATES.values(), ids=str)
def test_planted_faults_are_caught_by_name(gate: Gate) -> None:
    """Each single fault of a gate fails the check, and the gate is named; the right gate passes."""
    found = in_gate(gate.name, 0, 1)
    if found.skipped:
        pytest.skip("needs the scipy extra")
    assert not found.alarms
    assert found.count("missed", "below the bar") == 0, found.missed + found.spared
    assert found.count("caught") == sum(found.named.values())


@pytest.mark.parametrize("gate", LOCAL, ids=str)
def test_zero_upstream_gives_zero_and_shapes_fit(gate: Gate) -> None:
    """backward() of a zero upstream is zero in each input's own shape, broadcast inputs included."""
    if missing(gate):
        pytest.skip("needs the scipy extra")
    xs = [x[:3] for x in points(gate)]
    if len(xs) > 1:
        xs[0] = xs[0][:1]  # broadcast along the only axis
    with np.errstate(all="ignore"):
        z = gate.forward(*xs)
        for name, dx in gate.backward(np.zeros_like(z), z, *xs).items():
            assert np.shape(dx) == np.shape(xs[gate.inputs.index(name)])
            assert not np.any(dx)


@pytest.mark.parametrize("gate", [g for g in LOCAL if len(g.inputs) == len(g.local) == 2], ids=str)
def test_a_missing_unbroadcast_is_caught(gate: Gate) -> None:
    """A gradient that is not summed back over broadcast axes has the wrong shape, and is refused."""
    xs = [np.float64(points(gate)[0][0]), points(gate)[1][:3]]
    if gate.domain is not None and not np.all(gate.domain.holds(*xs)):
        xs[0] = np.float64(1.5)
    with np.errstate(all="ignore"):
        z = gate.forward(*xs)
        dx = downstream(gate, 0, np.ones_like(z), z, tuple(xs))
    assert np.shape(dx) == ()


def test_scalars_stay_scalars() -> None:
    """A gate of scalars answers np.float64, never a 0-d array: the engine counts on it."""
    for gate in LOCAL:
        if missing(gate):
            continue
        z = gate.forward(*[np.float64(x[0]) for x in points(gate)])
        assert isinstance(z, (float, np.float64)), gate.name


def test_the_guilty_gate_is_found_among_many() -> None:
    """One wrong gate among several is the only one named."""
    broken = {**GATES, "tanh": factor(GATES["tanh"], "x", 1.0000001)}
    inputs = {"x": as_value(0.3), "y": as_value(-1.2)}
    graph = build(parse("exp(tanh(x)*y) + sin(x)", bound=("x", "y")), inputs, gates=broken)
    graph.forward()
    graph.backward()
    found = guilty(graph, np.random.default_rng(0))
    assert [graph.gates[i].name for i in found] == ["tanh"]
