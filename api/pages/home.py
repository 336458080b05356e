"""/: what goes on, and what to do next."""

from __future__ import annotations

from sqlalchemy import exists, func, select

from api.auth.caller import caller
from api.campaigns import views as campaigns
from api.campaigns.schemas import CampaignsQuery
from api.jobs import views as jobs
from api.jobs.schemas import JobsQuery
from api.pages.frame import routes, show
from models import Campaign, Connection, Effect, Post
from models.session import org_session
from worker import reading

SHOWN = 5


@routes.get("/")
def home() -> str:
    with org_session(caller().org_id) as session:
        awaiting = session.execute(select(func.count()).where(Post.state == "awaiting_approval")).scalar_one()
        in_doubt = session.execute(select(func.count()).where(Effect.state == "needs_review")).scalar_one()
        connected = session.execute(select(exists().where(Connection.state == "active"))).scalar_one()
        published = session.execute(select(func.count()).where(Post.state == "published")).scalar_one()
        ran = session.execute(select(exists().where(Campaign.job_id.is_not(None)))).scalar_one()
    return show(
        "home.html",
        awaiting=awaiting,
        in_doubt=in_doubt,
        connected=connected,
        published=published,
        ran=ran,
        campaigns=campaigns.index(CampaignsQuery(limit=SHOWN)).items,
        jobs=jobs.index(JobsQuery(limit=SHOWN)).body["items"],
        workers=[worker for worker in reading.workers() if worker["alive"]],
    )
