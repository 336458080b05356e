"""What the two embedded servers share: one folder, one owner at a time, a fixed port and password, a keeper."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from cli.embedded.accounts import Account
from cli.keeping import Kept
from cli.ports import free_port, is_free
from core.errors import Conflict, Unavailable

START_SECONDS = 60.0
STOP_SECONDS = 20.0
LOCK_SECONDS = 10.0


class EmbeddedServer(ABC):
    """A server under `<state_dir>/<name>`, on loopback TCP. Lives as long as the process that started it, at most.

    `start` after `stop` or `kill` brings the same data back under the same URL. Not for two owners: a second
    `start` on a folder in use raises Conflict. The state folder must not be moved while it runs.
    """

    name: str
    title: str
    stop_signal: signal.Signals

    def __init__(self, state_dir: Path | str) -> None:
        self.home = Path(state_dir).resolve() / self.name
        self.log = self.home / f"{self.name}.log"
        self._pidfile = self.home / "pid"
        self._kept: Kept | None = None

    @property
    def url(self) -> str:
        """Where it answers, with the password. Valid once started."""
        return self._url(self._access())

    @property
    def pid(self) -> int | None:
        """Of the server itself, None when it is down."""
        try:
            pid = int(self._pidfile.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if self._is_ours(pid) else None

    @property
    def is_up(self) -> bool:
        return self._kept is not None and self._kept.is_up

    def start(self) -> str:
        """Start and wait until it answers; the URL. Does nothing when it is up."""
        if self.is_up:
            return self.url
        self.stop()
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = self._lock()
        try:
            self._end_leftover()
            access = self._with_free_port(self._access())
            account, command = self._prepare(access)
            self._kept = Kept(
                command,
                pidfile=self._pidfile,
                log=self.log,
                stop_signal=self.stop_signal,
                grace=STOP_SECONDS,
                account=account.argument,
                pass_fds=[lock],
            )
        finally:
            os.close(lock)
        self._wait_until_ready(access)
        return self._url(access)

    def stop(self) -> None:
        """Shut down in order; running transactions are rolled back. Does nothing when it is down."""
        if self._kept is not None:
            self._kept.stop()
            self._kept = None

    def kill(self) -> None:
        """As a crash would: SIGKILL, no shutdown. For tests of recovery."""
        if pid := self.pid:
            os.kill(pid, signal.SIGKILL)
        self.stop()

    def remove(self) -> None:
        """Delete data, password and log. Only while it is down."""
        elsewhere = self.home / "elsewhere"
        if elsewhere.is_symlink():
            shutil.rmtree(elsewhere.resolve(), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # -- what a server says about itself

    @abstractmethod
    def _url(self, access: dict[str, Any]) -> str: ...

    @abstractmethod
    def _prepare(self, access: dict[str, Any]) -> tuple[Account, list[str]]:
        """Make what the first start needs; as whom to run which command line."""

    @abstractmethod
    def _answers(self, url: str) -> bool: ...

    # -- the mechanics

    def _access(self) -> dict[str, Any]:
        """Port and password, made once and kept beside the data, readable by us only."""
        path = self.home / "access.json"
        if path.exists():
            found: dict[str, Any] = json.loads(path.read_text())
            return found
        return self._keep({"port": free_port(), "password": secrets.token_urlsafe(24)})

    def _keep(self, access: dict[str, Any]) -> dict[str, Any]:
        path = self.home / "access.json"
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(json.dumps(access))
        return access

    def _with_free_port(self, access: dict[str, Any]) -> dict[str, Any]:
        return access if is_free(access["port"]) else self._keep({**access, "port": free_port()})

    def _lock(self) -> int:
        """An exclusive lock on the folder, which the keeper inherits and holds while it lives.

        The server of an owner that was killed a moment ago is given some time to end.
        """
        lock = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + LOCK_SECONDS
        while not _takes(lock) and time.monotonic() < deadline:
            time.sleep(0.1)
        if not _takes(lock):
            os.close(lock)
            raise Conflict(
                f"{self.title} in {self.home} is run by another process",
                hint="Stop that one (./drumbeat down), or use another --state-dir.",
            )
        return lock

    def _is_ours(self, pid: int) -> bool:
        """Whether a pid is our server: pids are used again, so its command line must name the folder."""
        try:
            return any(str(self.home) in word for word in psutil.Process(pid).cmdline())
        except psutil.Error:
            return False

    def _end_leftover(self) -> None:
        """A server whose keeper was killed is ending by itself; make sure of it."""
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, self.stop_signal)
        deadline = time.monotonic() + STOP_SECONDS
        while self._is_ours(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        if self._is_ours(pid):
            os.kill(pid, signal.SIGKILL)

    def _wait_until_ready(self, access: dict[str, Any]) -> None:
        url = self._url(access)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._answers(url):
                return
            if not self.is_up:
                break
            time.sleep(0.05)
        self.stop()
        last = "\n".join(self.log.read_text(errors="replace").strip().splitlines()[-5:])
        raise Unavailable(f"{self.title} did not start:\n{last}", hint=f"The whole log is in {self.log}.")


def _takes(lock: int) -> bool:
    """Whether the lock is ours, now or already."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
