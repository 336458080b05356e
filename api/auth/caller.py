"""Who is calling: the person, the organisation and the role of this request."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import g

from core.errors import Unauthenticated


@dataclass(frozen=True)
class Caller:
    """role and names are the database's, read at this request, so that a demotion acts at once."""

    user_id: uuid.UUID
    org_id: uuid.UUID
    role: str
    email: str
    name: str
    organization: str
    family: uuid.UUID  # of the refresh tokens that this login may use
    jti: str
    expires_at: datetime


def caller() -> Caller:
    """Raises Unauthenticated on a route that nobody is logged in on."""
    found = caller_or_none()
    if found is None:
        raise Unauthenticated("This needs a login", hint="Send Authorization: Bearer <access_token>; POST /v1/auth/login gives one.")
    return found


def caller_or_none() -> Caller | None:
    return cast("Caller | None", g.get("caller"))
