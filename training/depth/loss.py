"""What the network is taught: relative depth up to a scale and a shift, with its edges.

As MiDaS is (Ranftl, Lasinger, Hafner, Schindler, Koltun 2020), with two changes that made a small network learn on rendered
scenes: the root of the inverse depth is taught, so that one thing close to the camera does not outweigh the rest of a
picture, and squares are compared, so that where the network is in doubt it answers between the cases.
"""

from __future__ import annotations

import torch
from torch import Tensor


def depth_loss(predicted: Tensor, inverse: Tensor, edges: float = 0.3) -> Tensor:
    """predicted, inverse depth (n, h, w). Squared difference after alignment, and differences of slopes at three sizes by `edges`."""
    wanted = aligned(inverse.clamp(min=0).sqrt()).clamp(-3, 3)
    apart = aligned(predicted) - wanted
    total = apart.square().mean()
    for step in (1, 2, 4):
        coarse = apart[:, ::step, ::step]
        slopes = (coarse[:, :, 1:] - coarse[:, :, :-1]).abs().mean() + (coarse[:, 1:] - coarse[:, :-1]).abs().mean()
        total = total + edges * slopes / 3
    return total


def aligned(depth: Tensor) -> Tensor:
    """Each map less its mean, over its deviation."""
    flat = depth.flatten(1)
    middle = flat.mean(1, keepdim=True)
    spread = (flat - middle).square().mean(1, keepdim=True).add(1e-6).sqrt()
    return ((flat - middle) / spread).view_as(depth)


def agreement(predicted: Tensor, inverse: Tensor) -> float:
    """Mean correlation of the ranks (Spearman), over the maps."""
    ranks = [torch.argsort(torch.argsort(maps.flatten(1), 1), 1).float() for maps in (predicted, inverse)]
    return float((aligned(ranks[0]) * aligned(ranks[1])).mean(1).mean())
