"""Access tokens (short JWTs) and refresh tokens (random, rotating, in families)."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from flask import Flask, request
from flask_jwt_extended import JWTManager, create_access_token, decode_token, verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from sqlalchemy import text
from sqlalchemy.orm import Session

from api import audit
from api.auth.caller import Caller
from core.crypto import token_hash
from core.errors import Unauthenticated
from core.settings import get_settings
from models.session import engine_session, engine_statement

ALGORITHM = "HS256"

_CALLER = """
SELECT m.role, u.email, u.name, o.name AS organization,
       EXISTS (SELECT FROM revoked_tokens t WHERE t.jti = :jti)
       OR EXISTS (SELECT FROM refresh_tokens f WHERE f.family = CAST(:family AS uuid) AND f.revoked_at IS NOT NULL) AS ended
FROM memberships m JOIN users u ON u.id = m.user_id JOIN organizations o ON o.id = m.org_id
WHERE m.org_id = CAST(:org AS uuid) AND m.user_id = CAST(:user AS uuid)
"""
_ISSUE = """
INSERT INTO refresh_tokens (id, org_id, user_id, family, token_hash, expires_at)
VALUES (:id, :org, :user, :family, :hash, clock_timestamp() + make_interval(days => :days))
"""
_FORGET = "DELETE FROM refresh_tokens WHERE user_id = :user AND expires_at < clock_timestamp() - interval '1 day'"
# The whole family is asked: a token issued at the moment when its family was ended has no mark of its own.
_USE = """
UPDATE refresh_tokens t SET used_at = clock_timestamp()
WHERE token_hash = :hash AND used_at IS NULL AND revoked_at IS NULL AND expires_at > clock_timestamp()
  AND NOT EXISTS (SELECT FROM refresh_tokens f WHERE f.family = t.family AND f.revoked_at IS NOT NULL)
RETURNING org_id, user_id, family
"""
_REVOKE_REUSED = """
UPDATE refresh_tokens SET revoked_at = coalesce(revoked_at, clock_timestamp())
WHERE family = (SELECT family FROM refresh_tokens WHERE token_hash = :hash AND used_at IS NOT NULL)
RETURNING org_id, user_id
"""


def install(app: Flask) -> None:
    """Configure flask-jwt-extended: bearer header only, HS256 only."""
    settings = get_settings()
    app.config.update(
        JWT_SECRET_KEY=settings.secret_key.get_secret_value(),
        JWT_ALGORITHM=ALGORITHM,
        JWT_DECODE_ALGORITHMS=[ALGORITHM],
        JWT_ENCODE_ISSUER="drumbeat",
        JWT_DECODE_ISSUER="drumbeat",
        JWT_TOKEN_LOCATION=["headers"],
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(minutes=settings.access_token_minutes),
    )
    JWTManager(app)


def access_token(user_id: uuid.UUID, org_id: uuid.UUID, family: uuid.UUID) -> str:
    token: str = create_access_token(str(user_id), additional_claims={"org": str(org_id), "family": str(family)})
    return token


def authenticate() -> Caller:
    """The caller by this request's access token, checked against the denylist. Raises Unauthenticated, Unavailable."""
    claims = _claims()
    values = {"jti": claims["jti"], "family": claims["family"], "org": claims["org"], "user": claims["sub"]}
    rows = engine_statement(_CALLER, values)
    if rows and rows[0].ended:
        audit.blame(uuid.UUID(claims["org"]), uuid.UUID(claims["sub"]), request.path)
    if not rows or rows[0].ended:
        raise Unauthenticated("The access token has been ended by a logout or a change of membership", hint="Log in again.")
    row = rows[0]
    return Caller(
        user_id=uuid.UUID(claims["sub"]),
        org_id=uuid.UUID(claims["org"]),
        role=row.role,
        email=row.email,
        name=row.name,
        organization=row.organization,
        family=uuid.UUID(claims["family"]),
        jti=claims["jti"],
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def _claims() -> dict[str, Any]:
    try:
        found = verify_jwt_in_request()
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("The access token has expired", hint="POST /v1/auth/refresh with the refresh_token.") from None
    except JWTExtendedException as error:
        raise Unauthenticated(str(error), hint="Send Authorization: Bearer <access_token>.") from None
    except jwt.PyJWTError as error:
        raise Unauthenticated(f"The access token is not valid: {error}", hint="POST /v1/auth/login gives a new one.") from None
    claims = found[1] if found else {}
    if not {"sub", "org", "family", "jti", "exp"} <= claims.keys():
        raise Unauthenticated("The access token lacks claims", hint="POST /v1/auth/login gives a new one.")
    return claims


def signed_subject(token: str) -> str | None:
    """The user id of a token whose signature holds, without asking the database."""
    try:
        return str(decode_token(token)["sub"])
    except (jwt.PyJWTError, JWTExtendedException):
        return None


def issue_refresh(session: Session, user_id: uuid.UUID, org_id: uuid.UUID, family: uuid.UUID) -> str:
    """A new refresh token of the family; only its hash is stored."""
    session.execute(text(_FORGET), {"user": user_id})
    token = secrets.token_urlsafe(32)
    values = {"id": uuid.uuid4(), "org": org_id, "user": user_id, "family": family, "hash": token_hash(token)}
    session.execute(text(_ISSUE), {**values, "days": get_settings().refresh_token_days})
    return token


def use_refresh(session: Session, token: str) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID] | None:
    """(org, user, family) of a token that had not been used, which is now; one statement, so only one caller wins."""
    row = session.execute(text(_USE), {"hash": token_hash(token)}).one_or_none()
    return (row.org_id, row.user_id, row.family) if row else None


def revoke_reused(token: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """End the family of a token that was used before; (org, user) if there is one. Commits by itself."""
    with engine_session() as session:
        row = session.execute(text(_REVOKE_REUSED), {"hash": token_hash(token)}).first()
    return (row.org_id, row.user_id) if row else None


def revoke_family(session: Session, family: uuid.UUID) -> None:
    session.execute(
        text("UPDATE refresh_tokens SET revoked_at = clock_timestamp() WHERE family = :family AND revoked_at IS NULL"), {"family": family}
    )


def revoke_others(session: Session, user_id: uuid.UUID, keep: uuid.UUID) -> None:
    """End every login of a user but one."""
    statement = "UPDATE refresh_tokens SET revoked_at = clock_timestamp() WHERE user_id = :user AND family <> :keep AND revoked_at IS NULL"
    session.execute(text(statement), {"user": user_id, "keep": keep})


def deny(session: Session, who: Caller) -> None:
    """Put the caller's access token on the denylist until it would have expired, and sweep out the past."""
    session.execute(text("DELETE FROM revoked_tokens WHERE expires_at < clock_timestamp()"))
    session.execute(
        text("INSERT INTO revoked_tokens (jti, expires_at) VALUES (:jti, :until) ON CONFLICT DO NOTHING"),
        {"jti": who.jti, "until": who.expires_at},
    )
