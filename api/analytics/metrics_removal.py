"""DELETE /v1/metrics: what a source said about some days, taken back, as after an import in the wrong currency."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, model_validator
from sqlalchemy import delete as delete_rows

from api import audit
from api.analytics.metrics_import import routes
from api.schemas import Query
from models import DailyMetrics

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]


class RemovalQuery(Query):
    """What is not named is not looked at: without a currency or a channel, rows of all of them go."""

    source: str = Field(
        min_length=1, max_length=50, pattern=r"^[a-z0-9_-]+$", description="whose figures these are: import, if no other was said"
    )
    start: Day = Field(description="first day, in the organisation's zone")
    end: Day = Field(description="last day")
    channel: str | None = Field(default=None, min_length=1, max_length=100)
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")

    @model_validator(mode="after")
    def _in_order(self) -> RemovalQuery:
        if self.end < self.start:
            raise ValueError("end is before start")
        return self


class Removed(BaseModel):
    rows: int


@routes.on("DELETE", answers=Removed)
def delete(query: RemovalQuery) -> Removed:
    """Take a source's figures back, of some days. Events are not touched; what is imported again afterwards counts as new."""
    chosen = [DailyMetrics.source == query.source, DailyMetrics.date.between(query.start, query.end)]
    if query.channel:
        chosen.append(DailyMetrics.channel == query.channel.lower())
    if query.currency:
        chosen.append(DailyMetrics.currency == query.currency)
    with audit.change("metrics:removal", **query.model_dump(mode="json", exclude_none=True)) as session:
        gone = session.execute(delete_rows(DailyMetrics).where(*chosen).returning(DailyMetrics.id)).scalars().all()
    return Removed(rows=len(gone))
