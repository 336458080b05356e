"""What a marketer states, as normal distributions on an unbounded scale.

An interval is where a figure lies with 90 % probability: a log-normal for ROAS, a logit-normal for shares.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pipelines.mmm.market import Array, Market
from pipelines.mmm.specification import Interval, Model, Share

Z_95 = 1.6448536269514722  # the 95 % quantile of the normal distribution
USUAL_MEDIA_SHARE = Share(low=0.1, high=0.6)
CHANNELS_APART = 0.8  # log standard deviation of one channel's ROAS around that of all
USUAL_CARRYOVER = {7: Share(low=0.05, high=0.7), 1: Share(low=0.3, high=0.92)}
USUAL_LAGS = {7: 8, 1: 28}
DELAY = {7: (math.log(1.0), 0.6), 1: (math.log(3.0), 0.6)}  # of the peak, in periods
HALF = (math.log(1.5), 0.7)  # of the half-saturating spend over the channel's average spend
SLOPE = (math.log(1.2), 0.3)  # of the hill
GEO_SPREAD = (math.log(0.15), 0.7)  # log standard deviation of a geo's ROAS around the channel's
LEVEL_SPREAD = 0.2  # of the average outcome
NOISE_SPREAD = 0.7


@dataclass(frozen=True)
class Normal:
    """Means and standard deviations, one a channel: [C]."""

    mean: Array
    spread: Array


def roas_belief(market: Market, model: Model) -> Normal:
    """Of log ROAS. What is not stated follows from media_share: each channel brings its part by its part of the spend."""
    total, spend = float(market.outcome.sum()), market.spend.sum(axis=(0, 1))
    share = model.media_share or USUAL_MEDIA_SHARE
    mean, spread = _logs(share)
    usual = mean + math.log(total / float(spend.sum())), math.hypot(spread, CHANNELS_APART)
    pairs = []
    for name, spent in zip(market.channels, spend, strict=True):
        belief = model.channels.get(name)
        if belief and belief.roas:
            pairs.append(_logs(belief.roas))
        elif belief and belief.share:
            mean, spread = _logs(belief.share)
            pairs.append((mean + math.log(total / float(spent)), spread))
        else:
            pairs.append(usual)
    return Normal(*np.array(pairs).T)


def carryover_belief(market: Market, model: Model) -> Normal:
    """Of logit carry-over."""
    pairs = []
    for name in market.channels:
        belief = model.channels.get(name)
        stated = (belief and belief.carryover) or USUAL_CARRYOVER[market.period_days]
        low, high = (math.log(p / (1 - p)) for p in (stated.low, stated.high))
        pairs.append(((low + high) / 2, (high - low) / (2 * Z_95)))
    return Normal(*np.array(pairs).T)


def _logs(interval: Interval) -> tuple[float, float]:
    low, high = math.log(interval.low), math.log(interval.high)
    return (low + high) / 2, (high - low) / (2 * Z_95)
