"""What is killed, stopped, hung or forgotten runs again, and its effects are there once."""

from __future__ import annotations

import os
import signal
import time
import uuid

import pytest
import redis
from sqlalchemy import text

from cli.embedded import PostgresServer, RedisServer
from models.session import dispose, engine_session
from tests.stack import SandboxProcess, WorkerPools
from tests.worker.conftest import LEASE_SECONDS
from tests.worker.jobs import Jobs, ask, until

AGAIN_SECONDS = LEASE_SECONDS + 2


def attempts(jobs: Jobs, job: object) -> int:
    return int(jobs.step(job)["attempt"])


def test_a_step_killed_with_its_process_runs_again(live: Jobs) -> None:
    """A pool child is SIGKILLed in the middle of a step: another claims it within the lease and two seconds."""
    job = live.submit("test.naps", seconds=2, folder=live.folder)
    os.kill(int(until(lambda: live.mark("pid"))), signal.SIGKILL)
    until(lambda: attempts(live, job) == 2, seconds=AGAIN_SECONDS)
    view = live.finished(job)
    assert (view["state"], view["result"], live.mark("ended")) == ("succeeded", {"begun": 2, "attempt": 2}, "x")
    retried = next(e for e in live.events(job) if e["type"] == "step.retrying")
    assert "fell silent" in retried["data"]["reason"]


def test_a_worker_killed_while_its_vendor_answers_posts_once(live: Jobs, pools: WorkerPools, sandbox: SandboxProcess) -> None:
    """The vendor did the work, the whole worker died before the answer: the next attempt finds it there."""
    sandbox.fault(vendor="counter", mode="late", method="POST", seconds=4, times=1)
    key = uuid.uuid4().hex
    job = live.submit("test.posts", counter=f"{sandbox.url}/counter", key=key)
    until(lambda: sandbox.ledger(vendor="counter", key=key))
    pools.process("io").send(signal.SIGKILL)
    pools.restart("io")
    assert live.finished(job)["state"] == "succeeded"
    assert attempts(live, job) > 1
    assert len(sandbox.ledger(vendor="counter", key=key)) == 1


def test_a_process_stopped_past_its_lease_does_not_post(live: Jobs, sandbox: SandboxProcess) -> None:
    """SIGSTOP right before the request, past the lease, SIGCONT: the successor posts, the woken one is fenced."""
    key = uuid.uuid4().hex
    job = live.submit("test.slow_posts", counter=f"{sandbox.url}/counter", key=key, folder=live.folder, seconds=1.0)
    stopped = int(until(lambda: live.mark("pid")))
    os.kill(stopped, signal.SIGSTOP)
    try:
        until(lambda: attempts(live, job) > 1, seconds=AGAIN_SECONDS + 1)
        assert live.finished(job)["state"] == "succeeded"
        assert live.mark("thought") == "x"
    finally:
        os.kill(stopped, signal.SIGCONT)
    until(lambda: live.mark("thought") == "xx")
    time.sleep(0.5)
    assert len(sandbox.ledger(vendor="counter", key=key)) == 1
    assert [e["type"] for e in live.events(job)].count("step.done") == 1


def test_a_hung_step_costs_its_process(live: Jobs, pools: WorkerPools) -> None:
    """Past its deadline a step that never looks up loses its lease, its process is replaced, and it runs again elsewhere."""
    hung = pools.process("gpu")
    job = live.submit("test.frozen", seconds=120, folder=live.folder)
    until(lambda: live.mark("begun"))
    assert hung.wait() != 0
    pools.restart("gpu")
    view = live.finished(job)
    assert (view["state"], view["result"]) == ("succeeded", {"begun": 2})


def test_a_step_that_kills_its_workers_is_given_up(live: Jobs) -> None:
    """After its attempts the step is dead and the job failed, with a hint; the pool goes on."""
    job = live.submit("test.poison", folder=live.folder)
    view = live.finished(job)
    assert (view["state"], view["steps"][0]["state"], live.mark("begun")) == ("failed", "dead", "xx")
    assert "given up" in view["error"]["detail"]
    assert view["error"]["hint"]
    assert live.finished(live.submit("test.naps", seconds=0, folder=live.folder))["state"] == "succeeded"


def test_a_lost_wake_up_is_found(live: Jobs) -> None:
    """A step that was woken, whose message nobody has, is woken again by the sweep."""
    job = live.put("test.noop", pool="nowhere yet")
    with engine_session() as session:
        woken = "UPDATE job_steps SET pool = 'io', woken_at = clock_timestamp(), wakes = 1 WHERE job_id = :job"
        session.execute(text(woken), {"job": job})
    assert live.finished(job)["state"] == "succeeded"
    assert ask("SELECT woken_at > created_at + interval '1 second' AS late FROM job_steps WHERE job_id = :job", job=job)[0].late


def test_a_broker_that_forgets_everything_loses_no_job(live: Jobs, redis_url: str) -> None:
    """Redis is flushed while jobs are on their way: all of them finish."""
    submitted = [live.submit("test.chain", start=n) for n in range(10)]
    redis.Redis.from_url(redis_url).flushdb()
    submitted += [live.submit("test.chain", start=n) for n in range(10, 15)]
    results = [live.finished(job)["result"]["value"] for job in submitted]
    assert results == [(n + 1) * 10 + 5 for n in range(15)]


def test_a_broker_that_is_down_costs_latency_only(live: Jobs, redis_server: RedisServer) -> None:
    """A submit while Redis is away is durable at once, and runs when Redis is back."""
    redis_server.stop()
    try:
        job = live.submit("test.noop")
        time.sleep(1.0)
        assert live.view(job)["state"] == "queued"
    finally:
        redis_server.start()
    assert live.finished(job)["state"] == "succeeded"


def test_a_broker_that_bounces_does_not_disturb_a_running_step(live: Jobs, redis_server: RedisServer) -> None:
    """Redis is killed and comes back under a running step: it ends in its first attempt, and the pool takes the next job."""
    job = live.submit("test.naps", seconds=3, folder=live.folder)
    until(lambda: live.mark("begun"))
    redis_server.kill()
    redis_server.start()
    assert (live.finished(job)["state"], live.mark("begun")) == ("succeeded", "x")
    assert live.finished(live.submit("test.chain", start=1))["state"] == "succeeded"


@pytest.fixture
def _reconnected() -> object:
    """After a restart of Postgres this process's connections are dead too."""
    yield
    dispose()


@pytest.mark.usefixtures("_reconnected")
def test_a_database_that_restarts_under_a_running_step(live: Jobs, postgres: PostgresServer) -> None:
    """Postgres goes away in the middle of a step and comes back after its end would have been recorded: it is recorded then."""
    job = live.submit("test.naps", seconds=1.5, folder=live.folder)
    until(lambda: live.mark("begun"))
    postgres.stop()
    time.sleep(2.0)
    postgres.start()
    dispose()
    view = live.finished(job)
    assert (view["state"], live.mark("begun"), live.mark("ended")) == ("succeeded", "x", "x")
