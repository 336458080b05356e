"""Where a marketing mix model's history comes from: rows or CSV in the request, a document, or the platform's own records."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from core.errors import InvalidInput, NotFound
from core.params import Params
from models import Organization
from pipelines.mmm.columns import Columns
from tasks.asset_files import local_asset
from tasks.market_history import market_history
from worker.context import StepContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.mmm.market import Market
    from pipelines.mmm.table import Row

MOST_ROWS = 50_000
MOST_DAYS, LAST_YEAR = 20 * 366, 2100
MOST_CSV_BYTES = 50_000_000
SOURCES = ("rows", "csv", "asset_id", "own")


class OwnHistory(Params):
    """The organisation's own spend and outcome, as its metrics know them."""

    start: date
    end: date = Field(description="without what is not over yet")
    every: Literal["week", "day"] = Field(default="week", description="weeks are whole, from Monday to Sunday")
    outcome: Literal["revenue", "conversions"] = "revenue"

    @model_validator(mode="after")
    def _in_order(self) -> OwnHistory:
        if self.end < self.start:
            raise ValueError("end is before start")
        if (self.end - self.start).days > MOST_DAYS or self.end.year > LAST_YEAR:
            raise ValueError(f"end must be at most {MOST_DAYS} days after start, and not after {LAST_YEAR}")
        return self


class History(Params):
    """A sales history from exactly one of rows, csv, asset_id and own. `columns` says what the columns of the first three are."""

    rows: list[dict[str, float | str | None]] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_ROWS,
        description='one object a period, as {"date": "2026-01-05", "revenue": 52000, "search": 4000, "social": 2500}',
    )
    csv: str | None = Field(
        default=None,
        min_length=1,
        max_length=2_000_000,
        description="the same as CSV with a header: date, revenue and a column of spend a channel; or long: date, channel, spend, revenue",
    )
    asset_id: uuid.UUID | None = Field(default=None, description="a document that holds such a CSV")
    own: OwnHistory | None = Field(default=None, description="the platform's own records of spend and outcome")
    columns: Columns = Field(default_factory=Columns)
    outcome_name: str = Field(default="", max_length=60, description="what the outcome is called in reports; the column's name without it")
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="of the amounts, where no column says it; the organisation's without it"
    )

    @model_validator(mode="after")
    def _one_source(self) -> History:
        if sum(getattr(self, name) is not None for name in SOURCES) != 1:
            raise ValueError(f"give exactly one of {', '.join(SOURCES)}")
        return self

    @property
    def pointer(self) -> str:
        """Where faults of the history point."""
        return f"/params/{next(name for name in SOURCES if getattr(self, name) is not None)}"


def market_of(ctx: StepContext, history: History) -> tuple[Market, bool]:
    """The history, and whether it is simulated. Raises InvalidInput with every fault of the table."""
    from pipelines.mmm.table import read_market, rows_of_csv

    if history.own:
        return _own(ctx, history.own, history.outcome_name), False
    simulated = False
    if history.rows is not None:
        rows: Sequence[Row] = history.rows
    elif history.csv is not None:
        rows = rows_of_csv(history.csv, MOST_ROWS, at=history.pointer)
    else:
        text, simulated = _document(ctx, history)
        rows = rows_of_csv(text, MOST_ROWS, at=history.pointer)
    currency = history.currency or _organization(ctx).currency
    market = read_market(rows, history.columns, at=history.pointer, outcome_name=history.outcome_name, currency=currency)
    return market, simulated


def _organization(ctx: StepContext) -> Organization:
    with ctx.session() as session:
        return session.get_one(Organization, ctx.org_id)


def _own(ctx: StepContext, own: OwnHistory, outcome_name: str) -> Market:
    import numpy as np

    from pipelines.mmm.market import Market

    try:
        with ctx.session() as session:
            found = market_history(session, ctx.org_id, own.start, own.end, grain=own.every, outcome=own.outcome)
    except InvalidInput as error:
        faults = error.errors or [{"pointer": "", "detail": error.detail}]
        errors = [{**fault, "pointer": f"/params/own{fault['pointer']}"} for fault in faults]
        raise InvalidInput(error.detail, hint=error.hint, errors=errors) from None
    if not found.channels:
        raise InvalidInput(
            f"The platform knows of no spend from {own.start} to {own.end}",
            hint="Import spend first, or send the history as rows or CSV.",
            errors=[{"pointer": "/params/own", "detail": "no spend in this time"}],
        )
    return Market(
        dates=tuple(found.dates),
        channels=tuple(found.channels),
        spend=np.array([found.spend]),
        outcome=np.array([found.outcome]),
        period_days=7 if own.every == "week" else 1,
        currency=found.currency,
        outcome_name=outcome_name or own.outcome,
    )


def _document(ctx: StepContext, history: History) -> tuple[str, bool]:
    assert history.asset_id
    try:
        asset = local_asset(ctx, history.asset_id)
    except NotFound as error:
        raise InvalidInput(error.detail, errors=[{"pointer": history.pointer, "detail": "no such asset"}]) from None
    if not asset.media_type.startswith("text/") or asset.path.stat().st_size > MOST_CSV_BYTES:
        detail = f"is {asset.media_type}, not a CSV of at most {MOST_CSV_BYTES // 1_000_000} MB"
        raise InvalidInput(f"Asset {asset.name!r} {detail}", errors=[{"pointer": history.pointer, "detail": detail}])
    return asset.path.read_text(encoding="utf-8", errors="replace"), asset.simulated
