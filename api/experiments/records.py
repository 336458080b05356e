"""/v1/experiments/{id}/versions and /decisions: how the split came to be what it is."""

from __future__ import annotations

from sqlalchemy import select

from api.auth.caller import caller
from api.experiments.schemas import DecisionOut, Decisions, DecisionsQuery, VersionOut
from api.experiments.views import routes
from api.paging import bad_cursor
from api.schemas import ById, Page, PageQuery
from models import ExperimentDecision, ExperimentVersion
from models.session import org_session
from tasks.experiment_records import find_experiment, latest_versions


@routes.on("GET", "/<uuid:id>/versions", answers=Page[VersionOut])
def versions(path: ById, query: PageQuery) -> Page[VersionOut]:
    """Every split it had, the first one first."""
    wanted = select(ExperimentVersion).where(ExperimentVersion.experiment_id == path.id, ExperimentVersion.number > _after(query.cursor))
    with org_session(caller().org_id) as session:
        find_experiment(session, path.id)
        found = session.execute(wanted.order_by(ExperimentVersion.number).limit(query.limit + 1)).scalars().all()
    shown = [VersionOut.model_validate(version) for version in found[: query.limit]]
    return Page(items=shown, next_cursor=str(shown[-1].number) if len(found) > query.limit else None)


def _after(cursor: str | None) -> int:
    if cursor and not (cursor.isdecimal() and cursor.isascii() and len(cursor) < 10):
        raise bad_cursor()
    return int(cursor or 0)


def last_versions(path: ById, most: int) -> list[VersionOut]:
    """The newest ones, the oldest of them first: what a chart has room for."""
    with org_session(caller().org_id) as session:
        return [VersionOut.model_validate(version) for version in reversed(latest_versions(session, path.id, most))]


@routes.on("GET", "/<uuid:id>/decisions", answers=Decisions)
def decisions(path: ById, query: DecisionsQuery) -> Decisions:
    """A bandit's replay log, the newest first: what each update looked at, what it believed, what it changed, and why."""
    wanted = select(ExperimentDecision).where(ExperimentDecision.experiment_id == path.id)
    if query.before is not None:
        wanted = wanted.where(ExperimentDecision.number < query.before)
    with org_session(caller().org_id) as session:
        find_experiment(session, path.id)
        found = session.execute(wanted.order_by(ExperimentDecision.number.desc()).limit(query.limit)).scalars()
        return Decisions(items=[DecisionOut.model_validate(decision) for decision in found])
