"""A variant's value with the variance of that value: means, ratios by the delta method, means sharpened by CUPED."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.experiments.design import Metric
from pipelines.experiments.moments import Moments, Number, cleared


@dataclass(frozen=True)
class Estimate:
    """value: per unit (or the ratio). variance: of that value, not of a unit's. n: units, or as many as tell as much as strata do."""

    value: Number
    variance: Number
    n: Number


def estimate(metric: Metric, moments: Moments, theta: Number = 0.0, centre: Number = 0.0) -> Estimate:
    """theta and centre: of `cuped`, when the metric has a covariate."""
    if metric.type == "ratio":
        return ratio(moments)
    return adjusted(moments, theta, centre) if metric.cuped_days else mean(moments)


def mean(moments: Moments) -> Estimate:
    return Estimate(moments.mean, moments.variance / moments.n, moments.n)


def ratio(moments: Moments) -> Estimate:
    """Sum of y over sum of x, with units as the randomised ones.

    Delta method: Deng, Knoblich and Lu, "Applying the Delta Method in Metric Analytics", KDD 2018, eq. 1.
    """
    value = moments.y / moments.x
    apart = moments.variance + value * value * moments.variance_x
    spread = cleared(apart - 2 * value * moments.covariance_xy, apart)
    return Estimate(value, spread / (moments.x / moments.n) ** 2 / moments.n, moments.n)


def cuped(arms: Sequence[Moments]) -> tuple[float, float]:
    """theta and the covariate's mean over all arms; theta is 0 where the covariate does not vary.

    Deng, Xu, Kohavi and Walker, "Improving the Sensitivity of Online Controlled Experiments", WSDM 2013, eq. 4;
    theta is pooled within the arms, so that a difference between them does not leak into it.
    """
    enough = [arm for arm in arms if arm.n > 1]
    spread = sum((arm.n - 1) * arm.variance_z for arm in enough)
    together = sum((arm.n - 1) * arm.covariance_yz for arm in enough)
    n = sum(arm.n for arm in enough)
    return (together / spread if spread > 0 else 0.0), (sum(arm.z for arm in enough) / n if n else 0.0)


def adjusted(moments: Moments, theta: Number, centre: Number) -> Estimate:
    """The mean of y − theta · (z − centre)."""
    value = moments.mean - theta * (moments.z / moments.n - centre)
    apart = moments.variance + theta * theta * moments.variance_z
    spread = cleared(apart - 2 * theta * moments.covariance_yz, apart)
    return Estimate(value, spread / moments.n, moments.n)


def stratified(parts: Sequence[Estimate], shares: Sequence[float]) -> Estimate:
    """One estimate of several strata, each weighted with its share of all units whatever the variant's own mix is.

    After a change of weights the variants' units are from different times; a plain mean would compare those times.
    """
    value = sum(share * part.value for share, part in zip(shares, parts, strict=True))
    variance = sum(share * share * part.variance for share, part in zip(shares, parts, strict=True))
    alike = 1 / sum(share * share / part.n for share, part in zip(shares, parts, strict=True))
    return Estimate(value, variance, alike)
