"""Trains the depth network: `python -m training.depth.train SHARDS WEIGHTS --steps 2000 --size 144x192 [--start WEIGHTS]`.

The shards are taken in one order: step s draws from the first 2 + s/40 of them and waits for one that is still being
rendered, so the same seed, shards and number of threads give the same weights whether or not rendering ran beside it.
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

from pipelines.vision.midas.network import DepthNetwork, packed, unpacked
from training.depth.loss import depth_loss
from training.depth.photography import taken

Array = np.ndarray[Any, Any]
BATCH = 16
FIRST_SHARDS, STEPS_A_SHARD = 2, 40
SAVED_EVERY = 100


def batch(rng: np.random.Generator, folder: Path, known: int, size: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (16, 3, h, w) 0..1 and inverse depths (16, h, w), from one of the first `known` shards; upright ones turn `size`."""
    number = int(rng.integers(known))
    while not (folder / f"{number:05d}-inverse.npy").exists():
        time.sleep(1)
    pictures, inverses = (np.load(folder / f"{number:05d}-{what}.npy", mmap_mode="r") for what in ("picture", "inverse"))
    shape = size if inverses.shape[1] < inverses.shape[2] else size[::-1]
    rows = rng.choice(len(inverses), BATCH, replace=False)
    made = [taken(rng, np.asarray(pictures[row]), np.asarray(inverses[row]), shape) for row in rows]
    images = torch.from_numpy(np.stack([image for image, _ in made])).permute(0, 3, 1, 2).float() / 255
    return images, torch.from_numpy(np.stack([inverse for _, inverse in made])).clamp(max=1.6)


def rate(step: int, steps: int, top: float) -> float:
    """The learning rate: up over 100 steps, then down a cosine."""
    return top * min(1.0, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def train(folder: Path, target: Path, start: Path | None, steps: int, size: tuple[int, int], shards: int, top: float, seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = (unpacked(dict(np.load(start))) if start else DepthNetwork()).train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995), use_buffers=True)
    optimizer = torch.optim.AdamW(network.parameters(), lr=top, weight_decay=0.02)
    heard, began = 0.0, time.monotonic()
    for step in range(steps):
        known = shards if start else min(shards, FIRST_SHARDS + step // STEPS_A_SHARD)
        pictures, wanted = batch(rng, folder, known, size)
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps, top)
        loss = depth_loss(network(pictures.contiguous(memory_format=torch.channels_last)), wanted)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        mean.update_parameters(network)
        heard += loss.item()
        if (step + 1) % 50 == 0:
            print(f"step {step + 1} of {steps}: loss {heard / 50:.4f}, {time.monotonic() - began:.0f} s", flush=True)
            heard = 0.0
        if (step + 1) % SAVED_EVERY == 0 or step + 1 == steps:
            np.savez_compressed(target, **packed(mean.module))


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the depth network on rendered scenes.")
    parser.add_argument("shards", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--size", default="144x192")
    parser.add_argument("--count", type=int, default=40, help="shards to train on")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    height, width = (int(part) for part in asked.size.split("x"))
    train(asked.shards, asked.weights, asked.start, asked.steps, (height, width), asked.count, asked.rate, asked.seed)


if __name__ == "__main__":
    main()
