"""Surfaces: patterns made from noise, and pieces of the photographs that scikit-image and others ship as samples.

The one photograph never used is scikit-image's motorcycle, on which the network is judged.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
SIZE = 128  # pixels of a texture's side; its smaller copies are a quarter each: 128, 32, 8, 2
LEVELS = (128, 32, 8, 2)


def photographs() -> list[Array]:
    """(h, w, 3) uint8 photographs of the installed packages."""
    import skimage.data
    from PIL import Image

    names = (
        "astronaut",
        "brick",
        "camera",
        "chelsea",
        "coffee",
        "coins",
        "grass",
        "gravel",
        "rocket",
        "page",
        "text",
        "moon",
        "immunohistochemistry",
    )
    found = [np.asarray(getattr(skimage.data, name)()) for name in names]
    from sklearn.datasets import load_sample_images

    found += list(load_sample_images().images)
    found_spec = importlib.util.find_spec("ultralytics")  # itself it is not imported: that changes Pillow and OpenCV
    assets = Path(found_spec.origin).parent / "assets" if found_spec and found_spec.origin else Path()
    found += [np.asarray(Image.open(path).convert("RGB")) for path in sorted(assets.glob("*.jpg"))]
    return [image if image.ndim == 3 else np.stack([image] * 3, -1) for image in found]


def atlas(rng: np.random.Generator, photos: list[Array], count: int) -> Array:
    """(count, texels of all levels, 3) uint8. Two thirds are patterns in grey, whose ends get a solid's colours."""
    makers = (_noise, _noise, _grain, _speckle, _stripes, _checks, _bricks, _planks, _lettering, _weave)
    made = []
    for number in range(count):
        texture = _photo(rng, photos) if number % 3 == 0 else _pattern(rng, makers)
        made.append(np.concatenate([_shrunk(texture, size).reshape(-1, 3) for size in LEVELS]))
    return np.stack(made)


def outlines(rng: np.random.Generator, count: int) -> Array:
    """(count, 64, 64) uint8 masks: blobs, leaves, lattices, figures cut out of card."""
    import cv2

    made = np.zeros((count, 64, 64), np.uint8)
    for mask in made:
        way = rng.integers(4)
        if way == 0:  # a blob
            mask[:] = (_fractal(rng, 64, 3) + 1.2 * _round_fall(64)) > 0.55
        elif way == 1:  # leaves or twigs
            for _ in range(rng.integers(8, 60)):
                at, axes = rng.integers(0, 64, 2), rng.integers(1, 9, 2)
                cv2.ellipse(mask, (int(at[0]), int(at[1])), (int(axes[0]), int(axes[1])), float(rng.uniform(0, 180)), 0, 360, 1, -1)
        elif way == 2:  # bars and lattices
            step, width = int(rng.integers(6, 22)), int(rng.integers(1, 4))
            for bar in range(0, 64, step):
                mask[:, bar : bar + width] = 1
                if rng.random() < 0.5:
                    mask[bar : bar + width] = 1
        else:  # a polygon
            corners = rng.integers(0, 64, (rng.integers(3, 12), 2))
            cv2.fillPoly(mask, [corners.astype(np.int32)], 1)
            mask[20:44, 24:40] |= rng.integers(2, dtype=np.uint8)
    return made


def _shrunk(texture: Array, size: int) -> Array:
    import cv2

    return np.asarray(cv2.resize(texture, (size, size), interpolation=cv2.INTER_AREA))


