"""The corpus itself: right code is right, and every planted mistake is one, at exactly its arguments."""

from __future__ import annotations

import ast
import importlib.util
import warnings
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from convention import load
from mistakes import CATALOGUE, GOOD_SETUPS, MISTAKES, RIGHT_SETUPS, SETUPS, Planted, planted_source
from planting import FOLDER
from witness import STEP, TAKES_NO_UPSTREAM, TOLERANCE, Outcome, Slopes, numeric, run, start, wrong

VISIBLE = 1e-4  # of the largest entry: less than this no mistake may do
SINGLE = {"good_variants.py:float32_least_squares", "good_layers.py:single"}  # single precision inside
KINKS = {"good_points.py:relu_at_zero", "good_points.py:relu_at_zero_one"}  # not the mean of both slopes
TEN = {
    "layers.py": "affine relu conv_forward_naive max_pool_forward_naive dropout svm_loss softmax_loss",
    "norm_layers.py": "batchnorm batchnorm_forward layernorm",
    "rnn_layers.py": "rnn_step lstm_step",
    "networks.py": "TwoLayerNet",
}  # targets with at least ten mistakes


def key(mistake: Planted) -> str:
    """FILE.py:NAME."""
    return f"{mistake.file}:{mistake.target}"


def installed(target: str) -> None:
    """Skip what needs a framework that is not there."""
    kind = SETUPS[target].kind
    if kind in ("torch", "jax") and importlib.util.find_spec(kind) is None:
        pytest.skip(f"{kind} is not installed")


def examine(target: str, source: str | None = None) -> tuple[Outcome, Slopes]:
    """What the code says and what differences say."""
    file, name = target.split(":")
    setup = SETUPS[target]
    step = 1e-2 if target in SINGLE else STEP
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if setup.kind == "torch":
            importlib.import_module("torch").manual_seed(0)
        code, inputs = start(load(file, source), name, setup)
        outcome = run(code, inputs, alone=setup.kind in TAKES_NO_UPSTREAM)
        known = right(target) if source is not None else None
        if known and all(map(np.array_equal, outcome.outputs, known[0].outputs)):
            return outcome, known[1]
        return outcome, numeric(code, inputs, outcome.upstream, setup.wrt, step)


@cache
def right(target: str) -> tuple[Outcome, Slopes]:
    """The code without a mistake."""
    return examine(target)


@pytest.mark.parametrize("target", SETUPS)
def test_right_code_is_right(target: str) -> None:
    """Every gradient agrees with differences; nothing is changed in place."""
    installed(target)
    outcome, slopes = right(target)
    assert outcome.error is None
    assert outcome.mutated == ()
    assert set(outcome.gradients) == set(SETUPS[target].wrt)
    tolerance = 1e-3 if target in SINGLE else TOLERANCE
    if target in KINKS:
        assert wrong(outcome.gradients, slopes, tolerance)
        assert all(slopes.between(given, name) for name, given in outcome.gradients.items())
    else:
        assert wrong(outcome.gradients, slopes, tolerance) == ()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.target.split(',')[0]}-{m.note}")
def test_a_mistake_spoils_its_arguments_and_no_others(mistake: Planted) -> None:
    """Each listed gradient is visibly wrong, each other one right to 1e-6, and no name is missing."""
    installed(key(mistake))
    outcome, slopes = examine(key(mistake), planted_source(mistake))
    assert wrong(outcome.gradients, slopes, VISIBLE) == mistake.arguments
    assert wrong(outcome.gradients, slopes) == mistake.arguments
    assert ("crash" in mistake.names) == (outcome.error is not None)
    assert ("mutates" in mistake.names) == (outcome.mutated != ())
    changes = any(
        not np.array_equal(outcome.gradients[name], outcome.again[name]) for name in outcome.gradients
    )
    assert "mutates" in mistake.names or ("nondeterministic" in mistake.names) == changes
    if outcome.error is None:
        central = {name: slopes.central(name) for name in slopes.left}
        for name in mistake.arguments:
            seen = signature(name, np.asarray(outcome.gradients[name]), central)
            assert seen <= mistake.names, f"{name} also looks {seen - mistake.names}"


def signature(name: str, given: Any, central: dict[str, Any]) -> set[str]:
    """The names that the numbers alone prove, so that none of them is missing from the table."""
    true = central[name]
    if given.shape != true.shape:
        found = {"transposed"} if same(given, true.T) else set()
        axes = [(0,), (1,), (0, 1), (0, 2, 3)]
        sums = [given.sum(axis=a) for a in axes if max(a) < given.ndim]
        found |= {"not-summed"} if any(same(s.reshape(-1), true.reshape(-1)) for s in sums) else set()
    elif not np.any(given):
        return {"zero"}
    elif true.size == 1:
        return set()
    else:
        ratio = np.vdot(true, given) / np.vdot(true, true)
        proportional = same(given, ratio * true)
        found = {"sign" if abs(ratio + 1) < 1e-6 else "factor"} if proportional else set()
        found |= {"transposed"} if same(given, true.T) else set()
        if not found and same(np.sort(given, axis=None), np.sort(true, axis=None)):
            found.add("permuted")
    others = [slope for other, slope in central.items() if other != name]
    return found | ({"swapped"} if any(same(given, slope) for slope in others) else set())


def same(one: Any, other: Any) -> bool:
    """The same shape and, to the accuracy of differences, the same numbers."""
    return np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=1e-5, atol=1e-8)


def test_the_table_is_in_order() -> None:
    """Known names, known inputs, no mistake twice, and enough of each."""
    counts = Counter(map(key, MISTAKES))
    for mistake in MISTAKES:
        assert mistake.names <= set(CATALOGUE), mistake
        assert set(mistake.arguments) <= set(SETUPS[key(mistake)].wrt), mistake
        assert mistake.arguments or mistake.names == {"mutates"}, mistake
        assert mistake.note, mistake
    assert len({(key(m), planted_source(m)) for m in MISTAKES}) == len(MISTAKES)
    assert set(counts) == set(RIGHT_SETUPS)
    assert min(counts.values()) >= 5
    ten = {f"{file}:{name}" for file, names in TEN.items() for name in names.split()}
    assert min(count for target, count in counts.items() if target.split(",")[0] in ten) >= 10
    assert ten <= {target.split(",")[0] for target in counts}


def test_all_good_code_is_called() -> None:
    """Every function and class of the files in unusual styles has a setup, and there are many."""
    assert len(GOOD_SETUPS) >= 40
    for file in FOLDER.glob("good_*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = {n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
        called = {
            part for target in GOOD_SETUPS if target.startswith(f"{file.name}:") for part in parts(target)
        }
        helpers = {"Evaluation", "make_pseudo_huber", "damped", "counted", "Saved", "make_leaky", "Layer"}
        assert names - helpers <= called


def parts(target: str) -> set[str]:
    """The names that a target stands for."""
    names = target.split(":")[1].split(",")
    return set(names) | {f"{n}_{half}" for n in names for half in ("forward", "backward")}
