"""One row per node for spreadsheets and scripts: csv and tsv, with every digit."""

import re
from typing import Any

SPECIAL = re.compile(r'[,"\n\r]')
COLUMNS = (
    "id",
    "label",
    "name",
    "text",
    "gate",
    "shape",
    "value",
    "upstream",
    "numeric",
    "error",
    "verdict",
)


def delimited(report: Any, delimiter: str, max_items: int = 1000, summary: bool = False) -> str:
    """A report as csv (delimiter ",") or tsv (a tab), with a line of column names."""
    lines = [delimiter.join(COLUMNS)]
    for row in report.rows:
        if row.id != report.output and (row.gate == "constant" or (summary and row.gate != "input")):
            continue
        cells = (
            row.id,
            row.label,
            row.name or "",
            row.text,
            row.gate,
            "x".join(map(str, row.shape)),
            cell(row.value, max_items),
            cell(row.upstream, max_items),
            cell(row.numeric, max_items),
            cell(row.error, max_items),
            row.verdict or "",
        )
        lines.append(delimiter.join(quoted(text, delimiter) for text in cells))
    return "\n".join(lines) + "\n"


def cell(x: Any, max_items: int) -> str:
    """A number with every digit; an array as JSON."""
    if x is None:
        return ""
    if not getattr(x, "shape", ()):
        return repr(float(x))
    from .json import encode, value

    return encode(value(x, max_items))


def quoted(text: str, delimiter: str) -> str:
    """A cell as the delimiter demands it: quoted in csv; in tsv without tabs and newlines."""
    if delimiter == "\t":
        return " ".join(text.split()) if "\t" in text or "\n" in text or "\r" in text else text
    if SPECIAL.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text
