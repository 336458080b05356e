"""/v1/effects: outside effects that nobody but a person can settle."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field
from sqlalchemy import select

from api import audit
from api.auth.caller import caller
from api.openapi import Routes
from api.paging import page
from api.schemas import Body, ById, Page, PageQuery, Row
from core.errors import NotFound
from models import Effect
from models.session import org_session
from worker import control

routes = Routes("effects", "/v1/effects", "Outside effects, and those in doubt")


class EffectOut(Row):
    id: uuid.UUID
    job_id: uuid.UUID
    step: str
    campaign_id: uuid.UUID | None
    key: str = Field(description="what is done, whatever the attempt")
    vendor: str
    what: str
    state: str = Field(description="intent, done, failed, needs_review")
    sends: int = Field(description="times a request may have left")
    sent_at: datetime | None
    receipt: dict[str, Any] | None
    error: dict[str, Any] | None
    simulated: bool
    created_at: datetime
    finished_at: datetime | None


class EffectsQuery(PageQuery):
    state: Literal["intent", "done", "failed", "needs_review"] = "needs_review"
    job_id: uuid.UUID | None = None
    campaign_id: uuid.UUID | None = None


class ByHand(Body):
    """What the vendor would have answered. The two named fields become the post's, and its link in the pages."""

    model_config = ConfigDict(extra="allow")
    vendor_post_id: str | None = Field(default=None, max_length=200)
    url: str | None = Field(default=None, max_length=2000, pattern=r"^https?://\S+$")


class Resolution(Body):
    outcome: Literal["sent", "not_sent"] = Field(description="sent: it did happen; not_sent: it did not, and is done again")
    receipt: ByHand | None = Field(default=None, description="what the vendor would have answered")


@routes.on("GET", answers=Page[EffectOut])
def index(query: EffectsQuery) -> Page[EffectOut]:
    """Effects in one state, the newest first; those in doubt unless another state is asked for."""
    effects = select(Effect).filter_by(**query.model_dump(include={"state", "job_id", "campaign_id"}, exclude_none=True))
    with org_session(caller().org_id) as session:
        found, cursor = page(session, effects, Effect, query)
    return Page(items=[EffectOut.model_validate(effect) for effect in found], next_cursor=cursor)


@routes.on("POST", "/<uuid:id>/resolve", answers=EffectOut)
def resolve(path: ById, body: Resolution) -> EffectOut:
    """Say whether an effect in doubt happened; the step that waits for this goes on."""
    with audit.change(f"effect:{path.id}", outcome=body.outcome) as session:
        if session.get(Effect, path.id) is None:
            raise NotFound(f"There is no effect {path.id}")
        receipt = body.receipt.model_dump(mode="json", exclude_none=True) if body.receipt else None
        control.resolve_effect(session, path.id, sent=body.outcome == "sent", receipt=receipt)
        session.expire_all()
        return EffectOut.model_validate(session.get_one(Effect, path.id))
