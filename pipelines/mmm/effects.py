"""What each channel brought, what its next unit of spend would bring, and where it saturates."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.mmm.market import Array
from pipelines.mmm.parameters import Posterior
from pipelines.mmm.saturation import saturated, spend_at, steepness
from pipelines.mmm.summary import band, summary

SATURATED = 0.9  # of the ceiling: from there on more spend brings next to nothing
CURVE_POINTS = 41
CURVE_REACH = 1.5  # of the highest spend seen
RECENT_DAYS = 91


def channel_effects(posterior: Posterior, heights: Array, contribution: Array) -> list[dict[str, Any]]:
    """One entry a channel. contribution: [D, T, C] in outcome, `Decomposition.channels`."""
    market = posterior.design.market
    spend, whole = market.spend.sum(axis=(0, 1)), float(market.outcome.sum())
    marginal = marginal_roas(posterior, heights)
    usual = posterior.design.spend_scale.sum(axis=0)
    halves, slopes = posterior.half * usual, posterior.slope
    points = spend_at(posterior.design.model.saturation, SATURATED, halves, slopes)
    entries = []
    for n, name in enumerate(market.channels):
        brought = contribution[:, :, n].sum(axis=1)
        weekly = market.spend[:, :, n].sum(axis=0)
        entries.append(
            {
                "name": name,
                "spend": float(spend[n]),
                "share_of_spend": float(spend[n] / spend.sum()),
                "contribution": summary(brought),
                "share_of_outcome": summary(brought / whole),
                "roas": summary(brought / spend[n]),
                "marginal_roas": summary(marginal[:, n]),
                "carryover": summary(posterior.carryover[:, n]),
                "delay": summary(posterior.delay[:, n]) if posterior.design.model.adstock == "delayed" else None,
                "half_saturation": summary(halves[:, n]),
                "saturation_point": summary(points[:, n]),
                "current_spend": float(recent_spend(market.spend.sum(axis=0), market.period_days)[n]),
                "highest_spend": float(weekly.max()),
            }
        )
    return entries


def recent_spend(spend: Array, period_days: int) -> Array:
    """Average spend a period over the last quarter: [C] of [T, C]."""
    return np.asarray(spend[-max(1, RECENT_DAYS // period_days) :].mean(axis=0))


def marginal_roas(posterior: Posterior, heights: Array) -> Array:
    """Outcome that one more unit of spend would have brought, spread as the spend was: [D, C]."""
    design = posterior.design
    stocks = np.einsum("cgtl,dcl->dcgt", design.lags, posterior.weights(), optimize=True)
    rise = stocks * steepness(design.model.saturation, stocks, posterior.half[:, :, None, None], posterior.slope[:, :, None, None])
    gained = np.einsum("dgc,dcgt->dc", posterior.ceilings(heights), rise)
    return np.asarray(gained / design.market.spend.sum(axis=(0, 1)))


def response_curves(posterior: Posterior, heights: Array) -> list[dict[str, Any]]:
    """Outcome a period at steady spend a period, for each channel, from nothing to half again the highest spend seen."""
    design = posterior.design
    market, ceilings = design.market, posterior.ceilings(heights)
    split = market.spend.sum(axis=1) / market.spend.sum(axis=(0, 1))  # [G, C]
    curves = []
    for n, name in enumerate(market.channels):
        highest = float(market.spend[:, :, n].sum(axis=0).max())
        spend = np.linspace(0.0, CURVE_REACH * highest, CURVE_POINTS)
        in_geo = spend * (split[:, n] / design.spend_scale[:, n])[:, None]  # [G, points], scaled
        at = saturated(design.model.saturation, in_geo, posterior.half[:, n, None, None], posterior.slope[:, n, None, None])
        curves.append(
            {"channel": name, "spend": spend.tolist(), "highest_spend": highest, **band(np.einsum("dg,dgp->dp", ceilings[:, :, n], at))}
        )
    return curves


def geo_effects(posterior: Posterior) -> list[dict[str, Any]]:
    """ROAS of each channel in each geo, where there are several."""
    market = posterior.design.market
    if len(market.geos) == 1:
        return []
    return [
        {
            "geo": geo,
            "channels": [
                {"name": name, "roas": summary(posterior.roas[:, g, n])}
                for n, name in enumerate(market.channels)
                if market.spend[g, :, n].any()
            ],
        }
        for g, geo in enumerate(market.geos)
    ]
