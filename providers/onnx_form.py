"""Whether a file has the form of an ONNX model: its outermost protobuf fields, walked to the end without reading what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import IO

# Fields of ModelProto in onnx.proto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
_IR_VERSION, _GRAPH, _OPSETS = 1, 7, 8
_KNOWN = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26})
_NUMBER, _BYTES = 0, 2  # protobuf's wire types that these fields have


def begins_like_onnx(head: bytes) -> bool:
    """An IR version from 1 to 31, then one of the model's fields that hold bytes."""
    return (
        len(head) > 2 and head[0] == _IR_VERSION << 3 and 0 < head[1] < 32 and head[2] & 7 in (_NUMBER, _BYTES) and head[2] >> 3 in _KNOWN
    )


def is_whole_onnx(path: Path) -> bool:
    """Whether all fields are a model's, a graph and its operator sets are among them, and the last one ends with the file."""
    size, found = path.stat().st_size, set()
    with path.open("rb") as file:
        while file.tell() < size:
            tag = _varint(file)
            value = _varint(file)
            if tag is None or value is None or tag >> 3 not in _KNOWN or tag & 7 not in (_NUMBER, _BYTES):
                return False
            if tag & 7 == _BYTES:
                file.seek(value, 1)
            found.add(tag >> 3)
        return file.tell() == size and {_IR_VERSION, _GRAPH, _OPSETS} <= found


def _varint(file: IO[bytes]) -> int | None:
    """The next number; None where the file ends or the number does not."""
    value = 0
    for shift in range(0, 64, 7):
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return value
    return None
