"""Requests and answers of the job routes."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas import Body, PageQuery, Query, Usd

State = Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled"]


class NewJob(Body):
    kind: str = Field(max_length=200, description="one of /v1/job-kinds")
    params: dict[str, Any] = Field(default_factory=dict, description="as the kind's schema says")
    campaign_id: uuid.UUID | None = Field(default=None, description="whose budget and results these are")
    priority: int = Field(default=0, ge=-10, le=10, description="higher goes first within the organisation")


class Replay(Body):
    from_step: str | None = Field(default=None, max_length=200, description="the first step to run again; null: the first that is not done")


class JobsQuery(PageQuery):
    state: State | None = None
    kind: str | None = Field(default=None, max_length=200)
    campaign_id: uuid.UUID | None = None
    parent_id: uuid.UUID | None = Field(default=None, description="the children of this job; without it, only jobs without a parent")


class EventsQuery(Query):
    after: int = Field(default=0, ge=0, le=2**31 - 1, description="events with a higher seq; Last-Event-ID wins")


class LogsQuery(Query):
    after: int = Field(default=0, ge=0, le=2**63 - 1, description="lines with a higher id")
    limit: int = Field(default=500, ge=1, le=1000)


class StepOut(BaseModel):
    name: str
    state: str
    pool: str
    attempt: int
    max_attempts: int
    generation: int
    progress: float
    message: str | None
    wait_reason: str | None
    waits_for: str | None
    error: dict[str, Any] | None
    output: dict[str, Any] | None = Field(default=None, description="absent in lists")
    worker: str | None
    started_at: datetime | None
    finished_at: datetime | None


class JobOut(BaseModel):
    id: uuid.UUID
    kind: str
    state: State
    progress: float = Field(description="0 to 1")
    wait_reason: str | None = Field(description="why it waits, in one sentence")
    steps: list[StepOut]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    cost: Usd
    simulated: bool = Field(description="a result or cost came from the sandbox")
    params: dict[str, Any]
    priority: int
    generation: int = Field(description="raised by each replay")
    cancel_requested: bool
    campaign_id: uuid.UUID | None
    parent_id: uuid.UUID | None
    created_by: uuid.UUID | None
    children: dict[str, int] | None = Field(default=None, description="child jobs by state; absent in lists")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class EventOut(BaseModel):
    seq: int
    type: str
    step: str | None
    data: dict[str, Any]
    at: datetime


class LogLine(BaseModel):
    id: int
    step: str
    attempt: int
    level: str
    message: str
    at: datetime
