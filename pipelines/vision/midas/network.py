"""The decoder of a network of MiDaS's shape: fuses an encoder's maps, coarse to fine, into relative depth.

The coarsest map looks at the whole picture at once, by self-attention. The weights beside this file were trained by
`training/depth` on rendered scenes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDE = 32  # a picture's sides are multiples of it
_WIDTHS = (32, 64, 128)  # of the decoder's maps, fine to coarse


def conv(inside: int, outside: int, size: int = 3) -> nn.Sequential:
    """Convolution, normalisation, ReLU."""
    return nn.Sequential(nn.Conv2d(inside, outside, size, 1, size // 2, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True))


class Refined(nn.Module):
    """A residual block of two convolutions."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(conv(width, width), nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.body(x))


class Attention(nn.Module):
    """A transformer block over all places of the map."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mixed, self.joined = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.thought = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(inplace=True), nn.Linear(2 * width, width))

    def forward(self, tokens: Tensor) -> Tensor:
        batch, count, width = tokens.shape
        mixed = self.mixed(self.before(tokens)).view(batch, count, 3, self.heads, width // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(batch, count, width)
        tokens = tokens + self.joined(seen)
        refined: Tensor = tokens + self.thought(self.after(tokens))
        return refined


class Overview(nn.Module):
    """The coarsest map, where every place knows where it is and sees all others."""

    def __init__(self, width: int, blocks: int = 2) -> None:
        super().__init__()
        self.place = nn.Linear(4, width)
        self.blocks = nn.ModuleList(Attention(width) for _ in range(blocks))

    def forward(self, x: Tensor) -> Tensor:
        batch, width, rows, columns = x.shape
        y = torch.linspace(-1, 1, rows, device=x.device, dtype=x.dtype)[:, None].expand(rows, columns)
        z = torch.linspace(-1, 1, columns, device=x.device, dtype=x.dtype)[None].expand(rows, columns)
        tokens = x.flatten(2).transpose(1, 2) + self.place(torch.stack([y, y * y, z, z * z], -1).view(1, -1, 4))
        for block in self.blocks:
            tokens = block(tokens)
        overview: Tensor = tokens.transpose(1, 2).reshape(batch, width, rows, columns)
        return overview


class Fusion(nn.Module):
    """Joins a coarser map with the encoder's map of twice its size."""

    def __init__(self, coarse: int, skip: int, width: int) -> None:
        super().__init__()
        self.down, self.side, self.refined = conv(coarse, width, 1), conv(skip, width, 1), Refined(width)

    def forward(self, coarse: Tensor, skip: Tensor) -> Tensor:
        refined: Tensor = self.refined(_grown(self.down(coarse)) + self.side(skip))
        return refined


class Linear(nn.Module):
    """The best that a weighted sum can do: of what the encoder says of a place, of where it is, and of what the whole is like."""

    def __init__(self, encoded: tuple[int, int, int]) -> None:
        super().__init__()
        self.weighed = nn.Conv2d(sum(encoded) + 6 + encoded[2], 1, 1, bias=False)

    def forward(self, maps: list[Tensor]) -> Tensor:
        weighed: Tensor = self.weighed(self.seen(maps))
        return weighed

    @staticmethod
    def seen(maps: list[Tensor]) -> Tensor:
        """All that is weighed, at a 16th of the picture's size."""
        eighth, sixteenth, coarsest = maps
        batch, _, rows, columns = sixteenth.shape
        y = torch.linspace(-1, 1, rows, device=sixteenth.device, dtype=sixteenth.dtype)[:, None].expand(rows, columns)
        x = torch.linspace(-1, 1, columns, device=sixteenth.device, dtype=sixteenth.dtype)[None].expand(rows, columns)
        place = torch.stack([y, y * y, y**3, x.abs(), x * x * y, torch.ones_like(y)]).expand(batch, 6, rows, columns)
        whole = coarsest.mean((2, 3))[:, :, None, None] * y
        near = functional.interpolate(coarsest, size=(rows, columns), mode="bilinear", align_corners=False)
        return torch.cat([functional.avg_pool2d(eighth, 2), sixteenth, near, place, whole], 1)


class Decoder(nn.Module):
    """Maps of an 8th, a 16th and a 32nd of the picture's size -> (n, h / 8, w / 8), near is high, to a scale and shift of its own.

    The network corrects a linear guess; before training its correction is nothing.
    """

    def __init__(self, encoded: tuple[int, int, int]) -> None:
        super().__init__()
        fine, middle, coarse = _WIDTHS
        self.linear = Linear(encoded)
        self.even = nn.ModuleList(nn.BatchNorm2d(width) for width in encoded)
        self.entry = nn.Sequential(conv(encoded[2], coarse, 1), Overview(coarse))
        self.fuse16, self.fuse8 = Fusion(coarse, encoded[1], middle), Fusion(middle, encoded[0], fine)
        self.head = nn.Conv2d(fine, 1, 1)
        nn.init.zeros_(self.head.weight)

    def forward(self, maps: list[Tensor]) -> Tensor:
        eighth, sixteenth, coarsest = (even(found) for even, found in zip(self.even, maps, strict=True))
        correction = self.head(self.fuse8(self.fuse16(self.entry(coarsest), sixteenth), eighth))
        depth: Tensor = _grown(self.linear(maps)) + correction
        return depth[:, 0]


def _grown(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def packed(network: nn.Module) -> dict[str, Any]:
    """The weights as numpy arrays of 16-bit floats, by name."""
    return {name: value.half().cpu().numpy() for name, value in network.state_dict().items() if not name.endswith("num_batches_tracked")}


def unpack(weights: dict[str, Any], network: nn.Module) -> nn.Module:
    """The network with these weights, ready to predict. Raises RuntimeError when they are another network's."""
    state = {name: torch.from_numpy(value).float() for name, value in weights.items()}
    found = network.load_state_dict(state, strict=False)
    if found.unexpected_keys or any(not name.endswith("num_batches_tracked") for name in found.missing_keys):
        raise RuntimeError(f"{len(found.missing_keys)} weights are missing and {len(found.unexpected_keys)} are unknown")
    return network.eval()
