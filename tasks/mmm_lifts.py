"""Lifts that this platform's own experiments found, as tests a marketing mix model is calibrated by."""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from pydantic import Field, FiniteFloat, model_validator

from core.errors import DrumbeatError, InvalidInput
from core.params import Params
from models import Organization
from pipelines.mmm.specification import LiftTest, Model, Name
from tasks.experiment_reading import lift_of
from worker.context import StepContext


class ExperimentLift(Params):
    """An experiment, and the spend that its variant had and its control had not."""

    experiment_id: uuid.UUID
    channel: Name
    spend_delta: FiniteFloat = Field(description="what the variant's people cost above the control's; negative where spend was withheld")
    metric: str | None = Field(default=None, max_length=80, description="the metric that is the model's outcome; the primary without it")
    variant: str | None = Field(default=None, max_length=80, description="the first after the control without it")
    geo: Name | None = None

    @model_validator(mode="after")
    def _some_spend(self) -> ExperimentLift:
        if self.spend_delta == 0:
            raise ValueError("spend_delta is 0: such a test says nothing about spend")
        return self


def with_lifts(ctx: StepContext, model: Model, experiments: list[ExperimentLift]) -> Model:
    """The model with a lift test more for each experiment. Raises InvalidInput for those without a lift that can be used."""
    if not experiments:
        return model
    with ctx.session() as session:
        zone = ZoneInfo(session.get_one(Organization, ctx.org_id).zone)
    tests, faults = [], []
    for number, wanted in enumerate(experiments):
        try:
            tests.append(_lift_test(ctx, wanted, zone))
        except DrumbeatError as error:
            if error.remedy != "fix":
                raise
            faults.append({"pointer": f"/params/experiments/{number}/experiment_id", "detail": error.detail})
    if faults:
        raise InvalidInput("; ".join(fault["detail"] for fault in faults), errors=faults)
    return model.model_copy(update={"lift_tests": [*model.lift_tests, *tests]})


def _lift_test(ctx: StepContext, wanted: ExperimentLift, zone: ZoneInfo) -> LiftTest:
    """zone: the days of the model's own history are those of the organisation."""
    experiment, found = lift_of(uuid.UUID(str(ctx.org_id)), wanted.experiment_id, wanted.metric, wanted.variant)
    if experiment.started_at is None or experiment.stopped_at is None:
        raise InvalidInput(f"Experiment {experiment.key!r} is {experiment.state}; a model takes the lift of one that has ended")
    if not found.total_se > 0:
        raise InvalidInput(f"The lift of experiment {experiment.key!r} has no standard error; nothing was seen in it")
    return LiftTest(
        channel=wanted.channel,
        start=experiment.started_at.astimezone(zone).date(),
        end=experiment.stopped_at.astimezone(zone).date(),
        spend_delta=wanted.spend_delta,
        lift=found.total,
        standard_error=found.total_se,
        geo=wanted.geo,
    )
