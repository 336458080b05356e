"""Claims, leases and fencing: one holder at a time, and a former one changes nothing."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from core.errors import Cancelled, LeaseLost, Unavailable
from models.session import engine_session
from tests.worker.conftest import LEASE_SECONDS
from tests.worker.jobs import Jobs, ask, expire, lease_of, until
from worker import finish
from worker.claims import claim
from worker.leases import heartbeat


def test_of_many_claims_at_once_one_wins(jobs: Jobs) -> None:
    """Twenty workers reach for one step; one gets it, on attempt 1."""
    job = str(jobs.put("test.noop"))
    with ThreadPoolExecutor(20) as threads:
        won = [held for held in threads.map(lambda n: claim(job, "rest", 1, f"worker {n}"), range(20)) if held]
    assert [held.attempt for held in won] == [1]


def test_a_held_step_is_not_claimed_again(jobs: Jobs) -> None:
    """While the lease lives nobody else gets the step, and a done one is never run again."""
    held = jobs.hold("test.noop")
    assert claim(held.job_id, "rest", 1, "another") is None
    finish.done(held, {}, [])
    assert claim(held.job_id, "rest", 1, "another") is None


@pytest.mark.parametrize("ending", ["done", "again", "wait", "failed", "cancelled"])
def test_after_its_lease_a_worker_changes_nothing(jobs: Jobs, ending: str) -> None:
    """An expired lease is claimed by another; however the first one wants to end the step, it is told that it lost."""
    first = jobs.hold("test.chain", start=1)
    expire(first)
    second = jobs.claim(first.job_id, "first", worker="another")
    endings = {
        "done": lambda: finish.done(first, {"value": 0}, []),
        "again": lambda: finish.again(first, seconds=1, reason="late", give_back=False, event="step.retrying"),
        "wait": lambda: finish.wait(first, reason="late", waits_for="approval"),
        "failed": lambda: finish.failed(first, {"detail": "late"}),
        "cancelled": lambda: finish.cancelled(first),
    }
    with pytest.raises(LeaseLost):
        endings[ending]()
    step = jobs.step(first.job_id)
    assert (step["state"], step["attempt"], step["worker"]) == ("running", second.attempt, "another")
    finish.done(second, {"value": 2}, [])


def test_domain_rows_of_a_fenced_worker_are_rolled_back(jobs: Jobs) -> None:
    """What a step writes with its end is written by the holder alone."""
    first = jobs.hold("test.noop")
    expire(first)
    jobs.claim(first.job_id, worker="another")
    written = []
    with pytest.raises(LeaseLost):
        finish.done(first, {}, [lambda session: written.append(session.execute(text("SELECT 1")))])
    assert not written


def test_a_takeover_that_commits_while_the_first_waits_for_the_job_fences_it(jobs: Jobs) -> None:
    """The old holder's statement may have begun before the takeover committed: it still must not change the step."""
    first = jobs.hold("test.chain", start=1)
    takeover = (
        "SELECT 1 FROM jobs WHERE id = :job FOR NO KEY UPDATE",
        "UPDATE job_steps SET attempt = attempt + 1 WHERE job_id = :job AND name = 'first'",
        "UPDATE jobs SET last_event = last_event WHERE id = :job",
    )
    with ThreadPoolExecutor(1) as threads:
        with engine_session() as session:
            for statement in takeover:
                session.execute(text(statement), {"job": first.job_id})
            late = threads.submit(finish.again, first, seconds=1, reason="late", give_back=False, event="step.retrying")
            until(lambda: ask("SELECT 1 FROM pg_locks WHERE NOT granted"))
        with pytest.raises(LeaseLost):
            late.result(timeout=10)
    assert jobs.step(first.job_id)["state"] == "running"


def test_the_heartbeat_extends_a_lease(jobs: Jobs) -> None:
    """A step that takes longer than a lease keeps it as long as its process lives."""
    held = jobs.hold("test.noop")
    lease = heartbeat().hold(held, time.monotonic())
    try:
        time.sleep(LEASE_SECONDS + 0.5)
        lease.check()
        assert claim(held.job_id, "rest", 1, "another") is None
    finally:
        heartbeat().release(lease)


def test_the_heartbeat_tells_a_cancel_and_a_loss(jobs: Jobs) -> None:
    """Within a few heartbeats a step knows that it is cancelled, or that another has it."""
    cancelled, lost = [heartbeat().hold(jobs.hold("test.noop"), time.monotonic()) for _ in range(2)]
    jobs.cancel(cancelled.claim.job_id)
    with engine_session() as session:  # as a takeover leaves it
        session.execute(text("UPDATE job_steps SET attempt = attempt + 1 WHERE job_id = :job"), {"job": lost.claim.job_id})
    until(lambda: cancelled.cancelled and lost.lost, seconds=5)
    with pytest.raises(Cancelled):
        cancelled.check()
    with pytest.raises(LeaseLost):
        lost.check()
    for lease in (cancelled, lost):
        heartbeat().release(lease)


def test_progress_reaches_watchers_by_the_heartbeat(jobs: Jobs) -> None:
    """Progress and its message are in the step and in the events, whatever characters the message holds."""
    held = jobs.hold("test.noop")
    lease = heartbeat().hold(held, time.monotonic())
    lease.progress, lease.message = 0.5, "half \0 way"
    try:
        told = until(lambda: next((e for e in jobs.events(held.job_id) if e["type"] == "step.progress"), None))
        assert (told["data"]["progress"], told["data"]["message"]) == (0.5, "half \ufffd way")
        assert (jobs.view(held.job_id)["progress"], jobs.step(held.job_id)["message"]) == (0.5, "half \ufffd way")
    finally:
        heartbeat().release(lease)


def test_the_fence_does_not_wait_for_the_heartbeat(jobs: Jobs) -> None:
    """A process that was stopped past its lease refuses to send before anybody has told it so."""
    held = jobs.hold("test.noop")
    lease_of(held, seconds=5).fence()
    late = lease_of(held, seconds=0.2)
    late.check()
    with pytest.raises(LeaseLost, match="ran out"):
        late.fence()


def test_a_step_that_would_pass_its_cap_is_not_claimed(jobs: Jobs) -> None:
    """Attempts are counted before the code runs: a step that kills its worker is counted too."""
    held = jobs.hold("test.poison", folder=jobs.folder)
    expire(held)
    held = jobs.claim(held.job_id)
    expire(held)
    assert held.spent == held.max_attempts
    assert claim(held.job_id, "kill_worker", 1, "third") is None


def test_locks_of_a_process_that_stopped_in_a_transaction_are_given_back(jobs: Jobs) -> None:
    """A stopped process cannot keep the others from sweeping, admitting or finishing for longer than half a lease."""
    job = jobs.put("test.noop")
    locked = threading.Event()

    def stop_inside() -> None:
        with engine_session() as session:
            session.execute(text("SELECT 1 FROM jobs WHERE id = :job FOR UPDATE"), {"job": job})
            locked.set()
            time.sleep(LEASE_SECONDS)

    with ThreadPoolExecutor(1) as threads:
        stopped = threads.submit(stop_inside)
        locked.wait(10)
        began = time.monotonic()
        jobs.cancel(job)
        assert time.monotonic() - began < LEASE_SECONDS
        with pytest.raises(Unavailable):
            stopped.result()
