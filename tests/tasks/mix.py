"""A sales history whose truth is known, as a request of `mmm.fit`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from pipelines.mmm.market import Market
from pipelines.mmm.worlds import world

TRUTH = world(4, channels=3, weeks=104)


def csv_of(market: Market) -> str:
    """Wide, a row a week."""
    lines = [",".join(["date", "revenue", *market.channels])]
    for n, day in enumerate(market.dates):
        lines.append(",".join([day.isoformat(), *(repr(float(x)) for x in (market.outcome[0, n], *market.spend[0, n]))]))
    return "\n".join(lines)


def long_csv(markets: dict[str, Market]) -> str:
    """Long, a row a week, geo and channel; the revenue stands in the first channel's row."""
    lines = ["date,geo,channel,spend,revenue"]
    for geo, market in markets.items():
        for n, day in enumerate(market.dates):
            for c, channel in enumerate(market.channels):
                revenue = repr(float(market.outcome[0, n])) if c == 0 else ""
                lines.append(f"{day},{geo},{channel},{float(market.spend[0, n, c])!r},{revenue}")
    return "\n".join(lines)


def daily_rows(days: int, last: date) -> list[dict[str, Any]]:
    """A row a day that ends with `last`; on Saturdays and Sundays a third more is sold."""
    draw = np.random.default_rng(3)
    search, social = draw.gamma(2.0, 50.0, days), draw.gamma(2.0, 40.0, days) * (draw.random(days) < 0.7)
    rows = []
    for n in range(days):
        day = last - timedelta(days=days - 1 - n)
        sold = (1000 + 3 * search[n] + 2 * social[n]) * (4 / 3 if day.weekday() >= 5 else 1) + draw.normal(0, 30)
        rows.append({"date": day.isoformat(), "revenue": float(sold), "search": float(search[n]), "social": float(social[n])})
    return rows


def request(**changes: Any) -> dict[str, Any]:
    sampling = {"chains": 2, "draws": 200, "tune": 250}
    return {"csv": csv_of(TRUTH.market), "model": {"yearly": 2}, "sampling": sampling, **changes}
