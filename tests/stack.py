"""Processes that tests start beside themselves: the sandbox and Celery workers, real ones."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from cli.keeping import Kept
from cli.ports import free_port
from sandbox.env import environment

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
POOLS = {"io": ("threads", 8), "cpu": ("prefork", 2), "gpu": ("solo", 1)}


def started(module: str, *arguments: str, home: Path, name: str, settings: Mapping[str, str] | None = None) -> Kept:
    """`python -m module …` in the repository's root, its log in `<home>/<name>.log`."""
    home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", module, *arguments]
    return Kept(command, pidfile=home / f"{name}.pid", log=home / f"{name}.log", environment=settings, cwd=ROOT, grace=5)


class SandboxProcess:
    """The sandbox on free ports. `url` plays the vendors, `site_url` is the fictional brand's site."""

    def __init__(self, home: Path) -> None:
        self._home = home
        port, site_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.site_url = f"http://127.0.0.1:{site_port}"
        self.environment = environment(self.url, self.site_url)
        words = ["--port", str(port), "--site-port", str(site_port), "--state-dir", str(home)]
        self._kept = started("sandbox", *words, home=home, name="process")

    def __enter__(self) -> Self:
        wait_until(self._answers, self._kept, self._home / "process.log")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._kept.stop()

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/_sandbox/health", timeout=2).ok
        except requests.RequestException:
            return False

    def _control(self, method: str, path: str, **more: Any) -> Any:
        answer = requests.request(method, f"{self.url}/_sandbox/{path}", timeout=10, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def ledger(self, **wanted: str) -> list[dict[str, Any]]:
        """Effects that the vendors really had; filters `vendor`, `kind`, `key`, `since`."""
        effects: list[dict[str, Any]] = self._control("GET", "ledger", params=wanted)
        return effects

    def fault(self, **rule: Any) -> None:
        """Order a fault; see sandbox/faults.py for a rule's fields."""
        self._control("POST", "faults", json=rule)

    def advance(self, seconds: float) -> None:
        """Turn the vendors' clock forward."""
        self._control("POST", "clock", json={"advance": seconds})

    def reset(self) -> None:
        """No effects, no faults, the real time."""
        self._control("POST", "reset")


class WorkerPools:
    """One Celery worker process a pool, as the Procfile starts them."""

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        self._home = home
        self._settings = settings
        self._kept = {pool: self._start(pool) for pool in POOLS}

    def __enter__(self) -> Self:
        for pool in POOLS:
            self._wait(pool)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for kept in self._kept.values():
            kept.release()
        for kept in self._kept.values():
            kept.stop()

    def process(self, pool: str) -> Kept:
        return self._kept[pool]

    def restart(self, pool: str) -> None:
        """A new worker in place of a pool's old one, which may be dead already."""
        self._kept[pool].stop()
        self._kept[pool] = self._start(pool)
        self._wait(pool)

    def _start(self, pool: str) -> Kept:
        kind, slots = POOLS[pool]
        (self._home / f"{pool}.log").unlink(missing_ok=True)
        words = ["-A", "worker.celery_app:app", "worker", "-P", kind, "-c", str(slots), "-Q", pool, "-n", f"{pool}@%h", "-l", "INFO"]
        words += ["--include", "tests.worker.kinds"]
        return started("celery", *words, home=self._home, name=pool, settings=self._settings)

    def _wait(self, pool: str) -> None:
        log = self._home / f"{pool}.log"
        wait_until(lambda: "ready." in log.read_text(errors="replace"), self._kept[pool], log)


def wait_until(is_true: Any, kept: Kept, log: Path) -> None:
    """Poll until true. Raises AssertionError with the log's end when the process dies or START_SECONDS pass."""
    deadline = time.monotonic() + START_SECONDS
    while kept.is_up and time.monotonic() < deadline:
        if is_true():
            return
        time.sleep(0.1)
    raise AssertionError("did not start:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:]))
