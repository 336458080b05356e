"""The density's machine code: forward from z to predictions, then backward for the gradient.

Importing this module imports Numba. Set `numba.config.CACHE_DIR` before: each function's machine code is kept there between runs.
Shapes as in `design.py`: G geos, T periods, C channels, P columns, L lags, K lift tests over R rows.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numba
import numpy as np

from pipelines.mmm.saturation import LOG_3

GEOMETRIC, DELAYED = 0, 1
TANH, HILL = 0, 1  # logistic is tanh once told by its half-saturation
HALF_LOG_3 = 0.5 * LOG_3
TINY = 1e-12

# With "nnan" or "ninf" a diverging step could go unnoticed.
_compiled: Any = functools.partial(numba.njit, nogil=True, fastmath={"reassoc", "contract", "nsz"}, error_model="numpy")
entry: Any = _compiled(cache=True)
part: Any = _compiled(no_cpython_wrapper=True, no_cfunc_wrapper=True)  # called from compiled code only: half the compiler's work


class Starts(NamedTuple):
    """Where each block of z begins."""

    roas: int
    carryover: int
    half: int
    delay: int
    slope: int
    coefficient: int
    level: int
    noise: int
    geo_spread: int
    geo: int


class Data(NamedTuple):
    adstock: int
    saturation: int
    outcome: Any  # [G, T]
    seen: Any  # [T]
    regressors: Any  # [G, T, P]
    lags: Any  # [C, G, T, L]
    ratio: Any  # [G, C]


class Priors(NamedTuple):
    """Mean and spread: [2, C] by channel, else [2]. coefficient: [P] spreads."""

    roas: Any
    carryover: Any
    delay: Any
    half: Any
    slope: Any
    geo_spread: Any
    noise: Any
    level: float
    coefficient: Any


class Tests(NamedTuple):
    row_test: Any  # [R]
    row_geo: Any
    row_period: Any
    row_without: Any  # [R, L]
    row_scale: Any  # [R], of the outcome
    channel: Any  # [K]
    lift: Any
    error: Any


class Forward(NamedTuple):
    """weights: [C, L], and their derivatives by logit carry-over and log delay. heights: [C, G, T] and their derivatives by log stock.

    effect: [C, G], the average contribution in average outcomes; 0 where a geo has no spend.
    """

    weights: Any
    by_carryover: Any
    by_delay: Any
    half: Any
    hill: Any
    stocks: Any
    heights: Any
    rises: Any
    mean_height: Any
    effect: Any


@entry
def log_density(  # type: ignore[no-untyped-def]
    z,
    gradient,
    starts,
    kinds,
    outcome,
    seen,
    regressors,
    lags,
    ratio,
    roas,
    carryover,
    shapes,
    coefficient,
    rows,
    without,
    scale,
    channel,
    lift,
    error,
):
    """Up to a constant; `gradient` is filled.

    starts: [10] as in Starts. kinds: adstock and saturation. shapes: [11], mean and spread of delay, half, slope, geo spread and noise,
    then the level's spread. rows: [3, R] of test, geo, period. Flat arrays, since a call with named tuples costs as much as its work.
    """
    at = Starts(starts[0], starts[1], starts[2], starts[3], starts[4], starts[5], starts[6], starts[7], starts[8], starts[9])
    data = Data(kinds[0], kinds[1], outcome, seen, regressors, lags, ratio)
    priors = Priors(roas, carryover, shapes[0:2], shapes[2:4], shapes[4:6], shapes[6:8], shapes[8:10], shapes[10], coefficient)
    tests = Tests(rows[0], rows[1], rows[2], without, scale, channel, lift, error)
    return value_and_gradient(z, gradient, at, data, priors, tests)


@part
def value_and_gradient(z, gradient, at, data, priors, tests):  # type: ignore[no-untyped-def]
    value = 0.0
    for n in range(z.size):  # every prior is a standard normal
        value -= 0.5 * z[n] * z[n]
        gradient[n] = -z[n]
    ahead = forward(z, at, data, priors)
    pulls = np.empty(data.outcome.shape)
    for g in range(data.outcome.shape[0]):
        value += seen_outcome(z, gradient, g, pulls, at, data, priors, ahead)
    row_stock, row_height = np.empty(tests.row_test.size), np.empty(tests.row_test.size)
    test_pull = np.empty(tests.lift.size)
    value += lift_tests(data, tests, ahead, row_stock, row_height, test_pull)
    for c in range(data.lags.shape[0]):
        backward(z, gradient, c, pulls, at, data, priors, tests, ahead, row_stock, row_height, test_pull)
    return value


@part
def forward(z, at, data, priors):  # type: ignore[no-untyped-def]
    channels, geos, periods, lag_count = data.lags.shape
    ahead = Forward(
        np.empty((channels, lag_count)),
        np.empty((channels, lag_count)),
        np.empty((channels, lag_count)),
        np.empty(channels),
        np.ones(channels),
        np.empty((channels, geos, periods)),
        np.empty((channels, geos, periods)),
        np.empty((channels, geos, periods)),
        np.empty((channels, geos)),
        np.empty((channels, geos)),
    )
    for c in range(channels):
        set_weights(z, c, at, data, priors, ahead)
        ahead.half[c] = math.exp(priors.half[0] + priors.half[1] * z[at.half + c])
        if data.saturation == HILL:
            ahead.hill[c] = math.exp(priors.slope[0] + priors.slope[1] * z[at.slope + c])
        for g in range(geos):
            set_heights(c, g, data, ahead)
            log_roas = priors.roas[0, c] + priors.roas[1, c] * z[at.roas + c]
            if geos > 1:
                log_roas += geo_spread(z, c, at, priors) * z[at.geo + g * channels + c]
            ahead.effect[c, g] = math.exp(log_roas) * data.ratio[g, c] if ahead.mean_height[c, g] > TINY else 0.0
    return ahead


@part
def geo_spread(z, c, at, priors):  # type: ignore[no-untyped-def]
    return math.exp(priors.geo_spread[0] + priors.geo_spread[1] * z[at.geo_spread + c])


@part
def set_weights(z, c, at, data, priors, ahead):  # type: ignore[no-untyped-def]
    """A channel's adstock weights, softmax of `distance · log carry-over`, and how they move."""
    weights, by_carryover, by_delay = ahead.weights[c], ahead.by_carryover[c], ahead.by_delay[c]
    logit = priors.carryover[0, c] + priors.carryover[1, c] * z[at.carryover + c]
    kept = 1.0 / (1.0 + math.exp(-logit))
    log_kept = -math.log1p(math.exp(-logit)) if logit > -30.0 else logit
    peak = math.exp(priors.delay[0] + priors.delay[1] * z[at.delay + c]) if data.adstock == DELAYED else 0.0
    highest = -1e300
    for n in range(weights.size):
        distance = (n - peak) * (n - peak) if data.adstock == DELAYED else float(n)
        weights[n] = distance * log_kept
        by_carryover[n] = distance * (1.0 - kept)
        by_delay[n] = -2.0 * (n - peak) * log_kept * peak
        highest = max(highest, weights[n])
    total = 0.0
    for n in range(weights.size):
        weights[n] = math.exp(weights[n] - highest)
        total += weights[n]
    mean_carryover, mean_delay = 0.0, 0.0
    for n in range(weights.size):
        weights[n] /= total
        mean_carryover += weights[n] * by_carryover[n]
        mean_delay += weights[n] * by_delay[n]
    for n in range(weights.size):
        by_carryover[n] = weights[n] * (by_carryover[n] - mean_carryover)
        by_delay[n] = weights[n] * (by_delay[n] - mean_delay)


