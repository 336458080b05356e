"""How long steps stood still whose worker was killed or frozen.

Measured on the database's clock, from the fault until the step's next attempt began. Steps that ended by themselves
meanwhile, as those of a killed child's neighbours do, are not counted.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg2
import psycopg2.extras

_RUNNING = """
SELECT clock_timestamp() AS at, job_id::text, name, attempt FROM job_steps WHERE state = 'running' AND worker = %s
"""
# What came after that attempt's start: taken over at once, or found silent and begun again.
_NEXT = """
SELECT e.type, e.at, e.data FROM job_events e
WHERE e.job_id = %(job)s AND e.step = %(step)s AND e.type <> 'step.progress' AND e.seq > (
    SELECT s.seq FROM job_events s
    WHERE s.job_id = e.job_id AND s.step = e.step AND s.type = 'step.started' AND (s.data->>'attempt')::int = %(attempt)s)
ORDER BY e.seq LIMIT 2
"""


@dataclass(frozen=True)
class _Interrupted:
    fault: str
    at: datetime
    job: str
    step: str
    attempt: int


def rows(url: str, sql: str, values: Any = ()) -> list[dict[str, Any]]:
    """One query as the owner, which sees all rows. Raises psycopg2.OperationalError when Postgres is away."""
    with (
        contextlib.closing(psycopg2.connect(url, connect_timeout=3)) as connection,
        connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor,
    ):
        cursor.execute(sql, values)
        return [dict(row) for row in cursor.fetchall()]


class Recovery:
    def __init__(self, url: str) -> None:
        self._url = url
        self._interrupted: list[_Interrupted] = []

    def note(self, node: str, fault: str) -> None:
        """Remember what runs on a worker that is about to be struck. Nothing while Postgres is away."""
        with contextlib.suppress(psycopg2.OperationalError):
            found = rows(self._url, _RUNNING, (node,))
            self._interrupted += [_Interrupted(fault, row["at"], row["job_id"], row["name"], row["attempt"]) for row in found]

    def seconds(self) -> list[tuple[float, str]]:
        """Seconds and the fault for each interrupted step that ran again, in ascending order."""
        return sorted((taken, each.fault) for each in self._interrupted if (taken := self._taken(each)) is not None)

    def _taken(self, each: _Interrupted) -> float | None:
        after = rows(self._url, _NEXT, {"job": each.job, "step": each.step, "attempt": each.attempt})
        if after and after[0]["type"] == "step.retrying" and "fell silent" in after[0]["data"].get("reason", ""):
            after = after[1:]
        elif len(after) > 1:
            after = after[:1]
        started = after[0] if after and after[0]["type"] == "step.started" else None
        return (started["at"] - each.at).total_seconds() if started else None


def percentile(ascending: list[float], share: float) -> float | None:
    """Nearest rank; None for no values."""
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)] if ascending else None
