"""Guessing passwords: counted per account in Postgres, since Redis may be flushed."""

from __future__ import annotations

import uuid

from core.errors import TooManyRequests
from core.settings import get_settings
from models.session import engine_statement

# Counted before the password is looked at: a hundred guesses at once are a hundred attempts.
_ATTEMPT = """
UPDATE users SET
    failed_logins = CASE WHEN failed_logins + 1 >= :most THEN 0 ELSE failed_logins + 1 END,
    locked_until = CASE WHEN failed_logins + 1 >= :most THEN clock_timestamp() + make_interval(mins => :minutes) END
WHERE id = :user AND (locked_until IS NULL OR locked_until < clock_timestamp())
RETURNING id
"""
_LEFT = "SELECT greatest(1, extract(epoch FROM locked_until - clock_timestamp())) AS seconds FROM users WHERE id = :user"


def count_attempt(user_id: uuid.UUID) -> None:
    """Count a login attempt of an account. Raises TooManyRequests while it is locked."""
    settings = get_settings()
    values = {"user": user_id, "most": settings.login_attempts, "minutes": settings.login_lock_minutes}
    if not engine_statement(_ATTEMPT, values):
        seconds = float(engine_statement(_LEFT, {"user": user_id})[0].seconds or 1)
        raise locked(seconds)


def locked(seconds: float) -> TooManyRequests:
    return TooManyRequests(
        f"Too many failed logins: this account is locked for {round(seconds)} s more",
        hint="Wait, then log in with the right password.",
        retry_after=seconds,
    )


def forget_attempts(user_id: uuid.UUID) -> None:
    """After a right password: earlier failures do not count any more."""
    engine_statement("UPDATE users SET failed_logins = 0, locked_until = NULL WHERE id = :user", {"user": user_id})
