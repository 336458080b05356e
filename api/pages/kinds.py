"""/kinds: every kind of job, and a form for each made from its JSON Schema."""

from __future__ import annotations

from dataclasses import replace

from api import job_kinds
from api.auth.caller import caller
from api.campaigns import views as campaigns
from api.campaigns.schemas import CampaignsQuery
from api.job_kinds import ByName
from api.pages.frame import routes, show
from api.pages.schema_form import Field, fields_of
from api.permissions import ACCESS, RANKS
from core.errors import NotFound

CAMPAIGNS = 100

Options = tuple[tuple[str, str], ...]


@routes.get("/kinds")
def kinds() -> str:
    return show("kinds.html", kinds=[kind for kind in job_kinds.index().items if not kind.internal])


@routes.get("/kinds/<name>")
def kind(name: str) -> str:
    found = job_kinds.show(ByName(name=name))
    if found.internal:
        raise NotFound(f"{name} is a part of other jobs, which ask for it themselves")
    known = tuple((str(one.id), one.name) for one in campaigns.index(CampaignsQuery(limit=CAMPAIGNS)).items)
    return show(
        "kind.html",
        kind=found,
        kind_fields=[_with_names(field, known) for field in fields_of(found.params_schema, "/params")],
        campaign_options=known,
        allowed=RANKS[caller().role] >= max(RANKS[found.role], RANKS[ACCESS["jobs.create"]]),
    )


def _with_names(field: Field, known: Options) -> Field:
    """A campaign is chosen by its name instead of its id, where there is one to choose."""
    if field.pointer != "/params/campaign_id" or not known:
        return field
    return replace(field, control="choice", type="json", options=known)
