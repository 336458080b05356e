"""Which step is woken next, and how many at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import text

from models.session import engine_session
from tests.worker.jobs import Jobs, ask, until
from worker.admission import admit_all


@pytest.fixture
def pool() -> str:
    return f"pool-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def other(make_organization: Callable[..., object], tmp_path) -> Jobs:
    """Jobs of a second organisation."""
    return Jobs(make_organization().id, tmp_path)  # type: ignore[attr-defined]


def open_pool(pool: str, slots: int) -> None:
    """Let a worker of the pool say that it is there; nobody takes its messages."""
    say = "INSERT INTO workers (name, pool, host, pid, slots, seen_at) VALUES (:pool, :pool, 'here', 1, :slots, clock_timestamp())"
    with engine_session() as session:
        session.execute(text(say), {"pool": pool, "slots": slots})


def woken(pool: str) -> list[str]:
    until(lambda: admit_all() or ask("SELECT 1 FROM job_steps WHERE pool = :pool AND woken_at IS NOT NULL", pool=pool))
    rows = ask("SELECT job_id FROM job_steps WHERE pool = :pool AND woken_at IS NOT NULL ORDER BY woken_at", pool=pool)
    return [str(row.job_id) for row in rows]


def test_an_organisation_with_one_job_does_not_stand_behind_ten(jobs: Jobs, other: Jobs, pool: str) -> None:
    """Within one priority organisations take turns, whoever came first."""
    for _ in range(10):
        jobs.put("test.noop", pool=pool)
    single = str(other.put("test.noop", pool=pool))
    open_pool(pool, slots=1)
    assert len(chosen := woken(pool)) == 4
    assert single in chosen


def test_a_higher_priority_goes_first(jobs: Jobs, pool: str) -> None:
    """Ten jobs wait, the urgent ones are among the first four."""
    for _ in range(10):
        jobs.put("test.noop", pool=pool)
    urgent = {str(jobs.put("test.noop", pool=pool, priority=5)) for _ in range(2)}
    open_pool(pool, slots=1)
    assert urgent <= set(woken(pool))


def test_a_pool_takes_about_twice_its_slots(jobs: Jobs, pool: str) -> None:
    """Two slots have six steps in flight, not all twenty; a second pass adds none."""
    for _ in range(20):
        jobs.put("test.noop", pool=pool)
    open_pool(pool, slots=2)
    assert len(woken(pool)) == 6
    admit_all()
    assert len(woken(pool)) == 6


def test_an_organisation_has_a_cap(jobs: Jobs, other: Jobs, pool: str) -> None:
    """One organisation gets at most ORG_MAX_RUNNING steps of a pool, the rest is another's."""
    for _ in range(50):
        jobs.put("test.noop", pool=pool)
    for _ in range(3):
        other.put("test.noop", pool=pool)
    open_pool(pool, slots=40)
    woken(pool)
    by_org = ask("SELECT org_id, count(*) AS n FROM job_steps WHERE pool = :pool AND woken_at IS NOT NULL GROUP BY org_id", pool=pool)
    assert {row.org_id: row.n for row in by_org} == {jobs.org_id: 32, other.org_id: 3}


def test_a_step_that_is_not_due_is_not_woken(jobs: Jobs, pool: str) -> None:
    """A snoozed step leaves its place to the others until its time."""
    job, due = jobs.put("test.noop", pool=pool), jobs.put("test.noop", pool=pool)
    with engine_session() as session:
        later = "UPDATE job_steps SET not_before = clock_timestamp() + interval '1 hour' WHERE job_id = :job"
        session.execute(text(later), {"job": job})
    open_pool(pool, slots=1)
    assert woken(pool) == [str(due)]


def test_nothing_is_sent_to_a_pool_without_workers(jobs: Jobs, pool: str) -> None:
    """Steps of a pool that nobody serves wait where they are."""
    job = jobs.put("test.noop", pool=pool)
    admit_all()
    assert not ask("SELECT 1 FROM job_steps WHERE job_id = :job AND woken_at IS NOT NULL", job=job)
    assert jobs.view(job)["wait_reason"] == f"no worker on pool {pool}"
