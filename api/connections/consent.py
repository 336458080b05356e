"""A started consent: a state that works once, for ten minutes, in the browser that asked for it (RFC 6749, 7636)."""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.crypto import decrypt, encrypt, token_hash
from models.session import engine_session

SECONDS = 600

_START = """
INSERT INTO oauth_states (state_hash, org_id, user_id, vendor, verifier_encrypted, redirect_uri, expires_at)
VALUES (:hash, :org, :user, :vendor, :verifier, :redirect, clock_timestamp() + make_interval(secs => :seconds))
"""
_SWEEP = "DELETE FROM oauth_states WHERE expires_at < clock_timestamp()"
_TAKE = """
DELETE FROM oauth_states WHERE state_hash = :hash AND vendor = :vendor
RETURNING org_id, user_id, verifier_encrypted, redirect_uri, expires_at > clock_timestamp() AS fresh
"""


@dataclass(frozen=True)
class Consent:
    """state goes to the vendor, binding stays in a cookie; only the two together find the row again."""

    state: str
    binding: str
    challenge: str


@dataclass(frozen=True)
class Taken:
    org_id: uuid.UUID
    user_id: uuid.UUID
    verifier: str
    redirect_uri: str


def start(session: Session, *, org_id: uuid.UUID, user_id: uuid.UUID, vendor: str, redirect_uri: str) -> Consent:
    """Remember a consent that is about to be asked for."""
    state, binding, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    session.execute(text(_SWEEP))
    values = {"hash": _hash(state, binding), "org": org_id, "user": user_id, "vendor": vendor, "redirect": redirect_uri}
    session.execute(text(_START), {**values, "verifier": encrypt(verifier), "seconds": SECONDS})
    digest = hashlib.sha256(verifier.encode()).digest()
    return Consent(state, binding, base64.urlsafe_b64encode(digest).decode().rstrip("="))


def take(vendor: str, state: str, binding: str) -> Taken | None:
    """The consent, which is used up by this; None when it is unknown, used, late or another browser's."""
    with engine_session() as session:
        row = session.execute(text(_TAKE), {"hash": _hash(state, binding), "vendor": vendor}).one_or_none()
    if row is None or not row.fresh:
        return None
    return Taken(row.org_id, row.user_id, decrypt(row.verifier_encrypted), row.redirect_uri)


def _hash(state: str, binding: str) -> str:
    return token_hash(f"{state}:{binding}")
