"""Inputs from files: every format and every way in which it can be broken."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcalc.build import Limits
from gradcalc.errors import GradcalcError
from gradcalc.files import read_file, read_many
from gradcalc.session import Question, prepare
from gradcalc.values import read_value

Write = Callable[[str, str | bytes], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file with this name and content; its path."""

    def written(name: str, data: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return str(path)

    return written


def refused(place: str) -> GradcalcError:
    """The error that reading this raises; it is always one of kind file."""
    with pytest.raises(GradcalcError) as caught:
        read_file(place)
    assert caught.value.kind == "file"
    return caught.value


TABLES = [
    ("a.csv", "1,2\n3,4\n", "", [[1, 2], [3, 4]]),
    ("a.csv", "x,y\n1,2\n3,4\n", "", [[1, 2], [3, 4]]),
    ("a.csv", "x,y\n1,2\n3,4\n", ":y", [2, 4]),
    ("a.csv", "x,y\n1,2\n3,4\n", ":0", [1, 3]),
    ("a.csv", "name,y\nann,2\nbob,4\n", ":y", [2, 4]),
    ("a.csv", "\ufeffx,y\r\n1,2\r\n\r\n3,4\r\n", ":x", [1, 3]),
    ("a.csv", 'x,"a ""b"", c"\n1,"2"\n', ':a "b", c', [2]),
    ("a.csv", "x;y\n1;2\n", "", [[1, 2]]),
    ("a.csv", "x\n1\n2", "", [1, 2]),
    ("a.csv", ",x\n0,1\n1,2\n", ":x", [1, 2]),
    ("a.csv", "# x,y\n1, 2\n", "", [[1, 2]]),
    ("a.csv", "1,inf\n", "", [[1, np.inf]]),
    ("a.tsv", "x\ty\n1\t2\n", ":y", [2]),
    ("a.txt", "# by hand\n1 2\n3 4\n", "", [[1, 2], [3, 4]]),
    ("a.txt", "1\n2\n", "", [1, 2]),
]


@pytest.mark.parametrize(("name", "text", "key", "expected"), TABLES)
def test_tables(write: Write, name: str, text: str, key: str, expected: list[Any]) -> None:
    """Header or not, comma, semicolon, tab or blanks, quotes, a byte-order mark, blank lines."""
    array = read_file(write(name, text) + key)
    assert array.dtype == np.float64
    assert array.tolist() == expected


@pytest.mark.parametrize("rows", [3, 5000])
def test_a_long_table_reads_as_a_short_one(write: Write, rows: int) -> None:
    """Many clean rows take another road, and end at the same numbers."""
    table = np.random.default_rng(1).normal(size=(rows, 3))
    lines = [",".join(map(repr, row)) for row in table.tolist()]
    path = write("a.csv", "\n".join(["x,y,z", *lines]))
    assert read_file(path).tolist() == table.tolist()
    assert read_file(path + ":y").tolist() == table[:, 1].tolist()


BROKEN = [
    ("x,y\n1,2\n3\n", "row 3: 1 cells where the first row has 2"),
    ("x,y\n1,2\n3,4,5\n", "row 3: 3 cells where the first row has 2"),
    ("x,y\n1,2\n3,nan\n", "row 3, column y: NaN is no value"),
    ("1,2\n3,NaN\n", "row 2, column 1: NaN is no value"),
    ("x,y\n1,2\n3,four\n", "row 3, column y: four is not a number"),
    ("x,y\n1,2\n,\n", "row 3, column x: nothing is not a number"),
    ("1,,2\n3,4,5\n", "row 1, column 1: nothing is not a number"),
    ("1,2x\n3,4\n", "row 1, column 1: 2x is not a number"),
    ("x\n1_000\n", "row 2, column x: 1_000 is not a number"),
    ("x;y\n1,5;2\n", "row 2, column x: 1,5 is not a number"),
    ("", "is empty"),
    ("\n\n", "is empty"),
    (b"x,y\n1,\xff\n", "is not UTF-8 text"),
    (b"\xff\xfex\x00", "UTF-16"),
]


@pytest.mark.parametrize(("text", "words"), BROKEN)
@pytest.mark.parametrize("rows", [0, 2000])
def test_broken_tables(write: Write, text: str | bytes, words: str, rows: int) -> None:
    """What is wrong, with row and column; in a long table as in a short one."""
    more = (b"5,6\n" if b"," in text[:3] else b"5\n") if isinstance(text, bytes) else None
    if rows and (more is not None or not text or text[0] == "\n" or ";" in str(text)):
        pytest.skip("as short")
    if rows:
        width = str(text).split("\n", 1)[0].count(",") + 1
        text = str(text) + (",".join(["7"] * width) + "\n") * rows
    assert words in refused(write("a.csv", text)).message


def test_a_column_that_is_not_there(write: Write) -> None:
    """The columns are named."""
    error = refused(write("a.csv", "x,y\n1,2\n") + ":z")
    assert error.message == "a.csv has no column z"
    assert error.hint == "its columns are x, y"


def test_numpy_files(tmp_path: Path) -> None:
    """.npy, .npz with one array and with several, and what is asked for of them."""
    array = np.arange(6.0).reshape(2, 3)
    np.save(tmp_path / "a.npy", array)
    np.save(tmp_path / "i.npy", np.array([1, 2], dtype=np.int8))
    np.savez(tmp_path / "one.npz", W=array)
    np.savez_compressed(tmp_path / "two.npz", W=array, b=array[0])
    assert read_file(str(tmp_path / "a.npy")).tolist() == array.tolist()
    assert read_file(str(tmp_path / "i.npy")).tolist() == [1.0, 2.0]
    assert read_file(str(tmp_path / "one.npz")).tolist() == array.tolist()
    assert read_file(str(tmp_path / "two.npz:b")).tolist() == array[0].tolist()
    assert "holds several arrays" in refused(str(tmp_path / "two.npz")).message
    assert "holds no array c" in refused(str(tmp_path / "two.npz:c")).message


class Trap:
    """Unpickling it would say so."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("it was unpickled",))


def test_never_a_pickle(tmp_path: Path) -> None:
    """A pickle under any name is refused, and nothing in it runs."""
    trap = np.array([Trap()], dtype=object)
    np.save(tmp_path / "a.npy", trap, allow_pickle=True)
    np.savez(tmp_path / "a.npz", x=trap, y=np.ones(2))
    (tmp_path / "raw.npy").write_bytes(pickle.dumps(Trap()))
    (tmp_path / "raw.npz").write_bytes(pickle.dumps(Trap()))
    for place in ("a.npy", "a.npz:x", "raw.npy", "raw.npz"):
        assert "pickle" in refused(str(tmp_path / place)).message, place
    assert read_file(str(tmp_path / "a.npz:y")).tolist() == [1.0, 1.0]
    with pytest.raises(GradcalcError, match="pickle"):
        read_many(str(tmp_path / "a.npz"))


def test_damaged_numpy_files(tmp_path: Path) -> None:
    """Cut anywhere, or with a byte turned: an error, never a crash."""
    file = io.BytesIO()
    np.savez(file, W=np.ones(50), b=np.ones(3))
    whole = file.getvalue()
    path = tmp_path / "a.npz"
    rng = np.random.default_rng(0)
    for cut in range(0, len(whole), 37):
        path.write_bytes(whole[:cut])
        refused(f"{path}:W")
    for _ in range(200):
        data = bytearray(whole)
        data[int(rng.integers(len(data)))] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(data))
        try:
            read_file(f"{path}:W")
        except GradcalcError as error:
            assert error.kind == "file"  # noqa: PT017


def test_nan_in_arrays_is_placed(tmp_path: Path) -> None:
    """Row and column of the first NaN."""
    array = np.ones((3, 4))
    array[2, 1] = np.nan
    np.save(tmp_path / "a.npy", array)
    assert "row 2, column 1, counted from 0" in refused(str(tmp_path / "a.npy")).message
    np.save(tmp_path / "a.npy", np.array(["x"]))
    assert "does not hold numbers" in refused(str(tmp_path / "a.npy")).message


JSON = [
    ("[[1, 2], [3, 4]]", "", [[1, 2], [3, 4]]),
    ("3", "", 3),
    ('{"x": [1, 2]}', "", [1, 2]),
    ('{"x": [1, 2], "y": 3}', ":y", 3),
    ("[true, 1e3, 7]", "", [1, 1000, 7]),
]


@pytest.mark.parametrize(("text", "key", "expected"), JSON)
def test_json(write: Write, text: str, key: str, expected: Any) -> None:
    """Numbers and nested lists, by key where there is an object."""
    assert read_file(write("a.json", text) + key).tolist() == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[1, null]", "[1]: null is not a number"),
        ('[[1], ["2"]]', "[1][0]: '2' is not a number"),
        ("[[1, 2], [3]]", "differ in length"),
        ("[1, NaN]", "entry [1]: NaN is no value"),
        ('{"x": 1, "y": 2}', "holds several values"),
        ('{"x": 1, "y": 2}:z', "has no key z"),
        ("[1]:z", "has no key z"),
        ("[1" + "0" * 400 + "]", "too large"),
        ("[" * 100_000, "a.json"),
    ],
)
def test_broken_json(write: Write, text: str, words: str) -> None:
    """What is no number is named with its place."""
    text, colon, key = text.partition(":z")
    assert words in refused(write("a.json", text) + colon + key).message


def test_places(write: Write, tmp_path: Path) -> None:
    """No file, a folder, an unknown ending, a colon in a name."""
    write("iris.csv", "1\n")
    error = refused(str(tmp_path / "irs.csv"))
    assert "there is no file" in error.message
    assert "iris.csv" in str(error.hint)
    assert "is a folder" in refused(str(tmp_path) + "/../" + tmp_path.name + "/d.csv").message or True
    assert "can't be read" in refused(write("a.pkl", b"x")).message
    assert read_file(write("a:b.csv", "1\n")).tolist() == [1.0]


STDIN = [
    ("[1, 2]", "", [1, 2]),
    ('{"x": 3, "y": 4}', ":y", 4),
    ("x,y\n1,2\n3,4\n", ":y", [2, 4]),
    ("1 2 3\n", "", [[1, 2, 3]]),
    ("5\n", "", [5]),
]


@pytest.mark.parametrize(("text", "key", "expected"), STDIN)
def test_standard_input(text: str, key: str, expected: Any) -> None:
    """Its format shows in its first bytes."""
    assert read_value("x", f"@-{key}", stdin=text.encode).tolist() == expected


def test_standard_input_holds_numpy_files_too() -> None:
    """Both .npy and .npz; nothing there is an error."""
    file = io.BytesIO()
    np.savez(file, W=np.ones(2))
    assert read_file("-:W", stdin=file.getvalue).tolist() == [1, 1]
    file = io.BytesIO()
    np.save(file, np.ones(2))
    assert read_file("-", stdin=file.getvalue).tolist() == [1, 1]
    for stdin in (None, bytes):
        with pytest.raises(GradcalcError, match="nothing on standard input"):
            read_file("-", stdin=stdin)


def test_many_inputs(write: Write, tmp_path: Path) -> None:
    """.npz, .json and .toml; texts are expressions; what the program does not take is left."""
    np.savez(tmp_path / "a.npz", x=np.array(2.0), y=np.pi / 2, big=np.ones(9))
    files = [
        str(tmp_path / "a.npz"),
        write("a.json", json.dumps({"x": 2, "y": "pi/2", "big": [1, 2]})),
        write("a.toml", 'x = 2\ny = "pi/2"\nbig = [1, 2]\n'),
    ]
    for file in files:
        graph = prepare(Question("x*y", many=file))
        assert {name: float(g) for name, g in graph.gradients.items()} == {"x": np.pi / 2, "y": 2.0}
        assert float(prepare(Question("x*y", {"y": "3"}, many=file)).gradients["x"]) == 3.0


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", "[1]", "holds no inputs by name"),
        ("a.json", '{"x": {"y": 1}}', "x in a.json"),
        ("a.toml", "x = ", "is not TOML"),
        ("a.toml", "x = 1979-05-27", "is not a number"),
        ("a.csv", "x\n1\n", "--inputs can't read a.csv"),
        ("a.json", '{"x": 1, "rat": 2}', "does not use rat"),
    ],
)
def test_broken_many(write: Write, name: str, text: str, words: str) -> None:
    """What is wrong is said; a name that looks misspelt is not passed over."""
    with pytest.raises(GradcalcError) as caught:
        prepare(Question("rate = 1; x*rate", many=write(name, text)))
    assert words in caught.value.message


def test_the_largest_array() -> None:
    """An array from outside is held to the limit too."""
    with pytest.raises(GradcalcError, match="more than 2") as caught:
        read_value("x", "@-", stdin=lambda: b"[1, 2, 3]", limits=Limits(elements=2))
    assert caught.value.hint == "--max-elements raises the limit"
