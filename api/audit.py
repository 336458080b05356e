"""Who did what, and who was refused: entries that stand and fall with the action itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g, request
from sqlalchemy import insert
from sqlalchemy.orm import Session

from api.auth.caller import caller, caller_or_none
from core.errors import DrumbeatError
from models import AuditEntry
from models.session import engine_session, org_session
from worker.jsonb import plain

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# Asked for every visitor: a page that goes on asking for what was deleted would fill the log.
MISSES_UNNOTED = frozenset({"experiments.assign", "features.show", "exposures.create"})
UNNOTED = frozenset({"collect.collect"})  # anybody's page may be refused there, as often as it likes: an entry each would fill the log


@contextmanager
def change(subject: str, **detail: Any) -> Iterator[Session]:
    """The caller's organisation's transaction, which commits together with its audit entry."""
    with org_session(caller().org_id) as session:
        yield session
        note(session, subject, **detail)


def note(session: Session, subject: str, *, org_id: uuid.UUID | None = None, user_id: uuid.UUID | None = None, **detail: Any) -> None:
    """Add the entry of this request's action; its organisation and user are the caller's unless given."""
    mine = _mine()
    _write(session, org_id or mine[0], user_id or mine[1], subject, "done", detail)


def blame(org_id: uuid.UUID | None, user_id: uuid.UUID | None, subject: str) -> None:
    """Say whom a refusal of this request concerns, where nobody is logged in yet."""
    g.audit_blame = (org_id, user_id, subject)


def acting_as(action: str) -> None:
    """Let this request's entries carry the name of the API's route that the page's route calls."""
    g.audit_action = action


def note_denial(error: DrumbeatError) -> None:
    """Commit an entry for a refused attempt: 401 and 403 anywhere, 404 for an addressed row, whatever was blamed. Raises Unavailable."""
    addressed = error.status == 404 and request.view_args and request.endpoint not in MISSES_UNNOTED and caller_or_none()
    if request.endpoint is None or request.endpoint in UNNOTED or not (error.status in (401, 403) or addressed or _blamed(error)):
        return
    org_id, user_id, subject = g.get("audit_blame") or (*_mine(), request.path)
    with engine_session() as session:
        _write(session, org_id, user_id, subject, "denied", {"code": error.code, "detail": plain(error.detail), "method": request.method})


def _mine() -> tuple[uuid.UUID | None, uuid.UUID | None]:
    who = caller_or_none()
    return (who.org_id, who.user_id) if who else (None, None)


def _blamed(error: DrumbeatError) -> bool:
    """A lock-out, or a password that was asked for and wrong."""
    return error.status in (422, 429) and "audit_blame" in g


def _write(
    session: Session, org_id: uuid.UUID | None, user_id: uuid.UUID | None, subject: str, outcome: str, detail: dict[str, Any]
) -> None:
    session.execute(
        insert(AuditEntry).values(
            org_id=org_id,
            user_id=user_id,
            action=g.get("audit_action", request.endpoint),
            subject=plain(subject[:500]),  # a refused path may hold what Postgres does not keep
            outcome=outcome,
            ip=request.remote_addr,
            request_id=g.get("request_id"),
            detail=detail,
        )
    )
