"""Requests and answers of the analytics routes."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from api.schemas import Query, Row

MOST_DAYS = 800
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
By = Literal["day", "channel", "campaign", "post"]
FIGURES = ("spend", "impressions", "clicks", "visits", "conversions", "revenue", "ctr", "cvr", "cpa", "roas")


class PerformanceQuery(Query):
    start: Day | None = Field(default=None, description="first day, in the organisation's zone; without it 29 days before the last")
    end: Day | None = Field(default=None, description="last day; without it today")
    by: By = "day"
    compare: Literal["none", "previous", "year"] = Field(default="none", description="with the period before, or the year before")
    channel: str | None = Field(default=None, max_length=100)
    campaign_id: uuid.UUID | None = None
    format: Literal["json", "csv"] = "json"

    @model_validator(mode="after")
    def _fits(self) -> PerformanceQuery:
        if self.start and self.end and not 0 <= (self.end - self.start).days < MOST_DAYS:
            raise ValueError(f"end must be on or after start, and at most {MOST_DAYS} days later")
        return self

    def days(self, today: date) -> tuple[date, date]:
        """The period; what is not given is about the last thirty days."""
        end = self.end or max(today, self.start or today)
        return self.start or end - timedelta(days=29), end


class FiguresOut(Row):
    spend: Decimal
    impressions: int
    clicks: int = Field(description="as the platforms tell them")
    visits: int = Field(description="touchpoints that came in as events")
    conversions: int
    revenue: Decimal
    ctr: float | None = Field(description="clicks ÷ impressions")
    cvr: float | None = Field(description="conversions ÷ clicks")
    cpa: float | None = Field(description="spend ÷ conversions")
    roas: float | None = Field(description="revenue ÷ spend")


class PerformanceRow(FiguresOut):
    key: str | None = Field(description="the day, channel, or id; null for what cannot be assigned, (others) for the rest of a long list")
    label: str
    before: FiguresOut | None = Field(default=None, description="the same in the period compared with")


class Compared(BaseModel):
    start: date
    end: date
    totals: FiguresOut


class OtherMoney(BaseModel):
    currency: str
    spend: Decimal
    revenue: Decimal


class Performance(BaseModel):
    by: By
    start: date
    end: date
    zone: str
    currency: str
    rows: list[PerformanceRow]
    totals: FiguresOut = Field(description="the sum of the rows")
    compared: Compared | None
    not_converted: list[OtherMoney] = Field(description="money in other currencies, which is in none of the figures above")


class AttributionQuery(Query):
    run_id: uuid.UUID | None = Field(default=None, description="a finished attribution.run; the latest without it")
    by: Literal["channel", "campaign"] = "channel"
    format: Literal["json", "csv"] = "json"


class Credited(BaseModel):
    key: str
    label: str
    conversions: dict[str, float] = Field(description="by model")
    revenue: dict[str, float] = Field(description="by model")


class Evidence(BaseModel):
    channel: str
    source: Literal["mix model", "experiment"]
    figure: Literal["contribution", "roas", "lift"] = Field(description="contribution and lift in the outcome of the model")
    says: str = Field(description="which model or test")
    median: float
    low: float = Field(description="of a 90 % interval")
    high: float


class Attribution(BaseModel):
    run_id: uuid.UUID
    job_id: uuid.UUID | None
    created_at: datetime
    params: dict[str, Any]
    currency: str
    by: Literal["channel", "campaign"]
    models: dict[str, str] = Field(description="each model in a few words")
    rows: list[Credited] = Field(description="each model's column sums to the totals")
    totals: dict[str, float]
    unassigned: dict[str, float] = Field(description="conversions that nobody's touchpoint came before; beside the totals, not in them")
    paths: list[dict[str, Any]]
    lengths: list[dict[str, Any]]
    shapley: dict[str, Any] = Field(description="whether its values are exact, and their standard error")
    beside: list[Evidence] = Field(description="what the latest marketing mix model, and its lift tests, say about channels")
