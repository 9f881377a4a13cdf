"""The two passes told gate by gate as JSON, schema gradcalc.explain/1."""

from typing import Any

from .json import dumps, value

SCHEMA = "gradcalc.explain/1"


def explain_json(report: Any, told: Any, max_items: int) -> str:
    """The stages in the order of the backward pass, and the gradients."""
    return dumps(
        {
            "schema": SCHEMA,
            "expression": report.expression,
            "output": told.output,
            "inputs": {name: value(x, max_items) for name, x in told.inputs},
            "forward": [{"equation": e, "value": value(x, max_items)} for e, x in told.forward],
            "backward": [stage(s, max_items) for s in told.backward],
            "gradients": {name: value(g, max_items) for name, g in report.gradients.items()},
        }
    )


def stage(found: Any, max_items: int) -> dict[str, Any]:
    """One gate: `shares` are what it sends to its inputs, `sums` the forks that are complete with it."""
    return {
        "node": found.label,
        "equation": found.equation,
        "gate": found.gate,
        "pattern": found.pattern,
        "sentence": found.sentence,
        "value": value(found.value, max_items),
        "upstream": value(found.upstream, max_items),
        "shares": [
            {
                "to": s.to,
                "formula": s.formula,
                "local": value(s.local, max_items),
                "product": value(s.product, max_items),
                "summed": s.summed,
                "shapes": {name: list(shape) for name, shape in s.shapes},
            }
            for s in found.shares
        ],
        "sums": [
            {
                "node": s.label,
                "parts": [value(p, max_items) for p in s.parts],
                "total": value(s.total, max_items),
            }
            for s in found.sums
        ],
    }
