"""What people do to jobs: cancel, replay, resolve a wait, settle an effect in doubt.

All take a session of the job's organisation and act in its transaction; a job of another organisation is not
found. The dispatcher is woken after the commit.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Conflict, NotFound
from worker import dispatch, effects, events, finish
from worker.jsonb import jsonb

_FINAL = ("succeeded", "failed", "cancelled")

_LOCK_JOB = "SELECT id, org_id, kind, state, generation, cancel_requested, parent_id FROM jobs WHERE id = :job FOR NO KEY UPDATE"
_PARENT_ENDED = "SELECT state FROM jobs WHERE id = :parent AND (state IN ('failed', 'cancelled') OR cancel_requested)"
# The whole family is told at once, parents locked before their children, so that running steps notice at their next heartbeat.
_FLAG = """
WITH RECURSIVE family AS (
    SELECT id, 0 AS depth FROM jobs WHERE id = :job
    UNION ALL
    SELECT c.id, family.depth + 1 FROM jobs c JOIN family ON c.parent_id = family.id
    WHERE c.state NOT IN ('succeeded', 'failed', 'cancelled')
), locked AS (
    SELECT j.id FROM jobs j JOIN family USING (id) ORDER BY family.depth, j.id FOR NO KEY UPDATE OF j
)
UPDATE jobs SET cancel_requested = true WHERE id IN (SELECT id FROM locked)
"""
_STOP_IDLE_STEPS = """
UPDATE job_steps SET state = 'cancelled', finished_at = clock_timestamp(), wait_reason = NULL, waits_for = NULL
WHERE job_id = :job AND NOT superseded AND state IN ('blocked', 'ready', 'waiting')
"""
_RUNNING = "SELECT count(*) FROM job_steps WHERE job_id = :job AND NOT superseded AND state = 'running'"

_STEPS = "SELECT name, position, state FROM job_steps WHERE job_id = :job AND NOT superseded ORDER BY position"
_SUPERSEDE = "UPDATE job_steps SET superseded = true WHERE job_id = :job AND NOT superseded AND position >= :position"
_NEW_GENERATION = """
INSERT INTO job_steps (job_id, name, generation, org_id, kind, position, pool, priority, state, max_attempts, deadline_seconds, share)
SELECT job_id, name, :generation, org_id, kind, position, pool, priority, CASE WHEN position = :position THEN 'ready' ELSE 'blocked' END,
       max_attempts, deadline_seconds, share
FROM job_steps s
WHERE job_id = :job AND position >= :position
  AND generation = (SELECT max(generation) FROM job_steps n WHERE n.job_id = s.job_id AND n.name = s.name)
"""
_REOPEN = """
UPDATE jobs SET state = 'queued', generation = :generation, cancel_requested = false, error = NULL, result = NULL, wait_reason = NULL,
    finished_at = NULL
WHERE id = :job
"""
_RESOLVE = """
UPDATE job_steps SET state = 'ready', resolution = CAST(:resolution AS jsonb), not_before = NULL, woken_at = NULL, wait_reason = NULL,
    waits_for = NULL, created_at = clock_timestamp()
