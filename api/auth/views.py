"""/v1/auth: register, login, refresh, logout."""

from __future__ import annotations

import uuid

from sqlalchemy import Row, text

from api import audit, limits
from api.auth import lockout, logins, tokens
from api.auth.caller import caller
from api.auth.passwords import checked_password, hash_password, matches
from api.auth.schemas import Login, Refresh, Registration, Session
from api.openapi import Reply, Routes
from core.errors import Conflict, Unauthenticated
from models.session import engine_session, engine_statement

routes = Routes("auth", "/v1/auth", "Registration, login and tokens")

_USER = "SELECT id, password_hash FROM users WHERE email = :email"
_NEW_USER = """
INSERT INTO users (id, email, name, password_hash) VALUES (:id, :email, :name, :hash)
ON CONFLICT (email) DO NOTHING RETURNING id
"""
_NEW_ORGANIZATION = """
WITH organization AS (INSERT INTO organizations (id, name) VALUES (:org, :name) RETURNING id)
INSERT INTO memberships (org_id, user_id, role) SELECT id, :user, 'admin' FROM organization
"""


@routes.on("POST", "/register", answers=Session, status=201, public=True)
def register(body: Registration) -> Session:
    """Make a user and an organisation with that user as its admin."""
    name = body.name or body.email.split("@")[0]
    organization = body.organization or f"{name}'s organization"
    checked_password(body.password, pointer="/password", known=[body.email, name, organization])
    user_id, org_id = uuid.uuid4(), uuid.uuid4()
    values = {"id": user_id, "email": body.email, "name": name, "hash": hash_password(body.password)}
    with engine_session() as session:
        if session.execute(text(_NEW_USER), values).one_or_none() is None:
            raise Conflict("This e-mail address has an account already", hint="Log in, or register with another address.")
        session.execute(text(_NEW_ORGANIZATION), {"org": org_id, "name": organization, "user": user_id})
        audit.note(session, f"user:{user_id}", org_id=org_id, user_id=user_id, email=body.email)
        return logins.open_session(session, user_id, org_id, family=uuid.uuid4())


@routes.on("POST", "/login", answers=Session, public=True)
def login(body: Login) -> Session:
    """Exchange e-mail and password for tokens."""
    user = _user(body.email)
    if user:
        audit.blame(logins.organization_of(user.id, body.organization_id), user.id, f"email:{body.email}")
        lockout.count_attempt(user.id)
    else:
        audit.blame(None, None, f"email:{body.email}")
        limits.count_unknown_account(body.email)
    if not matches(body.password, user and user.password_hash) or user is None:
        raise Unauthenticated("E-mail or password is wrong", hint="Several failures in a row lock an account for some minutes.")
    lockout.forget_attempts(user.id)
    org_id = logins.organization_of(user.id, body.organization_id)
    if org_id is None:
        raise Unauthenticated(
            "This account is not a member of that organisation", hint="Ask one of its admins, or leave organization_id out."
        )
    with engine_session() as session:
        audit.note(session, f"user:{user.id}", org_id=org_id, user_id=user.id)
        return logins.open_session(session, user.id, org_id, family=uuid.uuid4())


def _user(email: str) -> Row[tuple[uuid.UUID, str]] | None:
    rows = engine_statement(_USER, {"email": email})
    return rows[0] if rows else None


@routes.on("POST", "/refresh", answers=Session, public=True)
def refresh(body: Refresh) -> Session:
    """Exchange a refresh token for new tokens. It works once; a second use ends every login made from it."""
    with engine_session() as session:
        if used := tokens.use_refresh(session, body.refresh_token):
            org_id, user_id, family = used
            audit.note(session, f"user:{user_id}", org_id=org_id, user_id=user_id)
            return logins.open_session(session, user_id, org_id, family=family)
    if stolen := tokens.revoke_reused(body.refresh_token):
        audit.blame(*stolen, "refresh token used twice")
        raise Unauthenticated("This refresh token was used before; every login made from it is ended", hint="Log in again.")
    raise Unauthenticated("The refresh token is not known, has expired or was ended", hint="Log in again.")


@routes.on("POST", "/logout", status=204)
def logout() -> Reply:
    """End this login: the access token is denied from now on, its refresh tokens are revoked."""
    who = caller()
    with engine_session() as session:
        tokens.deny(session, who)
        tokens.revoke_family(session, who.family)
        audit.note(session, f"user:{who.user_id}")
    return Reply(status=204)
