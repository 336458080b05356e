"""What a Celery worker process does besides running tasks: registers the steps, says what it is, sweeps."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Any

from celery import Task, signals
from sqlalchemy import text

from core.errors import DrumbeatError
from core.logging import configure_logging, logger
from core.settings import get_settings
from core.version import VERSION
from models.session import dispose, engine_session
from worker import schedules
from worker.celery_app import app
from worker.kinds import POOLS, all_kinds
from worker.outputs import remove_orphans
from worker.runner import run_step
from worker.sweep import sweep
from worker.upkeep import run_chores

_SAY = """
INSERT INTO workers (name, pool, host, pid, slots, device, version, seen_at)
VALUES (:name, :pool, :host, :pid, :slots, :device, :version, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET pool = excluded.pool, host = excluded.host, pid = excluded.pid, slots = excluded.slots,
    device = excluded.device, version = excluded.version, seen_at = excluded.seen_at,
    started_at = CASE WHEN workers.pid = excluded.pid THEN workers.started_at ELSE clock_timestamp() END
"""
_GONE = "DELETE FROM workers WHERE name = ANY(:names)"
_FORGET_SILENT = "DELETE FROM workers WHERE seen_at < clock_timestamp() - interval '1 hour'"

_EXPIRED = (
    "DELETE FROM refresh_tokens WHERE expires_at < clock_timestamp() - interval '1 day'",
    "DELETE FROM revoked_tokens WHERE expires_at < clock_timestamp()",
    "DELETE FROM oauth_states WHERE expires_at < clock_timestamp()",
)

_stopping = threading.Event()


def register_steps() -> None:
    """One Celery task a step, under the name Flower shows: `kind/step`. May run twice."""
    for kind in all_kinds().values():
        for step in kind.steps:
            name = f"{kind.name}/{step.name}"
            if name not in app.tasks:
                app.task(_run, name=name, bind=True, ignore_result=True)


def _run(self: Task, job_id: str, step: str, generation: int) -> None:
    run_step(job_id, step, generation, worker=self.request.hostname or socket.gethostname())


@app.task(name="drumbeat/sweep", ignore_result=True)
def _sweep() -> None:
    sweep()


@app.task(name="drumbeat/schedules", ignore_result=True)
def _schedules() -> None:
    schedules.tick()


@app.task(name="drumbeat/upkeep", ignore_result=True)
def _upkeep() -> None:
    remove_orphans()
    with engine_session() as session:
        for statement in (_FORGET_SILENT, *_EXPIRED):
            session.execute(text(statement))
    run_chores()


@signals.celeryd_after_setup.connect
def _on_setup(**_: Any) -> None:
    register_steps()  # every module with kinds is imported by now


@signals.setup_logging.connect
def _on_logging(**_: Any) -> None:
    configure_logging("worker")


@signals.worker_process_init.connect
def _on_fork(**_: Any) -> None:
    dispose()  # a child must not talk on its parent's connections


@signals.worker_ready.connect
def _on_ready(sender: Any, **_: Any) -> None:
    threading.Thread(target=_tend, args=(sender,), name="sweep", daemon=True).start()


@signals.worker_shutting_down.connect
def _on_shutdown(**_: Any) -> None:
    _stopping.set()


def _tend(consumer: Any) -> None:
    """Say what this worker is and sweep, every second, for as long as it takes tasks."""
    pools = [q for q in consumer.app.amqp.queues.consume_from if q in POOLS]
    rows = [_row(consumer, pool, alone=len(pools) == 1) for pool in pools]
    while not _stopping.is_set():
        try:
            with engine_session() as session:
                session.execute(text(_SAY), rows)
            sweep()
        except DrumbeatError as error:
            logger("worker").warning("sweep.postponed", reason=error.detail)
        except Exception:  # noqa: BLE001  (the thread must outlive any one pass)
            logger("worker").exception("sweep.failed")
        time.sleep(get_settings().sweep_seconds)
    _say_goodbye([row["name"] for row in rows])


def _row(consumer: Any, pool: str, *, alone: bool) -> dict[str, Any]:
    return {
        "name": consumer.hostname if alone else f"{consumer.hostname}/{pool}",
        "pool": pool,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "slots": consumer.pool.num_processes,
        "device": _device() if pool == "gpu" else "cpu",
        "version": VERSION,
    }


def _device() -> str:
    """cuda:0 when torch is installed and sees a GPU; else cpu, and the workers page says so."""
    try:
        import torch
    except ImportError:
        return "cpu"
    return "cuda:0" if torch.cuda.is_available() else "cpu"


def _say_goodbye(names: list[str]) -> None:
    try:
        with engine_session() as session:
            session.execute(text(_GONE), {"names": names})
    except DrumbeatError as error:
        logger("worker").warning("goodbye.failed", reason=error.detail)
