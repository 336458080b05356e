"""Submitting and watching jobs in a test's own words."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kombu.pools
from sqlalchemy import text

import tests.worker.kinds  # noqa: F401  (declares the test kinds)
from models.session import engine_session, org_session
from worker import control, reading
from worker.celery_app import app
from worker.claims import Claim, claim
from worker.leases import Lease
from worker.submission import insert, order, submit

FINAL = ("succeeded", "failed", "cancelled")
PATIENCE_SECONDS = 30.0


def until(answer: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """The first true answer, asked for again and again."""
    deadline = time.monotonic() + seconds
    while not (found := answer()):
        assert time.monotonic() < deadline, f"not within {seconds} s; the last answer was {found!r}"
        time.sleep(0.03)
    return found


def forget_broker() -> None:
    """Let this process connect to the broker that the settings name now."""
    kombu.pools.reset()
    app._pool = None
    app.amqp._producer_pool = None


class Jobs:
    """Jobs of one organisation. folder: where the test kinds leave their marks."""

    def __init__(self, org_id: uuid.UUID, folder: Path) -> None:
        self.org_id = org_id
        self.folder = str(folder)

    def submit(self, kind: str, *, priority: int = 0, campaign_id: uuid.UUID | None = None, **params: Any) -> uuid.UUID:
        with org_session(self.org_id) as session:
            job = submit(session, org_id=self.org_id, kind=kind, params=params, priority=priority, campaign_id=campaign_id)
        return job.job_id

    def put(self, kind: str, *, pool: str = "", priority: int = 0, campaign_id: uuid.UUID | None = None, **params: Any) -> uuid.UUID:
        """A job whose steps are all in a pool that no worker serves (default: a new one), so that only the test touches it."""
        made = order(org_id=self.org_id, kind=kind, params=params, priority=priority, campaign_id=campaign_id)
        for step in made["steps"]:
            step["pool"] = pool or f"by-hand-{uuid.uuid4().hex[:8]}"
        with org_session(self.org_id) as session:
            return insert(session, [made])[0]

    def hold(self, kind: str, *, campaign_id: uuid.UUID | None = None, **params: Any) -> Claim:
        """A new job's first step, claimed by this test."""
        return self.claim(self.put(kind, campaign_id=campaign_id, **params))

    def claim(self, job: object, step: str = "", worker: str = "this test") -> Claim:
        name = step or next(s["name"] for s in self.view(job)["steps"] if s["state"] != "done")
        generation = self.step(job, name)["generation"]
        held: Claim = until(lambda: claim(str(job), name, generation, worker), seconds=5)  # a claim passes by a job whose row is locked
        return held

    def view(self, job: object) -> dict[str, Any]:
        with org_session(self.org_id) as session:
            return reading.job_view(session, job)

    def step(self, job: object, name: str = "") -> dict[str, Any]:
        """The named step, by default the first, as people see it."""
        steps = self.view(job)["steps"]
        return next(s for s in steps if name in ("", s["name"]))

    def finished(self, job: object, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The job's view once it is final."""
        return self.comes_to(job, *FINAL, seconds=seconds)

    def comes_to(self, job: object, *states: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The job's view once it is in one of the states."""
        view: dict[str, Any] = until(lambda: (found := self.view(job))["state"] in states and found, seconds)
        return view

    def events(self, job: object) -> list[dict[str, Any]]:
        with org_session(self.org_id) as session:
            return reading.events_after(session, job, 0)

    def logs(self, job: object) -> list[dict[str, Any]]:
        with org_session(self.org_id) as session:
            return reading.logs(session, job)

    def children(self, job: object) -> list[dict[str, Any]]:
        with org_session(self.org_id) as session:
            return reading.job_list(session, parent_id=job, limit=200)[0]

    def cancel(self, job: object) -> None:
        with org_session(self.org_id) as session:
            control.cancel(session, job)

    def replay(self, job: object, from_step: str | None = None) -> None:
        with org_session(self.org_id) as session:
            control.replay(session, job, from_step)

    def resolve(self, job: object, waits_for: str, **resolution: Any) -> bool:
        with org_session(self.org_id) as session:
            return control.resolve(session, job, waits_for=waits_for, resolution=resolution)

    def mark(self, name: str) -> str:
        """What a step wrote into the folder under that name; empty when nothing yet."""
        path = Path(self.folder, name)
        return path.read_text() if path.exists() else ""


def lease_of(held: Claim, seconds: float = 60.0) -> Lease:
    """A hold of so many seconds from now, without a heartbeat."""
    now = time.monotonic()
    return Lease(held, expires=now + seconds, deadline=now + 3600)


def expire(held: Claim) -> None:
    """Let the claim's lease run out now, as if its worker had fallen silent."""
    change = "UPDATE job_steps SET lease_until = clock_timestamp() - interval '1 second' WHERE job_id = :job AND name = :name"
    with engine_session() as session:
        session.execute(text(change), {"job": held.job_id, "name": held.step})


def ask(sql: str, **values: Any) -> list[Any]:
    """Rows of a statement over all organisations."""
    with engine_session() as session:
        return list(session.execute(text(sql), values).all())
