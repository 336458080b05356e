"""Rendered pictures as if cameras had taken them: cropped, blurred, tinted, noisy, compressed."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

Array = np.ndarray[Any, Any]


def taken(rng: np.random.Generator, picture: Array, inverse: Array, size: tuple[int, int]) -> tuple[Array, Array]:
    """A piece of a rendering as (h, w, 3) uint8 and (h, w) float32, of the wanted height and width; mirrored half the time."""
    picture, inverse = _cropped(rng, picture, inverse.astype(np.float32), size)
    if rng.random() < 0.5:
        picture, inverse = picture[:, ::-1], inverse[:, ::-1]
    image: Array = picture.astype(np.float32) / 255
    if rng.random() < 0.3:
        image = _out_of_focus(rng, image, inverse)
    image = _toned(rng, image)
    if rng.random() < 0.4:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.4))
    if rng.random() < 0.5:
        image = image + rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(0.0, 0.05))
    taken_8 = np.asarray(np.clip(image, 0, 1) * 255, np.uint8)
    if rng.random() < 0.4:
        _, packed = cv2.imencode(".jpg", taken_8, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 95))])
        taken_8 = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return taken_8, np.ascontiguousarray(inverse)


def _cropped(rng: np.random.Generator, picture: Array, inverse: Array, size: tuple[int, int]) -> tuple[Array, Array]:
    """A window of the wanted shape, from three fifths of the picture up."""
    height, width = inverse.shape
    largest = min(height / size[0], width / size[1])
    scale = largest * rng.uniform(0.6, 1.0) if rng.random() < 0.7 else largest
    rows, columns = min(int(size[0] * scale), height), min(int(size[1] * scale), width)
    top, left = rng.integers(height - rows + 1), rng.integers(width - columns + 1)
    shape = (size[1], size[0])
    window = np.s_[top : top + rows, left : left + columns]
    return (
        np.asarray(cv2.resize(picture[window], shape, interpolation=cv2.INTER_AREA)),
        np.asarray(cv2.resize(inverse[window], shape, interpolation=cv2.INTER_NEAREST_EXACT)),
    )


def _out_of_focus(rng: np.random.Generator, image: Array, inverse: Array) -> Array:
    """Sharp at one distance, softer the farther from it."""
    focus = inverse[rng.integers(inverse.shape[0]), rng.integers(inverse.shape[1])]
    away = np.clip(np.abs(inverse - focus) * rng.uniform(0.8, 4.0), 0, 1)[..., None]
    soft = cv2.GaussianBlur(image, (0, 0), rng.uniform(1.0, 4.0))
    return np.asarray(image * (1 - away) + soft * away)


def _toned(rng: np.random.Generator, image: Array) -> Array:
    """Exposure, contrast, white balance, saturation, vignette."""
    grey = image.mean(-1, keepdims=True)
    image = grey + (image - grey) * (0.0 if rng.random() < 0.1 else rng.uniform(0.3, 1.3))
    image = image * rng.uniform(0.88, 1.12, 3).astype(np.float32)
    image = np.clip(image, 1e-4, None) ** np.float32(np.exp(rng.uniform(-0.45, 0.45)))
    image = (image - 0.45) * np.float32(rng.uniform(0.6, 1.35)) + np.float32(0.45 + rng.uniform(-0.12, 0.12))
    if rng.random() < 0.2:
        y, x = np.ogrid[-1 : 1 : image.shape[0] * 1j, -1 : 1 : image.shape[1] * 1j]
        image = image * (1 - rng.uniform(0.1, 0.4) * (x * x + y * y))[..., None].astype(np.float32)
    return np.asarray(image, np.float32)
