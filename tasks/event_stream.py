"""An organisation's journeys out of Postgres: every event of known people in order, streamed in a fixed binary form.

COPY ... TO STDOUT keeps the client's memory at one chunk, and rows of fixed width become arrays without a loop.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    import numpy as np

CHUNK_ROWS = 200_000
NO_CHANNEL, NO_CAMPAIGN, OTHERS = "(no channel)", "(no campaign)", "(others)"
MOST_LABELS = 200  # anybody's page can name a channel, and models solve a system for each: past these they are `OTHERS`

_LABELS = """
SELECT channel, campaign FROM (
    SELECT channel, campaign, row_number() OVER (PARTITION BY grouping(channel) ORDER BY count(*) DESC, channel, campaign) AS place
    FROM (
        SELECT coalesce(channel, :no_channel) AS channel, coalesce(campaign_id::text, :no_campaign) AS campaign FROM events
        WHERE org_id = :org AND occurred_at >= :since AND occurred_at < :until AND (channel IS NOT NULL OR campaign_id IS NOT NULL)
    ) named GROUP BY GROUPING SETS ((channel), (campaign))
) ranked WHERE place <= :most + 1
"""
# Without a number of its own a label is the last one's, which is `OTHERS` wherever there are any.
_MAPPED = """
FROM events e JOIN identity_keys k ON k.id = e.identity_key_id
LEFT JOIN unnest(%(channels)s::text[]) WITH ORDINALITY AS c(label, n) ON c.label = coalesce(e.channel, %(no_channel)s)
LEFT JOIN unnest(%(campaigns)s::text[]) WITH ORDINALITY AS g(label, n) ON g.label = coalesce(e.campaign_id::text, %(no_campaign)s)
"""
_STREAM = f"""
COPY (
    SELECT k.person_id, (extract(epoch FROM e.occurred_at) * 1000)::int8,
           CASE WHEN e.kind = 'conversion' AND e.channel IS NULL THEN -1 ELSE coalesce(c.n, %(last_channel)s) - 1 END::int4,
           CASE WHEN e.kind = 'conversion' AND e.campaign_id IS NULL THEN -1 ELSE coalesce(g.n, %(last_campaign)s) - 1 END::int4,
           (e.kind = 'conversion')::int4,
           CASE WHEN e.currency = %(currency)s THEN coalesce(e.value, 0) ELSE 0 END::float8
    {_MAPPED}
    WHERE e.org_id = %(org)s AND e.occurred_at >= %(since)s AND e.occurred_at < %(until)s
    AND ((e.kind = 'touchpoint' AND (e.channel IS NOT NULL OR e.campaign_id IS NOT NULL))
         OR (e.kind = 'conversion' AND (%(names)s::text[] IS NULL OR e.name = ANY(%(names)s::text[]))))
    ORDER BY k.person_id, e.occurred_at, e.kind DESC
) TO STDOUT (FORMAT binary)
"""
_NOBODY = """
SELECT channel, campaign_id::text AS campaign, count(*) AS conversions,
       coalesce(sum(value) FILTER (WHERE currency = :currency), 0)::float8 AS revenue
FROM events WHERE org_id = :org AND kind = 'conversion' AND identity_key_id IS NULL
AND occurred_at >= :from AND occurred_at < :until AND (CAST(:names AS text[]) IS NULL OR name = ANY(CAST(:names AS text[])))
GROUP BY 1, 2
"""
# A sort of millions of rows, and a client that computes while the server waits.
_PATIENT = "SET LOCAL work_mem = '128MB'; SET LOCAL idle_in_transaction_session_timeout = '10min'"
_HEADER = 19  # signature, flags, length of the extension
_FIELDS = (("person", ">i8"), ("at", ">i8"), ("channel", ">i4"), ("campaign", ">i4"), ("converts", ">i4"), ("value", ">f8"))


@dataclass(frozen=True)
class Window:
    """since: of touchpoints, begin: of conversions, until: of both (not included)."""

    since: datetime
    begin: datetime
    until: datetime


class _Rows:
    """What COPY writes to: whole rows go on as one array, a chunk at a time."""

    def __init__(self, on_rows: Callable[[np.ndarray[Any, Any]], None]) -> None:
        import numpy

        lengths = [(f"length_{name}", ">i4") for name, _ in _FIELDS]
        self._type = numpy.dtype([("fields", ">i2"), *(part for pair in zip(lengths, _FIELDS, strict=True) for part in pair)])
        self._parse = numpy.frombuffer
        self._on_rows = on_rows
        self._held = bytearray()
        self._head = _HEADER

    def write(self, data: bytes) -> int:
        self._held += data
        if self._head and len(self._held) >= self._head:
            del self._held[: self._head]
            self._head = 0
        if len(self._held) >= CHUNK_ROWS * self._type.itemsize:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Hand on the whole rows; the trailer of two bytes is none."""
        whole = len(self._held) // self._type.itemsize
        rows = bytes(self._held[: whole * self._type.itemsize])
        del self._held[: whole * self._type.itemsize]
        if whole:
            self._on_rows(self._parse(rows, dtype=self._type))


def labels(session: Session, org_id: uuid.UUID | str, window: Window) -> tuple[list[str], list[str]]:
    """The channels and the campaigns (ids) that the window's events name, sorted; of many the commonest, and `OTHERS` at the end."""
    values = {"org": org_id, "since": window.since, "until": window.until, "no_channel": NO_CHANNEL, "no_campaign": NO_CAMPAIGN}
    rows = session.execute(text(_LABELS), {**values, "most": MOST_LABELS}).all()
    return _kept([row.channel for row in rows if row.channel is not None]), _kept(
        [row.campaign for row in rows if row.campaign is not None]
    )


def _kept(found: list[str]) -> list[str]:
    """found: the commonest first."""
    return sorted(found) if len(found) <= MOST_LABELS else [*sorted(set(found[: MOST_LABELS - 1]) - {OTHERS}), OTHERS]


def stream(
    session: Session,
    org_id: uuid.UUID | str,
    window: Window,
    *,
    channels: Sequence[str],
    campaigns: Sequence[str],
    currency: str,
    names: Sequence[str] | None,
    on_rows: Callable[[np.ndarray[Any, Any]], None],
) -> None:
    """Call on_rows with arrays of the fields person, at (ms), channel, campaign (-1: a conversion that names none), converts, value.

    Rows come by person and time, a touchpoint before a conversion of the same moment. What on_rows raises ends it.
    """
    values = {
        "org": str(org_id),
        "since": window.since,
        "until": window.until,
        "currency": currency,
        "names": list(names) if names else None,
        "channels": list(channels),
        "campaigns": list(campaigns),
        "no_channel": NO_CHANNEL,
        "no_campaign": NO_CAMPAIGN,
        "last_channel": len(channels),
        "last_campaign": len(campaigns),
    }
    session.execute(text(_PATIENT))
    rows = _Rows(on_rows)
    cursor: Any = session.connection().connection.cursor()  # psycopg2's own: SQLAlchemy has no words for COPY
    cursor.copy_expert(cursor.mogrify(_STREAM, values), rows)
    rows.flush()


def of_nobody(session: Session, org_id: uuid.UUID | str, window: Window, *, currency: str, names: Sequence[str] | None) -> Sequence[Any]:
    """Conversions of people who are unknown or refused: channel, campaign, conversions, revenue."""
    values = {"org": org_id, "from": window.begin, "until": window.until, "currency": currency, "names": list(names) if names else None}
    return session.execute(text(_NOBODY), values).all()
