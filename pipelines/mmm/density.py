"""The log density of z given the data, with its gradient, as one compiled function.

It is the model of `pymc_model.py` written out, and a test holds the two together for every shape. One function serves every
market and model, so the compiler runs once a machine, not once a structure: a PyMC model of this size takes about a minute
to compile through PyTensor and Numba, and its gradient takes several times as long to evaluate.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.mmm import beliefs
from pipelines.mmm.design import Design
from pipelines.mmm.market import Array
from pipelines.mmm.parameters import layout_of
from pipelines.mmm.saturation import LOG_3

GEOMETRIC, DELAYED = 0, 1
TANH, HILL = 0, 1  # logistic is tanh once told by its half-saturation

Density = Callable[[Array], tuple[float, Array]]


def density_of(design: Design, cache: Path | None = None) -> Density:
    """`density(z) -> (log density up to a constant, gradient [size])`. cache: a folder for the machine code, kept between runs.

    The function lets go of the interpreter's lock while it computes, so chains run in parallel threads.
    """
    compiled, arguments = _compiled(cache), _arguments(design)

    def density(z: Array, **_: Any) -> tuple[float, Array]:
        gradient = np.empty_like(z)
        return compiled(z, gradient, *arguments), gradient

    return density


@functools.cache
def _compiled(cache: Path | None) -> Any:
    """Once a process; from the folder's machine code where it is there."""
    import numba

    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        numba.config.CACHE_DIR = str(cache)  # type: ignore[attr-defined]
    jit = numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"}, error_model="numpy")
    return jit(_log_density)


def _arguments(design: Design) -> tuple[Any, ...]:
    starts = np.array([start for start, _ in layout_of(design).blocks.values()], dtype=np.int64)
    tests = design.lifts
    scale_of_test = np.array([design.outcome_scale[geo] for geo in tests.geo])
    return (
        starts,
        DELAYED if design.model.adstock == "delayed" else GEOMETRIC,
        HILL if design.model.saturation == "hill" else TANH,
        np.ascontiguousarray(design.outcome),
        np.ascontiguousarray(design.seen),
        np.ascontiguousarray(design.regressors),
        np.ascontiguousarray(design.lags),
        np.ascontiguousarray(design.ratio),
        np.stack([design.roas.mean, design.roas.spread]),
        np.stack([design.carryover.mean, design.carryover.spread]),
        np.array([*design.delay, *beliefs.HALF, *beliefs.SLOPE, *beliefs.GEO_SPREAD, beliefs.LEVEL_SPREAD]),
        np.array([design.noise_mean, beliefs.NOISE_SPREAD]),
        np.ascontiguousarray(design.coefficient_spread),
        (tests.test, tests.geo, tests.period, np.ascontiguousarray(tests.without), scale_of_test),
        (tests.channel, tests.lift, tests.error),
    )


