"""The answers of the results routes, made from the pure rooms' readings."""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from api.schemas import Row
from pipelines.experiments.looks import Finding
from pipelines.experiments.posterior import curve
from pipelines.experiments.reading import Against, Arm, MetricReading
from pipelines.experiments.sample_ratio import SampleRatio


class SampleRatioOut(BaseModel):
    variants: list[str]
    observed: list[int]
    expected: list[float]
    p_value: float
    mismatch: bool = Field(description="p below 0.001")


class BeliefOut(Row):
    mean: float
    low: float = Field(description="95 % credible interval")
    high: float
    best: float = Field(description="chance to be the best variant")
    loss: float = Field(description="what choosing it is expected to cost, in the metric's unit")


class ArmOut(BaseModel):
    variant: str
    units: int
    total: float
    value: float | None
    belief: BeliefOut | None
    curve: list[tuple[float, float]] = Field(description="the posterior's density, to be drawn")


class ComparedOut(Row):
    """fixed: to be read once, at the planned end."""

    difference: float
    se: float
    low: float
    high: float
    statistic: float
    p_value: float
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    df: float | None
    test: str


class FindingOut(Row):
    significant: bool
    day: int | None = Field(description="0 is the first day; when it was reached")
    p_value: float | None
    low: float | None
    high: float | None
    critical_z: float | None


class NoveltyOut(Row):
    verdict: str = Field(description="steady, wears off, grows, too early")
    slope: float
    p_value: float
    days: list[int]
    differences: list[float]


class LookOut(Row):
    day: int
    units: int
    t: float = Field(description="information; 1 at the planned end")
    difference: float
    se: float
    z: float
    anytime_z: float = Field(description="what |z| must pass at any time")
    anytime_p: float
    planned_z: float | None = Field(description="what |z| must pass at this planned look")


class AgainstOut(BaseModel):
    variant: str
    problem: str = Field(description="why it cannot be compared; empty when it can")
    fixed: ComparedOut | None
    adjusted_p: float | None
    anytime: FindingOut
    planned: FindingOut
    novelty: NoveltyOut | None
    series: list[LookOut]


class MetricOut(BaseModel):
    key: str
    name: str
    role: str
    type: str
    goal: str
    arms: list[ArmOut]
    against: list[AgainstOut]
    notes: list[str]


class ResultsOut(BaseModel):
    experiment_id: uuid.UUID
    state: str
    verdict: str = Field(description="winner, loser, harm, no difference, go on, no data")
    variant: str | None
    sentence: str
    sample_ratio: SampleRatioOut | None
    crossed: int = Field(description="units that saw more than one variant; they count for the first")
    metrics: list[MetricOut]


class LiftTest(BaseModel):
    """What `mmm.fit` takes as a lift test, but for the channel and the spend that only you know."""

    start: date
    end: date
    lift: float
    standard_error: float


class LiftOut(BaseModel):
    experiment_id: uuid.UUID
    metric: str
    variant: str
    per_unit: float
    per_unit_se: float
    relative: float | None
    relative_se: float | None
    total: float = Field(description="over all units of the variant, against what the control's way would have brought")
    total_se: float
    units: int
    p_value: float
    lift_test: LiftTest


def ratio_out(found: SampleRatio, variants: Sequence[str]) -> SampleRatioOut:
    return SampleRatioOut(
        variants=list(variants), observed=found.observed, expected=found.expected, p_value=found.p_value, mismatch=found.mismatch
    )


def metric_out(one: MetricReading) -> MetricOut:
    metric = one.metric
    return MetricOut(
        key=metric.key,
        name=metric.name or metric.key,
        role=metric.role,
        type=metric.type,
        goal=metric.goal,
        arms=[_arm(arm) for arm in one.arms],
        against=[_against(against) for against in one.against],
        notes=list(one.notes),
    )


def _arm(arm: Arm) -> ArmOut:
    drawn = list(zip(*curve(arm.posterior), strict=True)) if arm.posterior and arm.belief else []
    belief = BeliefOut.model_validate(arm.belief) if arm.belief else None
    return ArmOut(variant=arm.variant, units=arm.units, total=arm.total, value=arm.value, belief=belief, curve=drawn)


def _against(one: Against) -> AgainstOut:
    return AgainstOut(
        variant=one.variant,
        problem=one.problem,
        fixed=ComparedOut.model_validate(_plain(one.compared)) if one.compared else None,
        adjusted_p=one.adjusted_p,
        anytime=_finding(one.anytime),
        planned=_finding(one.planned),
        novelty=NoveltyOut.model_validate(one.novelty) if one.novelty else None,
        series=[LookOut.model_validate(look) for look in one.series],
    )


def _finding(found: Finding) -> FindingOut:
    return FindingOut.model_validate(found)


def _plain(compared: Any) -> dict[str, Any]:
    """NumPy's numbers as Python's; what is not finite as None."""
    values = {name: getattr(compared, name) for name in ComparedOut.model_fields}
    return {name: _number(value) for name, value in values.items()}


def _number(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    return float(value) if math.isfinite(value) else None
