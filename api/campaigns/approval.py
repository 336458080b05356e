"""/v1/campaigns/{id}/approve."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.auth.caller import caller
from api.campaigns.schemas import Verdict
from api.campaigns.views import find_campaign, routes
from api.jobs.schemas import JobOut
from api.openapi import Reply
from api.schemas import ById
from core.errors import Conflict, InvalidInput
from models import Post
from models.session import org_session
from worker import control, reading


@routes.on("POST", "/<uuid:id>/approve", answers=JobOut, status=202)
def approve(path: ById, body: Verdict) -> Reply:
    """Let the posts that wait go out, or not; the campaign's job goes on."""
    verdict = {**body.model_dump(mode="json"), "user_id": str(caller().user_id)}
    with audit.change(f"campaign:{path.id}", approve=body.approve, note=body.note) as session:
        campaign = find_campaign(session, path.id)
        _check_posts(session, path.id, body.post_ids or [])
        job_id = campaign.job_id
        if job_id is None or not control.resolve(session, job_id, waits_for="approval", resolution=verdict):
            raise Conflict("Nothing of this campaign waits for an approval", hint="GET the campaign's job to see where it is.")
    with org_session(caller().org_id) as session:
        return Reply(reading.job_view(session, job_id), 202, {"Location": f"/v1/jobs/{job_id}"})


def _check_posts(session: Session, campaign_id: uuid.UUID, post_ids: list[uuid.UUID]) -> None:
    waiting = select(Post.id).where(Post.campaign_id == campaign_id, Post.state == "awaiting_approval", Post.id.in_(post_ids))
    known = set(session.execute(waiting).scalars())
    faults = [
        {"pointer": f"/post_ids/{n}", "detail": "is no post of this campaign that waits"}
        for n, post_id in enumerate(post_ids)
        if post_id not in known
    ]
    if faults:
        raise InvalidInput(f"{len(faults)} of the posts do not wait for an approval in this campaign", errors=faults)
