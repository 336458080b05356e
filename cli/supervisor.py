"""Keeps the platform's processes running: restarts with back-off, stops in order."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from cli.keeping import Kept
from cli.procfile import ROOT

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_SECONDS = 30.0  # who lived so long starts again without delay
MAX_LOG_BYTES = 20 * 1024 * 1024
# Who answers people stops first, then who makes work, then who does it.
STOP_ORDER = (("web",), ("beat", "flower"), ("worker-io", "worker-cpu", "worker-gpu"), ("sandbox",))


@dataclass
class Supervised:
    """One process of the Procfile. `command` is a shell command line; its log grows in `logs`."""

    name: str
    command: str
    logs: Path
    environment: Mapping[str, str]
    grace: float = 10.0
    starts: int = 0
    _failures: int = 0
    _started_at: float = 0.0
    _not_before: float = 0.0
    _kept: Kept | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        return self.logs / f"{self.name}.log"

    @property
    def is_up(self) -> bool:
        return self._kept is not None and self._kept.is_up

    @property
    def pid(self) -> int | None:
        return self._kept.pid if self._kept else None

    def tend(self) -> None:
        """Start it when it is down and its delay is over."""
        if self.is_up:
            return
        now = time.monotonic()
        if self._kept is not None:
            self._note_end(now)
        if now >= self._not_before:
            self._start(now)

    def release(self) -> None:
        if self._kept is not None:
            self._kept.release()

    def stop(self) -> None:
        if self._kept is not None:
            self._kept.stop()
            self._kept = None

    def _note_end(self, now: float) -> None:
        assert self._kept is not None
        self._failures = 0 if now - self._started_at > STEADY_SECONDS else self._failures + 1
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (self._failures - 1)) if self._failures else 0.0
        self._not_before = now + delay
        click.echo(f"{self.name} ended with code {self._kept.exit_code}; again in {delay:.1f} s; log: {self.log}", err=True)
        self._kept.stop()
        self._kept = None

    def _start(self, now: float) -> None:
        if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        programs = Path(sys.executable).parent
        self._kept = Kept(
            ["/bin/sh", "-c", f'export PATH="$0:$PATH"; exec {self.command}', str(programs)],
            pidfile=self.logs / f"{self.name}.pid",
            log=self.log,
            grace=self.grace,
            environment=self.environment,
            cwd=ROOT,
        )
        self._started_at = now
        self.starts += 1


class Supervisor:
    """A set of processes. `tend` wants to be called a few times a second, from any one thread."""

    def __init__(self, processes: Iterable[Supervised]) -> None:
        self.processes = {process.name: process for process in processes}

    def tend(self) -> None:
        for process in self.processes.values():
            process.tend()

    def stop(self) -> None:
        """Stop group after group; the members of a group at the same time."""
        ordered = {name for group in STOP_ORDER for name in group}
        rest = tuple(name for name in self.processes if name not in ordered)
        for group in (rest, *STOP_ORDER):
            members = [self.processes[name] for name in group if name in self.processes]
            for process in members:
                process.release()
            for process in members:
                process.stop()
