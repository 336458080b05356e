"""The job kind that `bench jobs` runs; its workers load it by `--include`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome


class Nothing(BaseModel):
    model_config = ConfigDict(extra="forbid")


noop = JobKind("bench.noop", Nothing, summary="One step that does nothing.")


@noop.step(pool="io")
def rest(_: StepContext, __: Nothing) -> Outcome:
    return None
