"""What happens to an experiment: it starts, its split changes, it stops. Each in the caller's transaction, under the row's lock."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy import update as update_rows
from sqlalchemy.orm import Session

from core.errors import Conflict
from models import Experiment, ExperimentVersion, Schedule
from pipelines.experiments.design import weights
from pipelines.experiments.split import first_split, next_split, weights_of
from tasks.experiment_records import bandit_of, open_version, pieces_of, variants_of, version_in_force
from worker.schedules import next_fire

UPDATE_KIND = "experiment.update"
_ROOM = 1e-9


def start(session: Session, experiment: Experiment) -> None:
    """draft → running, with its first split; a bandit's updates are scheduled. Raises Conflict."""
    if experiment.state != "draft":
        raise Conflict(f"The experiment is {experiment.state}; only a draft can be started", hint="Make a new experiment.")
    _check_holdout(session, experiment)
    experiment.namespace = _placed(session, experiment)
    asked = weights(variants_of(experiment))
    _add_version(session, experiment, first_split(asked, experiment.coverage), "started")
    now = session.execute(select(func.clock_timestamp())).scalar_one()
    experiment.state, experiment.started_at, experiment.updated_at = "running", now, now
    if experiment.kind == "bandit":
        experiment.schedule_id = _schedule(session, experiment, now)
    session.flush()


def change_split(session: Session, experiment: Experiment, shares: Sequence[float], coverage: float, reason: str) -> None:
    """A new version of a running experiment's split that moves the fewest units. Nothing happens when it stays as it is."""
    before = version_in_force(session, experiment)
    if before is None:
        raise Conflict("The experiment does not run", hint="Start it first.")
    after = next_split(pieces_of(open_version(session, experiment) or before), shares, coverage)
    if after != list(pieces_of(before)):
        experiment.coverage = coverage
        _add_version(session, experiment, after, reason)


def stop(session: Session, experiment: Experiment, winner: str | None) -> None:
    """running → stopped. winner: the variant that everybody gets from now on; without one the control. Raises Conflict."""
    if experiment.state != "running":
        raise Conflict(f"The experiment is {experiment.state}; only a running one can be stopped")
    now = session.execute(select(func.clock_timestamp())).scalar_one()
    experiment.state, experiment.winner, experiment.stopped_at, experiment.updated_at = "stopped", winner, now, now
    if experiment.schedule_id is not None:
        session.execute(update_rows(Schedule).where(Schedule.id == experiment.schedule_id).values(enabled=False))
    session.flush()


def _add_version(session: Session, experiment: Experiment, pieces: Sequence[tuple[float, float, int]], reason: str) -> None:
    experiment.version += 1
    experiment.updated_at = func.clock_timestamp()
    shares = weights_of(pieces, len(experiment.variants))
    session.add(
        ExperimentVersion(
            org_id=experiment.org_id,
            experiment_id=experiment.id,
            number=experiment.version,
            pieces=[list(piece) for piece in pieces],
            weights=shares,
            coverage=experiment.coverage,
            reason=reason,
        )
    )
    session.flush()


def _check_holdout(session: Session, experiment: Experiment) -> None:
    if experiment.holdout_id is None:
        return
    holdout = session.get(Experiment, experiment.holdout_id)
    if holdout is None or holdout.state != "running":
        state = "gone" if holdout is None else holdout.state
        raise Conflict(f"The holdout of this experiment is {state}", hint="Start the holdout first, or take it off.")


def _placed(session: Session, experiment: Experiment) -> dict[str, Any] | None:
    """The experiment's range in its namespace: the one it asks for, or the first free room that is large enough."""
    wanted = experiment.namespace
    if wanted is None:
        return None
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"namespace:{experiment.org_id}:{wanted['id']}", 0))))
    taken = _taken(session, experiment, wanted["id"])
    if wanted.get("start") is None:
        return {"id": wanted["id"], **_room(taken, wanted["share"], wanted["id"])}
    if other := next((name for start, end, name in taken if start < wanted["end"] and wanted["start"] < end), None):
        raise Conflict(
            f"The range {wanted['start']} to {wanted['end']} of namespace {wanted['id']!r} overlaps with the running experiment {other!r}",
            hint="Choose a range that is free, or give a share instead.",
        )
    return {"id": wanted["id"], "start": wanted["start"], "end": wanted["end"]}


def _taken(session: Session, experiment: Experiment, namespace: str) -> list[tuple[float, float, str]]:
    running = select(Experiment).where(
        Experiment.state == "running", Experiment.id != experiment.id, Experiment.namespace["id"].as_string() == namespace
    )
    named = [(one.namespace or {}, one.key) for one in session.execute(running).scalars()]
    return sorted((float(one["start"]), float(one["end"]), key) for one, key in named)


def _room(taken: Sequence[tuple[float, float, str]], share: float, namespace: str) -> dict[str, float]:
    at, widest = 0.0, 0.0
    for start, end, _ in [*taken, (1.0, 1.0, "")]:
        if start - at >= share - _ROOM:
            return {"start": round(at, 4), "end": round(at + share, 4)}
        widest, at = max(widest, start - at), max(at, end)
    raise Conflict(
        f"Namespace {namespace!r} has no free room of {share:.0%}; the largest is {widest:.0%}", hint="Stop an experiment in it."
    )


def _schedule(session: Session, experiment: Experiment, now: Any) -> uuid.UUID:
    cron = cron_of(bandit_of(experiment).every_minutes)
    schedule = Schedule(
        id=uuid.uuid4(),
        org_id=experiment.org_id,
        name=f"Update of {experiment.name}"[:200],
        kind=UPDATE_KIND,
        params={"experiment_id": str(experiment.id)},
        cron=cron,
        next_fire_at=next_fire(cron, "UTC", now),
        created_by=experiment.created_by,
    )
    session.add(schedule)
    session.flush()
    return schedule.id


def cron_of(minutes: int) -> str:
    """A cron line that fires about so often: every divisor of an hour or of a day exactly, others rounded to hours."""
    if minutes < 60:
        return f"*/{minutes} * * * *"
    return "0 0 * * *" if minutes >= 24 * 60 else f"0 */{round(minutes / 60)} * * *"
