"""/v1/connections/callback/{vendor}: where the vendor sends the browser after the consent."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from flask import request
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from api import audit
from api.connections import consent
from api.connections.schemas import ByVendor, CallbackQuery, ConnectionOut
from api.connections.views import COOKIE, routes
from api.permissions import ACCESS, RANKS
from core.crypto import encrypt
from core.errors import Forbidden, VendorRejected
from models import Connection, Membership
from models.session import org_session
from providers import registry
from providers.contracts.social import Account, Tokens
from worker import control


@routes.on("GET", "/callback/<vendor>", answers=ConnectionOut, public=True)
def callback(path: ByVendor, query: CallbackQuery) -> ConnectionOut:
    """Finish connecting. Proof is the one-time state together with the cookie of the client that started."""
    taken = consent.take(path.vendor, query.state, request.cookies.get(COOKIE, ""))
    if taken is None:
        raise Forbidden(
            "This consent is unknown, used up, too late, or was started in another browser", hint="Start again with POST /v1/connections."
        )
    audit.blame(taken.org_id, taken.user_id, f"vendor:{path.vendor}")
    if query.error or not query.code:
        raise VendorRejected(
            query.error_description or query.error or "no code came back", vendor=path.vendor, hint="Start again, and allow the access."
        )
    network = registry.social(path.vendor)
    tokens = network.exchange(code=query.code, verifier=taken.verifier, redirect_uri=taken.redirect_uri)
    account = network.account(tokens.access_token)
    with org_session(taken.org_id) as session:
        _check_still_allowed(session, taken.user_id)
        connection_id = _keep(session, taken, path.vendor, tokens, account, simulated=network.simulated)
        control.resolve_everywhere(session, waits_for="connection")
        audit.note(session, f"connection:{connection_id}", org_id=taken.org_id, user_id=taken.user_id, account=account.name)
        return ConnectionOut.model_validate(session.get_one(Connection, connection_id))


def _check_still_allowed(session: Session, user_id: uuid.UUID) -> None:
    role = session.execute(select(Membership.role).where(Membership.user_id == user_id)).scalar_one_or_none()
    if role is None or RANKS[role] < RANKS[ACCESS["connections.create"]]:
        raise Forbidden("The user who started this may not connect accounts any more", hint="Ask an admin of the organisation.")


def _keep(session: Session, taken: consent.Taken, vendor: str, tokens: Tokens, account: Account, *, simulated: bool) -> uuid.UUID:
    """The connection's id; an account that is connected again keeps its id."""
    fresh = {
        "account_name": account.name,
        "state": "active",
        "access_token_encrypted": encrypt(tokens.access_token),
        "refresh_token_encrypted": encrypt(tokens.refresh_token) if tokens.refresh_token else None,
        "expires_at": datetime.now(UTC) + timedelta(seconds=tokens.expires_in) if tokens.expires_in else None,
        "scopes": tokens.scopes,
        "simulated": simulated,
    }
    row = insert(Connection).values(
        id=uuid.uuid4(), org_id=taken.org_id, vendor=vendor, account_id=account.account_id, created_by=taken.user_id, **fresh
    )
    kept = row.on_conflict_do_update(index_elements=["org_id", "vendor", "account_id"], set_=fresh).returning(Connection.id)
    return session.execute(kept).scalar_one()
