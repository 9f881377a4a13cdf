"""The report as JSON: the contract that others script against, schema gradcalc.eval/1."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

SCHEMA = "gradcalc.eval/1"


def report_json(
    report: Any, max_items: int = 1000, summary: bool = False, arrays_elsewhere: bool = False
) -> str:
    """A report as one JSON object; `summary` leaves the nodes out.

    In nodes, arrays of more than `max_items` entries are summarised; in gradients only if
    `arrays_elsewhere`, because a file took them.
    """
    out = next(row for row in report.rows if row.id == report.output)
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "expression": report.expression,
        "output": {
            "id": out.id,
            "name": out.name,
            "label": out.label,
            "text": out.text,
            "shape": list(out.shape),
            "value": value(out.value, max_items),
        },
    }
    if not summary:
        record["nodes"] = [node(row, max_items) for row in report.rows]
    most = max_items if arrays_elsewhere else None
    record["gradients"] = {name: value(gradient, most) for name, gradient in report.gradients.items()}
    record["check"] = None if report.check is None else check(report.check)
    notes = [*report.notes, *(report.check.notes if report.check is not None else ())]
    if notes:
        record["notes"] = notes
    return dumps(record)


def node(row: Any, max_items: int) -> dict[str, Any]:
    """One row of a report."""
    record = {
        "id": row.id,
        "name": row.name,
        "label": row.label,
        "text": row.text,
        "gate": row.gate,
        "inputs": list(row.inputs),
        "shape": list(row.shape),
        "value": value(row.value, max_items),
        "local": [
            {"input": part.input, "value": value(part.value, max_items), "formula": part.formula}
            for part in row.local
        ],
        "upstream": value(row.upstream, max_items),
        "numeric": value(row.numeric, max_items),
        "error": value(row.error),
        "verdict": row.verdict,
        "terms": [
            {
                "into": term.into,
                "upstream": value(term.upstream, max_items),
                "local": value(term.local, max_items),
                "formula": term.formula,
                "product": value(term.product, max_items),
            }
            for term in row.terms
        ],
    }
    if row.verdict is not None and row.checked and row.checked != "entries":
        record["checked"] = row.checked
    if row.bar is not None and row.verdict != "pass":
        record["bar"] = strict(float(row.bar))
    if row.evidence:
        record["evidence"] = row.evidence
    return record


def check(summary: Any) -> dict[str, Any]:
    """What the check concludes."""
    worst = None
    if summary.worst_node is not None:
        worst = {"node": summary.worst_node, "error": value(summary.worst_error)}
    return {
        "verdict": str(summary.verdict),
        "method": summary.method,
        "worst": worst,
        "agree": summary.agree,
        "total": summary.total,
    }


def value(x: Any, max_items: int | None = None) -> Any:
    """A number or an array as JSON holds it: non-finite numbers are strings, large arrays a summary."""
    if x is None:
        return None
    shape = getattr(x, "shape", ())
    if not shape:
        return strict(float(x))
    if max_items is not None and x.size > max_items:
        norm = float((x * x).sum()) ** 0.5
        ends = (float(x.min()), float(x.max()))
        return {"shape": list(shape), "min": strict(ends[0]), "max": strict(ends[1]), "norm": strict(norm)}
    listed = x.tolist()
    return listed if finite(x) else strict(listed)


def finite(x: Any) -> bool:
    """Whether all entries are finite."""
    return not x.size or float("-inf") < x.min() <= x.max() < float("inf")


def strict(x: Any) -> Any:
    """Nested lists of floats, with NaN, Infinity and -Infinity as strings."""
    if isinstance(x, list):
        return [strict(entry) for entry in x]
    if x != x:
        return "NaN"
    if x in (float("inf"), float("-inf")):
        return "Infinity" if x > 0 else "-Infinity"
    return x


def error_json(error: Mapping[str, Any]) -> str:
    """An error as one JSON object, schema gradcalc.error/1."""
    return dumps({"schema": "gradcalc.error/1", "error": dict(error)})


def dumps(record: Mapping[str, Any]) -> str:
    """One JSON object, a key of the top level a line, and a node a line."""
    return "{" + ",\n ".join(members(record)) + "}\n"


def members(record: Mapping[str, Any]) -> Iterator[str]:
    """The members of the top level as text."""
    for key, content in record.items():
        if key in ("nodes", "answers", "gates") and content:
            lines = ",\n  ".join(encode(entry) for entry in content)
            yield f"{encode(key)}: [\n  {lines}]"
        else:
            yield f"{encode(key)}: {encode(content)}"


encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode
