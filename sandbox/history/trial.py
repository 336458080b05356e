"""Visitors of a page in two forms: who buys, given what they were shown. The second form is really better."""

from __future__ import annotations

import hashlib
from typing import Any

from sandbox.history.market import CURRENCY

RATES = (0.10, 0.16)  # chance of a purchase by the variant's place
VALUE = 59.0


def purchases(shown: dict[str, int]) -> list[dict[str, Any]]:
    """Of visitors with the place of the variant that each saw, those who buy; a visitor always decides the same way."""
    buyers = [unit for unit, place in shown.items() if _buys(unit, place)]
    return [{"person": unit, "name": "purchase", "value": VALUE, "currency": CURRENCY} for unit in buyers]


def _buys(unit: str, place: int) -> bool:
    drawn = int.from_bytes(hashlib.sha256(unit.encode()).digest()[:6]) / 2**48
    return drawn < RATES[min(place, len(RATES) - 1)]


def truth() -> dict[str, Any]:
    return {"rates": RATES, "lift": round(RATES[1] / RATES[0] - 1, 4)}
