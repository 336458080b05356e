"""Exposures, gathered in memory and written many at a time by a thread, so that an assignment waits for no disk.

An orderly stop of the process writes what is left. A crash (SIGKILL, power) loses what came in the last
EXPOSURE_FLUSH_SECONDS, or while Postgres was away; such a unit is seen again at its next assignment, which gives it the same variant.
"""

from __future__ import annotations

import atexit
import json
import os
import threading
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass

from prometheus_client import Counter, Gauge
from sqlalchemy import text

from core.errors import Unavailable
from core.logging import logger
from core.settings import get_settings
from models.session import engine_session

LARGEST_BATCH = 5000
MOST_WAITING = 200_000  # beyond it assignments are refused rather than exposures dropped
REMEMBERED = 200_000  # exposures written lately, which are not written again
_PAUSE_SECONDS = 1.0  # after a failed write

WAITING = Gauge("drumbeat_exposures_waiting", "Exposures not yet in Postgres")
WRITTEN = Counter("drumbeat_exposures_written_total", "Exposures handed to Postgres")

# The time of the exposure is the database's, less what it waited here.
_WRITE = text("""
INSERT INTO experiment_exposures (experiment_id, unit, variant, org_id, version, first_at)
SELECT w.experiment_id, w.unit, w.variant, w.org_id, w.version, clock_timestamp() - w.age * interval '1 second'
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w(experiment_id uuid, unit text, variant text, org_id uuid, version int, age float8)
JOIN experiments e ON e.id = w.experiment_id AND e.org_id = w.org_id
ORDER BY w.experiment_id, w.unit, w.variant
ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True)
class Exposure:
    org_id: uuid.UUID
    experiment_id: uuid.UUID
    unit: str
    variant: str
    version: int

    @property
    def key(self) -> tuple[uuid.UUID, str, str]:
        return (self.experiment_id, self.unit, self.variant)


class ExposureBuffer:
    """One a process. `add` returns at once; `flush` returns when everything added before it is in Postgres."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: dict[tuple[uuid.UUID, str, str], tuple[Exposure, float]] = {}
        self._written: OrderedDict[tuple[uuid.UUID, str, str], None] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._is_open = True
        self._wake = threading.Event()

    def add(self, exposure: Exposure) -> None:
        """Raises Unavailable when too many wait because Postgres is away."""
        with self._lock:
            if exposure.key in self._written:
                self._written.move_to_end(exposure.key)
                return
            if len(self._waiting) >= MOST_WAITING:
                raise Unavailable("Too many exposures wait to be written", hint="The database is away or too slow.", retry_after=5)
            self._waiting.setdefault(exposure.key, (exposure, time.monotonic()))
            if self._thread is None:
                self._start()

    def flush(self) -> None:
        """Raises Unavailable when Postgres is away; what was not written stays and is tried again."""
        with self._writing:
            while batch := self._take():
                try:
                    self._write(batch)
                except Exception:
                    self._put_back(batch)
                    raise

    def close(self) -> None:
        """Write what is left and stop the thread; for the end of the process."""
        self._is_open = False
        self._wake.set()
        try:
            self.flush()
        except Unavailable as error:
            logger("api").error("exposures.lost", waiting=len(self._waiting), reason=error.detail)

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="exposures", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def _run(self) -> None:
        every = get_settings().exposure_flush_seconds
        while self._is_open:
            self._wake.wait(every)
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001  (whatever it is, the thread must go on: it is tried again)
                logger("api").warning("exposures.waiting", waiting=len(self._waiting), reason=str(error))
                self._wake.wait(_PAUSE_SECONDS)

    def _take(self) -> list[tuple[Exposure, float]]:
        with self._lock:
            keys = list(self._waiting)[:LARGEST_BATCH]
            return [self._waiting.pop(key) for key in keys]

    def _put_back(self, batch: list[tuple[Exposure, float]]) -> None:
        with self._lock:
            self._waiting = {one.key: (one, at) for one, at in batch} | self._waiting

    def _write(self, batch: list[tuple[Exposure, float]]) -> None:
        now = time.monotonic()
        rows = [
            {
                "experiment_id": str(one.experiment_id),
                "unit": one.unit,
                "variant": one.variant,
                "org_id": str(one.org_id),
                "version": one.version,
                "age": now - at,
            }
            for one, at in batch
        ]
        with engine_session() as session:
            session.execute(_WRITE, {"rows": json.dumps(rows)})
        with self._lock:
            for one, _ in batch:
                self._written[one.key] = None
            while len(self._written) > REMEMBERED:
                self._written.popitem(last=False)
        WRITTEN.inc(len(batch))
        WAITING.set(len(self._waiting))


_buffers: dict[int, ExposureBuffer] = {}  # by process id: a forked child starts with an empty one


def buffer() -> ExposureBuffer:
    """This process's buffer."""
    pid = os.getpid()
    if pid not in _buffers:
        _buffers[pid] = ExposureBuffer()
    return _buffers[pid]
