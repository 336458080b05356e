"""The API under gunicorn, as it is deployed, for tests that need real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from cli.keeping import Kept
from cli.ports import free_port
from tests.stack import started, wait_until


@contextmanager
def served(home: Path, **settings: str) -> Iterator[str]:
    """The URL of a server process of its own; `settings` are added to the environment."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    words = ["--config", "python:api.serving", "--bind", f"127.0.0.1:{port}", "api.wsgi:app"]
    kept = started("gunicorn", *words, home=home, name="api", settings={"PUBLIC_URL": url, "RATE_LIMIT_REQUESTS": "1000000", **settings})
    try:
        wait_until(lambda: _answers(url), kept, home / "api.log")
        yield url
    finally:
        _end(kept)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/livez", timeout=2).ok
    except requests.RequestException:
        return False


def _end(kept: Kept) -> None:
    kept.stop()
