"""Where an expression comes from: the command line, a .grad file, or standard input."""

import sys
from collections.abc import Callable
from typing import NamedTuple

from gradcalc.errors import GradcalcError


class Expression(NamedTuple):
    """The text of an expression, and the file that it came from, if any."""

    text: str
    origin: str | None


def read(argument: str) -> Expression:
    """EXPR as text: `-` is standard input, a word that ends in .grad a file, anything else itself."""
    if argument == "-":
        if sys.stdin is None:
            raise GradcalcError("there is no standard input", kind="file")
        return Expression(decoded(standard_input()(), "standard input"), "standard input")
    if argument.endswith(".grad"):
        return Expression(from_file(argument), argument)
    return Expression(argument, None)


def standard_input() -> Callable[[], bytes]:
    """A function that reads all of standard input when it is first called, and then remembers it."""
    held: list[bytes] = []

    def read_all() -> bytes:
        if not held:
            data = b"" if sys.stdin is None else getattr(sys.stdin, "buffer", sys.stdin).read()
            held.append(data.encode() if isinstance(data, str) else data)
        return held[0]

    return read_all


def from_file(path: str) -> str:
    """The text of a .grad file."""
    try:
        with open(path, "rb") as file:
            return decoded(file.read(), path)
    except FileNotFoundError:
        raise GradcalcError(f"there is no file {path}", kind="file", hint=beside(path)) from None
    except IsADirectoryError:
        raise GradcalcError(f"{path} is a folder", kind="file") from None
    except PermissionError:
        raise GradcalcError(f"{path} may not be read", kind="file") from None
    except (OSError, ValueError) as error:
        raise GradcalcError(
            f"{path} can't be read: {getattr(error, 'strerror', None) or error}", kind="file"
        ) from None


def beside(path: str) -> str | None:
    """A file of nearly that name in the same folder."""
    import os

    from gradcalc.errors import nearest

    folder, name = os.path.split(path)
    try:
        files = [entry for entry in os.listdir(folder or ".") if entry.endswith(".grad")]
    except OSError:
        return f"there is no folder {folder}"
    near = nearest(name, files)
    return f"did you mean {os.path.join(folder, near)}?" if near else None


def decoded(data: bytes | str, origin: str) -> str:
    """UTF-8 text, with or without a byte-order mark; its lines end in a newline, whatever they ended in."""
    if isinstance(data, str):
        return data
    if b"\0" in data:
        what = "UTF-16 text" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "binary data"
        raise GradcalcError(f"{origin} holds {what}, not UTF-8 text", kind="file", hint="save it as UTF-8")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise GradcalcError(
            f"{origin} is not UTF-8 text: line {line} has the byte 0x{data[error.start]:02x}",
            kind="file",
            hint="save it as UTF-8",
        ) from None
