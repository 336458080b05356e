"""Markets whose truth is known: what each channel really brought, so that a model can be marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipelines.mmm.adstock import geometric_weights, lagged
from pipelines.mmm.market import Array, Market
from pipelines.mmm.saturation import saturated

FIRST = date(2023, 1, 2)  # a Monday
NAMES = ("search", "social", "video", "audio", "display", "print", "outdoor", "mail")
LAGS = 8
BEFORE = 26  # weeks that were before the data begin: spend carries over from them


@dataclass(frozen=True)
class World:
    """roas: [C], what the channels really brought in the market's weeks over what they spent there. contribution: [T, C].

    ceiling, half: [C], the true response curve `ceiling · saturated(curve, spend, half)` a week at steady spend.
    """

    market: Market
    curve: str
    roas: Array
    contribution: Array
    carryover: Array
    half: Array
    ceiling: Array

    def response(self, weekly: Array) -> Array:
        """True outcome a week at steady weekly spend [..., C]."""
        return np.asarray(self.ceiling * saturated(self.curve, weekly, self.half))


def world(seed: int, *, channels: int = 4, weeks: int = 156, noise: float = 0.06, curve: str = "logistic") -> World:
    """A market drawn from what markets are like: seasons, a trend, campaigns that come and go, one to four tenths of sales from media.

    noise: standard deviation of a week's sales, as a share of their average.
    """
    draw = np.random.default_rng(seed)
    spend = _spend(draw, weeks + BEFORE, channels)
    typical = np.array([column[column > 0].mean() for column in spend.T])
    carryover = 1 / (1 + np.exp(-draw.normal(-1.05, 1.15, channels)))
    half = typical * np.exp(draw.normal(0.4, 0.7, channels))
    stocks = _stocks(spend, carryover)[BEFORE:]
    heights = saturated(curve, stocks, half)
    inside = spend[BEFORE:]
    share = _shares(draw, inside)
    level = float(np.exp(draw.normal(11.5, 0.5)))
    ceiling = share * level / heights.mean(axis=0)
    contribution = ceiling * heights
    sales = _base(draw, weeks, level * (1 - share.sum())) + contribution.sum(axis=1) + draw.normal(0, noise * level, weeks)
    days = tuple(FIRST + timedelta(weeks=n) for n in range(weeks))
    market = Market(days, NAMES[:channels], inside[None], np.maximum(sales, 0.05 * level)[None])
    return World(market, curve, contribution.sum(axis=0) / inside.sum(axis=0), contribution, carryover, half, ceiling)


def _spend(draw: np.random.Generator, weeks: int, channels: int) -> Array:
    """Each channel has its level, its season and its bursts; some pause."""
    week = np.arange(weeks)[:, None]
    level = np.exp(draw.normal(8.5, 0.7, channels))
    season = 1 + draw.uniform(0, 0.4, channels) * np.sin(2 * np.pi * (week / 52.18 + draw.uniform(0, 1, channels)))
    bursts = np.repeat(np.exp(draw.normal(0, 0.45, (weeks // 4 + 1, channels))), 4, axis=0)[:weeks]
    pauses = np.repeat(draw.uniform(size=(weeks // 4 + 1, channels)) > draw.uniform(0, 0.3, channels), 4, axis=0)[:weeks]
    return np.asarray(level * season * bursts * np.exp(draw.normal(0, 0.2, (weeks, channels))) * pauses)


def _stocks(spend: Array, carryover: Array) -> Array:
    before = np.zeros((spend.shape[1], LAGS - 1))
    return np.asarray(np.einsum("ctl,cl->tc", lagged(spend.T, before, LAGS), geometric_weights(carryover, LAGS)))


def _shares(draw: np.random.Generator, spend: Array) -> Array:
    """Shares of sales that the channels bring: together a tenth to six tenths, each about by its spend."""
    together = np.exp(draw.normal(np.log(0.245), 0.5))
    parts = spend.sum(axis=0) / spend.sum() * np.exp(draw.normal(0, 0.8, spend.shape[1]))
    shares = together * parts
    return np.asarray(shares * min(1.0, 0.75 / shares.sum()))  # what media do not bring is more than nothing


def _base(draw: np.random.Generator, weeks: int, level: float) -> Array:
    week = np.arange(weeks)
    season = sum(
        draw.normal(0, 0.08) * np.sin(2 * np.pi * n * week / 52.18) + draw.normal(0, 0.08) * np.cos(2 * np.pi * n * week / 52.18)
        for n in (1, 2)
    )
    return np.asarray(level * (1 + draw.normal(0, 0.2) * (week / weeks - 0.5) + season))
