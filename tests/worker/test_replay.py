"""Running a final job again."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.errors import Conflict
from models.session import engine_session
from tests.worker.jobs import Jobs, until
from worker import children, sweep
from worker.outcomes import ChildJob, Children


def test_a_replay_keeps_earlier_outputs(live: Jobs) -> None:
    """From a step on there is a new generation; what came before is used as it is."""
    job = live.submit("test.chain", start=1)
    live.finished(job)
    live.replay(job, "second")
    view = live.comes_to(job, "succeeded")
    assert (view["result"], view["generation"]) == ({"value": 25}, 2)
    assert [(s["name"], s["generation"]) for s in view["steps"]] == [("first", 1), ("second", 2), ("third", 2)]
    assert [e["type"] for e in live.events(job)].count("job.succeeded") == 2


def test_a_failed_job_is_replayed_from_where_it_failed(live: Jobs) -> None:
    """Without a step named, the first that is not done begins the new generation, with all its attempts."""
    job = live.submit("test.fails", error="fix", times=1, folder=live.folder)
    assert live.finished(job)["state"] == "failed"
    live.replay(job)
    view = live.comes_to(job, "succeeded")
    assert view["error"] is None
    assert (view["steps"][0]["generation"], view["steps"][0]["attempt"]) == (2, 1)


def test_only_a_final_job_is_replayed(jobs: Jobs) -> None:
    """A job that runs, a step that does not exist and a job with nothing left to do are refused."""
    job = jobs.put("test.chain", start=1)
    with pytest.raises(Conflict, match="queued"):
        jobs.replay(job)
    jobs.cancel(job)
    with pytest.raises(Conflict, match="no step 'nowhere'"):
        jobs.replay(job, "nowhere")


def test_a_replay_cancels_the_old_generation_s_children(live: Jobs) -> None:
    """Children that still run for the generation before are ended; the new ones are counted."""
    job = live.submit("test.fan", children=2, nap=30, folder=live.folder)
    old = until(lambda: len(live.mark("leaves")) == 2 and live.children(job))
    with engine_session() as session:  # as if the parent alone had failed: its children run on
        session.execute(text("UPDATE job_steps SET state = 'failed' WHERE job_id = :job"), {"job": job})
        session.execute(text("UPDATE jobs SET state = 'failed' WHERE id = :job"), {"job": job})
        session.execute(text("UPDATE jobs SET params = params || '{\"nap\": 0}' WHERE id = :job"), {"job": job})
    live.replay(job, "spread")
    assert live.finished(job)["result"] == {"succeeded": 2, "failed": 0}
    until(lambda: [live.view(child["id"])["state"] for child in old] == ["cancelled", "cancelled"], seconds=8)


def test_a_child_is_not_replayed_without_its_parent(jobs: Jobs) -> None:
    """A child whose parent has failed would be cancelled at once: the parent is to be replayed, and that is said."""
    held = jobs.hold("test.fan", folder=jobs.folder)
    children.spawn(held, Children([ChildJob("test.asks", {})]))
    (child,) = jobs.children(held.job_id)
    jobs.cancel(held.job_id)

    def is_cancelled() -> bool:
        sweep.cascade()
        return bool(jobs.view(child["id"])["state"] == "cancelled")

    until(is_cancelled)
    with pytest.raises(Conflict, match="parent") as refused:
        jobs.replay(child["id"])
    assert str(held.job_id) in refused.value.hint
