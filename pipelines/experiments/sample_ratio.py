"""Did the variants get the units that they should have got? Where they did not, no difference can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_NONE = 1e-9  # of an eigenvalue, whose largest is 1: directions in which counts cannot differ have 0
THRESHOLD = 0.001  # usual for this check, which is looked at often: Fabijan et al., KDD 2019


@dataclass(frozen=True)
class SampleRatio:
    """observed and expected: units a variant. mismatch: p is below THRESHOLD."""

    observed: list[int]
    expected: list[float]
    statistic: float
    p_value: float
    mismatch: bool


def check(counts: Sequence[Sequence[int]], weights: Sequence[Sequence[float]]) -> SampleRatio:
    """counts, weights: a row for each version of the split, a column a variant.

    With one version this is Pearson's chi-squared test. With several, the sum over versions is compared with its own
    expectation and covariance, so that a change of weights is no mismatch.
    """
    import numpy as np
    from scipy import stats

    observed = np.asarray(counts, float).sum(0)
    expected, covariance = np.zeros(len(observed)), np.zeros((len(observed), len(observed)))
    for row, shares in zip(counts, weights, strict=True):
        share = np.asarray(shares, float) / (sum(shares) or 1.0)
        expected += sum(row) * share
        covariance += sum(row) * (np.diag(share) - np.outer(share, share))
    off = observed - expected
    scale = 1 / np.sqrt(np.where(expected > 0, expected, 1.0))  # evens rare and frequent variants out, so that no direction is lost
    sizes, directions = np.linalg.eigh(covariance * np.outer(scale, scale))
    real = sizes > _NONE
    statistic = float((((off * scale) @ directions[:, real]) ** 2 / sizes[real]).sum())
    freedom = int(real.sum())
    p = float(stats.chi2.sf(statistic, freedom)) if freedom else 1.0
    told = [round(float(one), 1) for one in expected]
    return SampleRatio([int(one) for one in observed], told, statistic, p, p < THRESHOLD)
