"""The results of an experiment: every metric, every variant against the control, by every reading at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import Untestable
from pipelines.experiments import looks, novelty, posterior
from pipelines.experiments.comparison import Comparison
from pipelines.experiments.contrast import Design, contrast
from pipelines.experiments.design import Metric, Plan
from pipelines.experiments.estimates import estimate
from pipelines.experiments.looks import Finding, Look
from pipelines.experiments.moments import Moments
from pipelines.experiments.multiple import adjust
from pipelines.experiments.novelty import Novelty
from pipelines.experiments.observations import Observations
from pipelines.experiments.posterior import Belief, Posterior
from pipelines.experiments.thompson import posterior_of, spread_of


@dataclass(frozen=True)
class Arm:
    """total: of the metric over all units (a ratio's numerator). posterior, belief: None while there is nothing to believe."""

    variant: str
    units: int
    total: float
    value: float | None
    posterior: Posterior | None = None
    belief: Belief | None = None


@dataclass(frozen=True)
class Against:
    """A variant against the control. adjusted_p: over all metrics × variants that decide. `anytime` and `planned` allow peeking."""

    variant: str
    problem: str = ""
    compared: Comparison | None = None
    adjusted_p: float | None = None
    anytime: Finding = looks.NOTHING
    planned: Finding = looks.NOTHING
    novelty: Novelty | None = None
    series: tuple[Look, ...] = ()


@dataclass(frozen=True)
class MetricReading:
    metric: Metric
    arms: tuple[Arm, ...]
    against: tuple[Against, ...] = ()
    notes: tuple[str, ...] = ()


def read(design: Design, observed: Mapping[str, Observations]) -> list[MetricReading]:
    """observed: by the metric's key. Metrics that cannot be tested say why in `problem`; nothing is raised for them."""
    found = [_metric(design, metric, observed[metric.key]) for metric in design.metrics if metric.key in observed]
    return _adjusted(found, design.plan.correction)


def _metric(design: Design, metric: Metric, seen: Observations) -> MetricReading:
    arms = seen.moments()
    found = tuple(_against(design, metric, seen, arms, at) for at in range(1, len(arms)))
    notes = []
    if len(seen.versions) > 1 and not design.adaptive:
        notes.append("The split was changed while it ran: each version is compared with itself, and the versions are then joined.")
    if design.adaptive:
        notes.append("Shares follow the data: p-values and intervals are only a rough guide here; the beliefs are what counts.")
    return MetricReading(metric, _arms(design, metric, arms), found, tuple(notes))


def _arms(design: Design, metric: Metric, arms: Sequence[Moments]) -> tuple[Arm, ...]:
    values = [_value(metric, arm) for arm in arms]
    laws = [_posterior(metric, arm, spread_of(arms)) for arm in arms]
    believed: Sequence[Belief | None] = [None] * len(arms)
    if all(law is not None for law in laws):
        believed = posterior.beliefs([law for law in laws if law is not None], goal=metric.goal)
    return tuple(
        Arm(name, int(arm.n), float(arm.y), value, law, belief)
        for name, arm, value, law, belief in zip(design.variants, arms, values, laws, believed, strict=True)
    )


def _value(metric: Metric, arm: Moments) -> float | None:
    base = arm.x if metric.type == "ratio" else arm.n
    return float(arm.y / base) if base else None


def _posterior(metric: Metric, arm: Moments, spread: float) -> Posterior | None:
    if arm.n < 2 or _value(metric, arm) is None:
        return None
    if metric.type == "ratio":
        found = estimate(metric, arm)
        return posterior.normal(float(found.value), float(found.variance)) if found.variance > 0 else None
    return posterior_of(metric, arm, spread) if metric.type == "binomial" or spread > 0 else None


def _against(design: Design, metric: Metric, seen: Observations, arms: Sequence[Moments], at: int) -> Against:
    name = design.variants[at]
    try:
        compared = contrast(design, metric, seen, at)
    except Untestable as problem:
        return Against(name, problem.detail)
    series = () if design.adaptive else _series(design, metric, seen, at)
    alpha, comparisons = design.plan.alpha / (len(arms) - 1), len(arms) - 1
    return Against(
        name,
        compared=compared,
        anytime=looks.anytime_finding(series, alpha, comparisons),
        planned=looks.planned_finding(series),
        novelty=novelty.check(seen.ages(0), seen.ages(at)) if metric.type != "ratio" else None,
        series=series,
    )


def _series(design: Design, metric: Metric, seen: Observations, at: int) -> tuple[Look, ...]:
    """A look at the end of each day on which something can be compared, and one at the day that still runs: any time is allowed."""
    plan, weights = design.plan, (design.weights[0], design.weights[at])
    alpha = plan.alpha / (len(design.variants) - 1)
    days = []
    for day in range(seen.days):
        try:
            compared = contrast(design, metric, seen, at, day)
        except Untestable:
            continue
        days.append((day, looks.information(compared.units, weights, plan.planned_units), compared))
    bounds = _bounds(plan, [(day, t) for day, t, _ in days if day < seen.complete_days], alpha)
    bounds += [None] * (len(days) - len(bounds))
    read_any_time = looks.always_valid([t for _, t, _ in days], [compared for *_, compared in days], alpha, plan.power)
    return tuple(
        looks.look(day, _units(seen, at, day), t, compared, p, reach, bound)
        for (day, t, compared), (p, reach), bound in zip(days, read_any_time, bounds, strict=True)
    )


def _units(seen: Observations, at: int, day: int) -> float:
    arms = seen.moments(day)
    return float(arms[0].n + arms[at].n)


def _bounds(plan: Plan, days: Sequence[tuple[int, float]], alpha: float) -> list[float | None]:
    """Only with a plan, and only for as many complete days as were planned; the last of them has all the information there will be."""
    if plan.planned_units is None or plan.looks is None:
        return [None] * len(days)
    looked = [t for day, t in days if day < plan.looks]
    return looks.planned_bounds(looked, alpha) + [None] * (len(days) - len(looked))


def _adjusted(found: Sequence[MetricReading], how: str) -> list[MetricReading]:
    """p-values of all variants on primary and secondary metrics adjusted as one family; guardrails keep their own."""
    family = [
        (m, n, a.compared.p_value)
        for m, one in enumerate(found)
        for n, a in enumerate(one.against)
        if a.compared and one.metric.role != "guardrail"
    ]
    raised = dict(zip([(m, n) for m, n, _ in family], adjust([float(p) for *_, p in family], how), strict=True))
    return [
        replace(one, against=tuple(replace(a, adjusted_p=raised.get((m, n))) for n, a in enumerate(one.against)))
        for m, one in enumerate(found)
    ]
