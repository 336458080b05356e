"""/v1/organization: the caller's organisation."""

from __future__ import annotations

import uuid
import zoneinfo
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field
from sqlalchemy import func, select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from api import audit
from api.auth.caller import caller
from api.auth.schemas import Name
from api.openapi import Routes
from api.schemas import Body, Row
from core.errors import InvalidInput
from models import Organization
from models.session import org_session
from pipelines.analytics.events import Currency

routes = Routes("organization", "/v1/organization", "The caller's organisation")


class OrganizationView(Row):
    id: uuid.UUID
    name: str
    currency: str = Field(description="ISO 4217; of reports, and of money that says no currency")
    zone: str = Field(description="IANA; the days of reports begin at its midnight")
    created_at: datetime


def _zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        raise ValueError(f"{name!r} is not an IANA zone such as Europe/Berlin")
    return name


def _check_known(session: Session, zone: str) -> None:
    """Python and Postgres each have a list of zones of their own, and a report needs both."""
    try:
        with session.begin_nested():
            session.execute(select(func.timezone(zone, func.now())))
    except DataError:
        fault = {"pointer": "/zone", "detail": f"{zone!r} is not known to the database"}
        raise InvalidInput(f"The database does not know the zone {zone}", errors=[fault]) from None


class OrganizationChange(Body):
    name: Name | None = None
    currency: Currency | None = None
    zone: Annotated[str, AfterValidator(_zone)] | None = None


@routes.on("GET", answers=OrganizationView)
def show() -> OrganizationView:
    """The organisation of this login."""
    with org_session(caller().org_id) as session:
        return OrganizationView.model_validate(session.get_one(Organization, caller().org_id))


@routes.on("PATCH", answers=OrganizationView)
def update(body: OrganizationChange) -> OrganizationView:
    """Rename the organisation, or change the currency and the zone of its reports."""
    wanted = body.model_dump(exclude_none=True)
    with audit.change(f"organization:{caller().org_id}", **wanted) as session:
        found = session.get_one(Organization, caller().org_id)
        if body.zone:
            _check_known(session, body.zone)
        for name, value in wanted.items():
            setattr(found, name, value)
        return OrganizationView.model_validate(found)
