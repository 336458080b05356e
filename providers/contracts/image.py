"""Images from a prompt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True)
class ImageRequest:
    prompt: str
    aspect_ratio: str = "1:1"  # "1:1", "9:16", "16:9", "4:5"
    seed: int | None = None
    negative_prompt: str = ""


@dataclass(frozen=True)
class ImageAnswer:
    content: bytes
    media_type: str
    cost: Decimal
    vendor_id: str
    seed: int | None = None


class ImageModel(Protocol):
    vendor: str
    simulated: bool

    def estimate(self, request: ImageRequest) -> Decimal: ...

    def generate(self, request: ImageRequest) -> ImageAnswer:
        """One image. Not idempotent."""
        ...
