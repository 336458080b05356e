"""/v1/job-kinds: what can be submitted, with the JSON Schema of each kind's params."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from api.openapi import Routes
from api.schemas import Page
from worker.kinds import JobKind, all_kinds, get_kind

routes = Routes("job-kinds", "/v1/job-kinds", "What can be submitted")


class StepOut(BaseModel):
    name: str
    pool: str


class KindOut(BaseModel):
    name: str
    summary: str
    version: int
    role: str = Field(description="the least role that may submit it")
    internal: bool = Field(description="a part of another kind's work, which asks for it by itself")
    steps: list[StepOut]
    params_schema: dict[str, Any] = Field(description="JSON Schema 2020-12 of `params`")


class ByName(BaseModel):
    name: str


@routes.on("GET", answers=Page[KindOut])
def index() -> Page[KindOut]:
    """Every kind."""
    return Page(items=[_kind(kind) for kind in all_kinds().values()], next_cursor=None)


@routes.on("GET", "/<name>", answers=KindOut)
def show(path: ByName) -> KindOut:
    """One kind."""
    return _kind(get_kind(path.name))


def _kind(kind: JobKind) -> KindOut:
    return KindOut(
        name=kind.name,
        summary=kind.summary,
        version=kind.version,
        role=kind.role,
        internal=kind.internal,
        steps=[StepOut(name=step.name, pool=step.pool) for step in kind.steps],
        params_schema=kind.schema(),
    )
