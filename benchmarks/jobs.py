"""Durable one-step jobs beside stock Celery's messages: how many a second, and how soon one begins."""

from __future__ import annotations

import gc
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import benchmarks.kinds  # noqa: F401  (declares bench.noop)
from benchmarks.row import Row
from benchmarks.stack import BenchStack
from models.session import engine_statement, org_session
from worker.submission import submit

JOBS = 3000
WARM_UP = 300
SUBMITTERS = 8
PICKUPS = 1000
PICKUPS_A_SECOND = 100
PATIENCE_SECONDS = 300.0

_OPEN = "SELECT count(*) AS n FROM jobs WHERE state NOT IN ('succeeded', 'failed', 'cancelled')"
_BEGUN = """
SELECT s.job_id::text AS job, extract(epoch FROM s.claimed_at)::float8 AS at FROM job_steps s WHERE s.job_id = ANY(CAST(:jobs AS uuid[]))
"""


def rows() -> list[Row]:
    with BenchStack() as stack:
        with stack.worker("worker.celery_app:app", "io", include="benchmarks.kinds"):
            ours, ours_pickup = _ours(stack)
        with stack.worker("benchmarks.stock_celery:app", "stock"):
            peer, peer_pickup = _peer()
    return [
        Row("jobs", ours, peer, "jobs/s"),
        Row("pickup-p99-ms", ours_pickup, peer_pickup, "ms"),
    ]


def _ours(stack: BenchStack) -> tuple[float, float]:
    _submit_all(stack, WARM_UP)
    begun = time.monotonic()
    _submit_all(stack, JOBS)
    rate = JOBS / (time.monotonic() - begun)
    return rate, _p99(_paced(lambda: _submit(stack), _begun_at))


def _submit(stack: BenchStack) -> str:
    with org_session(stack.org_id) as session:
        return str(submit(session, org_id=stack.org_id, kind="bench.noop", params={}).job_id)


def _submit_all(stack: BenchStack, count: int) -> None:
    _sent(lambda: _submit(stack), count)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while engine_statement(_OPEN, {})[0].n and time.monotonic() < deadline:
        time.sleep(0.02)


def _begun_at(jobs: list[str]) -> list[float]:
    """When each began, seconds since the epoch; database and client share this machine's clock."""
    while engine_statement(_OPEN, {})[0].n:
        time.sleep(0.1)
    found = {row.job: row.at for row in engine_statement(_BEGUN, {"jobs": jobs})}
    return [found[job] for job in jobs]


def _paced(send: Any, begun_at: Any) -> list[float]:
    """Milliseconds from the call to its beginning, for calls at a steady pace."""
    first = time.monotonic() + 0.1

    def one(n: int) -> tuple[float, str]:
        time.sleep(max(0.0, first + n / PICKUPS_A_SECOND - time.monotonic()))
        return time.time(), send()

    with ThreadPoolExecutor(SUBMITTERS) as pool:
        sent = list(pool.map(one, range(PICKUPS)))
    begun = begun_at([job for _, job in sent])
    return [(at - called) * 1000 for (called, _), at in zip(sent, begun, strict=True)]


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


def _peer() -> tuple[float, float]:
    from benchmarks.stock_celery import begun, rest  # reads where its broker is when it is imported

    _gather(_sent(rest.apply_async, WARM_UP))
    started = time.monotonic()
    _gather(_sent(rest.apply_async, JOBS))
    rate = JOBS / (time.monotonic() - started)
    pickup = _p99(_paced(begun.apply_async, _gather))
    gc.collect()  # results are in cycles, and one that is collected once Redis has gone waits for it
    return rate, pickup


def _sent(send: Any, count: int) -> list[Any]:
    """What `send` answers, called so often by as many threads for ours as for the peer."""
    with ThreadPoolExecutor(SUBMITTERS) as pool:
        return list(pool.map(lambda _: send(), range(count)))


def _gather(results: list[Any]) -> list[Any]:
    return [result.get(timeout=PATIENCE_SECONDS) for result in results]