@part
def height_of(saturation, stock, half, hill):  # type: ignore[no-untyped-def]
    """A curve's height at a stock, and its derivative by the stock's logarithm."""
    if saturation == HILL:
        raised = math.exp(hill * math.log(stock / half)) if stock > 0.0 else 0.0
        height = raised / (1.0 + raised)
        return height, hill * height * (1.0 - height)
    relative = HALF_LOG_3 * stock / half
    height = math.tanh(relative)
    return height, relative * (1.0 - height * height)


@part
def stock_of(weights, lags):  # type: ignore[no-untyped-def]
    stock = 0.0
    for n in range(weights.size):
        stock += weights[n] * lags[n]
    return stock


@part
def set_heights(c, g, data, ahead):  # type: ignore[no-untyped-def]
    weights, lags = ahead.weights[c], data.lags[c, g]
    stocks, heights, rises = ahead.stocks[c, g], ahead.heights[c, g], ahead.rises[c, g]
    total = 0.0
    for t in range(stocks.size):
        stocks[t] = stock_of(weights, lags[t])
        heights[t], rises[t] = height_of(data.saturation, stocks[t], ahead.half[c], ahead.hill[c])
        total += heights[t]
    ahead.mean_height[c, g] = total / stocks.size


@part
def seen_outcome(z, gradient, g, pulls, at, data, priors, ahead):  # type: ignore[no-untyped-def]
    """The likelihood of a geo's seen outcome; fills pulls[g], its derivative by each prediction."""
    log_noise = priors.noise[0] + priors.noise[1] * z[at.noise + g]
    precision = math.exp(-2.0 * log_noise)
    level = 1.0 + priors.level * z[at.level + g]
    squares, count, pulled = 0.0, 0.0, 0.0
    predictions = pulls[g]
    predictions[:] = level
    for c in range(data.lags.shape[0]):
        if ahead.effect[c, g] > 0.0:
            ceiling, effect, heights = ahead.effect[c, g] / ahead.mean_height[c, g], ahead.effect[c, g], ahead.heights[c, g]
            for t in range(predictions.size):
                predictions[t] += ceiling * heights[t] - effect
    for t in range(predictions.size):
        columns = data.regressors[g, t]
        prediction = predictions[t]
        for p in range(columns.size):
            prediction += columns[p] * priors.coefficient[p] * z[at.coefficient + p]
        residual = data.seen[t] * (data.outcome[g, t] - prediction)
        squares += residual * residual
        count += data.seen[t]
        pull = residual * precision
        predictions[t] = pull
        pulled += pull
        for p in range(columns.size):
            gradient[at.coefficient + p] += pull * columns[p] * priors.coefficient[p]
    gradient[at.noise + g] += priors.noise[1] * (squares * precision - count)
    gradient[at.level + g] += priors.level * pulled
    return -0.5 * squares * precision - count * log_noise


