"""`experiment.simulate`: A/A tests by the thousand, to see how often each way of reading results is wrong."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from core.params import Params
from pipelines.experiments.design import SMALLEST_ALPHA
from pipelines.experiments.simulation import Setting, rejections
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome

_MOST_VALUES = 400_000_000  # units × runs, about a minute


class ExperimentSimulate(Params):
    """An effect of 0 shows false positives; any other one shows power."""

    world: Literal["binomial", "mean", "revenue", "ratio", "cuped"] = Field(default="binomial", description="what units do")
    baseline: float = Field(default=0.1, gt=0, lt=1, description="the control's rate, for binomial and ratio")
    effect: float = Field(default=0.0, gt=-1, le=2, description="relative; 0 for an A/A test")
    units: int = Field(default=10_000, ge=200, le=1_000_000, description="of both variants together at the end")
    looks: int = Field(default=30, ge=1, le=90, description="equally spaced")
    runs: int = Field(default=2000, ge=100, le=100_000)
    alpha: float = Field(default=0.05, ge=SMALLEST_ALPHA, lt=0.5)
    min_units: int = Field(default=50, ge=2, le=100_000, description="units a variant needs before a look is read, as in a plan")
    seed: int = Field(default=1, ge=0, le=2**31, description="the same seed gives the same answer")

    @model_validator(mode="after")
    def _fits(self) -> ExperimentSimulate:
        if self.units < 2 * self.looks:
            raise ValueError("units must be at least twice the looks")
        if self.world != "binomial" and self.units * self.runs > _MOST_VALUES:
            raise ValueError(f"units × runs must be at most {_MOST_VALUES:,} where every unit is drawn")
        if self.world in ("binomial", "ratio") and not 0 < self.baseline * (1 + self.effect) < 1:
            raise ValueError("the effect leads outside 0 to 1")
        return self


kind = JobKind("experiment.simulate", ExperimentSimulate, summary="False positives and power of every way of reading results.")


@kind.step(pool="cpu", share=100)
def simulate(ctx: StepContext, params: ExperimentSimulate) -> Outcome:
    found = rejections(Setting(**params.model_dump()), lambda part: ctx.progress(part, f"{part:.0%} of {params.runs} runs"))
    spread = {method: (rate * (1 - rate) / params.runs) ** 0.5 for method, rate in found.items()}
    told = "false_positive_rate" if params.effect == 0 else "power"
    return {told: found, "standard_error": spread, "runs": params.runs, "looks": params.looks, "units": params.units}
