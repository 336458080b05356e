"""/v1/audit: who did what in the organisation, and who was refused."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import select

from api.auth.caller import caller
from api.openapi import Routes
from api.paging import bad_cursor
from api.schemas import Page, PageQuery, Row
from models import AuditEntry
from models.session import org_session

routes = Routes("audit", "/v1/audit", "Who did what, and who was refused")


class Entry(Row):
    id: int
    at: datetime
    action: str = Field(description="the route: resource.function")
    subject: str | None
    outcome: str
    user_id: uuid.UUID | None
    ip: str | None
    request_id: str | None
    detail: dict[str, Any]


class AuditQuery(PageQuery):
    action: str | None = Field(default=None, max_length=100)
    outcome: Literal["done", "denied", "failed"] | None = None
    user_id: uuid.UUID | None = None


@routes.on("GET", answers=Page[Entry])
def index(query: AuditQuery) -> Page[Entry]:
    """The newest first."""
    entries = select(AuditEntry).where(AuditEntry.org_id == caller().org_id)
    for column, wanted in ((AuditEntry.action, query.action), (AuditEntry.outcome, query.outcome), (AuditEntry.user_id, query.user_id)):
        if wanted is not None:
            entries = entries.where(column == wanted)
    if query.cursor:
        entries = entries.where(AuditEntry.id < _before(query.cursor))
    with org_session(caller().org_id) as session:
        found = session.execute(entries.order_by(AuditEntry.id.desc()).limit(query.limit + 1)).scalars().all()
    shown = found[: query.limit]
    return Page(items=[Entry.model_validate(row) for row in shown], next_cursor=str(shown[-1].id) if len(found) > query.limit else None)


def _before(cursor: str) -> int:
    if not cursor.isdecimal() or len(cursor) > 18:
        raise bad_cursor()
    return int(cursor)
