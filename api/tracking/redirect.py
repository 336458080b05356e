"""/l/{code}: a click, counted on its way to where the organisation's link leads this visitor."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import unquote_plus, urlencode, urlsplit

from flask import Response, redirect, request
from pydantic import BaseModel

from api.openapi import Routes
from api.tracking.rotation import Way, remember, way_of
from core.errors import NotFound
from models.session import engine_statement
from pipelines.analytics.channels import OWN_CLICK_ID
from tasks.event_intake import take_in

routes = Routes("clicks", "/l", "Short links")

_FIND = """
SELECT l.org_id, l.code, l.target, l.channel, l.campaign_id, l.post_id, l.utm, clock_timestamp() AS now, l.experiment_id,
       e.state AS experiment_state,
       (SELECT v FROM jsonb_array_elements(e.variants) v WHERE e.state = 'stopped' AND v->>'key' = e.winner) AS winner
FROM tracked_links l LEFT JOIN experiments e ON e.id = l.experiment_id WHERE l.code = :code
"""
_COUNT = "UPDATE tracked_links SET clicks = clicks + 1 WHERE code = :code"
_MACHINES = re.compile(r"bot\b|bot/|crawl|spider|preview|facebookexternalhit|slurp|curl/|wget/|python-requests|headless", re.IGNORECASE)


class ByCode(BaseModel):
    code: str


@routes.on("GET", "/<code>", status=302, public=True)
def show(path: ByCode) -> Response:
    """Lead to the link's target, with its UTM parameters and a click id; count it, unless a machine asks.

    A link with an experiment leads to the address of the visitor's variant, and to the winner's after the stop.
    """
    found = engine_statement(_FIND, {"code": path.code}) if path.code.isascii() and path.code.isprintable() else []
    if not found:
        raise NotFound("This link leads nowhere")
    link, click_id = found[0], uuid.uuid4().hex
    is_nobody = _is_machine() or _refuses()
    way = way_of(link, is_nobody=is_nobody)
    if not _is_machine():
        _count(link, click_id, way.visitor)
    answer = redirect(_address(link, way, "" if is_nobody else click_id), 302, Response)
    answer.headers["Cache-Control"] = "no-store"
    if way.visitor:
        remember(answer, way.visitor)
    return answer  # type: ignore[return-value]


def _is_machine() -> bool:
    early = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    return request.method == "HEAD" or early or bool(_MACHINES.search(request.headers.get("User-Agent", "")))


def _refuses() -> bool:
    return request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1"


def _count(link: Any, click_id: str, visitor: str) -> None:
    """The visitor and the click become one person, so that what follows the click counts for the visitor's variant."""
    event: dict[str, Any] = {
        "event_id": f"click:{click_id}",
        "kind": "touchpoint",
        "name": "click",
        "occurred_at": link.now.isoformat(),
        "channel": link.channel,
        "utm": link.utm,
        "properties": {"link": link.code},
    }
    event |= {name: str(value) for name, value in (("campaign_id", link.campaign_id), ("post_id", link.post_id)) if value}
    event |= {"anonymous_id": visitor} if visitor else {}
    take_in(link.org_id, [event if _refuses() else {**event, "click_ids": {OWN_CLICK_ID: click_id}}])
    engine_statement(_COUNT, {"code": link.code})


def _address(link: Any, way: Way, click_id: str) -> str:
    """Where it leads, with what it lacks of the UTM parameters; its own words win, and stay as they are written.

    But for a click id: a target that was copied from where another click led would make one person of all who follow it.
    """
    parts = urlsplit(way.address)
    own = [part for part in parts.query.split("&") if part and unquote_plus(part.partition("=")[0]) != OWN_CLICK_ID]
    given = {unquote_plus(part.partition("=")[0]) for part in own}
    utm = ({"content": way.variant} if way.variant else {}) | link.utm
    added = [(f"utm_{name}", value) for name, value in utm.items() if f"utm_{name}" not in given]
    added += [(OWN_CLICK_ID, click_id)] if click_id else []
    return str(parts._replace(query="&".join([*own, *([urlencode(added)] if added else [])])).geturl())
