"""Pictures with something in them, for films in which pictures are looked for, chosen or followed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np

from tests.pipelines.video.films import Pixels

_PHOTOS = {
    "astronaut": ("skimage", "data/astronaut.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "cat": ("skimage", "data/chelsea.png"),
    "gravel": ("skimage", "data/gravel.png"),
}


def photo(name: str, size: tuple[int, int]) -> Pixels:
    """A photo that an installed package brings along, as RGB of this size."""
    package, inside = _PHOTOS[name]
    found = importlib.util.find_spec(package)
    assert found and found.origin
    read = cv2.imread(str(Path(found.origin).parent / inside))
    assert read is not None
    return np.asarray(cv2.resize(read, size, interpolation=cv2.INTER_AREA)[..., ::-1], np.uint8)


def blurred(picture: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def drifting(picture: Pixels, size: tuple[int, int], count: int, step: int = 1) -> list[Pixels]:
    """A slow pan over the picture: frames of one scene that differ a little."""
    return [np.ascontiguousarray(picture[: size[1], number * step : number * step + size[0]]) for number in range(count)]


def texture(size: tuple[int, int], seed: int = 3) -> Pixels:
    """Soft random detail everywhere, so that the smallest movement shows."""
    noise = np.random.default_rng(seed).integers(0, 256, (size[1] // 4, size[0] // 4, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC), np.uint8)
