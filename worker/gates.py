"""Vendors' rate limits, shared by every worker of every pool."""

from __future__ import annotations

from sqlalchemy import text

from models.session import org_session
from worker.outcomes import Paused, Snooze

_DEFAULT_PAUSE_SECONDS = 30.0
_LONGEST_PAUSE_SECONDS = 24 * 3600.0

_CLOSE = """
INSERT INTO vendor_gates (org_id, vendor, closed_until)
VALUES (:org, :vendor, clock_timestamp() + :seconds * interval '1 second')
ON CONFLICT (org_id, vendor) DO UPDATE SET closed_until = greatest(vendor_gates.closed_until, excluded.closed_until)
"""
_CLOSED = """
SELECT extract(epoch FROM closed_until - clock_timestamp())::float8 AS seconds, to_char(closed_until AT TIME ZONE 'UTC', 'HH24:MI:SS') AS at
FROM vendor_gates WHERE org_id = :org AND vendor = :vendor AND closed_until > clock_timestamp()
"""


def close(org_id: str, vendor: str, seconds: float | None) -> float:
    """No call of this organisation to the vendor for `seconds` (None: half a minute); the seconds."""
    pause = min(seconds or _DEFAULT_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS)
    with org_session(org_id) as session:
        session.execute(text(_CLOSE), {"org": org_id, "vendor": vendor, "seconds": pause})
    return pause


def pass_or_snooze(org_id: str, vendor: str) -> None:
    """Ends the step's body with a Snooze while the vendor's gate is closed; no attempt is used."""
    with org_session(org_id) as session:
        closed = session.execute(text(_CLOSED), {"org": org_id, "vendor": vendor}).first()
    if closed:
        raise Paused(Snooze(closed.seconds + 0.1, f"rate limit of {vendor} until {closed.at} UTC"))
