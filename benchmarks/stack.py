"""What the job benchmark runs on: Postgres and Redis of its own with production's durability, and one worker at a time."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.embedded import PostgresServer, RedisServer
from cli.keeping import Kept
from cli.migrate import migrate
from cli.procfile import ROOT
from core.errors import Unavailable
from core.settings import get_settings
from models import Organization
from models.session import dispose, engine_session

SLOTS = 16
START_SECONDS = 60.0


class BenchStack:
    """Context manager. fsync and synchronous_commit are on, row-level security applies as everywhere."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="drumbeat-bench-"))
        self._postgres = PostgresServer(self.home)
        self._redis = RedisServer(self.home)
        self.org_id = uuid.uuid4()

    def __enter__(self) -> Self:
        redis_url = self._redis.start()
        urls = {"DATABASE_URL": self._postgres.start(), "REDIS_URL": redis_url, "STATE_DIR": str(self.home)}
        stock = redis_url.rpartition("/")[0] + "/1"
        os.environ.update({**urls, "BENCH_REDIS_URL": stock, "LOG_LEVEL": "WARNING", "ORG_MAX_RUNNING": "1000"})
        get_settings.cache_clear()
        migrate()
        with engine_session() as session:
            session.add(Organization(id=self.org_id, name="Bench"))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        dispose()
        self._redis.stop()
        self._postgres.stop()
        self._postgres.remove()
        shutil.rmtree(self.home, ignore_errors=True)

    @contextmanager
    def worker(self, app: str, queue: str, *, include: str = "", pool: str = "threads", slots: int = SLOTS) -> Iterator[None]:
        """A Celery worker with events on; the same for ours and the peer. Of 16 threads, if nothing else is said."""
        log = self.home / f"{queue}.log"
        words = ["-A", app, "worker", "-P", pool, "-c", str(slots), "-Q", queue, "-n", f"{queue}@bench", "-E", "-l", "WARNING"]
        command = [sys.executable, "-m", "celery", *words, *(["--include", include] if include else [])]
        kept = Kept(command, pidfile=self.home / f"{queue}.pid", log=log, cwd=ROOT, grace=5)
        try:
            _wait_until_ready(app, kept, log)
            yield
        finally:
            kept.stop()


def _wait_until_ready(app: str, kept: Kept, log: Path) -> None:
    module, _, name = app.partition(":")
    celery = getattr(importlib.import_module(module), name)
    deadline = time.monotonic() + START_SECONDS
    while kept.is_up and time.monotonic() < deadline:
        if celery.control.ping(timeout=0.5):
            time.sleep(1.5)  # until it has said what it is
            return
    raise Unavailable("The worker did not start", hint=f"Its log: {log.read_text(errors='replace')[-800:]}")