WHERE job_id = :job AND NOT superseded AND state = 'waiting' AND waits_for = :waits_for
RETURNING name
"""
_RESUMED = "UPDATE jobs SET state = 'running', wait_reason = NULL WHERE id = :job"
_WAITING_OF_CAMPAIGN = """
SELECT DISTINCT j.id FROM jobs j JOIN job_steps s ON s.job_id = j.id
WHERE j.campaign_id = :campaign AND s.state = 'waiting' AND s.waits_for = :waits_for AND NOT s.superseded ORDER BY j.id
"""
_WAITING_OF_ORG = """
SELECT DISTINCT j.id FROM jobs j JOIN job_steps s ON s.job_id = j.id
WHERE s.state = 'waiting' AND s.waits_for = :waits_for AND NOT s.superseded ORDER BY j.id
"""


def cancel(session: Session, job_id: object) -> None:
    """Ask the job to stop, durably. What has not begun ends now; what runs notices within a heartbeat.

    Its children are cancelled too. Asking again changes nothing. Raises NotFound, Conflict when the job is final.
    """
    job = _locked(session, job_id)
    if job.state in _FINAL:
        raise Conflict(f"The job is {job.state} already")
    if not job.cancel_requested:
        session.execute(text(_FLAG), {"job": job_id})
        events.append(session, job_id, "job.cancel_requested")
    session.execute(text(_STOP_IDLE_STEPS), {"job": job_id})
    if session.execute(text(_RUNNING), {"job": job_id}).scalar_one() == 0:
        finish.end_job(session, job_id, "cancelled", None)
    # Children in which nothing runs are ended by the sweep; see `sweep.cascade`.
    dispatch.nudge_after_commit(session)


def replay(session: Session, job_id: object, from_step: str | None = None) -> None:
    """Run a final job again from a step (None: the first that is not done), as a new generation.

    Earlier outputs are kept, irreversible effects are not repeated (their keys are taken), paid ones are.
    Raises NotFound, Conflict while the job is not final or has no such step.
    """
    job = _locked(session, job_id)
    if job.state not in _FINAL:
        raise Conflict(f"The job is {job.state}", hint="Cancel it first, or wait until it has ended.")
    if job.parent_id and (parent := session.execute(text(_PARENT_ENDED), {"parent": job.parent_id}).first()):
        raise Conflict(f"The parent of this job is {parent.state} and would cancel it", hint=f"Replay the parent job {job.parent_id}.")
    steps = session.execute(text(_STEPS), {"job": job_id}).all()
    start = next((s for s in steps if (s.name == from_step if from_step else s.state != "done")), None)
    if start is None:
        names = ", ".join(s.name for s in steps)
        raise Conflict(
            f"There is no step {from_step!r} to replay from" if from_step else "Every step is done", hint=f"Name one of: {names}."
        )
    values = {"job": job_id, "position": start.position, "generation": job.generation + 1}
    session.execute(text(_SUPERSEDE), values)
    session.execute(text(_NEW_GENERATION), values)
    session.execute(text(_REOPEN), values)
    events.append(session, job_id, "job.replayed", step=start.name, generation=job.generation + 1)
    dispatch.nudge_after_commit(session)


def resolve(session: Session, job_id: object, *, waits_for: str, resolution: dict[str, Any]) -> bool:
    """End a wait: the step runs again with `ctx.resolution`. False when the job waits for no such thing."""
    _locked(session, job_id)
    values = {"job": job_id, "waits_for": waits_for, "resolution": jsonb(resolution)}
    step = session.execute(text(_RESOLVE), values).scalar()
    if step is None:
        return False
    session.execute(text(_RESUMED), {"job": job_id})
    events.append(session, job_id, "job.resumed", step=step, waits_for=waits_for)
    dispatch.nudge_after_commit(session)
    return True


def resolve_campaign(session: Session, campaign_id: object, *, waits_for: str) -> int:
    """End that wait in every job of the campaign, children included; how many."""
    jobs = session.execute(text(_WAITING_OF_CAMPAIGN), {"campaign": campaign_id, "waits_for": waits_for}).scalars().all()
    return sum(resolve(session, job, waits_for=waits_for, resolution={}) for job in jobs)


def resolve_everywhere(session: Session, *, waits_for: str) -> int:
    """End that wait in every job of the organisation; how many. For a reconnected account."""
    jobs = session.execute(text(_WAITING_OF_ORG), {"waits_for": waits_for}).scalars().all()
    return sum(resolve(session, job, waits_for=waits_for, resolution={}) for job in jobs)


def resolve_effect(session: Session, effect_id: object, *, sent: bool, receipt: dict[str, Any] | None = None) -> None:
    """A person says whether an effect in doubt happened; its step goes on. Raises Conflict when it is not in doubt."""
    settled = effects.settle_by_hand(session, effect_id, sent=sent, receipt=receipt)
    if settled is None:
        raise Conflict("This effect is not in doubt")
    resolve(session, settled.job_id, waits_for="review", resolution={"sent": sent})


def _locked(session: Session, job_id: object) -> Any:
    job = session.execute(text(_LOCK_JOB), {"job": job_id}).first()
    if job is None:
        raise NotFound(f"There is no job {job_id}")
    return job
