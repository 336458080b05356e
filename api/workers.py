"""/v1/workers: the pool processes and how busy they are."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.openapi import Routes
from api.schemas import Page
from worker import reading

routes = Routes("workers", "/v1/workers", "Pool processes")


class WorkerOut(BaseModel):
    name: str
    pool: str
    host: str
    pid: int
    slots: int
    busy: int
    device: str = Field(description="cpu, or the GPU it computes on")
    version: str
    started_at: datetime
    seen_at: datetime
    alive: bool


@routes.on("GET", answers=Page[WorkerOut])
def index() -> Page[WorkerOut]:
    """Every pool process, the silent ones included."""
    return Page(items=[WorkerOut.model_validate(row) for row in reading.workers()], next_cursor=None)
