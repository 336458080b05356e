"""Fragments of SQL that append to a job's event log.

A job's events are numbered under its row lock: whoever appends raises `jobs.last_event` in the same
statement, so readers that ask for `seq > n` can never miss one that commits later.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from worker.jsonb import jsonb

APPEND = """
WITH job AS (UPDATE jobs SET last_event = last_event + 1 WHERE id = :job RETURNING id, org_id, last_event)
INSERT INTO job_events (job_id, seq, org_id, type, step, data)
SELECT id, last_event, org_id, :type, :step, CAST(:data AS jsonb) FROM job
"""


def append(session: Session, job_id: object, type_: str, *, step: str | None = None, **data: Any) -> None:
    """Append one event in the caller's transaction; locks the job's row until it ends."""
    session.execute(text(APPEND), {"job": job_id, "type": type_, "step": step, "data": jsonb(data)})
