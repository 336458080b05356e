"""What each week's outcome is made of: baseline, trend, seasons, holidays, controls and channels, which sum to the prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.mmm.market import Array
from pipelines.mmm.parameters import Posterior

BASELINE = "baseline"
SEEN_FROM_ZERO = ("holidays",)  # a holiday's effect is counted from a day without it; the others' from their average


@dataclass(frozen=True)
class Decomposition:
    """In outcome, all geos together. parts: [D, T] by name, in order. channels: [D, T, C]. prediction: [D, T], the sum of all."""

    parts: dict[str, Array]
    channels: Array
    prediction: Array
    by_geo: Array  # [D, G, T], the prediction of each geo


def decomposed(posterior: Posterior, heights: Array) -> Decomposition:
    """heights: `posterior.heights()`."""
    design = posterior.design
    scale = design.outcome_scale
    ceilings = posterior.ceilings(heights)  # [D, G, C]
    media = np.einsum("dgc,dcgt->dgtc", ceilings, heights)
    groups = _groups(posterior)
    baseline = posterior.level * scale - media.mean(axis=2).sum(axis=2)  # [D, G]
    for name in SEEN_FROM_ZERO:
        if name in groups:
            lowest = _from_zero(posterior, name)
            groups[name] = groups[name] + lowest[:, :, None]
            baseline = baseline - lowest
    parts = {BASELINE: np.repeat(baseline[:, :, None], design.shape[1], axis=2), **groups}
    by_geo = sum(parts.values()) + media.sum(axis=3)
    return Decomposition({name: part.sum(axis=1) for name, part in parts.items()}, media.sum(axis=1), by_geo.sum(axis=1), by_geo)


def _groups(posterior: Posterior) -> dict[str, Array]:
    """[D, G, T] of each group of columns, in outcome."""
    design = posterior.design
    found: dict[str, Array] = {}
    for name in dict.fromkeys(column.group for column in design.columns):
        chosen = [n for n, column in enumerate(design.columns) if column.group == name]
        moved = np.einsum("gtp,dp->dgt", design.regressors[:, :, chosen], posterior.coefficient[:, chosen], optimize=True)
        found[name] = moved * design.outcome_scale[:, None]
    return found


def _from_zero(posterior: Posterior, name: str) -> Array:
    """[D, G]: what centring took from the group, in outcome."""
    design = posterior.design
    chosen = [n for n, column in enumerate(design.columns) if column.group == name]
    means = np.stack([design.columns[n].values.mean(axis=1) for n in chosen], axis=1)  # [G, P]
    return np.asarray(posterior.coefficient[:, chosen] @ means.T * design.outcome_scale)


def forecast(posterior: Posterior, parts: Decomposition, seed: int) -> Array:
    """Predictive draws [D, G, T] in outcome: the prediction and its noise."""
    noise = (posterior.noise * posterior.design.outcome_scale)[:, :, None]
    return np.asarray(parts.by_geo + noise * np.random.default_rng(seed).standard_normal(parts.by_geo.shape))
