"""Submitting: what is refused, and what makes one job however often it is sent."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import IdempotencyMismatch, InvalidInput, UnknownKind
from models.session import org_session
from tests.worker.jobs import Jobs, ask
from worker.kinds import get_kind
from worker.submission import order, submit, submit_many


def test_all_faults_of_the_params_are_told_at_once(jobs: Jobs) -> None:
    """Every fault comes with its JSON pointer."""
    with pytest.raises(InvalidInput) as refused:
        jobs.submit("test.fan", children="many", depth=[], surprise=1)
    assert {f["pointer"] for f in refused.value.errors} == {"/params/children", "/params/depth", "/params/surprise", "/params/folder"}


def test_an_unknown_kind_names_its_neighbours(jobs: Jobs) -> None:
    """A misspelt kind is answered with the nearest ones."""
    with pytest.raises(UnknownKind) as refused:
        jobs.submit("test.nop")
    assert "test.noop" in refused.value.hint


def test_a_priority_out_of_range_is_refused(jobs: Jobs) -> None:
    """Priorities go from -10 to 10."""
    with pytest.raises(InvalidInput) as refused:
        jobs.submit("test.noop", priority=11)
    assert refused.value.errors[0]["pointer"] == "/priority"


@pytest.mark.parametrize("bad", ["a\0b", "a\ud800b"])
def test_text_that_postgres_cannot_keep_is_a_fault_of_the_params(jobs: Jobs, bad: str) -> None:
    """A NUL or half a surrogate pair is refused with its place, not met as a database error."""
    with pytest.raises(InvalidInput) as refused:
        jobs.put("test.leaf", folder=bad)
    assert refused.value.errors[0]["pointer"] == "/params/folder"


def test_one_idempotency_key_makes_one_job(jobs: Jobs) -> None:
    """A hundred submits at once with one key answer one job, made once."""

    def send(_: int) -> tuple[uuid.UUID, bool]:
        with org_session(jobs.org_id) as session:
            made = submit(session, org_id=jobs.org_id, kind="test.noop", params={}, idempotency_key="once")
        return made.job_id, made.created

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(send, range(100)))
    assert len({job for job, _ in answers}) == 1
    assert sum(created for _, created in answers) == 1
    assert ask("SELECT count(*) AS n FROM jobs WHERE org_id = :org", org=jobs.org_id)[0].n == 1


def test_a_key_used_with_another_request_is_refused(jobs: Jobs) -> None:
    """The same key with other params is a mismatch, in another organisation it is free."""
    with org_session(jobs.org_id) as session:
        submit(session, org_id=jobs.org_id, kind="test.chain", params={"start": 1}, idempotency_key="k")
        with pytest.raises(IdempotencyMismatch, match="'k'"):
            submit(session, org_id=jobs.org_id, kind="test.chain", params={"start": 2}, idempotency_key="k")


def test_a_key_belongs_to_its_organisation(jobs: Jobs, make_organization) -> None:
    """Two organisations may use the same key for different jobs."""
    other = make_organization().id
    made = []
    for org in (jobs.org_id, other):
        with org_session(org) as session:
            made.append(submit(session, org_id=org, kind="test.noop", params={}, idempotency_key="same"))
    assert made[0].created
    assert made[1].created
    assert made[0].job_id != made[1].job_id


def test_nothing_is_left_of_a_submit_whose_transaction_fails(jobs: Jobs) -> None:
    """Job, steps and first event share the caller's transaction."""

    def submit_and_fail() -> None:
        with org_session(jobs.org_id) as session:
            submit(session, org_id=jobs.org_id, kind="test.noop", params={})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        submit_and_fail()
    for table in ("jobs", "job_steps", "job_events"):
        assert not ask(f"SELECT 1 FROM {table} WHERE org_id = :org", org=jobs.org_id)


def test_a_batch_is_submitted_in_order(jobs: Jobs) -> None:
    """`submit_many` answers ids in the order of the requests."""
    with org_session(jobs.org_id) as session:
        ids = submit_many(session, [{"org_id": jobs.org_id, "kind": "test.chain", "params": {"start": n}} for n in range(5)])
    assert [jobs.view(job)["params"]["start"] for job in ids] == list(range(5))


def test_steps_are_frozen_with_the_declaration_version(jobs: Jobs) -> None:
    """A job keeps the steps, pools and limits that its kind had when it was submitted."""
    frozen = order(org_id=jobs.org_id, kind="test.frozen", params={"folder": jobs.folder})
    assert frozen["version"] == get_kind("test.frozen").version
    assert frozen["steps"] == [{"name": "hang", "position": 0, "pool": "gpu", "max_attempts": 2, "deadline": 1.0, "share": 1.0}]
