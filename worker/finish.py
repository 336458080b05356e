"""How a step ends: done, failed, retried, snoozed, waiting, fanned out, cancelled. Each only at its own attempt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Cancelled, LeaseLost
from models.session import engine_statement, org_session
from worker import events
from worker.claims import Claim
from worker.jsonb import jsonb, plain
from worker.kinds import end_hook

# One statement: the step's output, the next step made ready (its wake-up travels with the chain), the job's
# end when it was the last, and the events. Nothing happens unless the row still answers to this attempt.
_DONE = """
WITH job AS (
    SELECT id FROM jobs WHERE id = :job FOR NO KEY UPDATE
), done AS (
    UPDATE job_steps s SET state = 'done', output = CAST(:output AS jsonb), progress = 1, message = NULL, error = NULL,
        lease_until = NULL, finished_at = clock_timestamp()
    FROM job
    WHERE s.job_id = job.id AND s.name = :name AND s.generation = :generation AND s.attempt = :attempt AND s.state = 'running'
    RETURNING s.job_id, s.position, s.attempt
), next AS (
    UPDATE job_steps n SET state = 'ready', woken_at = clock_timestamp(), wakes = 1, created_at = clock_timestamp()
    FROM done WHERE n.job_id = done.job_id AND n.position = done.position + 1 AND NOT n.superseded AND n.state = 'blocked'
    RETURNING n.name
), rest AS (
    SELECT count(*) AS n FROM job_steps r, done WHERE r.job_id = done.job_id AND r.position > done.position AND NOT r.superseded
), ended AS (
    UPDATE jobs j SET
        last_event = j.last_event + CASE WHEN EXISTS (SELECT FROM next) THEN 1 ELSE 2 END,
        state = CASE WHEN EXISTS (SELECT FROM next) THEN j.state WHEN rest.n = 0 THEN 'succeeded' ELSE 'cancelled' END,
        result = CASE WHEN rest.n = 0 THEN CAST(:output AS jsonb) ELSE j.result END,
        finished_at = CASE WHEN EXISTS (SELECT FROM next) THEN NULL ELSE clock_timestamp() END
    FROM done, rest WHERE j.id = done.job_id
    RETURNING j.id, j.org_id, j.last_event, j.state, j.parent_id
), event AS (
    INSERT INTO job_events (job_id, seq, org_id, type, step, data)
    SELECT id, last_event - CASE WHEN state = 'running' THEN 0 ELSE 1 END, org_id, 'step.done', :name,
           jsonb_build_object('attempt', CAST(:attempt AS int)) FROM ended
    UNION ALL
    SELECT id, last_event, org_id, 'job.' || state, NULL, '{}' FROM ended WHERE state <> 'running'
)
SELECT state, parent_id FROM ended
"""

_MINE = """
SELECT j.cancel_requested FROM jobs j JOIN job_steps s ON s.job_id = j.id
WHERE j.id = :job AND s.name = :name AND s.generation = :generation AND s.attempt = :attempt AND s.state = 'running'
FOR NO KEY UPDATE OF j
"""

# The attempt is matched by this write again: `_MINE` may have read the step before it waited for the job's row.
_PUT = """
UPDATE job_steps SET state = :state, lease_until = NULL, woken_at = NULL, error = CAST(:error AS jsonb), wait_reason = :reason,
    waits_for = :waits_for, children = CAST(:children AS jsonb), message = NULL,
    resolution = CASE WHEN :state = 'waiting' THEN NULL ELSE resolution END,
    spent = greatest(spent - CAST(:given_back AS int), 0),
    not_before = CASE WHEN CAST(:seconds AS float8) IS NULL THEN CAST(:until AS timestamptz)
                      ELSE clock_timestamp() + CAST(:seconds AS float8) * interval '1 second' END,
    finished_at = CASE WHEN :state IN ('failed', 'cancelled', 'dead') THEN clock_timestamp() END
