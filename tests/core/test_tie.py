"""What passes on a kink by other rules than a gate's own."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from gradcalc.session import Question, answer
from gradcalc.tie import RULES

KINKS: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    # expression, inputs; by rule the gradients, in the order of the inputs ("" the gate's own)
    ("max(x, y)", {"x": "2", "y": "2"},
     {"": (0.5, 0.5), "first": (1, 0), "half": (0.5, 0.5), "zero": (0, 0), "torch": (0.5, 0.5),
      "numpy": (1, 0)}),
    ("min(x, y)", {"x": "2", "y": "2"},
     {"": (0.5, 0.5), "first": (1, 0), "zero": (0, 0), "torch": (0.5, 0.5), "numpy": (1, 0)}),
    ("max(0, x)", {"x": "0"}, {"": (0.5,), "first": (0,), "half": (0.5,), "zero": (0,), "numpy": (0,)}),
    ("max(x, 0)", {"x": "0"}, {"": (0.5,), "first": (1,), "half": (0.5,), "zero": (0,), "numpy": (0,)}),
    ("relu(x)", {"x": "0"},
     {"": (0,), "first": (0,), "half": (0.5,), "zero": (0,), "torch": (0,), "numpy": (0,)}),
    ("abs(x)", {"x": "0"}, dict.fromkeys(("", *RULES), (0,))),
    ("clip(x, 0, 1)", {"x": "1"},
     {"": (1,), "first": (1,), "half": (0.5,), "zero": (0,), "torch": (1,), "numpy": (1,)}),
    ("max(x)", {"x": "[3, 1, 3]"},
     {"": ([0.5, 0, 0.5],), "first": ([1, 0, 0],), "zero": ([0, 0, 0],), "torch": ([0.5, 0, 0.5],),
      "numpy": ([1, 0, 0],)}),
    ("min(x)", {"x": "[1, 4, 1, 1]"}, {"first": ([1, 0, 0, 0],), "half": ([1 / 3, 0, 1 / 3, 1 / 3],)}),
    ("sum(max(x, axis=0))", {"x": "[[2, 5], [2, 1]]"},
     {"first": ([[1, 1], [0, 0]],), "zero": ([[0, 1], [0, 0]],)}),
    ("sum(max_pool1d(x, kernel_size=2, stride=1))", {"x": "[[2, 2, 1]]"},
     {"": ([[0.5, 1.5, 0]],), "first": ([[1, 1, 0]],), "zero": ([[0, 1, 0]],), "torch": ([[1, 1, 0]],)}),
    ("hypot(x, y)", {"x": "0", "y": "0"}, dict.fromkeys(("", *RULES), (0, 0))),
    # Where both slopes are positive, nothing at all is no slope: the gate's own rule stays.
    ("leaky_relu(x)", {"x": "0"}, {"": (0.01,), "zero": (0.01,), "half": (0.505,)}),
]  # fmt: skip
CASES = [
    pytest.param(text, inputs, rule, slopes, id=f"{text}-{rule or 'own'}")
    for text, inputs, rules in KINKS
    for rule, slopes in rules.items()
]


@pytest.mark.parametrize(("text", "inputs", "rule", "slopes"), CASES)
def test_rules(text: str, inputs: dict[str, str], rule: str, slopes: tuple[Any, ...]) -> None:
    """Each rule gives what it says."""
    found = answer(Question(text, inputs, tie=rule)).gradients
    for name, slope in zip(inputs, slopes, strict=True):
        np.testing.assert_allclose(found[name], slope, rtol=1e-12, atol=0)


@pytest.mark.parametrize("rule", RULES)
def test_off_the_tie_nothing_changes(rule: str) -> None:
    """Entries that stand on no kink keep their gradients."""
    inputs = {"x": "[1, 2, 3]", "y": "[2, 2, 2]"}
    own, other = (answer(Question("sum(max(x, y)*y)", inputs, tie=t)).gradients for t in ("", rule))
    for name in inputs:
        np.testing.assert_array_equal(np.delete(own[name], 1), np.delete(other[name], 1))


def verdict(text: str, inputs: dict[str, str], rule: str) -> str:
    """The verdict on all of it."""
    check = answer(Question(text, inputs, tie=rule)).check
    assert check is not None
    return check.verdict


@pytest.mark.parametrize(
    ("text", "inputs", "why"),
    [
        ("max(x, y)", {"x": "2", "y": "2"},
         "that is no slope of max(x, y): when its inputs move together its slope is 1, and the shares come "
         "to 0"),
        ("max(x)", {"x": "[3, 1, 3]"},
         "that is no slope of max(x): when what is tied moves together its slope is another than that of the "
         "shares"),
        ("relu(x)", {"x": "0"}, ""),
        ("max(0, x)", {"x": "0"}, ""),
    ],
)  # fmt: skip
def test_a_rule_that_was_asked_for_is_a_kink(text: str, inputs: dict[str, str], why: str) -> None:
    """At max(x, y) nothing at all is no slope when both move: it is said, and the rule named."""
    report = answer(Question(text, inputs, tie="zero"))
    assert report.check is not None
    assert report.check.verdict == "kink"
    assert report.notes == ("--tie zero: nothing passes on a tie, as with masks of > and <",)
    assert report.check.notes == ((why,) if why else ())


def test_a_rule_that_the_function_refutes_fails() -> None:
    """Between the slopes of max(2*x, x + 1) there is no 0, and max(x, x) has but one slope."""
    assert verdict("max(2*x, x + 1)", {"x": "1"}, "zero") == "fail"
    assert verdict("max(x, x)", {"x": "1"}, "zero") == "fail"
    assert [verdict("max(x, x)", {"x": "1"}, rule) for rule in ("first", "half")] == ["pass", "pass"]
    # With the mean of both slopes relu(x) - relu(-x) has the slope that the function has.
    assert [verdict("relu(x) - relu(-x)", {"x": "0"}, rule) for rule in ("", "half")] == ["fail", "pass"]


def test_what_differs_is_said() -> None:
    """A note where frameworks differ, and none where they agree."""
    report = answer(Question("max(x, y)", {"x": "2", "y": "2"}))
    assert report.notes == (
        "at a tie conventions differ: dx = 0.5, dy = 0.5 (as shown, half, torch); "
        "dx = 1, dy = 0 (first, numpy); dx = 0, dy = 0 (zero); --tie chooses",
    )
    assert answer(Question("relu(x)", {"x": "0"})).notes == ("by convention relu'(0) = 0",)
    assert answer(Question("max(x, y)", {"x": "2", "y": "3"})).notes == ()
    (said,) = answer(Question("clip(t, 0, 1)", {"t": "1"}), check=True).notes
    assert said == "by convention on a bound t takes the whole upstream gradient"
    assert answer(Question("max(x, y)", {"x": "2", "y": "2"}, tie="first")).notes == (
        "--tie first: of equal inputs or entries the first one takes the whole upstream gradient",
    )
    (said,) = answer(Question("max(x)", {"x": "[3, 1, 3]"})).notes
    assert said == (
        "at a tie conventions differ in dx: half, torch as shown; first, numpy otherwise; zero otherwise; "
        "--tie chooses"
    )


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="compares with torch, which is not here"
)
@pytest.mark.parametrize(
    ("text", "code", "x"),
    [
        ("relu(x)", "relu", [0.0, 1.0, -1.0]),
        ("relu6(x)", "nn.functional.relu6", [0.0, 6.0, 1.0]),
        ("abs(x)", "abs", [0.0, 2.0]),
        ("clip(x, -1, 1)", "hardtanh_as_clamp", [-1.0, 1.0, 0.0]),
        ("hardtanh(x)", "nn.functional.hardtanh", [-1.0, 1.0, 0.0]),
        ("leaky_relu(x)", "nn.functional.leaky_relu", [0.0, 1.0]),
        ("elu(x)", "nn.functional.elu", [0.0, 1.0]),
        ("selu(x)", "nn.functional.selu", [0.0, 1.0]),
        ("hardsigmoid(x)", "nn.functional.hardsigmoid", [-3.0, 3.0, 0.0]),
        ("hardswish(x)", "nn.functional.hardswish", [-3.0, 3.0, 0.0]),
        ("max(x)", "amax", [3.0, 1.0, 3.0]),
        ("min(x)", "amin", [3.0, 1.0, 1.0]),
        ("max(x, 2 - x)", "maximum_with", [1.0, 0.0]),
        ("max_pool1d(reshape(x, [1, 4]), kernel_size=2, stride=1)", "pool", [2.0, 2.0, 1.0, 1.0]),
    ],
)
def test_torch_is_torch(text: str, code: str, x: list[float]) -> None:
    """--tie torch is what torch answers, whose hardsigmoid has 1/6 in single precision."""
    torch = importlib.import_module("torch")
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    made: dict[str, Any] = {
        "hardtanh_as_clamp": lambda x: torch.clamp(x, -1, 1),
        "maximum_with": lambda x: torch.maximum(x, 2 - x),
        "pool": lambda x: torch.nn.functional.max_pool1d(x.reshape(1, 1, 4), 2, 1),
    }
    function: Any = made.get(code) or torch
    for part in code.split(".") if code not in made else ():
        function = getattr(function, part)
    function(leaf).sum().backward()
    shown = answer(Question(f"sum({text})", {"x": str(x)}, tie="torch")).gradients["x"]
    np.testing.assert_allclose(shown, leaf.grad.numpy(), rtol=1e-7)
