"""People of the brand's last weeks: what they saw, and what they bought because of it.

Each person meets channels over some days and buys with a chance that starts at a base and grows by each channel met.
The growth is the truth that attribution can be held against: last touch cannot see it, removal effects come close.
"""

from __future__ import annotations

import functools
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np

from sandbox.history.market import CURRENCY, last_monday

PEOPLE = 3_000
DAYS = 42
BASE = 0.015  # who meets no channel that matters still buys with this chance
ADDED = {"search": 0.085, "social": 0.035, "video": 0.025, "email": 0.05}
_MET_FIRST = {"video": 0.4, "social": 0.35, "search": 0.2, "email": 0.05}  # video opens, search closes
_MET_LATER = {"video": 0.15, "social": 0.25, "search": 0.45, "email": 0.15}
_SEED = 42


@functools.cache
def events() -> tuple[dict[str, Any], ...]:
    """Touchpoints and conversions in the order of time: id, kind, name, person, at, channel, value."""
    random = np.random.default_rng(_SEED)
    told = [event for number in range(PEOPLE) for event in _journey(number, random)]
    return tuple(sorted(told, key=lambda event: (event["at"], event["id"])))


def _journey(number: int, random: np.random.Generator) -> list[dict[str, Any]]:
    person, end = f"visitor-{number:05d}", datetime.combine(last_monday() + timedelta(days=7), time(), UTC)
    begun = end - timedelta(days=float(random.uniform(5, DAYS)))
    met = [_channel(_MET_FIRST if step == 0 else _MET_LATER, random) for step in range(1 + random.poisson(1.4))]
    moments = [begun + timedelta(hours=float(hours)) for hours in np.cumsum(random.exponential(20, len(met)))]
    told = [_touch(person, step, channel, at) for step, (channel, at) in enumerate(zip(met, moments, strict=True))]
    if random.random() < BASE + sum(ADDED[channel] for channel in set(met)):
        told.append(_purchase(person, moments[-1] + timedelta(hours=float(random.exponential(5))), random))
    return [event for event in told if event["at"] < end.isoformat()]


def _channel(chances: dict[str, float], random: np.random.Generator) -> str:
    return str(random.choice(list(chances), p=list(chances.values())))


def _touch(person: str, step: int, channel: str, at: datetime) -> dict[str, Any]:
    met = {"id": f"{person}-touch-{step}", "kind": "touchpoint", "name": "click", "person": person}
    return {**met, "at": at.isoformat(), "channel": channel}


def _purchase(person: str, at: datetime, random: np.random.Generator) -> dict[str, Any]:
    value = round(float(random.lognormal(4.4, 0.35)), 2)
    bought = {"id": f"{person}-purchase", "kind": "conversion", "name": "purchase", "person": person, "at": at.isoformat()}
    return {**bought, "value": value, "currency": CURRENCY}


def truth() -> dict[str, Any]:
    """By how much a channel raises the chance of a purchase, and its share of all that the channels add."""
    total = sum(_reach(channel) * added for channel, added in ADDED.items())
    return {"added_chance": ADDED, "share": {channel: round(_reach(channel) * added / total, 4) for channel, added in ADDED.items()}}


def _reach(channel: str) -> int:
    return len({event["person"] for event in events() if event.get("channel") == channel})
