"""/mmm: marketing mix models, and one with its verdict, its charts and the plans made from it."""

from __future__ import annotations

import uuid

from flask import request
from sqlalchemy import select

from api.auth.caller import caller
from api.mmm import fits, plans
from api.mmm.schemas import FitsQuery, PlansQuery
from api.pages.frame import queried, routes, show
from api.schemas import ById
from models import Campaign
from models.session import org_session
from pipelines.mmm.figures import fit_charts, plan_charts

PLANS = 10
CAMPAIGNS = 100


@routes.get("/mmm")
def mmm() -> str:
    query = queried(FitsQuery)
    return show("mmm.html", page=fits.index(query), query=query, filtered=bool(request.args))


@routes.get("/mmm/<uuid:id>")
def mmm_fit(id: uuid.UUID) -> str:
    fit = fits.show(ById(id=id))
    made = plans.index(PlansQuery(fit_id=id, limit=PLANS)).items
    period = (fit.results or {}).get("period", "week")
    return show(
        "mmm_fit.html",
        fit=fit,
        results=fit.results,
        charts=fit_charts(fit.results) if fit.results else [],
        plans=[(plan, plan_charts(plan.result, period)[0]) for plan in made],
        campaigns=_campaigns(),
        tone={"trustworthy": "good", "weak": "waiting", "do not use": "bad"}.get(fit.grade or "", "quiet"),
    )


def _campaigns() -> list[tuple[str, str]]:
    """Those a plan can be taken for, the newest first."""
    wanted = select(Campaign.id, Campaign.name).order_by(Campaign.created_at.desc(), Campaign.id).limit(CAMPAIGNS)
    with org_session(caller().org_id) as session:
        return [(str(row[0]), row[1]) for row in session.execute(wanted)]
