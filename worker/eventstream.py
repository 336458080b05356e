"""Live events: one poller a process feeds all its watchers, however many tabs are open."""

from __future__ import annotations

import json
import queue
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.errors import Unavailable
from core.logging import logger
from models.session import engine_statement

_POLL_SECONDS = 0.25
_KEEP_ALIVE_SECONDS = 10.0
_FINAL_TYPES = ("job.succeeded", "job.failed", "job.cancelled")

# The organisation is matched again here: a watch is only ever on a job of its own organisation.
_NEWS = """
SELECT e.job_id, e.org_id, e.seq, e.type, e.step, e.data, e.at
FROM jsonb_to_recordset(CAST(:watched AS jsonb)) AS w(job uuid, org uuid, after int)
CROSS JOIN LATERAL (
    SELECT * FROM job_events e WHERE e.job_id = w.job AND e.org_id = w.org AND e.seq > w.after ORDER BY e.seq LIMIT 200
) e ORDER BY e.job_id, e.seq
"""
_OVER = """
SELECT 1 FROM jobs WHERE id = :job AND org_id = :org AND state IN ('succeeded', 'failed', 'cancelled') AND last_event <= :after
"""


@dataclass(eq=False)
class _Watch:
    org_id: str
    job_id: str
    after: int
    news: queue.SimpleQueue[dict[str, Any]] = field(default_factory=queue.SimpleQueue)


class EventFeed:
    """Subscriptions to jobs' events. Every event after `after_seq` is delivered once, in order."""

    def __init__(self) -> None:
        self._watches: set[_Watch] = set()
        self._guard = threading.Lock()
        self._wanted = threading.Event()
        threading.Thread(target=self._poll_for_ever, name="eventfeed", daemon=True).start()

    def subscribe(self, org_id: uuid.UUID | str, job_id: uuid.UUID | str, after_seq: int = 0) -> Iterator[dict[str, Any] | None]:
        """Events, and None as a keep-alive in quiet times; ends when the job is final and all its events are out."""
        watch = _Watch(str(org_id), str(job_id), after_seq)
        with self._guard:
            self._watches.add(watch)
        self._wanted.set()
        seen = after_seq
        try:
            while not self._over(watch, seen):
                try:
                    while True:
                        news = watch.news.get(timeout=_KEEP_ALIVE_SECONDS)
                        seen = news["seq"]
                        yield news
                        if news["type"] in _FINAL_TYPES:
                            break
                except queue.Empty:
                    yield None
        finally:
            with self._guard:
                self._watches.discard(watch)

    def _over(self, watch: _Watch, seen: int) -> bool:
        try:
            return bool(engine_statement(_OVER, {"job": watch.job_id, "org": watch.org_id, "after": seen}))
        except Unavailable:
            return False

    def _poll_for_ever(self) -> None:
        while True:
            self._wanted.wait()
            try:
                self._poll()
            except Unavailable as error:
                logger("worker").warning("eventfeed.postponed", reason=error.detail)
            except Exception:  # noqa: BLE001  (the thread must outlive any one pass)
                logger("worker").exception("eventfeed.failed")
            time.sleep(_POLL_SECONDS)

    def _poll(self) -> None:
        with self._guard:
            watches = list(self._watches)
            if not watches:
                self._wanted.clear()
                return
        furthest: dict[tuple[str, str], int] = {}
        for watch in watches:
            key = (watch.job_id, watch.org_id)
            furthest[key] = min(watch.after, furthest.get(key, watch.after))
        watched = json.dumps([{"job": job, "org": org, "after": after} for (job, org), after in furthest.items()])
        for row in engine_statement(_NEWS, {"watched": watched}):
            event = {"seq": row.seq, "type": row.type, "step": row.step, "data": row.data, "at": row.at}
            for watch in watches:
                if (watch.job_id, watch.org_id) == (str(row.job_id), str(row.org_id)) and row.seq > watch.after:
                    watch.after = row.seq
                    watch.news.put(event)
