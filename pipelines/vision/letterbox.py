"""Pictures brought to the size a network wants, and its boxes brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

GREY = 114


@dataclass(frozen=True)
class Fitted:
    """pixels: the picture on its canvas. A point of the canvas is `scale` times the original's, plus left and top."""

    pixels: Array
    scale: float
    left: int
    top: int

    def back(self, points: Array, size: tuple[int, int]) -> Array:
        """(…, 2) points of the canvas as points of the original, kept within its (width, height)."""
        import numpy as np

        return np.clip((points - (self.left, self.top)) / self.scale, 0, size)


def centred(pixels: Array, width: int, height: int) -> Fitted:
    """As large as fits on a grey canvas of exactly this size, in its middle."""
    import cv2
    import numpy as np

    scale = min(width / pixels.shape[1], height / pixels.shape[0])
    small = _scaled(pixels, scale)
    left, top = (width - small.shape[1]) // 2, (height - small.shape[0]) // 2
    edges = (top, height - small.shape[0] - top, left, width - small.shape[1] - left)
    return Fitted(np.asarray(cv2.copyMakeBorder(small, *edges, cv2.BORDER_CONSTANT, value=(GREY,) * 3)), scale, left, top)


def reduced(pixels: Array, longest: int, step: int) -> Fitted:
    """At most `longest` pixels wide and high, never enlarged, black below and to the right up to the next multiple of `step`."""
    import cv2
    import numpy as np

    scale = min(1.0, longest / max(pixels.shape[:2]))
    small = _scaled(pixels, scale)
    below, right = -small.shape[0] % step, -small.shape[1] % step
    return Fitted(np.asarray(cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(0, 0, 0))), scale, 0, 0)


def _scaled(pixels: Array, scale: float) -> Array:
    import cv2
    import numpy as np

    if scale == 1.0:
        return pixels
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA))


def batch_of(pictures: list[Fitted], scale: float) -> Array:
    """(batch, 3, height, width) float32, the pixels times `scale`. The pictures have one size."""
    import cv2
    import numpy as np

    return np.asarray(cv2.dnn.blobFromImages([one.pixels for one in pictures], scale))
