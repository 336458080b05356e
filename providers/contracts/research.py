"""Answers from the web with their citations."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol


@dataclass(frozen=True)
class Citation:
    url: str
    title: str
    snippet: str = ""
    date: str | None = None


@dataclass(frozen=True)
class ResearchAnswer:
    text: str  # JSON when a schema was asked for
    citations: tuple[Citation, ...]
    cost: Decimal
    model: str
    vendor_id: str


class Researcher(Protocol):
    vendor: str
    simulated: bool

    def estimate(self, question: str) -> Decimal: ...

    def ask(self, question: str, *, instructions: str = "", schema: dict[str, Any] | None = None) -> ResearchAnswer:
        """Search the web and answer. Not idempotent."""
        ...
