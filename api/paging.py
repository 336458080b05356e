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
        created_at, row_id = _read(query.cursor)
        rows = rows.where(tuple_(table.created_at, table.id) < (created_at, row_id))
    ordered = rows.order_by(table.created_at.desc(), table.id.desc()).limit(query.limit + 1)
    found: Sequence[Any] = session.execute(ordered).scalars().all()
    more = len(found) > query.limit
    return found[: query.limit], _write(found[query.limit - 1]) if more else None


def _write(last: Any) -> str:
    return base64.urlsafe_b64encode(f"{last.created_at.isoformat()}|{last.id}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, uuid.UUID]:
    try:
        moment, _, row_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
        return datetime.fromisoformat(moment).astimezone(UTC), uuid.UUID(row_id)
    except (ValueError, OverflowError):
        raise bad_cursor() from None


def bad_cursor() -> InvalidInput:
    fault = {"pointer": "/query/cursor", "detail": "is not a next_cursor of this list"}
    return InvalidInput("The cursor cannot be read", hint="Take next_cursor from the page before, or leave it out.", errors=[fault])
