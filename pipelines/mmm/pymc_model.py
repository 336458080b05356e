"""The model in PyMC's words: what `density.py` writes out, the fallback sampler's model, and the peer in the benchmark."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.mmm import beliefs
from pipelines.mmm.design import Design
from pipelines.mmm.parameters import layout_of
from pipelines.mmm.saturation import LOG_3


def pymc_model(design: Design) -> Any:
    """A `pymc.Model` with one standard normal vector for each block of `parameters.Layout`, in its order."""
    import pymc as pm
    import pytensor.tensor as pt

    geos, _, channels, columns = design.shape
    lengths = {name: length for name, (_, length) in layout_of(design).blocks.items()}
    with pm.Model() as model:
        z: dict[str, Any] = {name: pm.Normal(name, 0.0, 1.0, shape=length) for name, length in lengths.items() if length}
        data = {name: pm.Data(f"data_{name}", value) for name, value in _data(design).items()}

        weights = _weights(pt, z, data, design)  # [C, L]
        half = pt.exp(beliefs.HALF[0] + beliefs.HALF[1] * z["half"])
        slope = pt.exp(beliefs.SLOPE[0] + beliefs.SLOPE[1] * z["slope"]) if lengths["slope"] else None
        stocks = (data["lags"] * weights[:, None, None, :]).sum(axis=-1)  # [C, G, T]
        heights = _heights(pt, stocks, half[:, None, None], None if slope is None else slope[:, None, None])
        log_roas = (data["roas_mean"] + data["roas_spread"] * z["roas"])[None, :]
        if geos > 1:
            geo_spread = pt.exp(beliefs.GEO_SPREAD[0] + beliefs.GEO_SPREAD[1] * z["geo_spread"])
            log_roas = log_roas + geo_spread * z["geo"].reshape((geos, channels))
        effect = (pt.exp(log_roas) * data["ratio"]).T  # [C, G]
        mean_height = heights.mean(axis=2)
        ceiling = pt.switch(mean_height > 1e-12, effect / pt.maximum(mean_height, 1e-12), 0.0)
        media = (ceiling[:, :, None] * (heights - mean_height[:, :, None])).sum(axis=0)  # [G, T]

        prediction = 1.0 + beliefs.LEVEL_SPREAD * z["level"][:, None] + media
        if columns:
            prediction = prediction + (data["regressors"] * (data["coefficient_spread"] * z["coefficient"])).sum(axis=2)
        log_noise = data["noise_mean"] + beliefs.NOISE_SPREAD * z["noise"][:, None]
        off = (data["outcome"] - prediction) / pt.exp(log_noise)
        pm.Potential("seen_outcome", (data["seen"] * (-0.5 * off**2 - log_noise)).sum())
        if len(design.lifts.lift):
            pm.Potential("lift_tests", _lift_density(pt, design, weights, half, slope, heights, ceiling))
    return model


def _data(design: Design) -> dict[str, Any]:
    return {
        "lags": design.lags,
        "ratio": design.ratio,
        "outcome": design.outcome,
        "seen": design.seen,
        "regressors": design.regressors,
        "coefficient_spread": design.coefficient_spread,
        "roas_mean": design.roas.mean,
        "roas_spread": design.roas.spread,
        "carryover_mean": design.carryover.mean,
        "carryover_spread": design.carryover.spread,
        "noise_mean": np.asarray(design.noise_mean),
    }


def _weights(pt: Any, z: dict[str, Any], data: dict[str, Any], design: Design) -> Any:
    kept = pt.sigmoid(data["carryover_mean"] + data["carryover_spread"] * z["carryover"])[:, None]
    distance: Any = np.arange(design.lag_count)[None, :]
    if design.model.adstock == "delayed":
        distance = (distance - pt.exp(design.delay[0] + design.delay[1] * z["delay"])[:, None]) ** 2
    raw = kept**distance
    return raw / raw.sum(axis=1, keepdims=True)


def _heights(pt: Any, stocks: Any, half: Any, slope: Any) -> Any:
    if slope is None:
        return pt.tanh(0.5 * LOG_3 * stocks / half)
    raised = pt.switch(stocks > 0, (pt.maximum(stocks, 1e-300) / half) ** slope, 0.0)
    return raised / (1.0 + raised)


def _lift_density(pt: Any, design: Design, weights: Any, half: Any, slope: Any, heights: Any, ceiling: Any) -> Any:
    lifts = design.lifts
    channel = lifts.channel[lifts.test]
    stocks = (lifts.without * weights[channel]).sum(axis=1)
    without = _heights(pt, stocks, half[channel], None if slope is None else slope[channel])
    gained = design.outcome_scale[lifts.geo] * ceiling[channel, lifts.geo] * (heights[channel, lifts.geo, lifts.period] - without)
    belongs = (lifts.test[None, :] == np.arange(len(lifts.lift))[:, None]).astype(float)
    return (-0.5 * ((lifts.lift - pt.dot(belongs, gained)) / lifts.error) ** 2).sum()
