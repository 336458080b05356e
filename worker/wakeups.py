"""Wake-ups: a job's remaining steps as one Celery chain of immutable signatures, carrying ids only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from celery import chain
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
                _signature(wakeup).apply_async(producer=producer, retry=False)
    except (OperationalError, OSError, TimeoutError) as error:
        raise Unavailable(
            f"The broker is away: {error}", hint="Wake-ups are sent again by the sweep; check REDIS_URL if this lasts."
        ) from error


def _signature(wakeup: Wakeup) -> Any:
    links = [
        app.signature(f"{wakeup.kind}/{name}", args=(wakeup.job_id, name, generation), immutable=True, options={"queue": pool})
        for name, generation, pool in wakeup.steps
    ]
    return links[0] if len(links) == 1 else chain(*links, app=app)
