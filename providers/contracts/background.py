"""What in a picture is foreground, told by a vendor."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

Subject = Literal["auto", "person", "product", "car"]


@dataclass(frozen=True)
class MatteRequest:
    """content: a PNG or JPEG, upright. subject: what kind of thing is in the foreground."""

    content: bytes
    media_type: str
    subject: Subject = "auto"


@dataclass(frozen=True)
class MatteAnswer:
    """content: a grey PNG of the picture's shape, white where it is foreground; None: the vendor finds no foreground."""

    content: bytes | None
    cost: Decimal
    vendor_id: str = ""


class BackgroundRemover(Protocol):
    vendor: str
    simulated: bool

    def estimate(self, request: MatteRequest) -> Decimal: ...

    def matte(self, request: MatteRequest) -> MatteAnswer:
        """One matte. Not idempotent: a repeated call is billed again."""
        ...
