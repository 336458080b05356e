"""A variant against the control in one metric: which estimate, which test, and what a change of the split asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.errors import Untestable
from pipelines.experiments.comparison import Comparison, check_testable, compare
from pipelines.experiments.design import Metric, Plan
from pipelines.experiments.estimates import cuped, estimate, stratified
from pipelines.experiments.moments import Moments
from pipelines.experiments.observations import Observations

_FEWEST_IN_STRATUM = 10


@dataclass(frozen=True)
class Design:
    """What a reading needs to know of the experiment. weights: of the variants now. adaptive: a bandit moves them by the data."""

    variants: tuple[str, ...]
    weights: tuple[float, ...]
    plan: Plan
    adaptive: bool = False
    metrics: tuple[Metric, ...] = field(default=())


def difference(design: Design, metric: Metric, seen: Observations, variant: str) -> tuple[Comparison, Moments]:
    """One comparison as `read` makes it, and the variant's moments. Raises Untestable."""
    at = design.variants.index(variant)
    arms = seen.moments()
    check(design, metric, seen, arms, at)
    return contrast(design, metric, seen, arms, at), arms[at]


def check(design: Design, metric: Metric, seen: Observations, arms: Sequence[Moments], at: int) -> None:
    """Raises Untestable when variant `at` cannot be compared with the control."""
    if seen.problem:
        raise Untestable(seen.problem)
    check_testable(metric, arms[0], arms[at], design.plan.min_units)


def contrast(design: Design, metric: Metric, seen: Observations, arms: Sequence[Moments], at: int, day: int | None = None) -> Comparison:
    """With one version of the split straight; with several each version by itself, then joined by its share of the units."""
    theta, centre = cuped(arms) if metric.cuped_days else (0.0, 0.0)
    strata = [] if design.adaptive else _strata(metric, seen, at, day)
    if len(strata) > 1:
        total = sum(control.n + other.n for control, other in strata)
        shares = [(control.n + other.n) / total for control, other in strata]
        sides = [stratified([estimate(metric, pair[side], theta, centre) for pair in strata], shares) for side in (0, 1)]
        return compare(sides[0], sides[1], design.plan.alpha, test="z")
    one, other = (estimate(metric, arm, theta, centre) for arm in (arms[0], arms[at]))
    return compare(one, other, design.plan.alpha, test=_test(metric), proportions=_pooled(metric, arms, at))


def _strata(metric: Metric, seen: Observations, at: int, day: int | None) -> list[tuple[Moments, Moments]]:
    pairs = [(arms[0], arms[at]) for arms in (seen.moments(day, version) for version in seen.versions)]
    return [
        pair
        for pair in pairs
        if min(pair[0].n, pair[1].n) >= _FEWEST_IN_STRATUM and (metric.type != "ratio" or min(pair[0].x, pair[1].x) > 0)
    ]


def _test(metric: Metric) -> str:
    return "z" if metric.type in ("binomial", "ratio") else "welch"


def _pooled(metric: Metric, arms: Sequence[Moments], at: int) -> tuple[float, float] | None:
    return (arms[0].y + arms[at].y, arms[0].n + arms[at].n) if metric.type == "binomial" and not metric.cuped_days else None
