"""How a step ends: done, failed, retried, snoozed, waiting, fanned out, cancelled. Each only at its own attempt."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Cancelled, LeaseLost
from models.session import engine_statement, org_session
from worker import events
from worker.batching import Batcher
from worker.claims import Claim
from worker.end_hooks import run_end_hook
from worker.jsonb import jsonb, plain
from worker.kinds import end_hook

# One statement for one step or for many of different jobs: the outputs, the next steps made ready (their wake-ups
# travel with the chains), the end of the jobs whose last step it was, and the events. Nothing happens to a step whose
# row no longer answers to its attempt.
_DONE = """
WITH mine AS (
    SELECT * FROM unnest(CAST(:jobs AS uuid[]), CAST(:names AS text[]), CAST(:generations AS int[]), CAST(:attempts AS int[]),
                         CAST(:outputs AS text[])) AS m(job, name, generation, attempt, output)
), job AS (
    SELECT id FROM jobs WHERE id = ANY(CAST(:jobs AS uuid[])) FOR NO KEY UPDATE {skip}
), held AS (
    SELECT s.job_id, s.name, s.generation, s.attempt, CAST(mine.output AS jsonb) AS output
    FROM job JOIN mine ON mine.job = job.id
    JOIN job_steps s ON s.job_id = mine.job AND s.name = mine.name AND s.generation = mine.generation
    WHERE s.attempt = mine.attempt AND s.state = 'running'
    FOR NO KEY UPDATE OF s {skip}
), done AS (
    UPDATE job_steps s SET state = 'done', output = held.output, progress = 1, message = NULL, error = NULL,
        lease_until = NULL, finished_at = clock_timestamp()
    FROM held
    WHERE s.job_id = held.job_id AND s.name = held.name AND s.generation = held.generation AND s.attempt = held.attempt
      AND s.state = 'running'
    RETURNING s.job_id, s.position, s.attempt, s.name, s.output
), next AS (
    UPDATE job_steps n SET state = 'ready', woken_at = clock_timestamp(), wakes = 1, created_at = clock_timestamp()
    FROM done WHERE n.job_id = done.job_id AND n.position = done.position + 1 AND NOT n.superseded AND n.state = 'blocked'
    RETURNING n.job_id
), verdict AS (
    SELECT done.*, next.job_id IS NOT NULL AS goes_on, EXISTS (
        SELECT FROM job_steps r WHERE r.job_id = done.job_id AND r.position > done.position AND NOT r.superseded) AS has_rest
    FROM done LEFT JOIN next ON next.job_id = done.job_id
), ended AS (
    UPDATE jobs j SET
        last_event = j.last_event + CASE WHEN v.goes_on THEN 1 ELSE 2 END,
        state = CASE WHEN v.goes_on THEN j.state WHEN v.has_rest THEN 'cancelled' ELSE 'succeeded' END,
        result = CASE WHEN v.has_rest THEN j.result ELSE v.output END,
        finished_at = CASE WHEN v.goes_on THEN NULL ELSE clock_timestamp() END
    FROM verdict v WHERE j.id = v.job_id
    RETURNING j.id, j.org_id, j.last_event, j.state, j.parent_id, v.name, v.attempt
), event AS (
    INSERT INTO job_events (job_id, seq, org_id, type, step, data)
    SELECT id, last_event - CASE WHEN state = 'running' THEN 0 ELSE 1 END, org_id, 'step.done', name,
           jsonb_build_object('attempt', attempt) FROM ended
    UNION ALL
    SELECT id, last_event, org_id, 'job.' || state, NULL, '{{}}' FROM ended WHERE state <> 'running'
)
SELECT id, state, parent_id FROM ended
"""
_DONE_WAITING = _DONE.format(skip="")
_DONE_BATCH = _DONE.format(skip="SKIP LOCKED")

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
    end = _End(claim, jsonb(output))
    has_hook = end_hook(claim.kind) is not None
    if writes or has_hook:
        row = _done_with(claim, end, writes, has_hook)
    else:
        # Not answered by the batch: fenced, or somebody held the row at that moment. The waiting form tells which.
        row = _ends(claim.job_id, end) or next(iter(engine_statement(_DONE_WAITING, _columns([end]))), None)
    if row is None:
        raise _fenced(claim)
    return row.state, str(row.parent_id) if row.parent_id else None


@dataclass(frozen=True)
class _End:
    claim: Claim
    output: str  # JSON


def _columns(ends: Sequence[_End]) -> dict[str, Any]:
    return {
        "jobs": [end.claim.job_id for end in ends],
        "names": [end.claim.step for end in ends],
        "generations": [end.claim.generation for end in ends],
        "attempts": [end.claim.attempt for end in ends],
        "outputs": [end.output for end in ends],
    }


def _end_all(ends: Mapping[Hashable, _End]) -> dict[Hashable, Any]:
    return {str(row.id): row for row in engine_statement(_DONE_BATCH, _columns(list(ends.values())))}


_ends: Batcher[_End, Any] = Batcher(_end_all)


def _done_with(claim: Claim, end: _End, writes: Sequence[Write], has_hook: bool) -> Any:
    with org_session(claim.org_id) as session:
        # The job's row first, as everywhere; then the step's own rows, which may take other locks.
        if session.execute(text(_MINE), claim.key).first() is None:
            raise _fenced(claim)
        for write in writes:
            write(session)
        row = session.execute(text(_DONE_WAITING), _columns([end])).first()
        if row is None:
            raise _fenced(claim)
        if has_hook and row.state != "running":
            run_end_hook(session, session.execute(text(_ENDED_JOB), {"job": claim.job_id}).one(), row.state, None)
    return row


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
    run_end_hook(session, row, state, error)
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
