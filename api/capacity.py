"""How many requests of a process may be held open at once, so that short ones always find a thread."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Gauge

from core.errors import TooManyRequests

THREADS = 64
STREAMS = 40
STREAMS_PER_USER = 8
WAITS = 12
WAITS_PER_USER = 4
RETRY_SECONDS = 5

HELD = Gauge("drumbeat_http_held", "Requests held open", ["what"])


class Held:
    """Places for one sort of long request."""

    def __init__(self, what: str, *, total: int, each: int) -> None:
        self._what, self._total, self._each = what, total, each
        self._users: Counter[object] = Counter()
        self._lock = threading.Lock()

    def take(self, user: object) -> bool:
        """Take a place, to be given back with `leave`; False when all are taken."""
        with self._lock:
            if self._users.total() >= self._total or self._users[user] >= self._each:
                return False
            self._users[user] += 1
            HELD.labels(self._what).inc()
            return True

    def leave(self, user: object) -> None:
        with self._lock:
            self._users[user] -= 1
            if not self._users[user]:
                del self._users[user]
            HELD.labels(self._what).dec()

    @contextmanager
    def place(self, user: object) -> Iterator[bool]:
        """A place for the length of the block; False when there is none."""
        taken = self.take(user)
        try:
            yield taken
        finally:
            if taken:
                self.leave(user)

    def full(self) -> TooManyRequests:
        return TooManyRequests(
            f"At most {self._each} {self._what} a user, {self._total} in all, are held open at once",
            hint="Close one, or ask for the state from time to time instead.",
            retry_after=RETRY_SECONDS,
        )


streams = Held("event streams", total=STREAMS, each=STREAMS_PER_USER)
waits = Held("waiting requests", total=WAITS, each=WAITS_PER_USER)
