"""ONNX models as uploads: known by their form, without a library that reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import MediaUnreadable, UnsupportedMedia
from providers.sniff import sniff

# A model with the fields that onnx writes: IR version 10, producer "us", an empty graph named "g", operator set 18.
MODEL = b"\x08\x0a" + b"\x12\x02us" + b"\x3a\x03\x12\x01g" + b"\x42\x04\x0a\x00\x10\x12"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(content)
    return path


def test_a_model_is_known_by_its_form(tmp_path: Path) -> None:
    """Version, graph and operator set in any file name: an ONNX model."""
    assert sniff(written(tmp_path, MODEL)).media_type == "application/onnx"


@pytest.mark.parametrize(
    "content",
    [MODEL[:-3], MODEL + b"\x08", MODEL[:6] + MODEL[11:], MODEL + b"\x7a\x05hello", MODEL[:7] + b"\xff\xff\xff\xff\x7f" + MODEL[8:]],
    ids=["cut off", "goes on", "no graph", "unknown field", "longer than the file"],
)
def test_what_only_begins_like_one_is_unreadable(tmp_path: Path, content: bytes) -> None:
    """A file that is cut off, goes on differently, or lacks its graph is refused when it is uploaded."""
    with pytest.raises(MediaUnreadable, match="ONNX"):
        sniff(written(tmp_path, content))


def test_a_pickle_is_not_accepted(tmp_path: Path) -> None:
    """PyTorch's own files are ZIPs of pickles, or bare ones."""
    for content in (b"\x80\x02}q\x00.", b"PK\x03\x04archive/data.pkl"):
        with pytest.raises(UnsupportedMedia):
            sniff(written(tmp_path, content))
