"""Carry-over: how much of one period's spend still works in the periods after it.

Weights are of lag 0 to L - 1 and sum to 1, so that an adstocked series keeps the unit of the spend. Geometric as in
Broadbent (1979); delayed as in Jin, Wang, Sun, Chan and Koehler, "Bayesian Methods for Media Mix Modeling with Carryover
and Shape Effects" (Google, 2017), equation 3.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.mmm.market import Array


def geometric_weights(carryover: Any, lags: int) -> Array:
    """`carryover ** lag`, normalised. carryover: share left one period later, any shape S; answers [*S, lags]."""
    kept = np.asarray(carryover, dtype=float)[..., None]
    return _normalised(kept ** np.arange(lags))


def delayed_weights(carryover: Any, delay: Any, lags: int) -> Array:
    """`carryover ** (lag - delay)²`, normalised: the effect peaks `delay` periods after the spend; answers [*S, lags]."""
    kept, peak = np.asarray(carryover, dtype=float)[..., None], np.asarray(delay, dtype=float)[..., None]
    return _normalised(kept ** (np.arange(lags) - peak) ** 2)


def _normalised(weights: Array) -> Array:
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def lagged(series: Array, before: Array, lags: int) -> Array:
    """[..., T] with what was before it [..., lags - 1] as [..., T, lags]: entry [t, l] is the value l periods before t."""
    whole = np.concatenate([before, series], axis=-1)
    windows = np.lib.stride_tricks.sliding_window_view(whole, lags, axis=-1)
    return np.ascontiguousarray(windows[..., ::-1])


def usual_spend_before(spend: Array, lags: int) -> Array:
    """What a channel is taken to have spent before the first period: its average over the first `lags` periods; [..., lags - 1].

    Spend did not begin with the data, as a rule, and taking none would blame the first weeks' sales on the baseline. A
    channel that starts later has zeros there, and zeros are what it gets.
    """
    first = spend[..., :lags].mean(axis=-1, keepdims=True)
    return np.repeat(first, lags - 1, axis=-1)
