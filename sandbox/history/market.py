"""Weekly sales of the brand, made by four channels over a base that grows and has its seasons.

    revenue = base + trend + season + Σ channel effect + noise
    effect  = most × saturation(adstock(spend)),  adstock_t = spend_t + carry × adstock_{t-1},  saturation(x) = x / (half + x)

Geometric adstock and Hill saturation as Jin et al. (2017), "Bayesian Methods for Media Mix Modeling with Carryover and
Shape Effects". All amounts in USD a week; the same seed makes the same past.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

WEEKS = 130
CURRENCY = "USD"
_SEED = 20_261_116
_BASE = 42_000.0
_GROWTH = 9_000.0  # over the whole time
_SEASON = 6_500.0
_NOISE = 1_900.0
_CLICK_RATE = {"search": 0.035, "social": 0.011, "video": 0.004, "email": 0.06}
_CLICK_PRICE = {"search": 1.6, "social": 0.9, "video": 1.4, "email": 0.12}


@dataclass(frozen=True)
class Channel:
    """carry: share of the effect left after a week. most: USD a week at full saturation. half: adstocked spend of half of that."""

    name: str
    spend: float  # a usual week
    carry: float
    most: float
    half: float


CHANNELS = (
    Channel("search", 5_200, 0.15, 31_000, 7_000),
    Channel("social", 4_100, 0.40, 21_000, 9_500),
    Channel("video", 3_400, 0.60, 18_000, 13_000),
    Channel("email", 700, 0.25, 6_500, 1_300),
)


@dataclass(frozen=True)
class Past:
    """spend, effects: weeks × channels. revenue: weeks. mondays: the days that weeks begin on."""

    mondays: tuple[date, ...]
    spend: Numbers
    effects: Numbers
    revenue: Numbers

    @property
    def roas(self) -> Numbers:
        """What a channel's spend really brought back in these weeks, a dollar spent."""
        shares: Numbers = self.effects.sum(axis=0) / self.spend.sum(axis=0)
        return shares


def last_monday() -> date:
    """The day on which the last whole week began."""
    today = datetime.now(UTC).date()
    return today - timedelta(days=today.weekday() + 7)


@functools.cache
def past() -> Past:
    random = np.random.default_rng(_SEED)
    weeks = np.arange(WEEKS)
    spend = np.column_stack([_spending(channel, weeks, random) for channel in CHANNELS])
    effects = np.column_stack([effect(channel, spend[:, index]) for index, channel in enumerate(CHANNELS)])
    season = _SEASON * np.sin(2 * np.pi * (weeks - 38) / 52.18)
    rest = _BASE + _GROWTH * weeks / WEEKS + season + random.normal(0, _NOISE, WEEKS)
    mondays = tuple(last_monday() - timedelta(weeks=int(WEEKS - 1 - week)) for week in weeks)
    return Past(mondays, spend, effects, np.round(rest + effects.sum(axis=1), 2))


def _spending(channel: Channel, weeks: Numbers | NDArray[np.int64], random: np.random.Generator) -> Numbers:
    """Waves and pauses of its own for each channel; what never varies cannot be measured."""
    wave = 1 + 0.45 * np.sin(2 * np.pi * weeks / random.uniform(9, 21) + random.uniform(0, 6))
    pauses = np.repeat(random.random(WEEKS // 4 + 1) > 0.14, 4)[:WEEKS]
    drawn: Numbers = np.round(channel.spend * wave * random.lognormal(0, 0.3, WEEKS) * np.where(pauses, 1, 0.08), 2)
    return drawn


def effect(channel: Channel, spend: Numbers) -> Numbers:
    """USD that spending so, week by week, brings in."""
    carried, stock = 0.0, []
    for one in spend:
        carried = float(one) + channel.carry * carried
        stock.append(carried)
    adstock = np.array(stock)
    brought: Numbers = channel.most * adstock / (channel.half + adstock)
    return brought


def weekly_rows() -> list[dict[str, Any]]:
    """A row a week: `date, revenue` and a column of spend for each channel."""
    found = past()
    names = [channel.name for channel in CHANNELS]
    return [
        {"date": monday.isoformat(), "revenue": float(found.revenue[week]), **dict(zip(names, map(float, found.spend[week]), strict=True))}
        for week, monday in enumerate(found.mondays)
    ]


def spend_rows(weeks: int) -> list[dict[str, Any]]:
    """What the last weeks' spend bought, day by day and channel: date, channel, currency, spend, impressions, clicks."""
    found = past()
    random = np.random.default_rng(_SEED + 1)
    rows = []
    for week in range(WEEKS - weeks, WEEKS):
        for index, channel in enumerate(CHANNELS):
            for day, share in enumerate(random.dirichlet(np.full(7, 40.0))):
                spent = round(float(found.spend[week, index] * share), 2)
                clicks = int(random.poisson(spent / _CLICK_PRICE[channel.name]))
                on = found.mondays[week] + timedelta(days=day)
                shown = int(clicks / _CLICK_RATE[channel.name])
                rows.append(_spent(on, channel.name, spent, shown, clicks))
    return rows


def _spent(on: date, channel: str, spent: float, shown: int, clicks: int) -> dict[str, Any]:
    return {"date": on.isoformat(), "channel": channel, "currency": CURRENCY, "spend": spent, "impressions": shown, "clicks": clicks}


def truth() -> dict[str, Any]:
    """What a model of the past should find: ROAS and share of revenue of each channel, and their carry-over."""
    found = past()
    names = [channel.name for channel in CHANNELS]
    shares = found.effects.sum(axis=0) / found.revenue.sum()
    return {
        "roas": {name: round(float(one), 3) for name, one in zip(names, found.roas, strict=True)},
        "share_of_revenue": {name: round(float(one), 4) for name, one in zip(names, shares, strict=True)},
        "carry": {channel.name: channel.carry for channel in CHANNELS},
    }
