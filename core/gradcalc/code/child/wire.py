"""Messages between two processes: JSON for what is plain, raw bytes for arrays; never a pickle."""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

import numpy as np

HEAD = struct.Struct("<QQ")
LONGEST = 1 << 40
KINDS = "fciub"  # of arrays: floats, complex, whole numbers, and booleans


def send(stream: BinaryIO, message: Any) -> None:
    """Write one message: any nesting of dict, list, None, numbers, text and arrays."""
    arrays: list[np.ndarray] = []
    text = json.dumps(_packed(message, arrays)).encode()
    body = [np.ascontiguousarray(a) for a in arrays]
    stream.write(HEAD.pack(len(text), sum(a.nbytes for a in body)))
    stream.write(text)
    for array in body:
        stream.write(array.tobytes())
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message; raises EOFError where the stream ends, ValueError where it is none of ours."""
    head = _exactly(stream, HEAD.size)
    length, size = HEAD.unpack(head)
    if length > LONGEST or size > LONGEST:
        raise ValueError("this is no message")
    return _unpacked(json.loads(_exactly(stream, length)), memoryview(_exactly(stream, size)))


def _exactly(stream: BinaryIO, count: int) -> bytearray:
    data = bytearray(count)
    view, at = memoryview(data), 0
    while at < count:
        got = stream.readinto(view[at:])  # type: ignore[attr-defined]
        if not got:
            raise EOFError
        at += got
    return data


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype.kind not in KINDS:
            raise TypeError(f"an array of {array.dtype} can't be sent")
        arrays.append(array)
        return {"@": [array.dtype.str, list(array.shape)]}
    if isinstance(value, dict):
        return {"{": [[str(k), _packed(v, arrays)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return [_packed(v, arrays) for v in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {"#": repr(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} can't be sent")


def _unpacked(value: Any, body: memoryview, at: list[int] | None = None) -> Any:
    at = [0] if at is None else at
    if isinstance(value, list):
        return [_unpacked(v, body, at) for v in value]
    if not isinstance(value, dict):
        return value
    if "#" in value:
        return float(value["#"])
    if "{" in value:
        found: dict[str, Any] = {}
        for key, item in value["{"]:
            found[key] = _unpacked(item, body, at)
        return found
    dtype, shape = value["@"]
    count = int(np.prod(shape, dtype=np.int64))
    array = np.frombuffer(body, dtype=dtype, count=count, offset=at[0]).reshape(shape)
    at[0] += array.nbytes
    return array
