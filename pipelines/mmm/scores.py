"""How good a forecast was: CRPS and MAPE, beside a naive forecast that costs nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.mmm.market import Array

YEAR_DAYS = 364


def crps(forecasts: Array, actual: Array) -> float:
    """Continuous ranked probability score of forecast draws [D, N] of N values, averaged; in the values' unit, 0 is perfect.

    E|X - y| - ½ E|X - X'| (Gneiting and Raftery, 2007, equation 21), with E|X - X'| from the sorted draws.
    """
    ordered = np.sort(forecasts, axis=0)
    count = len(ordered)
    place = 2.0 * np.arange(1, count + 1) - count - 1.0
    spread = 2.0 * (place[:, None] * ordered).sum(axis=0) / count**2
    return float((np.abs(forecasts - actual).mean(axis=0) - 0.5 * spread).mean())


def mape(forecast: Array, actual: Array) -> float | None:
    """Mean absolute error as a share of the actual values; None where one of them is 0."""
    if (actual == 0).any():
        return None
    return float(np.abs((forecast - actual) / actual).mean())


def naive_forecast(outcome: Array, seen: Array, period_days: int) -> tuple[Array, Array, str]:
    """A forecast of every period [T] from what was seen, its errors where that can be checked, and what it is in words.

    The value a year before, where there is one that was seen; else the last value seen before it.
    """
    year = YEAR_DAYS // period_days
    if len(outcome) > year + int((seen == 0).sum()) + year // 4:
        earlier = np.array([outcome[t - year] if t >= year and seen[t - year] else np.nan for t in range(len(outcome))])
        words = "the value a year before"
    else:
        earlier, words = np.full(len(outcome), np.nan), "the last value known"
    latest = _latest(outcome, seen)
    predicted = np.where(np.isnan(earlier), latest, earlier)
    usable = (seen > 0) & ~np.isnan(predicted if words.startswith("the last") else earlier)
    errors = (outcome - predicted)[usable]
    return predicted, errors, words


def _latest(outcome: Array, seen: Array) -> Array:
    """The last value seen before each period; the first one where there is none before."""
    found, last = np.empty(len(outcome)), float(outcome[np.argmax(seen > 0)])
    for t in range(len(outcome)):
        found[t] = last
        if seen[t]:
            last = float(outcome[t])
    return found


def scored(forecasts: Array, outcome: Array, seen: Array, period_days: int) -> dict[str, Any]:
    """The forecast's and the naive forecast's scores on the unseen periods. forecasts: [D, T], outcome: [T], of all geos together."""
    hidden = seen == 0
    actual, ours = outcome[hidden], forecasts[:, hidden]
    predicted, errors, words = naive_forecast(outcome, seen, period_days)
    low, high = np.quantile(ours, [0.05, 0.95], axis=0)
    return {
        "periods": int(hidden.sum()),
        "crps": crps(ours, actual),
        "mape": mape(ours.mean(axis=0), actual),
        "coverage": float(((low <= actual) & (actual <= high)).mean()),
        "naive": words,
        "naive_crps": crps(predicted[hidden] + errors[:, None], actual),
        "naive_mape": mape(predicted[hidden], actual),
    }
