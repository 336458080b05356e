"""/v1/organization: the caller's organisation."""

from __future__ import annotations

import uuid
from datetime import datetime

from api import audit
from api.auth.caller import caller
from api.auth.schemas import Name
from api.openapi import Routes
from api.schemas import Body, Row
from models import Organization
from models.session import org_session

routes = Routes("organization", "/v1/organization", "The caller's organisation")


class OrganizationView(Row):
    id: uuid.UUID
    name: str
    created_at: datetime


class OrganizationChange(Body):
    name: Name


@routes.on("GET", answers=OrganizationView)
def show() -> OrganizationView:
    """The organisation of this login."""
    with org_session(caller().org_id) as session:
        return OrganizationView.model_validate(session.get_one(Organization, caller().org_id))


@routes.on("PATCH", answers=OrganizationView)
def update(body: OrganizationChange) -> OrganizationView:
    """Rename the organisation."""
    with audit.change(f"organization:{caller().org_id}", name=body.name) as session:
        found = session.get_one(Organization, caller().org_id)
        found.name = body.name
        return OrganizationView.model_validate(found)
