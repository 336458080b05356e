"""Schedules: a tick inserts each due job once, keyed `schedule:fire_time`, however many beats tick."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from sqlalchemy import text

from core.errors import DrumbeatError
from core.logging import logger
from models.session import engine_session
from worker.submission import submit

_DUE = """
SELECT id, org_id, kind, params, cron, zone, next_fire_at, created_by, clock_timestamp() AS now FROM schedules
WHERE enabled AND next_fire_at <= clock_timestamp() ORDER BY next_fire_at LIMIT 100
FOR NO KEY UPDATE SKIP LOCKED
"""
_NEXT = "UPDATE schedules SET next_fire_at = :next, enabled = :enabled WHERE id = :id"


def next_fire(cron: str, zone: str, after: datetime) -> datetime:
    """The first moment after `after` at which the cron line fires in its zone; DST is the zone's. Raises CronSimError."""
    return next(CronSim(cron, after.astimezone(ZoneInfo(zone))))


def tick() -> int:
    """Submit what is due, each missed run once; how many. May run twice at the same moment."""
    with engine_session() as session:
        due = session.execute(text(_DUE)).all()
        for schedule in due:
            _fire(session, schedule)
    return len(due)


def _fire(session: Any, schedule: Any) -> None:
    fire_time = schedule.next_fire_at
    try:
        with session.begin_nested():
            submit(
                session,
                org_id=schedule.org_id,
                kind=schedule.kind,
                params=schedule.params,
                created_by=schedule.created_by,
                idempotency_key=f"{schedule.id}:{fire_time.isoformat()}",
            )
    except DrumbeatError as error:
        logger("worker").error("schedule.refused", schedule=str(schedule.id), reason=error.detail)
    following = _following(schedule)
    session.execute(text(_NEXT), {"id": schedule.id, "next": following, "enabled": following is not None})


def _following(schedule: Any) -> datetime | None:
    """When it fires next; None switches it off: it was for one moment, or its line or zone cannot be read."""
    try:
        return next_fire(schedule.cron, schedule.zone, schedule.now) if schedule.cron else None
    except (CronSimError, ZoneInfoNotFoundError, StopIteration) as error:
        logger("worker").error("schedule.unreadable", schedule=str(schedule.id), cron=schedule.cron, zone=schedule.zone, reason=str(error))
        return None
