"""/analytics: performance, and attribution side by side."""

from __future__ import annotations

from typing import Any

from flask import url_for

from api import organization
from api.analytics import attribution as attribution_api
from api.analytics.performance import performance_of
from api.analytics.schemas import Attribution, AttributionQuery, Performance, PerformanceQuery
from api.pages.frame import queried, routes, show
from core.errors import NotFound

RATIOS = ("ctr", "cvr")
BARS = 15  # of the longest lists; the table has them all
HEADINGS = ("Spend", "Impressions", "Clicks", "Visits", "Conversions", "Revenue", "CTR", "CVR", "CPA", "ROAS")


@routes.get("/analytics", endpoint="performance")
def performance() -> str:
    query = queried(PerformanceQuery, format="json")
    found = performance_of(query)
    return show(
        "performance.html",
        found=found,
        query=query,
        organization=organization.show(),
        figure=_by_day(found) if found.by == "day" else _bars(found),
        columns=[found.by.capitalize(), *HEADINGS],
        lines=[_line(row.label, row) for row in found.rows],
        total=_line("Total", found.totals),
        before=_line("Before", found.compared.totals) if found.compared else None,
        is_empty=not any(float(cell or 0) for cell in _line("", found.totals)[1:]),
        csv=_csv(query, found),
    )


def _csv(query: PerformanceQuery, found: Performance) -> str:
    chosen: Any = query.model_dump(exclude_none=True) | {"start": found.start, "end": found.end, "format": "csv"}
    return url_for("analytics.performance", **chosen)


def _line(label: str, row: Any) -> list[Any]:
    """A row of the table: numbers as numbers, shares in percent."""
    counts = [float(row.spend), row.impressions, row.clicks, row.visits, row.conversions, float(row.revenue)]
    shares = [None if getattr(row, name) is None else round(100 * getattr(row, name), 2) for name in RATIOS]
    return [label, *counts, *shares, row.cpa, row.roas]


def _by_day(found: Performance) -> dict[str, Any]:
    days = [row.key for row in found.rows]

    def trace(name: str, values: list[float], **more: Any) -> dict[str, Any]:
        return {"type": "scatter", "mode": "lines", "name": name, "x": days, "y": values, **more}

    data = [
        trace("Revenue", [float(row.revenue) for row in found.rows]),
        trace("Spend", [float(row.spend) for row in found.rows]),
        trace("Conversions", [row.conversions for row in found.rows], yaxis="y2", line={"dash": "dot"}),
    ]
    if found.compared:
        before = [float(row.before.revenue) if row.before else 0.0 for row in found.rows]
        data.append(trace("Revenue before", before, line={"dash": "dash"}, opacity=0.6))
    right = {"title": {"text": "conversions"}, "overlaying": "y", "side": "right", "showgrid": False, "rangemode": "tozero"}
    return {"data": data, "layout": {"yaxis": {"title": {"text": found.currency}, "rangemode": "tozero"}, "yaxis2": right}}


def _bars(found: Performance) -> dict[str, Any]:
    rows = found.rows[:BARS]
    names = [row.label for row in rows]
    data: list[dict[str, Any]] = [
        {"type": "bar", "name": "Revenue", "x": names, "y": [float(row.revenue) for row in rows]},
        {"type": "bar", "name": "Spend", "x": names, "y": [float(row.spend) for row in rows]},
    ]
    if found.compared:
        before = [float(row.before.revenue) if row.before else 0.0 for row in rows]
        data.append({"type": "bar", "name": "Revenue before", "x": names, "y": before, "opacity": 0.6})
    return {"data": data, "layout": {"barmode": "group", "yaxis": {"title": {"text": found.currency}}}}


@routes.get("/analytics/attribution", endpoint="attribution")
def attribution() -> str:
    query = queried(AttributionQuery, format="json")
    try:
        found = attribution_api.attribution_for(query)
    except NotFound:
        if query.run_id:
            raise
        return show("attribution.html", found=None, query=query)
    return show(
        "attribution.html",
        found=found,
        query=query,
        figures=[("revenue", _models(found, "revenue")), ("conversions", _models(found, "conversions"))],
        beside=[[one.channel, one.source, one.says, one.figure, one.median, one.low, one.high] for one in found.beside],
        csv=url_for("analytics.attribution", run_id=found.run_id, by=found.by, format="csv"),
    )


def _models(found: Attribution, figure: str) -> dict[str, Any]:
    """The chart of one figure, with its table: a column a model, a line a channel, and what nobody earned."""
    rows, models = found.rows, list(found.models)
    names = [row.label for row in rows[:BARS]]
    bars = [{"type": "bar", "name": model, "x": names, "y": [getattr(row, figure)[model] for row in rows[:BARS]]} for model in models]
    lines = [[row.label, *(round(getattr(row, figure)[model], 2) for model in models)] for row in rows]
    total = ["Total", *[round(found.totals[figure], 2)] * len(models)]
    return {"figure": {"data": bars, "layout": {"barmode": "group"}}, "columns": [found.by.capitalize(), *models], "rows": [*lines, total]}
