"""--format json is a contract."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SPEC = importlib.util.spec_from_file_location("contract", Path(__file__).with_name("contract.py"))
assert SPEC is not None
assert SPEC.loader is not None
contract = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(contract)

LECTURE = ("(x+y)*z", "-x", "-2", "-y", "5", "-z", "-4")
SIGMOID = ["1/(1+exp(-(w0*x0+w1*x1+w2)))", "-w0", "2", "-x0", "-1", "-w1", "-3", "-x1", "-2", "-w2", "-3"]
CASES = {
    "lecture": LECTURE,
    "fork": ("(x+y)*x", "-x", "3", "-y", "-4"),
    "sigmoid": SIGMOID,
    "arrays": ("sum((W@x)^2)", "-W", "[[0.1,0.5],[-0.3,0.8]]", "-x", "[0.2,0.4]"),
    "array output": ("x*2", "-x", "[1,2]"),
    "broadcast": ("sum(X*b)", "-X", "[[1,2],[3,4]]", "-b", "[1,10]"),
    "parameter": ("s[i]", "-s", "[1,2,3]", "-i", "1"),
    "kink": ("relu(x)", "-x", "0"),
    "constants": ("2*(x*y + max(z,w))", "-x", "3", "-y", "-4", "-z", "2", "-w", "-1"),
    "not finite": ("sqrt(x)", "-x", "0"),
    "empty": ("sum(x)", "-x", "zeros(0)"),
    "unused node": ("q = x*2; x+1", "-x", "1"),
    "constant": ("2+3",),
}
SUCCESS = {"kink": 0, "not finite": 2}


@pytest.mark.parametrize("name", CASES)
def test_a_report_keeps_the_contract(run: Callable[..., Any], name: str) -> None:
    """Whatever is asked, the object has the same parts."""
    ran = run("eval", *CASES[name], "--format", "json")
    assert ran.code == SUCCESS.get(name, 0)
    assert ran.err == ""
    contract.checked(ran.out)


def test_the_lecture(run: Callable[..., Any]) -> None:
    """The example of the contract, to the letter."""
    report = contract.checked(run("eval", *LECTURE, "--format", "json").out)
    assert report["expression"] == "(x+y)*z"
    assert report["output"] == {
        "id": "n4", "name": None, "label": "f", "text": "(x+y)*z", "shape": [], "value": -12.0,
    }  # fmt: skip
    assert report["nodes"][0] == {
        "id": "n0", "name": "x", "label": "x", "text": "x", "gate": "input", "inputs": [], "shape": [],
        "value": -2.0, "local": [], "upstream": -4.0, "numeric": -4.0, "error": 0.0, "verdict": "pass",
        "terms": [{"into": "n3", "upstream": -4.0, "local": 1.0, "formula": "1", "product": -4.0}],
    }  # fmt: skip
    assert report["nodes"][3] == {
        "id": "n3", "name": None, "label": "q", "text": "x+y", "gate": "add", "inputs": ["n0", "n1"],
        "shape": [], "value": 3.0,
        "local": [
            {"input": "n0", "value": 1.0, "formula": "1"}, {"input": "n1", "value": 1.0, "formula": "1"},
        ],
        "upstream": -4.0, "numeric": -4.0, "error": 0.0, "verdict": "pass",
        "terms": [{"into": "n4", "upstream": 1.0, "local": -4.0, "formula": "z", "product": -4.0}],
    }  # fmt: skip
    assert report["gradients"] == {"x": -4.0, "y": -4.0, "z": 3.0}
    assert report["check"]["verdict"] == "pass"
    assert report["check"]["method"] == "complex step"
    assert report["check"]["worst"] == {"node": "x", "error": 0.0}


def test_floats_round_trip(run: Callable[..., Any]) -> None:
    """No digit is lost."""
    report = contract.checked(run("eval", "x/3", "-x", "0.1", "--format", "json").out)
    assert report["output"]["value"] == 0.1 / 3
    assert report["gradients"]["x"] == 1 / 3


def test_what_json_has_no_number_for_is_a_string(run: Callable[..., Any]) -> None:
    """NaN and infinities are strings, and the whole is strict JSON."""
    report = contract.checked(run("eval", "sqrt(x)", "-x", "0", "--format", "json").out)
    assert report["gradients"] == {"x": "Infinity"}


def test_large_arrays_are_summarised_in_nodes_only(run: Callable[..., Any]) -> None:
    """Beyond --max-items a node has shape, range and norm; gradients stay whole."""
    args = ("sum(x^2)", "-x", "arange(30)", "--format", "json", "--max-items", "10")
    report = contract.checked(run("eval", *args).out)
    node = report["nodes"][0]
    assert node["value"] == {"shape": [30], "min": 0.0, "max": 29.0, "norm": pytest.approx(92.49, abs=0.01)}
    assert node["checked"] == "directions"
    assert node["numeric"] is None
    assert report["gradients"]["x"] == [2.0 * k for k in range(30)]


def test_a_file_takes_the_arrays(run: Callable[..., Any], tmp_path: Path) -> None:
    """With --output FILE.npz, large gradients are summarised, too; the file has them."""
    import numpy as np

    path = tmp_path / "out.npz"
    args = ("sum(x^2)", "-x", "arange(30)", "--format", "json", "--max-items", "10", "--output", str(path))
    ran = run("eval", *args)
    assert ran.err == f"wrote {path}\n"
    assert contract.checked(ran.out)["gradients"]["x"]["shape"] == [30]
    with np.load(path) as arrays:
        assert arrays["dx"].tolist() == [2.0 * k for k in range(30)]
        assert float(arrays["f"]) == float(arrays["output"]) == sum(k * k for k in range(30))


def test_summary_leaves_the_nodes_out(run: Callable[..., Any]) -> None:
    """--summary is for those who want gradients only."""
    report = contract.checked(run("eval", *LECTURE, "--format", "json", "--summary").out, summary=True)
    assert report["gradients"] == {"x": -4.0, "y": -4.0, "z": 3.0}


def test_without_a_check(run: Callable[..., Any]) -> None:
    """--no-check leaves verdicts empty."""
    report = contract.checked(run("eval", *LECTURE, "--format", "json", "--no-check").out)
    assert report["check"] is None
    assert report["nodes"][0]["verdict"] is None


def test_standard_output_holds_the_object_and_nothing_else(run: Callable[..., Any]) -> None:
    """One object, one newline at its end; --color always changes nothing."""
    ran = run("eval", *LECTURE, "--format", "json", "--color", "always")
    assert ran.out == run("eval", *LECTURE, "--format", "json").out
    assert ran.out.endswith("}\n")
    assert json.loads(ran.out)
    assert ran.out.isascii()
