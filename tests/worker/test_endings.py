"""What a kind writes when one of its jobs ends."""

from __future__ import annotations

import pytest

from tests.worker.jobs import Jobs, expire
from worker import finish, sweep


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
def test_a_kind_is_told_how_its_job_ended(jobs: Jobs, state: str) -> None:
    """The hook runs with the final state, whichever way the job came to it."""
    held = jobs.hold("test.ends", folder=jobs.folder)
    endings = {
        "succeeded": lambda: finish.done(held, {}, []),
        "failed": lambda: finish.failed(held, {"detail": "no"}),
        "cancelled": lambda: finish.cancelled(held),
    }
    endings[state]()
    assert (jobs.mark("ended"), jobs.view(held.job_id)["state"]) == (state, state)


def test_a_kind_is_told_of_a_job_that_is_given_up(jobs: Jobs) -> None:
    """A step that was lost with its last attempt ends the job by the sweep."""
    held = jobs.hold("test.ends", folder=jobs.folder)
    expire(held)
    sweep.recover_expired()
    assert (jobs.mark("ended"), jobs.step(held.job_id)["state"]) == ("failed", "dead")


def test_a_hook_that_fails_keeps_neither_its_job_open_nor_the_others_waiting(jobs: Jobs) -> None:
    """What the hook wrote is undone and told in the log; the job has ended all the same."""
    failing = jobs.hold("test.ends", folder=jobs.folder, hook_fails=True)
    other = jobs.hold("test.ends", folder=jobs.folder)
    for held in (failing, other):
        expire(held)
    sweep.recover_expired()
    assert [jobs.view(held.job_id)["state"] for held in (failing, other)] == ["failed", "failed"]
