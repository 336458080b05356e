"""A market and a model as the arrays that samplers work on. Outcome in shares of its average, spend in shares of the channel's."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pipelines.mmm import beliefs
from pipelines.mmm.adstock import lagged, usual_spend_before
from pipelines.mmm.beliefs import Normal
from pipelines.mmm.market import Array, Market
from pipelines.mmm.regressors import Column, columns_of
from pipelines.mmm.specification import LiftTest, Model

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Lifts:
    """K tests over R rows of (geo, period). Row r: its test, geo, period, and the spend it would have had without the test."""

    test: Ints  # [R]
    geo: Ints  # [R]
    period: Ints  # [R]
    without: Array  # [R, L], scaled as `Design.lags`
    channel: Ints  # [K]
    lift: Array  # [K], in outcome
    error: Array  # [K]


@dataclass(frozen=True)
class Design:
    """Shapes: G geos, T periods, C channels, P columns, L lags.

    outcome_scale: [G], the average outcome. spend_scale: [G, C], average spend of the periods with any. ratio: [G, C], spend a
    period over the average outcome, which turns a ROAS into a share of the outcome. seen: [T], 1 where the outcome may be looked at.
    """

    market: Market
    model: Model
    lag_count: int
    columns: tuple[Column, ...]
    outcome_scale: Array
    spend_scale: Array
    ratio: Array
    outcome: Array  # [G, T], scaled
    seen: Array  # [T]
    regressors: Array  # [G, T, P], centred over time
    coefficient_spread: Array  # [P]
    lags: Array  # [C, G, T, L], scaled
    roas: Normal
    carryover: Normal
    delay: tuple[float, float]
    noise_mean: float  # of the log of the noise
    lifts: Lifts

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """G, T, C, P."""
        return (*self.outcome.shape, self.lags.shape[0], self.regressors.shape[2])


def designed(market: Market, model: Model, seen: Array | None = None) -> Design:
    """The arrays of a checked market. seen: [T] of 0 and 1; without it every outcome is."""
    seen = np.ones(market.periods) if seen is None else np.asarray(seen, dtype=float)
    lag_count = min(model.max_lag or beliefs.USUAL_LAGS[market.period_days], market.periods)
    columns = tuple(columns_of(market, model))
    outcome_scale = market.outcome[:, seen > 0].mean(axis=1)
    outcome = market.outcome / outcome_scale[:, None]
    spend_scale = average_spend(market)
    delay = beliefs.DELAY[market.period_days]
    return Design(
        market=market,
        model=model,
        lag_count=lag_count,
        columns=columns,
        outcome_scale=outcome_scale,
        spend_scale=spend_scale,
        ratio=market.spend.mean(axis=1) / outcome_scale[:, None],
        outcome=outcome,
        seen=seen,
        regressors=_centred(columns, market),
        coefficient_spread=np.array([column.spread for column in columns]),
        lags=_lags(market.spend, spend_scale, lag_count),
        roas=beliefs.roas_belief(market, model),
        carryover=beliefs.carryover_belief(market, model),
        delay=delay,
        noise_mean=math.log(0.5 * float(outcome[:, seen > 0].std(axis=1).mean())),
        lifts=_lifts(market, model.lift_tests, spend_scale, lag_count),
    )


def average_spend(market: Market) -> Array:
    """[G, C], over the periods with any spend; 1 where a geo never had any."""
    with_any = np.maximum((market.spend > 0).sum(axis=1), 1)
    average = market.spend.sum(axis=1) / with_any
    return np.asarray(np.where(average > 0, average, 1.0))


def _centred(columns: tuple[Column, ...], market: Market) -> Array:
    if not columns:
        return np.zeros((*market.outcome.shape, 0))
    stacked = np.stack([column.values for column in columns], axis=-1)
    return np.asarray(stacked - stacked.mean(axis=1, keepdims=True))


def _lags(spend: Array, scale: Array, lag_count: int) -> Array:
    """[C, G, T, L] of spend [G, T, C]."""
    scaled = np.moveaxis(spend / scale[:, None, :], 2, 0)
    return lagged(scaled, usual_spend_before(scaled, lag_count), lag_count)


def _lifts(market: Market, tests: list[LiftTest], scale: Array, lag_count: int) -> Lifts:
    """The rows of every test, with the lags of a history in which its spend had not been."""
    rows: list[tuple[int, int, int]] = []
    without: list[Array] = []
    for number, test in enumerate(tests):
        changed = _without(market, test)
        lags = _lags(changed, scale, lag_count)[market.channels.index(test.channel)]
        for geo in _geos_of(market, test):
            for period in market.rows_between(test.start, test.end):
                rows.append((number, geo, period))
                without.append(lags[geo, period])
    indices = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Lifts(
        test=np.ascontiguousarray(indices[:, 0]),
        geo=np.ascontiguousarray(indices[:, 1]),
        period=np.ascontiguousarray(indices[:, 2]),
        without=np.array(without).reshape(-1, lag_count),
        channel=np.array([market.channels.index(test.channel) for test in tests], dtype=np.int64),
        lift=np.array([test.lift for test in tests], dtype=float),
        error=np.array([test.standard_error for test in tests], dtype=float),
    )


def _geos_of(market: Market, test: LiftTest) -> list[int]:
    return [market.geos.index(test.geo)] if test.geo else list(range(len(market.geos)))


def _without(market: Market, test: LiftTest) -> Array:
    """Spend [G, T, C] less the test's, which was spread as the spend was; evenly where there was none."""
    rows, channel, geos = market.rows_between(test.start, test.end), market.channels.index(test.channel), _geos_of(market, test)
    there = np.ix_(geos, rows, [channel])
    spent = market.spend[there]
    part = spent / spent.sum() if spent.sum() > 0 else np.full(spent.shape, 1.0 / spent.size)
    changed = market.spend.copy()
    changed[there] = np.maximum(spent - test.spend_delta * part, 0.0)
    return changed
