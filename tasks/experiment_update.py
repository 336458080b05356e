"""`experiment.update`: a bandit looks at what it has learned, moves its shares, or stops."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import Conflict
from core.params import Params
from models import Experiment, ExperimentDecision
from pipelines.experiments.moments import Moments
from pipelines.experiments.thompson import Decision, decide, discounted
from tasks import experiment_changes
from tasks.experiment_observations import Units
from tasks.experiment_records import bandit_of, find_experiment, metric_of, open_version, shares_of
from tasks.experiment_touchpoints import take_in
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome


class ExperimentUpdate(Params):
    experiment_id: uuid.UUID = Field(description="a running experiment of kind bandit")


kind = JobKind("experiment.update", ExperimentUpdate, summary="Move a bandit's shares by what its variants have brought so far.")


@kind.step(pool="cpu", share=100, max_attempts=3)
def update(ctx: StepContext, params: ExperimentUpdate) -> Outcome:
    with ctx.session() as session:
        experiment = find_experiment(session, params.experiment_id)
        if experiment.kind != "bandit" or experiment.state != "running":
            raise Conflict(
                f"Experiment {experiment.key!r} is {experiment.state} and of kind {experiment.kind}; only a running bandit is updated"
            )
        if experiment.source == "touchpoints":
            take_in(session, experiment)
        (arms, problem), shares = _learned(session, experiment), shares_of(experiment, open_version(session, experiment))
    names = [variant["key"] for variant in experiment.variants]
    decision = decide(names, metric_of(experiment, None), arms, shares, bandit_of(experiment), problem)
    inputs = _inputs(experiment, arms, shares) | {"problem": problem}
    ctx.on_done(lambda session: _write(session, ctx, experiment, inputs, decision))
    return {"action": decision.action, "shares": dict(zip(names, decision.shares, strict=True)), "explanation": decision.explanation}


def _learned(session: Session, experiment: Experiment) -> tuple[list[Moments], str]:
    """The variants' moments, and why nothing can be learned from them if that is so."""
    seen = Units(session, experiment).observe(metric_of(experiment, None))
    discount = bandit_of(experiment).discount
    return [discounted(seen.cohorts(variant), discount) for variant in range(len(experiment.variants))], seen.problem


def _write(session: Session, ctx: StepContext, seen: Experiment, inputs: dict[str, Any], decision: Decision) -> None:
    """The decision with all that it was made from. Nothing, if the experiment changed or stopped while it was made."""
    experiment = find_experiment(session, seen.id, lock=True)
    session.refresh(experiment)
    if (experiment.state, experiment.version) != ("running", seen.version):
        return
    if decision.action == "updated":
        experiment_changes.change_split(session, experiment, decision.shares, experiment.coverage, "updated by the bandit")
    elif decision.action == "stopped":
        experiment_changes.stop(session, experiment, experiment.variants[decision.leader]["key"])
    session.add(
        ExperimentDecision(
            org_id=experiment.org_id,
            experiment_id=experiment.id,
            number=_next_number(session, experiment),
            action=decision.action,
            inputs=inputs,
            outcome={"shares": decision.shares, "beliefs": [asdict(one) for one in decision.beliefs], "version": experiment.version},
            explanation=decision.explanation,
            job_id=ctx.job_id,
        )
    )


def _inputs(experiment: Experiment, arms: list[Moments], shares: list[float]) -> dict[str, Any]:
    return {
        "shares": shares,
        "arms": [
            {"variant": variant["key"], "n": arm.n, "y": arm.y, "yy": arm.yy}
            for variant, arm in zip(experiment.variants, arms, strict=True)
        ],
        "metric": metric_of(experiment, None).model_dump(),
        "settings": experiment.bandit,
    }


def _next_number(session: Session, experiment: Experiment) -> int:
    last = select(func.coalesce(func.max(ExperimentDecision.number), 0)).where(ExperimentDecision.experiment_id == experiment.id)
    return int(session.execute(last).scalar_one()) + 1
