"""What becomes of a post whose publishing ends badly, and of posts that the job may not touch."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import text

import tasks  # noqa: F401  (declares the kinds)
from models import Effect, Job, Organization, Post
from models.session import engine_session, org_session
from tests.worker.jobs import until
from worker import control, sweep
from worker.submission import insert, order

_LOSE = """
UPDATE job_steps SET state = 'running', spent = max_attempts, attempt = max_attempts, lease_until = clock_timestamp() - interval '1 minute'
WHERE job_id = :job AND position = 0
"""


def post_of(org_id: uuid.UUID, state: str) -> uuid.UUID:
    post_id = uuid.uuid4()
    with org_session(org_id) as session:
        session.add(Post(id=post_id, org_id=org_id, channel="x", text="Hear the drum.", state=state, run=uuid.uuid4().hex))
    return post_id


def state_of(post_id: uuid.UUID) -> str:
    with engine_session() as session:
        return session.get_one(Post, post_id).state


def publish(org_id: uuid.UUID, post_id: uuid.UUID) -> uuid.UUID:
    """A job that no worker takes: its steps are in a pool of their own."""
    made = order(org_id=org_id, kind="post.publish", params={"post_id": str(post_id)})
    for step in made["steps"]:
        step["pool"] = f"by-hand-{uuid.uuid4().hex[:8]}"
    with org_session(org_id) as session:
        return insert(session, [made])[0]


def lose(job_id: uuid.UUID) -> None:
    """The job's last worker dies; the sweep gives the job up, but not in the first seconds of a Postgres."""
    with engine_session() as session:
        session.execute(text(_LOSE), {"job": job_id})
    until(lambda: _given_up(job_id))


def _given_up(job_id: uuid.UUID) -> bool:
    sweep.recover_expired()
    with engine_session() as session:
        return session.get_one(Job, job_id).state == "failed"


def test_a_lost_job_fails_its_post(organization: Organization) -> None:
    """A post whose job is given up says so."""
    post = post_of(organization.id, "approved")
    lose(publish(organization.id, post))
    assert state_of(post) == "failed"


def test_a_post_of_another_organisation_is_not_touched(organization: Organization, make_organization: Callable[..., Organization]) -> None:
    """A job ends under the engine's role, which sees every organisation; the post it names is not one of its own."""
    foreign = post_of(make_organization("Another").id, "approved")
    lose(publish(organization.id, foreign))
    assert state_of(foreign) == "approved"


@pytest.mark.parametrize("state", ["awaiting_approval", "rejected"])
def test_a_post_that_is_not_approved_keeps_its_state(organization: Organization, state: str) -> None:
    """A job for it fails, but takes it neither out of the approval nor out of the rejection."""
    post = post_of(organization.id, state)
    lose(publish(organization.id, post))
    assert state_of(post) == state


def test_a_post_that_may_be_out_is_in_doubt(organization: Organization) -> None:
    """Cancelled after a request had left whose answer never came: not failed, for its text must not be written anew."""
    post = post_of(organization.id, "publishing")
    job = publish(organization.id, post)
    sent = {"org_id": organization.id, "job_id": job, "step": "publish", "class_": "irreversible", "vendor": "x", "what": "post to x"}
    with org_session(organization.id) as session:
        session.add(Effect(**sent, key=f"post:{post}:x:1", state="intent", sends=1))
    with org_session(organization.id) as session:
        control.cancel(session, job)
    assert state_of(post) == "needs_review"
