"""The story of a backward pass: every number in it multiplies out, for every gate."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcalc import GATES
from gradcalc.errors import GradcalcError
from gradcalc.explain import Told, explain
from gradcalc.gate import Pattern, downstream
from gradcalc.session import Question, answer, prepare
from gradcalc_cli.views.explain import as_latex, as_markdown, story
from gradcalc_cli.worked import worked

WORKED = [name for name, gate in GATES.items() if worked(gate) is not None]
PROGRAMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("(x+y)*z", {"x": "-2", "y": "5", "z": "-4"}),
    ("x*x", {"x": "3"}),
    ("x*sigmoid(x*y) + x/y", {"x": "2", "y": "-1.5"}),
    ("max(x, y)*max(y, z) - max(x, z)", {"x": "3", "y": "-1", "z": "2"}),
    ("1/(1 + exp(-(w0*x0 + w1*x1 + w2)))", {"w0": "2", "x0": "-1", "w1": "-3", "x1": "-2", "w2": "-3"}),
    ("s(t) = 1/(1+exp(-t)) with dt = (1-s)*s; s(x)*s(2*x)", {"x": "0.4"}),
    ("sum(relu(X@W + b)*m)", {"X": "[[1,2],[3,4],[5,6]]", "W": "[[1,-1],[0,2]]", "b": "[0.1, -9]", "m": "2"}),
)
NUMBER = r"\(?(-?(?:\d[\d.]*(?:e[+-]?\d+)?|inf|nan))\)?"


def told(text: str, given: dict[str, str]) -> Told:
    return explain(answer(Question(text, given), check=False))


def sentences(found: Told) -> list[str]:
    return ["".join(text for text, _ in passage.spans) for passage in story(found, 17, "×")]


def multiplies_out(found: Told) -> int:
    """Hold every product and sum that is written against its own numbers; how many there were."""
    count = 0
    for sentence in sentences(found):
        product = re.search(rf"so {NUMBER} × {NUMBER} = {NUMBER}\.$", sentence)
        if product is not None:
            a, b, c = map(float, product.groups())
            if a != 0 or np.isfinite(b):  # nothing arrives at an infinite slope: nothing passes
                np.testing.assert_allclose(a * b, c, rtol=1e-12, atol=1e-300)
            count += 1
        fork = re.search(rf"shares add, d\w+ = ((?:{NUMBER} \+ )+{NUMBER}) = {NUMBER}\.$", sentence)
        if fork is not None:
            parts = [float(part.strip("()")) for part in fork[1].split(" + ")]
            np.testing.assert_allclose(sum(parts), float(fork.groups()[-1]), rtol=1e-11, atol=1e-13)
            count += 1
    return count


@pytest.mark.parametrize("name", WORKED)
def test_every_gate_is_told_by_its_own_record(name: str) -> None:
    """Its pattern's sentence, its formulas, and the numbers that it really sends back."""
    example = worked(GATES[name])
    assert example is not None
    found = explain(example.report)
    graph = prepare(Question(example.text, example.inputs))
    stage = found.backward[0]
    i = graph.output
    gate = graph.gates[i]
    assert stage.sentence == gate.pattern.sentence
    assert stage.gate == gate.name
    xs = tuple(graph.values[j] for j in graph.inputs[i])
    sent = {}
    for position, j in enumerate(graph.inputs[i]):
        if gate.derivative(position) is not None and j in graph.variables.values():
            with np.errstate(all="ignore"):
                sent[graph.names_by_index[j]] = downstream(
                    gate, position, graph.upstreams[i], xs=xs, z=graph.values[i]
                )
    assert [share.to for share in stage.shares] == list(sent)
    for share in stage.shares:
        np.testing.assert_array_equal(share.product, sent[share.to])
        if share.local is not None and not share.summed:
            np.testing.assert_allclose(share.local * stage.upstream, share.product, rtol=1e-13, atol=1e-300)
    scalars = [
        s
        for s in stage.shares
        if s.local is not None and not np.ndim(s.local) and not np.ndim(stage.upstream)
    ]
    assert multiplies_out(found) >= len(scalars)


