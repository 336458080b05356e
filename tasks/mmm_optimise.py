"""`mmm.optimise`: the best split of a budget by a fit, over its whole posterior."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from pydantic import Field, model_validator

from core.errors import InvalidInput
from core.params import Params
from core.pointers import escaped
from models import MmmPlan
from pipelines.mmm.specification import Name
from tasks.mmm_records import fit_of
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome

MOST_MONEY = 1e12  # what a campaign's budget can hold
Money = Annotated[float, Field(ge=0, lt=MOST_MONEY)]


class Bounds(Params):
    """Spend of one channel over the whole plan."""

    low: Money = 0.0
    high: Money | None = Field(default=None, description="without it the highest spend of a period ever seen, in each period")


class MmmOptimise(Params):
    fit_id: uuid.UUID
    name: str = Field(default="Budget", min_length=1, max_length=120)
    periods: int = Field(default=13, ge=1, le=366, description="how many weeks (or days, for a daily fit) the plan is for")
    total: float | None = Field(default=None, gt=0, lt=MOST_MONEY, description="spend this much over the plan")
    target_roas: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="instead of a total: as much as still brings this for each unit of spend"
    )
    bounds: dict[Name, Bounds] = Field(default_factory=dict, description="by channel, over the whole plan")
    current: dict[Name, Money] | None = Field(default=None, description="the split to compare with; the last quarter's without it")
    aversion: float = Field(
        default=0.0, ge=0, le=5, description="standard deviations of the outcome taken off its mean: 0 is bold, 1 careful"
    )

    @model_validator(mode="after")
    def _one_goal(self) -> MmmOptimise:
        if (self.total is None) == (self.target_roas is None):
            raise ValueError("give either total or target_roas")
        return self


kind = JobKind("mmm.optimise", MmmOptimise, summary="The best split of a budget by a fitted marketing mix model, with its expected gain.")


@kind.step(pool="cpu", deadline=1800)
def optimise(ctx: StepContext, params: MmmOptimise) -> Outcome:
    from pipelines.mmm.optimiser import optimised
    from pipelines.mmm.planning import from_dict

    fit = fit_of(ctx, params.fit_id)
    planner = from_dict(fit.planner or {})
    ctx.progress(0.1, "searches the best split")
    result = optimised(planner, _wish(planner, params))
    plan_id = uuid.uuid4()
    plan = MmmPlan(
        id=plan_id,
        org_id=ctx.org_id,
        fit_id=fit.id,
        job_id=ctx.job_id,
        name=params.name,
        request=params.model_dump(mode="json"),
        result=result,
        simulated=fit.simulated,
        created_by=ctx.created_by,
    )
    ctx.on_done(lambda session: session.add(plan))
    return {"plan_id": str(plan_id), "fit_id": str(fit.id), "simulated": fit.simulated, **result}


def _wish(planner: Any, params: MmmOptimise) -> Any:
    """The request in arrays. Raises InvalidInput for channels that the fit does not know."""
    import numpy as np

    from pipelines.mmm.optimiser import Wish

    current = params.current or {}
    named = [("bounds", name) for name in params.bounds] + [("current", name) for name in current]
    unknown = f"is no channel of the fit; channels are {', '.join(planner.channels)}"
    missing = [(at, name) for at, name in named if name not in planner.channels]
    faults = [{"pointer": f"/params/{at}/{escaped(name)}", "detail": f"{name} {unknown}"} for at, name in missing]
    if current and not any(current.values()):
        faults.append({"pointer": "/params/current", "detail": "spends nothing, so there is no split to compare with; leave it out"})
    if faults:
        raise InvalidInput("; ".join(fault["detail"] for fault in faults), errors=faults)
    bounds = [params.bounds.get(name, Bounds()) for name in planner.channels]
    highest = planner.highest * params.periods
    high = np.array([most if bound.high is None else bound.high for bound, most in zip(bounds, highest, strict=True)])
    low = np.array([bound.low for bound in bounds])
    compared = np.array([current.get(name, 0.0) for name in planner.channels]) if current else planner.recent * params.periods
    return Wish(params.periods, low, high, compared, params.total, params.target_roas, params.aversion)
