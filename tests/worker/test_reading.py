"""Jobs as people see them, and the sentence that says why one waits."""

from __future__ import annotations

import base64
import json

import pytest
from sqlalchemy import text

from core.errors import InvalidInput, NotFound
from models.session import engine_session, org_session
from tests.worker.jobs import Jobs, until
from worker import children, finish, reading
from worker.outcomes import ChildJob, Children


def why(jobs: Jobs, job: object) -> str:
    view = jobs.view(job)
    assert view["steps"][0]["wait_reason"] == view["wait_reason"]
    return str(view["wait_reason"])


def test_a_pool_without_workers_is_named(jobs: Jobs) -> None:
    """The commonest cause of a job that does not move."""
    assert why(jobs, jobs.put("test.noop", pool="moon")) == "no worker on pool moon"


def test_a_queue_is_named(jobs: Jobs) -> None:
    """With workers there, the job says that it stands in line, and when it is next."""
    job = jobs.put("test.noop", pool="sun")
    say = "INSERT INTO workers (name, pool, host, pid, slots, seen_at) VALUES ('sun', 'sun', 'h', 1, 1, clock_timestamp())"
    with engine_session() as session:
        session.execute(text(say))
    assert why(jobs, job) in ("in the queue of pool sun", "next on pool sun")


def test_children_are_counted(jobs: Jobs) -> None:
    """The sentence follows the fan-in, down to one child."""
    held = jobs.hold("test.fan", folder=jobs.folder)
    children.spawn(held, Children([ChildJob("test.asks", {})] * 3, on_failure="continue"))
    assert why(jobs, held.job_id) == "waits for 3 children"
    for child in jobs.children(held.job_id)[:2]:
        jobs.cancel(child["id"])
    until(lambda: jobs.view(held.job_id)["children"].get("cancelled") == 2)
    children.join(held.job_id)
    assert why(jobs, held.job_id) == "waits for 1 child"


def test_a_rate_limit_is_named_with_its_end(jobs: Jobs) -> None:
    """A snoozed step says why and until when."""
    held = jobs.hold("test.noop")
    finish.again(held, seconds=600, reason="rate limit of X until 14:03:00 UTC", give_back=True, event="step.snoozed")
    with engine_session() as session:
        pool = jobs.step(held.job_id)["pool"]
        say = "INSERT INTO workers (name, pool, host, pid, slots, seen_at) VALUES (:p, :p, 'h', 1, 1, clock_timestamp())"
        session.execute(text(say), {"p": pool})
    assert why(jobs, held.job_id).startswith("rate limit of X until 14:03:00 UTC (not before ")


def test_what_runs_or_has_ended_waits_for_nothing(jobs: Jobs) -> None:
    """A reason is only there while there is one."""
    held = jobs.hold("test.noop")
    assert jobs.view(held.job_id)["wait_reason"] is None
    finish.done(held, {}, [])
    assert jobs.view(held.job_id)["wait_reason"] is None


def test_a_job_s_json_is_complete(jobs: Jobs) -> None:
    """The names that clients rely on."""
    view = jobs.view(jobs.put("test.chain", start=1))
    assert {"id", "kind", "state", "progress", "wait_reason", "steps", "result", "error", "cost"} <= set(view)
    assert {"created_at", "started_at", "finished_at", "campaign_id", "parent_id", "created_by", "priority", "params"} <= set(view)
    assert json.dumps(view, default=str)


def test_progress_is_weighed_over_the_chain(jobs: Jobs) -> None:
    """A third of the chain done is a third of the progress."""
    held = jobs.hold("test.chain", start=1)
    finish.done(held, {"value": 2}, [])
    assert jobs.view(held.job_id)["progress"] == pytest.approx(1 / 3, abs=0.001)


def test_pages_of_jobs_follow_each_other(jobs: Jobs) -> None:
    """Newest first, nothing twice, nothing left out, and no outputs in a list."""
    made = [str(jobs.put("test.noop")) for _ in range(5)]
    found: list[str] = []
    cursor = None
    with org_session(jobs.org_id) as session:
        while True:
            page, cursor = reading.job_list(session, after=cursor, limit=2)
            found += [view["id"] for view in page]
            assert all("output" not in step for view in page for step in view["steps"])
            if cursor is None:
                break
    assert found == made[::-1]


def test_a_list_is_filtered(jobs: Jobs) -> None:
    """By state and kind; children only when they are asked for."""
    held = jobs.hold("test.fan", folder=jobs.folder)
    children.spawn(held, Children([ChildJob("test.asks", {})]))
    cancelled = jobs.put("test.noop")
    jobs.cancel(cancelled)
    with org_session(jobs.org_id) as session:
        assert [v["id"] for v in reading.job_list(session, state="cancelled")[0]] == [str(cancelled)]
        assert [v["id"] for v in reading.job_list(session, kind="test.fan")[0]] == [held.job_id]
        assert len(reading.job_list(session)[0]) == 2
        assert len(reading.job_list(session, parent_id=held.job_id)[0]) == 1


@pytest.mark.parametrize("cursor", ["rubbish", base64.urlsafe_b64encode(b'["2026-01-01T00:00:00Z", "not an id"]').decode(), "e30="])
def test_a_foreign_cursor_is_refused(jobs: Jobs, cursor: str) -> None:
    """A cursor that we did not make is the caller's fault, whatever it decodes to."""
    with pytest.raises(InvalidInput, match="cursor"), org_session(jobs.org_id) as session:
        reading.job_list(session, after=cursor)


def test_another_organisation_s_job_is_not_found(jobs: Jobs, make_organization) -> None:
    """Not forbidden: it is not there."""
    job = jobs.put("test.noop")
    with pytest.raises(NotFound), org_session(make_organization().id) as session:
        reading.job_view(session, job)


def test_workers_say_what_they_are(live: Jobs) -> None:
    """Each pool's process is listed alive with its slots, pid and device."""
    found = {worker["pool"]: worker for worker in reading.workers() if worker["name"].startswith(worker["pool"] + "@")}
    assert {pool: (worker["slots"], worker["alive"]) for pool, worker in found.items()} == {
        "io": (8, True),
        "cpu": (2, True),
        "gpu": (1, True),
    }
    assert all(worker["pid"] and worker["device"] and worker["version"] for worker in found.values())
