"""Requests and answers of the marketing mix routes."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from api.schemas import Body, PageQuery, Row

Channel = Annotated[str, Field(min_length=1, max_length=80)]
Amount = Annotated[float, Field(ge=0, le=1e12)]


class FitsQuery(PageQuery):
    state: Literal["running", "partial", "complete"] | None = None


class FitOut(Row):
    id: uuid.UUID
    name: str
    state: Literal["running", "partial", "complete"] = Field(
        description="partial: cancelled; submitting the same request goes on from its draws"
    )
    grade: str | None = Field(description="trustworthy, weak or do not use")
    job_id: uuid.UUID | None
    campaign_id: uuid.UUID | None
    files: dict[str, Any] = Field(description="ids of assets: the trace as NetCDF, charts as PNG")
    simulated: bool
    created_at: datetime
    finished_at: datetime | None


class FitDetail(FitOut):
    request: dict[str, Any] = Field(description="model, holdout and sampling as they were asked for")
    results: dict[str, Any] | None = Field(
        description="verdict with its reasons, contributions by period that sum to the prediction, (marginal) ROAS with 90 % intervals,"
        " response curves, diagnostics, holdout scores"
    )


class ChartOut(BaseModel):
    id: str
    title: str
    lead: str
    figure: dict[str, Any] = Field(description="data and layout of a Plotly figure")
    columns: list[str]
    rows: list[list[Any]] = Field(description="the numbers behind it")


class Charts(BaseModel):
    items: list[ChartOut]


class Scenario(Body):
    """Spend of each channel over the whole plan, spread evenly, or period by period."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    spend: dict[Channel, Amount | Annotated[list[Amount], Field(min_length=1, max_length=366)]] = Field(
        description="by channel: an amount for the whole plan, or one a period; channels that are not named spend nothing"
    )


class Scenarios(Body):
    periods: int = Field(default=13, ge=1, le=366)
    plans: list[Scenario] = Field(min_length=1, max_length=12, description="the first is what the others are compared with")

    @model_validator(mode="after")
    def _names_differ(self) -> Scenarios:
        names = [plan.name for plan in self.plans]
        if len(set(names)) < len(names):
            raise ValueError("two plans have the same name")
        return self


class ScenariosOut(BaseModel):
    periods: int
    items: list[dict[str, Any]] = Field(description="outcome, ROAS and the difference from the first, with 90 % intervals")


class PlansQuery(PageQuery):
    fit_id: uuid.UUID | None = None


class PlanOut(Row):
    id: uuid.UUID
    fit_id: uuid.UUID
    job_id: uuid.UUID | None
    name: str
    request: dict[str, Any]
    result: dict[str, Any] = Field(
        description="spend before and after by channel, what both bring, the gain with its interval and probability"
    )
    simulated: bool
    created_at: datetime


class Take(Body):
    campaign_id: uuid.UUID


class BudgetOut(Row):
    channel: str
    amount: Decimal = Field(description="as a decimal string")
    currency: str
    plan_id: uuid.UUID | None = Field(description="the plan it was taken from")
    updated_at: datetime


class Budgets(BaseModel):
    items: list[BudgetOut]
