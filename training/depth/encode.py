"""What the frozen encoder says of each scene: `python -m training.depth.encode SHARDS NANODET --count 8`.

Beside a shard NNNNN it writes NNNNN-map0.npy to NNNNN-map2.npy, float16, and NNNNN-depth.npy (256, h / 8, w / 8) float16,
the inverse depth that goes with them. Each scene is photographed once: cropped, tinted, blurred, compressed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from pipelines.vision.midas.encoder import Backbone
from training.depth.dataset import LYING, STANDING, shard_names
from training.depth.photography import taken

Array = np.ndarray[Any, Any]
_AT_ONCE = 16


def encode(folder: Path, name: str, encoder: Backbone) -> None:
    """A shard counts as encoded when its depths are there. The same shard gives the same maps."""
    rng = np.random.default_rng((7, int(name)))
    pictures, inverses = (np.load(folder / f"{name}-{what}.npy", mmap_mode="r") for what in ("picture", "inverse"))
    size = LYING if inverses.shape[1] < inverses.shape[2] else STANDING
    made = [taken(rng, np.asarray(picture), np.asarray(inverse), size) for picture, inverse in zip(pictures, inverses, strict=True)]
    encoded = [_maps(encoder, [image for image, _ in made[at : at + _AT_ONCE]]) for at in range(0, len(made), _AT_ONCE)]
    for number, maps in enumerate(zip(*encoded, strict=True)):
        np.save(folder / f"{name}-map{number}.npy", np.concatenate(maps))
    np.save(folder / f"{name}-depth.npy", np.stack([_reduced(inverse) for _, inverse in made]))


def _maps(encoder: Backbone, images: list[Array]) -> list[Array]:
    batch = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255
    return [found.half().numpy() for found in encoder(batch)]


def _reduced(inverse: Array) -> Array:
    """The middle value of each 8 × 8, so that a thin thing counts where it fills half of it."""
    rows, columns = inverse.shape[0] // 8, inverse.shape[1] // 8
    return np.median(inverse.reshape(rows, 8, columns, 8), axis=(1, 3)).astype(np.float16)


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the frozen encoder over rendered scenes.")
    parser.add_argument("shards", type=Path)
    parser.add_argument("nanodet", type=Path, help="the model store's nanodet.onnx")
    parser.add_argument("--count", type=int, default=8, help="of the shards, the last so many")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    encoder = Backbone(asked.nanodet)
    for name in shard_names(asked.shards)[-asked.count :]:
        if not (asked.shards / f"{name}-depth.npy").exists():
            encode(asked.shards, name, encoder)
            print(f"shard {name}", flush=True)


if __name__ == "__main__":
    main()
