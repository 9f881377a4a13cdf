"""The contents of an --output file, by its ending."""

from io import BytesIO
from typing import Any

from gradcalc.errors import GradcalcError

ENDINGS = (".npz", ".json", ".csv", ".tsv", ".md", ".tex")
MOST_NODES = 10_000  # beyond that, a .npz file takes the inputs and the output only


def ending(path: str) -> str:
    """The ending of a file that can be written."""
    for known in ENDINGS:
        if path.lower().endswith(known):
            return known
    raise GradcalcError(
        f"--output can't tell what to write into {path}",
        kind="usage",
        hint=f"its name may end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}",
    )


def contents(report: Any, path: str, precision: int, max_items: int) -> bytes:
    """What goes into the file."""
    kind = ending(path)
    if kind == ".npz":
        return arrays(report)
    if kind == ".json":
        from .json import report_json

        text = report_json(report, max_items)
    elif kind == ".md":
        from .markdown import markdown

        text = markdown(report, precision)
    elif kind == ".tex":
        from .latex import latex

        text = latex(report, precision)
    else:
        from .delimited import delimited

        text = delimited(report, "," if kind == ".csv" else "\t", max_items)
    return text.encode("utf-8", "backslashreplace")


def arrays(report: Any) -> bytes:
    """Every node's value under its label, its gradient under d and its label, and the output as `output`."""
    from zipfile import ZipFile

    import numpy as np

    rows = [row for row in report.rows if row.gate != "constant"]
    if len(rows) > MOST_NODES:
        rows = [row for row in rows if row.gate == "input" or row.id == report.output]
    values = {row.label: row.value for row in rows}
    values.setdefault("output", next(row.value for row in report.rows if row.id == report.output))
    for row in rows:
        if row.upstream is not None:
            name = f"d{row.label}" if f"d{row.label}" not in values else f"d({row.label})"  # a variable wins
            values[name] = row.upstream
    file = BytesIO()
    with ZipFile(file, "w") as archive:  # np.savez takes no array of the name "file"
        for name, value in values.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asarray(value), allow_pickle=False)
    return file.getvalue()
