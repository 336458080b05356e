"""The processes of the storm's stack: started, killed, frozen, started again."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import psutil

from cli.keeping import Kept
from cli.procfile import ROOT


class Member:
    """One process under a keeper. `tend` starts it again once it has ended and its delay is over.

    node: the Celery node name of a worker, by which its steps are known in the database.
    """

    def __init__(self, name: str, arguments: list[str], home: Path, *, pool: str = "") -> None:
        self.name, self.pool = name, pool
        self.node = f"{name}@storm" if pool else ""
        self.log = home / f"{name}.log"
        self._command = [sys.executable, "-m", *arguments]
        self._pidfile = home / f"{name}.pid"
        self._kept: Kept | None = None
        self._not_before = 0.0
        self._frozen: list[int] = []
        self._thaw_at = 0.0

    @property
    def is_frozen(self) -> bool:
        return bool(self._frozen)

    @property
    def pid(self) -> int | None:
        return self._kept.pid if self._kept else None

    def tend(self) -> None:
        """Start what has ended, thaw what is due."""
        now = time.monotonic()
        if self._frozen and now >= self._thaw_at:
            self.thaw()
        if self._kept is not None and not self._kept.is_up:
            self._kept.stop()
            self._kept = None
        if self._kept is None and now >= self._not_before:
            self._kept = Kept(self._command, pidfile=self._pidfile, log=self.log, cwd=ROOT, grace=8)

    def kill(self, delay: float) -> None:
        """SIGKILL, as the kernel's memory killer would; started again after `delay` seconds."""
        self.thaw()
        self._not_before = time.monotonic() + delay
        if self._kept is not None:
            self._kept.send(signal.SIGKILL)

    def kill_child(self, pick: int) -> bool:
        """SIGKILL one process of its pool; whether there was one."""
        children = self._children()
        if children:
            _signal(children[pick % len(children)], signal.SIGKILL)
        return bool(children)

    def freeze(self, seconds: float) -> None:
        """SIGSTOP it with all its pool, as a suspended machine would."""
        if pid := self.pid:
            self._frozen = [pid, *self._children()]
            self._thaw_at = time.monotonic() + seconds
            for each in self._frozen:
                _signal(each, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in self._frozen:
            _signal(pid, signal.SIGCONT)
        self._frozen = []

    def stop(self) -> None:
        self.thaw()
        if self._kept is not None:
            self._kept.stop()
            self._kept = None

    def release(self) -> None:
        """Ask it to end, without waiting."""
        self.thaw()
        if self._kept is not None:
            self._kept.release()

    def _children(self) -> list[int]:
        pid = self.pid
        if pid is None:
            return []
        with contextlib.suppress(psutil.Error):
            return sorted(child.pid for child in psutil.Process(pid).children())
        return []


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
