"""`metrics.rollup`: what the networks say about published posts, as figures by day. Every night, without being asked."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.errors import ConnectionExpired
from core.params import Params
from models import Organization, Post
from models.session import engine_session
from pipelines.analytics.performance import spread
from providers import registry
from providers.contracts.social import PostNumbers
from tasks.connected_accounts import connected_account
from tasks.daily_metrics import Figure, add_figures
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome
from worker.submission import submit
from worker.upkeep import chore

SOURCE = "rollup"

# Read and written in one go: of two rollups at once, the second sees what the first wrote down.
_KNOWN = """
INSERT INTO post_metrics AS m (org_id, post_id, read_at) VALUES (:org, :post, :published)
ON CONFLICT (org_id, post_id) DO UPDATE SET org_id = excluded.org_id RETURNING impressions, clicks, read_at
"""
_KEEP = """
UPDATE post_metrics SET impressions = greatest(impressions, :impressions), clicks = greatest(clicks, :clicks),
    detail = CAST(:detail AS jsonb), read_at = greatest(read_at, :read_at) WHERE org_id = :org AND post_id = :post
"""


# Once for each night of the organisation's zone, of those with posts that were out before midnight. The key is the night's.
_DUE = """
SELECT o.id, 'metrics.rollup:' || l.today AS key
FROM organizations o
CROSS JOIN LATERAL (SELECT (clock_timestamp() AT TIME ZONE o.zone)::date AS today) l
WHERE EXISTS (
    SELECT FROM posts p WHERE p.org_id = o.id AND p.state = 'published' AND p.vendor_post_id IS NOT NULL AND p.connection_id IS NOT NULL
    AND p.published_at < l.today::timestamp AT TIME ZONE o.zone AND p.published_at >= clock_timestamp() - :days * interval '1 day'
) AND NOT EXISTS (SELECT FROM jobs j WHERE j.org_id = o.id AND j.idempotency_key = 'metrics.rollup:' || l.today)
ORDER BY o.id
"""


class MetricsRollup(Params):
    days: int = Field(default=90, ge=1, le=365, description="posts published within so many days are looked at")


kind = JobKind("metrics.rollup", MetricsRollup, summary="Read how published posts did, and keep it as figures by day.")


@kind.step(pool="io", deadline=3600)
def read(ctx: StepContext, params: MetricsRollup) -> Outcome:
    """Asks each post's network for its running totals; what grew since the last time is added to the days in between."""
    with ctx.session() as session:
        organization = session.get_one(Organization, ctx.org_id)
        now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        posts = list(session.execute(_published(now - timedelta(days=params.days))).scalars())
    told, missed = 0, []
    for number, post in enumerate(posts):
        ctx.progress(number / len(posts), f"post {number + 1} of {len(posts)}")
        try:
            numbers = _numbers(ctx, post)
        except ConnectionExpired as error:
            missed.append({"post_id": str(post.id), "reason": error.detail})
            continue
        if numbers:
            told += 1
            ctx.on_done(_writes(ctx, organization, post, numbers, now))
    return {"posts": len(posts), "told": told, "gone": len(posts) - told - len(missed), "missed": missed[:50]}


@chore
def roll_up_nightly() -> None:
    """Submit the night's rollups that are not there yet."""
    with engine_session() as session:
        for due in session.execute(text(_DUE), {"days": MetricsRollup().days}).all():
            submit(session, org_id=due.id, kind=kind.name, params={}, idempotency_key=due.key)


def _published(since: datetime) -> Any:
    is_out = Post.state == "published", Post.published_at >= since, Post.vendor_post_id.is_not(None), Post.connection_id.is_not(None)
    return select(Post).where(*is_out).order_by(Post.published_at)


def _numbers(ctx: StepContext, post: Post) -> PostNumbers | None:
    assert post.connection_id and post.vendor_post_id and post.published_at  # the query asked for them
    account = connected_account(ctx.org_id, post.connection_id)
    return registry.social(post.channel).numbers(account.access_token, post.vendor_post_id, published_at=post.published_at)


def _writes(ctx: StepContext, organization: Organization, post: Post, numbers: PostNumbers, now: datetime) -> Any:
    return lambda session: _write(session, organization, post, numbers, now)


def _write(session: Session, organization: Organization, post: Post, numbers: PostNumbers, now: datetime) -> None:
    mine = {"org": organization.id, "post": post.id}
    known = session.execute(text(_KNOWN), {**mine, "published": post.published_at}).one()
    shares = _days(known.read_at, now, ZoneInfo(organization.zone))
    grown = {
        "impressions": spread(max(0, numbers.impressions - known.impressions), shares),
        "clicks": spread(max(0, numbers.clicks - known.clicks), shares),
    }
    add_figures(session, organization.id, _figures(organization, post, grown), source=SOURCE)
    totals = {"impressions": numbers.impressions, "clicks": numbers.clicks, "detail": json.dumps(numbers.detail), "read_at": now}
    session.execute(text(_KEEP), {**mine, **totals})


def _figures(organization: Organization, post: Post, grown: dict[str, dict[date, int]]) -> list[Figure]:
    campaign = str(post.campaign_id) if post.campaign_id else None
    about: dict[str, Any] = {"campaign_id": campaign, "post_id": str(post.id), "simulated": post.simulated}
    days = [day for day in grown["impressions"] if grown["impressions"][day] or grown["clicks"][day]]
    return [
        Figure(
            day, post.channel, impressions=grown["impressions"][day], clicks=grown["clicks"][day], currency=organization.currency, **about
        )
        for day in days
    ]


def _days(since: datetime, until: datetime, zone: ZoneInfo) -> dict[date, float]:
    """Each day of the zone that the time in between touches, with its seconds."""
    shares: dict[date, float] = {}
    moment = min(since, until)
    while True:
        day = moment.astimezone(zone).date()
        following = day + timedelta(days=1)
        midnight = datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)
        shares[day] = max(1.0, (min(midnight, until) - moment).total_seconds())
        if midnight >= until:
            return shares
        moment = midnight
