"""What the network is taught: inverse depth up to scale and shift, with its edges.

Ranftl, Lasinger, Hafner, Schindler, Koltun, "Towards Robust Monocular Depth Estimation: Mixing Datasets for Zero-shot
Cross-dataset Transfer", 2020: equations 5 to 8 (scale and shift by median and mean deviation) and 11 (gradients).
"""

from __future__ import annotations

import torch
from torch import Tensor


def depth_loss(predicted: Tensor, wanted: Tensor, edges: float = 0.5) -> Tensor:
    """Both (n, h, w). The mean absolute difference after alignment, and of the gradients at four sizes, weighted by `edges`."""
    apart = aligned(predicted) - aligned(wanted)
    total = apart.abs().mean()
    for step in (1, 2, 4, 8):
        coarse = apart[:, ::step, ::step]
        slopes = (coarse[:, :, 1:] - coarse[:, :, :-1]).abs().mean() + (coarse[:, 1:] - coarse[:, :-1]).abs().mean()
        total = total + edges * slopes / 4
    return total


def aligned(inverse: Tensor) -> Tensor:
    """Each map less its median, over its mean deviation from it."""
    flat = inverse.flatten(1)
    middle = flat.median(1, keepdim=True).values
    spread = (flat - middle).abs().mean(1, keepdim=True)
    return ((flat - middle) / torch.clamp(spread, min=1e-4)).view_as(inverse)
