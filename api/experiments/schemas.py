"""Requests and answers of the experiment routes."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas import Body, PageQuery, Query, Row
from pipelines.experiments.design import Bandit, Key, Metric, Namespace, Plan, Share, Variant

Kind = Literal["ab", "bandit", "holdout"]
State = Literal["draft", "running", "stopped", "archived"]
Name = Field(min_length=1, max_length=200)


class NewExperiment(Body):
    key: Key
    name: str = Name
    hypothesis: str = Field(default="", max_length=4000)
    kind: Kind = Field(default="ab", description="holdout: its first variant is left out of every experiment that names it")
    feature_key: Key | None = Field(default=None, description="the feature that SDKs ask for; the experiment's key if left out")
    hash_attribute: str = Field(default="id", min_length=1, max_length=100, description="the attribute that units are told apart by")
    variants: list[Variant] = Field(max_length=20, description="the first one is the control")
    metrics: list[Metric] = Field(max_length=20)
    coverage: Share = Field(default=1.0, description="share of the units that take part")
    condition: dict[str, Any] = Field(default_factory=dict, description="targeting, in the language of GrowthBook's SDKs")
    namespace: Namespace | None = Field(default=None, description="mutual exclusion")
    holdout_id: uuid.UUID | None = None
    plan: Plan = Field(default_factory=Plan)
    bandit: Bandit = Field(default_factory=Bandit)
    campaign_id: uuid.UUID | None = None


class ExperimentChange(Body):
    """A draft may change in everything but its key and kind; a running one in its name, hypothesis, weights and coverage."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    hypothesis: str | None = Field(default=None, max_length=4000)
    feature_key: Key | None = None
    hash_attribute: str | None = Field(default=None, min_length=1, max_length=100)
    variants: list[Variant] | None = Field(default=None, max_length=20)
    metrics: list[Metric] | None = Field(default=None, max_length=20)
    coverage: Share | None = None
    condition: dict[str, Any] | None = None
    namespace: Namespace | None = None
    holdout_id: uuid.UUID | None = None
    plan: Plan | None = None
    bandit: Bandit | None = None
    campaign_id: uuid.UUID | None = None
    weights: list[Share] | None = Field(default=None, max_length=20, description="of the variants, in their order; moves the fewest units")


class ExperimentsQuery(PageQuery):
    state: State | None = None
    kind: Kind | None = None
    campaign_id: uuid.UUID | None = None


class ExperimentOut(Row):
    id: uuid.UUID
    key: str
    name: str
    hypothesis: str
    kind: Kind
    state: State
    source: Literal["assign", "touchpoints"] = Field(description="touchpoints: who comes by a post of the campaign has seen its concept")
    feature_key: str
    hash_attribute: str
    variants: list[Variant]
    metrics: list[Metric]
    coverage: float
    condition: dict[str, Any]
    namespace: Namespace | None
    holdout_id: uuid.UUID | None
    plan: Plan
    bandit: Bandit
    campaign_id: uuid.UUID | None
    version: int = Field(description="of the split; 0 before the start")
    winner: str | None
    started_at: datetime | None
    stopped_at: datetime | None
    created_at: datetime
    updated_at: datetime
    shares: list[float] = Field(description="of the variants now, in their order")


class Stop(Body):
    winner: str | None = Field(default=None, max_length=100, description="the variant that everybody gets; the control without one")


class AssignBody(Body):
    """One unit by its attributes, or up to 1,000 at once."""

    attributes: dict[str, Any] | None = Field(default=None, max_length=200)
    units: list[dict[str, Any]] | None = Field(default=None, min_length=1, max_length=1000, description="the attributes of several units")
    record: bool = Field(default=True, description="note the exposure; false only looks")


class Assigned(BaseModel):
    unit: str
    variant: str | None = Field(description="null: not in the experiment")
    value: Any = Field(description="the variant's value; the control's for those outside")
    in_experiment: bool
    bucket: float | None
    version: int
    reason: str = Field(description="why the unit is not in the experiment")


class Assignments(Assigned):
    """The one unit's, or in `assignments` those of `units` in their order."""

    assignments: list[Assigned] | None = None


class VersionOut(Row):
    number: int
    weights: list[float]
    coverage: float
    pieces: list[tuple[float, float, int]] = Field(description="start, end, variant's index, on the line from 0 to 1")
    reason: str
    at: datetime


class DecisionOut(Row):
    number: int
    action: str
    inputs: dict[str, Any]
    outcome: dict[str, Any]
    explanation: str
    job_id: uuid.UUID | None
    at: datetime


class DecisionsQuery(Query):
    limit: int = Field(default=1000, ge=1, le=1000)
    before: int | None = Field(default=None, ge=1, le=2**31 - 1, description="only decisions with a lower number, for the page after")


class Decisions(BaseModel):
    items: list[DecisionOut]


class ResultsQuery(Query):
    metric: str | None = Field(default=None, max_length=100, description="only this metric")
    despite_mismatch: bool = Field(default=False, description="read on although the variants did not get their shares")


class LiftQuery(Query):
    metric: str | None = Field(default=None, max_length=100, description="the primary one if left out")
    variant: str | None = Field(default=None, max_length=100, description="the second one if left out")


class BanditWanted(Body):
    """Everything has a default: POST it empty."""

    event: str = Field(default="purchase", min_length=1, max_length=200, description="the conversion that counts")
    revenue: bool = Field(default=False, description="count what conversions are worth, not only how many")
    window_hours: float = Field(default=168, gt=0, le=24 * 90)
    bandit: Bandit = Field(default_factory=Bandit)
    start: bool = True
