"""Submitting jobs: job, steps and first event in the caller's transaction, which is the outbox."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Conflict, IdempotencyMismatch, InvalidInput
from worker import dispatch
from worker.jsonb import unkept
from worker.kinds import get_kind

PRIORITIES = range(-10, 11)

# One statement for one job or a thousand: ON CONFLICT skips a used idempotency key and an existing child.
_INSERT = text("""
WITH orders AS (
    SELECT * FROM jsonb_to_recordset(CAST(:orders AS jsonb)) AS o(
        id uuid, org_id uuid, kind text, version int, params jsonb, priority smallint, idempotency_key text,
        request_hash text, campaign_id uuid, parent_id uuid, parent_step text, parent_generation int,
        child_index int, created_by uuid, steps jsonb)
), job AS (
    INSERT INTO jobs (id, org_id, kind, version, params, priority, idempotency_key, request_hash, campaign_id,
                      parent_id, parent_step, parent_generation, child_index, created_by, last_event)
    SELECT id, org_id, kind, version, params, priority, idempotency_key, request_hash, campaign_id,
           parent_id, parent_step, parent_generation, child_index, created_by, 1 FROM orders
    ON CONFLICT DO NOTHING
    RETURNING id, org_id, kind, priority
), step AS (
    INSERT INTO job_steps (job_id, name, org_id, kind, position, pool, priority, state, max_attempts, deadline_seconds, share)
    SELECT job.id, s.name, job.org_id, job.kind, s.position, s.pool, job.priority,
           CASE WHEN s.position = 0 THEN 'ready' ELSE 'blocked' END, s.max_attempts, s.deadline, s.share
    FROM job JOIN orders USING (id)
    CROSS JOIN LATERAL jsonb_to_recordset(orders.steps)
        AS s(name text, position int, pool text, max_attempts int, deadline float8, share float8)
), first AS (
    INSERT INTO job_events (job_id, seq, org_id, type, data)
    SELECT id, 1, org_id, 'job.queued', jsonb_build_object('kind', kind) FROM job
)
SELECT id FROM job
""")

_TAKEN = "SELECT id, request_hash FROM jobs WHERE org_id = :org AND idempotency_key = :key"


@dataclass(frozen=True)
class Submitted:
    """created is False when the idempotency key had made this job before."""

    job_id: uuid.UUID
    created: bool


def order(
    *,
    org_id: uuid.UUID | str,
    kind: str,
    params: dict[str, Any],
    created_by: uuid.UUID | str | None = None,
    campaign_id: uuid.UUID | str | None = None,
    priority: int = 0,
    idempotency_key: str | None = None,
    **parentage: Any,
) -> dict[str, Any]:
    """A job as a row to insert, its params validated and its steps frozen. Raises UnknownKind, InvalidInput."""
    declared = get_kind(kind)
    if priority not in PRIORITIES:
        raise InvalidInput("priority is out of range", errors=[{"pointer": "/priority", "detail": "must be between -10 and 10"}])
    if unstorable := list(unkept(params, "/params")):
        faults = [
            {"pointer": pointer, "detail": "holds a character that cannot be stored (NUL or half a surrogate pair)"}
            for pointer in unstorable
        ]
        raise InvalidInput(f"The params of {kind} have {len(faults)} fault(s)", errors=faults)
    clean = declared.parse(params).model_dump(mode="json")
    fingerprint = json.dumps([kind, clean, str(campaign_id), priority], sort_keys=True)
    return {
        "id": str(uuid.uuid4()),
        "org_id": str(org_id),
        "kind": kind,
        "version": declared.version,
        "params": clean,
        "priority": priority,
        "idempotency_key": idempotency_key,
        "request_hash": hashlib.sha256(fingerprint.encode()).hexdigest(),
        "campaign_id": str(campaign_id) if campaign_id else None,
        "created_by": str(created_by) if created_by else None,
        "steps": [
            {"name": s.name, "position": n, "pool": s.pool, "max_attempts": s.max_attempts, "deadline": s.deadline, "share": s.share}
            for n, s in enumerate(declared.steps)
        ],
        **parentage,
    }


def insert(session: Session, orders: Sequence[dict[str, Any]]) -> list[uuid.UUID]:
    """Insert the orders; the ids of those that were new. Wakes the dispatcher after the commit."""
    made = session.execute(_INSERT, {"orders": json.dumps(orders)}).scalars().all()
    if made:
        dispatch.nudge_after_commit(session)
    return list(made)


def submit(session: Session, **job: Any) -> Submitted:
    """Submit one job (arguments of `order`) in the caller's transaction.

    The same idempotency key with the same request answers the first job; with another one it raises
    IdempotencyMismatch. Safe under any number of concurrent callers.
    """
    wanted = order(**job)
    if made := insert(session, [wanted]):
        return Submitted(made[0], created=True)
    if wanted["idempotency_key"] is None:
        raise Conflict("This child job exists already")
    taken = session.execute(text(_TAKEN), {"org": wanted["org_id"], "key": wanted["idempotency_key"]}).one()
    if taken.request_hash != wanted["request_hash"]:
        raise IdempotencyMismatch(f"The key {wanted['idempotency_key']!r} made job {taken.id} from another request")
    return Submitted(taken.id, created=False)


def submit_many(session: Session, jobs: Sequence[dict[str, Any]]) -> list[uuid.UUID]:
    """Submit a batch in one statement; the ids in order. Idempotency keys are not for batches."""
    orders = [order(**job) for job in jobs]
    insert(session, orders)
    return [uuid.UUID(o["id"]) for o in orders]
