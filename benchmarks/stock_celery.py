"""The peer: Celery as its manual sets it up, with Redis as broker and result backend, and events on as ours are."""

from __future__ import annotations

import os
import time

from celery import Celery

BROKER = os.environ["BENCH_REDIS_URL"]

app = Celery("stock", broker=BROKER, backend=BROKER)
app.conf.update(worker_send_task_events=True, worker_prefetch_multiplier=4, task_default_queue="stock")


@app.task
def rest() -> None:
    return None


@app.task
def begun() -> float:
    """When it began, on this machine's clock, seconds since the epoch."""
    return time.time()
