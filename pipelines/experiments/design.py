"""What an experiment is: its variants, its metrics, how it is read. Checked here, so that every room means the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from core.params import Params
from pipelines.experiments import conditions

Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$", description="letters, digits and _ . : -")]
Share = Annotated[float, Field(ge=0, le=1)]
SUM_TOLERANCE = 0.001
SMALLEST_ALPHA = 1e-6  # beyond it the tails of the normal law have no numbers left
MOST_UNITS = 10**9
SMALLEST_NAMESPACE = 0.001  # its hash has a thousand steps
MOST_VARIANTS = 20
MOST_METRICS = 20

MetricType = Literal["binomial", "mean", "ratio", "revenue"]
Fault = dict[str, str]


class Variant(Params):
    """One of the things compared; the first of an experiment is the control."""

    key: Key
    name: str = Field(default="", max_length=200)
    weight: Share | None = Field(default=None, description="share of the units; equal shares when no variant has one")
    value: Any = Field(default=None, description="what the feature has in this variant, any JSON; its key if left out")


class Metric(Params):
    """What is counted for each unit after its first exposure.

    binomial: did the event at least once. mean: events, or the sum of their values. revenue: the sum of values in one
    currency. ratio: the sum of `event` over the sum of `denominator`, over all units.
    """

    key: Key
    name: str = Field(default="", max_length=200)
    role: Literal["primary", "secondary", "guardrail"] = "secondary"
    type: MetricType = "binomial"
    event: str = Field(min_length=1, max_length=200, description="the event's name, as it was sent to /v1/events")
    kind: Literal["conversion", "touchpoint"] = "conversion"
    of: Literal["count", "value"] = Field(default="count", description="mean and ratio: events counted, or their values summed")
    denominator: str | None = Field(default=None, max_length=200, description="ratio: the name of the event divided by")
    denominator_kind: Literal["conversion", "touchpoint"] = "conversion"
    denominator_of: Literal["count", "value"] = "count"
    goal: Literal["increase", "decrease"] = "increase"
    cap: float | None = Field(default=None, gt=0, description="a unit's total is cut at this, so that a few cannot decide alone")
    window_hours: float = Field(default=336, gt=0, le=24 * 90, description="conversions count for so long after the first exposure")
    cuped_days: int = Field(default=0, ge=0, le=90, description="days before the exposure whose same metric sharpens the reading; 0: off")
    margin: float = Field(default=0.0, ge=0, le=1, description="guardrail: the relative harm that is put up with")


class Plan(Params):
    """How the results are read. planned_units and looks make the planned-looks form; without them it is not given."""

    alpha: float = Field(default=0.05, ge=SMALLEST_ALPHA, lt=0.5, description="two-sided error rate")
    power: float = Field(default=0.8, gt=0.5, lt=1)
    planned_units: int | None = Field(default=None, ge=20, le=MOST_UNITS, description="units of all variants together at the planned end")
    looks: int | None = Field(default=None, ge=1, le=90, description="planned looks, one at the end of each day")
    correction: Literal["holm", "bh", "none"] = Field(default="holm", description="over primary and secondary metrics × variants")
    min_units: int = Field(default=50, ge=2, le=MOST_UNITS, description="units a variant needs before anything is read from it")


class Bandit(Params):
    """Thompson sampling: how shares follow what is learned."""

    every_minutes: int = Field(default=60, ge=1, le=24 * 60, description="between updates")
    minimum_share: float = Field(default=0.05, ge=0, le=0.5, description="no variant gets less while it runs")
    discount: float = Field(default=1.0, gt=0.5, le=1, description="weight of a day's data a day later; below 1 follows a drift")
    min_units: int = Field(default=100, ge=1, le=MOST_UNITS, description="units every variant needs before shares move")
    stop_loss: float | None = Field(
        default=0.005, ge=0, lt=1, description="stops when the leader's expected loss, relative to its own rate, is below; null: never"
    )
    stop_units: int = Field(default=1000, ge=1, le=MOST_UNITS, description="but not before so many units in all")


class Namespace(Params):
    """A mutual exclusion group: a unit is in at most one experiment of it. Without start and end free room is found."""

    id: Key
    share: float | None = Field(default=None, gt=0, le=1, description="how much of the group, when start and end are left out")
    start: Share | None = None
    end: Share | None = None


def equal_weights(variants: int) -> list[float]:
    return [1 / variants] * variants


def weights(variants: Sequence[Variant]) -> list[float]:
    """The variants' shares: as given, or equal when none is."""
    given = [variant.weight for variant in variants]
    return [weight or 0.0 for weight in given] if any(weight is not None for weight in given) else equal_weights(len(given))


