"""Mistakes are planted, written down to three digits, and must be named; noise must not be."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from circuits import CIRCUITS, Circuit, circuit, written
from gradcalc.answers import Marked
from gradcalc.faults import faults, overwrite
from gradcalc.gates import GATES
from gradcalc.graphs import CONSTANT, Graph
from gradcalc.rounding import rounded_passes, rounder
from gradcalc_cli.worked import opened
from planted_answers import NOISES, Noise, Planted, accused, plant


def judged(expression: str, given: dict[str, str], **inputs: Any) -> Marked:
    """The verdicts on these answers."""
    return circuit(expression, **inputs).key().judge(given)


def names(marked: Marked) -> list[str]:
    """What the candidates are called."""
    return [mistake.name for mistake in marked.mistakes]


def test_every_planted_mistake_is_named_and_mostly_alone() -> None:
    """All of the visible ones are named, and at least 85 % of them alone, all input gradients given."""
    planted = Planted(*map(sum, zip(*[plant(one.key()) for one in CIRCUITS], strict=True)))
    assert planted.visible > 5000
    assert planted.unseen < 0.005 * planted.visible
    assert planted.named == planted.visible
    assert planted.alone >= 0.95 * planted.visible


@pytest.mark.parametrize("which", ["all", "one"])
@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
def test_noise_is_given_no_mistake(noise: Noise, which: str) -> None:
    """Of 1,000 random wrong answers fewer than 5 % are given a mistake, also where only one is wrong."""
    assert accused([one.key() for one in CIRCUITS], noise, which, 1000) < 0.05


def broken(graph: Graph, node: int, gate: Any) -> dict[str, Any]:
    """The gradients of a graph in which one node has another gate, by the engine's own backward pass."""
    other = copy.copy(graph)
    other.gates = [*graph.gates[:node], gate, *graph.gates[node + 1 :]]
    return other.backward()


SCALAR = [one for one in CIRCUITS if "[" not in "".join(one.inputs.values())]


@pytest.mark.parametrize("one", SCALAR, ids=lambda one: one.text.strip()[:30])
def test_faults_planted_in_the_engine_are_named(one: Circuit) -> None:
    """The faults that the checker is tested with, planted in gates, are named by what they are."""
    key = one.key()
    graph = key.graph
    right = {name: written(value) for name, value in graph.gradients.items()}
    seen = 0
    for node, gate in enumerate(graph.gates):
        if gate is CONSTANT or not graph.inputs[node]:
            continue
        for fault in faults(gate, small=(0.0,)):
            if fault.name == "zero":
                continue  # people lose a branch or a term: other mistakes, tested as such
            if fault.input and graph.gates[graph.inputs[node][gate.inputs.index(fault.input)]] is CONSTANT:
                continue
            given = {name: written(value) for name, value in broken(graph, node, fault.gate).items()}
            if "nan" in given.values():
                continue  # nobody writes that down
            marked = key.judge({f"d{name}": text for name, text in given.items()})
            if given == right or marked.exit_code == 0:
                continue
            seen += 1
            known = [mistake.name for mistake in marked.mistakes]
            known += [name for mistake in marked.mistakes for name, _ in mistake.also]
            assert fault.name in known, (gate.name, fault.name, fault.input, given)
    assert seen > 5


def test_mistakes_are_named_though_numbers_were_rounded_on_the_way() -> None:
    """Faults in gates, all numbers on the way to three digits: what is found is what was planted."""
    planted = named = true = 0
    for one in SCALAR:
        key = one.key()
        graph = key.graph
        for node, gate in enumerate(graph.gates):
            for fault in faults(gate, small=(0.0,)) if graph.inputs[node] else ():
                other = copy.copy(graph)
                other.gates = [*graph.gates[:node], fault.gate, *graph.gates[node + 1 :]]
                with np.errstate(all="ignore"):
                    _, ups = rounded_passes(other, rounder("digits", 3), True)
                given = {f"d{x}": written(ups[i]) for x, i in graph.variables.items() if ups[i] is not None}
                marked = key.judge({name: text for name, text in given.items() if "nan" not in text})
                if fault.name == "zero" or sum(a.verdict == "wrong" for a in marked.answers) < 2:
                    continue
                known = {m.name for m in marked.mistakes} | {
                    also for m in marked.mistakes for also, _ in m.also
                }
                planted += 1
                named += bool(known)
                true += fault.name in known
    assert planted > 500
    assert named > 0.75 * planted
    assert true > 0.95 * named