def _photo(rng: np.random.Generator, photos: list[Array]) -> Array:
    """A piece of a photograph, mirrored at its edges so that it repeats without a seam."""
    image = photos[rng.integers(len(photos))]
    side = int(rng.uniform(0.15, 0.9) * min(image.shape[:2]))
    top, left = rng.integers(image.shape[0] - side + 1), rng.integers(image.shape[1] - side + 1)
    half = _shrunk(image[top : top + side, left : left + side], SIZE // 2)
    half = np.rot90(half, int(rng.integers(4)))
    wide = np.concatenate([half, half[:, ::-1]], 1)
    return np.concatenate([wide, wide[::-1]], 0)


def _pattern(rng: np.random.Generator, makers: tuple[Callable[[np.random.Generator], Array], ...]) -> Array:
    grey = makers[rng.integers(len(makers))](rng)
    grey = grey + rng.uniform(0, 0.25) * _fractal(rng, SIZE, 4)
    low, high = np.percentile(grey, (1, 99))
    grey = np.clip((grey - low) / max(high - low, 1e-6), 0, 1)
    return np.repeat((grey * 255).astype(np.uint8)[..., None], 3, -1)


def _fractal(rng: np.random.Generator, size: int, octaves: int, stretch: tuple[int, int] = (1, 1)) -> Array:
    """Noise of several sizes that repeats, about -1..1."""
    import cv2

    total = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        cells = 2 ** (octave + 1)
        grid = rng.standard_normal((max(cells // stretch[0], 1), max(cells // stretch[1], 1))).astype(np.float32)
        grid = np.pad(grid, 2, mode="wrap")
        big = cv2.resize(
            grid, (size * grid.shape[1] // (grid.shape[1] - 4), size * grid.shape[0] // (grid.shape[0] - 4)), interpolation=cv2.INTER_CUBIC
        )
        top, left = (big.shape[0] - size) // 2, (big.shape[1] - size) // 2
        total += big[top : top + size, left : left + size] * 0.6**octave
    return total / 2


def _round_fall(size: int) -> Array:
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    return np.asarray(1 - np.hypot(x, y), np.float32)


def _noise(rng: np.random.Generator) -> Array:
    return _fractal(rng, SIZE, int(rng.integers(2, 7)))


def _grain(rng: np.random.Generator) -> Array:
    return _fractal(rng, SIZE, 6, (8, 1) if rng.random() < 0.5 else (1, 8))


def _speckle(rng: np.random.Generator) -> Array:
    return (rng.random((SIZE, SIZE)) < rng.uniform(0.02, 0.3)) * rng.random((SIZE, SIZE)) + 0.2 * _fractal(rng, SIZE, 4)


def _axes(rng: np.random.Generator) -> tuple[Array, Array, int]:
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    return (x, y, int(rng.integers(2, 12))) if rng.random() < 0.5 else (y, x, int(rng.integers(2, 12)))


def _stripes(rng: np.random.Generator) -> Array:
    x, _, count = _axes(rng)
    wave = np.sin(2 * np.pi * count * x)
    return np.asarray(wave if rng.random() < 0.5 else wave > rng.uniform(-0.8, 0.8), np.float32)


def _checks(rng: np.random.Generator) -> Array:
    x, y, count = _axes(rng)
    return np.asarray((np.floor(x * count * 2) + np.floor(y * count * 2)) % 2 + rng.uniform(0, 0.5) * _fractal(rng, SIZE, 5), np.float32)


def _bricks(rng: np.random.Generator) -> Array:
    """Bricks or tiles: each a shade of its own, with joints."""
    x, y, count = _axes(rng)
    shifted = x * count + (np.floor(y * count * 2) % 2) * rng.choice([0.0, 0.5])
    shades = rng.random((count * 2 + 2, count + 2))
    joint = (shifted % 1 < 0.06) | ((y * count * 2) % 1 < 0.1)
    face = shades[np.floor(y * count * 2).astype(int), np.floor(shifted).astype(int) % count]
    return np.where(joint, rng.uniform(-0.5, 1.5), rng.uniform(0.2, 0.8) * face + 0.3)


def _planks(rng: np.random.Generator) -> Array:
    x, _, count = _axes(rng)
    shade = rng.random(count + 1)[np.floor(x * count).astype(int)]
    grain = _grain(rng)
    return np.asarray(shade * 0.7 + 0.4 * grain - 0.8 * ((x * count) % 1 < 0.04))


def _lettering(rng: np.random.Generator) -> Array:
    import cv2

    page = np.zeros((SIZE, SIZE), np.uint8)
    for _ in range(rng.integers(2, 14)):
        word = "".join(rng.choice(list("AEIOURSTLNabcdefghiklmnoprstu 0123456789"), rng.integers(2, 12)))
        at = (int(rng.integers(-10, SIZE - 20)), int(rng.integers(8, SIZE)))
        cv2.putText(page, word, at, int(rng.integers(0, 5)), float(rng.uniform(0.3, 1.8)), 255, int(rng.integers(1, 4)), cv2.LINE_AA)
    return page.astype(np.float32) / 255


def _weave(rng: np.random.Generator) -> Array:
    x, y, count = _axes(rng)
    return np.asarray(np.sin(2 * np.pi * count * x) * np.sin(2 * np.pi * count * y), np.float32)
