"""Claiming a step: at most one worker holds it, and knows by its attempt number whether it still does."""

from __future__ import annotations

import functools
import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from core.settings import get_settings
from models.session import engine_statement
from worker.batching import Batcher

# Ready and due steps, or running ones whose lease ran out, of one job each. The jobs' rows are locked first, so that
# a claim and a cancel cannot pass each other; a batch leaves out a job on which somebody decides at this moment.
# `spent` is counted before the code runs, so that a step which kills its worker is counted too.
_CLAIM = """
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset(CAST(:wanted AS jsonb)) AS w(job uuid, name text, generation int, worker text)
), job AS (
    SELECT id, org_id, params, campaign_id, created_by, priority FROM jobs
    WHERE id = ANY(CAST(:jobs AS uuid[])) AND NOT cancel_requested AND state NOT IN ('succeeded', 'failed', 'cancelled')
    FOR NO KEY UPDATE {skip}
), step AS (
    UPDATE job_steps s SET
        state = 'running', attempt = s.attempt + 1, spent = s.spent + 1, worker = w.worker, wakes = 0, not_before = NULL,
        wait_reason = NULL, waits_for = NULL, progress = 0, message = NULL, claimed_at = clock_timestamp(),
        started_at = coalesce(s.started_at, clock_timestamp()), lease_until = clock_timestamp() + :lease * interval '1 second'
    FROM job JOIN wanted w ON w.job = job.id
    WHERE s.job_id = job.id AND s.name = w.name AND s.generation = w.generation AND NOT s.superseded AND s.spent < s.max_attempts
      AND ((s.state = 'ready' AND (s.not_before IS NULL OR s.not_before <= clock_timestamp()))
           OR (s.state = 'running' AND s.lease_until < clock_timestamp()))
    RETURNING s.*
), begun AS (
    UPDATE jobs j SET state = 'running', wait_reason = NULL, started_at = coalesce(j.started_at, clock_timestamp()),
        last_event = j.last_event + 1
    FROM step WHERE j.id = step.job_id
    RETURNING j.id, j.org_id, j.last_event
), event AS (
    INSERT INTO job_events (job_id, seq, org_id, type, step, data)
    SELECT begun.id, begun.last_event, begun.org_id, 'step.started', step.name,
           jsonb_build_object('attempt', step.attempt, 'pool', step.pool, 'worker', step.worker)
    FROM begun JOIN step ON step.job_id = begun.id
)
SELECT job.id AS job_id, job.org_id, job.params, job.campaign_id, job.created_by, job.priority,
       step.kind, step.name, step.generation, step.attempt, step.spent, step.max_attempts, step.deadline_seconds, step.resolution
FROM job JOIN step ON step.job_id = job.id
"""
_CLAIM_WAITING = _CLAIM.format(skip="")
_CLAIM_BATCH = _CLAIM.format(skip="SKIP LOCKED")


@dataclass(frozen=True)
class Claim:
    """A step this worker holds. attempt is the fencing token."""

    job_id: str
    org_id: str
    kind: str
    step: str
    generation: int
    attempt: int
    spent: int
    max_attempts: int
    deadline_seconds: float
    params: dict[str, Any]
    resolution: dict[str, Any] | None
    campaign_id: str | None
    created_by: str | None
    priority: int

    @property
    def key(self) -> dict[str, Any]:
        """The step's row at this attempt, as statement parameters."""
        return {"job": self.job_id, "name": self.step, "generation": self.generation, "attempt": self.attempt}


def claim(job_id: str, step: str, generation: int, worker: str) -> Claim | None:
    """Take the step, or None when it is not to be had: done, held by another, not due, cancelled. Raises Unavailable."""
    wanted = {"job": job_id, "name": step, "generation": generation, "worker": worker}
    # Not answered by the batch: not to be had, or somebody held the job's row at that moment. The waiting form tells which.
    return _claims(job_id, wanted) or _claim_with(_CLAIM_WAITING, {job_id: wanted}).get(job_id)


def _claim_with(statement: str, wanted: Mapping[Hashable, dict[str, Any]]) -> dict[Hashable, Claim]:
    values = {"jobs": list(wanted), "wanted": json.dumps(list(wanted.values())), "lease": get_settings().lease_seconds}
    return {str(row.job_id): _of_row(row) for row in engine_statement(statement, values)}


_claims: Batcher[dict[str, Any], Claim] = Batcher(functools.partial(_claim_with, _CLAIM_BATCH))


def _of_row(row: Any) -> Claim:
    return Claim(
        job_id=str(row.job_id),
        org_id=str(row.org_id),
        kind=row.kind,
        step=row.name,
        generation=row.generation,
        attempt=row.attempt,
        spent=row.spent,
        max_attempts=row.max_attempts,
        deadline_seconds=row.deadline_seconds,
        params=row.params,
        resolution=row.resolution,
        campaign_id=str(row.campaign_id) if row.campaign_id else None,
        created_by=str(row.created_by) if row.created_by else None,
        priority=row.priority,
    )