def test_last_digits_that_rounding_moved() -> None:
    """1 - tanh for 1 - tanh^2, and dx from the rounded 1.495; one number alone proves too little."""
    point = {"a": 0.7, "x": 1.3, "b": -0.4, "c": 3}
    marked = judged("tanh(a*x+b)^2*c", {"da": "1.943", "dx": "1.047", "db": "1.495"}, **point)
    assert names(marked) == ["tanh' = 1 - z, not squared"]
    assert "are what you get, but for the rounding, with the rule tanh'" in marked.mistakes[0].text
    assert judged("tanh(a*x+b)^2*c", {"dx": "1.047"}, **point).mistakes == ()


@pytest.mark.parametrize("one", SCALAR, ids=lambda one: one.text.strip()[:30])
def test_a_fork_that_is_overwritten_is_named(one: Circuit) -> None:
    """`=` for `+=` in the engine is a lost branch."""
    key = one.key()
    other = copy.copy(key.graph)
    given = {f"d{name}": written(value) for name, value in other.backward(accumulate=overwrite).items()}
    marked = key.judge(given)
    if marked.exit_code:
        known = [mistake.name for mistake in marked.mistakes]
        known += [name for mistake in marked.mistakes for name, _ in mistake.also]
        assert "branch lost" in known


def test_the_lost_branch_in_words() -> None:
    """The words of the course, the nodes by their text."""
    marked = judged("x*sigmoid(x*y)", {"dx": "0.119", "dy": "0.420"}, x=2, y=-1)
    assert [mistake.text for mistake in marked.mistakes] == [
        "dx = 0.119 is what you get when only the branch through `x*sigmoid(x*y)` arrives at the fork x; "
        "the branch through `x*y` is lost"
    ]
    assert marked.mistakes[0].where == "the fork x"
    assert marked.mistakes[0].kind.startswith("when only the branch through")


