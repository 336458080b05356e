"""Opening a session for a user in one of the user's organisations."""

from __future__ import annotations

import uuid

from sqlalchemy import Row, text
from sqlalchemy.orm import Session as Transaction

from api.auth import tokens
from api.auth.schemas import OrganizationOut, Session, UserOut
from core.errors import Unauthenticated
from core.settings import get_settings
from models.session import engine_statement

_MEMBERSHIPS = """
SELECT o.id, o.name, m.role FROM memberships m JOIN organizations o ON o.id = m.org_id
WHERE m.user_id = :user ORDER BY m.created_at, o.id
"""
_WHO = """
SELECT u.email, u.name, o.name AS organization, m.role
FROM memberships m JOIN users u ON u.id = m.user_id JOIN organizations o ON o.id = m.org_id
WHERE m.user_id = :user AND m.org_id = :org
"""


def organization_of(user_id: uuid.UUID, wanted: uuid.UUID | None) -> uuid.UUID | None:
    """The wanted organisation if the user belongs to it; the oldest membership when none is wanted."""
    ids: list[uuid.UUID] = [row.id for row in memberships(user_id)]
    return next((found for found in ids if wanted in (None, found)), None)


def memberships(user_id: uuid.UUID) -> list[Row[tuple[uuid.UUID, str, str]]]:
    return engine_statement(_MEMBERSHIPS, {"user": user_id})


def open_session(session: Transaction, user_id: uuid.UUID, org_id: uuid.UUID, *, family: uuid.UUID) -> Session:
    """Fresh tokens of the family. Raises Unauthenticated when the membership is gone."""
    who = session.execute(text(_WHO), {"user": user_id, "org": org_id}).one_or_none()
    if who is None:
        raise Unauthenticated("This account is no longer a member of the organisation", hint="Ask one of its admins.")
    return Session(
        access_token=tokens.access_token(user_id, org_id, family),
        refresh_token=tokens.issue_refresh(session, user_id, org_id, family),
        expires_in=get_settings().access_token_minutes * 60,
        user=UserOut(id=user_id, email=who.email, name=who.name),
        organization=OrganizationOut(id=org_id, name=who.organization, role=who.role),
    )
