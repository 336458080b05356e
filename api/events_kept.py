"""GET /v1/events: what was taken in, the newest first; all of it, or of one person."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import AwareDatetime, Field
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from api.auth.caller import caller
from api.events import routes
from api.paging import bad_cursor, read_cursor, written_cursor
from api.schemas import Page, PageQuery, Row
from models import Event, IdentityKey
from models.session import org_session
from pipelines.analytics.identities import email_hash


class EventOut(Row):
    event_id: str
    kind: Literal["touchpoint", "conversion"]
    name: str
    occurred_at: datetime = Field(description="put right where the sender's clock was off")
    received_at: datetime
    person: int | None = Field(description="the same number for all keys of a person; none for who is unknown or refused analytics")
    channel: str | None
    campaign_id: uuid.UUID | None
    post_id: uuid.UUID | None
    value: Decimal | None
    currency: str | None
    properties: dict[str, Any]
    skew_seconds: float | None = Field(description="how far the sender's clock was ahead, where it was noticed")


class EventsQuery(PageQuery):
    """The last three are keys of a person, whose events are then shown under whichever key they came."""

    cursor: str | None = Field(default=None, max_length=1200, description="next_cursor of the page before")
    kind: Literal["touchpoint", "conversion"] | None = None
    name: str | None = Field(default=None, max_length=100)
    channel: str | None = Field(default=None, max_length=100)
    campaign_id: uuid.UUID | None = None
    since: AwareDatetime | None = Field(default=None, description="occurred at or after this moment, with its zone")
    until: AwareDatetime | None = Field(default=None, description="occurred before this moment")
    event_id: str | None = Field(default=None, max_length=200)
    anonymous_id: str | None = Field(default=None, max_length=200)
    user_id: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=320)


@routes.on("GET", answers=Page[EventOut])
def index(query: EventsQuery) -> Page[EventOut]:
    """Events as they were kept, the newest first: to see that what was sent has arrived, and whose it is."""
    with org_session(caller().org_id) as session:
        found = _page(session, _of_people(session, _chosen(query), query), query)
        people = _people(session, found)
    shown = found[: query.limit]
    items = [EventOut.model_validate({**_columns(event), "person": people.get(event.identity_key_id or 0)}) for event in shown]
    more = len(found) > query.limit
    return Page(items=items, next_cursor=written_cursor(shown[-1].occurred_at, shown[-1].event_id) if more else None)


def _chosen(query: EventsQuery) -> Select[Event]:
    exact = {name: getattr(query, name) for name in ("kind", "name", "channel", "campaign_id", "event_id")}
    events = select(Event).where(*(getattr(Event, name) == value for name, value in exact.items() if value is not None))
    if query.since:
        events = events.where(Event.occurred_at >= query.since)
    return events.where(Event.occurred_at < query.until) if query.until else events


def _of_people(session: Session, events: Select[Event], query: EventsQuery) -> Select[Event]:
    """Of the persons of the keys that are asked for; of nobody where one is not known."""
    keys = {"anonymous": query.anonymous_id, "user": query.user_id, "email": email_hash(query.email) if query.email else None}
    for kind, key in keys.items():
        if key is not None:
            person = select(IdentityKey.person_id).where(IdentityKey.kind == kind, IdentityKey.key == key)
            known = session.execute(select(IdentityKey.id).where(IdentityKey.person_id.in_(person))).scalars().all()
            events = events.where(Event.identity_key_id.in_(known))
    return events


def _page(session: Session, events: Select[Event], query: EventsQuery) -> list[Event]:
    if query.cursor:
        moment, event_id = read_cursor(query.cursor)
        if "\0" in event_id:
            raise bad_cursor()
        events = events.where(tuple_(Event.occurred_at, Event.event_id) < (moment, event_id))
    ordered = events.order_by(Event.occurred_at.desc(), Event.event_id.desc()).limit(query.limit + 1)
    return list(session.execute(ordered).scalars())


def _people(session: Session, events: list[Event]) -> dict[int, int]:
    ids = {event.identity_key_id for event in events if event.identity_key_id is not None}
    rows = session.execute(select(IdentityKey.id, IdentityKey.person_id).where(IdentityKey.id.in_(ids)))
    return {row.id: row.person_id for row in rows}


def _columns(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in EventOut.model_fields if name != "person"}
