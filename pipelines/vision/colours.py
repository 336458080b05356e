"""Any of Pillow's modes and colour profiles as eight-bit sRGB."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

_PROFILED = ("L", "RGB", "CMYK", "LAB")  # modes that the colour engine reads


def is_transparent(image: Image.Image) -> bool:
    """Whether the file says of any pixel that it can be looked through."""
    return image.has_transparency_data and not is_deep(image)


def is_deep(image: Image.Image) -> bool:
    """One channel of more than eight bits."""
    return image.mode.startswith("I") or image.mode == "F"


def profile_name(image: Image.Image) -> str | None:
    """What the embedded colour profile calls itself; None without one, and for one that cannot be read."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        return ImageCms.getProfileDescription(source).strip()
    except (KeyError, TypeError, ImageCms.PyCMSError, OSError):
        return None


def in_srgb(image: Image.Image) -> Image.Image:
    """A new image of mode RGB, or RGBA for one with transparency. An embedded profile is applied where it fits the pixels."""
    alpha = image.convert("RGBA").getchannel("A") if is_transparent(image) else None
    colours = _by_profile(_plain(image), image.info.get("icc_profile"))
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def _plain(image: Image.Image) -> Image.Image:
    """The pixels without alpha, in a mode that a profile may be about."""
    if is_deep(image):
        return _eight_bits(image)
    if image.mode in _PROFILED:
        return image
    return image.convert("L" if image.mode in ("1", "LA", "La") else "RGB")


def _by_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    from PIL import Image, ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile)) if profile else None
        if source is None and image.mode == "LAB":
            source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        if source is None or ImageCms.getProfileDescription(source).startswith("sRGB"):
            return _copied(image)
        target = ImageCms.createProfile("sRGB")
        changed = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        assert isinstance(changed, Image.Image)
    except (ImageCms.PyCMSError, OSError):  # a broken profile, or one for other pixels than these
        return _copied(image)
    return changed


def _copied(image: Image.Image) -> Image.Image:
    return image.copy() if image.mode == "RGB" else image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Sixteen bits by their full range; floats by 0..1 where they keep to it; anything else from its least to its greatest."""
    import numpy as np
    from PIL import Image

    values = np.nan_to_num(np.asarray(image).astype(np.float64))
    low, high = _range(values, image.mode)
    return Image.fromarray(np.rint(np.clip((values - low) / (high - low), 0, 1) * 255).astype(np.uint8))


def _range(values: np.ndarray[Any, Any], mode: str) -> tuple[float, float]:
    least, greatest = float(values.min()), float(values.max())
    if least >= 0 and greatest <= (65535 if mode.startswith("I") else 1):
        return 0.0, 65535.0 if mode.startswith("I") else 1.0
    return least, max(greatest, least + 1e-9)
