"""/v1/links: short addresses that count clicks and lead to a page with its UTM parameters."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import delete as delete_rows
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.auth.caller import caller
from api.openapi import Reply, Routes
from api.paging import page
from api.schemas import Body, ById, Page, PageQuery, Row
from api.tracking.rotation import WebAddress, address_of
from core.errors import InvalidInput, NotFound
from core.settings import get_settings
from models import Campaign, Experiment, Post, TrackedLink
from models.session import org_session
from pipelines.analytics.events import Label, UtmName

routes = Routes("links", "/v1/links", "Short links that count clicks")

MOST_OFFERED = 200


class NewLink(Body):
    target: WebAddress
    channel: Label
    campaign_id: uuid.UUID | None = None
    post_id: uuid.UUID | None = None
    experiment_id: uuid.UUID | None = Field(
        default=None,
        description="an A/B test or bandit whose variants' values are addresses, or objects with a `url`: each visitor is led to theirs, "
        "and to the target who takes no part",
    )
    utm: dict[UtmName, Annotated[str, Field(max_length=300)]] = Field(
        default={}, description="added to the target; without a source, the channel is the source"
    )


class LinkOut(Row):
    id: uuid.UUID
    code: str
    url: str = Field(default="", description="what to give out")
    target: str
    channel: str
    campaign_id: uuid.UUID | None
    post_id: uuid.UUID | None
    experiment_id: uuid.UUID | None
    utm: dict[str, Any]
    clicks: int
    created_at: datetime


@routes.on("POST", answers=LinkOut, status=201)
def create(body: NewLink) -> Reply:
    """Make a short link."""
    link_id = uuid.uuid4()
    with audit.change(f"link:{link_id}", target=body.target) as session:
        _check_own(session, Campaign, body.campaign_id, "campaign")
        _check_own(session, Post, body.post_id, "post")
        _check_experiment(session, body.experiment_id)
        values = {**body.model_dump(), "channel": body.channel.lower(), "utm": {"source": body.channel.lower(), **body.utm}}
        link = TrackedLink(id=link_id, org_id=caller().org_id, code=secrets.token_urlsafe(8), created_by=caller().user_id, **values)
        session.add(link)
        session.flush()
        session.refresh(link)
        return Reply(_shown(link), 201, {"Location": f"/v1/links/{link_id}"})


def _check_own(session: Session, table: Any, row_id: uuid.UUID | None, noun: str) -> None:
    if row_id and session.get(table, row_id) is None:
        raise NotFound(f"There is no {noun} {row_id}", errors=[{"pointer": f"/{noun}_id", "detail": f"no such {noun}"}])


def _check_experiment(session: Session, experiment_id: uuid.UUID | None) -> None:
    if experiment_id and (problem := _no_rotation(session.get(Experiment, experiment_id))):
        fault = {"pointer": "/experiment_id", "detail": problem}
        raise InvalidInput(f"The link cannot rotate by experiment {experiment_id}: it {problem}", errors=[fault])


def rotatable() -> list[tuple[str, str]]:
    """Ids and names of experiments that a new link may name, the newest first. Whether they lead anywhere is told at its making."""
    usable = Experiment.kind != "holdout", Experiment.state.in_(("draft", "running"))
    wanted = select(Experiment.id, Experiment.name).where(*usable).order_by(Experiment.created_at.desc(), Experiment.id.desc())
    with org_session(caller().org_id) as session:
        return [(str(row.id), row.name) for row in session.execute(wanted.limit(MOST_OFFERED))]


def _no_rotation(experiment: Experiment | None) -> str:
    """Why no link can lead to the experiment's variants; empty when one can."""
    if experiment is None:
        return "is no experiment of yours"
    if experiment.kind == "holdout":
        return "is a holdout, which only keeps visitors out of others; name an A/B test or a bandit"
    if experiment.state == "archived":
        return "is archived; name one that is in use"
    if experiment.condition:
        return "chooses visitors by attributes, none of which a link knows; leave its condition empty"
    lacking = [repr(one["key"]) for one in experiment.variants if not address_of(one.get("value"))]
    what = "give each variant a value that is an http(s) address, or an object with one as its url"
    return f"has no address in {', '.join(lacking)}; {what}" if lacking else ""


@routes.on("GET", answers=Page[LinkOut])
def index(query: PageQuery) -> Page[LinkOut]:
    """Links, the newest first."""
    with org_session(caller().org_id) as session:
        found, cursor = page(session, select(TrackedLink), TrackedLink, query)
    return Page(items=[_shown(link) for link in found], next_cursor=cursor)


@routes.on("DELETE", "/<uuid:id>", status=204)
def delete(path: ById) -> Reply:
    """Remove a link: its address leads nowhere any more. Its clicks stay counted."""
    with audit.change(f"link:{path.id}") as session:
        gone = session.execute(delete_rows(TrackedLink).where(TrackedLink.id == path.id).returning(TrackedLink.id)).scalar_one_or_none()
        if gone is None:
            raise NotFound(f"There is no link {path.id}")
    return Reply(status=204)


def _shown(link: TrackedLink) -> LinkOut:
    return LinkOut.model_validate(link).model_copy(update={"url": f"{get_settings().public_url.rstrip('/')}/l/{link.code}"})