WHERE job_id = :job AND name = :name AND generation = :generation AND attempt = :attempt AND state = 'running'
RETURNING name
"""

_JOB_WAITS = "UPDATE jobs SET state = 'waiting', wait_reason = :reason WHERE id = :job"

_JOB_ENDS = """
WITH ended AS (
    UPDATE jobs SET state = :state, error = CAST(:error AS jsonb), wait_reason = NULL, finished_at = clock_timestamp()
    WHERE id = :job RETURNING id, org_id, kind, params, campaign_id, parent_id
), stopped AS (
    UPDATE job_steps SET state = :left_state, finished_at = clock_timestamp()
    WHERE job_id = :job AND NOT superseded AND state IN ('blocked', 'ready', 'waiting')
)
SELECT * FROM ended
"""
_ENDED_JOB = "SELECT id, org_id, kind, params, campaign_id, parent_id FROM jobs WHERE id = :job"

Write = Callable[[Session], None]


def done(claim: Claim, output: dict[str, Any], writes: Sequence[Write]) -> tuple[str, str | None]:
    """Store the output and the domain rows together; (job state, parent's id). Raises LeaseLost when fenced."""
    values = {**claim.key, "output": jsonb(output)}
    hook = end_hook(claim.kind)
    if writes or hook:
        with org_session(claim.org_id) as session:
            # The job's row first, as everywhere; then the step's own rows, which may take other locks.
            if session.execute(text(_MINE), claim.key).first() is None:
                raise _fenced(claim)
            for write in writes:
                write(session)
            rows: Sequence[Any] = session.execute(text(_DONE), values).all()
            if not rows:
                raise _fenced(claim)
            if hook and rows[0].state != "running":
                hook(session, session.execute(text(_ENDED_JOB), {"job": claim.job_id}).one(), rows[0].state, None)
    else:
        rows = engine_statement(_DONE, values)
    if not rows:
        raise _fenced(claim)
    return rows[0].state, str(rows[0].parent_id) if rows[0].parent_id else None


def again(claim: Claim, *, seconds: float, reason: str, error: dict[str, Any] | None = None, give_back: bool, event: str) -> None:
    """Ready again after `seconds`: a retry (an attempt is used) or a snooze (given back). Raises LeaseLost, Cancelled."""
    with org_session(claim.org_id) as session:
        _put(session, claim, state="ready", seconds=seconds, reason=reason, error=error, given_back=give_back)
        session.execute(text(_JOB_WAITS), {"job": claim.job_id, "reason": plain(reason)})
        events.append(
            session, claim.job_id, event, step=claim.step, seconds=round(seconds, 3), reason=reason, error=error, attempt=claim.attempt
        )


def wait(
    claim: Claim,
    *,
    reason: str,
    waits_for: str,
    until: datetime | None = None,
    error: dict[str, Any] | None = None,
    children: dict[str, Any] | None = None,
    also: Write | None = None,
) -> None:
    """Waiting for somebody or something; no worker is held and no attempt used. Raises LeaseLost, Cancelled."""
    with org_session(claim.org_id) as session:
        _put(
            session,
            claim,
            state="waiting",
            reason=reason,
            waits_for=waits_for,
            until=until,
            error=error,
            children=children,
            given_back=True,
        )
        session.execute(text(_JOB_WAITS), {"job": claim.job_id, "reason": plain(reason)})
        events.append(session, claim.job_id, "step.waiting", step=claim.step, reason=reason, waits_for=waits_for)
        if also:
            also(session)


def failed(claim: Claim, error: dict[str, Any], *, state: str = "failed") -> str | None:
    """The step and its job end as failed, later steps are skipped; the parent's id. Raises LeaseLost."""
    with org_session(claim.org_id) as session:
        _put(session, claim, state=state, error=error)
        events.append(session, claim.job_id, f"step.{state}", step=claim.step, error=error, attempt=claim.attempt)
        return end_job(session, claim.job_id, "failed", error)


def cancelled(claim: Claim) -> str | None:
    """The step noticed its job's cancel; the parent's id. Raises LeaseLost."""
    with org_session(claim.org_id) as session:
        _put(session, claim, state="cancelled")
        events.append(session, claim.job_id, "step.cancelled", step=claim.step, attempt=claim.attempt)
        return end_job(session, claim.job_id, "cancelled", None)


def end_job(session: Session, job_id: object, state: str, error: dict[str, Any] | None) -> str | None:
    """Give the job its final state and stop what has not run; the parent's id. The caller holds the job's row."""
    left = "skipped" if state == "failed" else "cancelled"
    row = session.execute(text(_JOB_ENDS), {"job": job_id, "state": state, "error": _json(error), "left_state": left}).one()
    events.append(session, job_id, f"job.{state}", error=error)
    if hook := end_hook(row.kind):
        hook(session, row, state, error)
    return str(row.parent_id) if row.parent_id else None


def _put(
    session: Session,
    claim: Claim,
    *,
    state: str,
    seconds: float | None = None,
    until: datetime | None = None,
    reason: str | None = None,
    waits_for: str | None = None,
    error: dict[str, Any] | None = None,
    children: dict[str, Any] | None = None,
    given_back: bool = False,
) -> None:
    mine = session.execute(text(_MINE), claim.key).first()
    if mine is None:
        raise _fenced(claim)
    if mine.cancel_requested and state in ("ready", "waiting"):
        raise Cancelled("The job was cancelled")  # else nobody would end it: the cancel left this step to us
    values = {
        **claim.key,
        "state": state,
        "seconds": seconds,
        "until": until,
        "reason": plain(reason) if reason else None,
        "waits_for": waits_for,
        "error": _json(error),
        "children": _json(children),
        "given_back": int(given_back),
    }
    if session.execute(text(_PUT), values).first() is None:
        raise _fenced(claim)


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else jsonb(value)


def _fenced(claim: Claim) -> LeaseLost:
    return LeaseLost(f"Step {claim.step} of job {claim.job_id} was taken over; attempt {claim.attempt} changes nothing any more")
