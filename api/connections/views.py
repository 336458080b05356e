"""/v1/connections: start connecting, list, remove."""

from __future__ import annotations

from flask import Response
from sqlalchemy import delete as delete_rows
from sqlalchemy import select, update

from api import audit
from api.auth.caller import caller
from api.connections import consent
from api.connections.schemas import ConnectionOut, Start, Started
from api.openapi import Reply, Routes
from api.schemas import ById, Page
from core.errors import NotFound
from core.settings import get_settings
from models import Connection, Post
from models.session import org_session
from providers import registry

routes = Routes("connections", "/v1/connections", "Accounts at social networks")

COOKIE = "drumbeat_consent"
COOKIE_PATH = "/v1/connections/callback"


@routes.on("GET", answers=Page[ConnectionOut])
def index() -> Page[ConnectionOut]:
    """The connected accounts, the newest first."""
    with org_session(caller().org_id) as session:
        rows = session.execute(select(Connection).order_by(Connection.created_at.desc(), Connection.id)).scalars()
        return Page(items=[ConnectionOut.model_validate(row) for row in rows], next_cursor=None)


@routes.on("POST", answers=Started)
def create(body: Start) -> Response:
    """Start connecting an account: open authorize_url; the vendor sends the browser back to the callback."""
    network = registry.social(body.vendor)
    redirect_uri = f"{get_settings().public_url.rstrip('/')}{COOKIE_PATH}/{network.vendor}"
    with audit.change(f"vendor:{network.vendor}") as session:
        begun = consent.start(session, org_id=caller().org_id, user_id=caller().user_id, vendor=network.vendor, redirect_uri=redirect_uri)
    url = network.consent_url(state=begun.state, challenge=begun.challenge, redirect_uri=redirect_uri)
    response = Reply(Started(authorize_url=url, expires_in=consent.SECONDS)).response()
    secure = redirect_uri.startswith("https://")
    response.set_cookie(COOKIE, begun.binding, max_age=consent.SECONDS, path=COOKIE_PATH, httponly=True, samesite="Lax", secure=secure)
    return response


@routes.on("DELETE", "/<uuid:id>", status=204)
def delete(path: ById) -> Reply:
    """Forget an account and its tokens."""
    with audit.change(f"connection:{path.id}") as session:
        session.execute(update(Post).where(Post.connection_id == path.id).values(connection_id=None))  # posts are records and stay
        gone = session.execute(delete_rows(Connection).where(Connection.id == path.id).returning(Connection.id)).one_or_none()
        if gone is None:
            raise NotFound(f"There is no connection {path.id}")
    return Reply(status=204)
