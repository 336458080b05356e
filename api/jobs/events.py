"""/v1/jobs/{id}/events: server-sent events, replayed from the table after Last-Event-ID."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from pydantic_core import to_json
from sqlalchemy import text

from api import capacity
from api.auth.caller import Caller, caller
from api.jobs.schemas import EventOut, EventsQuery
from api.jobs.views import routes
from api.openapi import Reply
from api.schemas import ById, Page
from core.errors import NotFound
from models.session import org_session
from worker import reading
from worker.eventstream import EventFeed

RECONNECT_MS = 2000
PAGE = 500


@functools.cache
def feed() -> EventFeed:
    """This process's one poller."""
    return EventFeed()


@routes.on("GET", "/<uuid:id>/events", answers=Page[EventOut])
def events(path: ById, query: EventsQuery) -> Response | Reply:
    """The job's events: a live stream with `Accept: text/event-stream`, else a page of JSON.

    The stream starts after `Last-Event-ID` (or `after`), sends every event once and in order, and ends with the job.
    """
    after = _last_seen(query)
    with org_session(caller().org_id) as session:
        if session.execute(text("SELECT 1 FROM jobs WHERE id = :job"), {"job": path.id}).first() is None:
            raise NotFound(f"There is no job {path.id}")
        if request.accept_mimetypes.best_match(["application/json", "text/event-stream"]) != "text/event-stream":
            found = reading.events_after(session, path.id, after, PAGE)
            return Reply({"items": found, "next_cursor": str(found[-1]["seq"]) if len(found) == PAGE else None})
    return _stream(caller(), path.id, after)


def _last_seen(query: EventsQuery) -> int:
    """A Last-Event-ID that is no number of ours starts from the beginning, as after a lost cookie."""
    given = request.headers.get("Last-Event-ID", "")
    return int(given) if given.isdecimal() and len(given) < 10 else query.after


def _stream(who: Caller, job_id: uuid.UUID, after: int) -> Response:
    if not capacity.streams.take(who.user_id):
        raise capacity.streams.full()
    response = Response(_lines(who, job_id, after), mimetype="text/event-stream")
    response.call_on_close(functools.partial(capacity.streams.leave, who.user_id))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _lines(who: Caller, job_id: uuid.UUID, after: int) -> Iterator[bytes]:
    """Ends when the access token does: the client comes back with a new one and misses nothing."""
    yield b"retry: %d\n\n" % RECONNECT_MS
    for event in feed().subscribe(who.org_id, job_id, after):
        yield b": still here\n\n" if event is None else _message(event)
        if datetime.now(UTC) >= who.expires_at:
            return


def _message(event: dict[str, Any]) -> bytes:
    name = json.dumps(event["type"])[1:-1].encode()
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event["seq"], name, to_json(event))
