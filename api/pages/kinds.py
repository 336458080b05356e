"""/kinds: every kind of job, and a form for each made from its JSON Schema."""

from __future__ import annotations

from api import job_kinds
from api.auth.caller import caller
from api.campaigns import views as campaigns
from api.campaigns.schemas import CampaignsQuery
from api.job_kinds import ByName
from api.pages.frame import routes, show
from api.pages.schema_form import fields_of
from api.permissions import RANKS

CAMPAIGNS = 100


@routes.get("/kinds")
def kinds() -> str:
    return show("kinds.html", kinds=job_kinds.index().items)


@routes.get("/kinds/<name>")
def kind(name: str) -> str:
    found = job_kinds.show(ByName(name=name))
    return show(
        "kind.html",
        kind=found,
        kind_fields=fields_of(found.params_schema, "/params"),
        allowed=RANKS[caller().role] >= max(RANKS[found.role], RANKS["member"]),
        campaign_options=[(str(one.id), one.name) for one in campaigns.index(CampaignsQuery(limit=CAMPAIGNS)).items],
    )
