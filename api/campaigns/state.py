"""A campaign's state, read from its latest run, so that the two never disagree."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from models import Campaign, Job

UNDER_WAY = ("queued", "running")
BY_JOB = {
    "queued": "queued",
    "running": "running",
    "waiting": "running",
    "succeeded": "complete",
    "failed": "failed",
    "cancelled": "failed",
}

# An SQL expression over `campaigns`.
_of_run = select(case(BY_JOB, value=Job.state)).where(Job.id == Campaign.job_id).scalar_subquery()
current_state: ColumnElement[str] = func.coalesce(_of_run, "draft")


def states(session: Session, campaign_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The state of each campaign by its id."""
    rows = session.execute(select(Campaign.id, current_state).where(Campaign.id.in_(list(campaign_ids))))
    return {row[0]: row[1] for row in rows}
