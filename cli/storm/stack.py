"""The storm's own platform: Postgres, Redis, sandbox, API, two workers a pool and beat, thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis
import requests

from cli.embedded import PostgresServer, RedisServer
from cli.migrate import migrate
from cli.ports import free_port
from cli.storm.members import Member
from core.errors import Unavailable
from core.settings import get_settings
from models.session import dispose
from sandbox.env import environment

START_SECONDS = 90.0
POOLS = {"io": ("threads", 8), "cpu": ("prefork", 2), "gpu": ("solo", 1)}
WORKERS_A_POOL = 2

# Short where a long time would only make the storm longer; what is proved does not depend on them.
SETTINGS = {
    "ENVIRONMENT": "test",
    "SECRET_KEY": "a storm's secret, thrown away with its stack",
    "VENDOR_TIMEOUT_SECONDS": "5",
    "VENDOR_SETTLE_SECONDS": "8",
    "RATE_LIMIT_REQUESTS": "1000000",
    "ACCESS_TOKEN_MINUTES": "1440",
    "SENTRY_DSN": "",
}


class StormStack:
    """Context manager. `tend` starts what has ended and must be called a few times a second."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = PostgresServer(home)  # fsync stays on
        self.redis = RedisServer(home)
        ports = [free_port() for _ in range(3)]
        self.api_url, self.sandbox_url, site_url = (f"http://127.0.0.1:{port}" for port in ports)
        self._vendors = environment(self.sandbox_url, site_url)
        self.members = {member.name: member for member in self._members(*ports)}
        self._returns: list[tuple[float, Callable[[], Any]]] = []

    def _members(self, api: int, sandbox: int, site: int) -> list[Member]:
        home = self.home
        words = ["--port", str(sandbox), "--site-port", str(site), "--state-dir", str(home / "sandbox")]
        serve = ["--config", "python:api.serving", "--bind", f"127.0.0.1:{api}", "cli.storm.wsgi:app"]
        celery = ["celery", "-A", "worker.celery_app:app"]
        return [
            Member("sandbox", ["sandbox", *words], home),
            Member("api", ["gunicorn", *serve], home),
            Member("beat", [*celery, "beat", "--schedule", str(home / "beat-schedule"), "--pidfile", ""], home),
            *(
                Member(f"{pool}{n}", [*celery, *_worker_words(f"{pool}{n}", pool, how, slots)], home, pool=pool)
                for pool, (how, slots) in POOLS.items()
                for n in range(1, WORKERS_A_POOL + 1)
            ),
        ]

    @property
    def workers(self) -> list[Member]:
        return [member for member in self.members.values() if member.pool]

    def __enter__(self) -> Self:
        try:
            urls = {"DATABASE_URL": self.postgres.start(), "REDIS_URL": self.redis.start(), "STATE_DIR": str(self.home)}
            os.environ.update({**SETTINGS, **urls, **self._vendors})
            get_settings.cache_clear()
            migrate()
            self._wait_until_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def tend(self) -> None:
        now = time.monotonic()
        due = [entry for entry in self._returns if entry[0] <= now]
        self._returns = [entry for entry in self._returns if entry[0] > now]
        for _, start in due:
            start()
        for member in self.members.values():
            member.tend()

    def stop_postgres(self, seconds: float) -> None:
        """An immediate shutdown: no checkpoint, connections cut; it recovers from its log when it comes back."""
        if pid := self.postgres.pid:
            os.kill(pid, signal.SIGQUIT)
        self.postgres.stop()
        self._returns.append((time.monotonic() + seconds, self.postgres.start))

    def kill_redis(self, seconds: float) -> None:
        self.redis.kill()
        self._returns.append((time.monotonic() + seconds, self.redis.start))

    def flush_redis(self) -> bool:
        client = redis.Redis.from_url(self.redis.url, socket_timeout=2)
        try:
            return bool(client.flushall())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def calm(self) -> None:
        """All is well from here on: whoever is frozen or down comes back, the vendors behave."""
        for member in self.members.values():
            member.thaw()
        self._returns = [(0.0, start) for _, start in self._returns]
        self._wait_until_ready()
        requests.delete(f"{self.sandbox_url}/_sandbox/faults", timeout=10).raise_for_status()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.tend()
            if _answers(f"{self.sandbox_url}/_sandbox/health") and _answers(f"{self.api_url}/livez"):
                return
            time.sleep(0.2)
        raise Unavailable("The storm's stack does not get ready", hint=f"Its logs are in {self.home}.")

    def _stop(self) -> None:
        dispose()
        for member in self.members.values():
            member.release()
        for member in self.members.values():
            member.stop()
        self.redis.stop()
        self.postgres.stop()

    def remove(self) -> None:
        """Delete all that it left. Only after it was stopped."""
        self.postgres.remove()
        shutil.rmtree(self.home, ignore_errors=True)


def _worker_words(name: str, pool: str, how: str, slots: int) -> list[str]:
    words = ["-P", how, "-c", str(slots), "-Q", pool, "-n", f"{name}@storm", "-l", "INFO"]
    return ["worker", *words, "--include", "cli.storm.kinds"]


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False