def _log_density(  # type: ignore[no-untyped-def]  # noqa: ANN202, PLR0912, PLR0915, C901  (one compiled function: no calls, no allocation in loops)
    z, gradient, starts, adstock, saturation, outcome, seen, regressors, lags, ratio, roas, carryover, shape, noise, spread, rows, tests
):
    geos, periods, columns = regressors.shape
    channels, lag_count = lags.shape[0], lags.shape[3]
    row_test, row_geo, row_period, row_without, row_scale = rows
    test_channel, test_lift, test_error = tests
    at_roas, at_carry, at_half, at_delay, at_slope = starts[0], starts[1], starts[2], starts[3], starts[4]
    at_coefficient, at_level, at_noise, at_spread, at_geo = starts[5], starts[6], starts[7], starts[8], starts[9]
    half_log = 0.5 * LOG_3

    value = 0.0
    for n in range(z.size):  # every prior is a standard normal
        value -= 0.5 * z[n] * z[n]
        gradient[n] = -z[n]

    # Forward: weights, heights and their slopes, the average effect of each channel in each geo.
    weights = np.empty((channels, lag_count))
    by_carry = np.empty((channels, lag_count))  # d log weight / d logit carry-over, before normalising
    by_peak = np.zeros((channels, lag_count))  # d log weight / d log delay
    heights = np.empty((channels, geos, periods))
    slopes = np.empty((channels, geos, periods))  # d height / d log stock
    stocks = np.empty((channels, geos, periods))
    mean_height = np.zeros((channels, geos))
    effect = np.zeros((channels, geos))  # average contribution, in average outcomes
    half = np.empty(channels)
    hill = np.ones(channels)
    for c in range(channels):
        logit = carryover[0, c] + carryover[1, c] * z[at_carry + c]
        kept = 1.0 / (1.0 + math.exp(-logit))
        log_kept = -math.log1p(math.exp(-logit)) if logit > -30.0 else logit
        peak = math.exp(shape[0] + shape[1] * z[at_delay + c]) if adstock == DELAYED else 0.0
        most = -1e300
        for n in range(lag_count):
            distance = (n - peak) * (n - peak) if adstock == DELAYED else n
            weights[c, n] = distance * log_kept
            by_carry[c, n] = distance * (1.0 - kept)
            if adstock == DELAYED:
                by_peak[c, n] = -2.0 * (n - peak) * log_kept * peak
            most = max(most, weights[c, n])
        total = 0.0
        for n in range(lag_count):
            weights[c, n] = math.exp(weights[c, n] - most)
            total += weights[c, n]
        mean_carry, mean_peak = 0.0, 0.0
        for n in range(lag_count):
            weights[c, n] /= total
            mean_carry += weights[c, n] * by_carry[c, n]
            mean_peak += weights[c, n] * by_peak[c, n]
        for n in range(lag_count):
            by_carry[c, n] = weights[c, n] * (by_carry[c, n] - mean_carry)
            by_peak[c, n] = weights[c, n] * (by_peak[c, n] - mean_peak)
        half[c] = math.exp(shape[2] + shape[3] * z[at_half + c])
        if saturation == HILL:
            hill[c] = math.exp(shape[4] + shape[5] * z[at_slope + c])
        geo_spread = math.exp(shape[6] + shape[7] * z[at_spread + c]) if geos > 1 else 0.0
        for g in range(geos):
            total = 0.0
            for t in range(periods):
                stock = 0.0
                for n in range(lag_count):
                    stock += weights[c, n] * lags[c, g, t, n]
                stocks[c, g, t] = stock
                if saturation == HILL:
                    raised = math.exp(hill[c] * math.log(stock / half[c])) if stock > 0.0 else 0.0
                    height = raised / (1.0 + raised)
                    slopes[c, g, t] = hill[c] * height * (1.0 - height)
                else:
                    relative = half_log * stock / half[c]
                    height = math.tanh(relative)
                    slopes[c, g, t] = relative * (1.0 - height * height)
                heights[c, g, t] = height
                total += height
            mean_height[c, g] = total / periods
            log_roas = roas[0, c] + roas[1, c] * z[at_roas + c]
            if geos > 1:
                log_roas += geo_spread * z[at_geo + g * channels + c]
            effect[c, g] = math.exp(log_roas) * ratio[g, c] if mean_height[c, g] > 1e-12 else 0.0

    # The likelihood of what was seen, and what each prediction should have been.
    pulls = np.empty((geos, periods))  # d value / d prediction
    for g in range(geos):
        deviation = math.exp(noise[0] + noise[1] * z[at_noise + g])
        precision = 1.0 / (deviation * deviation)
        level = 1.0 + shape[8] * z[at_level + g]
        for c in range(channels):
            level -= effect[c, g]
        squares, count, pulled = 0.0, 0.0, 0.0
        for t in range(periods):
            prediction = level
            for p in range(columns):
                prediction += regressors[g, t, p] * spread[p] * z[at_coefficient + p]
            for c in range(channels):
                if effect[c, g] > 0.0:
                    prediction += effect[c, g] / mean_height[c, g] * heights[c, g, t]
            residual = seen[t] * (outcome[g, t] - prediction)
            squares += residual * residual
            count += seen[t]
            pull = residual * precision
            pulls[g, t] = pull
            pulled += pull
            for p in range(columns):
                gradient[at_coefficient + p] += pull * regressors[g, t, p] * spread[p]
        value -= 0.5 * squares * precision + count * (noise[0] + noise[1] * z[at_noise + g])
        gradient[at_noise + g] += noise[1] * (squares * precision - count)
        gradient[at_level + g] += shape[8] * pulled

    # Lift tests: what the model says each made, and what each pulls.
    said = np.zeros(test_lift.size)
    row_stock = np.empty(row_test.size)
    row_height = np.empty(row_test.size)
    for r in range(row_test.size):
        c, g = test_channel[row_test[r]], row_geo[r]
        stock = 0.0
        for n in range(lag_count):
            stock += weights[c, n] * row_without[r, n]
        row_stock[r] = stock
        if saturation == HILL:
            raised = math.exp(hill[c] * math.log(stock / half[c])) if stock > 0.0 else 0.0
            row_height[r] = raised / (1.0 + raised)
        else:
            row_height[r] = math.tanh(half_log * stock / half[c])
        if effect[c, g] > 0.0:
            said[row_test[r]] += row_scale[r] * effect[c, g] / mean_height[c, g] * (heights[c, g, row_period[r]] - row_height[r])
    test_pull = np.empty(test_lift.size)
    for k in range(test_lift.size):
        off = (test_lift[k] - said[k]) / test_error[k]
        value -= 0.5 * off * off
        test_pull[k] = off / test_error[k]

    # Backward, channel by channel: from heights to weights, half-saturation, slope and ROAS.
    extra = np.zeros(periods)
    by_weight = np.empty(lag_count)
    for c in range(channels):
        for n in range(lag_count):
            by_weight[n] = 0.0
        by_half, by_slope, by_geo_spread = 0.0, 0.0, 0.0
        geo_spread = math.exp(shape[6] + shape[7] * z[at_spread + c]) if geos > 1 else 0.0
        for g in range(geos):
            if effect[c, g] <= 0.0:
                continue
            ceiling = effect[c, g] / mean_height[c, g]
            by_ceiling, pulled = 0.0, 0.0
            for t in range(periods):
                extra[t] = 0.0
                by_ceiling += pulls[g, t] * heights[c, g, t]
                pulled += pulls[g, t]
            for r in range(row_test.size):
                if test_channel[row_test[r]] != c or row_geo[r] != g:
                    continue
                pull = test_pull[row_test[r]] * row_scale[r]
                by_ceiling += pull * (heights[c, g, row_period[r]] - row_height[r])
                extra[row_period[r]] += pull * ceiling
                height, stock = row_height[r], row_stock[r]
                if stock <= 0.0:
                    continue
                if saturation == HILL:
                    rise = hill[c] * height * (1.0 - height)
                    by_slope -= pull * ceiling * rise * math.log(stock / half[c])
                else:
                    rise = half_log * stock / half[c] * (1.0 - height * height)
                by_half += pull * ceiling * rise
                for n in range(lag_count):
                    by_weight[n] -= pull * ceiling * rise / stock * row_without[r, n]
            by_mean = -by_ceiling * ceiling / mean_height[c, g] / periods
            for t in range(periods):
                stock = stocks[c, g, t]
                if stock <= 0.0:
                    continue
                by_height = pulls[g, t] * ceiling + by_mean + extra[t]
                by_log_stock = by_height * slopes[c, g, t]
                by_half -= by_log_stock
                if saturation == HILL:
                    by_slope += by_log_stock * math.log(stock / half[c])
                share = by_log_stock / stock
                for n in range(lag_count):
                    by_weight[n] += share * lags[c, g, t, n]
            by_log_roas = effect[c, g] * (by_ceiling / mean_height[c, g] - pulled)
            gradient[at_roas + c] += roas[1, c] * by_log_roas
            if geos > 1:
                gradient[at_geo + g * channels + c] += geo_spread * by_log_roas
                by_geo_spread += by_log_roas * geo_spread * z[at_geo + g * channels + c]
        gradient[at_half + c] += shape[3] * by_half
        if saturation == HILL:
            gradient[at_slope + c] += shape[5] * by_slope
        if geos > 1:
            gradient[at_spread + c] += shape[7] * by_geo_spread
        for n in range(lag_count):
            gradient[at_carry + c] += carryover[1, c] * by_weight[n] * by_carry[c, n]
            if adstock == DELAYED:
                gradient[at_delay + c] += shape[1] * by_weight[n] * by_peak[c, n]
    return value
