"""Trains the depth decoder: `python -m training.depth.train SHARDS NANODET WEIGHTS --steps 2000`.

The encoder is frozen, so what it says of a lot of pictures is computed once and learned from several times. Pictures are
cropped, tinted and blurred anew for each lot. The last shard is never trained on: its ranks are what progress is told by.
What is saved is a running mean of the weights.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from pipelines.vision.midas.encoder import WIDTHS, Backbone
from pipelines.vision.midas.network import Decoder, packed
from training.depth.dataset import shard_names
from training.depth.loss import agreement, depth_loss
from training.depth.photography import taken

Array = np.ndarray[Any, Any]
Example = tuple[list[Tensor], Tensor]

SIZE = (192, 256)
BATCH = 16
LOT, TIMES = 256, 3  # pictures of a lot, and how often each is learned from


def lot(rng: np.random.Generator, folder: Path, names: list[str], encoder: Backbone) -> list[Example]:
    """Batches of encoded pictures with their inverse depth at a quarter of the size, from one shard."""
    name = names[rng.integers(len(names))]
    pictures, inverses = (np.load(folder / f"{name}-{what}.npy", mmap_mode="r") for what in ("picture", "inverse"))
    size = SIZE if inverses.shape[1] < inverses.shape[2] else SIZE[::-1]
    order = rng.permutation(len(inverses))[:LOT]
    made = [taken(rng, np.asarray(pictures[row]), np.asarray(inverses[row]), size) for row in order]
    return [_encoded(encoder, made[start : start + BATCH]) for start in range(0, len(made) - BATCH + 1, BATCH)]


def _encoded(encoder: Backbone, made: list[tuple[Array, Array]]) -> Example:
    images = torch.from_numpy(np.stack([image for image, _ in made])).permute(0, 3, 1, 2).float() / 255
    inverse = torch.from_numpy(np.stack([inverse for _, inverse in made])).clamp(max=1.6)
    return encoder(images), inverse[:, 2::4, 2::4]


def rate(step: int, steps: int, top: float) -> float:
    """The learning rate: up over 60 steps, then down a cosine."""
    return top * min(1.0, (step + 1) / 60) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def train(folder: Path, weights: Path, target: Path, steps: int, top: float, seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    encoder, decoder = Backbone(weights).eval(), Decoder(WIDTHS).train()
    mean = torch.optim.swa_utils.AveragedModel(decoder, avg_fn=lambda old, new, _: old * 0.99 + new * 0.01, use_buffers=True)
    optimizer = torch.optim.AdamW(decoder.parameters(), lr=top, weight_decay=0.05)
    names = shard_names(folder)
    kept = lot(np.random.default_rng(0), folder, names[-1:], encoder)[:8]
    waiting: list[Example] = []
    heard, began = 0.0, time.monotonic()
    for step in range(steps):
        if not waiting:
            fresh = lot(rng, folder, names[:-1], encoder)
            waiting = [fresh[index] for _ in range(TIMES) for index in rng.permutation(len(fresh))]
        maps, inverse = waiting.pop()
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps, top)
        loss = depth_loss(decoder(maps), inverse)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimizer.step()
        mean.update_parameters(decoder)
        heard += loss.item()
        if (step + 1) % 50 == 0:
            told = _judged(mean.module, kept)
            print(f"step {step + 1} of {steps}: loss {heard / 50:.4f}, ranks {told:.4f}, {time.monotonic() - began:.0f} s", flush=True)
            heard = 0.0
            np.savez_compressed(target, **packed(mean.module))


def _judged(decoder: torch.nn.Module, kept: list[Example]) -> float:
    decoder.eval()
    with torch.no_grad():
        return sum(agreement(decoder(maps), inverse) for maps, inverse in kept) / len(kept)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the depth decoder on rendered scenes.")
    parser.add_argument("shards", type=Path)
    parser.add_argument("nanodet", type=Path, help="the model store's nanodet.onnx")
    parser.add_argument("weights", type=Path)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    cv2.setNumThreads(1)
    train(asked.shards, asked.nanodet, asked.weights, asked.steps, asked.rate, asked.seed)


if __name__ == "__main__":
    main()
