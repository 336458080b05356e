"""The sweep: finds what a lost worker, a lost message or a lost broker left behind.

Runs every second in a thread of every pool's main process, one at a time under an advisory lock, so that
recovery needs neither beat nor a free slot; beat is a second trigger. Each part may run any number of times.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlalchemy import text

from core.errors import Conflict, NotFound, StepFailed, Unavailable
from core.logging import logger
from models.session import engine_session, org_session
from worker import children, control, events, finish
from worker.admission import ALIVE, admit_all

Row = TypeVar("Row")

_TRY_LOCK = "SELECT pg_try_advisory_xact_lock(727276)"

# After Postgres itself was away nobody could extend a lease: give the holders a moment before taking over.
_EXPIRED = """
SELECT s.job_id FROM job_steps s
WHERE s.state = 'running' AND s.lease_until < clock_timestamp() AND clock_timestamp() > pg_postmaster_start_time() + interval '3 seconds'
ORDER BY s.lease_until LIMIT 200
"""
_LOCK_EXPIRED = """
SELECT j.id, j.cancel_requested, s.name, s.generation, s.attempt, s.spent, s.max_attempts, s.worker
FROM jobs j JOIN job_steps s ON s.job_id = j.id
WHERE j.id = :job AND s.state = 'running' AND s.lease_until < clock_timestamp()
FOR NO KEY UPDATE OF j, s
"""
_READY_AGAIN = """
UPDATE job_steps SET state = 'ready', woken_at = NULL, not_before = NULL, lease_until = NULL
WHERE job_id = :job AND name = :name AND generation = :generation
"""
_OVER = """
UPDATE job_steps SET state = :state, error = CAST(:error AS jsonb), lease_until = NULL, finished_at = clock_timestamp()
WHERE job_id = :job AND name = :name AND generation = :generation
"""

# A woken step that nobody claims although its pool has a free slot: its message is lost. Every further try waits longer.
_LOST_WAKEUPS = f"""
WITH free AS (
    SELECT w.pool FROM (SELECT pool, sum(slots) AS slots FROM workers WHERE {ALIVE} GROUP BY pool) w
    WHERE w.slots > (SELECT count(*) FROM job_steps s WHERE s.pool = w.pool AND s.state = 'running')
), lost AS (
    SELECT s.job_id, s.name, s.generation FROM job_steps s JOIN free USING (pool)
    WHERE s.state = 'ready' AND s.woken_at < clock_timestamp() - interval '1.5 seconds' * power(2, least(s.wakes - 1, 6))
    ORDER BY s.woken_at LIMIT 500
    FOR NO KEY UPDATE OF s SKIP LOCKED
)
UPDATE job_steps s SET woken_at = NULL FROM lost
WHERE (s.job_id, s.name, s.generation) = (lost.job_id, lost.name, lost.generation)
RETURNING s.job_id
"""
_TIMED_OUT_WAITS = """
SELECT job_id, org_id, waits_for FROM job_steps
WHERE state = 'waiting' AND not_before < clock_timestamp() AND NOT superseded ORDER BY not_before LIMIT 200
"""
# In review although nothing is in doubt any more: the answer came after all, from an attempt that had been frozen.
_SETTLED_REVIEWS = """
SELECT s.job_id, s.org_id FROM job_steps s
WHERE s.state = 'waiting' AND s.waits_for = 'review' AND NOT s.superseded
  AND EXISTS (SELECT FROM effects e WHERE e.job_id = s.job_id AND e.step = s.name AND e.class = 'irreversible')
  AND NOT EXISTS (SELECT FROM effects e WHERE e.job_id = s.job_id AND e.step = s.name AND e.state = 'needs_review')
ORDER BY s.job_id LIMIT 200
"""
_UNJOINED = """
SELECT DISTINCT s.job_id FROM job_steps s
WHERE s.state = 'waiting' AND s.waits_for = 'children' AND NOT s.superseded
  AND EXISTS (SELECT FROM jobs c WHERE c.parent_id = s.job_id AND c.parent_step = s.name AND c.parent_generation = s.generation
              AND c.state IN ('succeeded', 'failed', 'cancelled'))
  AND (s.children->>'on_failure' = 'fail' AND EXISTS (
          SELECT FROM jobs c WHERE c.parent_id = s.job_id AND c.parent_step = s.name AND c.parent_generation = s.generation
          AND c.state IN ('failed', 'cancelled'))
       OR NOT EXISTS (
          SELECT FROM jobs c WHERE c.parent_id = s.job_id AND c.parent_step = s.name AND c.parent_generation = s.generation
          AND c.state NOT IN ('succeeded', 'failed', 'cancelled')))