@part
def lift_tests(data, tests, ahead, row_stock, row_height, test_pull):  # type: ignore[no-untyped-def]
    """The density of the tests' lifts; fills the rows' stocks and heights without the test, and each test's pull."""
    said = np.zeros(tests.lift.size)
    for r in range(row_stock.size):
        k, g = tests.row_test[r], tests.row_geo[r]
        c = tests.channel[k]
        row_stock[r] = stock_of(ahead.weights[c], tests.row_without[r])
        row_height[r], _ = height_of(data.saturation, row_stock[r], ahead.half[c], ahead.hill[c])
        if ahead.effect[c, g] > 0.0:
            ceiling = ahead.effect[c, g] / ahead.mean_height[c, g]
            said[k] += tests.row_scale[r] * ceiling * (ahead.heights[c, g, tests.row_period[r]] - row_height[r])
    value = 0.0
    for k in range(said.size):
        off = (tests.lift[k] - said[k]) / tests.error[k]
        value -= 0.5 * off * off
        test_pull[k] = off / tests.error[k]
    return value


@part
def backward(z, gradient, c, pulls, at, data, priors, tests, ahead, row_stock, row_height, test_pull):  # type: ignore[no-untyped-def]
    """From predictions and tests back to a channel's weights, half-saturation, slope and ROAS."""
    channels, geos, periods, lag_count = data.lags.shape
    by_weight, extra = np.zeros(lag_count), np.empty(periods)
    by_half, by_slope, by_spread = 0.0, 0.0, 0.0
    for g in range(geos):
        if ahead.effect[c, g] <= 0.0:
            continue
        extra[:] = 0.0
        by_ceiling, of_half, of_slope = back_through_tests(c, g, extra, by_weight, data, tests, ahead, row_stock, row_height, test_pull)
        seen_ceiling, pulled, seen_half, seen_slope = back_through_outcome(c, g, by_ceiling, extra, by_weight, pulls[g], data, ahead)
        by_ceiling += seen_ceiling
        by_half += of_half + seen_half
        by_slope += of_slope + seen_slope
        by_log_roas = ahead.effect[c, g] * (by_ceiling / ahead.mean_height[c, g] - pulled)
        gradient[at.roas + c] += priors.roas[1, c] * by_log_roas
        if geos > 1:
            n, spread = at.geo + g * channels + c, geo_spread(z, c, at, priors)
            gradient[n] += spread * by_log_roas
            by_spread += by_log_roas * spread * z[n]
    gradient[at.half + c] += priors.half[1] * by_half
    gradient[at.carryover + c] += priors.carryover[1, c] * stock_of(by_weight, ahead.by_carryover[c])
    if data.adstock == DELAYED:
        gradient[at.delay + c] += priors.delay[1] * stock_of(by_weight, ahead.by_delay[c])
    if data.saturation == HILL:
        gradient[at.slope + c] += priors.slope[1] * by_slope
    if geos > 1:
        gradient[at.geo_spread + c] += priors.geo_spread[1] * by_spread


