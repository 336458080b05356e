"""Job kinds that only the API's tests know: no worker process loads them, so their jobs stay where a test put them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome


class Drums(BaseModel):
    model_config = ConfigDict(extra="forbid")
    beats: int = Field(default=1, ge=1)
    mood: str = "calm"


drums = JobKind("test.drums", Drums, summary="Two steps that nobody runs.")


@drums.step(pool="io")
def tune(_: StepContext, __: Drums) -> Outcome:
    return {}


@drums.step(pool="cpu")
def play(_: StepContext, __: Drums) -> Outcome:
    return {}


guarded = JobKind("test.guarded", Drums, summary="For admins.", role="admin")


@guarded.step(pool="io")
def guard(_: StepContext, __: Drums) -> Outcome:
    return {}
