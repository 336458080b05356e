"""Any still picture, made upright 8-bit RGB and brought to a frame's size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import MediaUnreadable
from pipelines.video.palette import Colour

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Size = tuple[int, int]  # width, height in pixels

_MOST_PIXELS = 120_000_000
_LEAST_KEPT = 0.45  # a crop that would keep less of the picture shows it whole, before a blurred copy


def load(path: Path) -> Picture:
    """The first picture of an image file, upright, as RGB or RGBA.

    Raises MediaUnreadable for a file that is missing, empty, broken, no image, or absurdly large.
    """
    from PIL import Image, ImageOps

    if not path.is_file() or path.stat().st_size == 0:
        raise MediaUnreadable(f"The image {path.name} is {'empty (0 bytes)' if path.is_file() else 'not there'}")
    try:
        with Image.open(path) as image:
            _check_size(path, image.size)
            image.load()
            return _eight_bit(ImageOps.exif_transpose(image))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise MediaUnreadable(
            f"The image {path.name} cannot be read: {error}", hint="Give a complete PNG, JPEG, WebP, GIF, TIFF or AVIF file."
        ) from None


def cover(picture: Picture, size: Size, behind: Colour) -> Picture:
    """RGB of exactly `size`, filled by the picture; where it has alpha, `behind` shows."""
    from PIL import Image, ImageOps

    flat = flatten(picture, behind)
    if _kept(flat.size, size) >= _LEAST_KEPT:
        return ImageOps.fit(flat, size, Image.Resampling.LANCZOS)
    backdrop = _blurred(flat, size)
    whole = ImageOps.contain(flat, size, Image.Resampling.LANCZOS)
    backdrop.paste(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2))
    return backdrop


def flatten(picture: Picture, behind: Colour) -> Picture:
    from PIL import Image

    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, behind)
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _check_size(path: Path, size: Size) -> None:
    if size[0] * size[1] > _MOST_PIXELS:
        raise MediaUnreadable(
            f"The image {path.name} has {size[0]} x {size[1]} pixels",
            hint=f"Give one of at most {_MOST_PIXELS // 1_000_000} million pixels.",
        )


def _eight_bit(image: Picture) -> Picture:
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep_grey(image).convert("RGB")
    has_alpha = "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info
    if image.mode in ("CMYK", "LAB"):
        return _by_profile(image)
    return image.convert("RGBA" if has_alpha else "RGB")


def _from_deep_grey(image: Picture) -> Picture:
    """16-bit grey keeps its scale; 32-bit and float grey, which have none, are stretched to their own range."""
    import numpy as np
    from PIL import Image

    values = np.asarray(image).astype("float64")
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    else:
        low, high = float(values.min()), max(float(values.max()), float(values.min()) + 1e-9)
    return Image.fromarray(np.clip((values - low) / (high - low) * 255 + 0.5, 0, 255).astype("uint8"))


def _by_profile(image: Picture) -> Picture:
    """To sRGB by the embedded ICC profile where it holds one that fits, else by Pillow's plain formula."""
    from io import BytesIO

    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")


def _kept(source: Size, size: Size) -> float:
    """The share of the picture's area that a centred crop to the frame's shape keeps."""
    ratio = (source[0] * size[1]) / (source[1] * size[0])
    return min(ratio, 1 / ratio)


def _blurred(picture: Picture, size: Size) -> Picture:
    from PIL import Image, ImageEnhance, ImageFilter, ImageOps

    small = ImageOps.fit(picture, (max(2, size[0] // 8), max(2, size[1] // 8)), Image.Resampling.BILINEAR)
    soft = small.filter(ImageFilter.GaussianBlur(min(small.size) / 20))
    return ImageEnhance.Brightness(soft).enhance(0.6).resize(size, Image.Resampling.BICUBIC)
