"""/v1/events: touchpoints and conversions from servers, up to 10,000 a batch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request
from pydantic import AwareDatetime, BaseModel, Field

from api.auth.caller import caller
from api.json_body import read_json
from api.openapi import Routes
from api.problems import Fault
from api.schemas import Body
from api.validation import checked
from core.errors import InvalidInput
from pipelines.analytics.events import EVENT
from tasks.event_intake import MOST_EVENTS, Intake, take_in

routes = Routes("events", "/v1/events", "Touchpoints and conversions")

LARGEST = 16 * 1024 * 1024  # bytes: ten thousand events of 1.6 kB
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["events"],
    "properties": {
        "events": {"type": "array", "maxItems": MOST_EVENTS, "items": EVENT.json_schema()},
        "sent_at": {"type": "string", "format": "date-time", "description": "your clock at sending; by it a wrong clock is put right"},
    },
}


class Envelope(Body):
    """A batch around its events, which are looked at one by one."""

    sent_at: AwareDatetime | None = None


class Rejected(BaseModel):
    index: int
    event_id: str | None
    errors: list[Fault]


class EventsTaken(BaseModel):
    accepted: int = Field(description="new events, now stored")
    duplicates: int = Field(description="events whose id was known: nothing was done")
    without_identity: int = Field(description="counted, but of nobody: unknown, or refused analytics")
    skewed: int = Field(description="events whose time was put right, since the sender's clock was off")
    rejected: list[Rejected] = Field(description="events with faults; the others are kept")


@routes.on("POST", answers=EventsTaken, reads=SCHEMA)
def create() -> EventsTaken:
    """Send events. May be sent again: an event id counts once. Good events are kept while bad ones are told."""
    request.max_content_length = LARGEST
    events, sent_at = batch(read_json(), MOST_EVENTS)
    return taken(take_in(caller().org_id, events, sent_at=sent_at))


def batch(body: Any, most: int) -> tuple[list[Any], datetime | None]:
    """The events of a body and the time at which it was sent. Raises InvalidInput when the batch itself is wrong."""
    if not isinstance(body, dict) or not isinstance(events := body.get("events"), list):
        raise InvalidInput("The body has no list of events", errors=[{"pointer": "/events", "detail": "must be a list of events"}])
    if not 0 < len(events) <= most:
        fault = {"pointer": "/events", "detail": f"holds {len(events)} events; it takes 1 to {most}"}
        raise InvalidInput(f"A batch takes 1 to {most} events", hint="Send several batches.", errors=[fault])
    envelope = checked(Envelope, {name: value for name, value in body.items() if name != "events"})
    return events, envelope.sent_at


def taken(intake: Intake) -> EventsTaken:
    """The answer; raises InvalidInput when no event of the batch was any good."""
    if intake.rejected and not intake.accepted + intake.duplicates:
        faults = [fault for row in intake.rejected for fault in row["errors"]]
        told = f"{faults[0]['pointer']} {faults[0]['detail']}"
        raise InvalidInput(f"None of the {len(intake.rejected)} event(s) can be taken in: {told}", errors=faults)
    return EventsTaken.model_validate(intake, from_attributes=True)
