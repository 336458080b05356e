"""What a step's error leads to is said by its remedy."""

from __future__ import annotations

from tests.worker.jobs import Jobs


def test_each_remedy_leads_somewhere_else(live: Jobs, tmp_path) -> None:
    """retry comes back, fix and configure fail, wait with a time comes back, wait without one and reconnect wait for somebody."""
    submitted = {}
    for number, (error, times) in enumerate(
        [("retry", 2), ("retry", 9), ("fix", 1), ("configure", 1), ("wait a moment", 5), ("wait", 1), ("reconnect", 1)]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        submitted[(error, times)] = live.submit("test.fails", error=error, times=times, folder=str(folder))

    twice = live.finished(submitted[("retry", 2)])
    assert (twice["state"], twice["steps"][0]["output"], twice["steps"][0]["attempt"]) == ("succeeded", {"tries": 3}, 3)
    assert twice["steps"][0]["error"] is None

    for which, code in [(("retry", 9), "vendor_unavailable"), (("fix", 1), "vendor_rejected"), (("configure", 1), "vendor_unauthorized")]:
        view = live.finished(submitted[which])
        assert (view["state"], view["error"]["code"]) == ("failed", code)
        assert [s["state"] for s in view["steps"]] == ["failed", "skipped"]
    assert live.step(submitted[("retry", 9)])["attempt"] == 3

    patient = live.finished(submitted[("wait a moment", 5)])
    assert (patient["state"], patient["steps"][0]["output"]) == ("succeeded", {"tries": 6})

    for error, waits_for in [("wait", "budget"), ("reconnect", "connection")]:
        job = submitted[(error, 1)]
        assert live.comes_to(job, "waiting")["steps"][0]["waits_for"] == waits_for
        assert not live.resolve(job, "something else")
        assert live.resolve(job, waits_for)
        assert live.finished(job)["state"] == "succeeded"


def test_a_bug_is_kept_with_its_traceback_and_tried_again(live: Jobs) -> None:
    """An exception of ours is logged in the job with where it happened, and retried."""
    job = live.submit("test.fails", error="bug", times=1, folder=live.folder)
    assert live.finished(job)["state"] == "succeeded"
    (line,) = live.logs(job)
    assert line["level"] == "error"
    assert "ZeroDivisionError: a bug" in line["message"]
    assert "kinds.py" in line["message"]
    retried = next(e for e in live.events(job) if e["type"] == "step.retrying")
    assert retried["data"]["error"]["code"] == "step_crashed"


def test_an_outcome_that_cannot_be_stored_fails_the_step(live: Jobs) -> None:
    """Children with faulty params are the step's fault: told at once, not met again after each lease."""
    view = live.finished(live.submit("test.fan", children=0, folder=live.folder), seconds=8)
    assert (view["state"], view["error"]["code"]) == ("failed", "step_failed")
    assert "0 child jobs" in view["error"]["detail"]
