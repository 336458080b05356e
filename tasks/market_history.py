"""What was spent on each channel and what came of it, day by day or week by week: the input of marketing mix models."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import InvalidInput, NotFound
from models import Organization

_SPEND = """
SELECT date AS day, channel, currency, sum(spend)::float8 AS amount FROM daily_metrics
WHERE org_id = :org AND date BETWEEN :start AND :end AND spend <> 0 GROUP BY date, channel, currency
"""
_OUTCOME = """
SELECT (occurred_at AT TIME ZONE :zone)::date AS day, currency, count(*) AS conversions, coalesce(sum(value), 0)::float8 AS revenue
FROM events WHERE org_id = :org AND kind = 'conversion'
AND occurred_at >= (CAST(:start AS timestamp) AT TIME ZONE :zone) AND occurred_at < (CAST(:after AS timestamp) AT TIME ZONE :zone)
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class MarketHistory:
    """T periods without gaps and C channels with any spend, sorted by name. Weeks are whole, from Monday to Sunday."""

    dates: list[date]  # [T] the first day of each
    channels: list[str]  # [C]
    spend: list[list[float]]  # [T][C] in `currency`
    outcome: list[float]  # [T] revenue in `currency`, or the number of conversions
    currency: str


def market_history(
    session: Session,
    org_id: uuid.UUID | str,
    start: date,
    end: date,
    *,
    grain: Literal["week", "day"] = "week",
    outcome: Literal["revenue", "conversions"] = "revenue",
) -> MarketHistory:
    """The organisation's history from `start` to `end`, both included, in days of its zone; of weeks, those that lie in it whole.

    Without days and weeks that are not over: their outcome is still to come, and would look like spend that brought nothing.
    Raises InvalidInput for a period without a whole week, and for money in another currency than the organisation's.
    """
    organization = session.get(Organization, org_id)
    if organization is None:
        raise NotFound(f"There is no organisation {org_id}")
    yesterday = datetime.now(ZoneInfo(organization.zone)).date() - timedelta(days=1)
    dates = _periods(start, min(end, yesterday), grain)
    last = dates[-1] + timedelta(days=6 if grain == "week" else 0)
    values = {"org": org_id, "start": dates[0], "end": last, "after": last + timedelta(days=1), "zone": organization.zone}
    spent, earned = session.execute(text(_SPEND), values).all(), session.execute(text(_OUTCOME), values).all()
    _check_currency(organization.currency, spent, earned if outcome == "revenue" else ())
    return MarketHistory(dates, *_spread(dates, spent, grain), _sums(dates, earned, outcome, grain), organization.currency)


def _periods(start: date, end: date, grain: str) -> list[date]:
    step = 7 if grain == "week" else 1
    first = start + timedelta(days=-start.weekday() % 7) if grain == "week" else start
    count = ((end - first).days + 1) // step
    if count < 1:
        detail = f"From {start} to {end} there is no whole {grain} that is over"
        raise InvalidInput(detail, errors=[{"pointer": "/end", "detail": f"there is no whole {grain} before it"}])
    return [first + timedelta(days=step * n) for n in range(count)]


def _check_currency(wanted: str, *tables: Iterable[Any]) -> None:
    found = {row.currency for rows in tables for row in rows if row.currency} - {wanted}
    if found:
        raise InvalidInput(
            f"The period holds money in {', '.join(sorted(found))} beside {wanted}: a model needs one currency",
            hint=f"Import those figures in {wanted}, or choose a period without them.",
        )


def _period_of(day: date, grain: str) -> date:
    return day - timedelta(days=day.weekday()) if grain == "week" else day


def _spread(dates: list[date], rows: Iterable[Any], grain: str) -> tuple[list[str], list[list[float]]]:
    sums: dict[tuple[date, str], float] = defaultdict(float)
    for row in rows:
        sums[_period_of(row.day, grain), row.channel] += row.amount
    channels = sorted({channel for _, channel in sums})
    return channels, [[sums.get((day, channel), 0.0) for channel in channels] for day in dates]


def _sums(dates: list[date], rows: Iterable[Any], outcome: str, grain: str) -> list[float]:
    sums: dict[date, float] = defaultdict(float)
    for row in rows:
        sums[_period_of(row.day, grain)] += float(getattr(row, outcome))
    return [sums.get(day, 0.0) for day in dates]
