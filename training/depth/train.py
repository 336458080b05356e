"""Trains the depth decoder: `python -m training.depth.train SHARDS WEIGHTS --steps 600`, on shards that were encoded before.

It begins with the best linear guess, found in closed form, and learns to correct it. The last shard is never learned
from: the agreement of ranks on it is what progress is told by. What is saved is a running mean of the weights.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipelines.vision.midas.encoder import WIDTHS
from pipelines.vision.midas.network import Decoder, Linear, packed
from training.depth.loss import agreement, aligned, depth_loss

Example = tuple[list[Tensor], Tensor]

BATCH = 16
_FORGOTTEN = 0.1  # share of the encoder's channels that a step does not see
_TOLD_EVERY = 50
_FITTED_ON = 4  # shards, for the linear guess


def encoded_shards(folder: Path) -> list[str]:
    return sorted(path.name.split("-")[0] for path in folder.glob("*-depth.npy"))


def examples(folder: Path, name: str, rows: Any) -> Example:
    found = [np.load(folder / f"{name}-map{number}.npy", mmap_mode="r")[rows] for number in range(len(WIDTHS))]
    maps = [torch.from_numpy(part.astype(np.float32)) for part in found]
    depth = np.load(folder / f"{name}-depth.npy", mmap_mode="r")[rows]
    return maps, torch.from_numpy(depth.astype(np.float32)).clamp(max=1.6)


def drawn(rng: np.random.Generator, folder: Path, names: list[str]) -> Example:
    """A batch of one shard, mirrored half the time, without some of the channels."""
    maps, inverse = examples(folder, names[rng.integers(len(names))], np.sort(rng.choice(256, BATCH, replace=False)))
    maps = [torch.nn.functional.dropout2d(found, _FORGOTTEN) for found in maps]
    if rng.random() < 0.5:
        return [found.flip(3) for found in maps], inverse.flip(2)
    return maps, inverse


def rate(step: int, steps: int, top: float) -> float:
    """The learning rate: up over 60 steps, then down a cosine."""
    return top * min(1.0, (step + 1) / 60) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def fitted(folder: Path, names: list[str], ridge: float = 0.3) -> Tensor:
    """Weights of the linear guess in closed form: ridge regression of the aligned depth, over every place of every scene."""
    size = sum(WIDTHS) + 6 + WIDTHS[2]
    squares, products = torch.zeros(size, size), torch.zeros(size)
    for name in names:
        for start in range(0, 256, 64):
            maps, inverse = examples(folder, name, slice(start, start + 64))
            seen = Linear.seen(maps).permute(0, 2, 3, 1).reshape(-1, size)
            wanted = aligned(torch.nn.functional.avg_pool2d(inverse.sqrt()[:, None], 2)[:, 0]).clamp(-3, 3).reshape(-1)
            squares += seen.T @ seen
            products += seen.T @ wanted
    weights: Tensor = torch.linalg.solve(squares + ridge * torch.diag(squares.diag()) + 1e-3 * torch.eye(size), products)
    return weights


def train(folder: Path, target: Path, steps: int, top: float, seed: int) -> None:
    torch.manual_seed(seed)
    rng, decoder = np.random.default_rng(seed), Decoder(WIDTHS).train()
    decoder.linear.weighed.weight.data = fitted(folder, encoded_shards(folder)[:_FITTED_ON])[None, :, None, None]
    mean = torch.optim.swa_utils.AveragedModel(decoder, avg_fn=lambda old, new, _: old * 0.99 + new * 0.01, use_buffers=True)
    optimizer = torch.optim.AdamW(decoder.parameters(), lr=top, weight_decay=0.05)
    kept = examples(folder, encoded_shards(folder)[-1], slice(0, 128))
    heard, began = 0.0, time.monotonic()
    print(f"the linear guess: ranks {_judged(mean.module, kept):.4f}", flush=True)
    np.savez_compressed(target, **packed(mean.module))
    for step in range(steps):
        maps, inverse = drawn(rng, folder, encoded_shards(folder)[:-1])
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps, top)
        loss = depth_loss(decoder(maps), inverse)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimizer.step()
        mean.update_parameters(decoder)
        heard += loss.item()
        if (step + 1) % _TOLD_EVERY == 0:
            told = _judged(mean.module, kept)
            seconds = time.monotonic() - began
            print(f"step {step + 1} of {steps}: loss {heard / _TOLD_EVERY:.4f}, ranks {told:.4f}, {seconds:.0f} s", flush=True)
            heard = 0.0
            np.savez_compressed(target, **packed(mean.module))


def _judged(decoder: torch.nn.Module, kept: Example) -> float:
    decoder.eval()
    with torch.no_grad():
        return agreement(decoder(kept[0]), kept[1])


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the depth decoder on encoded scenes.")
    parser.add_argument("shards", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    train(asked.shards, asked.weights, asked.steps, asked.rate, asked.seed)


if __name__ == "__main__":
    main()
