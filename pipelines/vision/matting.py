"""Which pixels are foreground: a matte from 0 to 1, by a network and then along the picture's own edges."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipelines.recipe import Kitchen
from pipelines.vision.networks import load_network

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

Model = Literal["selfie", "isnet"]

PEOPLE_ONLY = "the model selfie finds people and may cut other things wrongly: for those use model isnet, or remove.bg"

_LOOKED_AT = 512  # pixels of the longer side that the selfie network is shown
_DRAWN_AT = 1280  # ... and at which the matte follows edges
_CLOSER = 0.6  # a foreground that spans less of the picture is looked at again, closer
_ISNET_SIDE = 1024


@dataclass(frozen=True)
class Matting:
    """matte: (height, width, 3) uint8 -> (height, width) float32. facts: model, engine, device. notes: for the user."""

    matte: Callable[[Array], Array]
    facts: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def matting(model: Model, kitchen: Kitchen) -> Matting:
    """With its weights loaded. Raises ModelUnavailable where they cannot be had."""
    if model == "isnet":
        network = load_network(kitchen.weight("isnet"))
        return Matting(lambda pixels: _drawn(pixels, _by_isnet(network, pixels)), {"model": model, **network.told}, network.notes)
    segmenter = _selfie_segmenter(kitchen.weight("selfie"))
    facts = {"model": model, "engine": "mediapipe", "device": "cpu"}
    return Matting(lambda pixels: _drawn(pixels, _by_selfie(segmenter, pixels)), facts, ["MediaPipe runs on the CPU", PEOPLE_ONLY])


@functools.lru_cache(maxsize=2)
def _selfie_segmenter(path: Path) -> Any:
    """MediaPipe's segmenter for single pictures, loaded once a process."""
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.ImageSegmenterOptions(
        base_options=BaseOptions(model_asset_path=str(path)), output_confidence_masks=True, output_category_mask=False
    )
    return vision.ImageSegmenter.create_from_options(options)


def _by_selfie(segmenter: Any, pixels: Array) -> Array:
    """People, at a first look and, where they are small in the picture, at a second one closer to them."""
    import numpy as np

    small = _fitted(pixels, _LOOKED_AT)
    first = _segmented(segmenter, small)
    rows, columns = np.flatnonzero(first.max(1) > 0.5), np.flatnonzero(first.max(0) > 0.5)
    if not len(rows) or len(rows) * len(columns) > _CLOSER * first.size:
        return first
    height, width = pixels.shape[:2]
    top, bottom = _around(rows[0], rows[-1] + 1, first.shape[0], height)
    left, right = _around(columns[0], columns[-1] + 1, first.shape[1], width)
    closer = _segmented(segmenter, _fitted(pixels[top:bottom, left:right], _LOOKED_AT))
    whole = np.zeros((height, width), np.float32)
    whole[top:bottom, left:right] = _sized(closer, bottom - top, right - left)
    return whole


def _around(first: int, last: int, of: int, pixels: int) -> tuple[int, int]:
    """A span of the small picture in pixels of the large one, with a fifth of its length added on both sides."""
    margin = (last - first) * 0.2
    return max(int((first - margin) / of * pixels), 0), min(int((last + margin) / of * pixels) + 1, pixels)


def _segmented(segmenter: Any, pixels: Array) -> Array:
    import mediapipe
    import numpy as np

    found = segmenter.segment(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(pixels)))
    return np.array(found.confidence_masks[-1].numpy_view(), np.float32).reshape(pixels.shape[:2])


def _by_isnet(network: Any, pixels: Array) -> Array:
    import cv2
    import numpy as np

    square = cv2.resize(pixels, (_ISNET_SIDE, _ISNET_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    batch = ((square - 128) / 256).transpose(2, 0, 1)[None]
    return np.asarray(network.run(np.ascontiguousarray(batch))[0][0, 0], np.float32)


def _drawn(pixels: Array, coarse: Array) -> Array:
    """The network's matte in the picture's size, bent to its edges by a guided filter (He, Sun, Tang 2010)."""
    import cv2
    import numpy as np

    guide = _fitted(pixels, _DRAWN_AT)
    matte = _sized(coarse, *guide.shape[:2])
    reach = max(guide.shape[:2]) // 100 + 2
    followed = cv2.ximgproc.guidedFilter(guide, matte, reach, 0.002 * 255**2)
    sure = np.clip((followed - 0.1) / 0.8, 0, 1)
    return np.clip(_sized(np.asarray(sure, np.float32), *pixels.shape[:2]), 0, 1)


def _fitted(pixels: Array, longest: int) -> Array:
    """Reduced to at most `longest` pixels a side."""
    scale = min(1.0, longest / max(pixels.shape[:2]))
    return pixels if scale == 1.0 else _sized(pixels, max(round(pixels.shape[0] * scale), 1), max(round(pixels.shape[1] * scale), 1))


def _sized(pixels: Array, height: int, width: int) -> Array:
    import cv2
    import numpy as np

    shrinks = height < pixels.shape[0]
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR))
