"""Does the effect wear off? The difference by days since the exposure, and whether it falls or rises along them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.experiments.moments import Moments

FEWEST_DAYS = 4
LEVEL = 0.01


@dataclass(frozen=True)
class Novelty:
    """verdict: steady, wears off, grows, too early. slope: change of the difference a day, with its p-value."""

    verdict: str
    slope: float
    p_value: float
    days: list[int]
    differences: list[float]


def check(control: Sequence[Moments], treatment: Sequence[Moments]) -> Novelty:
    """control, treatment: by days since the exposure, each day's moments over the units exposed for that long.

    A weighted regression of the differences on the day, with the inverse of their variances as weights.
    """
    import numpy as np
    from scipy import stats

    days = [n for n, (c, t) in enumerate(zip(control, treatment, strict=True)) if c.n > 1 and t.n > 1 and c.variance + t.variance > 0]
    gaps = [treatment[day].mean - control[day].mean for day in days]
    if len(days) < FEWEST_DAYS:
        return Novelty("too early", 0.0, 1.0, days, gaps)
    weights = np.array([1 / (control[d].variance / control[d].n + treatment[d].variance / treatment[d].n) for d in days])
    at = np.array(days) - np.average(days, weights=weights)
    slope = float((weights * at * np.array(gaps)).sum() / (weights * at * at).sum())
    p = float(2 * stats.norm.sf(abs(slope) * np.sqrt((weights * at * at).sum())))
    overall = float(np.average(gaps, weights=weights))
    verdict = "steady" if p >= LEVEL else ("wears off" if slope * overall < 0 else "grows")
    return Novelty(verdict, slope, p, days, [float(gap) for gap in gaps])
