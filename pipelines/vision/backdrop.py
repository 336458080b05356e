"""What a foreground stands before: nothing, a colour, another picture, or its own background out of focus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from core.errors import MediaUnreadable
from core.params import Params
from pipelines.recipe import ImageId, Kitchen
from pipelines.vision.loading import load

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_BLURRED_AT = 512  # pixels of the longer side: blurred colours need no more


class Backdrop(Params):
    """One of three."""

    colour: str | None = Field(default=None, pattern="^#[0-9a-fA-F]{6}$", description="as #rrggbb")
    image: ImageId | None = Field(default=None, description="id of an image asset; it covers the whole, its middle kept")
    blur: float | None = Field(default=None, gt=0, le=1, description="the own background, blurred; 1 is a twentieth of the longer side")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Backdrop:
        if sum(value is not None for value in (self.colour, self.image, self.blur)) != 1:
            raise ValueError("give exactly one of colour, image and blur")
        return self

    def behind(self, pixels: Array, matte: Array, kitchen: Kitchen) -> Array:
        """(height, width, 3) uint8 of the foreground's size."""
        import numpy as np

        if self.colour:
            return np.full_like(pixels, tuple(bytes.fromhex(self.colour[1:])))
        if self.image:
            return _covering(kitchen.files[self.image], *pixels.shape[:2])
        return _out_of_focus(pixels, matte, self.blur or 1.0)


def composed(pixels: Array, matte: Array, behind: Array) -> Array:
    """(height, width, 3) uint8: the foreground before something else, its edges without the old background's colour."""
    import cv2
    import numpy as np

    share = np.asarray(matte, np.float32)
    return np.asarray(cv2.blendLinear(foreground(pixels, matte), behind, share, 1 - share))


def foreground(pixels: Array, matte: Array) -> Array:
    """(height, width, 3) uint8: the colours that half covered pixels would have without the background that shines through.

    Blur fusion: Forte, "Approximate Fast Foreground Colour Estimation", 2021. The blurred colours come from a small picture.
    """
    import cv2
    import numpy as np

    scale = min(1.0, _BLURRED_AT / max(pixels.shape[:2]))
    size = (max(round(pixels.shape[1] * scale), 1), max(round(pixels.shape[0] * scale), 1))
    front, back = (
        cv2.resize(colours, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        for colours in _blurred(*(cv2.resize(array, size, interpolation=cv2.INTER_AREA) for array in (pixels, matte)))
    )
    share = np.asarray(matte, np.float32)
    rest = cv2.subtract(pixels, cv2.blendLinear(front, back, share, 1 - share), dtype=cv2.CV_32F)
    return np.asarray(cv2.add(front, cv2.multiply(rest, cv2.merge([share] * 3)), dtype=cv2.CV_8U))


def _blurred(pixels: Array, matte: Array) -> tuple[Array, Array]:
    """The mean colours around each pixel of what is foreground and of what is background, uint8."""
    import cv2
    import numpy as np

    image, share = pixels.astype(np.float32), matte[..., None]
    size = (max(max(pixels.shape[:2]) // 10, 15),) * 2
    near = cv2.blur(matte, size)[..., None]
    front = cv2.blur(image * share, size) / (near + 1e-5)
    back = cv2.blur(image * (1 - share), size) / (1 - near + 1e-5)
    return cv2.convertScaleAbs(front), cv2.convertScaleAbs(back)


def _covering(path: Path, height: int, width: int) -> Array:
    import cv2
    import numpy as np

    try:
        found = load(path).rgb
    except MediaUnreadable as error:  # not the fault of the source that is cut out
        error.errors = [{"pointer": "/params/background/image", "detail": error.detail}]
        raise
    scale = max(height / found.shape[0], width / found.shape[1])
    rows, columns = max(round(found.shape[0] * scale), height), max(round(found.shape[1] * scale), width)
    sized = cv2.resize(found, (columns, rows), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    top, left = (rows - height) // 2, (columns - width) // 2
    return np.asarray(sized[top : top + height, left : left + width])


def _out_of_focus(pixels: Array, matte: Array, strength: float) -> Array:
    """Blurred without the foreground in it, which would leave a glow around it."""
    import cv2
    import numpy as np

    sigma = max(pixels.shape[:2]) / 20 * strength
    small = max(1, int(sigma // 4))  # what is blurred so far may be small
    size = (max(pixels.shape[1] // small, 1), max(pixels.shape[0] // small, 1))
    share = cv2.resize(1 - np.clip(matte * 1.5, 0, 1), size, interpolation=cv2.INTER_AREA)[..., None] + 1e-3
    image = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    soft = cv2.GaussianBlur(image * share, (0, 0), sigma / small) / cv2.GaussianBlur(share, (0, 0), sigma / small)[..., None]
    grown = cv2.resize(np.asarray(soft, np.float32), pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(grown, 0, 255), np.uint8)
