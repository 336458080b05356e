"""A variant against the control in one metric: which estimate, which test, and what a change of the split asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.errors import Untestable
from pipelines.experiments.comparison import Comparison, check_spread, check_testable, compare
from pipelines.experiments.design import Metric, Plan
from pipelines.experiments.estimates import Estimate, cuped, estimate, stratified
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
    return contrast(design, metric, seen, at), seen.moments()[at]


def contrast(design: Design, metric: Metric, seen: Observations, at: int, day: int | None = None) -> Comparison:
    """Variant `at` against the control, up to the end of a day. Raises Untestable.

    With one version of the split straight; with several each version by itself, then joined by its share of the units.
    """
    if seen.problem:
        raise Untestable(seen.problem)
    arms = seen.moments(day)
    check_testable(metric, arms[0], arms[at], design.plan.min_units)
    strata = [(arms[0], arms[at])] if design.adaptive or len(seen.versions) < 2 else _strata(metric, seen, at, day)
    if not strata:
        told = f"no version of it has {_FEWEST_IN_STRATUM} units of both"
        raise Untestable(f"The split was changed before enough units saw the control and {design.variants[at]!r} under it: {told}")
    check_testable(metric, *_sums(strata), design.plan.min_units)
    theta, centre = cuped(arms) if metric.cuped_days else (0.0, 0.0)
    one, other = (_side(metric, strata, side, theta, centre) for side in (0, 1))
    check_spread(metric, one, other)
    is_joined = len(strata) > 1
    proportions = None if is_joined else _pooled(metric, *strata[0])
    return compare(one, other, design.plan.alpha, test="z" if is_joined else _test(metric), proportions=proportions)


def _sums(strata: Sequence[tuple[Moments, Moments]]) -> tuple[Moments, Moments]:
    """What both sides have together in the versions that are compared."""
    return sum((one for one, _ in strata), Moments()), sum((other for _, other in strata), Moments())


def _side(metric: Metric, strata: Sequence[tuple[Moments, Moments]], side: int, theta: float, centre: float) -> Estimate:
    total = sum(control.n + other.n for control, other in strata)
    parts = [estimate(metric, pair[side], theta, centre) for pair in strata]
    return stratified(parts, [(control.n + other.n) / total for control, other in strata]) if len(parts) > 1 else parts[0]


def _strata(metric: Metric, seen: Observations, at: int, day: int | None) -> list[tuple[Moments, Moments]]:
    pairs = [(arms[0], arms[at]) for arms in (seen.moments(day, version) for version in seen.versions)]
    return [
        pair
        for pair in pairs
        if min(pair[0].n, pair[1].n) >= _FEWEST_IN_STRATUM and (metric.type != "ratio" or min(pair[0].x, pair[1].x) > 0)
    ]


def _test(metric: Metric) -> str:
    return "z" if metric.type in ("binomial", "ratio") else "welch"


def _pooled(metric: Metric, control: Moments, other: Moments) -> tuple[float, float] | None:
    return (control.y + other.y, control.n + other.n) if metric.type == "binomial" and not metric.cuped_days else None
