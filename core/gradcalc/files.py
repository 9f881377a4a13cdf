"""Numbers from files: .npy, .npz, .csv, .tsv, .txt, .json, and .toml for many inputs; never a pickle."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO  # csv, json, zipfile and tomllib wait for a file that needs them

import numpy as np

from .errors import GradcalcError, nearest
from .gate import Array, as_value

Stdin = Callable[[], bytes]  # all of standard input, the same each time

FORMATS = ".npy, .npz, .csv, .tsv, .txt and .json"
STDIN = "standard input"
PICKLE = "needs pickle, which can run any code: it is not read"


def read_file(place: str, *, stdin: Stdin | None = None) -> Array:
    """The array in a file: `data.npy`, `model.npz:W1`, `iris.csv`, `iris.csv:petal`, `x.json:key`.

    `-` and `-:KEY` are standard input, in any of these formats. A table may begin with a line of column
    names; it holds no NaN, and all of its rows are as long as the first.
    """
    if place == "-" or place.startswith("-:"):
        data = from_stdin(stdin)
        return _sniffed(data)(io.BytesIO(data), STDIN, place[2:] or None)
    path, key = _split(place)
    if not place:
        raise GradcalcError("an @ is followed by the name of a file", kind="file", hint="-x @data.npy")
    reader = READERS.get(path.suffix.lower())
    if reader is None and path.is_dir():
        raise GradcalcError(f"{path} is a folder", kind="file", hint="name a file in it")
    if reader is None:
        raise GradcalcError(
            f"{path.name}: files of this kind can't be read", kind="file", hint=f"known are {FORMATS}"
        )
    with opened(path) as file:
        return reader(file, path.name, key)


def read_many(path: str) -> dict[str, Any]:
    """Many inputs from one .npz, .json or .toml file: arrays, or texts as they are typed (`"pi/2"`)."""
    file, name = Path(path), Path(path).name
    ending = file.suffix.lower()
    if ending not in (".npz", ".json", ".toml"):
        raise GradcalcError(
            f"--inputs can't read {name}",
            kind="file",
            hint=f"its name ends in .npz, .json or .toml; a single input is -x @{path}",
        )
    with opened(file) as stream:
        if ending == ".npz":
            arrays = _loaded(stream, name)
            if not isinstance(arrays, np.lib.npyio.NpzFile):
                raise GradcalcError(f"{name} is not a .npz file", kind="file")
            return {key: _member(arrays, key, name) for key in arrays}
        table = _toml(stream, name) if ending == ".toml" else _parsed(stream, name)
    if not isinstance(table, dict):
        raise GradcalcError(
            f"{name} holds no inputs by name", kind="file", hint='such as {"x": 2, "W": [[1, 2], [3, 4]]}'
        )
    return {key: v if isinstance(v, str) else _numbers(v, name, key) for key, v in table.items()}


def from_stdin(stdin: Stdin | None) -> bytes:
    """All of standard input; GradcalcError where there is none, or nothing on it."""
    data = b"" if stdin is None else stdin()
    if not data.strip():
        raise GradcalcError(
            f"there is nothing on {STDIN}",
            kind="file",
            hint="it can be read for one purpose only: the expression, an input, or --rows",
        )
    return data


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, open; whatever the system says against opening it is a GradcalcError."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise GradcalcError(f"there is no file {path}", kind="file", hint=_beside(path)) from None
    except IsADirectoryError:
        raise GradcalcError(f"{path} is a folder", kind="file") from None
    except PermissionError:
        raise GradcalcError(f"{path} may not be read", kind="file") from None
    except (OSError, ValueError) as error:  # a name that is too long, or has a zero byte
        words = getattr(error, "strerror", None) or error
        raise GradcalcError(f"{path} can't be read: {words}", kind="file") from None
    with file:
        yield file


def _beside(path: Path) -> str | None:
    try:
        near = nearest(path.name, [entry.name for entry in path.parent.iterdir()])
    except OSError:
        return f"there is no folder {path.parent}"
    return f"did you mean {path.parent / near}?" if near else None


def _split(place: str) -> tuple[Path, str | None]:
    # A colon after the ending splits, so that C:\data\x.npz:W works.
    head, colon, key = place.rpartition(":")
    if colon and Path(head).suffix and not _exists(place):
        return Path(head), key
    return Path(place), None


def _exists(place: str) -> bool:
    try:
        return Path(place).exists()
    except (OSError, ValueError):
        return False


def _sniffed(data: bytes) -> Callable[[BinaryIO, str, str | None], Array]:
    if data.startswith((b"\x93NUMPY", b"PK\x03\x04")):
        return _numpy
    return _json if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{") else _table


def decoded(data: bytes, name: str) -> str:
    """UTF-8 text, with or without a byte-order mark."""
    if b"\0" in data:
        what = "UTF-16 text" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "binary data"
        raise GradcalcError(f"{name} holds {what}, not UTF-8 text", kind="file", hint="save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise GradcalcError(f"{name} is not UTF-8 text", kind="file", hint="save it as UTF-8") from None


# -- numpy's own formats --------------------------------------------------------------------------------


def _numpy(file: BinaryIO, name: str, key: str | None) -> Array:
    data = _loaded(file, name)
    if not isinstance(data, np.lib.npyio.NpzFile):
        if key is not None:
            raise GradcalcError(f"{name} holds one array only, so it has no {key}", kind="file")
        return _array(data, name)
    names = list(data)
    if key is None and len(names) == 1:
        key = names[0]
    if key not in names:
        what = "holds several arrays" if key is None else f"holds no array {key}"
        raise GradcalcError(
            f"{name} {what}", kind="file", hint=f"write @{name}:NAME with one of {', '.join(names)}"
        )
    return _member(data, key, name)


def _loaded(file: BinaryIO, name: str) -> Any:
    begin = file.read(6)
    file.seek(0)
    if not begin.startswith((b"\x93NUMPY", b"PK", b"\x80")):  # numpy takes anything else for a pickle
        raise GradcalcError(f"{name} is not a numpy file", kind="file")
    try:
        return np.load(file, allow_pickle=False)
    except ValueError as error:
        if "pickle" in str(error).lower():
            raise GradcalcError(
                f"{name} {PICKLE}", kind="file", hint="save it as plain numbers with np.save"
            ) from None
        raise GradcalcError(f"{name} is not a numpy file", kind="file") from None
    except MemoryError:
        raise
    except Exception:  # a damaged archive fails in a dozen ways
        raise GradcalcError(f"{name} is not a whole numpy file", kind="file") from None


def _member(arrays: Any, key: str, name: str) -> Array:
    try:
        data = arrays[key]
    except ValueError as error:
        what = PICKLE if "pickle" in str(error).lower() else "is not a numpy array"
        raise GradcalcError(f"{key} in {name} {what}", kind="file") from None
    except MemoryError:
        raise
    except Exception:
        raise GradcalcError(f"{key} in {name} is not whole", kind="file") from None
    if isinstance(data, bytes):
        raise GradcalcError(f"{key} in {name} is not a numpy array", kind="file")
    return _array(data, f"{key} in {name}")


def _array(data: Array, what: str) -> Array:
    if data.dtype.kind not in "fiub":
        raise GradcalcError(f"{what} does not hold numbers (its type is {data.dtype})", kind="file")
    array = data.astype(np.float64)
    if np.isnan(array).any():
        where = np.argwhere(np.isnan(array))[0]
        entry = f"entry [{', '.join(str(int(k)) for k in where)}]"
        words = f" (row {where[0]}, column {where[1]}, counted from 0)" if array.ndim == 2 else ""
        raise GradcalcError(
            f"{what}{', ' + entry if array.ndim else ''}{words}: NaN is no value", kind="file"
        )
    return as_value(array)


# -- JSON and TOML --------------------------------------------------------------------------------------


def _parsed(file: BinaryIO, name: str) -> Any:
    import json

    try:
        return json.loads(decoded(file.read(), name))
    except json.JSONDecodeError as error:
        raise GradcalcError(f"{name} is not JSON: {error}", kind="file") from None
    except (RecursionError, ValueError):
        raise GradcalcError(f"{name} can't be read: it nests too deep, or a number is too long",
                            kind="file") from None  # fmt: skip


def _toml(file: BinaryIO, name: str) -> Any:
    import tomllib

    try:
        return tomllib.loads(decoded(file.read(), name))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise GradcalcError(f"{name} is not TOML: {error}", kind="file") from None


def _json(file: BinaryIO, name: str, key: str | None) -> Array:
    data = _parsed(file, name)
    if isinstance(data, dict):
        if key is None and len(data) != 1:
            shown = ", ".join(list(data)[:8])
            raise GradcalcError(
                f"{name} holds several values", kind="file", hint=f"write @{name}:NAME with one of {shown}"
            )
        key = next(iter(data)) if key is None else key
        if key not in data:
            near = nearest(key, data)
            raise GradcalcError(
                f"{name} has no key {key}", kind="file", hint=f"did you mean {near}?" if near else None
            )
        return _numbers(data[key], name, key)
    if key is not None:
        raise GradcalcError(f"{name} has no key {key}: it holds one value only", kind="file")
    return _numbers(data, name, "")


def _numbers(data: Any, name: str, key: str) -> Array:
    """Nested lists of numbers as an array; what is none of them is named with its place."""
    what = f"{key} in {name}" if key else name
    todo = [("", data)]
    while todo:
        at, entry = todo.pop()
        if type(entry) is list:
            if not all(type(x) in (int, float) for x in entry):
                todo += [(f"{at}[{k}]", x) for k, x in enumerate(entry)][::-1]
        elif type(entry) not in (int, float, bool):
            shown = repr(entry) if entry is not None else "null"
            shown = shown if len(shown) <= 30 else shown[:27] + "..."
            raise GradcalcError(f"{what}: {at + ': ' if at else ''}{shown} is not a number", kind="file")
    try:
        return _array(np.array(data, dtype=np.float64), what)
    except ValueError:
        raise GradcalcError(f"{what}: its rows differ in length", kind="file") from None
    except OverflowError:
        raise GradcalcError(f"{what}: a number is too large", kind="file") from None


# -- tables ---------------------------------------------------------------------------------------------


def separator(line: str) -> str:
    """What stands between the cells of a table, by its first line: a comma, a semicolon or a tab."""
    return next((c for c in ",;\t" if c in line), ",")


def number(cell: str) -> float | None:
    """The number in a cell, or None: nothing, a word, or Python's 1_000."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def header(cells: Sequence[str]) -> bool:
    """Whether the first line of a table holds its columns' names: none of them is a number."""
    return all(number(cell) is None for cell in cells) and any(cell.strip() for cell in cells)


