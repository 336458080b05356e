"""/v1/experiments/{id}/versions and /decisions: how the split came to be what it is."""

from __future__ import annotations

from sqlalchemy import select

from api.auth.caller import caller
from api.experiments.schemas import DecisionOut, Decisions, VersionOut, Versions
from api.experiments.views import routes
from api.schemas import ById
from models import ExperimentDecision
from models.session import org_session
from tasks.experiment_records import find_experiment, versions_of

MOST_DECISIONS = 1000


@routes.on("GET", "/<uuid:id>/versions", answers=Versions)
def versions(path: ById) -> Versions:
    """Every split it had, the first one first."""
    with org_session(caller().org_id) as session:
        find_experiment(session, path.id)
        return Versions(items=[VersionOut.model_validate(version) for version in versions_of(session, path.id)])


@routes.on("GET", "/<uuid:id>/decisions", answers=Decisions)
def decisions(path: ById) -> Decisions:
    """A bandit's replay log, the newest first: what each update looked at, what it believed, what it changed, and why."""
    with org_session(caller().org_id) as session:
        find_experiment(session, path.id)
        wanted = select(ExperimentDecision).where(ExperimentDecision.experiment_id == path.id)
        found = session.execute(wanted.order_by(ExperimentDecision.number.desc()).limit(MOST_DECISIONS)).scalars()
        return Decisions(items=[DecisionOut.model_validate(decision) for decision in found])
