"""/v1/campaigns/{id}/run."""

from __future__ import annotations

from api import audit
from api.campaigns.state import UNDER_WAY
from api.campaigns.views import find_campaign, routes, state_of
from api.jobs.schemas import JobOut
from api.jobs.views import accepted, submit_for_caller
from api.openapi import Reply
from api.schemas import ById
from core.errors import Conflict

KIND = "campaign.run"


@routes.on("POST", "/<uuid:id>/run", answers=JobOut, status=202)
def run(path: ById) -> Reply:
    """Submit the campaign's job: crawl, brand, competitors, brief, concepts, assets, approval, posts, publish.

    Idempotency-Key and Prefer: wait=N as at POST /v1/jobs.
    """
    with audit.change(f"campaign:{path.id}") as session:
        campaign = find_campaign(session, path.id, lock=True)
        state = state_of(session, path.id)
        submitted = submit_for_caller(session, kind=KIND, params={"campaign_id": str(path.id)}, campaign_id=path.id)
        if submitted.created and state in UNDER_WAY:
            raise Conflict(f"The campaign is {state} already, as job {campaign.job_id}", hint="Follow or cancel that job.")
        if submitted.created:
            campaign.job_id = submitted.job_id
    return accepted(submitted)
