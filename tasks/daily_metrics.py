"""Writing `daily_metrics`: what a source says about a day replaces what it said before, or is added to it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

_WRITE = """
INSERT INTO daily_metrics (id, org_id, date, channel, campaign_id, post_id, currency, spend, impressions, clicks, source, simulated)
SELECT gen_random_uuid(), :org, r.date, r.channel, r.campaign_id, r.post_id, r.currency, r.spend, r.impressions, r.clicks, :source,
       r.simulated
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    date date, channel text, campaign_id uuid, post_id uuid, currency text, spend numeric, impressions bigint, clicks bigint,
    simulated bool)
ON CONFLICT ON CONSTRAINT uq_daily_metrics_key DO UPDATE SET
    spend = excluded.spend + :kept * daily_metrics.spend, impressions = excluded.impressions + :kept * daily_metrics.impressions,
    clicks = excluded.clicks + :kept * daily_metrics.clicks, simulated = excluded.simulated, updated_at = clock_timestamp()
RETURNING (xmax = 0) AS is_new
"""


@dataclass(frozen=True)
class Figure:
    """One day of one channel, campaign and post."""

    date: date
    channel: str
    campaign_id: str | None
    post_id: str | None
    currency: str
    spend: Decimal = Decimal(0)
    impressions: int = 0
    clicks: int = 0
    simulated: bool = False


def replace_figures(session: Session, org_id: uuid.UUID | str, rows: Sequence[Figure], *, source: str) -> int:
    """Keep the rows in place of what this source said about the same; how many were new. May run twice."""
    return _write(session, org_id, rows, source, kept=0)


def add_figures(session: Session, org_id: uuid.UUID | str, rows: Sequence[Figure], *, source: str) -> int:
    """Add the rows to what this source said about the same; how many were new. Not twice."""
    return _write(session, org_id, rows, source, kept=1)


def _write(session: Session, org_id: uuid.UUID | str, rows: Sequence[Figure], source: str, kept: int) -> int:
    values = {"org": org_id, "source": source, "kept": kept, "rows": json.dumps([vars(row) for row in rows], default=str)}
    return sum(row.is_new for row in session.execute(text(_WRITE), values))