@part
def back_through_tests(c, g, extra, by_weight, data, tests, ahead, row_stock, row_height, test_pull):  # type: ignore[no-untyped-def]
    """Derivatives by ceiling, log half and log slope; adds to by_weight, and to extra what the tests pull at each period's height."""
    by_ceiling, by_half, by_slope = 0.0, 0.0, 0.0
    ceiling = ahead.effect[c, g] / ahead.mean_height[c, g]
    for r in range(row_stock.size):
        if tests.channel[tests.row_test[r]] != c or tests.row_geo[r] != g:
            continue
        pull, stock = test_pull[tests.row_test[r]] * tests.row_scale[r], row_stock[r]
        by_ceiling += pull * (ahead.heights[c, g, tests.row_period[r]] - row_height[r])
        extra[tests.row_period[r]] += pull * ceiling
        if stock > 0.0:
            by_log_stock = -pull * ceiling * height_of(data.saturation, stock, ahead.half[c], ahead.hill[c])[1]
            by_half -= by_log_stock
            by_slope += by_log_stock * math.log(stock / ahead.half[c])
            for n in range(by_weight.size):
                by_weight[n] += by_log_stock / stock * tests.row_without[r, n]
    return by_ceiling, by_half, by_slope


@part
def back_through_outcome(c, g, by_ceiling, extra, by_weight, pulls, data, ahead):  # type: ignore[no-untyped-def]
    """The same for the seen outcome, and the sum of the pulls. by_ceiling: of the tests, which move the average height too."""
    stocks, heights, rises, lags = ahead.stocks[c, g], ahead.heights[c, g], ahead.rises[c, g], data.lags[c, g]
    ceiling = ahead.effect[c, g] / ahead.mean_height[c, g]
    seen_ceiling, pulled, by_half, by_slope = 0.0, 0.0, 0.0, 0.0
    for t in range(pulls.size):
        seen_ceiling += pulls[t] * heights[t]
        pulled += pulls[t]
    by_mean = -(by_ceiling + seen_ceiling) * ceiling / ahead.mean_height[c, g] / pulls.size
    for t in range(pulls.size):
        if stocks[t] > 0.0:
            by_log_stock = (pulls[t] * ceiling + by_mean + extra[t]) * rises[t]
            by_half -= by_log_stock
            if data.saturation == HILL:
                by_slope += by_log_stock * math.log(stocks[t] / ahead.half[c])
            share, row = by_log_stock / stocks[t], lags[t]
            for n in range(by_weight.size):
                by_weight[n] += share * row[n]
    return seen_ceiling, pulled, by_half, by_slope
