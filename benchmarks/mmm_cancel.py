"""Seconds from the cancel of a fit to its job's end, on a worker, at every stage of the fit; the peer is what is allowed.

The worst of a few cancels at each stage. The heartbeat that carries a cancel to its worker is part of it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import click

import tasks  # noqa: F401  (declares the kinds)
from benchmarks.row import Row
from benchmarks.stack import BenchStack
from core.errors import StepFailed
from models.session import org_session
from pipelines.mmm.worlds import world
from worker import control
from worker.reading import job_view
from worker.submission import submit

ALLOWED_SECONDS = 2.0
PATIENCE_SECONDS = 300.0
FINAL = ("succeeded", "failed", "cancelled")
# What the fit says at a stage, and the seconds from there to each cancel. A machine compiles once. What comes after the last draw
# is shorter than a heartbeat, so it is met by waiting from the last draws on.
STAGES = {
    "compiling": ("holdout fit: compiles", (2.0,)),
    "holdout": ("holdout fit: draw", (0.0, 0.4, 0.8)),
    "drawing": ("draw", (0.0, 0.4, 0.8)),
    "after-drawing": ("draw", (2.5, 3.0, 3.5, 4.0, 4.5, 5.0)),
}


def rows() -> list[Row]:
    with BenchStack() as stack, stack.worker("worker.celery_app:app", "cpu", pool="prefork", slots=2):
        return [Row(stage, max(_cancels(stack.org_id, stage)), ALLOWED_SECONDS, "s") for stage in STAGES]


def _cancels(org_id: uuid.UUID, stage: str) -> Iterator[float]:
    words, delays = STAGES[stage]
    for number, delay in enumerate(delays):
        job_id = _submitted(org_id, seed=1000 * list(STAGES).index(stage) + number)
        _until(org_id, job_id, lambda job: _message(job).startswith(words))
        time.sleep(delay)
        yield from _cancelled(org_id, job_id, stage)


def _submitted(org_id: uuid.UUID, seed: int) -> uuid.UUID:
    market = world(1, channels=8).market
    lines = [["date", "revenue", *market.channels]]
    for n, day in enumerate(market.dates):
        lines.append([str(day), *(str(float(x)) for x in (market.outcome[0, n], *market.spend[0, n]))])
    params = {"csv": "\n".join(",".join(line) for line in lines), "sampling": {"seed": seed}}
    with org_session(org_id) as session:
        return submit(session, org_id=org_id, kind="mmm.fit", params=params).job_id


def _cancelled(org_id: uuid.UUID, job_id: uuid.UUID, stage: str) -> Iterator[float]:
    """The seconds; none when the fit was done before."""
    asked = time.monotonic()
    with org_session(org_id) as session:
        job = job_view(session, job_id)
        if job["state"] not in FINAL:
            control.cancel(session, job_id)
    state = _until(org_id, job_id, lambda job: job["state"] in FINAL)["state"]
    seconds = time.monotonic() - asked
    click.echo(f"{stage}: {_message(job)!r}: {state} after {seconds:.2f} s", err=True)
    if state == "cancelled":
        yield seconds


def _message(job: dict[str, Any]) -> str:
    return str(job["steps"][1]["message"] or "")


def _until(org_id: uuid.UUID, job_id: uuid.UUID, is_there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with org_session(org_id) as session:
            job = job_view(session, job_id)
        if is_there(job) or job["state"] in FINAL:
            return job
        time.sleep(0.02)
    raise StepFailed(f"Not reached in {PATIENCE_SECONDS:.0f} s; the job is {job['state']}: {job['error']}")
