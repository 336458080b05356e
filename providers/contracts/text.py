"""Text from a language model."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol


@dataclass(frozen=True)
class TextRequest:
    """messages: `{"role": "system"|"user"|"assistant", "content": str}`. schema: JSON Schema of the answer, or None for prose."""

    purpose: str  # a short name, [a-z_]: brand, brief, concepts; names the schema and the cost entry
    messages: tuple[dict[str, str], ...]
    schema: dict[str, Any] | None = None
    max_tokens: int = 4000


@dataclass(frozen=True)
class TextAnswer:
    text: str
    model: str  # the one that served
    cost: Decimal
    vendor_id: str


class TextModel(Protocol):
    vendor: str
    simulated: bool

    def estimate(self, request: TextRequest) -> Decimal:
        """An upper guess in USD, for the budget check before the call."""
        ...

    def complete(self, request: TextRequest) -> TextAnswer:
        """One answer. Not idempotent: two calls are billed twice."""
        ...
