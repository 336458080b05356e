"""A small network of MiDaS's shape: an encoder that halves the picture five times, and a decoder that fuses the steps again.

The coarsest step looks at the whole picture at once, by self-attention. The weights beside this file were trained by
`training/depth` on rendered scenes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDE = 32  # a picture's sides are multiples of it
_WIDTHS = (24, 32, 64, 128, 224)
_FUSED = (32, 48, 64)


def conv(inside: int, outside: int, size: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution, normalisation, ReLU."""
    layer = nn.Conv2d(inside, outside, size, stride, size // 2, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outside), nn.ReLU(inplace=True))


class Plain(nn.Module):
    """A residual block of two full convolutions; also MiDaS's residual unit before a fusion."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(conv(width, width), nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.body(x))


class Inverted(nn.Module):
    """A residual block that widens, looks around by depth-wise convolution, and narrows."""

    def __init__(self, inside: int, outside: int, stride: int = 1, size: int = 3) -> None:
        super().__init__()
        wide = inside * 4
        self.keeps = stride == 1 and inside == outside
        self.body = nn.Sequential(
            conv(inside, wide, 1),
            conv(wide, wide, size, stride, wide),
            nn.Conv2d(wide, outside, 1, bias=False),
            nn.BatchNorm2d(outside),
        )

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.body(x)
        return x + made if self.keeps else made


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
        return tokens + self.thought(self.after(tokens))


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
        return tokens.transpose(1, 2).reshape(batch, width, rows, columns)


class Fusion(nn.Module):
    """Joins a coarser map with the encoder's map of twice its size."""

    def __init__(self, coarse: int, skip: int, width: int) -> None:
        super().__init__()
        self.down, self.side, self.refined = conv(coarse, width, 1), conv(skip, width, 1), Plain(width)

    def forward(self, coarse: Tensor, skip: Tensor) -> Tensor:
        refined: Tensor = self.refined(_grown(self.down(coarse)) + self.side(skip))
        return refined


class DepthNetwork(nn.Module):
    """(n, 3, h, w) pictures, 0..1, sides multiples of 32 -> (n, h, w) inverse depth, right up to scale and shift, near is high."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d, e = _WIDTHS
        p, q, r = _FUSED
        self.at2 = conv(3, a, 3, 2)
        self.at4 = nn.Sequential(conv(a, b, 3, 2), Plain(b))
        self.at8 = nn.Sequential(conv(b, c, 3, 2), Inverted(c, c), Inverted(c, c))
        self.at16 = nn.Sequential(Inverted(c, d, 2), Inverted(d, d, size=5), Inverted(d, d), Inverted(d, d, size=5))
        self.at32 = nn.Sequential(Inverted(d, e, 2), Inverted(e, e, size=5), Overview(e))
        self.fuse16, self.fuse8, self.fuse4 = Fusion(e, d, r), Fusion(r, c, q), Fusion(q, b, p)
        self.narrow, self.edge = conv(p, 16), conv(a, 8, 1)
        self.head = nn.Sequential(conv(24, 12), nn.Conv2d(12, 1, 1))

    def forward(self, pictures: Tensor) -> Tensor:
        half = self.at2((pictures - 0.45) / 0.25)
        fourth = self.at4(half)
        eighth = self.at8(fourth)
        sixteenth = self.at16(eighth)
        fused = self.fuse16(self.at32(sixteenth), sixteenth)
        fused = self.fuse4(self.fuse8(fused, eighth), fourth)
        drawn = self.head(torch.cat([_grown(self.narrow(fused)), self.edge(half)], 1))
        inverse: Tensor = _grown(drawn)[:, 0]
        return inverse


def _grown(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def packed(network: nn.Module) -> dict[str, Any]:
    """The weights as numpy arrays of 16-bit floats, by name."""
    return {name: value.half().numpy() for name, value in network.state_dict().items() if not name.endswith("num_batches_tracked")}


def unpacked(weights: dict[str, Any]) -> DepthNetwork:
    """A network with these weights, ready to predict. Raises RuntimeError when they are another network's."""
    network = DepthNetwork()
    state = {name: torch.from_numpy(value).float() for name, value in weights.items()}
    missing = [name for name in network.state_dict() if name not in state and not name.endswith("num_batches_tracked")]
    surplus = [name for name in state if name not in network.state_dict()]
    if missing or surplus:
        raise RuntimeError(f"{len(missing)} weights are missing and {len(surplus)} are unknown")
    network.load_state_dict(state, strict=False)
    return network.eval()