def variant_faults(variants: Sequence[Variant]) -> list[Fault]:
    """Too few, doubled keys, weights that are missing or do not sum to 1."""
    found = []
    if len(variants) < 2:
        detail = f"has {len(variants)} variant(s); an experiment compares at least two, of which the first is the control"
        found.append({"pointer": "/variants", "detail": detail})
    found += _doubled([variant.key for variant in variants], "/variants")
    given = [variant.weight for variant in variants if variant.weight is not None]
    if given and len(given) < len(variants):
        found.append({"pointer": "/variants", "detail": "gives a weight to some variants only; give it to all or to none"})
    elif given and abs(sum(given) - 1) > SUM_TOLERANCE:
        found.append({"pointer": "/variants", "detail": f"has weights that sum to {sum(given):.4g}, not to 1"})
    return found


def metric_faults(metrics: Sequence[Metric], kind: str = "ab") -> list[Fault]:
    """Doubled keys, no or several primary metrics, ratios without a denominator and denominators without a ratio."""
    found = _doubled([metric.key for metric in metrics], "/metrics")
    primary = [metric.key for metric in metrics if metric.role == "primary"]
    if len(primary) != 1:
        detail = f"has {len(primary)} primary metrics ({', '.join(primary) or 'none'}); exactly one decides"
        found.append({"pointer": "/metrics", "detail": detail})
    for n, metric in enumerate(metrics):
        found += [{"pointer": f"/metrics/{n}/{field}", "detail": detail} for field, detail in _odd(metric, kind)]
    return found


def _odd(metric: Metric, kind: str) -> Iterator[tuple[str, str]]:
    if metric.type == "ratio" and not metric.denominator:
        yield "denominator", "is missing: a ratio divides one event by another"
    if metric.type != "ratio" and metric.denominator:
        yield "denominator", f"is for ratios only; this metric is of type {metric.type}"
    if metric.type == "binomial" and metric.cap is not None:
        yield "cap", "is for sums; a binomial metric is 0 or 1"
    if metric.type == "ratio" and metric.cuped_days:
        yield "cuped_days", "is not for ratios; leave it out or choose a mean"
    if kind == "bandit" and metric.role == "primary" and metric.type == "ratio":
        yield "type", "of a bandit's primary metric is binomial, mean or revenue"


def namespace_faults(namespace: Namespace | None) -> list[Fault]:
    """Half a range, an empty one, or neither range nor share."""
    if namespace is None:
        return []
    ends = (namespace.start, namespace.end)
    if ends == (None, None):
        if namespace.share is None:
            return [{"pointer": "/namespace", "detail": "needs start and end, or a share for which free room is found"}]
        if namespace.share < SMALLEST_NAMESPACE:
            return [{"pointer": "/namespace/share", "detail": f"is below {SMALLEST_NAMESPACE}, the smallest part that a namespace has"}]
    elif None in ends or ends[0] >= ends[1]:  # type: ignore[operator]
        return [{"pointer": "/namespace", "detail": "needs a start below its end"}]
    return []


def condition_faults(condition: Mapping[str, Any]) -> list[Fault]:
    return conditions.faults(condition)


def _doubled(keys: Sequence[str], at: str) -> list[Fault]:
    return [{"pointer": at, "detail": f"has the key {key!r} {times} times"} for key, times in Counter(keys).items() if times > 1]
