"""What moves the outcome besides media: trend, seasons, holidays, controls, each a column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from pipelines.mmm.holidays import days_of
from pipelines.mmm.market import Array, Market
from pipelines.mmm.specification import Model

DAYS_OF_YEAR = 365.25
YEARLY_FROM_DAYS = 548  # a season seen once cannot be told from a trend
# Prior standard deviations, as shares of the average outcome.
TREND, BEND, SEASON, HOLIDAY, CONTROL = 0.5, 0.3, 0.15, 0.3, 0.15


@dataclass(frozen=True)
class Column:
    """values: [G, T]. group: where it is counted in the decomposition. spread: prior standard deviation of its coefficient."""

    group: str
    name: str
    values: Array
    spread: float


def columns_of(market: Market, model: Model) -> list[Column]:
    """The model's columns in a fixed order."""
    return [*_trend(market, model), *_seasons(market, model), *_holidays(market, model), *_controls(market)]


def _everywhere(market: Market, values: Array) -> Array:
    return np.tile(values, (len(market.geos), 1))


def _trend(market: Market, model: Model) -> Iterator[Column]:
    if model.trend == "none":
        return
    time = np.linspace(-0.5, 0.5, market.periods)
    yield Column("trend", "slope", _everywhere(market, time), TREND)
    if model.trend == "piecewise":  # no bend in the last fifth: there is too little behind it to see it by
        for n, bend in enumerate(np.linspace(-0.5, 0.3, model.changepoints + 2)[1:-1]):
            yield Column("trend", f"bend {n + 1}", _everywhere(market, np.maximum(time - bend, 0.0)), BEND)


def _seasons(market: Market, model: Model) -> Iterator[Column]:
    middle = market.period_days / 2
    day = np.array([first.toordinal() for first in market.dates], dtype=float) + middle
    span = market.periods * market.period_days
    yearly = model.yearly if model.yearly is not None else (3 if span >= YEARLY_FROM_DAYS else 0)
    weekly = (model.weekly if model.weekly is not None else 3) if market.period_days == 1 else 0
    for group, days, pairs in (("yearly season", DAYS_OF_YEAR, yearly), ("weekly season", 7.0, weekly)):
        for n in range(1, pairs + 1):
            turn = 2 * np.pi * n * day / days
            yield Column(group, f"sine {n}", _everywhere(market, np.sin(turn)), SEASON)
            yield Column(group, f"cosine {n}", _everywhere(market, np.cos(turn)), SEASON)


def _holidays(market: Market, model: Model) -> Iterator[Column]:
    last = market.dates[-1] + timedelta(days=market.period_days - 1)
    for holiday in model.holidays:
        days = days_of(holiday, market.dates[0], last)
        moved = [sum(first + timedelta(days=n) in days for n in range(market.period_days)) for first in market.dates]
        most = max(moved)
        if most:
            yield Column("holidays", holiday.name, _everywhere(market, np.array(moved, dtype=float) / most), HOLIDAY)


def _controls(market: Market) -> Iterator[Column]:
    for name, values in market.controls.items():
        spread = values.std(axis=1, keepdims=True)
        standard = (values - values.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
        yield Column("controls", name, standard, CONTROL)
