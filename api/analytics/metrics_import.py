"""/v1/metrics/import: a platform's spend, impressions and clicks from a CSV file."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from flask import request
from pydantic import BaseModel, Field
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from api import audit
from api.auth.caller import caller
from api.openapi import Routes
from api.problems import Fault
from api.schemas import Query
from core.errors import InvalidInput, MalformedRequest
from models import Campaign, Organization, Post
from pipelines.analytics.metrics_csv import MetricsRow, read_metrics, repeated
from tasks.daily_metrics import Figure, replace_figures

routes = Routes("metrics", "/v1/metrics", "Figures of platforms, by day")

_PATIENT = "SET LOCAL idle_in_transaction_session_timeout = '2min'"  # a hundred thousand lines are looked at in between
LARGEST = 20 * 1024 * 1024
MOST_FAULTS = 1000  # told; the sentence has their number
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "contentMediaType": "text/csv"}},
}


class ImportQuery(Query):
    dry_run: bool = Field(default=False, description="say what would happen, and write nothing")
    source: str = Field(default="import", min_length=1, max_length=50, pattern=r"^[a-z0-9_-]+$", description="whose figures these are")


class Imported(BaseModel):
    dry_run: bool
    rows: int
    new: int = Field(description="rows about something that this source had not told of yet")
    replaced: int = Field(description="rows in place of earlier ones of this source")
    first_day: date | None
    last_day: date | None
    spend: dict[str, Decimal] = Field(description="by currency")
    errors: list[Fault] = Field(
        description="in a dry run: the faults, a thousand at most; a real import with faults writes nothing and answers 422"
    )


@routes.on("POST", "/import", answers=Imported, form=FORM)
def import_csv(query: ImportQuery) -> Imported:
    """Import a CSV file: date, channel, and any of campaign_id, campaign, post_id, currency, spend, impressions, clicks.

    All or nothing. The same file again replaces what it said before. The body is a form with a part `file`, or the CSV
    itself as text/csv.
    """
    rows, faults = read_metrics(_content())
    with audit.change("metrics:import", source=query.source, rows=len(rows), dry_run=query.dry_run) as session:
        session.execute(text(_PATIENT))
        found, more = _resolved(session, rows)
        faults += more
        if faults and not query.dry_run:
            _refuse(faults)
        trial = session.begin_nested()
        new = replace_figures(session, caller().org_id, found, source=query.source)
        trial.rollback() if query.dry_run else trial.commit()
    return _told(found, new, faults, query.dry_run)


def _content() -> bytes:
    request.max_content_length = LARGEST
    if request.mimetype == "text/csv":
        return request.get_data(cache=False)
    if request.mimetype != "multipart/form-data":
        hint = "Send a form with a part named file, or the CSV as text/csv."
        raise MalformedRequest(f"The body is {request.mimetype or 'of no type'}, not a form and not CSV", hint=hint)
    file = request.files.get("file")
    if file is None:
        raise InvalidInput("There is no file in the form", errors=[{"pointer": "/file", "detail": "is missing"}])
    return file.stream.read()


def _refuse(faults: list[dict[str, str]]) -> NoReturn:
    told = "; ".join(f"{fault['pointer'].removeprefix('/rows/')} {fault['detail']}" for fault in faults[:3])
    hint = "Nothing was imported. Pointers name the file's lines; dry_run=true looks without writing."
    raise InvalidInput(f"The file has {len(faults)} fault(s): line {told}", hint=hint, errors=faults[:MOST_FAULTS])


def _resolved(session: Session, rows: list[MetricsRow]) -> tuple[list[Figure], list[dict[str, str]]]:
    """Campaigns and posts looked up among the organisation's own, its currency where none is said."""
    currency = session.get_one(Organization, caller().org_id).currency
    campaigns = _own(session, (row.campaign_id for row in rows))
    posts = _campaigns_of(session, (row.post_id for row in rows))
    names = _named(session, {row.campaign for row in rows if row.campaign and not row.campaign_id})
    figures, faults = [], []
    for row in rows:
        named = names.get(row.campaign or "", [])
        wrong = _faults(row, campaigns, posts, named)
        faults += wrong
        if not wrong:
            campaign = row.campaign_id or (named[0] if named else posts.get(row.post_id or ""))
            amounts = (row.spend, row.impressions, row.clicks)
            figures.append((row.line, Figure(row.date, row.channel, campaign, row.post_id, row.currency or currency, *amounts)))
    keys = [(line, (one.date, one.channel, one.campaign_id, one.post_id, one.currency)) for line, one in figures]
    twice = list(repeated(keys))
    lines = {int(fault["pointer"].rpartition("/")[2]) for fault in twice}
    return [one for line, one in figures if line not in lines], faults + twice


def _faults(row: MetricsRow, campaigns: set[str], posts: Collection[str], named: list[str]) -> list[dict[str, str]]:
    found = []
    if row.campaign_id and row.campaign_id not in campaigns:
        found.append({"pointer": f"/rows/{row.line}/campaign_id", "detail": "no such campaign"})
    if row.campaign and not row.campaign_id and len(named) != 1:
        detail = "no campaign has this name" if not named else "several campaigns have this name; say campaign_id"
        found.append({"pointer": f"/rows/{row.line}/campaign", "detail": detail})
    if row.post_id and row.post_id not in posts:
        found.append({"pointer": f"/rows/{row.line}/post_id", "detail": "no such post"})
    return found


def _own(session: Session, ids: Iterable[str | None]) -> set[str]:
    wanted = {uuid.UUID(row_id) for row_id in ids if row_id}
    return {str(row_id) for row_id in session.execute(select(Campaign.id).where(Campaign.id.in_(wanted))).scalars()} if wanted else set()


def _campaigns_of(session: Session, posts: Iterable[str | None]) -> dict[str, str | None]:
    """The organisation's own of the posts, each with its campaign: a post's figures are its campaign's too."""
    wanted = {uuid.UUID(row_id) for row_id in posts if row_id}
    rows = session.execute(select(Post.id, Post.campaign_id).where(Post.id.in_(wanted))) if wanted else ()
    return {str(post): str(campaign) if campaign else None for post, campaign in rows}


def _named(session: Session, names: set[str | None]) -> dict[str, list[str]]:
    rows = session.execute(select(Campaign.name, func.array_agg(Campaign.id)).where(Campaign.name.in_(names)).group_by(Campaign.name))
    return {name: [str(row_id) for row_id in ids] for name, ids in rows}


def _told(rows: list[Figure], new: int, faults: list[dict[str, str]], dry_run: bool) -> Imported:
    spend: Counter[str] = Counter()
    for row in rows:
        spend[row.currency] += row.spend  # type: ignore[assignment]
    return Imported(
        dry_run=dry_run,
        rows=len(rows),
        new=new,
        replaced=len(rows) - new,
        first_day=min((row.date for row in rows), default=None),
        last_day=max((row.date for row in rows), default=None),
        spend={currency: Decimal(amount) for currency, amount in sorted(spend.items())},
        errors=[Fault(**fault) for fault in faults[:MOST_FAULTS]],
    )
