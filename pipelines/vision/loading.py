"""A picture file as every detector sees it: upright, in sRGB, eight bits a channel.

Read are PNG (also animated), JPEG, WebP, GIF, AVIF, HEIC, TIFF and BMP, with EXIF rotation, transparency, sixteen bits,
CMYK and embedded colour profiles. What a file would unpack to is counted before a pixel of it is decoded.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import MediaUnreadable
from pipelines.vision.colours import in_srgb, is_deep, is_transparent, profile_name
from providers.sniff import MAX_FRAMES, MAX_PIXELS

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

# The decoders that an upload may reach; Pillow has others, some of which start programs.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF", "TIFF", "BMP")
MAX_UNPACKED = 2_000_000_000  # pixels of all frames together
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Picture:
    """One upright picture in sRGB. image: mode RGB, or RGBA where the file has transparency. facts: JSON about the file."""

    image: Image.Image
    facts: dict[str, Any]

    @cached_property
    def rgb(self) -> np.ndarray[Any, Any]:
        """(height, width, 3) uint8, as a person sees it on a white page: transparent parts are white, not what hides there."""
        import numpy as np
        from PIL import Image

        if self.image.mode == "RGB":
            return np.asarray(self.image)
        return np.asarray(Image.alpha_composite(Image.new("RGBA", self.image.size, "white"), self.image).convert("RGB"))

    @property
    def alpha(self) -> np.ndarray[Any, Any] | None:
        """(height, width) uint8, 255 opaque; None where the file has no transparency."""
        import numpy as np

        return np.asarray(self.image.getchannel("A")) if self.image.mode == "RGBA" else None


def load(path: Path, frame: int = 0) -> Picture:
    """One frame of a picture file. Raises MediaUnreadable for what is broken, too large, or no picture."""
    with opened(path) as image:
        if frame >= frames_of(image):
            raise MediaUnreadable(f"the image has no frame {frame}", hint=f"It has {frames_of(image)}, counted from 0.")
        if frame:  # a HEIC file stands at its main picture, which need not be the first
            image.seek(frame)
        return _upright(image)


def frames(path: Path) -> Iterator[Picture]:
    """Every frame of a moving picture, or page of a TIFF, in order; one at a time in memory. Raises as `load`."""
    with opened(path) as image:
        for number in range(frames_of(image)):
            if number:
                image.seek(number)
            yield _upright(image)


def as_jpeg(path: Path, most: int) -> bytes:
    """The picture, upright and in sRGB, as a JPEG of at most so many bytes; reduced where it would have more. Raises as `load`."""
    from PIL import Image

    image = Image.fromarray(load(path).rgb)
    while True:
        packed = io.BytesIO()
        image.save(packed, "JPEG", quality=92)
        if packed.tell() <= most:
            return packed.getvalue()
        image = image.resize((max(image.width * 3 // 4, 1), max(image.height * 3 // 4, 1)))


def is_picture(path: Path) -> bool:
    """By its content. Moving pictures such as GIF count as pictures, and so do broken ones: their loader says what is wrong."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=readable()):
            return True
    except UnidentifiedImageError:
        return False
    except (Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return True


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """The file, not yet decoded, with every fault of it and of its decoding as MediaUnreadable."""
    from PIL import Image, UnidentifiedImageError

    formats = readable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limits are stricter; odd metadata is not worth a line
            with Image.open(path, formats=formats) as image:
                _refuse_bomb(image)
                yield image
    except UnidentifiedImageError:
        raise MediaUnreadable("the file is no image that can be read", hint=f"Read are {', '.join(formats)}.") from None
    except (Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise MediaUnreadable(f"the image cannot be decoded: {error}") from None


def frames_of(image: Image.Image) -> int:
    """Frames of a moving picture or pages. Further pictures of a JPEG or HEIC are depth maps or other views, not frames."""
    return 1 if image.format in ("JPEG", "MPO", "HEIF") else int(getattr(image, "n_frames", 1))


def readable() -> tuple[str, ...]:
    """Pillow's names of the forms that are read here; HEIF among them where its plugin is installed."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return FORMATS
    register_heif_opener()
    return (*FORMATS, "HEIF")


def _refuse_bomb(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise MediaUnreadable(f"the image has {width} × {height} pixels", hint=f"At most {MAX_PIXELS:,} pixels are decoded.")
    count = frames_of(image)
    if count > MAX_FRAMES or count * width * height > MAX_UNPACKED:
        raise MediaUnreadable(
            f"the image has {count} frames of {width} × {height} pixels",
            hint=f"At most {MAX_FRAMES} frames and {MAX_UNPACKED:,} pixels in all are decoded.",
        )


def _upright(image: Image.Image) -> Picture:
    """The frame that the file stands at."""
    stored = {"bits": _bits(image), "orientation": _orientation(image)}  # before decoding, which turns a TIFF and forgets both
    image.load()
    _refuse_bomb(image)  # a page of a TIFF may be larger than the first
    facts = {
        "format": image.format,
        "mode": image.mode,
        **stored,
        "profile": profile_name(image),
        "transparent": is_transparent(image),
        "frames": frames_of(image),
        "frame_seconds": image.info.get("duration", 0) / 1000 or None,
    }
    turned = _turned(in_srgb(image), image.getexif())
    return Picture(turned, {"width": turned.width, "height": turned.height, **facts})


def _orientation(image: Image.Image) -> int:
    """EXIF's, from 1 (upright) to 8; anything else counts as 1."""
    found = image.getexif().get(_ORIENTATION)
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _turned(image: Image.Image, exif: Image.Exif) -> Image.Image:
    from PIL import Image

    ways = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    way = ways.get(exif.get(_ORIENTATION, 1))
    return image if way is None else image.transpose(way)


def _bits(image: Image.Image) -> int:
    """Of a channel, as stored."""
    if image.mode == "1":
        return 1
    if "bit_depth" in image.info:
        return int(image.info["bit_depth"])
    tiles = getattr(image, "tile", None)  # what is still to be decoded, and how
    raw = str(tiles[0].args) if tiles else image.mode
    return 16 if ";16" in raw or ";16" in image.mode else 32 if is_deep(image) else 8
