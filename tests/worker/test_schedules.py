"""Schedules: each fire makes one job, whoever ticks."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from models.session import engine_session
from tests.worker.jobs import Jobs, ask
from worker.schedules import next_fire, tick


def schedule(
    jobs: Jobs, *, cron: str | None = "*/5 * * * *", zone: str = "UTC", ago: str = "1 minute", kind: str = "test.asks"
) -> uuid.UUID:
    """A schedule that became due so long ago."""
    made = uuid.uuid4()
    insert = """
        INSERT INTO schedules (id, org_id, name, kind, cron, zone, run_at, next_fire_at)
        VALUES (:id, :org, 'mine', :kind, :cron, :zone, CASE WHEN CAST(:cron AS text) IS NULL THEN clock_timestamp() END,
                clock_timestamp() - CAST(:ago AS interval))
    """
    values = {"id": made, "org": jobs.org_id, "kind": kind, "cron": cron, "zone": zone, "ago": ago}
    with engine_session() as session:
        session.execute(text(insert), values)
    return made


def made_by(jobs: Jobs) -> list[str]:
    return [row.idempotency_key for row in ask("SELECT idempotency_key FROM jobs WHERE org_id = :org", org=jobs.org_id)]


def test_ticks_at_once_fire_once(jobs: Jobs) -> None:
    """Eight beats tick at the same moment: one job, keyed by the schedule and its fire time."""
    made = schedule(jobs)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: tick(), range(8)))
    (key,) = made_by(jobs)
    assert key.startswith(f"{made}:")


def test_a_time_of_many_missed_runs_fires_once(jobs: Jobs) -> None:
    """After a day without a beat one job is made, and the next is due in the future."""
    made = schedule(jobs, ago="1 day")
    tick()
    tick()
    assert len(made_by(jobs)) == 1
    assert ask("SELECT 1 FROM schedules WHERE id = :id AND next_fire_at > clock_timestamp() AND enabled", id=made)


def test_a_moment_fires_once_and_is_over(jobs: Jobs) -> None:
    """A schedule for one moment switches itself off."""
    made = schedule(jobs, cron=None)
    tick()
    tick()
    assert len(made_by(jobs)) == 1
    assert ask("SELECT 1 FROM schedules WHERE id = :id AND NOT enabled AND next_fire_at IS NULL", id=made)


@pytest.mark.parametrize("broken", [{"cron": "61 * * * *"}, {"zone": "Mars/Olympus"}, {"kind": "test.gone"}])
def test_a_broken_schedule_does_not_stop_the_others(jobs: Jobs, broken: dict[str, str]) -> None:
    """A line or zone that cannot be read, or a kind that is gone, is passed over; the next schedule fires."""
    schedule(jobs, ago="2 minutes", **broken)
    schedule(jobs)
    tick()
    assert len(made_by(jobs)) in (1, 2)
    assert not ask("SELECT 1 FROM schedules WHERE org_id = :org AND enabled AND next_fire_at < clock_timestamp()", org=jobs.org_id)


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("30 2 * * *", "2026-03-28T12:00", "2026-03-29T01:00"),  # 02:30 does not exist that night in Berlin: at 03:00
        ("0 9 * * *", "2026-03-28T12:00", "2026-03-29T07:00"),  # nine o'clock stays nine o'clock
        ("0 9 * * *", "2026-10-25T00:00", "2026-10-25T08:00"),
        ("30 2 * * *", "2026-10-24T12:00", "2026-10-25T00:30"),  # 02:30 comes twice: the first
    ],
)
def test_daylight_saving_is_the_zone_s(cron: str, after: str, expected: str) -> None:
    """A cron line means the wall clock of its zone."""
    found = next_fire(cron, "Europe/Berlin", datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found.astimezone(UTC) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_an_hour_that_comes_twice_fires_once(jobs: Jobs) -> None:
    """The night the clock goes back, 02:30 is followed by the next day's."""
    first = next_fire("30 2 * * *", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC))
    second = next_fire("30 2 * * *", "Europe/Berlin", first)
    assert (second - first).days == 1
