"""/v1/jobs: submit, list, show."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from api import audit, permissions
from api.auth.caller import caller
from api.jobs.schemas import JobOut, JobsQuery, NewJob
from api.jobs.waiting import wait_until_final, wanted_wait
from api.openapi import Reply, Routes
from api.schemas import ById, Page
from core.errors import InvalidInput, NotFound
from models import Campaign
from models.session import org_session
from worker import reading
from worker.kinds import get_kind
from worker.submission import Submitted, submit

routes = Routes("jobs", "/v1/jobs", "Work: submitted, followed, cancelled, replayed")

LONGEST_KEY = 200


@routes.on("POST", answers=JobOut, status=202)
def create(body: NewJob) -> Reply:
    """Submit a job.

    Idempotency-Key: the same key with the same body makes one job, however often it is sent.
    Prefer: wait=N answers when the job has ended, at the latest after N seconds.
    """
    permissions.require(get_kind(body.kind).role)
    with org_session(caller().org_id) as session:
        campaign_id = _campaign(session, body)
        submitted = submit_for_caller(session, kind=body.kind, params=body.params, campaign_id=campaign_id, priority=body.priority)
        audit.note(session, f"job:{submitted.job_id}", kind=body.kind, created=submitted.created)
    return accepted(submitted)


def submit_for_caller(session: Session, **job: Any) -> Submitted:
    """Submit in the caller's name, under the request's Idempotency-Key."""
    return submit(session, org_id=caller().org_id, created_by=caller().user_id, idempotency_key=idempotency_key(), **job)


def accepted(submitted: Submitted) -> Reply:
    """202 with the job and its address; 200 when the client preferred to wait and the job has ended."""
    org_id = caller().org_id
    headers = {"Location": f"/v1/jobs/{submitted.job_id}"}
    if not submitted.created:
        headers["Idempotency-Replayed"] = "true"
    seconds = wanted_wait(request.headers.get("Prefer", ""))
    final = wait_until_final(org_id, submitted.job_id, seconds) if seconds else False
    if final:
        headers["Preference-Applied"] = "wait"
    with org_session(org_id) as session:
        return Reply(reading.job_view(session, submitted.job_id), 200 if final else 202, headers)


def idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise InvalidInput(f"Idempotency-Key must be 1 to {LONGEST_KEY} printable characters")
    return key


def _campaign(session: Session, body: NewJob) -> uuid.UUID | None:
    """The job's campaign, also where only its params name one. Raises NotFound for one of another organisation."""
    wanted = body.campaign_id or _uuid(body.params.get("campaign_id"))
    if wanted is not None and session.get(Campaign, wanted) is None:
        pointer = "/campaign_id" if body.campaign_id else "/params/campaign_id"
        raise NotFound(f"There is no campaign {wanted}", errors=[{"pointer": pointer, "detail": "no such campaign"}])
    return wanted


def _uuid(value: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


@routes.on("GET", answers=Page[JobOut])
def index(query: JobsQuery) -> Reply:
    """Jobs, the newest first, without the outputs of their steps."""
    filters = query.model_dump(include={"state", "kind", "campaign_id", "parent_id", "limit"})
    with org_session(caller().org_id) as session:
        jobs, cursor = reading.job_list(session, after=query.cursor, **filters)
    return Reply({"items": jobs, "next_cursor": cursor})


@routes.on("GET", "/<uuid:id>", answers=JobOut)
def show(path: ById) -> Reply:
    """One job with its steps."""
    with org_session(caller().org_id) as session:
        return Reply(reading.job_view(session, path.id))
