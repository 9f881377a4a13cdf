"""The JSON contract of `gradcalc eval --format json` as code: what every report must look like."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

NODE = {
    "id", "name", "label", "text", "gate", "inputs", "shape", "value", "local", "upstream", "numeric",
    "error", "verdict", "terms",
}  # fmt: skip
VERDICTS = {"pass", "fail", "kink", "jump", "noise", "domain", "nonfinite", "vacuous", "unchecked", None}
STRINGS = {"NaN", "Infinity", "-Infinity"}


def refuse(name: str) -> float:
    """JSON has no NaN."""
    raise AssertionError(f"{name} is not JSON")


def checked(text: str, *, summary: bool = False) -> dict[str, Any]:
    """The report in `text`, once it has been held against the contract."""
    report: dict[str, Any] = json.loads(text, parse_constant=refuse)
    assert report["schema"] == "gradcalc.eval/1"
    assert isinstance(report["expression"], str)
    assert {"id", "name", "label", "text", "shape", "value"} <= set(report["output"])
    assert isinstance(report["gradients"], dict)
    assert all(is_value(gradient) for gradient in report["gradients"].values())
    if report["check"] is not None:
        assert {"verdict", "method", "worst"} <= set(report["check"])
        assert report["check"]["worst"] is None or {"node", "error"} == set(report["check"]["worst"])
    assert ("nodes" not in report) == summary
    for node in report.get("nodes", ()):
        check_node(node)
    if not summary:
        ids = [node["id"] for node in report["nodes"]]
        assert len(set(ids)) == len(ids)
        assert report["output"]["id"] in ids
        assert {key for node in report["nodes"] for key in node["inputs"]} <= set(ids)
    return report


def check_node(node: dict[str, Any]) -> None:
    """One node of a report."""
    assert set(node) >= NODE
    assert all(isinstance(node[key], str) for key in ("id", "label", "text", "gate"))
    assert node["verdict"] in VERDICTS
    assert is_value(node["value"])
    assert node["upstream"] is None or is_value(node["upstream"])
    assert node["numeric"] is None or is_value(node["numeric"])
    assert (node["inputs"] == []) == (node["gate"] in ("input", "constant"))
    for part in node["local"]:
        assert set(part) >= {"input", "value", "formula"}
        assert part["input"] in node["inputs"]
    for term in node["terms"]:
        assert set(term) >= {"into", "upstream", "local", "formula", "product"}
    if not node["shape"]:
        check_terms(node)


def check_terms(node: dict[str, Any]) -> None:
    """The terms of a scalar multiply out, and sum to its upstream gradient."""
    products = [term["product"] for term in node["terms"]]
    if not products or any(isinstance(p, str) for p in [*products, node["upstream"]]):
        return
    assert math.isclose(sum(products), node["upstream"], rel_tol=1e-12, abs_tol=1e-300)
    for term in node["terms"]:
        factors = (term["upstream"], term["local"])
        if all(isinstance(factor, float) for factor in factors):
            assert math.isclose(factors[0] * factors[1], term["product"], rel_tol=1e-12, abs_tol=1e-300)


def is_value(value: Any) -> bool:
    """A number, a string for a number that JSON has not, nested lists of them, or the summary of an array."""
    if isinstance(value, dict):
        return set(value) == {"shape", "min", "max", "norm"}
    kinds: Callable[[Any], bool] = is_value
    return (
        isinstance(value, float) or value in STRINGS
        if not isinstance(value, list)
        else all(map(kinds, value))
    )