@pytest.mark.parametrize(("text", "given"), PROGRAMS, ids=[text for text, _ in PROGRAMS])
def test_the_shares_of_a_node_are_its_gradient(text: str, given: dict[str, str]) -> None:
    """Whatever is sent to a node adds up to what arrives there, and each fork is told once."""
    found = told(text, given)
    report = answer(Question(text, given), check=False)
    sent: dict[str, list[object]] = {}
    for stage in found.backward:
        for share in stage.shares:
            sent.setdefault(share.to, []).append(share.product)
    for row in report.rows:
        if row.label in sent and row.gate != "constant":
            np.testing.assert_allclose(sum(sent[row.label]), row.upstream, rtol=1e-12, atol=1e-15)  # type: ignore[arg-type]
    assert sorted(s.label for stage in found.backward for s in stage.sums) == sorted(
        label for label, parts in sent.items() if len(parts) > 1
    )
    multiplies_out(found)


def test_what_is_sent_has_arrived() -> None:
    """No gate is told before all its users, and none twice."""
    found = told(*PROGRAMS[3])
    seen: set[str] = set()
    for stage in found.backward:
        assert stage.label not in seen
        assert not seen.intersection(share.to for share in stage.shares)
        seen.add(stage.label)
    assert len(seen) == len(found.forward)


def test_only_the_way_to_wrt() -> None:
    """Other branches are left out."""
    report = answer(Question("x*exp(y) + z", {"x": "2", "y": "0", "z": "1"}), check=False)
    found = explain(report, ("x",))
    assert {share.to for stage in found.backward for share in stage.shares} == {"x", "q2"}
    with pytest.raises(GradcalcError, match="--wrt: w is not an input"):
        explain(report, ("w",))


def test_the_shapes_of_a_matrix_product() -> None:
    """dW = X.T @ ds, with the shapes of both."""
    found = told("s = X@W; sum(s)", {"X": "[[1,2],[3,4],[5,6]]", "W": "[[1,-1],[0,2]]"})
    (share,) = [share for stage in found.backward for share in stage.shares if share.to == "W"]
    assert (share.formula, share.shapes) == ("X.T@ds", (("X", (3, 2)), ("ds", (3, 2))))
    assert "to W: X.T@ds, with X (3,2), ds (3,2), is (2,2): [[ 9 9] [12 12]]." in [
        re.sub(r" +", " ", sentence) for sentence in sentences(found)
    ]


def test_a_function_is_one_gate() -> None:
    """Told as what it is; no pattern is made up for it."""
    found = told("s(t) = 1/(1+exp(-t)); s(x)*s(2*x)", {"x": "0.4"})
    assert {s.pattern for s in found.backward} == {"function", Pattern.SWITCHER.word}


@pytest.mark.parametrize(("text", "given"), PROGRAMS, ids=[text for text, _ in PROGRAMS])
def test_documents_are_well_formed(text: str, given: dict[str, str]) -> None:
    """Every code span and environment closes."""
    said = story(told(text, given), 4, "×")
    markdown = as_markdown(said)
    assert all(line.count("`") % 2 == 0 for line in markdown.splitlines())
    latex = as_latex(said)
    stack: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", latex):
        if kind == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    assert not stack
    assert re.sub(r"\\[{}_&#%]", "", latex).count("{") == re.sub(r"\\[{}_&#%]", "", latex).count("}")
    assert latex.count("$") % 2 == 0
    assert latex.isascii()


@pytest.mark.parametrize(
    ("text", "inputs", "words"),
    [
        (
            "max(x,y)",
            {"x": 2, "y": 2},
            "; here x = y, where a tie gives half of the upstream gradient to each",
        ),
        ("abs(x)", {"x": 0}, "; here x = 0, where abs'(0) = 0"),
        ("max(x,y)", {"x": 2, "y": 3}, ""),
    ],
)
def test_on_a_kink_its_rule_is_told(text: str, inputs: dict[str, float], words: str) -> None:
    """What a gate answers on its kink, and nothing beside it."""
    (stage,) = explain(answer(Question(text, inputs), check=False)).backward
    assert stage.sentence.partition(";")[2] == words.partition(";")[2]


def test_the_rule_that_was_asked_for_is_told() -> None:
    """With a rule for ties it is that one."""
    (stage,) = explain(answer(Question("abs(x)", {"x": 0}, tie="half"), check=False)).backward
    assert stage.sentence.endswith(
        "; here x = 0, where the mean of both slopes: k tied entries take 1/k each, relu'(0) = 1/2"
    )