@pytest.mark.parametrize(
    ("expression", "given", "inputs", "name"),
    [
        ("exp(-x)*y", {"dx": "0.818", "dy": "0.273"}, {"x": 1.3, "y": 3}, "sign lost"),
        ("x*y", {"dx": "3.20", "dy": "-1.70"}, {"x": 3.2, "y": -1.7}, "inputs swapped"),
        ("sigmoid(x)", {"dx": "-0.39"}, {"x": 1.3}, "sigmoid' = x*(1 - x), taken at the input"),
        ("tanh(x)", {"dx": "-0.690"}, {"x": 1.3}, "tanh' = 1 - x^2, taken at the input"),
        ("exp(x)*y", {"dx": "3.90", "dy": "3.67"}, {"x": 1.3, "y": 3}, "exp' = x"),
        ("sin(2*x)", {"dx": "-0.857"}, {"x": 1.3}, "inner derivative forgotten"),
        ("sin(x)*y", {"dx": "0.267"}, {"x": 1.3, "y": 3}, "upstream forgotten"),
        ("x^3", {"dx": "6.59"}, {"x": 1.3}, "the exponent not lowered: y*x^y"),
        ("x^3", {"dx": "1.69"}, {"x": 1.3}, "the factor y forgotten: x^(y-1)"),
        ("max(x, y)*z", {"dx": "2", "dy": "2"}, {"x": 1.3, "y": 3, "z": 2}, "both inputs credited"),
        ("max(x, y)*z", {"dx": "2", "dy": "0"}, {"x": 1.3, "y": 3, "z": 2}, "inputs swapped"),
        ("x*sin(x)", {"dx": "0.267"}, {"x": 1.3}, "product rule"),
        ("x/sin(x)", {"dx": "3.74"}, {"x": 1.3}, "quotient rule"),
        ("sin(x)", {"f": "0.0227", "dx": "1.00"}, {"x": 1.3}, "degrees for radians"),
        ("log(x)*y", {"f": "0.342", "dy": "0.114"}, {"x": 1.3, "y": 3}, "log10 for ln"),
        ("x + y*z", {"f": "9.2", "dx": "2"}, {"x": 1.3, "y": 3.3, "z": 2}, "precedence"),
        ("(x + y)*z", {"f": "7.9", "dy": "2", "dz": "3.3"}, {"x": 1.3, "y": 3.3, "z": 2},
         "brackets overlooked"),
        ("-x^2*y", {"f": "5.07", "dx": "7.80"}, {"x": 1.3, "y": 3}, "minus left out"),
        ("x*y*z", {"dx": "6.60", "dy": "2.60", "dz": "-4.29"}, {"x": 1.3, "y": -3.3, "z": -2}, "sign lost"),
        ("x*y", {"dx": "2.60", "dy": "3.70"}, {"x": 2.6, "y": 3.7}, "inputs swapped"),
        ("x*y", {"dx": "3.7", "dy": "26"}, {"x": 2.6, "y": 3.7}, "decimal point"),
        ("x*y", {"dx": "3.81", "dy": "2.61"}, {"x": 2.61, "y": 3.18}, "digits transposed"),
        ("sum(x*y)", {"dx": "[1.1,-2.5,3.3]"}, {"x": "[1,2,3]", "y": "[1.1,2.5,3.3]"}, "sign lost"),
        ("mean(x^2)", {"dx": "[2.2,5.0,6.6]"}, {"x": "[1.1,2.5,3.3]"}, "1/n forgotten"),
        ("mean(x^2)", {"dx": "0.45"}, {"x": "[.3,-.2,.575]"}, "summed too far"),
        ("y*2^x", {"dx": "10.4"}, {"x": 3, "y": 1.3}, "log(x) forgotten: x^y"),
        ("sin(x)*y", {"dx": "0.183"}, {"x": 3, "y": 1.3}, "value for slope"),
        ("x^3", {"dx": "1.73"}, {"x": 1.2}, "value for slope"),
        ("x*y + y", {"dx": "3.89", "dy": "2.2"}, {"x": 1.2, "y": 1.77}, "value for slope"),
        ("sum((W@x)^2)", {"dx": "[11.6,14.4]"}, {"W": "[[1.1,.2],[.3,1.7]]", "x": "[4,1.3]"},
         "the first factor not transposed: a @ dz"),
        ("sum((X@W)^2)", {"dX": "[[12.3,12.15]]"}, {"W": "[[1.1,.2],[.3,1.7]]", "X": "[[4,1.3]]"},
         "the second factor not transposed: dz @ b"),
        ("-log(softmax(s)[1])", {"ds": "[.231,.629,.140]"}, {"s": "[1,2,.5]"},
         "softmax' = -z*sum(dz*z), the numerator forgotten"),
        ("-log_softmax(s)[1]", {"ds": "[.231,.629,.140]"}, {"s": "[1,2,.5]"},
         "log_softmax' = -exp(z)*sum(dz), the entry itself forgotten"),
        ("-log(softmax(s)[1])", {"ds": "[-.769,.629,.140]"}, {"s": "[1,2,.5]"}, "counted from 1"),
    ],
)  # fmt: skip
def test_named(expression: str, given: dict[str, str], inputs: dict[str, Any], name: str) -> None:
    """Each of these is named, among the candidates or as the same as one."""
    marked = judged(expression, given, **inputs)
    assert marked.exit_code == 1
    found = names(marked) + [also for mistake in marked.mistakes for also, _ in mistake.also]
    assert name in found


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("[[2.06,-.72],[3.82,1.52]]", "broadcast not summed"),
        ("6.56", None),
        ("[[5.88,.800]]", "another shape"),
    ],
)
def test_shapes(given: str, name: str | None) -> None:
    """A gradient that was not summed back over the batch has its own mistake."""
    marked = judged(
        "s = X@W + b; sum(s^2)", {"db": given},
        X="[[.3,-1.2],[1.1,.4]]", W="[[.5,-.2],[.3,.8]]", b="[1.24,.66]",
    )  # fmt: skip
    assert marked.answers[0].verdict == "shape"
    assert names(marked) == ([] if name is None else [name])


def test_a_habit_is_one_mistake() -> None:
    """The same slip at every product is told once."""
    point = {"a": 1.5, "b": 2.2, "c": -0.3, "d": 0.7, "e": 2.4, "f": 3.1}
    given = {"da": "1.5", "db": "2.2", "dc": "-.3", "dd": ".7", "de": "2.4", "df": "3.1"}
    marked = judged("a*b + c*d + e*f", given, **point)
    assert len(marked.mistakes) == 1
    assert marked.mistakes[0].answers == tuple(given)
    assert "each input of every product gets its own value" in marked.mistakes[0].text


