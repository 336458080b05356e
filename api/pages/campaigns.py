"""/campaigns: all of them, a new one, and one with everything that its run has made."""

from __future__ import annotations

import uuid

from api.auth.caller import caller
from api.campaigns import costs, views
from api.campaigns.schemas import CampaignsQuery
from api.pages.frame import queried, routes, show
from api.schemas import ById, PageQuery
from models.session import org_session
from providers import registry
from worker import reading

LEDGER = 50


@routes.get("/campaigns")
def campaigns() -> str:
    query = queried(CampaignsQuery)
    return show("campaigns.html", page=views.index(query), query=query)


@routes.get("/campaigns/new")
def new_campaign() -> str:
    return show("campaign_new.html", channels=registry.channels())


@routes.get("/campaigns/<uuid:id>")
def campaign(id: uuid.UUID) -> str:
    path = ById(id=id)
    found = views.show(path)
    with org_session(caller().org_id) as session:
        job = reading.job_view(session, found.job_id) if found.job_id else None
    return show("campaign.html", campaign=found, job=job, costs=costs.costs(path, PageQuery(limit=LEDGER)))
