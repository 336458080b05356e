"""/v1/experiment-plans: how many units, how small an effect, how many days, before anything runs."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.openapi import Reply, Routes
from api.schemas import Body, Row
from core.errors import InvalidInput
from pipelines.experiments.design import MOST_UNITS, SMALLEST_ALPHA, SUM_TOLERANCE, Share
from pipelines.experiments.power import Need, smallest_effect, units_needed
from pipelines.experiments.split import STEPS

routes = Routes("experiment-plans", "/v1/experiment-plans", "Sample size, detectable effect and duration")

READINGS: tuple[Literal["fixed", "planned", "anytime"], ...] = ("fixed", "planned", "anytime")


class NewPlan(Body):
    """Give the effect that matters, for the units that it takes; or the units there are, for the effect that they find."""

    type: Literal["binomial", "mean", "ratio", "revenue"] = "binomial"
    baseline: float = Field(gt=0, description="the control's value: a rate, or a mean per unit")
    standard_deviation: float | None = Field(default=None, gt=0, description="between units; for every type but binomial")
    effect: float | None = Field(default=None, gt=-1, le=10, description="relative: 0.05 is five percent more")
    units: int | None = Field(default=None, ge=20, le=MOST_UNITS, description="of all variants together")
    weights: list[Share] = Field(default=[0.5, 0.5], min_length=2, max_length=20, description="the control's first")
    alpha: float = Field(default=0.05, ge=SMALLEST_ALPHA, lt=0.5)
    power: float = Field(default=0.8, gt=0.5, lt=1)
    looks: int = Field(default=14, ge=1, le=90, description="for the planned-looks reading")
    units_per_day: float | None = Field(default=None, ge=0.001)


class NeedOut(Row):
    reading: str = Field(description="fixed: one look at the end. planned: so many looks. anytime: look whenever you like")
    units: int
    units_by_variant: list[int]
    effect: float
    days: int | None


class PlanOut(BaseModel):
    readings: list[NeedOut]


@routes.on("POST", answers=PlanOut)
def create(body: NewPlan) -> Reply:
    """Plan an experiment, for each way of reading its results. Nothing is stored."""
    _check(body)
    return Reply(PlanOut(readings=[NeedOut.model_validate(_need(body, reading)) for reading in READINGS]))


def _check(body: NewPlan) -> None:
    faults = []
    if (body.effect is None) == (body.units is None):
        faults.append({"pointer": "/effect", "detail": "give either the effect or the units"})
    if body.effect == 0:
        faults.append({"pointer": "/effect", "detail": "an effect of 0 is never found"})
    if abs(sum(body.weights) - 1) > SUM_TOLERANCE or min(body.weights) < 1 / STEPS:
        detail = f"must each be {1 / STEPS} at least and sum to 1; they sum to {sum(body.weights):.4g}"
        faults.append({"pointer": "/weights", "detail": detail})
    if faults:
        raise InvalidInput(f"The plan has {len(faults)} fault(s)", errors=faults)


def _need(body: NewPlan, reading: str) -> Need:
    common = body.model_dump(include={"baseline", "alpha", "power", "looks"})
    common |= {"kind": body.type, "deviation": body.standard_deviation, "weights": tuple(body.weights)}
    common |= {"reading": reading, "per_day": body.units_per_day}
    try:
        if body.units is not None:
            return smallest_effect(units=body.units, **common)
        return units_needed(effect=body.effect or 0.0, **common)
    except (ArithmeticError, ValueError) as error:
        raise InvalidInput("No plan can be made of figures so large or so small", hint="Give figures of everyday size.") from error
