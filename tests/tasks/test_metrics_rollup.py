"""Figures of published posts, read from the network as it counts on."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from models import Connection, DailyMetrics, Organization, Post, PostMetrics
from models.session import org_session
from providers import registry
from tasks.connected_accounts import connected_account
from tasks.metrics_rollup import _days, roll_up_nightly
from tests.tasks.conftest import Marketing


def published(marketing: Marketing) -> uuid.UUID:
    """A post that is out, as `post.publish` leaves it."""
    post_id, words = uuid.uuid4(), f"Hear the drum {uuid.uuid4().hex}"
    with org_session(marketing.org_id) as session:
        connection = session.execute(select(Connection.id)).scalar_one()
    account = connected_account(str(marketing.org_id), connection)
    made = registry.social("x").publish(account.access_token, text=words, media_ids=[], fence=lambda: None)
    row = {"connection_id": connection, "channel": "x", "text": words, "state": "published", "run": uuid.uuid4().hex, "simulated": True}
    with org_session(marketing.org_id) as session:
        session.add(Post(id=post_id, org_id=marketing.org_id, vendor_post_id=made.vendor_post_id, published_at=datetime.now(UTC), **row))
    return post_id


def sums(marketing: Marketing, post_id: uuid.UUID) -> tuple[int, int]:
    with org_session(marketing.org_id) as session:
        rows = session.execute(select(DailyMetrics).where(DailyMetrics.post_id == post_id)).scalars().all()
    assert all((row.source, row.channel, row.simulated) == ("rollup", "x", True) for row in rows)
    return sum(row.impressions for row in rows), sum(row.clicks for row in rows)


def test_a_post_s_numbers_become_figures_by_day(marketing: Marketing) -> None:
    """What grew since the last time is added; rolled up twice in a row nothing is counted twice; a gone post is told."""
    marketing.connect_x()
    post_id, gone = published(marketing), published(marketing)
    with org_session(marketing.org_id) as session:
        session.execute(text("UPDATE posts SET vendor_post_id = '1' WHERE id = :id"), {"id": gone})
    seen = []
    for minutes in (40, 1, 60):  # the token lives for two hours
        marketing.sandbox.advance(minutes * 60)
        job = marketing.finished(marketing.submit("metrics.rollup", {}))
        assert job["state"] == "succeeded", job["error"]
        assert job["result"] == {"posts": 2, "told": 1, "gone": 1, "missed": []}
        with org_session(marketing.org_id) as session:
            [known] = session.execute(select(PostMetrics)).scalars().all()
        seen.append(sums(marketing, post_id))
        assert seen[-1] == (known.impressions, known.clicks)
        assert known.detail["like_count"] >= 0
    assert 0 < seen[0][0] <= seen[1][0] < seen[2][0]
    assert seen[1][0] - seen[0][0] < 40  # the seconds between two jobs, not the time before


def test_every_night_once(marketing: Marketing) -> None:
    """Posts that were out before midnight are rolled up by one job a night, however often the upkeep looks; today's wait for the next."""
    marketing.connect_x()
    post_id = published(marketing)
    assert nightly(marketing) == 0
    with org_session(marketing.org_id) as session:
        session.execute(text("UPDATE posts SET published_at = published_at - interval '25 hours' WHERE id = :id"), {"id": post_id})
    assert [nightly(marketing), nightly(marketing)] == [1, 1]


def nightly(marketing: Marketing) -> int:
    """How many rollups there are after the upkeep has looked."""
    roll_up_nightly()
    with org_session(marketing.org_id) as session:
        return int(session.execute(text("SELECT count(*) FROM jobs WHERE kind = 'metrics.rollup'")).scalar_one())


def test_the_days_of_a_time_are_the_zone_s(organization: Organization) -> None:
    """Two hours over midnight in Berlin are an hour of each day, which UTC would not see; a moment is at least one day."""
    midnight = datetime(2026, 10, 25, tzinfo=ZoneInfo("Europe/Berlin"))
    found = _days(midnight - timedelta(hours=1), midnight + timedelta(hours=1), ZoneInfo("Europe/Berlin"))
    assert {day.isoformat(): seconds for day, seconds in found.items()} == {"2026-10-24": 3600, "2026-10-25": 3600}
    assert len(_days(midnight, midnight, ZoneInfo("UTC"))) == 1
