"""Speech from text, with the times of its words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True)
class SpokenWord:
    text: str
    start: float  # seconds
    end: float


@dataclass(frozen=True)
class VoiceRequest:
    text: str
    voice_id: str = ""  # empty: the configured voice
    language: str | None = None  # ISO 639-1
    speed: float = 1.0


@dataclass(frozen=True)
class VoiceAnswer:
    content: bytes
    media_type: str
    words: tuple[SpokenWord, ...]
    cost: Decimal
    vendor_id: str


class VoiceModel(Protocol):
    vendor: str
    simulated: bool

    def estimate(self, request: VoiceRequest) -> Decimal: ...

    def speak(self, request: VoiceRequest) -> VoiceAnswer:
        """One recording. Not idempotent."""
        ...
