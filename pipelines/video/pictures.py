"""Arrays of pixels as picture files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

Format = Literal["png", "jpeg"]
MEDIA_TYPES: dict[Format, str] = {"png": "image/png", "jpeg": "image/jpeg"}
SUFFIXES: dict[Format, str] = {"png": "png", "jpeg": "jpg"}


def save(pixels: NDArray[Any], path: Path, form: Format) -> None:
    """height x width x 3, RGB of 8 bits. PNG loses nothing; JPEG keeps the colours of every pixel (4:4:4)."""
    from PIL import Image

    picture = Image.fromarray(pixels)
    if form == "png":
        picture.save(path, "PNG", compress_level=3)
    else:
        picture.save(path, "JPEG", quality=92, subsampling=0)
