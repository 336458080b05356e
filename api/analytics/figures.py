"""Figures out of the tables, by day, channel, campaign or post."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from pipelines.analytics.performance import Figures

LAST_TOUCH_DAYS = 30

_FILTER = "(CAST(:channel AS text) IS NULL OR f.channel = :channel) AND (CAST(:campaign AS uuid) IS NULL OR f.campaign_id = :campaign)"
_KEYS = {"day": "f.day::text", "channel": "f.channel", "campaign": "f.campaign_id::text", "post": "f.post_id::text"}
_IN_DAYS = """
e.occurred_at >= (CAST(:start AS timestamp) AT TIME ZONE :zone) AND e.occurred_at < (CAST(:after AS timestamp) AT TIME ZONE :zone)
"""
_METRICS = """
SELECT {key} AS key, coalesce(sum(f.spend) FILTER (WHERE f.currency = :currency), 0) AS spend,
       sum(f.impressions)::bigint AS impressions, sum(f.clicks)::bigint AS clicks
FROM (SELECT date AS day, * FROM daily_metrics WHERE org_id = :org AND date BETWEEN :start AND :end) f
WHERE {filter} GROUP BY 1
"""
_VISITS = """
SELECT {key} AS key, count(*) AS visits
FROM (SELECT (e.occurred_at AT TIME ZONE :zone)::date AS day, e.channel, e.campaign_id, e.post_id FROM events e
      WHERE e.org_id = :org AND {in_days} AND e.kind = 'touchpoint' AND e.channel IS NOT NULL) f
WHERE {filter} GROUP BY 1
"""
# A conversion that says nothing about where it came from is its person's last touchpoint's. Of two at the same moment always the
# same one is, or tables that are cut in other ways would have other sums.
_CONVERTED = """
    SELECT (e.occurred_at AT TIME ZONE :zone)::date AS day, e.value, e.currency, coalesce(e.channel, t.channel) AS channel,
           coalesce(e.campaign_id, t.campaign_id) AS campaign_id, coalesce(e.post_id, t.post_id) AS post_id
    FROM events e LEFT JOIN LATERAL (
        SELECT t.channel, t.campaign_id, t.post_id FROM identity_keys mine
        JOIN identity_keys k ON k.org_id = mine.org_id AND k.person_id = mine.person_id
        JOIN events t ON t.org_id = k.org_id AND t.identity_key_id = k.id
        WHERE mine.id = e.identity_key_id AND t.kind = 'touchpoint' AND t.channel IS NOT NULL
        AND t.occurred_at <= e.occurred_at AND t.occurred_at > e.occurred_at - make_interval(days => :touch_days)
        ORDER BY t.occurred_at DESC, t.event_id DESC LIMIT 1
    ) t ON e.channel IS NULL AND e.campaign_id IS NULL AND e.post_id IS NULL
    WHERE e.org_id = :org AND {in_days} AND e.kind = 'conversion'
"""
_CONVERSIONS = """
SELECT {key} AS key, count(*) AS conversions, coalesce(sum(f.value) FILTER (WHERE f.currency = :currency), 0) AS revenue
FROM ({conversions}) f WHERE {filter} GROUP BY 1
"""
# Whose a conversion is need not be looked up where every one counts on its day, whoever's it is: a tenth of the time.
_ANYBODYS = """
    SELECT (e.occurred_at AT TIME ZONE :zone)::date AS day, e.value, e.currency, e.channel, e.campaign_id FROM events e
    WHERE e.org_id = :org AND {in_days} AND e.kind = 'conversion'
"""
_OTHER_MONEY = f"""
SELECT f.currency, sum(f.spend) AS spend, sum(f.revenue) AS revenue FROM (
    SELECT currency, spend, 0 AS revenue, channel, campaign_id FROM daily_metrics WHERE org_id = :org AND date BETWEEN :start AND :end
    UNION ALL
    SELECT currency, 0, value, channel, campaign_id FROM ({_CONVERTED} AND e.value IS NOT NULL AND e.currency <> :currency) c
) f WHERE f.currency <> :currency AND {{filter}}
GROUP BY f.currency HAVING sum(f.spend) <> 0 OR sum(f.revenue) <> 0 ORDER BY f.currency
"""


@dataclass(frozen=True)
class Wanted:
    """A period of whole days in the organisation's zone, both ends included, and what of it."""

    org_id: uuid.UUID
    start: date
    end: date
    zone: str
    currency: str
    channel: str | None = None
    campaign_id: uuid.UUID | None = None

    def values(self) -> dict[str, Any]:
        """As the statements bind them."""
        return {
            "org": self.org_id,
            "start": self.start,
            "end": self.end,
            "after": self.end + timedelta(days=1),
            "zone": self.zone,
            "currency": self.currency,
            "channel": self.channel,
            "campaign": self.campaign_id,
            "touch_days": LAST_TOUCH_DAYS,
        }


def figures(session: Session, wanted: Wanted, by: str) -> dict[str | None, Figures]:
    """Figures by key; the key None is what cannot be assigned. Whatever `by` is, they sum to the same."""
    found: dict[str | None, dict[str, Any]] = defaultdict(dict)
    every = by == "day" and wanted.channel is None and wanted.campaign_id is None
    conversions = _CONVERSIONS.replace("{conversions}", _ANYBODYS if every else _CONVERTED)
    for statement in (_METRICS, _VISITS, conversions):
        query = statement.format(key=_KEYS[by], filter=_FILTER, in_days=_IN_DAYS)
        for row in session.execute(text(query), wanted.values()).mappings():
            found[row["key"]] |= {name: value for name, value in row.items() if name != "key"}
    return {key: Figures(**row) for key, row in found.items()}


def other_money(session: Session, wanted: Wanted) -> list[dict[str, str | Decimal]]:
    """What the period holds in other currencies, of the same channel and campaign, by currency."""
    rows = session.execute(text(_OTHER_MONEY.format(in_days=_IN_DAYS, filter=_FILTER)), wanted.values()).mappings()
    return [dict(row) for row in rows]
