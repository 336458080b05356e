"""/t.js and /v1/collect: what a site's pages send, without a login."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request

from api.events import batch
from api.json_body import parsed
from api.openapi import Reply, Routes
from core.errors import Forbidden, InvalidInput
from models.session import engine_statement
from pipelines.analytics.events import EVENT
from tasks.event_intake import take_in

routes = Routes("collect", "", "Events from browsers")

LARGEST = 64 * 1024
MOST_EVENTS = 20
SCRIPT_SECONDS = 3600
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["key", "events"],
    "properties": {
        "key": {"type": "string", "description": "a write key"},
        "events": {"type": "array", "maxItems": MOST_EVENTS, "items": EVENT.json_schema()},
        "sent_at": {"type": "string", "format": "date-time"},
    },
}
# A page can claim to be anybody: what only a server can know is not believed from it.
_SERVERS_ONLY = ("email", "email_sha256", "campaign_id", "post_id")
_FIND = "SELECT w.org_id, w.origins FROM write_keys w WHERE w.key = :key"


@routes.on("GET", "/t.js", public=True)
def script() -> Response:
    """The script for a site's pages: visits, UTM parameters, click ids, and an id in a cookie of the site itself."""
    found = current_app.send_static_file("t.js")
    found.headers["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
    found.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return found


@routes.on("POST", "/v1/collect", status=204, public=True, reads=SCHEMA)
def collect() -> Reply:
    """Take events of a page in. The write key is public; the browser's Origin must be one of the key's sites."""
    request.max_content_length = LARGEST
    body = _read()
    org_id = _sender(body.pop("key", ""))
    events, sent_at = batch(body, MOST_EVENTS)
    intake = take_in(org_id, [_believed(event) for event in events], sent_at=sent_at)
    if intake.rejected:
        raise InvalidInput("Some events cannot be taken in", errors=[fault for row in intake.rejected for fault in row["errors"]])
    return Reply(status=204)


def _read() -> dict[str, Any]:
    """A beacon's body is JSON under the name of plain text, so that no browser asks for permission first."""
    body = parsed(request.get_data(cache=False) or b"{}")
    if not isinstance(body, dict):
        raise InvalidInput("The body is no object", errors=[{"pointer": "", "detail": "must be an object"}])
    return body


def _sender(key: Any) -> Any:
    known = engine_statement(_FIND, {"key": key}) if isinstance(key, str) and key.isascii() and key.isprintable() else []
    if not known:
        raise InvalidInput(
            "There is no such write key", hint="Keys are at /v1/write-keys.", errors=[{"pointer": "/key", "detail": "is unknown"}]
        )
    origin = request.headers.get("Origin", "")
    if origin.lower() not in known[0].origins:
        raise Forbidden(f"The key is not for pages of {origin or 'no origin'}", hint="Add the site to the write key's origins.")
    return known[0].org_id


def _believed(event: Any) -> Any:
    """Without what only servers say. Browsers that ask not to be tracked are counted without identity, whatever the page sent."""
    if not isinstance(event, dict):
        return event
    kept = {name: value for name, value in event.items() if name not in _SERVERS_ONLY}
    if request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1":
        kept = {name: value for name, value in kept.items() if name not in ("anonymous_id", "user_id", "click_ids")}
    return kept
