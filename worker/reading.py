"""Jobs as people see them: state, progress, and always a sentence that says why one waits."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import InvalidInput, NotFound
from models.session import engine_session
from worker.admission import ALIVE

_JOB = "SELECT * FROM jobs WHERE id = :job"
_STEPS = "SELECT * FROM job_steps WHERE job_id = ANY(:jobs) AND NOT superseded ORDER BY job_id, position"
_SPENT = """
WITH RECURSIVE family AS (
    SELECT id AS root, id FROM jobs WHERE id = ANY(:jobs)
    UNION ALL
    SELECT family.root, c.id FROM jobs c JOIN family ON c.parent_id = family.id
)
SELECT family.root, coalesce(sum(e.amount), 0) AS cost, coalesce(bool_or(e.simulated), false) AS simulated
FROM family JOIN cost_entries e ON e.job_id = family.id GROUP BY family.root
"""
_CHILDREN = "SELECT state, count(*) AS n FROM jobs WHERE parent_id = :job GROUP BY state"
_EVENTS = "SELECT seq, type, step, data, at FROM job_events WHERE job_id = :job AND seq > :after ORDER BY seq LIMIT :limit"
_LOGS = "SELECT id, step, attempt, level, message, at FROM job_logs WHERE job_id = :job AND id > :after ORDER BY id LIMIT :limit"
_LIST = """
SELECT * FROM jobs WHERE (CAST(:state AS text) IS NULL OR state = :state) AND (CAST(:kind AS text) IS NULL OR kind = :kind)
  AND (CAST(:campaign AS uuid) IS NULL OR campaign_id = :campaign) AND (CAST(:parent AS uuid) IS NULL OR parent_id = :parent)
  AND (NOT :roots OR parent_id IS NULL)
  AND (CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (:at, CAST(:id AS uuid)))
ORDER BY created_at DESC, id DESC LIMIT :limit
"""
_POOLS = f"SELECT pool, sum(slots) AS slots FROM workers WHERE {ALIVE} GROUP BY pool"
_WORKERS = f"""
SELECT w.*, {ALIVE} AS alive, (SELECT count(*) FROM job_steps s WHERE s.worker = w.name AND s.state = 'running') AS busy
FROM workers w ORDER BY pool, name
"""
_ACTIVE = ("ready", "running", "waiting")


def job_view(session: Session, job_id: object) -> dict[str, Any]:
    """One job with its steps. Raises NotFound, also for a job of another organisation."""
    job = session.execute(text(_JOB), {"job": job_id}).first()
    if job is None:
        raise NotFound(f"There is no job {job_id}")
    view = _views(session, [job])[0]
    view["children"] = {row.state: row.n for row in session.execute(text(_CHILDREN), {"job": job_id})}
    return view


def job_list(
    session: Session,
    *,
    state: str | None = None,
    kind: str | None = None,
    campaign_id: object = None,
    parent_id: object = None,
    roots_only: bool = True,
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of jobs, newest first, without steps' outputs, and the cursor of the next page. Raises InvalidInput on a foreign cursor."""
    at, last = _read_cursor(after) if after else (None, None)
    values = {"state": state, "kind": kind, "campaign": campaign_id, "parent": parent_id, "at": at, "id": last, "limit": limit + 1}
    rows = session.execute(text(_LIST), {**values, "roots": roots_only and parent_id is None}).all()
    page = rows[:limit]
    views = _views(session, page)
    for view in views:
        for step in view["steps"]:
            del step["output"]
    return views, _cursor(page[-1]) if len(rows) > limit else None


def events_after(session: Session, job_id: object, seq: int, limit: int = 500) -> list[dict[str, Any]]:
    """Events with a higher sequence number, in order."""
    rows = session.execute(text(_EVENTS), {"job": job_id, "after": seq, "limit": limit})
    return [dict(row._mapping) for row in rows]


def logs(session: Session, job_id: object, after_id: int = 0, limit: int = 500) -> list[dict[str, Any]]:
    """Log lines with a higher id, in order."""
    rows = session.execute(text(_LOGS), {"job": job_id, "after": after_id, "limit": limit})
    return [dict(row._mapping) for row in rows]


def workers() -> list[dict[str, Any]]:
    """Every pool process that said what it is in the last hour; `alive` while it still speaks."""
    with engine_session() as session:
        return [dict(row._mapping) for row in session.execute(text(_WORKERS))]


def _views(session: Session, jobs: Iterable[Any]) -> list[dict[str, Any]]:
    jobs = list(jobs)
    ids = [job.id for job in jobs]
    steps: dict[Any, list[Any]] = {job_id: [] for job_id in ids}
    for step in session.execute(text(_STEPS), {"jobs": ids}):
        steps[step.job_id].append(step)
    spent = {row.root: row for row in session.execute(text(_SPENT), {"jobs": ids})}
    slots = {row.pool: row.slots for row in session.execute(text(_POOLS))}
    return [_view(job, steps[job.id], spent.get(job.id), slots) for job in jobs]


def _view(job: Any, steps: list[Any], spent: Any, slots: dict[str, int]) -> dict[str, Any]:
    shares = sum(s.share for s in steps) or 1.0
    active = next((s for s in steps if s.state in _ACTIVE), None)
    open_ = job.state not in ("succeeded", "failed", "cancelled")
    return {
        "id": str(job.id),
        "kind": job.kind,
        "state": job.state,
        "progress": round(sum(s.share * s.progress for s in steps) / shares, 4),
        "wait_reason": _why(active, slots) if open_ and active else None,
        "steps": [_step_view(s, slots) for s in steps],
        "result": job.result,
        "error": job.error,
        "cost": str(spent.cost) if spent else "0",
        "simulated": bool(spent and spent.simulated),
        "params": job.params,
        "priority": job.priority,
        "generation": job.generation,
        "cancel_requested": job.cancel_requested,
        "campaign_id": _text(job.campaign_id),
        "parent_id": _text(job.parent_id),
        "created_by": _text(job.created_by),
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


def _step_view(step: Any, slots: dict[str, int]) -> dict[str, Any]:
    return {
        "name": step.name,
        "state": step.state,
        "pool": step.pool,
        "attempt": step.attempt,
        "max_attempts": step.max_attempts,
        "generation": step.generation,
        "progress": step.progress,
        "message": step.message,
        "wait_reason": _why(step, slots),
        "waits_for": step.waits_for,
        "error": step.error,
        "output": step.output,
        "worker": step.worker,
        "started_at": step.started_at,
        "finished_at": step.finished_at,
    }


def _why(step: Any, slots: dict[str, int]) -> str | None:
    """One sentence on what an open step waits for; None when it runs or has ended."""
    if step.state == "waiting":
        return str(step.wait_reason)
    if step.state != "ready":
        return None
    if not slots.get(step.pool):
        return f"no worker on pool {step.pool}"
    if step.not_before and step.wait_reason:
        return f"{step.wait_reason} (not before {step.not_before:%H:%M:%S} UTC)"
    return f"in the queue of pool {step.pool}" if step.woken_at is None else f"next on pool {step.pool}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _cursor(row: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([row.created_at.isoformat(), str(row.id)]).encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        at, last = json.loads(base64.urlsafe_b64decode(cursor))
        return datetime.fromisoformat(at), str(uuid.UUID(str(last)))
    except (ValueError, TypeError):
        raise InvalidInput(
            "The cursor is not one of ours", errors=[{"pointer": "/cursor", "detail": "use next_cursor of the page before"}]
        ) from None
