"""Steps that come back later or wait for somebody."""

from __future__ import annotations

from models.session import org_session
from tests.worker.jobs import Jobs, ask
from worker import control, finish, sweep


def test_snoozing_uses_no_attempts(live: Jobs) -> None:
    """A step with one attempt may snooze three times and still succeed."""
    view = live.finished(live.submit("test.polls", folder=live.folder))
    assert view["result"] == {"polls": 4, "attempt": 4}
    assert [e["type"] for e in live.events(view["id"])].count("step.snoozed") == 3


def test_a_wait_is_resolved_once(live: Jobs) -> None:
    """The step runs again with what was said; a second answer finds nothing waiting."""
    job = live.submit("test.asks")
    assert live.comes_to(job, "waiting")["wait_reason"] == "waits for approval"
    assert live.resolve(job, "approval", by="Ada")
    assert not live.resolve(job, "approval", by="Bob")
    assert live.finished(job)["result"] == {"answer": {"by": "Ada"}}


def test_a_wait_ends_by_itself_when_its_time_has_passed(live: Jobs) -> None:
    """A wait with an end is resolved by the sweep as timed out."""
    assert live.finished(live.submit("test.asks", seconds=0.5))["result"] == {"answer": {"timed_out": True}}


def test_an_answer_outlives_a_stumble(live: Jobs) -> None:
    """A step that fails after its wait was resolved is retried with the same resolution, and nobody is asked again."""
    job = live.submit("test.asks", stumbles=True)
    live.comes_to(job, "waiting")
    live.resolve(job, "approval", by="Ada")
    view = live.finished(job)
    assert (view["result"], view["steps"][0]["attempt"]) == ({"answer": {"by": "Ada"}}, 3)
    assert [e["type"] for e in live.events(job)].count("step.waiting") == 1


def test_an_answer_outlives_a_snooze_and_a_lost_worker(jobs: Jobs) -> None:
    """The resolution is there for every attempt until the step waits again."""
    held = jobs.hold("test.asks")
    finish.wait(held, reason="waits for approval", waits_for="approval")
    jobs.resolve(held.job_id, "approval", by="Ada")
    resolved = jobs.claim(held.job_id)
    finish.again(resolved, seconds=-1, reason="later", give_back=True, event="step.snoozed")
    assert jobs.claim(held.job_id).resolution == {"by": "Ada"}


def test_a_second_wait_asks_anew(jobs: Jobs) -> None:
    """The answer to one wait is not taken for the answer to the next."""
    held = jobs.hold("test.asks")
    finish.wait(held, reason="first", waits_for="approval")
    jobs.resolve(held.job_id, "approval", n=1)
    finish.wait(jobs.claim(held.job_id), reason="second", waits_for="approval")
    assert ask("SELECT resolution FROM job_steps WHERE job_id = :job", job=held.job_id)[0].resolution is None


def test_a_connection_restored_wakes_every_job_that_waits_for_it(jobs: Jobs) -> None:
    """All waits of that name in the organisation end at once, others stay."""
    held = [jobs.hold("test.asks") for _ in range(3)]
    for claim, waits_for in zip(held, ("connection", "connection", "approval"), strict=True):
        finish.wait(claim, reason="waits", waits_for=waits_for)
    with org_session(jobs.org_id) as session:
        assert control.resolve_everywhere(session, waits_for="connection") == 2
    assert [jobs.view(claim.job_id)["state"] for claim in held] == ["running", "running", "waiting"]


def test_a_wait_without_an_end_is_left_alone(jobs: Jobs) -> None:
    """The sweep ends only waits whose time has passed."""
    held = jobs.hold("test.asks")
    finish.wait(held, reason="waits for approval", waits_for="approval")
    sweep.end_timed_out_waits()
    assert jobs.view(held.job_id)["state"] == "waiting"
