"""Exercises: circuits of the size and gates asked for, at points where mistakes show."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gradcalc import GATES
from gradcalc.blanks import blanks
from gradcalc.build import build
from gradcalc.circuits import circuit, gates_by_name, is_usable
from gradcalc.errors import GradcalcError
from gradcalc.exercises import LEVELS, Exercise, completed, exercises, inputs
from gradcalc.graphs import CONSTANT
from gradcalc.key import Key
from gradcalc.quantities import Quantity
from gradcalc.session import Question, answer, prepare
from gradcalc.syntax import parse
from gradcalc.telling import COMMON, telling

CHOICES = (
    ("add", "mul"), ("add", "mul", "max", "sigmoid"), ("sigmoid",), ("sub", "tanh"), ("div", "exp", "neg"),
    ("hypot",), ("reciprocal", "square", "sub"), ("min", "relu"),
)  # fmt: skip
DRAWN = [(level, seed) for level in LEVELS for seed in range(4)]


def drawn(level: str, seed: int) -> Exercise:
    return next(exercises(seed, 1, level))


@pytest.mark.parametrize("names", CHOICES, ids=" ".join)
@pytest.mark.parametrize("forks", [0, 2])
def test_a_circuit_has_its_size_and_its_gates(names: tuple[str, ...], forks: int) -> None:
    """So many gates, of these kinds, and every one leads to the output."""
    gates = gates_by_name(names)
    for size in range(1, 13):
        text = circuit(np.random.default_rng(size), size, gates, forks=forks)
        graph = build(parse(text, bound=inputs(text)), dict.fromkeys(inputs(text), 0.7))
        used = [i for i in range(len(graph)) if graph.inputs[i]]
        assert len(used) == size, text
        shown = {graph.gates[i].name for i in used} - {"pow"}
        assert shown <= {gate.name for gate in gates}, text
        assert all(graph.reach[i] for i in used), text


@pytest.mark.parametrize("name", [n for n, g in GATES.items() if is_usable(g)])
def test_every_usable_gate_can_be_written(name: str) -> None:
    """The text of a gate's use is that gate again."""
    text = circuit(np.random.default_rng(0), 1, gates_by_name([name]))
    for value in (0.6, 1.5, 3.0):
        try:
            graph = prepare(Question(text, {n: value + k / 4 for k, n in enumerate(inputs(text))}))
        except GradcalcError:
            continue
        assert graph.gates[graph.output].name in (name, "pow" if name == "square" else name)
        return
    pytest.fail(f"{text} has no value anywhere")


@pytest.mark.parametrize(("level", "seed"), DRAWN)
def test_an_exercise_is_worth_doing(level: str, seed: int) -> None:
    """It has its size, its check passes, and its numbers can be computed by hand."""
    exercise = drawn(level, seed)
    report = answer(exercise.question)
    assert report.check is not None
    assert report.check.verdict == "pass"
    assert sum(bool(row.inputs) for row in report.rows) == LEVELS[level].size
    assert all(abs(float(row.value)) <= 200 for row in report.rows)
    assert all(len(value.lstrip("-").replace(".", "")) <= 2 for value in exercise.inputs.values())
    uses = [len(row.terms) for row in report.rows if row.gate != "constant"]
    assert sum(n > 1 for n in uses) >= min(LEVELS[level].forks, 1)


