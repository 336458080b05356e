"""Fan-out and fan-in."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.errors import LeaseLost
from models.session import engine_session
from tests.worker.jobs import Jobs, ask, expire, until
from worker import children, sweep
from worker.outcomes import ChildJob, Children

LEAF = "test.leaf"


def leaves(jobs: Jobs, number: int, **policy) -> Children:
    return Children([ChildJob(LEAF, {"folder": jobs.folder}) for _ in range(number)], **policy)


def test_the_last_child_lets_the_parent_go_on(live: Jobs) -> None:
    """The parent's next step sees how many children succeeded, each run once."""
    job = live.submit("test.fan", children=5, folder=live.folder)
    assert live.finished(job)["result"] == {"succeeded": 5, "failed": 0}
    assert live.mark("leaves") == "x" * 5
    assert live.view(job)["children"] == {"succeeded": 5}


def test_a_failed_child_fails_the_parent_and_ends_the_others(live: Jobs) -> None:
    """Under `fail` the first failure cancels the children that still run."""
    job = live.submit("test.fan", children=4, fail=1, nap=20.0, folder=live.folder)
    view = live.finished(job)
    assert view["state"] == "failed"
    assert "this leaf was told to fail" in view["error"]["detail"]
    until(lambda: live.view(job)["children"] == {"failed": 1, "cancelled": 3}, seconds=10)


def test_failures_are_borne_when_enough_succeed(live: Jobs) -> None:
    """Under `continue` all children end, and the minimum of successes decides."""
    enough = live.submit("test.fan", children=4, fail=2, on_failure="continue", min_success=2, folder=live.folder)
    too_few = live.submit("test.fan", children=4, fail=3, on_failure="continue", min_success=2, folder=live.folder)
    assert live.finished(enough)["result"] == {"succeeded": 2, "failed": 2}
    view = live.finished(too_few)
    assert (view["state"], view["children"]) == ("failed", {"failed": 3, "succeeded": 1})


def test_fans_nest(live: Jobs) -> None:
    """A child may fan out itself; its end is its parent's news."""
    job = live.submit("test.fan", children=3, depth=2, folder=live.folder)
    assert live.finished(job)["result"] == {"succeeded": 3, "failed": 0}
    assert live.mark("leaves") == "x" * 9


def test_children_are_made_once(jobs: Jobs) -> None:
    """A spawn that runs again after its worker was lost makes no second set."""
    held = jobs.hold("test.fan", folder=jobs.folder)
    children.spawn(held, leaves(jobs, 3))
    with engine_session() as session:
        session.execute(text("UPDATE job_steps SET state = 'running' WHERE job_id = :job AND name = 'spread'"), {"job": held.job_id})
    expire(held)
    children.spawn(jobs.claim(held.job_id, "spread"), leaves(jobs, 3))
    assert len(jobs.children(held.job_id)) == 3


def test_children_inherit_priority_and_campaign(jobs: Jobs) -> None:
    """A child has its parent's priority unless it is given one of its own."""
    held = jobs.claim(jobs.put("test.fan", priority=7, folder=jobs.folder))
    own = ChildJob(LEAF, {"folder": jobs.folder}, priority=0)
    children.spawn(held, Children([ChildJob(LEAF, {"folder": jobs.folder}), own]))
    assert sorted(child["priority"] for child in jobs.children(held.job_id)) == [0, 7]


def test_joining_twice_changes_nothing(jobs: Jobs) -> None:
    """Two children that end at the same moment may both join: the step is done once."""
    held = jobs.hold("test.fan", folder=jobs.folder)
    children.spawn(held, leaves(jobs, 1))
    with engine_session() as session:
        session.execute(text("UPDATE jobs SET state = 'succeeded' WHERE parent_id = :job"), {"job": held.job_id})
    children.join(held.job_id)
    children.join(held.job_id)
    assert [e["type"] for e in jobs.events(held.job_id)].count("step.done") == 1


def test_a_join_that_was_missed_is_made_up(jobs: Jobs) -> None:
    """When the last child's process dies before it told the parent, the sweep does."""
    held = jobs.hold("test.fan", folder=jobs.folder)
    children.spawn(held, leaves(jobs, 2))
    with engine_session() as session:
        session.execute(text("UPDATE jobs SET state = 'succeeded' WHERE parent_id = :job"), {"job": held.job_id})
    sweep.join_finished()
    assert jobs.step(held.job_id, "spread")["state"] == "done"


def test_a_parent_that_is_being_cancelled_is_not_completed(jobs: Jobs) -> None:
    """Cancelled children of a cancelled parent do not count as its success."""
    held = jobs.hold("test.fan", folder=jobs.folder)
    children.spawn(held, leaves(jobs, 2))
    with engine_session() as session:  # as a cancel from above leaves it: flagged, its own steps not ended yet
        session.execute(text("UPDATE jobs SET cancel_requested = true WHERE id = :job"), {"job": held.job_id})
        session.execute(text("UPDATE jobs SET state = 'cancelled' WHERE parent_id = :job"), {"job": held.job_id})
    children.join(held.job_id)
    assert jobs.step(held.job_id, "spread")["state"] == "waiting"


def test_children_of_other_generations_do_not_count(jobs: Jobs) -> None:
    """After a replay only the new generation's children are joined."""
    held = jobs.hold("test.fan", folder=jobs.folder)
    children.spawn(held, leaves(jobs, 2))
    jobs.cancel(held.job_id)
    jobs.replay(held.job_id, "spread")
    again = jobs.claim(held.job_id, "spread")
    children.spawn(again, leaves(jobs, 1))
    with engine_session() as session:
        session.execute(text("UPDATE jobs SET state = 'succeeded' WHERE parent_id = :job AND parent_generation = 2"), {"job": held.job_id})
    children.join(held.job_id)
    assert jobs.step(held.job_id, "spread")["output"]["succeeded"] == 1


def test_a_fenced_spawn_makes_no_children(jobs: Jobs) -> None:
    """Children and the step's wait are one transaction: a worker that lost the step makes neither."""
    held = jobs.hold("test.fan", folder=jobs.folder)
    expire(held)
    jobs.claim(held.job_id, "spread")
    with pytest.raises(LeaseLost):
        children.spawn(held, leaves(jobs, 2))
    assert not ask("SELECT 1 FROM jobs WHERE parent_id = :job", job=held.job_id)
