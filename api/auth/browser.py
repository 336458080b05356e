"""The login of a browser: a signed HttpOnly cookie around a refresh token that is looked up, never rotated.

The cookie counts only where no Authorization header is sent, and on methods that change something only together with
the token of `csrf_token`, in the header X-CSRF-Token or the form field csrf_token. docs/decisions/0004 says why.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, request
from itsdangerous import BadSignature, URLSafeSerializer

from api import audit
from api.auth.caller import Caller
from api.auth.schemas import Session
from core.crypto import sign, token_hash
from core.errors import Forbidden
from core.settings import get_settings
from models.session import engine_statement

COOKIE = "drumbeat_session"
VISIT = "drumbeat_visit"  # binds the forms of a browser that is not logged in yet
HEADER = "X-CSRF-Token"
FIELD = "csrf_token"

_SESSION = """
SELECT f.id, f.org_id, f.user_id, f.family, f.expires_at, m.role, u.email, u.name, o.name AS organization
FROM refresh_tokens f
JOIN memberships m ON m.org_id = f.org_id AND m.user_id = f.user_id
JOIN users u ON u.id = f.user_id
JOIN organizations o ON o.id = f.org_id
WHERE f.token_hash = :hash AND f.used_at IS NULL AND f.revoked_at IS NULL AND f.expires_at > clock_timestamp()
"""


def caller_by_cookie() -> Caller | None:
    """Who the request's cookie stands for, asked of the database. Raises Forbidden for a change without the CSRF token."""
    if "Authorization" in request.headers or not (opened := _opened()):
        return None
    rows = engine_statement(_SESSION, {"hash": token_hash(opened[1])})
    if not rows:
        return None
    row = rows[0]
    if request.method in audit.UNSAFE:
        audit.blame(row.org_id, row.user_id, request.path)
        check_csrf()
    recheck = datetime.now(UTC) + timedelta(minutes=get_settings().access_token_minutes)  # a stream ends then and asks again
    return Caller(
        user_id=row.user_id,
        org_id=row.org_id,
        role=row.role,
        email=row.email,
        name=row.name,
        organization=row.organization,
        family=row.family,
        jti=str(row.id),
        expires_at=min(row.expires_at, recheck),
    )


def signed_user() -> str | None:
    """The user id of the request's cookie if its signature holds, without asking the database."""
    opened = _opened()
    return opened[0] if opened else None


def remember(response: Response, session: Session) -> None:
    """Log the browser in."""
    cookie = _serializer().dumps([str(session.user.id), session.refresh_token])
    _set(response, COOKIE, cookie, max_age=get_settings().refresh_token_days * 86400)
    response.delete_cookie(VISIT)


def forget(response: Response) -> None:
    """Log the browser out; the session itself is ended by `api.auth.views.logout`."""
    response.delete_cookie(COOKIE)


def begin_visit() -> str:
    """The binding of a browser without a login: the one it has, or a new one."""
    return request.cookies.get(VISIT) or secrets.token_urlsafe(24)


def keep_visit(response: Response, visit: str) -> None:
    _set(response, VISIT, visit, max_age=None)


def csrf_token(binding: str = "") -> str:
    """What a form must send back; worthless without the cookie it was made for."""
    return sign(binding or _binding(), "csrf")


def check_csrf() -> None:
    """Raises Forbidden unless the request carries the token made for its own cookie."""
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not _binding() or not hmac.compare_digest(given.encode(), csrf_token().encode()):
        raise Forbidden(
            "The request does not carry this browser's CSRF token", hint="Reload the page and try again; programs send a bearer token."
        )


def _binding() -> str:
    return request.cookies.get(COOKIE) or request.cookies.get(VISIT) or ""


def _opened() -> tuple[str, str] | None:
    """(user id, refresh token) of a cookie that we signed."""
    try:
        user, token = _serializer().loads(request.cookies.get(COOKIE, ""))
        return str(uuid.UUID(user)), str(token)
    except (BadSignature, ValueError, TypeError):
        return None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(get_settings().secret_key.get_secret_value(), salt=COOKIE)


def _set(response: Response, name: str, value: str, **more: Any) -> None:
    secure = get_settings().public_url.startswith("https://")
    response.set_cookie(name, value, httponly=True, samesite="Lax", secure=secure, **more)