@pytest.mark.parametrize(("level", "seed"), DRAWN)
def test_no_common_mistake_passes_for_right(level: str, seed: int) -> None:
    """Its numbers, to three digits, are marked wrong, and the mistake is named."""
    key = Key.of(drawn(level, seed).question)
    asked = {key.names.spell(q): q for q in (Quantity("gradient", i) for i in key.graph.variables.values())}
    for name in asked:
        key.quantity(name)
    bare = "{:.3g}", "{:#.3g}"  # 6, and 6.00
    for (mutant, given), form in product(key.table(tuple(asked.values())).rows, bare):
        numbers = [given.get(q, key.true[q]) for q in asked.values()]
        if mutant.cost > COMMON or any(v is None for v in numbers):
            continue
        written = [form.format(np.float64(v) + 0.0) for v in numbers]
        marked = key.judge(dict(zip(asked, written, strict=True)))
        assert marked.exit_code in (1, 3), mutant.text  # 3: written too short to tell
        named = {m.name for m in marked.mistakes} | {n for m in marked.mistakes for n, _ in m.also}
        assert marked.more or mutant.name in named, mutant.text


def test_mixed_up_points_are_told() -> None:
    """2*2 is 2+2: at 2 a product shows no more than a sum; a move tells them apart."""
    bad = telling(Question("x+y*z", {"x": "3", "y": "2", "z": "2"}))
    assert not bad.clear
    assert any("own value" in a or "own value" in b for a, b in bad.mixed) or any(
        "own value" in text for text in bad.hidden
    )
    assert telling(Question("x+y*z", {"x": "3", "y": "2", "z": "-5"})).clear


def test_the_seed_decides() -> None:
    """The k-th exercise hangs on the seed and on k, not on how many there are."""
    five = list(exercises(3, 5, "easy"))
    assert five[:2] == list(exercises(3, 2, "easy"))
    assert len({e.text + str(e.inputs) for e in five}) == 5
    assert five != list(exercises(4, 5, "easy"))


def test_a_given_value_stays() -> None:
    """Only what is open is drawn; arrays are not."""
    found = completed("(x+y)*z", {"x": "pi/2"})
    assert found.inputs["x"] == "pi/2"
    assert list(found.inputs) == ["x", "y", "z"]
    assert completed("x*y", {"x": "2", "y": "2"}).inputs == {"x": "2", "y": "2"}
    with pytest.raises(GradcalcError, match="no values for W were found where mistakes show well"):
        completed("sum(W@x)", {"x": "[1, 2]"})


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("mull",), "there is no gate mull"),
        (("floor",), "no exercise can be made of floor"),
        (("matmul",), "no exercise can be made of matmul"),
        (("where",), "no exercise can be made of where"),
    ],
)
def test_unfit_gates_are_refused(names: tuple[str, ...], message: str) -> None:
    """By name."""
    with pytest.raises(GradcalcError) as caught:
        gates_by_name(names)
    assert caught.value.message == message


def test_the_blanks_of_the_lecture() -> None:
    """Forward values, slopes, gradients backwards; the output's own slopes are its gradients."""
    key = Key.of(Question("(x+y)*z", {"x": "-2", "y": "5", "z": "-4"}))
    assert [b.name for b in blanks(key)] == ["q", "f", "dq/dx", "dq/dy", "dq", "dx", "dy", "dz"]


PROGRAMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("x*x + x", {"x": "3"}), ("x + x", {"x": "3"}), ("f(t) = t^2; f(x)*y", {"x": "3", "y": "2"}),
    ("sum(W@x)", {"W": "[[1,2],[3,4]]", "x": "[1,-1]"}), ("x[0]*x[1]", {"x": "[3, 4]"}), ("7*x", {"x": "1"}),
    ("x", {"x": "1"}), ("q = x+1; y = 3; q*2", {"x": "2"}), ("x = 2; x = x^2; x*3", {}),
    ("where(x > 0, x, y)", {"x": "1", "y": "2"}), ("dx*x", {"dx": "2", "x": "3"}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "given"), PROGRAMS, ids=[t for t, _ in PROGRAMS])
def test_each_blank_is_its_quantity(text: str, given: dict[str, str]) -> None:
    """Its name means it and nothing else, and no constant is asked for."""
    key = Key.of(Question(text, given))
    for blank in blanks(key):
        assert key.quantity(blank.name) == blank.quantity
        assert key.graph.gates[blank.quantity.node] is not CONSTANT
