"""Whether the sampler converged, whether the model fits, and whether the data said anything that was not believed before."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from pipelines.mmm.decomposition import BASELINE, Decomposition
from pipelines.mmm.market import Array
from pipelines.mmm.parameters import Posterior
from pipelines.mmm.sampling import Trace


def convergence(trace: Trace) -> dict[str, Any]:
    """R-hat (rank-normalised, Vehtari et al. 2021), bulk and tail effective sample sizes, the worst over all parameters; divergences.

    A figure that cannot be had, as of a chain that never moved, counts as a bad one.
    """
    arviz: Any = importlib.import_module("arviz")  # its functions carry no types
    draws = arviz.convert_to_dataset({"z": trace.z})
    return {
        "r_hat": _worst(arviz.rhat(draws), np.max, 10.0),
        "ess_bulk": _worst(arviz.ess(draws, method="bulk"), np.min, 0.0),
        "ess_tail": _worst(arviz.ess(draws, method="tail"), np.min, 0.0),
        "divergences": int(trace.diverging.sum()),
        "draws": int(trace.z.shape[0] * trace.z.shape[1]),
    }


def _worst(found: Any, of: Any, bad: float) -> float:
    return float(of(np.nan_to_num(found["z"].values, nan=bad)))


def fit_quality(posterior: Posterior, parts: Decomposition, predictive: Array) -> dict[str, float]:
    """Posterior predictive checks on all geos together. predictive: [D, G, T].

    coverage: share of periods inside their 90 % interval. autocorrelation: of the residuals, one period apart. r_squared: of the
    mean prediction. negative_baseline: share of draws whose average baseline is below 0. extremes: the posterior probability that
    a replicated history ranges wider than the actual one.
    """
    actual = posterior.design.market.outcome.sum(axis=0)
    replicated = predictive.sum(axis=1)
    residual = actual - parts.prediction.mean(axis=0)
    low, high = np.quantile(replicated, [0.05, 0.95], axis=0)
    return {
        "coverage": float(((low <= actual) & (actual <= high)).mean()),
        "r_squared": float(1.0 - residual.var() / actual.var()),
        "autocorrelation": float(np.corrcoef(residual[1:], residual[:-1])[0, 1]),
        "extremes": float((np.ptp(replicated, axis=1) > np.ptp(actual)).mean()),
        "negative_baseline": float((parts.parts[BASELINE].mean(axis=1) < 0).mean()),
    }


def prior_overlap(posterior: Posterior) -> list[float]:
    """By channel: the area that prior and posterior of log ROAS have in common, 0 (the data decided) to 1 (they said nothing)."""
    from scipy.stats import gaussian_kde, norm

    belief, market = posterior.design.roas, posterior.design.market
    spend = market.spend.sum(axis=1)
    logs = np.log((posterior.roas * spend).sum(axis=1) / spend.sum(axis=0))
    overlaps = []
    for n in range(len(market.channels)):
        mean, spread = belief.mean[n], belief.spread[n]
        at = np.linspace(mean - 5 * spread, mean + 5 * spread, 400)
        both = np.minimum(norm.pdf(at, mean, spread), gaussian_kde(logs[:, n])(at))
        overlaps.append(float(min(1.0, both.sum() * (at[1] - at[0]))))
    return overlaps
