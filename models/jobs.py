"""The engine's own rows: jobs, their steps, their events and logs.

Job states:   queued → running ⇄ waiting → succeeded | failed | cancelled
Step states:  blocked → ready → running → done | failed | cancelled | dead
                                running → ready (retry, snooze), running → waiting → ready | done
              blocked/ready → skipped when an earlier step failed or was cancelled
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.access import in_org
from models.base import Base, Created, Id, Json, OrgId

JOB_STATES = ("queued", "running", "waiting", "succeeded", "failed", "cancelled")
FINAL_JOB_STATES = ("succeeded", "failed", "cancelled")
STEP_STATES = ("blocked", "ready", "running", "waiting", "done", "failed", "skipped", "cancelled", "dead")


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(f"state IN {JOB_STATES}", name="state"),
        UniqueConstraint("org_id", "id"),
        in_org("campaigns", "campaign_id"),
        in_org("jobs", "parent_id"),
        Index("uq_jobs_idempotency_key", "org_id", "idempotency_key", unique=True, postgresql_where=text("idempotency_key IS NOT NULL")),
        Index(
            "uq_jobs_child",
            "parent_id",
            "parent_step",
            "parent_generation",
            "child_index",
            unique=True,
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        Index("ix_jobs_listing", "org_id", text("created_at DESC"), text("id DESC")),
        Index(None, "org_id", "campaign_id", postgresql_where=text("campaign_id IS NOT NULL")),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    kind: Mapped[str]
    version: Mapped[int] = mapped_column(server_default=text("1"))  # of the declaration the steps were frozen from
    params: Mapped[Json]
    state: Mapped[str] = mapped_column(server_default=text("'queued'"))
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))  # -10..10, higher first
    generation: Mapped[int] = mapped_column(server_default=text("1"))  # raised by each replay
    idempotency_key: Mapped[str | None]
    request_hash: Mapped[str | None]
    campaign_id: Mapped[uuid.UUID | None]
    parent_id: Mapped[uuid.UUID | None]
    parent_step: Mapped[str | None]
    parent_generation: Mapped[int | None]
    child_index: Mapped[int | None]
    created_by: Mapped[uuid.UUID | None]
    cancel_requested: Mapped[bool] = mapped_column(server_default=text("false"))
    wait_reason: Mapped[str | None]
    error: Mapped[dict[str, Any] | None]
    result: Mapped[dict[str, Any] | None]
    last_event: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[Created]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobStep(Base):
    __tablename__ = "job_steps"
    __table_args__ = (
        CheckConstraint(f"state IN {STEP_STATES}", name="state"),
        in_org("jobs", "job_id"),
        # Admission walks organisations by this index; in-flight and expired leases are counted by the next two.
        Index(
            "ix_job_steps_ready",
            "pool",
            "org_id",
            text("priority DESC"),
            "created_at",
            postgresql_where=text("state = 'ready' AND woken_at IS NULL"),
        ),
        Index("ix_job_steps_woken", "pool", "woken_at", postgresql_where=text("state = 'ready' AND woken_at IS NOT NULL")),
        Index("ix_job_steps_running", "pool", "lease_until", postgresql_where=text("state = 'running'")),
        Index("ix_job_steps_waiting", "not_before", postgresql_where=text("state = 'waiting'")),
    )
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True, server_default=text("1"))
    org_id: Mapped[OrgId]
    kind: Mapped[str]
    position: Mapped[int]  # 0-based place in the chain
    pool: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    state: Mapped[str]
    superseded: Mapped[bool] = mapped_column(server_default=text("false"))  # a replay made a newer generation
    attempt: Mapped[int] = mapped_column(server_default=text("0"))  # the fencing token: raised by every claim
    spent: Mapped[int] = mapped_column(server_default=text("0"))  # attempts counted against max_attempts; a snooze gives one back
    max_attempts: Mapped[int] = mapped_column(server_default=text("5"))
    deadline_seconds: Mapped[float] = mapped_column(server_default=text("3600"))
    share: Mapped[float] = mapped_column(server_default=text("1"))  # weight in the job's progress
    not_before: Mapped[datetime | None]  # ready: not due earlier; waiting: given up or looked at again then
    lease_until: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    worker: Mapped[str | None]
    woken_at: Mapped[datetime | None]  # when a Celery message was last sent for it
    wakes: Mapped[int] = mapped_column(server_default=text("0"))
    progress: Mapped[float] = mapped_column(server_default=text("0"))  # 0..1
    message: Mapped[str | None]
    wait_reason: Mapped[str | None]
    waits_for: Mapped[str | None]  # children, approval, review, budget, connection, ... while waiting
    children: Mapped[dict[str, Any] | None]  # policy of a fan-out: total, on_failure, min_success
    resolution: Mapped[dict[str, Any] | None]  # what whoever ended the wait had to say
    output: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    created_at: Mapped[Created]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobEvent(Base):
    """Append-only. `seq` counts up by one a job, under the job's row lock, so that readers see no gaps."""

    __tablename__ = "job_events"
    __table_args__ = (in_org("jobs", "job_id"),)
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[OrgId]
    type: Mapped[str]  # job.queued, step.started, step.progress, step.done, job.succeeded, ...
    step: Mapped[str | None]
    data: Mapped[Json]
    at: Mapped[Created]


class JobLog(Base):
    """What a step said while it ran."""

    __tablename__ = "job_logs"
    __table_args__ = (in_org("jobs", "job_id"), Index(None, "job_id", "id"))
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    job_id: Mapped[uuid.UUID]
    org_id: Mapped[OrgId]
    step: Mapped[str]
    attempt: Mapped[int]
    level: Mapped[str]
    message: Mapped[str]
    at: Mapped[Created]
