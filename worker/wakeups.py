"""Wake-ups: a job's remaining steps as one Celery chain of immutable signatures, carrying ids only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from celery import Signature, uuid
from kombu.exceptions import OperationalError

from core.errors import Unavailable
from worker.celery_app import app


@dataclass(frozen=True)
class Wakeup:
    """The step to run now and the ones the chain runs after it: (name, generation, pool) each."""

    job_id: str
    kind: str
    steps: tuple[tuple[str, int, str], ...]

    @classmethod
    def of_row(cls, row: Any) -> Wakeup:
        return cls(str(row.job_id), row.kind, ((row.name, row.generation, row.pool), *(tuple(r) for r in row.rest)))


def send(wakeups: Sequence[Wakeup]) -> None:
    """Publish them over one connection. Raises Unavailable when the broker is away; may be sent twice."""
    if not wakeups:
        return
    try:
        with app.producer_pool.acquire(block=True, timeout=5) as producer:
            for wakeup in wakeups:
                _publish(producer, wakeup)
    except (OperationalError, OSError, TimeoutError) as error:
        raise Unavailable(
            f"The broker is away: {error}", hint="Wake-ups are sent again by the sweep; check REDIS_URL if this lasts."
        ) from error


def _publish(producer: Any, wakeup: Wakeup) -> None:
    """What `chain(...).apply_async` sends, without what it looks up anew each time: half of an admission pass went there."""
    (name, generation, pool), *rest = wakeup.steps
    task = f"{wakeup.kind}/{name}"
    message = app.amqp.as_task_v2(
        uuid(),
        task,
        args=(wakeup.job_id, name, generation),
        argsrepr=f"({wakeup.job_id}, {name}, {generation})",
        kwargsrepr="{}",
        chain=[_link(wakeup, *step) for step in reversed(rest)],
        ignore_result=True,
    )
    producer.publish(
        message.body, exchange="", routing_key=pool, serializer="json", retry=False, headers=message.headers, **message.properties
    )


def _link(wakeup: Wakeup, name: str, generation: int, pool: str) -> Signature:
    """One further step of the chain; the worker sends it when the step before it has returned."""
    return app.signature(f"{wakeup.kind}/{name}", args=(wakeup.job_id, name, generation), immutable=True, options={"queue": pool})
