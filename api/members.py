"""/v1/members: who belongs to the organisation, and with which role."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import Row as Record
from sqlalchemy import text
from sqlalchemy.orm import Session

from api import audit
from api.auth.caller import caller
from api.auth.passwords import checked_password, hash_password
from api.auth.schemas import Email, Name, Password
from api.openapi import Reply, Routes
from api.schemas import Body, ById, Page, Row
from core.errors import Conflict, InvalidInput, NotFound
from models.session import engine_session, org_session

routes = Routes("members", "/v1/members", "Who belongs to the organisation")

Role = Literal["viewer", "member", "admin"]

_MEMBERS = """
SELECT u.id, u.email, u.name, m.role, m.created_at FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.org_id = :org AND (CAST(:user AS uuid) IS NULL OR u.id = :user) ORDER BY m.created_at, u.id
"""
_FIND_USER = "SELECT id FROM users WHERE email = :email"
_NEW_USER = (
    "INSERT INTO users (id, email, name, password_hash) VALUES (:id, :email, :name, :hash) ON CONFLICT (email) DO NOTHING RETURNING id"
)
_JOIN = "INSERT INTO memberships (org_id, user_id, role) VALUES (:org, :user, :role) ON CONFLICT DO NOTHING RETURNING user_id"
_LOCK_ADMINS = "SELECT user_id FROM memberships WHERE org_id = :org AND role = 'admin' ORDER BY user_id FOR UPDATE"
_SET_ROLE = "UPDATE memberships SET role = :role WHERE org_id = :org AND user_id = :user"
_LEAVE = "DELETE FROM memberships WHERE org_id = :org AND user_id = :user"
_END_LOGINS = "UPDATE refresh_tokens SET revoked_at = clock_timestamp() WHERE org_id = :org AND user_id = :user AND revoked_at IS NULL"


class Member(Row):
    id: uuid.UUID = Field(description="the user's id")
    email: str
    name: str
    role: str
    created_at: datetime = Field(description="when they joined")


class Members(BaseModel):
    items: list[Member]
    next_cursor: None = None


class NewMember(Body):
    email: Email
    role: Role
    name: Name | None = None
    password: Password | None = Field(
        default=None, description="a first password, for an address without an account; an existing account keeps its own"
    )


class RoleChange(Body):
    role: Role


@routes.on("GET", answers=Page[Member])
def index() -> Members:
    """All members, the oldest first."""
    with org_session(caller().org_id) as session:
        rows = session.execute(text(_MEMBERS), {"org": caller().org_id, "user": None}).all()
    return Members(items=[Member.model_validate(row) for row in rows])


@routes.on("POST", answers=Member, status=201)
def create(body: NewMember) -> Member:
    """Add a member: a new account with a first password, or an existing account."""
    with engine_session() as session:  # accounts belong to no organisation: the runtime role may not make them
        user_id = session.execute(text(_FIND_USER), {"email": body.email}).scalar() or _new_account(session, body)
        if session.execute(text(_JOIN), {"org": caller().org_id, "user": user_id, "role": body.role}).one_or_none() is None:
            raise Conflict(f"{body.email} is a member already", hint="PATCH /v1/members/{id} changes the role.")
        audit.note(session, f"user:{user_id}", email=body.email, role=body.role)
        return _member(session, user_id)


def _new_account(session: Session, body: NewMember) -> uuid.UUID:
    name = body.name or body.email.split("@")[0]
    if body.password is None:
        fault = {"pointer": "/password", "detail": "is needed: this address has no account yet"}
        raise InvalidInput("A new member needs a first password", hint="They can change it at PATCH /v1/me.", errors=[fault])
    checked_password(body.password, pointer="/password", known=[body.email, name])
    values = {"id": uuid.uuid4(), "email": body.email, "name": name, "hash": hash_password(body.password)}
    made: uuid.UUID | None = session.execute(text(_NEW_USER), values).scalar()
    if made is None:
        raise Conflict("This address got an account a moment ago", hint="Add it again, without a password.")
    return made


@routes.on("PATCH", "/<uuid:id>", answers=Member)
def update(path: ById, body: RoleChange) -> Member:
    """Change a member's role, at once. The last admin stays one."""
    with audit.change(f"user:{path.id}", role=body.role) as session:
        _keep_an_admin(session, path.id, still_admin=body.role == "admin")
        session.execute(text(_SET_ROLE), {"org": caller().org_id, "user": path.id, "role": body.role})
        return _member(session, path.id)


@routes.on("DELETE", "/<uuid:id>", status=204)
def delete(path: ById) -> Reply:
    """Remove a member; their logins into this organisation end. The account itself stays."""
    with audit.change(f"user:{path.id}") as session:
        _keep_an_admin(session, path.id, still_admin=False)
        _member(session, path.id)
        values = {"org": caller().org_id, "user": path.id}
        session.execute(text(_END_LOGINS), values)
        session.execute(text(_LEAVE), values)
    return Reply(status=204)


def _keep_an_admin(session: Session, user_id: uuid.UUID, *, still_admin: bool) -> None:
    """Raises Conflict when the organisation would be without an admin. The lock keeps two last admins from leaving at once."""
    admins = session.execute(text(_LOCK_ADMINS), {"org": caller().org_id}).scalars().all()
    if not still_admin and list(admins) == [user_id]:
        raise Conflict("This is the organisation's last admin", hint="Make somebody else an admin first.")


def _member(session: Session, user_id: uuid.UUID) -> Member:
    row: Record[Any] | None = session.execute(text(_MEMBERS), {"org": caller().org_id, "user": user_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no member {user_id}")
    return Member.model_validate(row)
