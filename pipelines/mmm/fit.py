"""From a market and a model to results: a fit that is blind to some periods and is marked on them, then one of everything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InvalidInput
from pipelines.mmm.decomposition import decomposed, forecast
from pipelines.mmm.design import Design, designed
from pipelines.mmm.diagnosis import convergence
from pipelines.mmm.holdout import seen_periods
from pipelines.mmm.market import Array, Market
from pipelines.mmm.parameters import posterior_of
from pipelines.mmm.planning import Planner
from pipelines.mmm.results import results_of
from pipelines.mmm.sampling import Tell, Trace, drawn
from pipelines.mmm.scores import scored
from pipelines.mmm.specification import Holdout, Model, Sampling

BLIND_PART = 0.35  # of the progress
BLIND_DRAWS = 0.5  # of the draws: scores need fewer than intervals


@dataclass(frozen=True)
class Fit:
    """results: as JSON (`results.py`). trace: the draws behind it. planner: what plans need of it."""

    design: Design
    trace: Trace
    results: dict[str, Any]
    planner: Planner


def fitted(
    market: Market,
    model: Model,
    holdout: Holdout,
    sampling: Sampling,
    tell: Tell,
    *,
    cores: int = 2,
    cache: Path | None = None,
    start: Array | None = None,
) -> Fit:
    """Fit a checked market. start: draws of an earlier trace of this request, to set out from. Raises `sampling.Stopped`, and
    InvalidInput when no posterior can be drawn.

    The same request and seed give the same draws with the same sampler.
    """
    part, warm = 0.0, start is not None
    score: dict[str, Any] | None = None
    if holdout.kind != "none":
        part = BLIND_PART
        score, blind = _blind(
            market, model, holdout, sampling, lambda at, words: tell(part * at, f"holdout fit: {words}"), cores, cache, start
        )
        start = blind.pooled if start is None else start
    design = designed(market, model)
    trace = drawn(design, sampling, lambda at, words: tell(part + (0.97 - part) * at, words), cores=cores, cache=cache, start=start)
    tell(0.97, "looks at whether the chains agree")
    converged = convergence(trace)
    tell(0.975, "reads the posterior")
    results, planner = results_of(posterior_of(design, trace.pooled), converged, score, sampling.seed)
    results["sampler"] = {"name": trace.sampler, "seconds": round(trace.seconds, 2), "chains": sampling.chains, "warm": warm}
    _check_finite(results, planner)
    return Fit(design, trace, results, planner)


def _check_finite(results: dict[str, Any], planner: Planner) -> None:
    """Raises InvalidInput where the draws ran off to where there are no numbers: neither the model nor the data held them."""
    try:
        json.dumps([results, planner.as_dict()], allow_nan=False)
    except ValueError:
        raise InvalidInput(
            "The draws ran off beyond all numbers: what the model is told contradicts itself or the data",
            hint="Look at narrow priors, and at lift tests with a very small standard error or a lift not of the sign of its spend.",
            errors=[{"pointer": "/params/model", "detail": "no posterior can be drawn"}],
        ) from None


def _blind(
    market: Market, model: Model, holdout: Holdout, sampling: Sampling, tell: Tell, cores: int, cache: Path | None, start: Array | None
) -> tuple[dict[str, Any], Trace]:
    """Its scores on the periods it did not see, and its draws: they lie near the whole fit's, which sets out from them."""
    seen = seen_periods(market.periods, holdout)
    design = designed(market, model, seen)
    fewer = sampling.model_copy(update={"draws": max(50, int(sampling.draws * BLIND_DRAWS))})
    trace = drawn(design, fewer, tell, cores=cores, cache=cache, start=start)
    posterior = posterior_of(design, trace.pooled)
    predictive = forecast(posterior, decomposed(posterior, posterior.heights()), sampling.seed).sum(axis=1)
    hidden = np.flatnonzero(seen == 0)
    found = scored(predictive, market.outcome.sum(axis=0), seen, market.period_days)
    return {**found, "kind": holdout.kind, "dates": [market.dates[n].isoformat() for n in hidden]}, trace