def _table(file: BinaryIO, name: str, key: str | None) -> Array:
    """A table of numbers; whitespace may separate them where there is no comma, semicolon or tab."""
    text = decoded(file.read(), name)
    rows = _lines(text, name)
    first = next(rows, None)
    if first is None:
        raise GradcalcError(f"{name} is empty", kind="file")
    names = first[1] if header(first[1]) else None
    width = len(first[1])
    columns = range(width) if key is None else [_column(name, key, names, width)]
    array = _fast(text, columns, width, names is not None)
    if array is None:
        body = rows if names else [first, *rows]
        values = [_row(name, n, row, columns, width, names) for n, row in body]
        if not values:
            raise GradcalcError(f"{name} has names of columns, and no numbers below them", kind="file")
        array = np.array(values, dtype=np.float64).reshape(len(values), len(columns))
    return as_value(array[:, 0] if key is not None or width == 1 else array)


def _lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table and the numbers of their lines, without blank lines and comments."""
    import csv

    start = next((line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"), "")
    blanks = not any(c in start for c in ',;\t"') and len(start.split()) > 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator(start), skipinitialspace=True)
    try:
        for row in reader:
            if row and row != [""] and not row[0].lstrip().startswith("#"):
                cells = row[0].split() if blanks and len(row) == 1 else [cell.strip() for cell in row]
                yield reader.line_num, cells
    except csv.Error as error:
        raise GradcalcError(f"{name}, row {reader.line_num}: {error}", kind="file") from None


def _fast(text: str, columns: Sequence[int], width: int, named: bool) -> Array | None:
    """A large clean table at once; None where a careful look at each cell is due."""
    lines = text.splitlines()
    start = lines[0] if lines else ""
    mark = separator(start)
    if len(lines) < 1000 or mark not in start or '"' in text or "#" in text:
        return None
    body = [line for line in lines[named:] if line.strip()]
    if {line.count(mark) for line in body} != {width - 1}:
        return None
    try:
        array = np.loadtxt(body, delimiter=mark, usecols=list(columns), ndmin=2, comments=None)
    except ValueError:
        return None
    return None if np.isnan(array).any() else array


def _column(name: str, key: str, header: Sequence[str] | None, width: int) -> int:
    names = list(header or ())
    if key in names:
        return names.index(key)
    if key.isdecimal() and int(key) < width:
        return int(key)
    known = ", ".join(names[:12]) if names else f"0 to {width - 1}"
    raise GradcalcError(f"{name} has no column {key}", kind="file", hint=f"its columns are {known}")


def _row(
    name: str, line: int, row: Sequence[str], columns: Sequence[int], width: int, names: Sequence[str] | None
) -> list[float]:
    if len(row) != width:
        raise GradcalcError(
            f"{name}, row {line}: {len(row)} cells where the first row has {width}", kind="file"
        )
    values = []
    for k in columns:
        value = number(row[k])
        if value is None or value != value:
            column = names[k] if names else str(k)
            what = "NaN is no value" if value is not None else f"{row[k] or 'nothing'} is not a number"
            raise GradcalcError(
                f"{name}, row {line}, column {column}: {what}", kind="file", hint=_hint(row[k])
            )
        values.append(value)
    return values


def _hint(cell: str) -> str | None:
    if "," in cell and number(cell.replace(",", ".", 1)) is not None:
        return "numbers are written with a point"
    return None


READERS: dict[str, Callable[[BinaryIO, str, str | None], Array]] = {
    ".npy": _numpy, ".npz": _numpy, ".csv": _table, ".tsv": _table, ".txt": _table, ".json": _json,
}  # fmt: skip
