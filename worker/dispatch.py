"""The dispatcher: one thread a process that admits ready steps and sends their wake-ups.

`nudge()` is cheap and may be called from anywhere; nudges that come while a pass runs are one pass.
Nothing depends on it: whatever it misses (a broker that is down, a process that dies) the sweep finds.
"""

from __future__ import annotations

import os
import threading
import time

from sqlalchemy import event
from sqlalchemy.orm import Session

from core.errors import DrumbeatError
from core.logging import logger

_PAUSE_SECONDS = 0.005  # between two passes: under load one pass then serves many finished and submitted jobs

_REFILL_SECONDS = 0.03  # a pool has twice its slots in flight: steps of this length and more never find it empty

_threads: dict[int, Dispatcher] = {}  # by process id: threads do not survive a fork
_starting = threading.Lock()


class Dispatcher:
    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._urgent = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dispatcher", daemon=True)
        self._thread.start()

    def nudge(self, *, urgent: bool) -> None:
        if urgent:
            self._urgent.set()
        self._wanted.set()

    def _work(self) -> None:
        from worker.admission import admit_all

        while True:
            self._wanted.wait()
            self._urgent.wait(_REFILL_SECONDS)
            self._wanted.clear()
            self._urgent.clear()
            try:
                admit_all()
            except DrumbeatError as error:
                logger("worker").warning("dispatch.postponed", reason=error.detail)
            except Exception:  # noqa: BLE001  (the thread must outlive any one pass)
                logger("worker").exception("dispatch.failed")
            time.sleep(_PAUSE_SECONDS)


def nudge_after_commit(session: Session) -> None:
    """`nudge` once this session's transaction has committed."""
    session.info["nudge"] = True


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    if session.info.pop("nudge", False):
        nudge()


def nudge(*, urgent: bool = True) -> None:
    """Ask this process's dispatcher for a pass, starting it if need be.

    urgent: something became ready that may find a free slot. Else a slot became free, and what waits for it has
    others before it that are on their way already.
    """
    pid = os.getpid()
    if pid not in _threads:
        with _starting:
            if pid not in _threads:
                _threads[pid] = Dispatcher()
    _threads[pid].nudge(urgent=urgent)
