"""A sales history whose truth is known, as a request of `mmm.fit`."""

from __future__ import annotations

from typing import Any

from pipelines.mmm.market import Market
from pipelines.mmm.worlds import world

TRUTH = world(4, channels=3, weeks=104)


def csv_of(market: Market) -> str:
    """Wide, a row a week."""
    lines = [",".join(["date", "revenue", *market.channels])]
    for n, day in enumerate(market.dates):
        lines.append(",".join([day.isoformat(), *(repr(float(x)) for x in (market.outcome[0, n], *market.spend[0, n]))]))
    return "\n".join(lines)


def request(**changes: Any) -> dict[str, Any]:
    sampling = {"chains": 2, "draws": 200, "tune": 250}
    return {"csv": csv_of(TRUTH.market), "model": {"yearly": 2}, "sampling": sampling, **changes}
