"""Where a unit falls on the line from 0 to 1: the hash of GrowthBook's SDKs, so that they and we always agree.

FNV-1a with 32 bits over UTF-16 code units, as JavaScript counts characters. Source: growthbook.io, "Build Your Own SDK".
"""

from __future__ import annotations

from collections.abc import Sequence

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193
_MASK = 0xFFFFFFFF
VERSION = 2


def fnv32a(text: str, state: int = _OFFSET) -> int:
    """FNV-1a. state: the hash of what stood before, so that a common beginning is hashed once."""
    for unit in text.encode() if text.isascii() else _utf16(text):
        state = (state ^ unit) * _PRIME & _MASK
    return state


def _utf16(text: str) -> Sequence[int]:
    raw = text.encode("utf-16-le", "surrogatepass")
    return [low | high << 8 for low, high in zip(raw[::2], raw[1::2], strict=True)]


def bucket(seed: str, value: str, version: int = VERSION) -> float:
    """0 ≤ n < 1 in steps of 1/10,000 (version 2) or 1/1,000 (version 1, which namespaces use)."""
    if version == 1:
        return fnv32a(seed, fnv32a(value)) % 1000 / 1000
    return bucket_after(fnv32a(seed), value)


def bucket_after(state: int, value: str) -> float:
    """`bucket` of version 2 for a seed that was hashed before: `bucket_after(fnv32a(seed), value)`."""
    return fnv32a(str(fnv32a(value, state))) % 10_000 / 10_000


def text_of(value: object) -> str:
    """An attribute as JavaScript writes it; empty for what counts as missing there."""
    if value is None or value is False or value in ("", 0):
        return ""
    if value is True:
        return "true"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)