LIMIT 200
"""
# Open children whose parent ended or was replayed past them, and children told to stop in which nothing runs.
_ORPHANED = """
SELECT c.id, c.org_id FROM jobs c JOIN jobs p ON p.id = c.parent_id
WHERE c.state IN ('queued', 'running', 'waiting')
  AND CASE WHEN c.cancel_requested THEN NOT EXISTS (SELECT FROM job_steps s WHERE s.job_id = c.id AND s.state = 'running')
      ELSE p.cancel_requested OR p.state IN ('failed', 'cancelled')
           OR EXISTS (SELECT FROM job_steps s WHERE s.job_id = p.id AND s.name = c.parent_step
                      AND s.generation = c.parent_generation AND s.superseded) END
ORDER BY c.id LIMIT 500
"""


def sweep() -> None:
    """One pass, unless another process is at it. Raises Unavailable when Postgres is away."""
    with engine_session() as holder:  # its transaction holds the lock while the parts use their own
        if not holder.execute(text(_TRY_LOCK)).scalar():
            return
        recover_expired()
        find_lost_wakeups()
        end_timed_out_waits()
        end_settled_reviews()
        cascade()
        join_finished()
    admit_all(wait=False)


def _each(rows: Iterable[Row], act: Callable[[Row], object]) -> int:
    """Act on every row; how many succeeded. One that cannot be dealt with is told, and must not keep the others waiting."""
    dealt_with = 0
    for row in rows:
        try:
            act(row)
            dealt_with += 1
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001  (whatever it is, the next row is another's job)
            logger("worker").exception("sweep.failed", row=str(row))
    return dealt_with


def recover_expired() -> None:
    """Steps whose worker fell silent: ready again, or given up when they took too many workers with them."""
    with engine_session() as session:
        jobs = session.execute(text(_EXPIRED)).scalars().all()
    _each(jobs, _recover_job)


def _recover_job(job: object) -> None:
    with engine_session() as session:
        step = session.execute(text(_LOCK_EXPIRED), {"job": job}).first()
        parent = _recover(session, step) if step else None
    if parent:
        children.join(parent)


def _recover(session: Any, step: Any) -> str | None:
    at = {"job": step.id, "name": step.name, "generation": step.generation}
    logger("worker").warning("step.lost", job=str(step.id), step=step.name, attempt=step.attempt, worker=step.worker)
    if step.cancel_requested:
        session.execute(text(_OVER), {**at, "state": "cancelled", "error": None})
        return finish.end_job(session, step.id, "cancelled", None)
    if step.spent >= step.max_attempts:
        error = StepFailed(
            f"Step {step.name} was lost with its worker; after {step.spent} attempts it is given up",
            hint="Look at the job's log for what it did last; replay it once the cause is gone.",
        ).as_dict()
        session.execute(text(_OVER), {**at, "state": "dead", "error": json.dumps(error)})
        events.append(session, step.id, "step.dead", step=step.name, error=error)
        return finish.end_job(session, step.id, "failed", error)
    session.execute(text(_READY_AGAIN), at)
    events.append(session, step.id, "step.retrying", step=step.name, reason=f"worker {step.worker} fell silent", attempt=step.attempt)
    return None


def find_lost_wakeups() -> int:
    """Let lost wake-ups be admitted again; how many."""
    with engine_session() as session:
        return len(session.execute(text(_LOST_WAKEUPS)).all())


def end_timed_out_waits() -> None:
    """A wait whose time has passed runs its step again, with `{"timed_out": true}` as its resolution."""
    with engine_session() as session:
        waits = session.execute(text(_TIMED_OUT_WAITS)).all()
    _each(waits, lambda late: _resolve(late, late.waits_for, {"timed_out": True}))


def end_settled_reviews() -> None:
    """A step that waits for a person's word on an effect that is known by now runs again."""
    with engine_session() as session:
        settled = session.execute(text(_SETTLED_REVIEWS)).all()
    _each(settled, lambda step: _resolve(step, "review", {"settled": True}))


def _resolve(step: Any, waits_for: str, resolution: dict[str, Any]) -> None:
    with org_session(step.org_id) as session:
        control.resolve(session, step.job_id, waits_for=waits_for, resolution=resolution)


def cascade() -> None:
    """Cancel the open children of parents that ended or were replayed, level by level."""
    while True:
        with engine_session() as session:
            orphans = session.execute(text(_ORPHANED)).all()
        if not _each(orphans, _cancel):
            return


def _cancel(orphan: Any) -> None:
    try:
        with org_session(orphan.org_id) as session:
            control.cancel(session, orphan.id)
    except (Conflict, NotFound):
        return  # it ended by itself meanwhile


def join_finished() -> None:
    """Fan-ins whose last child's process died between its end and the join."""
    with engine_session() as session:
        parents = session.execute(text(_UNJOINED)).scalars().all()
    _each(parents, lambda parent: children.join(str(parent)))
