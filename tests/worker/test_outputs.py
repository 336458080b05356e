"""Files of steps: kept with the step's end, removed when it never came."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlalchemy import text

from core.errors import LeaseLost, NotFound
from models.session import engine_session
from providers.registry import storage
from tests.worker.jobs import Jobs, ask, expire, lease_of
from worker import finish
from worker.context import StepContext
from worker.outputs import remove_orphans


def make_old(jobs: Jobs) -> None:
    with engine_session() as session:
        session.execute(text("UPDATE stored_files SET created_at = created_at - interval '25 hours' WHERE org_id = :o"), {"o": jobs.org_id})


def test_a_file_stays_when_its_step_commits(jobs: Jobs) -> None:
    """The blob can be read, its row is committed with the step, and no sweeper takes it, however old."""
    held = jobs.hold("test.noop")
    context = StepContext(held, lease_of(held))
    blob = context.keep(io.BytesIO(b"picture"), "a.png", "image/png")
    finish.done(held, {}, context.writes)
    make_old(jobs)
    remove_orphans()
    assert b"".join(storage().open(blob.key)) == b"picture"
    assert f"/{held.step}/1.1/" in blob.key


def test_files_of_a_step_that_never_committed_are_removed(jobs: Jobs, tmp_path: Path) -> None:
    """A day after its job has ended the orphan is gone from the store and the table; while the job is open it stays."""
    held = jobs.hold("test.noop")
    source = tmp_path / "b.bin"
    source.write_bytes(b"lost")
    blob = StepContext(held, lease_of(held)).keep(source, "b.bin", "application/octet-stream")
    make_old(jobs)
    remove_orphans()
    assert storage().size(blob.key) == 4
    finish.failed(held, {"detail": "no"})
    remove_orphans()
    with pytest.raises(NotFound):
        storage().size(blob.key)
    assert not ask("SELECT 1 FROM stored_files WHERE key = :key", key=blob.key)


def test_two_attempts_do_not_write_over_each_other(jobs: Jobs) -> None:
    """The attempt is in the name, so a frozen worker that wakes up cannot change its successor's file."""
    first = jobs.hold("test.noop")
    expire(first)
    second = jobs.claim(first.job_id)
    keys = [StepContext(held, lease_of(held)).keep(io.BytesIO(b"x"), "a", "text/plain").key for held in (first, second)]
    assert keys[0] != keys[1]


def test_a_worker_that_lost_its_step_keeps_nothing(jobs: Jobs) -> None:
    """A fenced attempt stops at its next file."""
    held = jobs.hold("test.noop")
    lease = lease_of(held)
    lease.lost = True
    with pytest.raises(LeaseLost):
        StepContext(held, lease).keep(io.BytesIO(b"x"), "a", "text/plain")


def test_the_working_folder_goes_with_the_attempt(jobs: Jobs) -> None:
    """What a step leaves in `ctx.workdir` is removed when it ends."""
    held = jobs.hold("test.noop")
    context = StepContext(held, lease_of(held))
    folder = context.workdir
    (folder / "big").write_bytes(b"x")
    context.close()
    assert not folder.exists()
