"""Everything a fit says, as JSON: by week, by channel, and whether to believe it."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.mmm.beliefs import Z_95
from pipelines.mmm.decomposition import Decomposition, decomposed, forecast
from pipelines.mmm.diagnosis import fit_quality, prior_overlap
from pipelines.mmm.effects import channel_effects, geo_effects, response_curves
from pipelines.mmm.market import Array
from pipelines.mmm.parameters import Posterior
from pipelines.mmm.planning import Planner, planner_of
from pipelines.mmm.summary import band
from pipelines.mmm.verdict import verdict

MOST_HEIGHTS = 12_000_000  # numbers of [D, C, G, T] held at once; draws are thinned to it


def results_of(
    posterior: Posterior, converged: dict[str, Any], holdout: dict[str, Any] | None, seed: int
) -> tuple[dict[str, Any], Planner]:
    """The results and the planner of all draws, or of as many of them as memory allows."""
    posterior = _thinned(posterior)
    market, heights = posterior.design.market, posterior.heights()
    parts = decomposed(posterior, heights)
    predictive = forecast(posterior, parts, seed)
    channels = channel_effects(posterior, heights, parts.channels)
    tested = {test.channel for test in posterior.design.model.lift_tests}
    for entry, overlap, prior in zip(channels, prior_overlap(posterior), _priors(posterior), strict=True):
        entry.update(prior_overlap=overlap, prior_roas=prior, tested=entry["name"] in tested)
    found: dict[str, Any] = {
        "outcome": market.outcome_name,
        "currency": market.currency,
        "period": market.period_word,
        "dates": [day.isoformat() for day in market.dates],
        "actual": market.outcome.sum(axis=0).tolist(),
        "prediction": {**band(predictive.sum(axis=1)), "mean": parts.prediction.mean(axis=0).tolist()},
        "parts": _parts(parts, market.channels),
        "channels": channels,
        "curves": response_curves(posterior, heights),
        "geos": geo_effects(posterior),
        "convergence": converged,
        "quality": fit_quality(posterior, parts, predictive),
        "holdout": holdout,
    }
    found["verdict"] = verdict(found)
    return found, planner_of(posterior, heights)


def _thinned(posterior: Posterior) -> Posterior:
    from pipelines.mmm.parameters import posterior_of

    geos, periods, channels, _ = posterior.design.shape
    most = max(200, MOST_HEIGHTS // (geos * periods * channels))
    if len(posterior.z) <= most:
        return posterior
    chosen = np.unique(np.linspace(0, len(posterior.z) - 1, most).astype(int))
    return posterior_of(posterior.design, posterior.z[chosen])


def _parts(parts: Decomposition, channels: tuple[str, ...]) -> list[dict[str, Any]]:
    """By week, all geos together; the means sum to the prediction's mean."""
    others = [{"name": name, "kind": "other", **band(values)} for name, values in parts.parts.items()]
    return others + [{"name": name, "kind": "channel", **band(parts.channels[:, :, n])} for n, name in enumerate(channels)]


def _priors(posterior: Posterior) -> list[dict[str, float]]:
    belief = posterior.design.roas
    ends: list[Array] = [belief.mean - Z_95 * belief.spread, belief.mean, belief.mean + Z_95 * belief.spread]
    low, middle, high = (np.exp(end) for end in ends)
    return [{"low": float(a), "median": float(b), "high": float(c)} for a, b, c in zip(low, middle, high, strict=True)]
