"""Newest first, page by page, by an opaque cursor that stays right while rows come in."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import Session

from api.schemas import PageQuery
from core.errors import InvalidInput

R = TypeVar("R")


def page(session: Session, rows: Select[R], table: Any, query: PageQuery) -> tuple[Sequence[R], str | None]:
    """One page of a select over `table` (with created_at and id), and the cursor of the next."""
    if query.cursor:
        created_at, row_id = read_cursor(query.cursor)
        rows = rows.where(tuple_(table.created_at, table.id) < (created_at, _uuid(row_id)))
    ordered = rows.order_by(table.created_at.desc(), table.id.desc()).limit(query.limit + 1)
    found: Sequence[Any] = session.execute(ordered).scalars().all()
    if len(found) <= query.limit:
        return found, None
    shown = found[: query.limit]
    return shown, written_cursor(shown[-1].created_at, shown[-1].id)


def written_cursor(moment: datetime, row_id: object) -> str:
    """Of the last row that was shown; row_id tells it from others of the same moment."""
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{row_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """The moment (UTC) and the id. Raises InvalidInput."""
    try:
        moment, _, row_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
        return datetime.fromisoformat(moment).astimezone(UTC), row_id
    except (ValueError, OverflowError):
        raise bad_cursor() from None


def _uuid(row_id: str) -> uuid.UUID:
    try:
        return uuid.UUID(row_id)
    except ValueError:
        raise bad_cursor() from None


def bad_cursor() -> InvalidInput:
    fault = {"pointer": "/query/cursor", "detail": "is not a next_cursor of this list"}
    return InvalidInput("The cursor cannot be read", hint="Take next_cursor from the page before, or leave it out.", errors=[fault])