def test_two_mistakes_in_different_answers_are_told_separately() -> None:
    """Each for its own answers."""
    marked = judged("exp(-x)*y + sin(2*z)", {"dx": "0.818", "dy": "0.273", "dz": "-0.737"}, x=1.3, y=3, z=1.2)
    assert [(m.name, m.answers) for m in marked.mistakes] == [
        ("sign lost", ("dx",)),
        ("inner derivative forgotten", ("dz",)),
    ]


def test_few_digits_make_it_modest() -> None:
    """One digit proves little; three prove more."""
    assert " may be what you get " in judged("(x+y)*z", {"dy": "4"}, x=-2, y=5, z=-4).mistakes[0].text
    assert " is what you get " in judged("(x+y)*z", {"dy": "4.24"}, x=-2, y=5, z=-4.24).mistakes[0].text


def test_whole_numbers_are_taken_to_be_exact() -> None:
    """A mistake that gives exactly 8 is preferred to one that gives 8.25."""
    marked = judged("x^2 + y*z", {"dx": "2"}, x=2, y=5, z=2.1)
    assert marked.mistakes
    assert all("3" not in m.text for m in marked.mistakes)
    assert {"the factor y forgotten: x^(y-1)"} <= {m.name for m in marked.mistakes} | {
        name for m in marked.mistakes for name, _ in m.also
    }


def test_digits_that_are_too_coarse_show_no_mistake() -> None:
    """1 and 1 are not 1.16 and 1.1 by the rule of the digits, and so no quarter of what is right."""
    point = {"x": "[1,.5,.3,.2]", "a": 2.2, "b": 2.3}
    assert judged("sum(x)*a*b", {"da": "1", "db": "1"}, **point).mistakes == ()
    assert names(judged("sum(x)*a*b", {"da": "1.15", "db": "1.10"}, **point))[0] == "mean for sum"


def test_whole_numbers_in_an_array_are_taken_to_be_exact() -> None:
    """Local gradients of 1, and not a quarter of 4.2."""
    marked = judged("sum(x)*a*b", {"dx": "[1,1,1,1]"}, x="[1,.5,.3,.2]", a=2.1, b=2)
    assert names(marked) == ["upstream forgotten"]


def test_nothing_is_said_where_nothing_fits() -> None:
    """No mistake gives 0.777."""
    assert judged("sigmoid(w*x)", {"dw": "0.777", "dx": "0.123"}, w=2, x=-1).mistakes == ()


def test_many_candidates_are_counted() -> None:
    """At most five are listed, and the others are counted."""
    marked = judged("x*y + y*z + z*x", {"dx": "2"}, x=1, y=1, z=2)
    assert len(marked.mistakes) <= 5


def test_a_large_graph_is_searched_near_the_answers() -> None:
    """A limit is stated, and the mistakes nearest to the answer are still found."""
    text = "; ".join(["h = x", *["h = tanh(w*h + x)"] * 1200])
    key = circuit(text, x=0.3, w=0.7).key()
    true = key.graph.gradients["x"]
    marked = key.judge({"dx": written(-true, 4)})
    assert "nodes nearest to the answers" in marked.notes[0]
    assert names(marked)[0] == "sign lost"


EXAMPLES = [
    (text, inputs)
    for gate in GATES.values()
    for example in gate.examples
    for text, inputs in [opened(gate, example)]
    if inputs
]


@pytest.mark.parametrize(("text", "inputs"), EXAMPLES, ids=lambda v: v if isinstance(v, str) else "")
def test_a_wrong_sign_is_named_at_every_gate(text: str, inputs: dict[str, str]) -> None:
    """And nothing that is written, zeros, sums or transposes, breaks the search."""
    key = circuit(text, **inputs).key()
    for name, true in key.graph.gradients.items():
        if not np.all(np.isfinite(true)):
            continue
        for odd in (np.zeros(np.shape(true)), np.sum(true), np.transpose(true), true * 1.37):
            key.judge({f"d{name}": written(odd), "df": "2"})
        marked = key.judge({f"d{name}": written(-true, 4)})
        if marked.exit_code == 1:
            known = names(marked) + [also for m in marked.mistakes for also, _ in m.also]
            assert "sign lost" in known


def test_a_habit_is_told_with_the_numbers_of_its_gates() -> None:
    """Not with the letters of a gate's own formula, which are variables here."""
    marked = judged("x^2 + y^3", {"dx": "3", "dy": "16"}, x="3", y="4")
    texts = [mistake.text for mistake in marked.mistakes]
    assert any(
        "with the factor 2 forgotten and with the factor 3 forgotten, wherever it can be" in t for t in texts
    )
