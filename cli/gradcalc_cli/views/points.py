"""Many rows and their answers as CSV, TSV or JSON Lines, a batch at a time."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcalc.chunks import cells

from .delimited import quoted

MARKS = {"csv": ",", "tsv": "\t"}


def head(names: Sequence[str], kind: str) -> str:
    """The line of column names; JSON Lines have none."""
    mark = MARKS.get(kind)
    return "" if mark is None else mark.join(quoted(name, mark) for name in names) + "\n"


def points(rows: Any, batch: Any, kind: str) -> str:
    """One batch of rows: the table's own columns, the value, the gradients and the verdict."""
    return jsonl(rows, batch) if kind == "jsonl" else delimited(rows, batch, MARKS[kind])


def delimited(rows: Any, batch: Any, mark: str) -> str:
    """The rows as they were written, and the answers behind them."""
    given = batch.lines
    width = len(rows.table.names)
    if mark != rows.table.mark and width > 1:
        given = [mark.join(quoted(cell, mark) for cell in cells(line, rows.table.mark)) for line in given]
    if batch.blank.any():  # a row of another length must not push its verdict into another column
        given = list(given)
        for k in batch.blank.nonzero()[0].tolist():
            row = cells(batch.lines[k], rows.table.mark)
            if len(row) != width:
                row = [*row[:width], *[""] * (width - len(row))]
                given[k] = mark.join(quoted(cell, mark) for cell in row)
    answers = [batch.value, *batch.gradients.values()]
    columns = [given, *columns_of(answers, batch.blank, "", repr), batch.verdicts]
    return "\n".join(map(mark.join, zip(*columns, strict=True))) + "\n"


def jsonl(rows: Any, batch: Any) -> str:
    """One JSON object a line, keys as the columns of CSV; non-finite numbers are strings."""
    names = rows.table.names
    split = [cells(line, rows.table.mark) for line in batch.lines] if extra(rows, batch) else []
    columns: list[Sequence[str]] = []
    for k, name in enumerate(names):
        if name in batch.inputs:
            column = columns_of([batch.inputs[name]], None, "", strict)[0]
            if split and batch.blank.any():
                column = list(column)
                for at in batch.blank.nonzero()[0].tolist():
                    column[at] = cell(split[at], k)
        else:
            column = [cell(row, k) for row in split]
        columns.append(column)
    columns += columns_of([batch.value, *batch.gradients.values()], batch.blank, "null", strict)
    columns.append([f'"{verdict}"' for verdict in batch.verdicts])
    keys = [json.dumps(name).replace("%", "%%") for name in rows.names]
    template = "{" + ", ".join(f"{key}: %s" for key in keys) + "}\n"
    return "".join(map(template.__mod__, zip(*columns, strict=True)))


def extra(rows: Any, batch: Any) -> bool:
    """Whether the cells are needed as written: for columns that are no inputs, or no numbers."""
    return bool(batch.blank.any()) or any(name not in batch.inputs for name in rows.table.names)


def cell(row: Sequence[str], k: int) -> str:
    """One cell as JSON: a number, a text, or null where the row is too short."""
    if k >= len(row):
        return "null"
    try:
        number = json.loads(row[k])
    except ValueError:
        return json.dumps(row[k])
    return row[k] if type(number) in (int, float) and abs(number) < float("inf") else json.dumps(row[k])


def strict(x: float) -> str:
    """A number as strict JSON has it."""
    if x - x == 0.0:
        return repr(x)
    return '"NaN"' if x != x else '"Infinity"' if x > 0 else '"-Infinity"'


def columns_of(
    columns: Sequence[Any], blank: Any, nothing: str, write: Callable[[float], str]
) -> list[Sequence[str]]:
    """Columns of numbers as texts, every digit of them; equal columns are written once."""
    texts: list[Sequence[str]] = []
    for k, column in enumerate(columns):
        same = next((j for j in range(k) if columns[j] is column or (columns[j] == column).all()), None)
        if same is not None:
            texts.append(texts[same])
            continue
        listed = list(map(write, column.tolist()))
        if blank is not None and blank.any():
            for at in blank.nonzero()[0].tolist():
                listed[at] = nothing
        texts.append(listed)
    return texts


def remarks(counts: Mapping[str, int], first: Mapping[str, Any], total: int) -> list[str]:
    """What is to be said about the rows that are not all right: how many, and the first of each kind."""
    lines = []
    for word, found in first.items():
        if word == "kink":
            continue
        many = f"{counts[word]:,} of {total:,} rows" if counts[word] > 1 else f"1 of {total:,} rows"
        lines.append(f"{many}: {word}; first in line {found.line}: {found.evidence}".rstrip(": "))
    return lines
