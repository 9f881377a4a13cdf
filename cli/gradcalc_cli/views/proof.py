"""The evidence for a verdict as plain data: slopes, error bars, the nearest kink, a domain that ends."""

from typing import Any

from .json import value


def proof_record(row: Any, report: Any) -> dict[str, Any] | None:
    """What the verdict on a row rests on; None where no entry was moved by itself.

    All of it is of one entry: the one that decided, or where both sides differ most. A difference of up to
    ten error bars is agreement.
    """
    found = row.proof
    if found is None:
        return None
    labels = {r.index: r for r in report.rows}
    left, right = found.slopes or (None, None)
    near = found.nearest
    return {
        "index": place(found.entry, row.shape),
        "method": "complex step" if found.step is None else "central differences",
        "step": number(found.step),
        "left": number(left),
        "right": number(right),
        "bars": {"analytic": number(found.bars[0]), "numeric": number(found.bars[1])},
        "nearest_kink": None
        if near is None
        else {
            **node(near.node, labels),
            "where": near.where,
            "margin": number(near.margin),
            "safe_step": number(near.safe),
        },
        "leaves_domain": None if found.outside is None else node(found.outside, labels),
    }


def node(index: int, rows: dict[int, Any]) -> dict[str, Any]:
    """A node by its id, label and text; one inside a function has its id only."""
    row = rows.get(index)
    if row is None:
        return {"node": f"n{index}", "label": None, "text": None}
    return {"node": row.id, "label": row.label, "text": row.text}


def number(x: float | None) -> Any:
    """A number as JSON holds it."""
    return None if x is None else value(float(x))


def place(flat: int, shape: tuple[int, ...]) -> list[int]:
    """The index of an entry."""
    index: list[int] = []
    for size in reversed(shape):
        flat, k = divmod(flat, size)
        index.insert(0, k)
    return index
