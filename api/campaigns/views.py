"""/v1/campaigns: make, list, show, change, delete."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select
from sqlalchemy import update as update_rows
from sqlalchemy.orm import Session

from api import audit
from api.auth.caller import caller
from api.campaigns.detail import detail
from api.campaigns.schemas import CampaignChange, CampaignDetail, CampaignOut, CampaignsQuery, NewCampaign
from api.campaigns.state import UNDER_WAY, current_state, states
from api.openapi import Reply, Routes
from api.paging import page
from api.schemas import ById, Page
from core.errors import Conflict, NotFound
from models import Asset, Campaign, Job
from models.session import org_session
from worker import control

routes = Routes("campaigns", "/v1/campaigns", "From a domain and a goal to published posts")

FIXED_WHILE_RUNNING = frozenset({"domain", "goal", "channels"})


@routes.on("POST", answers=CampaignOut, status=201)
def create(body: NewCampaign) -> Reply:
    """Make a campaign; nothing runs yet."""
    campaign_id = uuid.uuid4()
    with audit.change(f"campaign:{campaign_id}", name=body.name) as session:
        campaign = Campaign(id=campaign_id, org_id=caller().org_id, created_by=caller().user_id, **body.model_dump())
        session.add(campaign)
        session.flush()
        session.refresh(campaign)
        made = campaign_out(campaign, "draft")
    return Reply(made, 201, {"Location": f"/v1/campaigns/{campaign_id}"})


@routes.on("GET", answers=Page[CampaignOut])
def index(query: CampaignsQuery) -> Page[CampaignOut]:
    """Campaigns, the newest first."""
    campaigns = select(Campaign)
    if query.state:
        campaigns = campaigns.where(current_state == query.state)
    with org_session(caller().org_id) as session:
        found, cursor = page(session, campaigns, Campaign, query)
        now = states(session, (campaign.id for campaign in found))
    return Page(items=[campaign_out(campaign, now[campaign.id]) for campaign in found], next_cursor=cursor)


@routes.on("GET", "/<uuid:id>", answers=CampaignDetail)
def show(path: ById) -> CampaignDetail:
    """One campaign with all that its run has made so far."""
    with org_session(caller().org_id) as session:
        campaign = find_campaign(session, path.id)
        return detail(session, campaign, campaign_out(campaign, state_of(session, path.id)))


@routes.on("PATCH", "/<uuid:id>", answers=CampaignOut)
def update(path: ById, body: CampaignChange) -> CampaignOut:
    """Change a campaign. A higher budget wakes the jobs that wait for one."""
    wanted: dict[str, Any] = body.model_dump(exclude_none=True)
    with audit.change(f"campaign:{path.id}", changed=sorted(wanted)) as session:
        campaign = find_campaign(session, path.id)
        state = state_of(session, path.id)
        _check_changeable(state, wanted)
        if body.budget is not None and body.budget > campaign.budget:
            control.resolve_campaign(session, path.id, waits_for="budget")  # locks jobs, which come before campaigns
        changed = (
            update_rows(Campaign).where(Campaign.id == path.id).values(**wanted, updated_at=func.clock_timestamp()).returning(Campaign)
        )
        return campaign_out(session.execute(changed, execution_options={"populate_existing": True}).scalar_one(), state)


def _check_changeable(state: str, wanted: dict[str, Any]) -> None:
    fixed = sorted(FIXED_WHILE_RUNNING & wanted.keys())
    if fixed and state in UNDER_WAY:
        raise Conflict(f"The campaign is {state}: {', '.join(fixed)} cannot change now", hint="Cancel its job, or wait until it has ended.")


@routes.on("DELETE", "/<uuid:id>", status=204)
def delete(path: ById) -> Reply:
    """Delete a campaign that no job worked for. One that had a job is kept: its costs and posts are records."""
    with audit.change(f"campaign:{path.id}") as session:
        campaign = find_campaign(session, path.id, lock=True)
        if campaign.job_id is not None or session.scalars(select(Job.id).where(Job.campaign_id == path.id)).first():
            raise Conflict("The campaign has run; its costs and posts are records", hint="Leave it, or cancel its job.")
        session.execute(update_rows(Asset).where(Asset.campaign_id == path.id).values(campaign_id=None))
        session.execute(delete_rows(Campaign).where(Campaign.id == path.id))
    return Reply(status=204)


def find_campaign(session: Session, campaign_id: uuid.UUID, *, lock: bool = False) -> Campaign:
    """Raises NotFound, also for one of another organisation."""
    wanted = select(Campaign).where(Campaign.id == campaign_id)
    found = session.execute(wanted.with_for_update(key_share=True) if lock else wanted).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no campaign {campaign_id}")
    return found


def state_of(session: Session, campaign_id: uuid.UUID) -> str:
    return states(session, [campaign_id])[campaign_id]


def campaign_out(campaign: Campaign, state: str) -> CampaignOut:
    plain = {name: getattr(campaign, name) for name in CampaignOut.model_fields if name != "state"}
    return CampaignOut(**plain, state=state)
