"""Access tokens of connected accounts, refreshed one at a time."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.crypto import decrypt, encrypt
from core.errors import ConnectionExpired, NotFound
from models import Connection
from models.session import org_session
from providers import registry

_EARLY = timedelta(minutes=5)  # a token that would die under an upload is renewed before it

# The vendor is asked inside the transaction: cut off there, a refresh token would be spent and its successor lost.
_PATIENT = "SET LOCAL idle_in_transaction_session_timeout = '5min'"


@dataclass(frozen=True)
class ConnectedAccount:
    account_id: str
    name: str
    access_token: str


def connected_account(org_id: str, connection_id: uuid.UUID) -> ConnectedAccount:
    """The account with a live access token. Raises ConnectionExpired when its consent is gone, NotFound.

    The row is locked while the vendor renews it: X kills a refresh token with its first use, so a second worker
    must wait for the first one's answer.
    """
    with org_session(org_id) as session:
        session.execute(text(_PATIENT))
        row = session.scalars(select(Connection).where(Connection.id == connection_id).with_for_update()).first()
        if row is None:
            raise NotFound(f"There is no connection {connection_id}")
        if row.state != "active":
            raise ConnectionExpired(f"The account {row.account_name} must be connected again", vendor=row.vendor)
        if row.expires_at is None or row.expires_at > _now(session) + _EARLY:
            return ConnectedAccount(row.account_id, row.account_name, decrypt(row.access_token_encrypted))
        try:
            return _renewed(session, row)
        except ConnectionExpired as error:
            lost = error
    with org_session(org_id) as session:
        session.execute(text("UPDATE connections SET state = 'expired' WHERE id = :id"), {"id": connection_id})
    raise lost


def _renewed(session: Session, row: Connection) -> ConnectedAccount:
    if row.refresh_token_encrypted is None:
        raise ConnectionExpired(f"The consent of {row.account_name} has run out", vendor=row.vendor, hint="Connect the account again.")
    tokens = registry.social(row.vendor).refresh(decrypt(row.refresh_token_encrypted))
    row.access_token_encrypted = encrypt(tokens.access_token)
    if tokens.refresh_token:
        row.refresh_token_encrypted = encrypt(tokens.refresh_token)
    row.expires_at = _now(session) + timedelta(seconds=tokens.expires_in) if tokens.expires_in else None
    return ConnectedAccount(row.account_id, row.account_name, tokens.access_token)


def _now(session: Session) -> datetime:
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)
