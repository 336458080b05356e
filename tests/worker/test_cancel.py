"""Cancelling, in every state a job may be in."""

from __future__ import annotations

import os
import time

import pytest

from core.errors import Cancelled, Conflict, NotFound
from models.session import org_session
from tests.worker.jobs import Jobs, until
from worker import control, finish
from worker.claims import claim


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_queued_job_is_cancelled_at_once(jobs: Jobs) -> None:
    """Nothing runs, so nothing is waited for; a second cancel is refused, for the job is final."""
    job = jobs.put("test.chain", start=1)
    jobs.cancel(job)
    view = jobs.view(job)
    assert (view["state"], {s["state"] for s in view["steps"]}) == ("cancelled", {"cancelled"})
    with pytest.raises(Conflict, match="cancelled already"):
        jobs.cancel(job)


def test_a_waiting_job_is_cancelled_at_once(jobs: Jobs) -> None:
    """A wait ends, and a late answer finds nothing."""
    held = jobs.hold("test.asks")
    finish.wait(held, reason="waits for approval", waits_for="approval")
    jobs.cancel(held.job_id)
    assert jobs.view(held.job_id)["state"] == "cancelled"
    assert not jobs.resolve(held.job_id, "approval")


def test_a_running_step_notices_a_cancel(live: Jobs) -> None:
    """A step in Python ends at its next progress call, seconds before it would be done."""
    job = live.submit("test.naps", seconds=30, folder=live.folder)
    until(lambda: live.mark("begun"))
    live.cancel(job)
    view = live.finished(job, seconds=8)
    assert (view["state"], view["cancel_requested"], live.mark("ended")) == ("cancelled", True, "")
    assert [e["type"] for e in live.events(job)][-3:] == ["job.cancel_requested", "step.cancelled", "job.cancelled"]


def test_a_cancel_kills_the_running_program(live: Jobs) -> None:
    """A step's child process is gone two seconds after the cancel, with nothing of its group left."""
    job = live.submit("test.process", seconds=60, folder=live.folder)
    child = int(until(lambda: live.mark("child")))
    began = time.monotonic()
    live.cancel(job)
    until(lambda: not is_alive(child), seconds=2)
    assert live.finished(job)["state"] == "cancelled"
    assert time.monotonic() - began < 5


def test_a_family_is_cancelled_to_its_last_leaf(live: Jobs) -> None:
    """Children and grandchildren end with the job, and no job of the family succeeds afterwards."""
    job = live.submit("test.fan", children=2, depth=2, nap=30, folder=live.folder)
    until(lambda: live.mark("leaves"))
    live.cancel(job)
    assert live.finished(job)["state"] == "cancelled"
    middle = until(lambda: (found := live.children(job)) and all(c["state"] == "cancelled" for c in found) and found, seconds=8)
    until(lambda: all(leaf["state"] == "cancelled" for child in middle for leaf in live.children(child["id"])), seconds=8)


@pytest.mark.parametrize("outcome", ["snooze", "retry", "wait"])
def test_a_cancel_wins_over_a_step_that_would_come_back(jobs: Jobs, outcome: str) -> None:
    """A step that ends with a snooze, a retry or a wait after the cancel was asked for is told so; else nobody would end the job."""
    held = jobs.hold("test.asks")
    jobs.cancel(held.job_id)
    assert jobs.view(held.job_id)["state"] == "running"
    comes_back = {
        "snooze": lambda: finish.again(held, seconds=1, reason="later", give_back=True, event="step.snoozed"),
        "retry": lambda: finish.again(held, seconds=1, reason="later", give_back=False, event="step.retrying"),
        "wait": lambda: finish.wait(held, reason="waits", waits_for="approval"),
    }
    with pytest.raises(Cancelled):
        comes_back[outcome]()
    finish.cancelled(held)
    assert jobs.view(held.job_id)["state"] == "cancelled"


def test_a_polling_job_is_cancelled(live: Jobs) -> None:
    """A job that snoozes all the time ends whenever the cancel comes."""
    job = live.submit("test.polls", times=1000, folder=live.folder)
    until(lambda: live.mark("polls"))
    live.cancel(job)
    assert live.finished(job, seconds=8)["state"] == "cancelled"


def test_a_step_that_was_not_begun_cannot_be_claimed_after_a_cancel(jobs: Jobs) -> None:
    """The flag is seen at the claim."""
    held = jobs.hold("test.chain", start=1)
    jobs.cancel(held.job_id)
    finish.done(held, {}, [])
    assert claim(held.job_id, "second", 1, "late") is None
    assert jobs.view(held.job_id)["state"] == "cancelled"


def test_a_job_of_another_organisation_is_not_found(jobs: Jobs, make_organization) -> None:
    """Cancel, replay and resolve answer as if there were no such job."""
    job = jobs.put("test.noop")
    with org_session(make_organization().id) as session:
        for act in (control.cancel, control.replay):
            with pytest.raises(NotFound):
                act(session, job)
        with pytest.raises(NotFound):
            control.resolve(session, job, waits_for="approval", resolution={})
