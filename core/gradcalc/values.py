"""The value of an input, as it is typed: a constant expression, or a file after an @."""

from __future__ import annotations

import csv
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .build import Limits, UnboundError, build
from .errors import GradcalcError
from .gate import Array, as_value
from .graphs import CONSTANT
from .syntax import parse

FORMATS = ".npy, .npz, .csv, .tsv, .txt and .json"


def read_value(name: str, text: str, *, seed: int = 0, limits: Limits | None = None) -> Array:
    """The number or array that `text` stands for: an expression without names, or `@FILE[:KEY]`.

    Random values (`randn(3,4)`) come from a stream of the seed and the name, so one input's draw does not
    depend on the others. Raises GradcalcError whose source is the text.
    """
    if text.startswith("@"):
        return read_file(text[1:])
    origin = f"-{name}"
    try:
        program = parse(text)
        graph = build(program, seed=zlib.crc32(name.encode()) ^ seed, limits=limits)
    except UnboundError as error:
        raise GradcalcError(
            f"the value of {name} must be a number or an array, without names like {error.names[0]}",
            kind="value",
            span=error.span,
            source=text,
            origin=origin,
            hint=_value_hint(name, text),
        ) from None
    except GradcalcError as error:
        error.origin = origin
        raise error.located(text, origin) from None
    if graph.gates[graph.output] is not CONSTANT and len(graph.variables) != 1:
        raise GradcalcError(f"the value of {name} must be a number or an array", kind="value", source=text)
    return graph.values[graph.output]


def _value_hint(name: str, text: str) -> str:
    if Path(text).suffix in (".npy", ".npz", ".csv", ".json"):
        return f"a file's name follows an @: -{name} @{text}"
    return f"for example -{name} 2, -{name} pi/2 or -{name} '[1, 2, 3]'"


def read_file(place: str) -> Array:
    """The array in a file: `data.npy`, `model.npz:W1`, `iris.csv`, `iris.csv:petal`, `x.json:key`.

    Text files hold numbers; a CSV file may begin with a line of column names. Nothing is ever unpickled.
    """
    path, key = _split(place)
    try:
        return _readers()[path.suffix.lower()](path, key)
    except KeyError:
        raise GradcalcError(
            f"{path.name}: files of this kind can't be read", kind="file", hint=f"known are {FORMATS}"
        ) from None
    except FileNotFoundError:
        raise GradcalcError(f"there is no file {path}", kind="file") from None
    except IsADirectoryError:
        raise GradcalcError(f"{path} is a folder", kind="file") from None
    except PermissionError:
        raise GradcalcError(f"{path} may not be read", kind="file") from None
    except UnicodeDecodeError:
        raise GradcalcError(f"{path} is not UTF-8 text", kind="file") from None


def _split(place: str) -> tuple[Path, str | None]:
    # A colon after the ending splits, so that C:\data\x.npz:W works.
    head, colon, key = place.rpartition(":")
    if colon and Path(head).suffix and not Path(place).exists():
        return Path(head), key
    return Path(place), None


def _readers() -> dict[str, Any]:
    return {".npy": _npy, ".npz": _npz, ".csv": _table, ".tsv": _table, ".txt": _table, ".json": _json}


def _array(path: Path, data: Any) -> Array:
    array = np.asarray(data)
    if array.dtype.kind not in "fiub":
        raise GradcalcError(f"{path.name} does not hold numbers (its type is {array.dtype})", kind="file")
    return as_value(array.astype(np.float64))


def _load(path: Path) -> Any:
    try:
        return np.load(path, allow_pickle=False)
    except ValueError as error:
        if "pickle" in str(error).lower():
            raise GradcalcError(
                f"{path.name} needs pickle, which can run any code: it is not read",
                kind="file",
                hint="save it as plain numbers with np.save",
            ) from None
        raise GradcalcError(f"{path.name} is not a numpy file", kind="file") from None
    except (EOFError, OSError) as error:
        if isinstance(error, (FileNotFoundError, IsADirectoryError, PermissionError)):
            raise
        raise GradcalcError(f"{path.name} is not a whole numpy file", kind="file") from None


def _npy(path: Path, key: str | None) -> Array:
    return _array(path, _load(path))


def _npz(path: Path, key: str | None) -> Array:
    with _load(path) as arrays:
        names = list(arrays)
        if key is None and len(names) == 1:
            key = names[0]
        if key not in names:
            what = "holds several arrays" if key is None else f"holds no array {key}"
            raise GradcalcError(
                f"{path.name} {what}", kind="file", hint=f"write @{path}:NAME with one of {', '.join(names)}"
            )
        try:
            return _array(path, arrays[key])
        except ValueError:
            raise GradcalcError(
                f"{key} in {path.name} needs pickle, which can run any code: it is not read", kind="file"
            ) from None


def _json(path: Path, key: str | None) -> Array:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise GradcalcError(f"{path.name} is not JSON: {error}", kind="file") from None
    if key is not None:
        if not isinstance(data, dict) or key not in data:
            raise GradcalcError(f"{path.name} has no key {key}", kind="file")
        data = data[key]
    try:
        return _array(path, np.array(data, dtype=np.float64))
    except (ValueError, TypeError):
        raise GradcalcError(
            f"{path.name} does not hold a number or an even array of numbers", kind="file"
        ) from None


def _table(path: Path, key: str | None) -> Array:
    with path.open(encoding="utf-8-sig", newline="") as file:
        delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
        rows = [(n, row) for n, row in enumerate(csv.reader(file, delimiter=delimiter), 1) if any(row)]
    if path.suffix.lower() == ".txt" and rows and all(len(r) == 1 for _, r in rows):
        rows = [(n, r[0].split()) for n, r in rows]
    if not rows:
        raise GradcalcError(f"{path.name} is empty", kind="file")
    header = None if all(_is_number(cell) for cell in rows[0][1]) else rows[0][1]
    body = rows if header is None else rows[1:]
    columns = list(range(len(rows[0][1])))
    if key is not None:
        columns = [_column(path, key, header, len(columns))]
    result = [_row(path, number, row, columns, len(rows[0][1]), header) for number, row in body]
    array = np.array(result, dtype=np.float64).reshape(len(result), len(columns))
    return as_value(array[:, 0] if key is not None or len(columns) == 1 else array)


def _column(path: Path, key: str, header: Sequence[str] | None, width: int) -> int:
    names = [name.strip() for name in header or ()]
    if key in names:
        return names.index(key)
    if key.isdigit() and int(key) < width:
        return int(key)
    known = ", ".join(names) if names else f"0 to {width - 1}"
    raise GradcalcError(f"{path.name} has no column {key}", kind="file", hint=f"its columns are {known}")


def _row(
    path: Path,
    number: int,
    row: Sequence[str],
    columns: Sequence[int],
    width: int,
    header: Sequence[str] | None,
) -> list[float]:
    if len(row) != width:
        raise GradcalcError(
            f"{path.name}, row {number}: {len(row)} cells where the first row has {width}", kind="file"
        )
    values = []
    for k in columns:
        cell = row[k].strip()
        if not _is_number(cell):
            column = header[k].strip() if header else str(k)
            raise GradcalcError(
                f"{path.name}, row {number}, column {column}: {cell or 'nothing'} is not a number",
                kind="file",
            )
        values.append(float(cell))
        if np.isnan(values[-1]):
            column = header[k].strip() if header else str(k)
            raise GradcalcError(f"{path.name}, row {number}, column {column}: NaN is no value", kind="file")
    return values


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
