"""/v1/me: the caller's own account."""

from __future__ import annotations

import uuid

from sqlalchemy import text
from sqlalchemy.orm import Session

from api import audit
from api.auth import lockout, logins, tokens
from api.auth.caller import Caller, caller
from api.auth.passwords import checked_password, hash_password, matches
from api.auth.schemas import Me, MeChange, OrganizationOut, UserOut
from api.openapi import Routes
from core.errors import InvalidInput
from models.session import engine_session, engine_statement

routes = Routes("me", "/v1/me", "The caller's own account")


@routes.on("GET", answers=Me)
def show() -> Me:
    """Who is calling, and in which organisations."""
    who = caller()
    return _me(who, who.name)


@routes.on("PATCH", answers=Me)
def update(body: MeChange) -> Me:
    """Change one's name or password."""
    who = caller()
    if body.password is not None:
        _check_current(who, body.current_password)
        checked_password(body.password, pointer="/password", known=[who.email, who.name, who.organization])
    with engine_session() as session:
        if body.name is not None:
            session.execute(text("UPDATE users SET name = :name WHERE id = :id"), {"name": body.name, "id": who.user_id})
        if body.password is not None:
            _set_password(session, who.user_id, body.password, keep=who.family)
        audit.note(session, f"user:{who.user_id}", changed=sorted(body.model_dump(exclude_none=True).keys() - {"current_password"}))
    return _me(who, body.name or who.name)


def _check_current(who: Caller, given: str | None) -> None:
    audit.blame(who.org_id, who.user_id, f"user:{who.user_id}")
    lockout.count_attempt(who.user_id)
    stored = engine_statement("SELECT password_hash FROM users WHERE id = :id", {"id": who.user_id})[0].password_hash
    if not matches(given or "", stored):
        raise InvalidInput("The current password is wrong", errors=[{"pointer": "/current_password", "detail": "does not match"}])
    lockout.forget_attempts(who.user_id)


def _set_password(session: Session, user_id: uuid.UUID, password: str, *, keep: uuid.UUID) -> None:
    session.execute(text("UPDATE users SET password_hash = :hash WHERE id = :id"), {"hash": hash_password(password), "id": user_id})
    tokens.revoke_others(session, user_id, keep)


def _me(who: Caller, name: str) -> Me:
    mine = [OrganizationOut(id=row.id, name=row.name, role=row.role) for row in logins.memberships(who.user_id)]
    return Me(
        user=UserOut(id=who.user_id, email=who.email, name=name),
        organization=OrganizationOut(id=who.org_id, name=who.organization, role=who.role),
        organizations=mine,
    )
