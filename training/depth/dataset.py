"""Scenes on disk: `python -m training.depth.dataset FOLDER --shards N --seed S`.

A shard is two arrays, `NNNNN-picture.npy` (256, h, w, 3) uint8 sRGB and `NNNNN-inverse.npy` (256, h, w) float16 inverse
depth, 1 at the nearest hundredth of its picture, 0 for the sky. Every fourth shard is upright, 256 × 192, the others
192 × 256. The same seed renders the same shards, whatever was rendered before; a shard that is there is not rendered again.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from training.depth import scenes, textures
from training.depth.building import CARDS, TEXTURES
from training.depth.render import render

Array = np.ndarray[Any, Any]
SHARD = 256
LYING, STANDING = (192, 256), (256, 192)


def shard_names(folder: Path) -> list[str]:
    """Names of the finished shards, in order."""
    return sorted(path.name.split("-")[0] for path in folder.glob("*-inverse.npy"))


def write_shard(folder: Path, number: int, seed: int, photos: list[Array]) -> None:
    """Pictures first: a shard counts as finished when its depths are there."""
    rng = np.random.default_rng((seed, number))
    size = STANDING if number % 4 == 3 else LYING
    atlas, cards = textures.atlas(rng, photos, TEXTURES), textures.outlines(rng, CARDS)
    seen = [_one(rng, atlas, cards, size) for _ in range(SHARD)]
    np.save(folder / f"{number:05d}-picture.npy", np.stack([picture for picture, _ in seen]))
    np.save(folder / f"{number:05d}-inverse.npy", np.stack([inverse for _, inverse in seen]))


def _one(rng: np.random.Generator, atlas: Array, cards: Array, size: tuple[int, int]) -> tuple[Array, Array]:
    """A scene worth looking at: not one surface, and not a camera inside of something."""
    while True:
        picture, inverse = render(*scenes.any_scene(rng), atlas, cards, size, int(rng.integers(1 << 30)))
        near = float(np.percentile(inverse, 99))
        scaled = np.minimum(inverse / max(near, 1e-6), 4.0)
        if near < 12.0 and np.std(scaled) > 0.06:
            return _exposed(rng, picture), scaled.astype(np.float16)


def _exposed(rng: np.random.Generator, linear: Array) -> Array:
    """Linear light as a camera would keep it: exposed for the mean, its highlights rolled off, coded for sRGB."""
    scaled = linear * rng.uniform(0.12, 0.32) / (linear.mean() + 1e-4)
    rolled = np.where(scaled > 0.7, 0.7 + 0.3 * (1 - np.exp(-(scaled - 0.7) / 0.3)), scaled)
    return np.asarray(np.clip(rolled, 0, 1) ** (1 / 2.2) * 255, np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description="Render scenes with their exact depth.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shards", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    photos = textures.photographs()
    for number in range(asked.shards):
        if not (asked.folder / f"{number:05d}-inverse.npy").exists():
            write_shard(asked.folder, number, asked.seed, photos)
            print(f"shard {number} of {asked.shards}", flush=True)


if __name__ == "__main__":
    main()
