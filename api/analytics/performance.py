"""/v1/analytics/performance: what was spent, what was seen, what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response
from sqlalchemy import func, select

from api.analytics.figures import Wanted, figures, other_money
from api.analytics.schemas import FIGURES, Compared, FiguresOut, OtherMoney, Performance, PerformanceQuery, PerformanceRow
from api.auth.caller import caller
from api.csv_answer import csv_response
from api.openapi import Routes
from api.validation import checked
from models import Campaign, Organization, Post
from models.session import org_session
from pipelines.analytics.performance import OTHERS, Figures, by_day, earlier, ranked, total, year_before

routes = Routes("analytics", "/v1/analytics", "Performance and attribution")

MOST_ROWS = 500
NOT_ASSIGNED = "not assigned"


@routes.on("GET", "/performance", answers=Performance)
def performance(query: PerformanceQuery) -> Performance | Response:
    """Spend, impressions, clicks, visits, conversions and revenue, and their ratios. The totals are the sum of the rows."""
    found = performance_of(query)
    return _as_csv(found) if query.format == "csv" else found


def performance_of(query: PerformanceQuery) -> Performance:
    """The answer of the route, for its page too. Postgres is asked first and the arithmetic done afterwards, outside its transaction."""
    wanted = _wanted(query)
    past = earlier(wanted.start, wanted.end, query.compare) if query.compare != "none" else None
    compared = Wanted(**{**vars(wanted), "start": past[0], "end": past[1]}) if past else None
    with org_session(caller().org_id) as session:
        found = figures(session, wanted, query.by)
        before = figures(session, compared, query.by) if compared else {}
        others = other_money(session, wanted)
    rows = by_day(found, wanted.start, wanted.end) if query.by == "day" else ranked(found, MOST_ROWS)
    labels = _labels(query.by, rows)
    return Performance(
        by=query.by,
        start=wanted.start,
        end=wanted.end,
        zone=wanted.zone,
        currency=wanted.currency,
        rows=_shown(rows, labels, _aligned(rows, before, query.by, query.compare, compared) if compared else None),
        totals=FiguresOut.model_validate(total(rows.values())),
        compared=_compared(compared, before) if compared else None,
        not_converted=[OtherMoney.model_validate(row) for row in others],
    )


def _wanted(query: PerformanceQuery) -> Wanted:
    with org_session(caller().org_id) as session:
        organization = session.get_one(Organization, caller().org_id)
        now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    start, end = query.days(now.astimezone(ZoneInfo(organization.zone)).date())
    query = checked(PerformanceQuery, {**query.model_dump(), "start": start, "end": end}, "/query")
    channel = None if query.channel is None else query.channel.strip().lower()  # as events and imports keep them
    return Wanted(caller().org_id, start, end, organization.zone, organization.currency, channel, query.campaign_id)


def _compared(period: Wanted, before: dict[str | None, Figures]) -> Compared:
    return Compared(start=period.start, end=period.end, totals=FiguresOut.model_validate(total(before.values())))


def _aligned(
    rows: dict[str | None, Figures], before: dict[str | None, Figures], by: str, compare: str, compared: Wanted
) -> dict[str | None, Figures]:
    """The earlier figures under the keys of now; days by their place in the period, of a year before by their date."""
    if by == "day" and compare == "year":
        left = dict(before)  # 28 February comes before the 29th, which has no such day
        return {key: left.pop(year_before(date.fromisoformat(str(key))).isoformat(), Figures()) for key in rows}
    if by == "day":
        return dict(zip(rows, by_day(before, compared.start, compared.end).values(), strict=False))
    rest = total(figures for key, figures in before.items() if key is not None and key not in rows)
    return {key: rest if key == OTHERS else before.get(key, Figures()) for key in rows}


def _shown(rows: dict[str | None, Figures], labels: dict[str, str], before: dict[str | None, Figures] | None) -> list[PerformanceRow]:
    return [
        PerformanceRow(
            key=key,
            label=NOT_ASSIGNED if key is None else labels.get(key, key),
            before=FiguresOut.model_validate(before.get(key, Figures())) if before is not None else None,
            **FiguresOut.model_validate(row).model_dump(),
        )
        for key, row in rows.items()
    ]


def _labels(by: str, keys: Iterable[str | None]) -> dict[str, str]:
    """What people call a campaign or a post; one that was deleted is only its id."""
    ids = [uuid.UUID(key) for key in keys if key and key != OTHERS] if by in ("campaign", "post") else []
    table: Any = Campaign if by == "campaign" else Post
    column = Campaign.name if by == "campaign" else func.left(Post.text, 80)
    named: dict[str, str] = {}
    if ids:
        with org_session(caller().org_id) as session:
            named = {str(row[0]): row[1] for row in session.execute(select(table.id, column).where(table.id.in_(ids)))}
    return {str(key): named.get(str(key), f"deleted {by} {key}") for key in ids} | {OTHERS: "others"}


def _as_csv(found: Performance) -> Response:
    names = [*FIGURES, *(f"{name}_before" for name in FIGURES)] if found.compared else list(FIGURES)
    lines = [
        [row.key if row.key is not None else NOT_ASSIGNED, row.label, *_cells(row), *(_cells(row.before) if row.before else [])]
        for row in found.rows
    ]
    totals = ["total", "", *_cells(found.totals), *(_cells(found.compared.totals) if found.compared else [])]
    return csv_response(f"performance-{found.start}-{found.end}.csv", [found.by, "label", *names], [*lines, totals])


def _cells(row: FiguresOut) -> list[Any]:
    return [getattr(row, name) for name in FIGURES]
