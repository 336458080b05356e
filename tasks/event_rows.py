"""Rows of checked events: by COPY into a temporary table, and from there, once each, into their months."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.session import org_session
from pipelines.analytics.events import CleanEvent, json_text, without_identity

# COPY is refused under row-level security. The table is the connection's own and emptied by every commit, so that it is made
# once a connection: one a batch would leave some forty dead rows in the catalogue each time.
_TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_events (
    event_id text, occurred_at timestamptz, kind text, name text, identity_key_id bigint, channel text, campaign_id uuid,
    post_id uuid, value numeric, currency text, properties jsonb, skew_seconds float8
) ON COMMIT DELETE ROWS
"""
_COPY = "COPY pg_temp.incoming_events FROM STDIN"
_CHUNK = 1 << 18
# One statement: the unpartitioned key says which events are new, and only those go into the months. In the order of the
# keys, so that two batches with the same events wait for each other in one direction only.
_INSERT = """
WITH fresh AS (
    INSERT INTO event_keys (org_id, event_id, occurred_at) SELECT :org, event_id, occurred_at FROM pg_temp.incoming_events ORDER BY event_id
    ON CONFLICT DO NOTHING RETURNING event_id
)
INSERT INTO events (org_id, event_id, occurred_at, received_at, kind, name, identity_key_id, channel, campaign_id, post_id, value,
                    currency, properties, skew_seconds)
SELECT :org, event_id, occurred_at, :received_at, kind, name, identity_key_id, channel, campaign_id, post_id, value,
       currency, properties, skew_seconds
FROM pg_temp.incoming_events JOIN fresh USING (event_id) ORDER BY occurred_at
"""
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
_NULL = r"\N"

_months: set[date] = set()  # known to have their partition


def line(event: CleanEvent, identity_key_id: int | None, currency: str) -> str:
    """The event in COPY's text format. currency: of a value that names none."""
    is_told = identity_key_id is not None or not event.keys
    properties = json_text(event.properties if is_told else without_identity(event))
    money = "\\N\t\\N" if event.value is None else f"{event.value}\t{event.currency or currency}"
    event_id, name, channel = event.event_id, event.name, event.channel
    texts = f"{event_id}{name}{channel}{properties}"
    if "\\" in texts or not texts.isprintable():
        event_id, name, properties = event_id.translate(_ESCAPES), name.translate(_ESCAPES), properties.translate(_ESCAPES)
        channel = channel.translate(_ESCAPES) if channel else None
    return (
        f"{event_id}\t{event.occurred_at}\t{event.kind}\t{name}\t{identity_key_id or _NULL}\t{channel or _NULL}\t"
        f"{event.campaign_id or _NULL}\t{event.post_id or _NULL}\t{money}\t{properties}\t{event.skew_seconds or _NULL}\n"
    )


def store(org_id: uuid.UUID | str, lines: Sequence[str], received_at: datetime) -> int:
    """How many were new; those are stored, all or none. Their months must be there. May run twice."""
    with org_session(org_id) as session:
        session.execute(text(_TABLE))
        _copy(session, "".join(lines))
        return int(session.execute(text(_INSERT), {"org": org_id, "received_at": received_at}).rowcount)  # type: ignore[attr-defined]


def _copy(session: Session, lines: str) -> None:
    cursor: Any = session.connection().connection.cursor()
    with cursor:
        cursor.copy_expert(_COPY, io.StringIO(lines), _CHUNK)


def add_months(org_id: uuid.UUID | str, moments: Iterable[datetime]) -> None:
    """Make the partitions of these times (UTC), and of the month after each, where they are missing."""
    months = {(moment.year, moment.month) for moment in moments}
    wanted = {month for first in (date(*month, 1) for month in months) for month in (first, (first + timedelta(days=31)).replace(day=1))}
    if missing := wanted - _months:
        with org_session(org_id) as session:
            for month in sorted(missing):
                session.execute(text("SELECT add_event_months(:month, :month)"), {"month": month})
        _months.update(missing)
