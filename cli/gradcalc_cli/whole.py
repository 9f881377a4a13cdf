"""A file that is written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Literal

from gradcalc.errors import GradcalcError


@contextmanager
def whole(path: str) -> Iterator[BinaryIO]:
    """A file that gets its name when all of it is there; a pipe or a device is written to as it is."""
    real = os.path.realpath(path)
    direct = os.path.exists(real) and not os.path.isfile(real)
    part = real if direct else f"{real}.{os.getpid()}.part"
    try:
        with opened(part, "wb", path) as file:
            yield file
        if not direct:
            os.replace(part, real)
    finally:
        if not direct and os.path.exists(part):
            os.remove(part)


def opened(part: str, mode: Literal["wb", "ab"], path: str) -> BinaryIO:
    """A file open for writing; GradcalcError with the name `path` where that can't be."""
    try:
        return open(part, mode)
    except OSError as error:
        raise GradcalcError(f"can't write {path}: {error.strerror}", kind="file") from None
